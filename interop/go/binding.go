package cretula

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"

	"cretula.example/cretula/internal/hook"
)

// Response is what the cookie binding adds to a response.
type Response struct {
	Wrote        Wrote
	SetCookie    []string
	Vary         string // "Cookie", or ""
	CacheControl string // "" leaves the application's
	Large        bool   // more than 3 500 octets of names and values: some proxies refuse that (COOK-12)
	Ended        *Ended // for the deny-list, once the response is made (SESS-17)
}

// Apply sets the fields of a response head.
func (r Response) Apply(h http.Header) {
	for _, l := range r.SetCookie {
		h.Add("Set-Cookie", l)
	}
	if r.Vary != "" {
		h.Add("Vary", r.Vary)
	}
	if r.CacheControl != "" {
		for name := range h { // one written past Set, under another spelling, is sent too
			if strings.EqualFold(name, "Cache-Control") {
				delete(h, name)
			}
		}
		h.Set("Cache-Control", r.CacheControl)
	}
}

// CacheControl is what a response head says, under any spelling of the name; "" for nothing.
func CacheControl(h http.Header) string {
	var all []string
	for name, values := range h {
		if strings.EqualFold(name, "Cache-Control") {
			all = append(all, values...)
		}
	}
	return strings.Join(all, ", ")
}

// Sessions keeps sessions in a cookie. It may be used by many goroutines.
type Sessions struct {
	p      *profile
	cookie Cookie
}

// NewSessions sets sessions up. A nil check closes every user's session (unchecked): say NoCheck to want none (SESS-22).
func NewSessions(k *Keyring, c Context, p Policy, cookie Cookie, check CheckFunc) (*Sessions, error) {
	pr, err := newProfile(k, c, p, check)
	if err != nil {
		return nil, err
	}
	cookie = cookie.defaults()
	if err := cookie.check(); err != nil {
		return nil, err
	}
	return &Sessions{pr, cookie}, nil
}

func (s *Sessions) purposeAndName() (string, string) { return s.p.t.ctx.purpose, s.cookie.Name }

// Open reads the raw Cookie fields of a request, http.Request.Header["Cookie"]. A request without a session that opens
// gets a new guest one whose Reason says why. The error is the clock's alone.
func (s *Sessions) Open(ctx context.Context, fields []string) (*Session, error) {
	now, err := clock()
	if err != nil {
		return nil, err
	}
	return s.OpenAt(ctx, fields, now)
}

// OpenAt is Open at a given time.
func (s *Sessions) OpenAt(ctx context.Context, fields []string, now int64) (*Session, error) {
	if now < 0 || now >= timeEnd {
		return nil, fail(ClockRange)
	}
	out, err := s.p.chooseSession(fields, s.cookie.Name, now)
	if err != nil {
		out = s.p.newSession(CodeOf(err), now)
	} else {
		out = s.p.admit(ctx, out)
	}
	out.heldSecond = holds(fields, s.cookie.Name+".1")
	return out, nil
}

// Commit decides what the response carries. cacheControl is what the application set, "" for nothing.
func (s *Sessions) Commit(x *Session, cacheControl string) (Response, error) {
	now, err := clock()
	if err != nil {
		return Response{}, err
	}
	return s.CommitAt(x, cacheControl, now)
}

// CommitAt is Commit at a given time.
func (s *Sessions) CommitAt(x *Session, cacheControl string, now int64) (Response, error) {
	return s.commit(x, cacheControl, now, nil)
}

func (s *Sessions) commit(x *Session, cacheControl string, now int64, f *hook.Fixed) (Response, error) {
	heldSecond, request, signedOff := x.heldSecond, x.request, x.signedOff
	var id string
	w, err := s.p.commit(x, now, f, func(octets int, next *Session) error {
		room := cookieMax - len(s.cookie.Name)
		if octets <= room {
			return nil
		}
		if s.cookie.Large {
			if room = cookieTokenMax; octets <= room {
				if f != nil {
					id = f.ID
					return nil
				}
				b, err := random(6)
				id = base64.RawURLEncoding.EncodeToString(b)
				return err
			}
		}
		e := fail(CookieTooLarge)
		e.over = octets - room
		e.largest = next.largest()
		return e
	})
	if err != nil {
		return Response{}, err
	}
	l := lines{c: s.cookie}
	name, own := s.cookie.Name, s.cookie.Combination
	switch {
	case w.wrote == Seal && id == "":
		l.add(name, w.token, w.ttl, !s.cookie.BrowserSession, own)
		if heldSecond {
			l.add(name+".1", "", 0, true, own)
		}
	case w.wrote == Seal:
		l.add(name, "2."+id+"."+w.token[:firstPartMax], w.ttl, !s.cookie.BrowserSession, own)
		l.add(name+".1", id+"."+w.token[firstPartMax:], w.ttl, !s.cookie.BrowserSession, own)
	case w.wrote == Expire:
		l.expire(heldSecond, own)
	}
	if signedOff && request != nil && now < request.End {
		l.add(name+".end", mark(request.SID), min(request.End-now, lifeMax), true, own)
	}
	if len(l.out) > 0 {
		for _, p := range s.cookie.Previous {
			l.expire(heldSecond, p)
		}
	}
	r := Response{Wrote: w.wrote, SetCookie: l.out, Vary: "Cookie", Large: l.octets > cookieLarge, Ended: w.ended}
	switch {
	case len(l.out) > 0:
		r.CacheControl = "no-store"
	case cacheControl == "":
		r.CacheControl = "private"
	}
	return r, nil
}

