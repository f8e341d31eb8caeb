package cretula

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"cretula.example/cretula/internal/hook"
)

func shopSessions(t *testing.T) *Sessions {
	return sessionsWith(t, Cookie{}, NoCheck)
}

func sessionsWith(t *testing.T, cookie Cookie, check CheckFunc) *Sessions {
	ss, err := testSite(t, SiteOptions{}).Sessions(SessionOptions{Cookie: cookie, Check: check})
	if err != nil {
		t.Fatal(err)
	}
	return ss
}

func testSite(t *testing.T, o SiteOptions) *Site {
	key, err := GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	ring, _ := NewKeyring(Entry{Key: key})
	site, err := NewSite(ring, "shop.example", o)
	if err != nil {
		t.Fatal(err)
	}
	return site
}

// with gives the same sessions other options of the middleware.
func with(ss *Sessions, o SessionOptions) *Sessions {
	return &Sessions{p: ss.p, cookie: ss.cookie, options: o, log: ss.log}
}

// inner is the session of the innermost middleware.
func inner(r *http.Request) *Session {
	return r.Context().Value(sessionKey{}).(*held).ss.Of(r)
}

// serve gives a server of one handler, and what gets a response of it.
func serve(t *testing.T, options SessionOptions, outer func(http.Handler) http.Handler, h http.HandlerFunc) (*httptest.Server, func(method, path string) (*http.Response, string, error)) {
	wrapped := with(shopSessions(t), options).Wrap(h)
	if outer != nil {
		wrapped = outer(wrapped)
	}
	server := httptest.NewUnstartedServer(wrapped)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	client := server.Client()
	client.Jar, _ = cookiejar.New(nil)
	return server, func(method, path string) (*http.Response, string, error) {
		r, err := http.NewRequest(method, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := client.Do(r)
		if err != nil {
			return nil, "", err
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		return res, string(b), err
	}
}

// change makes the response one that writes a session.
func change(r *http.Request) { inner(r).Set("seen", true) }

func wroteIt(res *http.Response) bool {
	return len(res.Header["Set-Cookie"]) == 1 && res.Header.Get("Cache-Control") == "no-store" && res.Header.Get("Vary") == "Cookie"
}

func wroteNothing(res *http.Response) bool {
	return res.Header["Set-Cookie"] == nil && res.Header.Get("Cache-Control") == "private" && res.Header.Get("Vary") == "Cookie"
}

func TestSignOnAndOff(t *testing.T) {
	var ended int
	options := SessionOptions{OnEnded: func(context.Context, Ended) error { ended++; return nil }}
	_, get := serve(t, options, nil, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/on":
			if err := inner(r).SignOn("ada", 7); err != nil {
				t.Error(err)
			}
			w.WriteHeader(http.StatusNoContent)
		case "/off":
			inner(r).SignOff()
		case "/who":
			sub, _ := inner(r).Sub()
			io.WriteString(w, sub)
		}
	})
	if res, who, _ := get("GET", "/who"); who != "" || !wroteNothing(res) {
		t.Fatal("a guest's page writes", res.Header)
	}
	if res, _, _ := get("GET", "/on"); !wroteIt(res) {
		t.Fatal(res.Header)
	}
	if res, who, _ := get("GET", "/who"); who != "ada" || !wroteNothing(res) {
		t.Fatal(who, res.Header)
	}
	if res, _, _ := get("GET", "/off"); len(res.Header["Set-Cookie"]) != 2 || ended != 1 {
		t.Fatal(res.Header, ended)
	}
	if _, who, _ := get("GET", "/who"); who != "" {
		t.Fatal(who)
	}
}

