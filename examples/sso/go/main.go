// One of five servers that share a session: net/http with cretula's middleware.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"cretula.example/cretula"
	"cretula.example/cretula/middleware"
)

const server = "go"

// visit is what this server knows of the session's data; what others keep there stays.
type visit struct {
	Note  string   `json:"note,omitempty"`
	Trail []string `json:"trail,omitempty"`
}

func (v *visit) step() {
	v.Trail = append(v.Trail, server)
	v.Trail = v.Trail[max(0, len(v.Trail)-10):]
}

type peer struct{ name, origin string }

type app struct {
	db     database
	page   string
	origin string
	peers  []peer
}

func main() {
	log.SetFlags(0)
	page, err := os.ReadFile(os.Getenv("PAGE"))
	check(err)
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	check(err)
	a := app{db: database(os.Getenv("DATA")), page: string(page)}
	a.origin = fmt.Sprintf("http://localhost:%d", listener.Addr().(*net.TCPAddr).Port)
	for _, text := range strings.Fields(os.Getenv("PEERS")) {
		name, origin, _ := strings.Cut(text, "=")
		a.peers = append(a.peers, peer{name, origin})
	}

	document, err := os.ReadFile(os.Getenv("KEYS"))
	check(err)
	ring, err := cretula.ParseKeyring(document) // a refused ring stops the server here
	check(err)
	go follow(ring, document)
	session, err := cretula.NewContext("sso.example", "session")
	check(err)
	policy, err := cretula.NewPolicy(1800, 86_400, 60)
	check(err)
	sessions, err := cretula.NewSessions(ring, session, policy, cretula.Cookie{Name: "__Host-sso"}, a.check)
	check(err)

	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", a.home)
	mux.HandleFunc("POST /sign-on", a.signOn)
	mux.HandleFunc("POST /note", a.note)
	mux.HandleFunc("POST /step-up", a.stepUp)
	mux.HandleFunc("POST /sign-off", a.signOff)
	mux.HandleFunc("POST /sign-off-everywhere", a.signOffEverywhere)
	options := middleware.Options{Ended: func(_ context.Context, ended cretula.Ended) error {
		return a.db.deny(ended.SID, ended.End)
	}}
	fmt.Println(a.origin)
	log.Fatal(http.Serve(listener, a.sameOrigin(middleware.Wrap(sessions, options, logged(mux)))))
}

// check is the application's (§19.5).
func (a *app) check(_ context.Context, c cretula.Claims) (answer cretula.Answer, err error) {
	if answer.Denied, err = a.db.isDenied(c.SID); err != nil || !c.SignedOn {
		return answer, err
	}
	answer.Gen, err = a.db.generation(c.Sub)
	answer.Answered = err == nil
	return answer, err
}

// follow reads the keyring document again every second. A refused one leaves the old ring in force.
func follow(ring *cretula.Keyring, last []byte) {
	for range time.Tick(time.Second) {
		document, err := os.ReadFile(os.Getenv("KEYS"))
		if err != nil || bytes.Equal(document, last) {
			continue
		}
		last = document
		if err := ring.Replace(document); err != nil {
			log.Print("keyring refused: ", string(cretula.CodeOf(err)))
		} else {
			log.Print("keyring exchanged")
		}
	}
}

// sameOrigin is needed because ports are one site: SameSite does not keep the pages of another port from posting here.
func (a *app) sameOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.Header.Get("Origin") != a.origin {
			log.Print("post refused: origin")
			http.Error(w, "This did not come from a page of this server.", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if code := middleware.Session(r).Reason(); code != "" && code != cretula.Absent {
			log.Print("session refused: ", string(code))
		}
		next.ServeHTTP(w, r)
	})
}

