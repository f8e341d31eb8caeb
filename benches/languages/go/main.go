// Cretula for Go beside what else seals a session there. ../run.py runs it, with settings as its argument; it prints
// what was measured as JSON.
package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"cretula.example/cretula"
	"cretula.example/cretula/cretulatest"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/gorilla/securecookie"
)

const (
	encrypted = "encrypted"
	signed    = "signed only"
)

type settings struct {
	Text   string  `json:"text"`
	TTL    int64   `json:"ttl"`
	Tokens int     `json:"tokens"`
	Rounds int     `json:"rounds"`
	WarmUp float64 `json:"warm_up"`
	Turn   float64 `json:"turn"`
}

// one is a case: run does the work, check looks at what the last run gave.
type one struct {
	name, kind string
	run, check func() error
}

// Text in, token out; token in, text out.
type tokenCase struct {
	name, kind string
	seal       func(text string) (string, error)
	unseal     func(token string) (string, error)
}

// shop is what an application keeps; Cretula keeps the user itself.
type shop struct {
	User   string `json:"user,omitempty"`
	Basket []int  `json:"basket"`
	Note   string `json:"note"`
}

// requestCase answers a request with that Cookie field: the Set-Cookie lines, and what the application read.
type requestCase struct {
	name, kind string
	first      func(shop) (string, error)
	answer     func(field string, changes bool) ([]string, shop, error)
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

func random() []byte {
	b := make([]byte, 32)
	must(rand.Read(b))
	return b
}

// jwe is what a user of go-jose writes.
type jwe struct {
	key       []byte
	encrypter jose.Encrypter
	ttl       time.Duration
}

func newJWE(ttl int64) jwe {
	key := random()
	encrypter := must(jose.NewEncrypter(jose.A256GCM, jose.Recipient{Algorithm: jose.DIRECT, Key: key}, nil))
	return jwe{key, encrypter, time.Duration(ttl) * time.Second}
}

func (j jwe) seal(content any) (string, error) {
	claims := jwt.Claims{Expiry: jwt.NewNumericDate(time.Now().Add(j.ttl))}
	return jwt.Encrypted(j.encrypter).Claims(claims).Claims(content).Serialize()
}

func (j jwe) unseal(token string, content any) error {
	t, err := jwt.ParseEncrypted(token, []jose.KeyAlgorithm{jose.DIRECT}, []jose.ContentEncryption{jose.A256GCM})
	if err != nil {
		return err
	}
	var claims jwt.Claims
	if err := t.Claims(j.key, &claims, content); err != nil {
		return err
	}
	return claims.Validate(jwt.Expected{Time: time.Now()})
}

type text struct {
	Text string `json:"text"`
}

func secure(ttl int64, block []byte) *securecookie.SecureCookie {
	return securecookie.New(random(), block).MaxAge(int(ttl))
}

func tokenCases(site *cretula.Site, s settings) []tokenCase {
	sealer, signer, j := must(site.Sealer("invitation")), must(site.Signer("report")), newJWE(s.TTL)
	payload := func(o cretula.Opened, err error) (string, error) { return string(o.Payload), err }
	ofSecure := func(name, kind string, c *securecookie.SecureCookie) tokenCase {
		return tokenCase{name, kind,
			func(text string) (string, error) { return c.Encode("session", text) },
			func(token string) (text string, err error) { return text, c.Decode("session", token, &text) },
		}
	}
	return []tokenCase{
		{"Cretula sealed", encrypted,
			func(text string) (string, error) { return sealer.Seal([]byte(text), s.TTL) },
			func(token string) (string, error) { return payload(sealer.Unseal(token)) }},
		ofSecure("securecookie", encrypted, secure(s.TTL, random())),
		ofSecure("securecookie, JSON", encrypted, secure(s.TTL, random()).SetSerializer(securecookie.JSONEncoder{})),
		{"go-jose, dir A256GCM", encrypted,
			func(t string) (string, error) { return j.seal(text{t}) },
			func(token string) (string, error) {
				var t text
				err := j.unseal(token, &t)
				return t.Text, err
			}},
		{"Cretula signed", signed,
			func(text string) (string, error) { return signer.Sign([]byte(text), s.TTL) },
			func(token string) (string, error) { return payload(signer.Verify(token)) }},
		ofSecure("securecookie, no block key", signed, secure(s.TTL, nil)),
	}
}

// visit is what the application does with what it keeps.
func visit(kept *shop, changes bool) {
	if changes {
		kept.Basket = append(kept.Basket, 1)
	}
}

// ours is the same with a session of Cretula's.
func ours(session *cretula.Session, changes bool) (kept shop, err error) {
	if changes {
		kept, err = cretula.Update(session, func(s *shop) error {
			visit(s, true)
			return nil
		})
	} else {
		kept, err = cretula.View[shop](session)
	}
	kept.User, _ = session.Sub()
	return kept, err
}

// writer is a response that goes nowhere.
type writer struct{ header http.Header }

func (w writer) Header() http.Header         { return w.header }
func (w writer) Write(b []byte) (int, error) { return len(b), nil }
func (w writer) WriteHeader(int)             {}

func through(handler http.Handler, ctx context.Context, field string) []string {
	r := &http.Request{
		Method: "GET", URL: &url.URL{Path: "/"}, Host: "shop.example", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Cookie": {field}}, Body: http.NoBody, TLS: &tls.ConnectionState{},
	}
	w := writer{http.Header{}}
	handler.ServeHTTP(w, r.WithContext(ctx))
	return w.header["Set-Cookie"]
}

// byHand is a session that an application keeps in a cookie with its own few lines.
func byHand(name string, ttl int64, seal func(any) (string, error), unseal func(string, any) error) requestCase {
	return requestCase{
		name, encrypted,
		func(first shop) (string, error) {
			token, err := seal(first)
			return "session=" + token, err
		},
		func(field string, changes bool) (lines []string, kept shop, err error) {
			lines = through(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var c *http.Cookie
				if c, err = r.Cookie("session"); err != nil {
					return
				}
				if err = unseal(c.Value, &kept); err != nil || !changes {
					return
				}
				visit(&kept, true)
				var token string
				if token, err = seal(kept); err != nil {
					return
				}
				http.SetCookie(w, &http.Cookie{
					Name: "session", Value: token, Path: "/", MaxAge: int(ttl),
					Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
				})
			}), context.Background(), field)
			return lines, kept, err
		},
	}
}

