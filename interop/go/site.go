package cretula

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// Site is what the parts of a site share: keyring, audience, clock and log. All that seals or opens for it is made here,
// once, at the start; one exchange of the keyring reaches all of it (spec §11.5).
type Site struct {
	ring     *Keyring
	audience string
	options  SiteOptions
	mu       sync.Mutex
	cookies  []inCookie
	plain    map[string]bool // the purposes of sealers and signers
	end      chan struct{}
	once     sync.Once
	reading  sync.Mutex // of the file
}

// SiteOptions are those of a site; each may be left out.
type SiteOptions struct {
	// Development makes cookies for plain http: without prefix and Secure, with the audience in their names, because the
	// ports of localhost share cookies. Never set it in production: anyone on the way can read such cookies.
	Development bool
	// Log is slog.Default() if it is nil. No line holds a token or a key.
	Log *slog.Logger
	// Clock is in the place of the system clock: for tests.
	Clock func() time.Time
	// Every is the time after which Watching reads the file again: 60 seconds if it is 0.
	Every time.Duration
	// OnReload hears what Watching logs: nil for another keyring in force, or why one was refused.
	OnReload func(error)
}

// NewSite makes a site of a keyring and the audience: the service, or the group of services, that shares its tokens. It
// fails with KeyringEmpty for the zero Keyring, or with ContextInvalid unless the audience has 1 to 255 bytes of visible
// ASCII.
func NewSite(k *Keyring, audience string, o SiteOptions) (*Site, error) {
	if k == nil || k.current.Load() == nil {
		return nil, fail(KeyringEmpty)
	}
	if _, err := NewContext(audience, "session"); err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Site{ring: k, audience: audience, options: o, plain: map[string]bool{}, end: make(chan struct{})}, nil
}

// Watching makes a site whose keyring is in a file, such as a mounted secret. The file is read again while the server runs,
// each SiteOptions.Every. A keyring that is refused changes nothing: it is logged at level error, as an alarm, because a
// leaked key may still be in force. Another one is logged at level info. The first reading fails as os.ReadFile and
// ParseKeyring do. Close ends the watch.
func Watching(path, audience string, o SiteOptions) (*Site, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	ring, err := ParseKeyring(text)
	if err != nil {
		return nil, err
	}
	s, err := NewSite(ring, audience, o)
	if err != nil {
		return nil, err
	}
	if o.Every <= 0 {
		o.Every = time.Minute
	}
	go s.watch(path, text, o.Every)
	return s, nil
}

func (s *Site) watch(path string, text []byte, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	refused := false
	for {
		select {
		case <-s.end:
			return
		case <-ticker.C:
		}
		now, err := s.read(path)
		switch {
		case err == errClosed:
			return
		case err != nil:
			s.options.Log.Error("keyring refused", "error", err)
		case refused || !bytes.Equal(now, text): // that it is well again is told, though it may be the same
			s.options.Log.Info("keyring exchanged")
		default:
			continue
		}
		if refused = err != nil; !refused {
			text = now
		}
		if s.options.OnReload != nil {
			s.options.OnReload(err)
		}
	}
}

var errClosed = errors.New("closed")

// read puts the keyring of the file in force, unless the watch has ended.
func (s *Site) read(path string) (text []byte, err error) {
	s.reading.Lock()
	defer s.reading.Unlock()
	select {
	case <-s.end: // both may be ready: the tick, and the end
		return nil, errClosed
	default:
	}
	err = s.ring.Reload(func() (read []byte, err error) {
		text, err = os.ReadFile(path)
		return text, err
	})
	return text, err
}

// Close ends the watch of Watching, after a reading that has begun. What the site made goes on with the keyring in force.
func (s *Site) Close() {
	s.once.Do(func() { close(s.end) })
	s.reading.Lock() // waits for that reading
	s.reading.Unlock()
}

// Keyring returns the keyring: its Reload, Replace and ReplaceEntries reach all that the site made.
func (s *Site) Keyring() *Keyring { return s.ring }

// Sessions makes the sessions of one cookie. It fails with ContextInvalid, CookieName, CookieAttributes or DeviceSettings;
// with CookieClash if something else of the site has the purpose, the cookie's name or the path of device binding, or one
// that is mixed up with them (COOK-03, SESS-24).
func (s *Site) Sessions(o SessionOptions) (*Sessions, error) {
	if o.Purpose == "" {
		o.Purpose = "session"
	}
	c, err := NewContext(s.audience, o.Purpose)
	if err != nil {
		return nil, err
	}
	o.Cookie = s.cookie(o.Purpose, o.Cookie)
	if o.Device != nil && s.options.Development {
		if err := o.Device.defaults().check(); err != nil {
			return nil, err
		}
		o.Device = nil
	}
	made, err := newSessions(s.ring, c, o)
	if err != nil {
		return nil, err
	}
	s.shares(made.p.t)
	made.log = s.options.Log
	return made, s.add(made)
}

