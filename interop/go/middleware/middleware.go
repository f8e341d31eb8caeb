// Package middleware puts cretula sessions between net/http and a handler.
package middleware

import (
	"context"
	"net/http"

	"cretula.example/cretula"
)

type sessionKey struct{}

// Session is the session of a request that came through Wrap; nil for any other.
func Session(r *http.Request) *cretula.Session {
	s, _ := r.Context().Value(sessionKey{}).(*cretula.Session)
	return s
}

// Hooks are the application's; each may be nil.
type Hooks struct {
	Ended func(context.Context, cretula.Ended) // for the deny-list
	Error func(*http.Request, error)           // a commit that failed: the page became a 500
}

// Wrap opens the session of each request and commits it before the first octet of the response.
func Wrap(ss *cretula.Sessions, hooks Hooks, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := ss.Open(r.Context(), r.Header["Cookie"])
		cw := &writer{ResponseWriter: w, r: r, ss: ss, s: s, hooks: hooks}
		if err != nil { // the clock's alone
			cw.refuse(err)
			return
		}
		next.ServeHTTP(cw, r.WithContext(context.WithValue(r.Context(), sessionKey{}, s)))
		cw.commit()
	})
}

// writer has no Unwrap: whoever reached the inner writer could send the head before the commit.
type writer struct {
	http.ResponseWriter
	r            *http.Request
	ss           *cretula.Sessions
	s            *cretula.Session
	hooks        Hooks
	done, failed bool
}

func (w *writer) commit() {
	if w.done {
		return
	}
	w.done = true
	res, err := w.ss.Commit(w.s, w.Header().Get("Cache-Control"))
	if err != nil {
		w.refuse(err)
		return
	}
	res.Apply(w.Header())
	if res.Ended != nil && w.hooks.Ended != nil {
		w.hooks.Ended(w.r.Context(), *res.Ended)
	}
}

// refuse answers 500 with none of the handler's fields: what it was about to say did not happen.
func (w *writer) refuse(err error) {
	w.done, w.failed = true, true
	if w.hooks.Error != nil {
		w.hooks.Error(w.r, err)
	}
	clear(w.Header())
	w.Header().Set("Vary", "Cookie")
	w.Header().Set("Cache-Control", "private")
	http.Error(w.ResponseWriter, "Internal Server Error", http.StatusInternalServerError)
}

func (w *writer) WriteHeader(status int) {
	if status >= 200 || status == http.StatusSwitchingProtocols {
		w.commit()
	}
	if !w.failed {
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *writer) Write(b []byte) (int, error) {
	w.commit()
	if w.failed {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

// Flush commits first: it sends the head.
func (w *writer) Flush() {
	w.commit()
	if f, ok := w.ResponseWriter.(http.Flusher); ok && !w.failed {
		f.Flush()
	}
}
