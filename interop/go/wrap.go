package cretula

import (
	"bufio"
	"context"
	"errors"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// SessionOptions are those of sessions and of their middleware; each may be left out, but Check.
type SessionOptions struct {
	// Check is the application's (spec §19.5). Without one every user's session is closed as Unchecked: NoCheck says that
	// none is wanted (SESS-22).
	Check CheckFunc
	// Purpose is "session" if it is "".
	Purpose string
	// Policy is DefaultPolicy if it is zero.
	Policy Policy
	// Cookie is __Host-Http-session if it is zero.
	Cookie Cookie
	// Device binds sessions to devices, in browsers that know it (spec §21): &DeviceBinding{} turns it on. Wrap then answers
	// the browser's requests itself, so it has to be around the whole server. In development it is left off: browsers bind
	// no session over plain http.
	Device *DeviceBinding
	// OnEnded is called once for each session that a request ended, before the response is sent: put it on the deny-list.
	// The context is not cancelled when the client goes away. An error makes the page a 500.
	OnEnded func(context.Context, Ended) error
	// Page writes the page in the place of a response that is not sent, instead of a short text: 403 for ErrForeignPost; 503
	// if CodeOf(err).NotNow() or err is ErrGivenUp; otherwise 500, such as for CookieTooLarge, which has Over and Largest.
	Page func(w http.ResponseWriter, r *http.Request, status int, err error)
	// NotNowAsGuest lets a guest write where the session may be valid in a moment (SESS-18). Without it such a page is a
	// 503. Set it after the removal of a leaked key.
	NotNowAsGuest bool
	// SameSitePosts refuses, with 403, what may change something and comes from a page of another origin: all methods but
	// GET, HEAD and OPTIONS, by Sec-Fetch-Site, or by Origin from browsers that do not send that.
	SameSitePosts bool
}

type sessionKey struct{}

// held is the session of a request, and the contexts of those who asked for it.
type held struct {
	ss       *Sessions
	s        *Session
	outer    *held // of a middleware around this one
	mu       sync.Mutex
	contexts []context.Context
}

// heldIn gives what a middleware around the handler holds for a cookie.
func heldIn(r *http.Request, name string) *held {
	h, _ := r.Context().Value(sessionKey{}).(*held)
	for h != nil && h.ss.cookie.Name != name {
		h = h.outer
	}
	return h
}

// Of returns the session of a request that came through Wrap. It panics for any other request: that is a fault of the
// program.
func (ss *Sessions) Of(r *http.Request) *Session {
	h := heldIn(r, ss.cookie.Name)
	if h == nil || h.ss != ss {
		panic("cretula: Wrap of these Sessions is not around this handler")
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

// ErrForeignPost is why a request is refused with 403: SessionOptions.SameSitePosts.
var ErrForeignPost = errors.New("cretula: sent by a page of another origin")

// Wrap opens the session of each request and commits it before the first octet of the response. A handler that panics
// commits nothing. Wrapped again with the same Sessions, a handler gets the session that is there.
//
// Where the session may be valid in a moment (SESS-18), a handler that only reads is served as for a guest. One that writes
// gets its response replaced by a 503; a sign-on or a sign-off is written.
func (ss *Sessions) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		outer := heldIn(r, ss.cookie.Name)
		if outer != nil && outer.ss == ss {
			next.ServeHTTP(w, r)
			return
		}
		cw := &writer{ResponseWriter: w, r: r, ss: ss, before: w.Header().Clone()}
		if outer != nil {
			cw.refuse(ErrTwoSessions)
			return
		}
		if endpoint := ss.device.endpoint(r); endpoint != "" {
			ss.serveDevice(cw, r, endpoint)
			return
		}
		if ss.options.SameSitePosts && isForeign(r) {
			cw.refuse(ErrForeignPost)
			return
		}
		s := ss.Open(r.Context(), r.Header["Cookie"])
		if err := s.CheckError(); err != nil {
			ss.log.ErrorContext(r.Context(), "the check of a session failed", "error", err)
		}
		switch code := s.Reason(); code {
		case "", Absent:
		case Expired:
			ss.log.DebugContext(r.Context(), "session refused", "code", string(code))
		default:
			ss.log.InfoContext(r.Context(), "session refused", "code", string(code))
		}
		if !ss.options.NotNowAsGuest {
			s.ReadOnly()
		}
		if ss.lost.isLost(r, s.Reason() != Absent) {
			ss.log.WarnContext(r.Context(), "a Secure cookie was set over plain http and did not come back: "+
				"serve https, let the proxy send X-Forwarded-Proto, or set the site up for development")
		}
		inner, _ := r.Context().Value(sessionKey{}).(*held)
		cw.held = &held{ss: ss, s: s, outer: inner}
		defer func() {
			if !cw.done { // a panic: whoever answers it
				bare(w.Header())
			}
		}()
		next.ServeHTTP(cw, r.WithContext(context.WithValue(r.Context(), sessionKey{}, cw.held)))
		cw.commit()
	})
}

