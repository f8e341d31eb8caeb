package cretula_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"

	"cretula.example/cretula"
)

// newRing makes a ring of a new key. A server reads its own: cretula.ParseKeyring of a file.
func newRing() *cretula.Keyring {
	key, err := cretula.GenerateKey()
	if err != nil {
		log.Fatal(err)
	}
	ring, err := cretula.NewKeyring(cretula.Entry{Key: key})
	if err != nil {
		log.Fatal(err)
	}
	return ring
}

func ExampleSite_Sealer() {
	site, err := cretula.NewSite(newRing(), "shop.example", cretula.SiteOptions{})
	if err != nil {
		log.Fatal(err)
	}
	invitations, err := site.Sealer("invitation")
	if err != nil {
		log.Fatal(err)
	}
	token, err := invitations.Seal([]byte("ada@example.org"), 3600)
	if err != nil {
		log.Fatal(err)
	}
	opened, err := invitations.Unseal(token)
	fmt.Println(string(opened.Payload), err)
	_, err = invitations.Unseal(token + "x")
	fmt.Println(err)
	// Output:
	// ada@example.org <nil>
	// cretula: encoding
}

// basket is what the application knows of data; other members of data stay.
type basket struct {
	Items int `json:"items"`
}

// newShop is a server's handler. generation is the session generation of a user, from the application's table.
func newShop(site *cretula.Site, generation func(context.Context, string) (int64, error)) (http.Handler, error) {
	check := func(ctx context.Context, c cretula.Claims) (cretula.Answer, error) {
		if !c.SignedOn {
			return cretula.Answer{}, nil
		}
		gen, err := generation(ctx, c.Sub)
		return cretula.Answer{Gen: gen, Answered: err == nil}, err
	}
	sessions, err := site.Sessions(cretula.SessionOptions{Check: check, SameSitePosts: true})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /sign-on", func(w http.ResponseWriter, r *http.Request) {
		// The password was right. The basket stays.
		gen, err := generation(r.Context(), "ada")
		if err == nil {
			err = sessions.Of(r).SignOn("ada", gen, "items")
		}
		if err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
		}
	})
	mux.HandleFunc("POST /sign-off", func(w http.ResponseWriter, r *http.Request) {
		if err := sessions.Of(r).SignOff(); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
		}
	})
	mux.HandleFunc("POST /add", func(w http.ResponseWriter, r *http.Request) {
		b, err := cretula.Update(sessions.Of(r), func(b *basket) error { b.Items++; return nil })
		if err != nil {
			http.Error(w, "no basket", http.StatusInternalServerError)
			return
		}
		fmt.Fprintf(w, "%d items", b.Items)
	})
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		b, _ := cretula.View[basket](sessions.Of(r))
		sub, _ := sessions.Of(r).Sub()
		fmt.Fprintf(w, "user %q, items %d", sub, b.Items)
	})
	return sessions.Wrap(mux), nil
}

func Example_server() {
	site, err := cretula.NewSite(newRing(), "shop.example", cretula.SiteOptions{}) // a server: cretula.Watching
	if err != nil {
		log.Fatal(err)
	}
	shop, err := newShop(site, func(context.Context, string) (int64, error) { return 7, nil })
	if err != nil {
		log.Fatal(err)
	}
	server := httptest.NewTLSServer(shop) // in place of http.ListenAndServe
	defer server.Close()
	client := server.Client()
	client.Jar, _ = cookiejar.New(nil)
	for _, path := range []string{"/add", "/add", "/sign-on", "/add", "/sign-off"} {
		res, err := client.Post(server.URL+path, "", nil)
		if err != nil {
			log.Fatal(err)
		}
		res.Body.Close()
		if res, err = client.Get(server.URL); err != nil {
			log.Fatal(err)
		}
		b, _ := io.ReadAll(res.Body)
		res.Body.Close()
		fmt.Println(path, "then", string(b))
	}
	// Output:
	// /add then user "", items 1
	// /add then user "", items 2
	// /sign-on then user "ada", items 2
	// /add then user "ada", items 3
	// /sign-off then user "", items 0
}