func TestEveryWayToSendTheHead(t *testing.T) {
	_, get := serve(t, SessionOptions{}, nil, func(w http.ResponseWriter, r *http.Request) {
		change(r)
		inner(r).Send()
		switch r.URL.Path {
		case "/write":
			w.Write([]byte("x"))
		case "/string":
			io.WriteString(w, "x")
		case "/copy":
			io.Copy(w, strings.NewReader("x"))
		case "/head":
			w.WriteHeader(http.StatusTeapot)
		case "/flusher":
			w.(http.Flusher).Flush()
		case "/flush":
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
		case "/redirect":
			http.Redirect(w, r, "/none", http.StatusSeeOther)
		case "/not-modified":
			w.WriteHeader(http.StatusNotModified)
		case "/served":
			http.ServeContent(w, r, "x.txt", time.Time{}, strings.NewReader("x"))
		}
	})
	for _, method := range []string{"GET", "HEAD", "POST"} {
		for _, path := range []string{"/none", "/write", "/string", "/copy", "/head", "/flusher", "/flush", "/redirect", "/not-modified", "/served"} {
			if res, _, err := get(method, path); err != nil || !wroteIt(res) {
				t.Error(method, path, err)
			}
		}
	}
}

func TestInformationalResponses(t *testing.T) {
	server, _ := serve(t, SessionOptions{}, nil, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		change(r) // still in time
		w.WriteHeader(http.StatusOK)
	})
	hints := 0
	trace := &httptrace.ClientTrace{Got1xxResponse: func(_ int, h textproto.MIMEHeader) error {
		hints++
		if h["Set-Cookie"] != nil || h["Link"] == nil {
			t.Error(h)
		}
		return nil
	}}
	r, _ := http.NewRequestWithContext(httptrace.WithClientTrace(context.Background(), trace), "GET", server.URL, nil)
	res, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if hints != 1 || !wroteIt(res) {
		t.Fatal(hints, res.Header)
	}
}

func TestPanic(t *testing.T) {
	recovering := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				if recover() != nil {
					w.WriteHeader(http.StatusBadGateway)
				}
			}()
			next.ServeHTTP(w, r)
		})
	}
	handler := func(w http.ResponseWriter, r *http.Request) {
		change(r)
		panic(http.ErrAbortHandler)
	}
	if _, get := serve(t, SessionOptions{}, recovering, handler); true {
		if res, _, err := get("GET", "/"); err != nil || res.StatusCode != http.StatusBadGateway || !wroteNothing(res) {
			t.Fatal(res, err)
		}
	}
	if _, get := serve(t, SessionOptions{}, nil, handler); true {
		if res, _, err := get("GET", "/"); err == nil {
			t.Fatal("a response", res.Header)
		}
	}
}

func TestStreaming(t *testing.T) {
	seen := make(chan bool)
	server, get := serve(t, SessionOptions{}, nil, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/late" {
			fmt.Fprint(w, inner(r).Get("late"))
			return
		}
		change(r)
		for i := range 3 {
			fmt.Fprintf(w, "%d\n", i)
			w.(http.Flusher).Flush()
			<-seen
		}
		if err := inner(r).Set("late", true); CodeOf(err) != Committed { // after the head
			t.Error(err)
		}
	})
	res, err := server.Client().Get(server.URL)
	if err != nil || !wroteIt(res) {
		t.Fatal(err)
	}
	body := bufio.NewScanner(res.Body)
	for i := range 3 {
		if !body.Scan() || body.Text() != fmt.Sprint(i) {
			t.Fatal(body.Text())
		}
		seen <- true
	}
	if body.Scan() {
		t.Fatal(body.Text())
	}
	res.Body.Close()
	if _, late, _ := get("GET", "/late"); late != "<nil>" {
		t.Fatal(late)
	}
}

func TestHijack(t *testing.T) {
	server, _ := serve(t, SessionOptions{}, nil, func(w http.ResponseWriter, r *http.Request) {
		change(r)
		conn, buffer, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		buffer.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n")
		w.Header().Write(buffer)
		buffer.WriteString("\r\n")
		buffer.Flush()
	})
	res, err := server.Client().Get(server.URL)
	if err != nil || res.StatusCode != http.StatusSwitchingProtocols || !wroteIt(res) {
		t.Fatal(res, err)
	}
	res.Body.Close()
}

