// The small shop on net/http.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"cretula.example/cretula"
)

// users is your table: the session generation of each user.
var users = struct {
	sync.Mutex
	generation map[string]int64
}{generation: map[string]int64{"ada": 1}}

func generationOf(sub string) (int64, bool) {
	users.Lock()
	defer users.Unlock()
	generation, known := users.generation[sub]
	return generation, known
}

func countUp(sub string) {
	users.Lock()
	defer users.Unlock()
	users.generation[sub]++
}

// data is what the shop keeps in a session.
type data struct {
	Basket []string `json:"basket"`
}

// [set-up]
var denied sync.Map // the deny-list: a session ID, and until when to keep it

func check(_ context.Context, c cretula.Claims) (cretula.Answer, error) {
	generation, known := generationOf(c.Sub)
	_, isDenied := denied.Load(c.SID)
	return cretula.Answer{Gen: generation, Answered: true, Denied: isDenied || c.SignedOn && !known}, nil
}

func deny(_ context.Context, ended cretula.Ended) error {
	denied.Store(ended.SID, ended.End)
	return nil
}

// [/]

func main() {
	// [set-up]
	site := must(cretula.Watching(os.Getenv("KEYS"), "shop.example", cretula.SiteOptions{Every: time.Second}))
	options := cretula.SessionOptions{Check: check, OnEnded: deny, Page: page, SameSitePosts: true}
	sessions := must(site.Sessions(options))
	// [/]
	// [return-url]
	returnURL := must(site.Cookie("return-url", 600, cretula.Cookie{}))
	// [/]

	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		s := sessions.Of(r)
		sub, signedOn := s.Sub()
		if !signedOn {
			sub = "guest"
		}
		d, _ := cretula.View[data](s)
		lines := fmt.Sprintf("user: %s\nbasket: %s\n", sub, strings.Join(d.Basket, ", "))
		// [flash]
		messages, _ := s.TakeFlash("info")
		for _, message := range messages {
			lines += fmt.Sprintf("message: %s\n", message)
		}
		// [/]
		fmt.Fprint(w, lines)
	})

	mux.HandleFunc("GET /account", func(w http.ResponseWriter, r *http.Request) {
		if sub, signedOn := sessions.Of(r).Sub(); signedOn {
			fmt.Fprintf(w, "account of %s\n", sub)
			return
		}
		// [return-url]
		written, err := returnURL.Write([]byte("/account"))
		written.Apply(w.Header())
		// [/]
		redirect(w, r, "/sign-on", err)
	})

	mux.HandleFunc("GET /sign-on", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "please sign on")
	})

	mux.HandleFunc("POST /sign-on", func(w http.ResponseWriter, r *http.Request) {
		s, sub, next := sessions.Of(r), r.PostFormValue("sub"), "/"
		generation, known := generationOf(sub)
		if !known { // the password would be looked at here
			http.Error(w, "no such user", http.StatusForbidden)
			return
		}
		// [sign-on]
		err := s.SignOn(sub, generation, "basket")
		// [/]
		// [flash]
		err = errors.Join(err, s.Flash("info", "Welcome, "+sub))
		// [/]
		// [return-url]
		if opened, err := returnURL.Read(r.Header["Cookie"]); err == nil && isPath(string(opened.Payload)) {
			next = string(opened.Payload)
		}
		returnURL.Expire().Apply(w.Header())
		// [/]
		redirect(w, r, next, err)
	})

	mux.HandleFunc("POST /basket", func(w http.ResponseWriter, r *http.Request) {
		_, err := cretula.Update(sessions.Of(r), func(d *data) error {
			d.Basket = append(d.Basket, r.PostFormValue("item"))
			return nil
		})
		redirect(w, r, "/", err)
	})

	mux.HandleFunc("POST /sign-off", func(w http.ResponseWriter, r *http.Request) {
		// [sign-on]
		err := sessions.Of(r).SignOff()
		// [/]
		redirect(w, r, "/", err)
	})

	mux.HandleFunc("POST /sign-off-everywhere", func(w http.ResponseWriter, r *http.Request) {
		s := sessions.Of(r)
		if sub, signedOn := s.Sub(); signedOn {
			// [sign-on]
			countUp(sub)
			// [/]
		}
		// [sign-on]
		err := s.SignOff()
		// [/]
		redirect(w, r, "/", err)
	})

	listener := must(net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT")))
	fmt.Printf("http://%s\n", listener.Addr())
	// [set-up]
	log.Fatal(http.Serve(listener, sessions.Wrap(mux)))
	// [/]
}

func redirect(w http.ResponseWriter, r *http.Request, to string, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// [too-large]
func page(w http.ResponseWriter, _ *http.Request, status int, err error) {
	text := http.StatusText(status)
	if refused := (*cretula.Error)(nil); errors.As(err, &refused) && refused.Code() == cretula.CookieTooLarge {
		largest, _ := refused.Largest()
		status, text = http.StatusRequestEntityTooLarge, fmt.Sprintf("%s: %d octets too many", largest, refused.Over())
	}
	http.Error(w, text, status)
}

// [/]

func isPath(path string) bool {
	return strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") && !strings.HasPrefix(path, "/\\")
}

func must[T any](made T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return made
}
