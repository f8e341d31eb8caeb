package cretula

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"cretula.example/cretula/internal/hook"
)

// Response is what the cookie binding adds to a response.
type Response struct {
	Wrote        Wrote
	SetCookie    []string // in this order (COOK-09)
	Vary         string   // "Cookie", or ""
	CacheControl string   // "" leaves the application's
	Registration string   // of the field Secure-Session-Registration, or "" (DEV-05)
	Large        bool     // over 3 500 octets of names and values, which some proxies refuse (COOK-12)
	Ended        []Ended  // for the deny-list: the sessions that this request ended (SESS-17)
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
	if r.Registration != "" {
		h.Set("Secure-Session-Registration", r.Registration)
	}
}

// HasCacheControl returns true if a response head has a Cache-Control, an empty one too, under any spelling of the name.
func HasCacheControl(h http.Header) bool {
	for name, values := range h {
		if strings.EqualFold(name, "Cache-Control") && len(values) > 0 {
			return true
		}
	}
	return false
}

// Sessions keeps sessions in a cookie; Site.Sessions makes it. It may be used by many goroutines.
type Sessions struct {
	p       *profile
	cookie  Cookie
	device  *device // nil: device binding is not set up
	options SessionOptions
	log     *slog.Logger
	lost    lostCookie
}

