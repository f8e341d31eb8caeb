package cretula_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"

	"cretula.example/cretula"
	"cretula.example/cretula/middleware"
)

func Example() {
	key, err := cretula.GenerateKey() // a server reads its own: cretula.ParseKeyring(os.ReadFile(…))
	if err != nil {
		log.Fatal(err)
	}
	ring, err := cretula.NewKeyring(cretula.Entry{Key: key})
	if err != nil {
		log.Fatal(err)
	}
	context, err := cretula.NewContext("shop.example", "session")
	if err != nil {
		log.Fatal(err)
	}
	sessions, err := cretula.NewSessions(ring, context, cretula.DefaultPolicy(), cretula.Cookie{}, cretula.NoCheck)
	if err != nil {
		log.Fatal(err)
	}
	type basket struct {
		Items int `json:"items"`
	}
	shop := middleware.Wrap(sessions, middleware.Hooks{}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := middleware.Session(r)
		if err := cretula.Update(s, func(b *basket) error { b.Items++; return nil }); err != nil {
			log.Print(err)
		}
		b, _ := cretula.View[basket](s)
		fmt.Fprintln(w, "items:", b.Items)
	}))

	// In place of http.ListenAndServe(":8080", shop):
	server := httptest.NewTLSServer(shop)
	defer server.Close()
	client := server.Client()
	client.Jar, _ = cookiejar.New(nil)
	for range 3 {
		res, err := client.Get(server.URL)
		if err != nil {
			log.Fatal(err)
		}
		b, _ := io.ReadAll(res.Body)
		res.Body.Close()
		fmt.Print(string(b))
	}
	// Output:
	// items: 1
	// items: 2
	// items: 3
}