func TestResponseController(t *testing.T) {
	_, get := serve(t, SessionOptions{}, nil, func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		for _, err := range []error{c.SetReadDeadline(time.Now().Add(time.Minute)), c.SetWriteDeadline(time.Now().Add(time.Minute)), c.EnableFullDuplex()} {
			if err != nil {
				t.Error(err)
			}
		}
		if _, ok := w.(interface{ Unwrap() http.ResponseWriter }); ok {
			t.Error("the inner writer can be reached")
		}
		change(r) // nothing of the above sends the head
	})
	if res, _, err := get("GET", "/"); err != nil || !wroteIt(res) {
		t.Fatal(res, err)
	}
}

func TestFailedCommit(t *testing.T) {
	failed := 0
	options := SessionOptions{Page: func(w http.ResponseWriter, _ *http.Request, status int, err error) {
		failed++
		var e *Error
		if !errors.As(err, &e) || e.Code() != CookieTooLarge || e.Over() == 0 {
			t.Error(err)
		}
		w.WriteHeader(status)
		io.WriteString(w, "too large")
	}}
	outer := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Strict-Transport-Security", "max-age=1")
			next.ServeHTTP(w, r)
		})
	}
	_, get := serve(t, options, outer, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Set-Cookie", "welcome=1")
		w.Header().Set("Cache-Control", "public")
		w.Header().Set("Content-Length", "13")
		w.Header().Set("ETag", `"x"`)
		inner(r).Set("big", strings.Repeat("x", 5000))
		switch r.URL.Path {
		case "/flush":
			w.(http.Flusher).Flush()
		case "/hijack":
			if _, _, err := http.NewResponseController(w).Hijack(); err == nil {
				t.Error("hijacked")
			}
		case "/redirect":
			w.Header().Set("Location", "/")
			w.WriteHeader(http.StatusFound)
		}
		if n, err := io.WriteString(w, "all went well"); n != 13 || err != nil {
			t.Error(n, err)
		}
		if err := inner(r).Set("late", 1); CodeOf(err) != Committed {
			t.Error(err)
		}
	})
	for i, path := range []string{"/write", "/flush", "/hijack", "/redirect"} {
		res, body, err := get("GET", path)
		if err != nil || res.StatusCode != 500 || body != "too large" || !wroteNothing(res) || failed != i+1 ||
			res.Header.Get("Strict-Transport-Security") == "" || res.Header.Get("ETag")+res.Header.Get("Location") != "" {
			t.Error(path, res, body, err, failed)
		}
	}
}

func TestNoClockOfARequest(t *testing.T) {
	defer hook.Library.(interface{ WithoutClock() func() }).WithoutClock()()
	var failed error
	options := SessionOptions{Page: func(w http.ResponseWriter, _ *http.Request, status int, err error) {
		failed = err
		w.WriteHeader(status)
	}}
	_, get := serve(t, options, nil, func(w http.ResponseWriter, r *http.Request) {
		if s := inner(r); s.Reason() != NoClock || !s.NotNow() {
			t.Error(s.Reason())
		}
		io.WriteString(w, "all went well")
	})
	res, body, err := get("GET", "/")
	if err != nil || res.StatusCode != http.StatusServiceUnavailable || strings.Contains(body, "well") || !wroteNothing(res) {
		t.Error(res, body, err)
	}
	if CodeOf(failed) != NoClock {
		t.Error(failed)
	}
}

func TestEachEndedSessionIsOffered(t *testing.T) {
	ss := shopSessions(t)
	var pairs []string
	for _, sub := range []string{"ada", "bob"} {
		s := ss.Open(t.Context(), nil)
		if err := s.SignOn(sub, 7); err != nil {
			t.Fatal(err)
		}
		res, err := ss.Commit(s, false)
		if err != nil {
			t.Fatal(err)
		}
		pair, _, _ := strings.Cut(res.SetCookie[0], ";")
		pairs = append(pairs, pair)
	}
	var ended []Ended
	options := SessionOptions{OnEnded: func(_ context.Context, e Ended) error { ended = append(ended, e); return nil }}
	h := with(ss, options).Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := inner(r).SignOff(); err != nil {
			t.Error(err)
		}
	}))
	r := httptest.NewRequest("POST", "/", nil)
	r.Header["Cookie"] = pairs
	h.ServeHTTP(httptest.NewRecorder(), r)
	if len(ended) != 2 || ended[0].SID == ended[1].SID {
		t.Error(ended)
	}
}