// largest is the member of data with the longest serialised value, the first of equals (COOK-11).
func (s *Session) largest() *string {
	data, _ := s.data.(map[string]any)
	var name *string
	longest := -1
	for _, n := range sortedNames(data) {
		if b, err := appendValue(nil, data[n], 3); err == nil && len(b) > longest {
			longest, name = len(b), &n
		}
	}
	return name
}

// TokenCookie keeps a sealed token that is no session, such as a return-url (spec §20.6).
type TokenCookie struct {
	t      *tokens
	cookie Cookie
}

// NewTokenCookie sets one up. A cookie that is large or has previous combinations is refused.
func NewTokenCookie(k *Keyring, c Context, cookie Cookie, opts ...Option) (*TokenCookie, error) {
	t, err := newTokens(kindSealed, k, c, opts)
	if err != nil {
		return nil, err
	}
	cookie = cookie.defaults()
	if err := cookie.check(); err != nil {
		return nil, err
	}
	if cookie.Large || len(cookie.Previous) > 0 {
		return nil, fail(CookieAttributes)
	}
	return &TokenCookie{t, cookie}, nil
}

func (t *TokenCookie) purposeAndName() (string, string) { return t.t.ctx.purpose, t.cookie.Name }

// ReadAt finds and opens the token of a request (COOK-08).
func (t *TokenCookie) ReadAt(fields []string, now int64) (Opened, error) {
	if now < 0 || now >= timeEnd {
		return Opened{}, fail(ClockRange)
	}
	d, err := t.t.derived()
	if err != nil {
		return Opened{}, err
	}
	list, first, err := choose(d, fields, t.cookie.Name)
	if err != nil {
		return Opened{}, err
	}
	if len(list) == 0 {
		if strings.HasPrefix(first, "2.") {
			return Opened{}, fail(Chunks)
		}
		return t.t.open(d, first, cookieTokenMax, now)
	}
	var found *Opened
	var code error
	for i, v := range list {
		text, err := join(fields, t.cookie.Name, v)
		if err == nil {
			var o Opened
			if o, err = t.t.open(d, text, cookieTokenMax, now); err == nil {
				if found != nil {
					return Opened{}, fail(Ambiguous)
				}
				found = &o
			}
		}
		if i == 0 {
			code = err
		}
	}
	if found == nil {
		return Opened{}, code
	}
	return *found, nil
}

// Read is ReadAt by the system's clock.
func (t *TokenCookie) Read(fields []string) (Opened, error) {
	now, err := clock()
	if err != nil {
		return Opened{}, err
	}
	return t.ReadAt(fields, now)
}

// WriteAt is the Set-Cookie value of a new token. The response carries Cache-Control: no-store.
func (t *TokenCookie) WriteAt(payload []byte, ttl, now int64) (string, error) {
	if now < 0 || now >= timeEnd {
		return "", fail(ClockRange)
	}
	if ttl < 1 || ttl > lifeMax {
		return "", fail(TTLRange)
	}
	if over := textLength(sealedMin+len(payload)) + len(t.cookie.Name) - cookieMax; over > 0 {
		e := fail(CookieTooLarge)
		e.over = over
		return "", e
	}
	token, err := t.t.make(payload, ttl, now, nil)
	if err != nil {
		return "", err
	}
	return t.cookie.line(t.cookie.Name, token, ttl, !t.cookie.BrowserSession, t.cookie.Combination), nil
}

// Write is WriteAt by the system's clock.
func (t *TokenCookie) Write(payload []byte, ttl int64) (string, error) {
	now, err := clock()
	if err != nil {
		return "", err
	}
	return t.WriteAt(payload, ttl, now)
}

// Expire is the Set-Cookie value that takes the token away.
func (t *TokenCookie) Expire() string {
	return t.cookie.line(t.cookie.Name, "", 0, true, t.cookie.Combination)
}