// isForeign reports whether a page of another origin sent a request that may change something. Browsers say so in
// Sec-Fetch-Site, older ones in Origin; what sends neither is no browser, and has no user's cookies to abuse.
func isForeign(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return false
	}
	if site := r.Header["Sec-Fetch-Site"]; site != nil {
		return site[0] != "same-origin" && site[0] != "none"
	}
	origin := r.Header["Origin"]
	if origin == nil {
		return false
	}
	u, err := url.Parse(origin[0])
	return err != nil || u.Host == "" || !strings.EqualFold(u.Host, r.Host) // "null" has no host: a sandbox
}

// lostCookie finds out, once, that browsers drop a Secure cookie because the site is on plain http.
type lostCookie struct {
	waiting atomic.Pointer[string] // who was sent a cookie first
	over    atomic.Bool
}

// sent notes that a browser was given the cookie.
func (l *lostCookie) sent(r *http.Request, c Cookie) {
	if !l.over.Load() && !c.Development && l.waiting.Load() == nil && isPlain(r) {
		who := whoSent(r)
		l.waiting.CompareAndSwap(nil, &who)
	}
}

// isLost reports whether the same browser is back without it: true once at most, and never after a cookie came back.
func (l *lostCookie) isLost(r *http.Request, isBack bool) bool {
	waiting := l.waiting.Load()
	if waiting == nil || l.over.Load() || !isPlain(r) {
		return false
	}
	lost := !isBack && *waiting == whoSent(r)
	return (isBack || lost) && l.over.CompareAndSwap(false, true) && lost
}

// isPlain reports plain http, as the browser sees it. A proxy that says otherwise is believed: it is for a warning alone.
func isPlain(r *http.Request) bool {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	local := host == "" || host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasPrefix(host, "127.") ||
		strings.Trim(host, "[]") == "::1"
	return !local && r.TLS == nil && r.Header.Get("X-Forwarded-Proto") != "https" && r.Header.Get("Forwarded") == ""
}

func whoSent(r *http.Request) string {
	address, _, _ := net.SplitHostPort(r.RemoteAddr)
	return address + " " + r.Header.Get("X-Forwarded-For") + " " + r.Header.Get("User-Agent")
}

// writer has no Unwrap: whoever reached the inner writer could send the head before the commit.
type writer struct {
	http.ResponseWriter
	r            *http.Request
	ss           *Sessions
	held         *held
	before       http.Header // what stood there when the request came
	done, failed bool
}

func (w *writer) commit() {
	if w.done {
		return
	}
	w.done = true
	res, err := w.ss.Commit(w.held.s, HasCacheControl(w.Header()))
	w.held.s.Close()
	if (err != nil || res.Wrote != Nothing) && w.held.givenUp(w.r.Context()) {
		err = ErrGivenUp
	}
	if err == nil && w.ss.options.OnEnded != nil {
		ctx := context.WithoutCancel(w.r.Context())
		for _, e := range res.Ended {
			err = errors.Join(err, w.ss.options.OnEnded(ctx, e)) // all of them, whatever becomes of one
		}
	}
	if err != nil {
		w.refuse(err)
		return
	}
	res.Apply(w.Header())
	if res.Wrote == Seal {
		w.ss.lost.sent(w.r, w.ss.cookie)
	}
	if res.Large {
		w.ss.log.WarnContext(w.r.Context(), largeCookies)
	}
}

const largeCookies = "session cookies of more than 3500 octets, which some proxies refuse"

// bare sets what a response without a commit carries (COOK-10).
func bare(h http.Header) {
	res := Response{Vary: "Cookie"}
	if !HasCacheControl(h) {
		res.CacheControl = "private"
	}
	res.Apply(h)
}

// refuse answers 403, 500 or 503 with none of the handler's fields: what it was about to say did not happen.
func (w *writer) refuse(err error) {
	w.done, w.failed = true, true
	status, level := http.StatusInternalServerError, slog.LevelError
	what := "session not written"
	switch {
	case err == ErrForeignPost:
		status, level, what = http.StatusForbidden, slog.LevelInfo, "request refused"
	case CodeOf(err).NotNow() || err == ErrGivenUp:
		status, level = http.StatusServiceUnavailable, slog.LevelWarn
	}
	w.ss.log.Log(w.r.Context(), level, what, "error", err)
	clear(w.Header())
	maps.Copy(w.Header(), w.before)
	bare(w.Header())
	if w.ss.options.Page != nil {
		w.ss.options.Page(w.ResponseWriter, w.r, status, err)
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

// CloseNotify is for gin, which asks for it when it streams.
func (w *writer) CloseNotify() <-chan bool {
	gone := make(chan bool, 1)
	context.AfterFunc(w.r.Context(), func() { gone <- true })
	return gone
}