func requestCases(site *cretula.Site, s settings) []requestCase {
	generations := map[string]int64{"ada": 7}
	sessions := must(site.Sessions(cretula.SessionOptions{
		Check: func(_ context.Context, c cretula.Claims) (cretula.Answer, error) {
			gen, ok := generations[c.Sub]
			return cretula.Answer{Gen: gen, Answered: ok}, nil
		},
	}))
	first := func(first shop) (string, error) {
		data := map[string]any{"basket": first.Basket, "note": first.Note}
		return cretulatest.SignedOn(sessions, first.User, 7, data)
	}
	type key struct{}
	wrapped := sessions.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		r.Context().Value(key{}).(func(*cretula.Session))(sessions.Of(r))
	}))
	ofSecure := func(name string, c *securecookie.SecureCookie) requestCase {
		return byHand(name, s.TTL,
			func(content any) (string, error) { return c.Encode("session", content) },
			func(token string, content any) error { return c.Decode("session", token, content) })
	}
	j := newJWE(s.TTL)
	return []requestCase{
		{"Cretula", encrypted, first, func(field string, changes bool) ([]string, shop, error) {
			header := http.Header{}
			session := sessions.Open(context.Background(), []string{field})
			kept, err := ours(session, changes)
			if err != nil {
				return nil, kept, err
			}
			response, err := sessions.Commit(session, cretula.HasCacheControl(header))
			response.Apply(header)
			return header["Set-Cookie"], kept, err
		}},
		{"Cretula, Wrap", encrypted, first, func(field string, changes bool) (lines []string, kept shop, err error) {
			use := func(session *cretula.Session) { kept, err = ours(session, changes) }
			lines = through(wrapped, context.WithValue(context.Background(), key{}, use), field)
			return lines, kept, err
		}},
		ofSecure("securecookie", secure(s.TTL, random())),
		ofSecure("securecookie, JSON", secure(s.TTL, random()).SetSerializer(securecookie.JSONEncoder{})),
		byHand("go-jose, dir A256GCM", s.TTL, j.seal, j.unseal),
	}
}

// inTurns gives them one after the other, again and again.
func inTurns(list []string) func() string {
	next := 0
	return func() string {
		next = (next + 1) % len(list)
		return list[next]
	}
}

func sealing(c tokenCase, s settings) one {
	var token string
	return one{c.name, c.kind,
		func() (err error) {
			token, err = c.seal(s.Text)
			return err
		},
		func() error {
			if opened, err := c.unseal(token); err != nil || opened != s.Text {
				return fmt.Errorf("another text: %w", err)
			}
			return nil
		},
	}
}

func unsealing(c tokenCase, s settings) (one, error) {
	var tokens []string
	for range s.Tokens {
		token, err := c.seal(s.Text)
		if err != nil {
			return one{}, err
		}
		// What signs without randomness makes the same token in the same second.
		if c.kind == encrypted && slices.Contains(tokens, token) {
			return one{}, errors.New("a token came twice")
		}
		tokens = append(tokens, token)
	}
	altered := []byte(tokens[0])
	if at := len(altered) / 2; altered[at] == 'A' {
		altered[at] = 'B'
	} else {
		altered[at] = 'A'
	}
	if _, err := c.unseal(string(altered)); err == nil {
		return one{}, errors.New("opened an altered token")
	}
	token := inTurns(tokens)
	var opened string
	return one{c.name, c.kind,
		func() (err error) {
			opened, err = c.unseal(token())
			return err
		},
		func() error {
			if opened != s.Text {
				return errors.New("another text")
			}
			return nil
		},
	}, nil
}