func TestChangesAfterTheHead(t *testing.T) {
	_, get := serve(t, SessionOptions{}, nil, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "x")
		for _, err := range []error{inner(r).SignOff(), inner(r).SignOn("ada", 7), inner(r).Send()} {
			if CodeOf(err) != Committed {
				t.Error(err)
			}
		}
	})
	if res, _, err := get("GET", "/"); err != nil || !wroteNothing(res) {
		t.Error(res, err)
	}
}

func TestFieldsOfTheApplication(t *testing.T) {
	_, get := serve(t, SessionOptions{}, nil, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Vary", "Accept-Encoding")
		w.Header().Add("Set-Cookie", "theme=dark")
		if r.URL.Path == "/odd" {
			w.Header()["cache-control"] = []string{"public, max-age=3600"}
		} else {
			w.Header().Set("Cache-Control", "public, max-age=60")
		}
		if r.URL.Path != "/read" {
			inner(r).Send()
		}
	})
	for path, want := range map[string]string{"/read": "[public, max-age=60] 1", "/write": "[no-store] 2", "/odd": "[no-store] 2"} {
		res, _, err := get("GET", path)
		if err != nil || fmt.Sprint(res.Header["Vary"]) != "[Accept-Encoding Cookie]" ||
			fmt.Sprint(res.Header["Cache-Control"], len(res.Header["Set-Cookie"])) != want || res.Header["Set-Cookie"][0] != "theme=dark" {
			t.Error(path, res.Header, err)
		}
	}
}

func TestCookieFieldsAsTheyCome(t *testing.T) {
	ss := shopSessions(t)
	s := ss.Open(context.Background(), nil)
	s.Send()
	committed, err := ss.Commit(s, false)
	if err != nil {
		t.Fatal(err)
	}
	pair, _, _ := strings.Cut(committed.SetCookie[0], ";")
	server := httptest.NewServer(ss.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "reason:"+string(inner(r).Reason()))
	})))
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: x\r\ncookie: a=\"\x80;,b\r\ncOOKIE: %s\r\nConnection: close\r\n\r\n", pair)
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.HasSuffix(string(answer), "reason:") {
		t.Fatal(string(answer), err)
	}
}

// A handler that http.TimeoutHandler gave up goes on beside the commit: the process lives, nothing half made is sent, and
// the handler's later changes fail.
func TestHandlerThatIsGivenUp(t *testing.T) {
	late := make(chan error, 1)
	inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := inner(r)
		s.Set("half", true)
		for {
			for i := range 1000 {
				s.Set(fmt.Sprint(i), map[string]any{"a": i})
			}
			if err := s.SignOn("ada", 7); err != nil {
				late <- err
				return
			}
		}
	})
	server, _ := serve(t, SessionOptions{}, nil, http.TimeoutHandler(inner, 50*time.Millisecond, "slow").ServeHTTP)
	for range 20 {
		res, err := server.Client().Get(server.URL)
		if err != nil || res.StatusCode != http.StatusServiceUnavailable || !wroteNothing(res) {
			t.Fatal(res, err)
		}
		res.Body.Close()
		if err := <-late; CodeOf(err) != Committed {
			t.Fatal(err)
		}
	}
}

// Any other goroutine may use the session beside the commit, too: the race detector has nothing to say.
func TestSessionOfManyGoroutines(t *testing.T) {
	var all sync.WaitGroup
	_, get := serve(t, SessionOptions{}, nil, func(w http.ResponseWriter, r *http.Request) {
		s := inner(r)
		for range 4 {
			all.Add(1)
			go func() {
				defer all.Done()
				for i := range 2000 {
					s.Set("a", map[string]any{"b": i})
					s.Flash("n", i)
					s.TakeFlash("n")
					_, _, _, _ = s.Get("a"), s.Values(), s.SID(), s.ReauthWithin(1)
				}
			}()
		}
		s.Send()
		io.WriteString(w, "x")
	})
	if res, _, err := get("GET", "/"); err != nil || !wroteIt(res) {
		t.Error(res, err)
	}
	all.Wait()
}

