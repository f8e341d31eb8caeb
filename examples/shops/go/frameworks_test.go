// Package shops_test holds what the frameworks' own response writers do with a session, where the shops do not ask.
package shops_test

import (
	"bufio"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"cretula.example/cretula"
	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/labstack/echo/v5"
	echomiddleware "github.com/labstack/echo/v5/middleware"
)

func newSessions(t *testing.T) *cretula.Sessions {
	key, err := cretula.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	ring, err := cretula.NewKeyring(cretula.Entry{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	site, err := cretula.NewSite(ring, "shop.example", cretula.SiteOptions{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	sessions, err := site.Sessions(cretula.SessionOptions{Check: cretula.NoCheck})
	if err != nil {
		t.Fatal(err)
	}
	return sessions
}

// routers gives each framework a page that streams three lines, one a time that `more` says so, and one that panics; each
// changes the session before. Compression stands inside of the sessions.
func routers(sessions *cretula.Sessions, more <-chan bool) map[string]http.Handler {
	change := func(r *http.Request) {
		if err := sessions.Of(r).Set("seen", true); err != nil {
			panic(err)
		}
	}
	stream := func(w io.Writer, flush func()) {
		for range 3 {
			io.WriteString(w, "line\n")
			flush()
			<-more
		}
	}

	c := chi.NewRouter()
	c.Use(sessions.Wrap, middleware.Recoverer, middleware.Compress(5))
	c.Get("/stream", func(w http.ResponseWriter, r *http.Request) {
		change(r)
		w.Header().Set("Content-Type", "text/plain")
		stream(w, func() { w.(http.Flusher).Flush() })
	})
	c.Get("/panic", func(_ http.ResponseWriter, r *http.Request) {
		change(r)
		panic("a fault")
	})

	gin.SetMode(gin.ReleaseMode)
	gin.DefaultErrorWriter = io.Discard
	g := gin.New()
	g.Use(gin.Recovery())
	g.GET("/stream", func(c *gin.Context) {
		change(c.Request)
		lines := 0
		c.Stream(func(w io.Writer) bool { // flushes after each, and asks for CloseNotify
			if lines > 0 {
				<-more
			}
			io.WriteString(w, "line\n")
			lines++
			return lines < 3
		})
		<-more
	})
	g.GET("/panic", func(c *gin.Context) {
		change(c.Request)
		panic("a fault")
	})

	e := echo.New()
	e.Logger = slog.New(slog.DiscardHandler)
	e.Use(echomiddleware.Recover(), echomiddleware.Gzip())
	e.GET("/stream", func(c *echo.Context) error {
		change(c.Request())
		stream(c.Response(), func() { c.Response().(http.Flusher).Flush() })
		return nil
	})
	e.GET("/panic", func(c *echo.Context) error {
		change(c.Request())
		panic("a fault")
	})
	return map[string]http.Handler{"chi": c, "gin": sessions.Wrap(g), "echo": sessions.Wrap(e)}
}

func isWritten(t *testing.T, name string, res *http.Response) {
	t.Helper()
	if lines := res.Header["Set-Cookie"]; len(lines) != 1 || res.Header.Get("Cache-Control") != "no-store" {
		t.Error(name, res.Header)
	}
}

func TestStreaming(t *testing.T) {
	more := make(chan bool)
	for name, handler := range routers(newSessions(t), more) {
		server := httptest.NewServer(handler)
		defer server.Close()
		for _, compressed := range []bool{false, true} { // the client asks for it, and unpacks it
			client := &http.Client{Transport: &http.Transport{DisableCompression: !compressed}}
			res, err := client.Get(server.URL + "/stream")
			if err != nil {
				t.Fatal(name, err)
			}
			isWritten(t, name, res)
			if zips := name != "gin"; res.Uncompressed != (compressed && zips) {
				t.Error(name, "compressed:", res.Uncompressed)
			}
			lines := bufio.NewScanner(res.Body)
			for range 3 { // each line comes before the next is written
				if !lines.Scan() || lines.Text() != "line" {
					t.Fatal(name, lines.Text(), lines.Err())
				}
				more <- true
			}
			res.Body.Close()
		}
	}
}

// The framework's recovery stands inside of the sessions, and answers: what was done before the panic is written with its
// page, as with any other.
func TestPanic(t *testing.T) {
	for name, handler := range routers(newSessions(t), nil) {
		server := httptest.NewServer(handler)
		defer server.Close()
		res, err := server.Client().Get(server.URL + "/panic")
		if err != nil {
			t.Fatal(name, err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusInternalServerError {
			t.Error(name, res.StatusCode)
		}
		isWritten(t, name, res)
	}
}

// With the recovery outside nothing is written.
func TestPanicThroughTheSessions(t *testing.T) {
	sessions := newSessions(t)
	c := chi.NewRouter()
	c.Use(middleware.Recoverer, sessions.Wrap)
	c.Get("/", func(_ http.ResponseWriter, r *http.Request) {
		if err := sessions.Of(r).Set("seen", true); err != nil {
			panic(err)
		}
		panic("a fault")
	})
	server := httptest.NewServer(c)
	defer server.Close()
	res, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 500 || res.Header["Set-Cookie"] != nil {
		t.Error(res.StatusCode, res.Header)
	}
}