func pairs(lines []string) string {
	var all []string
	for _, line := range lines {
		pair, _, _ := strings.Cut(line, ";")
		all = append(all, pair)
	}
	return strings.Join(all, "; ")
}

func requesting(c requestCase, s settings, changes bool) (one, error) {
	wanted := shop{"ada", []int{17, 4}, s.Text}
	var fields []string
	for range s.Tokens {
		first, err := c.first(wanted)
		if err != nil {
			return one{}, err
		}
		fields = append(fields, "theme=dark; _ga=GA1.2.1234567890.1234567890; "+first)
	}
	if changes {
		wanted.Basket = append(wanted.Basket, 1)
	}
	field := inTurns(fields)
	var lines []string
	var kept shop
	return one{c.name, c.kind,
		func() (err error) {
			lines, kept, err = c.answer(field(), changes)
			return err
		},
		func() error {
			if !reflect.DeepEqual(kept, wanted) || (len(lines) > 0) != changes {
				return fmt.Errorf("read %v, wrote %v", kept, lines)
			}
			if !changes {
				return nil
			}
			if _, again, err := c.answer(pairs(lines), false); err != nil || !reflect.DeepEqual(again, wanted) {
				return fmt.Errorf("a change was lost: %w", err)
			}
			return nil
		},
	}, nil
}

// processor returns the microseconds of processor time that all threads took up to now.
func processor() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		log.Fatal(err)
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1000
}

// timed returns the microseconds of processor time that so many calls take.
func timed(run func() error, calls int) float64 {
	begun := processor()
	for range calls {
		if err := run(); err != nil {
			log.Fatal(err)
		}
	}
	return processor() - begun
}

// calibrate warms a case up, and returns how many calls take about a turn.
func calibrate(run func() error, s settings) int {
	calls, spent, turn := 1, 0.0, s.Turn*1000
	for {
		took := timed(run, calls)
		spent += took
		if took >= turn && spent >= s.WarmUp*1000 {
			return max(1, int(math.Round(float64(calls)*turn/took)))
		}
		if took < turn {
			calls *= 2
		}
	}
}

type result struct {
	Name         string  `json:"name"`
	Kind         string  `json:"kind"`
	Microseconds float64 `json:"microseconds"`
}

func measure(cases []one, s settings) []result {
	for _, c := range cases {
		for range s.Tokens {
			for _, step := range []func() error{c.run, c.check} {
				if err := step(); err != nil {
					log.Fatalf("%s: %v", c.name, err)
				}
			}
		}
	}
	if s.Rounds == 0 {
		return nil
	}
	var calls []int
	for _, c := range cases {
		calls = append(calls, calibrate(c.run, s))
	}
	times := make([][]float64, len(cases))
	for round := range s.Rounds {
		for place := range cases {
			at := (round + place) % len(cases)
			times[at] = append(times[at], timed(cases[at].run, calls[at])/float64(calls[at]))
		}
	}
	var results []result
	for at, c := range cases {
		slices.Sort(times[at])
		results = append(results, result{c.name, c.kind, times[at][s.Rounds/2]})
	}
	return results
}

type section struct {
	Section string   `json:"section"`
	Cases   []result `json:"cases"`
}

func main() {
	log.SetFlags(0)
	var s settings
	if err := json.Unmarshal([]byte(os.Args[1]), &s); err != nil {
		log.Fatal(err)
	}
	ring := must(cretula.NewKeyring(cretula.Entry{Key: must(cretula.GenerateKey())}))
	site := must(cretula.NewSite(ring, "shop.example", cretula.SiteOptions{}))

	var seal, unseal, read, change []one
	for _, c := range tokenCases(site, s) {
		seal = append(seal, sealing(c, s))
		unseal = append(unseal, must(unsealing(c, s)))
	}
	for _, c := range requestCases(site, s) {
		read = append(read, must(requesting(c, s, false)))
		change = append(change, must(requesting(c, s, true)))
	}
	sections := []section{
		{"seal", measure(seal, s)}, {"unseal", measure(unseal, s)}, {"read", measure(read, s)}, {"change", measure(change, s)},
	}

	peers := []string{}
	if build, ok := debug.ReadBuildInfo(); ok {
		for _, module := range build.Deps {
			if module.Replace == nil {
				peers = append(peers, module.Path+" "+module.Version)
			}
		}
	}
	err := json.NewEncoder(os.Stdout).Encode(map[string]any{
		"runtime": runtime.Version(), "peers": peers, "sections": sections,
	})
	if err != nil {
		log.Fatal(err)
	}
}