// The outer one of two middlewares with the same sessions commits, and alone.
func TestMountedTwice(t *testing.T) {
	ss := shopSessions(t)
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { inner(r).SignOn("ada", 7) })
	res := httptest.NewRecorder()
	ss.Wrap(ss.Wrap(h)).ServeHTTP(res, httptest.NewRequest("POST", "/", nil))
	if h := res.Result().Header; len(h["Set-Cookie"]) != 1 || len(h["Vary"]) != 1 {
		t.Error(h)
	}
	res = httptest.NewRecorder()
	ss.log = slog.New(slog.DiscardHandler)
	ss.Wrap(shopSessions(t).Wrap(h)).ServeHTTP(res, httptest.NewRequest("POST", "/", nil))
	if res.Code != 500 || res.Result().Header["Set-Cookie"] != nil {
		t.Error(res.Code, res.Result().Header)
	}
	other := sessionsWith(t, Cookie{Name: "__Host-Http-staff"}, NoCheck)
	res = httptest.NewRecorder()
	ss.Wrap(other.Wrap(h)).ServeHTTP(res, httptest.NewRequest("POST", "/", nil))
	if c := res.Result().Header["Set-Cookie"]; len(c) != 1 || !strings.HasPrefix(c[0], "__Host-Http-staff=") {
		t.Error("the handler has the inner one", c)
	}
}

// A check that fails is heard of; what would replace the session is a 503, what reads, signs on or off is not.
func TestNothingIsWrittenOverASessionThatMayHold(t *testing.T) {
	down := false
	ss := sessionsWith(t, Cookie{}, func(context.Context, Claims) (Answer, error) {
		if down {
			return Answer{}, errors.New("no database")
		}
		return Answer{Answered: true, Gen: 7}, nil
	})
	s := ss.Open(t.Context(), nil)
	s.SignOn("ada", 7)
	first, _ := ss.Commit(s, false)
	pair, _, _ := strings.Cut(first.SetCookie[0], ";")
	var log strings.Builder
	ss.log = slog.New(slog.NewTextHandler(&log, nil))
	options := SessionOptions{}
	ask := func(o SessionOptions, do func(*Session)) *http.Response {
		r := httptest.NewRequest("POST", "/", nil)
		r.Header.Set("Cookie", pair)
		res := httptest.NewRecorder()
		with(ss, o).Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { do(inner(r)) })).ServeHTTP(res, r)
		return res.Result()
	}
	down = true
	if res := ask(options, func(s *Session) {}); res.StatusCode != 200 || !wroteNothing(res) {
		t.Error(res)
	}
	if l := log.String(); !strings.Contains(l, "no database") || !strings.Contains(l, "code=unchecked") || strings.Contains(l, "CrE1") {
		t.Error(l)
	}
	set := func(s *Session) { s.Set("a", 1) }
	for name, do := range map[string]func(*Session){
		"set": set, "flash": func(s *Session) { s.Flash("a", 1) }, "send": func(s *Session) { s.Send() },
	} {
		if res := ask(options, do); res.StatusCode != 503 || !wroteNothing(res) {
			t.Error(name, res)
		}
	}
	for name, do := range map[string]func(*Session){
		"on": func(s *Session) { s.SignOn("eve", 1) }, "off": func(s *Session) { s.SignOff(); s.Flash("bye", 1) },
	} {
		if res := ask(options, do); res.StatusCode != 200 || len(res.Header["Set-Cookie"]) == 0 {
			t.Error(name, res)
		}
	}
	if res := ask(SessionOptions{NotNowAsGuest: true}, set); !wroteIt(res) {
		t.Error(res)
	}
}

