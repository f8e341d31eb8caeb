package middleware

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

	"cretula.example/cretula"
	"cretula.example/cretula/internal/hook"
)

func testSessions(t *testing.T) *cretula.Sessions {
	return sessionsWith(t, cretula.Cookie{}, cretula.NoCheck)
}

func sessionsWith(t *testing.T, cookie cretula.Cookie, check cretula.CheckFunc) *cretula.Sessions {
	key, err := cretula.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	ring, _ := cretula.NewKeyring(cretula.Entry{Key: key})
	ctx, _ := cretula.NewContext("shop.example", "session")
	ss, err := cretula.NewSessions(ring, ctx, cretula.DefaultPolicy(), cookie, check)
	if err != nil {
		t.Fatal(err)
	}
	return ss
}

// serve gives a server of one handler, and what gets a response of it.
func serve(t *testing.T, options Options, outer func(http.Handler) http.Handler, h http.HandlerFunc) (*httptest.Server, func(method, path string) (*http.Response, string, error)) {
	wrapped := Wrap(testSessions(t), options, h)
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
func change(r *http.Request) { Session(r).Set("seen", true) }

func wrote(res *http.Response) bool {
	return len(res.Header["Set-Cookie"]) == 1 && res.Header.Get("Cache-Control") == "no-store" && res.Header.Get("Vary") == "Cookie"
}

func wroteNothing(res *http.Response) bool {
	return res.Header["Set-Cookie"] == nil && res.Header.Get("Cache-Control") == "private" && res.Header.Get("Vary") == "Cookie"
}

func TestSignOnAndOff(t *testing.T) {
	var ended int
	options := Options{Ended: func(context.Context, cretula.Ended) error { ended++; return nil }}
	_, get := serve(t, options, nil, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/on":
			if err := Session(r).SignOn("ada", 7); err != nil {
				t.Error(err)
			}
			w.WriteHeader(http.StatusNoContent)
		case "/off":
			Session(r).SignOff()
		case "/who":
			sub, _ := Session(r).Sub()
			io.WriteString(w, sub)
		}
	})
	if res, who, _ := get("GET", "/who"); who != "" || !wroteNothing(res) {
		t.Fatal("a guest's page writes", res.Header)
	}
	if res, _, _ := get("GET", "/on"); !wrote(res) {
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
	_, get := serve(t, Options{}, nil, func(w http.ResponseWriter, r *http.Request) {
		change(r)
		Session(r).Send()
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
			if res, _, err := get(method, path); err != nil || !wrote(res) {
				t.Error(method, path, err)
			}
		}
	}
}