func (a *app) home(w http.ResponseWriter, r *http.Request) {
	s := middleware.Session(r)
	v, err := cretula.View[visit](s)
	if err != nil {
		fail(w, err)
		return
	}
	var links, options, said strings.Builder
	for _, p := range a.peers {
		fmt.Fprintf(&links, `<a href="%s/">%s</a> `, html.EscapeString(p.origin), html.EscapeString(p.name))
		fmt.Fprintf(&options, `<option>%s</option>`, html.EscapeString(p.name))
	}
	messages, err := s.TakeFlash("notice")
	if err != nil {
		fail(w, err)
		return
	}
	for _, message := range messages {
		fmt.Fprint(&said, message, " ")
	}
	who, forGuests, forUsers := "nobody", "", "hidden"
	if sub, signedOn := s.Sub(); signedOn {
		who, forGuests, forUsers = sub, "hidden", ""
	}
	sid := s.SID()
	if sid == "" {
		sid = "none"
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, strings.NewReplacer(
		"{{server}}", server, "{{links}}", links.String(), "{{options}}", options.String(),
		"{{flash}}", html.EscapeString(strings.TrimSpace(said.String())),
		"{{who}}", html.EscapeString(who), "{{sid}}", sid, "{{note}}", html.EscapeString(v.Note),
		"{{trail}}", html.EscapeString(strings.Join(v.Trail, " → ")),
		"{{for_guests}}", forGuests, "{{for_users}}", forUsers,
	).Replace(a.page))
}

func (a *app) signOn(w http.ResponseWriter, r *http.Request) {
	s, name := middleware.Session(r), r.PostFormValue("name")
	if !isName(name) {
		http.Error(w, "One to twenty small letters.", http.StatusBadRequest)
		return
	}
	generation, err := a.db.generationOrNew(name)
	if err == nil {
		err = errors.Join(s.SignOn(name, generation, "note", "trail"), update(s, (*visit).step))
	}
	done(w, s, "", "Signed on at", err)
}

func (a *app) note(w http.ResponseWriter, r *http.Request) {
	s := middleware.Session(r)
	err := update(s, func(v *visit) {
		v.Note = r.PostFormValue("note")
		v.step()
	})
	next := ""
	for _, p := range a.peers {
		if p.name == r.PostFormValue("next") {
			next = p.origin
		}
	}
	done(w, s, next, "Saved by", err)
}

// stepUp is for after the password was asked for again, or a second factor.
func (a *app) stepUp(w http.ResponseWriter, r *http.Request) {
	s := middleware.Session(r)
	sub, signedOn := s.Sub()
	if !signedOn {
		seeOther(w, "")
		return
	}
	generation, err := a.db.generation(sub)
	if err == nil {
		err = s.Reauthenticate(generation)
	}
	done(w, s, "", "Stepped up at", err)
}

func (a *app) signOff(w http.ResponseWriter, r *http.Request) {
	if err := middleware.Session(r).SignOff(); err != nil {
		fail(w, err)
		return
	}
	seeOther(w, "")
}

func (a *app) signOffEverywhere(w http.ResponseWriter, r *http.Request) {
	s := middleware.Session(r)
	sub, signedOn := s.Sub()
	if !signedOn {
		seeOther(w, "")
		return
	}
	err := a.db.countUp(sub)
	if err == nil {
		err = s.SignOff()
	}
	if err != nil {
		fail(w, err)
		return
	}
	seeOther(w, "")
}

func update(s *cretula.Session, change func(*visit)) error {
	return cretula.Update(s, func(v *visit) error { change(v); return nil })
}

func done(w http.ResponseWriter, s *cretula.Session, origin, what string, err error) {
	if err == nil {
		err = s.Flash("notice", what+" "+server+".")
	}
	if err != nil {
		fail(w, err)
		return
	}
	seeOther(w, origin)
}

func seeOther(w http.ResponseWriter, origin string) {
	w.Header().Set("Location", origin+"/")
	w.WriteHeader(http.StatusSeeOther)
}

func fail(w http.ResponseWriter, err error) {
	log.Print("failed: ", err)
	http.Error(w, "Not now. Try again in a moment.", http.StatusServiceUnavailable)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
