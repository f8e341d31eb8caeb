// The site in Go: `go run .`
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"cretula.example/cretula"
)

type state struct {
	Keys  string
	Ahead time.Duration // in seconds
	Gen   int64
}

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

func read() (s state) {
	if err := json.Unmarshal(must(os.ReadFile(os.Getenv("STATE"))), &s); err != nil {
		panic(err)
	}
	return s
}

func main() {
	clock := func() time.Time { return time.Now().Add(read().Ahead * time.Second) }
	keyring := must(cretula.ParseKeyring([]byte(read().Keys)))
	site := must(cretula.NewSite(keyring, "shop.example", cretula.SiteOptions{Clock: clock, Log: slog.New(slog.DiscardHandler)}))
	check := func(context.Context, cretula.Claims) (cretula.Answer, error) {
		return cretula.Answer{Gen: read().Gen, Answered: true}, nil
	}
	sessions := must(site.Sessions(cretula.SessionOptions{Check: check, Device: &cretula.DeviceBinding{Proof: 600}}))
	pages := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		session := sessions.Of(r)
		var err error
		switch r.URL.Path {
		case "/sign-on":
			err = session.SignOn("ada", read().Gen)
		case "/sign-off":
			err = session.SignOff()
		case "/visit":
			err = session.Set("visits", time.Now().UnixNano()%1_000_000)
		}
		if err != nil {
			panic(err)
		}
		told := map[string]any{"sub": nil, "bound": session.IsBound(), "reason": nil}
		if sub, signedOn := session.Sub(); signedOn {
			told["sub"] = sub
		}
		if reason := session.Reason(); reason != "" {
			told["reason"] = reason
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write(must(json.Marshal(told)))
	})
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	panic(http.Serve(listener, sessions.Wrap(pages)))
}