func TestInformationalResponses(t *testing.T) {
	server, _ := serve(t, Options{}, nil, func(w http.ResponseWriter, r *http.Request) {
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
	if hints != 1 || !wrote(res) {
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
	if _, get := serve(t, Options{}, recovering, handler); true {
		if res, _, err := get("GET", "/"); err != nil || res.StatusCode != http.StatusBadGateway || !wroteNothing(res) {
			t.Fatal(res, err)
		}
	}
	if _, get := serve(t, Options{}, nil, handler); true {
		if res, _, err := get("GET", "/"); err == nil {
			t.Fatal("a response", res.Header)
		}
	}
}

func TestStreaming(t *testing.T) {
	seen := make(chan bool)
	server, get := serve(t, Options{}, nil, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/late" {
			fmt.Fprint(w, Session(r).Get("late"))
			return
		}
		change(r)
		for i := range 3 {
			fmt.Fprintf(w, "%d\n", i)
			w.(http.Flusher).Flush()
			<-seen
		}
		if err := Session(r).Set("late", true); cretula.CodeOf(err) != cretula.Committed { // after the head
			t.Error(err)
		}
	})
	res, err := server.Client().Get(server.URL)
	if err != nil || !wrote(res) {
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
	server, _ := serve(t, Options{}, nil, func(w http.ResponseWriter, r *http.Request) {
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
	if err != nil || res.StatusCode != http.StatusSwitchingProtocols || !wrote(res) {
		t.Fatal(res, err)
	}
	res.Body.Close()
}

func TestResponseController(t *testing.T) {
	_, get := serve(t, Options{}, nil, func(w http.ResponseWriter, r *http.Request) {
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
	if res, _, err := get("GET", "/"); err != nil || !wrote(res) {
		t.Fatal(res, err)
	}
}

func TestFailedCommit(t *testing.T) {
	failed := 0
	options := Options{Page: func(w http.ResponseWriter, _ *http.Request, status int, err error) {
		failed++
		var e *cretula.Error
		if !errors.As(err, &e) || e.Code() != cretula.CookieTooLarge || e.Over() == 0 {
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
		Session(r).Set("big", strings.Repeat("x", 5000))
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
		if err := Session(r).Set("late", 1); cretula.CodeOf(err) != cretula.Committed {
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

func TestNoClock(t *testing.T) {
	defer hook.Library.(interface{ WithoutClock() func() }).WithoutClock()()
	var failed error
	options := Options{Page: func(w http.ResponseWriter, _ *http.Request, status int, err error) {
		failed = err
		w.WriteHeader(status)
	}}
	_, get := serve(t, options, nil, func(w http.ResponseWriter, r *http.Request) {
		if s := Session(r); s.Reason() != cretula.NoClock || !s.NotNow() {
			t.Error(s.Reason())
		}
		io.WriteString(w, "all went well")
	})
	res, body, err := get("GET", "/")
	if err != nil || res.StatusCode != http.StatusServiceUnavailable || strings.Contains(body, "well") || !wroteNothing(res) {
		t.Error(res, body, err)
	}
	if cretula.CodeOf(failed) != cretula.NoClock {
		t.Error(failed)
	}
}

func TestEachEndedSessionIsOffered(t *testing.T) {
	ss := testSessions(t)
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
	var ended []cretula.Ended
	options := Options{Ended: func(_ context.Context, e cretula.Ended) error { ended = append(ended, e); return nil }}
	h := Wrap(ss, options, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := Session(r).SignOff(); err != nil {
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
	_, get := serve(t, Options{}, nil, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "x")
		for _, err := range []error{Session(r).SignOff(), Session(r).SignOn("ada", 7), Session(r).Send()} {
			if cretula.CodeOf(err) != cretula.Committed {
				t.Error(err)
			}
		}
	})
	if res, _, err := get("GET", "/"); err != nil || !wroteNothing(res) {
		t.Error(res, err)
	}
}

func TestFieldsOfTheApplication(t *testing.T) {
	_, get := serve(t, Options{}, nil, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Vary", "Accept-Encoding")
		w.Header().Add("Set-Cookie", "theme=dark")
		if r.URL.Path == "/odd" {
			w.Header()["cache-control"] = []string{"public, max-age=3600"}
		} else {
			w.Header().Set("Cache-Control", "public, max-age=60")
		}
		if r.URL.Path != "/read" {
			Session(r).Send()
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
	ss := testSessions(t)
	s := ss.Open(context.Background(), nil)
	s.Send()
	committed, err := ss.Commit(s, false)
	if err != nil {
		t.Fatal(err)
	}
	pair, _, _ := strings.Cut(committed.SetCookie[0], ";")
	server := httptest.NewServer(Wrap(ss, Options{}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "reason:"+string(Session(r).Reason()))
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
		s := Session(r)
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
	server, _ := serve(t, Options{}, nil, http.TimeoutHandler(inner, 50*time.Millisecond, "slow").ServeHTTP)
	for range 20 {
		res, err := server.Client().Get(server.URL)
		if err != nil || res.StatusCode != http.StatusServiceUnavailable || !wroteNothing(res) {
			t.Fatal(res, err)
		}
		res.Body.Close()
		if err := <-late; cretula.CodeOf(err) != cretula.Committed {
			t.Fatal(err)
		}
	}
}

// Any other goroutine may use the session beside the commit, too: the race detector has nothing to say.
func TestSessionOfManyGoroutines(t *testing.T) {
	var all sync.WaitGroup
	_, get := serve(t, Options{}, nil, func(w http.ResponseWriter, r *http.Request) {
		s := Session(r)
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
	if res, _, err := get("GET", "/"); err != nil || !wrote(res) {
		t.Error(res, err)
	}
	all.Wait()
}

// The outer one of two middlewares with the same sessions commits, and alone.
func TestMountedTwice(t *testing.T) {
	ss := testSessions(t)
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { Session(r).SignOn("ada", 7) })
	res := httptest.NewRecorder()
	Wrap(ss, Options{}, Wrap(ss, Options{}, h)).ServeHTTP(res, httptest.NewRequest("POST", "/", nil))
	if h := res.Result().Header; len(h["Set-Cookie"]) != 1 || len(h["Vary"]) != 1 {
		t.Error(h)
	}
	res = httptest.NewRecorder()
	quiet := Options{Log: slog.New(slog.DiscardHandler)}
	Wrap(ss, quiet, Wrap(testSessions(t), quiet, h)).ServeHTTP(res, httptest.NewRequest("POST", "/", nil))
	if res.Code != 500 || res.Result().Header["Set-Cookie"] != nil {
		t.Error(res.Code, res.Result().Header)
	}
	other := sessionsWith(t, cretula.Cookie{Name: "__Host-Http-staff"}, cretula.NoCheck)
	res = httptest.NewRecorder()
	Wrap(ss, quiet, Wrap(other, quiet, h)).ServeHTTP(res, httptest.NewRequest("POST", "/", nil))
	if c := res.Result().Header["Set-Cookie"]; len(c) != 1 || !strings.HasPrefix(c[0], "__Host-Http-staff=") {
		t.Error("the handler has the inner one", c)
	}
}

// A check that fails is heard of; what would replace the session is a 503, what reads, signs on or off is not.
func TestNothingIsWrittenOverASessionThatMayHold(t *testing.T) {
	down := false
	ss := sessionsWith(t, cretula.Cookie{}, func(context.Context, cretula.Claims) (cretula.Answer, error) {
		if down {
			return cretula.Answer{}, errors.New("no database")
		}
		return cretula.Answer{Answered: true, Gen: 7}, nil
	})
	s := ss.Open(t.Context(), nil)
	s.SignOn("ada", 7)
	first, _ := ss.Commit(s, false)
	pair, _, _ := strings.Cut(first.SetCookie[0], ";")
	var log strings.Builder
	options := Options{Log: slog.New(slog.NewTextHandler(&log, nil))}
	ask := func(o Options, do func(*cretula.Session)) *http.Response {
		r := httptest.NewRequest("POST", "/", nil)
		r.Header.Set("Cookie", pair)
		res := httptest.NewRecorder()
		Wrap(ss, o, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { do(Session(r)) })).ServeHTTP(res, r)
		return res.Result()
	}
	down = true
	if res := ask(options, func(s *cretula.Session) {}); res.StatusCode != 200 || !wroteNothing(res) {
		t.Error(res)
	}
	if l := log.String(); !strings.Contains(l, "no database") || !strings.Contains(l, "code=unchecked") || strings.Contains(l, "CrE1") {
		t.Error(l)
	}
	set := func(s *cretula.Session) { s.Set("a", 1) }
	for name, do := range map[string]func(*cretula.Session){
		"set": set, "flash": func(s *cretula.Session) { s.Flash("a", 1) }, "send": func(s *cretula.Session) { s.Send() },
	} {
		if res := ask(options, do); res.StatusCode != 503 || !wroteNothing(res) {
			t.Error(name, res)
		}
	}
	for name, do := range map[string]func(*cretula.Session){
		"on": func(s *cretula.Session) { s.SignOn("eve", 1) }, "off": func(s *cretula.Session) { s.SignOff(); s.Flash("bye", 1) },
	} {
		if res := ask(options, do); res.StatusCode != 200 || len(res.Header["Set-Cookie"]) == 0 {
			t.Error(name, res)
		}
	}
	if res := ask(Options{Log: options.Log, NotNowAsGuest: true}, set); !wrote(res) {
		t.Error(res)
	}
}

// The deny-list is told though the client has gone, before the response is sent; if that fails, so does the response.
func TestDenyListIsTold(t *testing.T) {
	ss := testSessions(t)
	s := ss.Open(t.Context(), nil)
	s.SignOn("ada", 7)
	first, _ := ss.Commit(s, false)
	pair, _, _ := strings.Cut(first.SetCookie[0], ";")
	for _, fails := range []error{nil, errors.New("no redis")} {
		ctx, gone := context.WithCancel(t.Context())
		r := httptest.NewRequest("POST", "/", nil).WithContext(ctx)
		r.Header.Set("Cookie", pair)
		res, told := httptest.NewRecorder(), 0
		options := Options{Log: slog.New(slog.DiscardHandler), Ended: func(ctx context.Context, _ cretula.Ended) error {
			told++
			return errors.Join(ctx.Err(), fails)
		}}
		Wrap(ss, options, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			Session(r).SignOff()
			gone()
		})).ServeHTTP(res, r)
		if told != 1 || (res.Code == 500) != (fails != nil) || (res.Result().Header["Set-Cookie"] == nil) != (fails != nil) {
			t.Error(told, res.Code, res.Result().Header)
		}
	}
}
