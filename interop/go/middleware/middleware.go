// Package middleware puts cretula sessions between net/http and a handler.
package middleware

import (
	"bufio"
	"context"
	"errors"
	"maps"
	"net"
	"net/http"
	"time"

	"cretula.example/cretula"
)

type sessionKey struct{}

// Session returns the session of a request that came through Wrap; nil for any other.
func Session(r *http.Request) *cretula.Session {
	s, _ := r.Context().Value(sessionKey{}).(*cretula.Session)
	return s
}

// Hooks are functions of the application; each may be nil.
type Hooks struct {
	Ended func(context.Context, cretula.Ended) // for the deny-list: called once for each session that a request ended
	Error func(*http.Request, error)           // a commit that failed: the page became a 500, or a 503 for NoClock
}

// Wrap opens the session of each request and commits it before the first octet of the response. A handler that panics
// commits nothing. A handler that is about to write asks Session.NotNow first, and answers 503 if so (SESS-18).
func Wrap(ss *cretula.Sessions, hooks Hooks, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := ss.Open(r.Context(), r.Header["Cookie"])
		cw := &writer{ResponseWriter: w, r: r, ss: ss, s: s, hooks: hooks, before: w.Header().Clone()}
		defer func() {
			if !cw.done { // a panic: whoever answers it
				bare(w.Header())
			}
		}()
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
	before       http.Header // what stood there when the request came
	done, failed bool
}

func (w *writer) commit() {
	if w.done {
		return
	}
	w.done = true
	res, err := w.ss.Commit(w.s, cretula.HasCacheControl(w.Header()))
	if err != nil {
		w.refuse(err)
		return
	}
	res.Apply(w.Header())
	if w.hooks.Ended != nil {
		for _, e := range res.Ended {
			w.hooks.Ended(w.r.Context(), e)
		}
	}
}

// bare sets what a response without a commit carries (COOK-10).
func bare(h http.Header) {
	res := cretula.Response{Vary: "Cookie"}
	if !cretula.HasCacheControl(h) {
		res.CacheControl = "private"
	}
	res.Apply(h)
}

// refuse answers 500 or 503 with none of the handler's fields: what it was about to say did not happen.
func (w *writer) refuse(err error) {
	w.done, w.failed = true, true
	if w.hooks.Error != nil {
		w.hooks.Error(w.r, err)
	}
	clear(w.Header())
	maps.Copy(w.Header(), w.before)
	bare(w.Header())
	status := http.StatusInternalServerError
	if cretula.CodeOf(err).NotNow() {
		status = http.StatusServiceUnavailable
	}
	http.Error(w.ResponseWriter, http.StatusText(status), status)
}

// WriteHeader commits first, but for an informational response: that one is not the response.
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

// Flush is for http.Flusher.
func (w *writer) Flush() { _ = w.FlushError() }

// FlushError commits first: it sends the head.
func (w *writer) FlushError() error {
	w.commit()
	return w.inner().Flush()
}

var errFailed = errors.New("cretula: the commit failed, and the response is an error page")

// Hijack commits first. Who writes the head now finds the fields in Header.
func (w *writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.commit()
	if w.failed {
		return nil, nil, errFailed
	}
	return w.inner().Hijack()
}

func (w *writer) inner() *http.ResponseController {
	return http.NewResponseController(w.ResponseWriter)
}

// These send nothing.

func (w *writer) SetReadDeadline(t time.Time) error  { return w.inner().SetReadDeadline(t) }
func (w *writer) SetWriteDeadline(t time.Time) error { return w.inner().SetWriteDeadline(t) }
func (w *writer) EnableFullDuplex() error            { return w.inner().EnableFullDuplex() }
