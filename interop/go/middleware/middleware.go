// Package middleware puts cretula sessions between net/http and a handler.
package middleware

import (
	"bufio"
	"context"
	"errors"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"sync"
	"time"

	"cretula.example/cretula"
)

type sessionKey struct{}

// held is the session of a request, and the contexts of those who asked for it.
type held struct {
	ss       *cretula.Sessions
	s        *cretula.Session
	mu       sync.Mutex
	contexts []context.Context
}

// Session returns the session of a request that came through Wrap; nil for any other.
func Session(r *http.Request) *cretula.Session {
	h, _ := r.Context().Value(sessionKey{}).(*held)
	if h == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if n := len(h.contexts); n == 0 || h.contexts[n-1] != r.Context() {
		h.contexts = append(h.contexts, r.Context())
	}
	return h.s
}

// givenUp reports whether a handler that asked for the session ran into a deadline that the request itself does not have:
// http.TimeoutHandler gives such a handler up, which goes on.
func (h *held) givenUp(request context.Context) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.contexts {
		if c.Err() == context.DeadlineExceeded && request.Err() == nil {
			return true
		}
	}
	return false
}

// ErrGivenUp is why the session of a handler that was given up is not written: it may be half changed. The page is a 503.
var ErrGivenUp = errors.New("cretula: the handler ran into its deadline, and its session may be half changed")

// ErrTwoSessions is why a request is refused: two Wraps with different Sessions have one cookie.
var ErrTwoSessions = errors.New("cretula: two middlewares of different sessions write one cookie")

// Options are those of the application; each may be left out.
type Options struct {
	// Ended is called once for each session that a request ended, before the response is sent: put it on the deny-list.
	// The context is not cancelled when the client goes away. An error makes the page a 500.
	Ended func(context.Context, cretula.Ended) error
	// Page writes the page for a session that could not be written, in the place of a short text: a 503 if
	// cretula.CodeOf(err).NotNow() or err is ErrGivenUp, otherwise a 500. CookieTooLarge has Over and Largest.
	Page func(w http.ResponseWriter, r *http.Request, status int, err error)
	// Log is slog.Default() if it is nil. No line holds a token or a key.
	Log *slog.Logger
	// NotNowAsGuest lets a guest write where the session may be valid in a moment (SESS-18). Without it such a page is a
	// 503. Set it after the removal of a leaked key.
	NotNowAsGuest bool
}

// Wrap opens the session of each request and commits it before the first octet of the response. A handler that panics
// commits nothing. Wrapped again with the same Sessions, a handler gets the session that is there.
//
// Where the session may be valid in a moment (SESS-18), a handler that only reads is served as for a guest. One that writes
// gets its response replaced by a 503; a sign-on or a sign-off is written.
func Wrap(ss *cretula.Sessions, options Options, next http.Handler) http.Handler {
	if options.Log == nil {
		options.Log = slog.Default()
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		outer, _ := r.Context().Value(sessionKey{}).(*held)
		if outer != nil && outer.ss == ss {
			next.ServeHTTP(w, r)
			return
		}
		cw := &writer{ResponseWriter: w, r: r, ss: ss, options: options, before: w.Header().Clone()}
		if outer != nil && outer.ss.CookieName() == ss.CookieName() {
			cw.refuse(ErrTwoSessions)
			return
		}
		s := ss.Open(r.Context(), r.Header["Cookie"])
		if err := s.CheckError(); err != nil {
			options.Log.ErrorContext(r.Context(), "the check of a session failed", "error", err)
		}
		switch code := s.Reason(); code {
		case "", cretula.Absent:
		case cretula.Expired:
			options.Log.DebugContext(r.Context(), "session refused", "code", string(code))
		default:
			options.Log.InfoContext(r.Context(), "session refused", "code", string(code))
		}
		if !options.NotNowAsGuest {
			s.ReadOnly()
		}
		cw.held = &held{ss: ss, s: s}
		defer func() {
			if !cw.done { // a panic: whoever answers it
				bare(w.Header())
			}
		}()
		next.ServeHTTP(cw, r.WithContext(context.WithValue(r.Context(), sessionKey{}, cw.held)))
		cw.commit()
	})
}

// writer has no Unwrap: whoever reached the inner writer could send the head before the commit.
type writer struct {
	http.ResponseWriter
	r            *http.Request
	ss           *cretula.Sessions
	held         *held
	options      Options
	before       http.Header // what stood there when the request came
	done, failed bool
}

func (w *writer) commit() {
	if w.done {
		return
	}
	w.done = true
	res, err := w.ss.Commit(w.held.s, cretula.HasCacheControl(w.Header()))
	w.held.s.Close()
	if (err != nil || res.Wrote != cretula.Nothing) && w.held.givenUp(w.r.Context()) {
		err = ErrGivenUp
	}
	if err == nil && w.options.Ended != nil {
		ctx := context.WithoutCancel(w.r.Context())
		for _, e := range res.Ended {
			err = errors.Join(err, w.options.Ended(ctx, e)) // all of them, whatever becomes of one
		}
	}
	if err != nil {
		w.refuse(err)
		return
	}
	res.Apply(w.Header())
	if res.Large {
		w.options.Log.WarnContext(w.r.Context(), "session cookies of more than 3500 octets, which some proxies refuse")
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
	status, level := http.StatusInternalServerError, slog.LevelError
	if cretula.CodeOf(err).NotNow() || err == ErrGivenUp {
		status, level = http.StatusServiceUnavailable, slog.LevelWarn
	}
	w.options.Log.Log(w.r.Context(), level, "session not written", "error", err)
	clear(w.Header())
	maps.Copy(w.Header(), w.before)
	bare(w.Header())
	if w.options.Page != nil {
		w.options.Page(w.ResponseWriter, w.r, status, err)
		return
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
