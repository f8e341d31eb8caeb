// One of five servers that share a session: net/http with cretula's middleware.
package main

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"cretula.example/cretula"
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
	// sessions are those of all five servers.
	sessions *cretula.Sessions
}

func main() {
	log.SetFlags(0)
	text, err := os.ReadFile(os.Getenv("PAGE"))
	check(err)
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	check(err)
	a := app{db: database(os.Getenv("DATA")), page: string(text)}
	a.origin = fmt.Sprintf("http://localhost:%d", listener.Addr().(*net.TCPAddr).Port)
	for _, peerAt := range strings.Fields(os.Getenv("PEERS")) {
		name, origin, _ := strings.Cut(peerAt, "=")
		a.peers = append(a.peers, peer{name, origin})
	}

	site, err := cretula.Watching(os.Getenv("KEYS"), "sso.example", cretula.SiteOptions{
		Every: time.Second, OnReload: reloaded, Log: slog.New(slog.DiscardHandler), // said below, in the words of all five
	})
	check(err) // a refused ring stops the server here
	a.sessions, err = site.Sessions(cretula.SessionOptions{
		Check:         a.check,
		Cookie:        cretula.Cookie{Name: "__Host-sso"},
		OnEnded:       func(_ context.Context, ended cretula.Ended) error { return a.db.deny(ended.SID, ended.End) },
		SameSitePosts: true, // ports are one site: SameSite does not keep the pages of another port from posting here
		Page:          page,
	})
	check(err)

	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", a.home)
	mux.HandleFunc("POST /sign-on", a.signOn)
	mux.HandleFunc("POST /note", a.note)
	mux.HandleFunc("POST /step-up", a.stepUp)
	mux.HandleFunc("POST /sign-off", a.signOff)
	mux.HandleFunc("POST /sign-off-everywhere", a.signOffEverywhere)
	fmt.Println(a.origin)
	log.Fatal(http.Serve(listener, a.sessions.Wrap(a.logged(mux))))
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

func reloaded(err error) {
	if err != nil {
		log.Print("keyring refused: ", string(cretula.CodeOf(err)))
	} else {
		log.Print("keyring exchanged")
	}
}

func page(w http.ResponseWriter, _ *http.Request, status int, err error) {
	if err == cretula.ErrForeignPost {
		log.Print("post refused: origin")
		http.Error(w, "This did not come from a page of this server.", status)
		return
	}
	log.Print("session not written: ", err)
	http.Error(w, "Not now. Try again in a moment.", status)
}

func (a *app) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if code := a.sessions.Of(r).Reason(); code != "" && code != cretula.Absent {
			log.Print("session refused: ", string(code))
		}
		next.ServeHTTP(w, r)
	})
}

func (a *app) home(w http.ResponseWriter, r *http.Request) {
	s := a.sessions.Of(r)
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
	s, name := a.sessions.Of(r), r.PostFormValue("name")
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
	s := a.sessions.Of(r)
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
	s := a.sessions.Of(r)
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
	if err := a.sessions.Of(r).SignOff(); err != nil {
		fail(w, err)
		return
	}
	seeOther(w, "")
}

func (a *app) signOffEverywhere(w http.ResponseWriter, r *http.Request) {
	s := a.sessions.Of(r)
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
	_, err := cretula.Update(s, func(v *visit) error { change(v); return nil })
	return err
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
