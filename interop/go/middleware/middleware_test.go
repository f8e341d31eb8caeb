package middleware

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"

	"cretula.example/cretula"
)

func TestServer(t *testing.T) {
	key, err := cretula.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	ring, _ := cretula.NewKeyring(cretula.Entry{Key: key})
	ctx, _ := cretula.NewContext("shop.example", "session")
	ss, err := cretula.NewSessions(ring, ctx, cretula.DefaultPolicy(), cretula.Cookie{}, cretula.NoCheck)
	if err != nil {
		t.Fatal(err)
	}
	var ended, failed int
	hooks := Hooks{Ended: func(context.Context, cretula.Ended) { ended++ }, Error: func(_ *http.Request, err error) {
		failed++
		if cretula.CodeOf(err) != cretula.CookieTooLarge {
			t.Error(err)
		}
	}}
	mux := http.NewServeMux()
	mux.HandleFunc("/on", func(w http.ResponseWriter, r *http.Request) {
		if err := Session(r).SignOn("ada", 7); err != nil {
			t.Error(err)
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("/off", func(_ http.ResponseWriter, r *http.Request) { Session(r).SignOff() })
	mux.HandleFunc("/who", func(w http.ResponseWriter, r *http.Request) {
		sub, _ := Session(r).Sub()
		io.WriteString(w, sub)
	})
	mux.HandleFunc("/flush", func(w http.ResponseWriter, r *http.Request) {
		Session(r).Data()["seen"] = true
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("/big", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Set-Cookie", "welcome=1")
		Session(r).Data()["big"] = strings.Repeat("x", 5000)
		io.WriteString(w, "all went well")
	})
	server := httptest.NewTLSServer(Wrap(ss, hooks, mux))
	defer server.Close()
	client := server.Client()
	client.Jar, _ = cookiejar.New(nil)
	get := func(path string) (*http.Response, string) {
		res, err := client.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, _ := io.ReadAll(res.Body)
		if res.Header.Get("Vary") != "Cookie" {
			t.Errorf("%s: no Vary", path)
		}
		return res, string(b)
	}
	if res, who := get("/who"); who != "" || res.Header["Set-Cookie"] != nil || res.Header.Get("Cache-Control") != "private" {
		t.Fatal("a guest's page writes", res.Header)
	}
	if res, _ := get("/on"); len(res.Header["Set-Cookie"]) != 1 || res.Header.Get("Cache-Control") != "no-store" {
		t.Fatal(res.Header)
	}
	if _, who := get("/who"); who != "ada" {
		t.Fatal(who)
	}
	if res, _ := get("/flush"); len(res.Header["Set-Cookie"]) != 1 {
		t.Fatal("flushed before the commit", res.Header)
	}
	if res, body := get("/big"); res.StatusCode != 500 || res.Header["Set-Cookie"] != nil || strings.Contains(body, "well") || failed != 1 {
		t.Fatal(res.Status, body, res.Header)
	}
	if res, _ := get("/off"); len(res.Header["Set-Cookie"]) != 2 || ended != 1 {
		t.Fatal(res.Header, ended)
	}
	if _, who := get("/who"); who != "" {
		t.Fatal(who)
	}
}