// Cookie makes a cookie for sealed tokens that are no session, such as a return-url, that live ttl seconds, 1 to 34 560 000.
// It fails as Sessions does, and with TTLRange, LeewayRange or MaxAgeRange.
func (s *Site) Cookie(purpose string, ttl int64, cookie Cookie, opts ...Option) (*TokenCookie, error) {
	c, err := NewContext(s.audience, purpose)
	if err != nil {
		return nil, err
	}
	made, err := newTokenCookie(s.ring, c, ttl, s.cookie(purpose, cookie), opts)
	if err != nil {
		return nil, err
	}
	s.shares(made.t)
	return made, s.add(made)
}

// Sealer makes a sealer for a purpose, such as "invitation". It fails as NewSealer does; with CookieClash for a purpose of
// a cookie.
func (s *Site) Sealer(purpose string, opts ...Option) (*Sealer, error) {
	return plainOf(s, purpose, func(c Context) (*Sealer, *tokens, error) {
		made, err := NewSealer(s.ring, c, opts...)
		if err != nil {
			return nil, nil, err
		}
		return made, made.t, nil
	})
}

// Signer makes a signer for a purpose. It fails as Sealer does.
func (s *Site) Signer(purpose string, opts ...Option) (*Signer, error) {
	return plainOf(s, purpose, func(c Context) (*Signer, *tokens, error) {
		made, err := NewSigner(s.ring, c, opts...)
		if err != nil {
			return nil, nil, err
		}
		return made, made.t, nil
	})
}

func plainOf[M any](s *Site, purpose string, make func(Context) (M, *tokens, error)) (M, error) {
	var none M
	c, err := NewContext(s.audience, purpose)
	if err != nil {
		return none, err
	}
	made, t, err := make(c)
	if err != nil {
		return none, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.cookies {
		if p, _ := x.purposeAndName(); takes(p, purpose) {
			return none, fail(CookieClash)
		}
	}
	s.plain[purpose] = true
	s.shares(t)
	return made, nil
}

// shares gives tokens the clock of the site.
func (s *Site) shares(t *tokens) {
	if clock := s.options.Clock; clock != nil {
		t.now = func() int64 { return clock().Unix() }
	}
}

func (s *Site) add(made inCookie) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	purpose, _ := made.purposeAndName()
	all := append(s.cookies[:len(s.cookies):len(s.cookies)], made)
	clash := checkTogether(all...) != nil
	for p := range s.plain {
		clash = clash || takes(purpose, p)
	}
	for _, x := range s.cookies {
		clash = clash || samePath(x, made)
	}
	if clash {
		return fail(CookieClash)
	}
	s.cookies = all
	return nil
}

// takes reports whether a cookie's tokens, or those of device binding, have a purpose.
func takes(cookies, purpose string) bool {
	rest, ok := strings.CutPrefix(purpose, cookies)
	return ok && (rest == "" || slices.Contains(deviceSuffixes, rest))
}

// samePath reports whether two sessions would have their devices register at one place: only one of them could answer.
func samePath(a, b inCookie) bool {
	x, ok := a.(*Sessions)
	y, also := b.(*Sessions)
	return ok && also && x.device != nil && y.device != nil && x.device.Path == y.device.Path
}

// cookie gives a cookie its default name, and what it is in development.
func (s *Site) cookie(purpose string, c Cookie) Cookie {
	if c.Name == "" {
		c.Name = "__Host-Http-" + purpose
	}
	if s.options.Development {
		for _, prefix := range []string{"__Host-Http-", "__Host-", "__Http-", "__Secure-"} {
			if bare, ok := strings.CutPrefix(c.Name, prefix); ok {
				c.Name = bare
				break
			}
		}
		audience := strings.Map(func(r rune) rune {
			if r < 0x80 && tokenCharacter(byte(r)) {
				return r
			}
			return '-'
		}, s.audience)
		c.Name = strings.TrimLeft(audience, "_") + "-" + c.Name
		c.Name = c.Name[max(0, len(c.Name)-64):]
		c.Development, c.Partitioned, c.Large = true, false, false
	}
	return c
}
