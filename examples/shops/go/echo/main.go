// The small shop on echo.
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
	"github.com/labstack/echo/v5"
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

	router := echo.New()
	home := func(c *echo.Context) error {
		s := sessions.Of(c.Request())
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
		return c.String(http.StatusOK, lines)
	}
	router.GET("/", home)
	router.HEAD("/", home)

	router.GET("/account", func(c *echo.Context) error {
		if sub, signedOn := sessions.Of(c.Request()).Sub(); signedOn {
			return c.String(http.StatusOK, fmt.Sprintf("account of %s\n", sub))
		}
		// [return-url]
		written, err := returnURL.Write([]byte("/account"))
		written.Apply(c.Response().Header())
		// [/]
		if err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, "/sign-on")
	})

	router.GET("/sign-on", func(c *echo.Context) error {
		return c.String(http.StatusOK, "please sign on\n")
	})

	router.POST("/sign-on", func(c *echo.Context) error {
		s, sub, next := sessions.Of(c.Request()), c.FormValue("sub"), "/"
		generation, known := generationOf(sub)
		if !known { // the password would be looked at here
			return c.String(http.StatusForbidden, "no such user\n")
		}
		// [sign-on]
		err := s.SignOn(sub, generation, "basket")
		// [/]
		// [flash]
		err = errors.Join(err, s.Flash("info", "Welcome, "+sub))
		// [/]
		// [return-url]
		if opened, err := returnURL.Read(c.Request().Header["Cookie"]); err == nil && isPath(string(opened.Payload)) {
			next = string(opened.Payload)
		}
		returnURL.Expire().Apply(c.Response().Header())
		// [/]
		if err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, next)
	})

	router.POST("/basket", func(c *echo.Context) error {
		_, err := cretula.Update(sessions.Of(c.Request()), func(d *data) error {
			d.Basket = append(d.Basket, c.FormValue("item"))
			return nil
		})
		if err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, "/")
	})

	router.POST("/sign-off", func(c *echo.Context) error {
		// [sign-on]
		err := sessions.Of(c.Request()).SignOff()
		// [/]
		if err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, "/")
	})

	router.POST("/sign-off-everywhere", func(c *echo.Context) error {
		s := sessions.Of(c.Request())
		if sub, signedOn := s.Sub(); signedOn {
			// [sign-on]
			countUp(sub)
			// [/]
		}
		// [sign-on]
		err := s.SignOff()
		// [/]
		if err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, "/")
	})

	listener := must(net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT")))
	fmt.Printf("http://%s\n", listener.Addr())
	// [set-up]
	log.Fatal(http.Serve(listener, sessions.Wrap(router)))
	// [/]
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
