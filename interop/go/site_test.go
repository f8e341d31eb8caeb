package cretula

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func newKeyText(t *testing.T) string {
	k, err := GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	return k.Text()
}

// buffer is a log that another goroutine writes.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestWatching(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys")
	put := func(text string) {
		t.Helper()
		if err := os.WriteFile(file+".draft", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(file+".draft", file); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Watching(file, "shop.example", SiteOptions{}); !os.IsNotExist(err) {
		t.Fatal(err)
	}
	put("garbage")
	_, err := Watching(file, "shop.example", SiteOptions{})
	code(t, err, KeyFormat)
	first, second := newKeyText(t), newKeyText(t)
	put(first)
	_, err = Watching(file, "shop example", SiteOptions{})
	code(t, err, ContextInvalid)

	var log buffer
	heard := make(chan error, 16)
	site, err := Watching(file, "shop.example", SiteOptions{
		Every: time.Millisecond, Log: slog.New(slog.NewTextHandler(&log, nil)), OnReload: func(err error) { heard <- err },
	})
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := site.Sealer("invitation")
	if err != nil {
		t.Fatal(err)
	}
	next := func() error {
		t.Helper()
		select {
		case err := <-heard:
			return err
		case <-time.After(10 * time.Second):
			t.Fatal("nothing is heard")
			return nil
		}
	}
	seals := func(key string) bool {
		t.Helper()
		token, err := sealer.Seal(nil, 60)
		if err != nil {
			t.Fatal(err)
		}
		ring, err := ParseKeyring([]byte(key))
		if err != nil {
			t.Fatal(err)
		}
		other, err := NewSealer(ring, Context{"shop.example", "invitation"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = other.Unseal(token)
		return err == nil
	}
	put(second)
	if err := next(); err != nil || !seals(second) {
		t.Fatal(err)
	}
	put("garbage")
	code(t, next(), KeyFormat)
	if !seals(second) {
		t.Fatal("a refused keyring changes something")
	}
	put(second) // the same as before: that it is well again is told
	for err = next(); err != nil; err = next() {
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := next(); !os.IsNotExist(err) || !seals(second) {
		t.Fatal(err)
	}
	put(first)
	for err = next(); err != nil; err = next() {
	}
	if !seals(first) {
		t.Fatal("the new ring is not in force")
	}
	text := log.String()
	if !strings.Contains(text, "level=INFO msg=\"keyring exchanged\"") ||
		!strings.Contains(text, "level=ERROR msg=\"keyring refused") || strings.Contains(text, first) {
		t.Error(text)
	}
	site.Close()
	site.Close()
	put(second)
	time.Sleep(50 * time.Millisecond)
	if !seals(first) {
		t.Error("it goes on after Close")
	}
}

func TestOneExchangeReachesAll(t *testing.T) {
	site := testSite(t, SiteOptions{})
	sessions, err := site.Sessions(SessionOptions{Check: NoCheck})
	if err != nil {
		t.Fatal(err)
	}
	returnURL, err := site.Cookie("return-url", 600, Cookie{})
	if err != nil {
		t.Fatal(err)
	}
	signer, err := site.Signer("reports")
	if err != nil {
		t.Fatal(err)
	}
	s := sessions.Open(t.Context(), nil)
	if err := s.Send(); err != nil {
		t.Fatal(err)
	}
	committed, err := sessions.Commit(s, false)
	if err != nil {
		t.Fatal(err)
	}
	written, err := returnURL.Write([]byte("/account"))
	if err != nil {
		t.Fatal(err)
	}
	token, err := signer.Sign(nil, 60)
	if err != nil {
		t.Fatal(err)
	}
	fields := []string{committed.SetCookie[0], written.SetCookie[0]}
	all := func() []error {
		_, url := returnURL.Read(fields)
		_, report := signer.Verify(token)
		return []error{sessions.Open(t.Context(), fields).Reason(), url, report}
	}
	for i, err := range all() {
		if CodeOf(err) != "" {
			t.Error(i, err)
		}
	}
	if err := site.Keyring().Replace([]byte(newKeyText(t))); err != nil {
		t.Fatal(err)
	}
	for i, err := range all() {
		if CodeOf(err) != UnknownKey {
			t.Error(i, err)
		}
	}
}

// covers: [COOK-03], [SESS-24]
func TestClashesOfASite(t *testing.T) {
	_, err := NewSite(&Keyring{}, "shop.example", SiteOptions{})
	code(t, err, KeyringEmpty)
	_, err = NewSite(nil, "shop.example", SiteOptions{})
	code(t, err, KeyringEmpty)
	site := testSite(t, SiteOptions{})
	_, err = site.Sessions(SessionOptions{Purpose: "a b"})
	code(t, err, ContextInvalid)
	_, err = site.Sessions(SessionOptions{Cookie: Cookie{Name: "a b"}}) // refused: takes no purpose
	code(t, err, CookieName)
	if _, err := site.Sessions(SessionOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := site.Cookie("return-url", 600, Cookie{}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // two sealers of one purpose are the same
		if _, err := site.Sealer("invitation"); err != nil {
			t.Fatal(err)
		}
	}
	for name, make := range map[string]func() (any, error){
		"sessions twice":             func() (any, error) { return site.Sessions(SessionOptions{}) },
		"the session's purpose":      func() (any, error) { return site.Cookie("session", 600, Cookie{Name: "__Host-x"}) },
		"a sealer of a session's":    func() (any, error) { return site.Sealer("session") },
		"a signer of a cookie's":     func() (any, error) { return site.Signer("return-url") },
		"a cookie of a sealer's":     func() (any, error) { return site.Cookie("invitation", 600, Cookie{}) },
		"sessions of a sealer's":     func() (any, error) { return site.Sessions(SessionOptions{Purpose: "invitation"}) },
		"one name":                   func() (any, error) { return site.Cookie("x", 600, Cookie{Name: "__Host-Http-session"}) },
		"the name of the other part": func() (any, error) { return site.Cookie("x", 600, Cookie{Name: "__Host-Http-session.end"}) },
	} {
		if _, err := make(); CodeOf(err) != CookieClash {
			t.Error(name, err)
		}
	}
	if _, err := site.Cookie("x", 600, Cookie{}); err != nil {
		t.Error("a refused one takes its purpose", err)
	}
}

func TestDevelopmentCookies(t *testing.T) {
	site := testSite(t, SiteOptions{Development: true})
	for want, cookie := range map[string]Cookie{
		"shop.example-session": {}, "shop.example-staff": {Name: "__Secure-staff"}, "shop.example-plain": {Name: "plain"},
	} {
		got := site.cookie("session", cookie)
		if got.Name != want || !got.Development || got.defaults().check() != nil {
			t.Error(got)
		}
	}
	long := testSite(t, SiteOptions{Development: true})
	long.audience = "__" + strings.Repeat("https://shop.example/", 12)
	if c := long.cookie("session", Cookie{}); len(c.Name) != 64 || c.defaults().check() != nil {
		t.Error(c.Name)
	}
	sessions, err := site.Sessions(SessionOptions{Check: NoCheck})
	if err != nil {
		t.Fatal(err)
	}
	s := sessions.Open(t.Context(), nil)
	if err := s.Send(); err != nil {
		t.Fatal(err)
	}
	res, err := sessions.Commit(s, false)
	if err != nil || !strings.HasPrefix(res.SetCookie[0], "shop.example-session=CrE1") || strings.Contains(res.SetCookie[0], "Secure") {
		t.Error(res, err)
	}
}

func TestClockOfASite(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	site := testSite(t, SiteOptions{Clock: func() time.Time { return now }})
	sealer, err := site.Sealer("invitation")
	if err != nil {
		t.Fatal(err)
	}
	sessions, err := site.Sessions(SessionOptions{Check: NoCheck})
	if err != nil {
		t.Fatal(err)
	}
	returnURL, err := site.Cookie("return-url", 600, Cookie{})
	if err != nil {
		t.Fatal(err)
	}
	token, err := sealer.Seal(nil, 60)
	if err != nil {
		t.Fatal(err)
	}
	s := sessions.Open(t.Context(), nil)
	if err := s.SignOn("ada", 7); err != nil {
		t.Fatal(err)
	}
	res, err := sessions.Commit(s, false)
	if err != nil {
		t.Fatal(err)
	}
	url, err := returnURL.Write(nil)
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Hour)
	_, err = sealer.Unseal(token)
	code(t, err, Expired)
	code(t, sessions.Open(t.Context(), res.SetCookie).Reason(), Expired)
	_, err = returnURL.Read(url.SetCookie)
	code(t, err, Expired)
	now = time.Unix(-1, 0)
	_, err = sealer.Seal(nil, 60)
	code(t, err, NoClock)
}