// The deny-list is told though the client has gone, before the response is sent; if that fails, so does the response.
func TestDenyListIsTold(t *testing.T) {
	ss := shopSessions(t)
	s := ss.Open(t.Context(), nil)
	s.SignOn("ada", 7)
	first, _ := ss.Commit(s, false)
	pair, _, _ := strings.Cut(first.SetCookie[0], ";")
	for _, fails := range []error{nil, errors.New("no redis")} {
		ctx, gone := context.WithCancel(t.Context())
		r := httptest.NewRequest("POST", "/", nil).WithContext(ctx)
		r.Header.Set("Cookie", pair)
		res, told := httptest.NewRecorder(), 0
		ss.log = slog.New(slog.DiscardHandler)
		options := SessionOptions{OnEnded: func(ctx context.Context, _ Ended) error {
			told++
			return errors.Join(ctx.Err(), fails)
		}}
		with(ss, options).Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			inner(r).SignOff()
			gone()
		})).ServeHTTP(res, r)
		if told != 1 || (res.Code == 500) != (fails != nil) || (res.Result().Header["Set-Cookie"] == nil) != (fails != nil) {
			t.Error(told, res.Code, res.Result().Header)
		}
	}
}

func TestPostsFromPagesOfOtherOrigins(t *testing.T) {
	ss := shopSessions(t)
	ss.log = slog.New(slog.DiscardHandler)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { inner(r).Send() })
	open := httptest.NewServer(ss.Wrap(handler))
	defer open.Close()
	guarded := httptest.NewServer(with(ss, SessionOptions{SameSitePosts: true}).Wrap(handler))
	defer guarded.Close()
	for _, c := range []struct {
		method  string
		headers map[string]string
		refused bool
	}{
		{"POST", map[string]string{"Sec-Fetch-Site": "cross-site"}, true},
		{"POST", map[string]string{"Sec-Fetch-Site": "same-site"}, true},
		{"PUT", map[string]string{"Sec-Fetch-Site": ""}, true},
		{"POST", map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"}, false},
		{"DELETE", map[string]string{"Sec-Fetch-Site": "none"}, false},
		{"GET", map[string]string{"Sec-Fetch-Site": "cross-site"}, false},
		{"HEAD", map[string]string{"Sec-Fetch-Site": "cross-site"}, false},
		{"OPTIONS", map[string]string{"Origin": "https://evil.example"}, false},
		{"POST", map[string]string{"Origin": "https://shop.example"}, false},
		{"POST", map[string]string{"Origin": "https://SHOP.example"}, false},
		{"POST", map[string]string{"Origin": "https://shop.example:8443"}, true},
		{"POST", map[string]string{"Origin": "https://evil.example"}, true},
		{"POST", map[string]string{"Origin": "https://shop.example.evil.example"}, true},
		{"POST", map[string]string{"Origin": "null"}, true},
		{"POST", map[string]string{"Origin": ""}, true},
		{"POST", map[string]string{"Origin": "https://[::1"}, true},
		{"POST", nil, false},
	} {
		for _, server := range []*httptest.Server{guarded, open} {
			r, err := http.NewRequest(c.method, server.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Host = "shop.example"
			for name, value := range c.headers {
				r.Header[name] = []string{value}
			}
			res, err := server.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if refused := c.refused && server == guarded; refused != (res.StatusCode == 403) || refused == wroteIt(res) {
				t.Error(c, res.StatusCode, res.Header)
			}
		}
	}
}

// Nothing is shown as if to a guest where the handler needs to know.
func TestNeed(t *testing.T) {
	down := false
	ss := sessionsWith(t, Cookie{}, func(context.Context, Claims) (Answer, error) {
		if down {
			return Answer{}, errors.New("no database")
		}
		return Answer{Gen: 7, Answered: true}, nil
	})
	ss.log = slog.New(slog.DiscardHandler)
	s := ss.Open(t.Context(), nil)
	s.SignOn("ada", 7)
	first, _ := ss.Commit(s, false)
	for _, isDown := range []bool{false, true} {
		down = isDown
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["Cookie"] = first.SetCookie
		w := httptest.NewRecorder()
		ss.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := ss.Of(r).Need(); err != nil {
				if CodeOf(err) != Unchecked {
					t.Error(err)
				}
				return
			}
			io.WriteString(w, "account")
		})).ServeHTTP(w, r)
		if isDown != (w.Code == 503) || isDown == (w.Body.String() == "account") || w.Result().Header["Set-Cookie"] != nil {
			t.Error(isDown, w.Code, w.Body)
		}
	}
}