func newSessions(k *Keyring, c Context, o SessionOptions) (*Sessions, error) {
	pr, err := newProfile(k, c, o.Policy, o.Check)
	if err != nil {
		return nil, err
	}
	cookie := o.Cookie.defaults()
	if err := cookie.check(); err != nil {
		return nil, err
	}
	s := &Sessions{p: pr, cookie: cookie, options: o, log: slog.Default()}
	if o.Device != nil {
		if s.device, err = newDevice(pr, cookie, *o.Device); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// CookieName returns the name of the cookie.
func (s *Sessions) CookieName() string { return s.cookie.Name }

func (s *Sessions) purposeAndName() (string, string) { return s.p.t.ctx.purpose, s.cookie.Name }

// Open opens the session of a request from its raw Cookie fields, http.Request.Header["Cookie"]. A request without a
// session that opens gets a new guest one, whose Reason says why (SESS-10); NoClock if there is no system clock (SESS-27).
// ctx is for the application's check.
func (s *Sessions) Open(ctx context.Context, fields []string) *Session {
	now, err := s.p.t.clock()
	return s.open(ctx, fields, now, err)
}

// OpenAt is Open at a given time, in seconds since the Unix epoch. It fails with ClockRange for a time out of range
// (SESS-27).
func (s *Sessions) OpenAt(ctx context.Context, fields []string, now int64) (*Session, error) {
	if now < 0 || now >= timeEnd {
		return nil, fail(ClockRange)
	}
	return s.open(ctx, fields, now, nil), nil
}

func (s *Sessions) open(ctx context.Context, fields []string, now int64, noClock error) (x *Session) {
	if noClock != nil {
		x = s.p.newSession(NoClock, noTime)
	} else {
		x = s.openNow(ctx, fields, now)
	}
	x.heldSecond = holds(fields, s.cookie.Name+".1")
	x.heldProof = s.device != nil && holds(fields, s.device.name)
	return x
}

func (s *Sessions) openNow(ctx context.Context, fields []string, now int64) *Session {
	d, err := s.p.t.derived()
	var chosen *Session
	var authentic []Ended
	if err == nil {
		chosen, authentic, err = s.p.chooseSession(d, fields, s.cookie.Name, now)
	}
	if err != nil {
		if CodeOf(err) == "" { // a fault of a library, which must not look like a session (CODE-02)
			panic(err)
		}
		x := s.p.newSession(CodeOf(err), now)
		x.request = authentic
		return x
	}
	proof, unproven := s.device.proven(d.ring, fields, chosen)
	return s.p.admit(ctx, chosen, proof, unproven)
}

// Commit decides what the response carries, before its head is sent (spec §19.4, §20.4). hasCacheControl says that the
// application set a Cache-Control, an empty one too.
//
// It fails with, in this order: ContextInvalid for a session opened under another context or policy, Committed for one that
// was committed already, NoClock, PayloadUnserializable, CookieTooLarge, TTLRange, NoSealingKey and NoRandomness (SESS-28).
// The last five are left out where no seal is needed, and after a sign-off (SESS-11). After a failure send nothing of the
// session; the commit may be tried again.
func (s *Sessions) Commit(x *Session, hasCacheControl bool) (Response, error) {
	return s.commit(x, hasCacheControl, nil, nil)
}

// CommitAt is Commit at a given time, in seconds since the Unix epoch. A time out of range is ClockRange, in the place of
// NoClock.
func (s *Sessions) CommitAt(x *Session, hasCacheControl bool, now int64) (Response, error) {
	return s.commit(x, hasCacheControl, &now, nil)
}

// Excess returns by how many octets the session, if it were sealed now, would not fit its cookie; 0 if it fits (COOK-17).
// It draws nothing and changes nothing. It fails with ContextInvalid, Committed, NoClock or PayloadUnserializable, as
// Commit does.
func (s *Sessions) Excess(x *Session) (int, error) { return s.excess(x, nil) }

// ExcessAt is Excess at a given time, in seconds since the Unix epoch. A time out of range is ClockRange.
func (s *Sessions) ExcessAt(x *Session, now int64) (int, error) { return s.excess(x, &now) }

func (s *Sessions) excess(x *Session, given *int64) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	now, err := s.p.ready(&x.state, given)
	if err != nil {
		return 0, err
	}
	content, bad := x.present()
	_, _, size, err := s.p.next(&x.state, content, bad, now)
	if err != nil {
		return 0, err
	}
	over, _ := s.fit(textLength(sealedMin + size))
	return over, nil
}

// fit compares a token's length with the room in one cookie or two (COOK-11, COOK-15).
func (s *Sessions) fit(octets int) (over int, inTwo bool) {
	room := cookieMax - len(s.cookie.Name)
	if octets > room && s.cookie.Large {
		room, inTwo = cookieTokenMax, true
	}
	return max(octets-room, 0), inTwo
}

func (s *Sessions) commit(x *Session, hasCacheControl bool, given *int64, f *hook.Fixed) (Response, error) {
	return s.commitUnder(nil, x, hasCacheControl, given, f)
}

func (s *Sessions) commitUnder(
	r *ring, x *Session, hasCacheControl bool, given *int64, f *hook.Fixed,
) (Response, error) {
	tr := transport{ring: r, fit: s.fit}
	if s.device != nil {
		tr.offer = s.device.offer
	}
	w, err := s.p.commit(x, given, f, tr)
	if err != nil {
		return Response{}, err
	}
	res := Response{Wrote: w.wrote, Vary: "Cookie", Registration: w.offer, Ended: w.ended}
	if w.wrote == Nothing {
		if !hasCacheControl {
			res.CacheControl = "private"
		}
		return res, nil
	}
	l := s.lines(x, w)
	res.SetCookie, res.Large, res.CacheControl = l.out, l.octets > cookieLarge, "no-store"
	return res, nil
}

// lines are those of set_cookies, for a seal or an expiry; the line of the cookie's own name is the last (COOK-09).
func (s *Sessions) lines(x *Session, w written) lines {
	l := lines{c: s.cookie}
	name, own, ages := s.cookie.Name, s.cookie.Combination, !s.cookie.BrowserSession
	if x.heldProof && (w.wrote == Expire || x.signedOff) { // the first line (DEV-10)
		l.expire(s.device.name, own)
	}
	for _, p := range s.cookie.Previous {
		l.expire(name, p)
		if x.heldSecond {
			l.expire(name+".1", p)
		}
	}
	first := w.token
	if w.id != "" {
		first = "2." + w.id + "." + w.token[:firstPartMax]
		l.add(name+".1", w.id+"."+w.token[firstPartMax:], w.ttl, ages, own)
	} else if x.heldSecond {
		l.expire(name+".1", own)
	}
	if marks, life := x.marks(w.now); marks != "" {
		l.add(name+".end", marks, life, true, own)
	}
	if w.wrote == Seal {
		l.add(name, first, w.ttl, ages, own)
	} else {
		l.expire(name, own)
	}
	return l
}

// marks are those of the sessions that a sign-off ended, joined, and the longest of their lives (COOK-07, COOK-09).
func (s *state) marks(now int64) (marks string, life int64) {
	if !s.signedOff {
		return "", 0
	}
	var all []string
	for _, e := range s.request {
		if now < e.End {
			all = append(all, mark(e.SID))
			life = max(life, min(e.End-now, lifeMax))
		}
	}
	return strings.Join(all, "."), life
}

// largest is the member of data with the longest serialised value; of equals the one of the smallest name, by its octets
// (COOK-11).
func (s *state) largest() *string {
	var name *string
	longest := -1
	for _, n := range sortedNames(s.data) {
		if b, err := appendValue(nil, s.data[n], 3); err == nil && len(b) > longest {
			longest, name = len(b), &n
		}
	}
	return name
}

// TokenCookie keeps a sealed token that is no session, such as a return-url (COOK-18); Site.Cookie makes it.
type TokenCookie struct {
	t      *tokens
	ttl    int64
	cookie Cookie
}

func newTokenCookie(k *Keyring, c Context, ttl int64, cookie Cookie, opts []Option) (*TokenCookie, error) {
	t, err := newTokens(kindSealed, k, c, opts)
	if err != nil {
		return nil, err
	}
	if ttl < 1 || ttl > lifeMax {
		return nil, fail(TTLRange)
	}
	cookie = cookie.defaults()
	if err := cookie.check(); err != nil {
		return nil, err
	}
	if cookie.Large || len(cookie.Previous) > 0 {
		return nil, fail(CookieAttributes)
	}
	return &TokenCookie{t, ttl, cookie}, nil
}

func (t *TokenCookie) purposeAndName() (string, string) { return t.t.ctx.purpose, t.cookie.Name }

// ReadAt is Read at a given time, in seconds since the Unix epoch. A time out of range is ClockRange.
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

// Read finds and opens the token of a request in its raw Cookie fields (COOK-08). It fails with NoClock, Absent, Ambiguous,
// Chunks or the code of opening the token.
func (t *TokenCookie) Read(fields []string) (Opened, error) {
	now, err := t.t.clock()
	if err != nil {
		return Opened{}, err
	}
	return t.ReadAt(fields, now)
}

// WriteAt is Write at a given time, in seconds since the Unix epoch. A time out of range is ClockRange.
func (t *TokenCookie) WriteAt(payload []byte, now int64) (Response, error) {
	if now < 0 || now >= timeEnd {
		return Response{}, fail(ClockRange)
	}
	if over := textLength(sealedMin+len(payload)) + len(t.cookie.Name) - cookieMax; over > 0 {
		e := fail(CookieTooLarge)
		e.over = over
		return Response{}, e
	}
	token, err := t.t.make(payload, t.ttl, now, nil)
	if err != nil {
		return Response{}, err
	}
	return t.response(Seal, token, t.ttl, !t.cookie.BrowserSession), nil
}

// Write makes a new token of a payload: apply the result to the response, with its Cache-Control: no-store. It fails with
// NoClock, CookieTooLarge, NoSealingKey, ResultTooLong or NoRandomness, in this order (COOK-18).
func (t *TokenCookie) Write(payload []byte) (Response, error) {
	now, err := t.t.clock()
	if err != nil {
		return Response{}, err
	}
	return t.WriteAt(payload, now)
}

// Expire takes the token away: apply the result to the response.
func (t *TokenCookie) Expire() Response { return t.response(Expire, "", 0, true) }

func (t *TokenCookie) response(wrote Wrote, token string, ttl int64, ages bool) Response {
	line := t.cookie.line(t.cookie.Name, token, ttl, ages, t.cookie.Combination)
	return Response{Wrote: wrote, SetCookie: []string{line}, CacheControl: "no-store"}
}