func TestOfOutsideOfWrap(t *testing.T) {
	defer func() {
		if said, _ := recover().(string); !strings.Contains(said, "Wrap") {
			t.Error(said)
		}
	}()
	shopSessions(t).Of(httptest.NewRequest("GET", "/", nil))
}

// Two sessions in two cookies: a handler reaches both.
func TestTwoCookies(t *testing.T) {
	shop, staff := shopSessions(t), sessionsWith(t, Cookie{Name: "__Host-Http-staff"}, NoCheck)
	w := httptest.NewRecorder()
	shop.Wrap(staff.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		shop.Of(r).SignOn("ada", 7)
		staff.Of(r).SignOn("bob", 1)
	}))).ServeHTTP(w, httptest.NewRequest("POST", "/", nil))
	if lines := w.Result().Header["Set-Cookie"]; len(lines) != 2 {
		t.Error(lines)
	}
}

func TestWarningOfACookieThatDoesNotComeBack(t *testing.T) {
	type visit struct{ host, address, proto, agent string }
	plain := visit{"shop.test", "192.0.2.1:1000", "", "a"}
	for name, c := range map[string]struct {
		first, second visit
		comesBack     bool
		warned        bool
	}{
		"lost":                 {plain, visit{"shop.test", "192.0.2.1:2000", "", "a"}, false, true},
		"a host with a port":   {visit{"shop.test:80", "192.0.2.1:1000", "", "a"}, plain, false, true},
		"it comes back":        {plain, plain, true, false},
		"another address":      {plain, visit{"shop.test", "192.0.2.2:1000", "", "a"}, false, false},
		"another browser":      {plain, visit{"shop.test", "192.0.2.1:1000", "", "b"}, false, false},
		"localhost":            {visit{"localhost:8080", "127.0.0.1:1000", "", "a"}, visit{"localhost:8080", "127.0.0.1:1000", "", "a"}, false, false},
		"an address of itself": {visit{"[::1]:8080", "[::1]:1000", "", "a"}, visit{"[::1]:8080", "[::1]:1000", "", "a"}, false, false},
		"https at the proxy":   {visit{"shop.test", "192.0.2.1:1000", "https", "a"}, visit{"shop.test", "192.0.2.1:1000", "https", "a"}, false, false},
	} {
		var log buffer
		ss := shopSessions(t)
		ss.log = slog.New(slog.NewTextHandler(&log, nil))
		h := ss.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if r.Method == "POST" {
				ss.Of(r).Send()
			}
		}))
		ask := func(method string, v visit, cookies []string) []string {
			r := httptest.NewRequest(method, "/", nil)
			r.Host, r.RemoteAddr = v.host, v.address
			r.Header.Set("User-Agent", v.agent)
			if v.proto != "" {
				r.Header.Set("X-Forwarded-Proto", v.proto)
			}
			r.Header["Cookie"] = cookies
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w.Result().Header["Set-Cookie"]
		}
		cookies := ask("POST", c.first, nil)
		if c.comesBack {
			ask("GET", c.second, cookies)
		}
		for range 3 {
			ask("GET", c.second, nil)
		}
		if n := strings.Count(log.String(), "did not come back"); n != map[bool]int{true: 1}[c.warned] {
			t.Error(name, n, log.String())
		}
	}
}

// gin asks for it when it streams.
func TestCloseNotify(t *testing.T) {
	gone := make(chan bool)
	server, _ := serve(t, SessionOptions{}, nil, func(w http.ResponseWriter, r *http.Request) {
		closed := w.(http.CloseNotifier).CloseNotify() //nolint:staticcheck // what gin calls
		io.WriteString(w, "x")
		w.(http.Flusher).Flush()
		gone <- <-closed
	})
	ctx, leave := context.WithCancel(t.Context())
	r, _ := http.NewRequestWithContext(ctx, "GET", server.URL, nil)
	res, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	leave()
	res.Body.Close()
	select {
	case <-gone:
	case <-time.After(10 * time.Second):
		t.Fatal("the handler does not hear of it")
	}
}
