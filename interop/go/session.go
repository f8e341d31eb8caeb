package cretula

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strconv"
	"unicode/utf8"

	"cretula.example/cretula/internal/hook"
)

// Policy bounds the life of sessions (spec §19.2). The zero Policy is the default one.
type Policy struct {
	idle, absolute, leeway int64
	made                   bool
}

// NewPolicy checks the windows, in seconds (SESS-07).
func NewPolicy(idle, absolute, leeway int64) (Policy, error) {
	switch {
	case idle < 1 || idle > lifeMax:
		return Policy{}, fail(IdleRange)
	case absolute < idle || absolute > lifeMax:
		return Policy{}, fail(AbsoluteRange)
	case leeway < 0 || leeway > leewayMax:
		return Policy{}, fail(LeewayRange)
	}
	return Policy{idle, absolute, leeway, true}, nil
}

// DefaultPolicy is 30 minutes idle, 24 hours absolute, 60 seconds of leeway.
func DefaultPolicy() Policy { return Policy{1800, 86_400, leewayDefault, true} }

// Claims is what the application's check is asked about.
type Claims struct {
	SID        string
	Start, End int64
	SignedOn   bool
	Sub        string
	Gen        int64
	AuthTime   int64
}

// Answer is the application's (spec §19.5).
type Answer struct {
	Gen      int64 // the session generation of Sub now
	Answered bool  // false: there is no Gen to compare; a user's session is closed
	Denied   bool  // the sid is on the deny-list
}

// CheckFunc asks the application. An error is "not answered".
type CheckFunc func(context.Context, Claims) (Answer, error)

// NoCheck says that the application wants no check (SESS-22).
var NoCheck CheckFunc = func(_ context.Context, c Claims) (Answer, error) {
	return Answer{Gen: c.Gen, Answered: true}, nil
}

// Ended is a sid for the application's deny-list, until End (SESS-17).
type Ended struct {
	SID string
	End int64
}

// Wrote is what a commit decided.
type Wrote string

// The three outcomes of a commit.
const (
	Nothing Wrote = "nothing"
	Seal    Wrote = "seal"
	Expire  Wrote = "expire"
)

// profile is the session profile without a transport.
type profile struct {
	t      *tokens
	policy Policy
	check  CheckFunc
}

func newProfile(k *Keyring, c Context, p Policy, check CheckFunc) (*profile, error) {
	if !p.made {
		p = DefaultPolicy()
	}
	t, err := newTokens(kindSealed, k, c, []Option{WithMaxAge(p.idle), WithLeeway(p.leeway)})
	if err != nil {
		return nil, err
	}
	return &profile{t, p, check}, nil
}

type user struct {
	sub           string
	gen, authTime int64
	atCommit      bool // auth_time is the time of the commit
}

// Session is one request's session. It belongs to one goroutine.
type Session struct {
	profile *profile
	reason  Code
	now     int64 // of the open

	fresh           bool // new: no token of it exists
	sid             string
	start, end, rev int64
	user            *user
	data            any // map[string]any, but for a text that is no object
	flash           map[string][]any

	issuedAt, expiresAt, last int64
	before                    []byte // the serialisation at open, rev left out

	send, signedOff, signedOffLast, proved bool
	changesOf                              bool // sign-on, re-authentication or sign-off: offer request
	request                                *Ended
	committed                              bool

	heldSecond bool // of the cookie binding: the request had a value of name.1
}

func (p *profile) newSession(reason Code, now int64) *Session {
	s := &Session{profile: p, reason: reason, now: now}
	s.renew()
	return s
}

// renew makes the session a new guest one.
func (s *Session) renew() {
	s.fresh, s.sid, s.start, s.end, s.rev, s.user, s.proved, s.send = true, "", 0, 0, 0, nil, false, false
	s.data, s.flash, s.before = map[string]any{}, map[string][]any{}, nil
}

// open takes steps 1 to 9c.
func (p *profile) open(d *derivedRing, text string, limit, now int64) (*Session, error) {
	o, err := p.t.open(d, text, limit, now)
	if err != nil {
		return nil, err
	}
	s, err := parseSession(o.Payload)
	if err != nil {
		return nil, err
	}
	if s.start > now+p.policy.leeway || s.user != nil && s.user.authTime > now+p.policy.leeway {
		return nil, fail(IssuedInFuture)
	}
	s.last = min(s.end, s.start+p.policy.absolute)
	if now >= s.last {
		return nil, fail(Expired)
	}
	s.profile, s.now, s.issuedAt, s.expiresAt = p, now, o.IssuedAt, o.ExpiresAt
	s.request = &Ended{s.sid, s.end}
	return s, nil
}

// admit takes step 9e.
func (p *profile) admit(ctx context.Context, s *Session) *Session {
	c := Claims{SID: s.sid, Start: s.start, End: s.end}
	if s.user != nil {
		c.SignedOn, c.Sub, c.Gen, c.AuthTime = true, s.user.sub, s.user.gen, s.user.authTime
	}
	var a Answer
	if p.check != nil {
		var err error
		if a, err = p.check(ctx, c); err != nil {
			a = Answer{Denied: a.Denied}
		}
	}
	var code Code
	switch {
	case s.user != nil && !a.Answered:
		code = Unchecked
	case s.user != nil && a.Gen != s.user.gen:
		code = Revoked
	case a.Denied:
		code = SignedOff
	default:
		return s
	}
	closed := p.newSession(code, s.now)
	closed.request = s.request
	return closed
}

func sidText(s string) bool { return len(s) == 22 && allBase64url(s) }

func parseSession(payload []byte) (*Session, error) {
	bad := fail(PayloadInvalid)
	v, err := parseJSON(string(payload), nestingMax)
	m, ok := v.(map[string]any)
	if err != nil || !ok {
		return nil, bad
	}
	s := &Session{data: map[string]any{}, flash: map[string][]any{}}
	var u user
	seen := 0
	number := func(v any, low, high int64, to *int64) bool {
		n, ok := v.(json.Number)
		if ok {
			*to, ok = integer(n, low, high)
		}
		return ok
	}
	for name, v := range m {
		switch name {
		case "sid":
			s.sid, ok = v.(string)
			ok = ok && sidText(s.sid)
		case "start":
			ok = number(v, 0, timeEnd-1, &s.start)
		case "end":
			ok = number(v, 0, timeEnd-1, &s.end)
		case "rev":
			ok = number(v, 1, integerMax, &s.rev)
		case "sub":
			u.sub, ok = v.(string)
			ok = ok && subText(u.sub)
			seen++
		case "gen":
			ok = number(v, 0, integerMax, &u.gen)
			seen++
		case "auth_time":
			ok = number(v, 0, timeEnd-1, &u.authTime)
			seen++
		case "data":
			_, ok = v.(map[string]any)
			s.data = v
		case "flash":
			var f map[string]any
			f, ok = v.(map[string]any)
			for n, x := range f {
				a, isArray := x.([]any)
				ok = ok && isArray
				s.flash[n] = a
			}
		default:
			ok = false
		}
		if !ok {
			return nil, bad
		}
	}
	if s.sid == "" || s.rev == 0 || s.start >= s.end || seen != 0 && seen != 3 {
		return nil, bad
	}
	if _, ok := m["start"]; !ok {
		return nil, bad
	}
	if seen == 3 {
		s.user = &u
	}
	// What no sealer may write is refused here too (SESS-06): a map could not keep it.
	if s.before, err = s.content(nil); err != nil {
		return nil, bad
	}
	return s, nil
}

func subText(s string) bool { return len(s) >= 1 && len(s) <= 255 && utf8.ValidString(s) }

// content writes the members after rev, each with a comma before it.
func (s *Session) content(b []byte) ([]byte, error) {
	var err error
	if u := s.user; u != nil {
		b = append(b, `,"sub":`...)
		if b, err = appendString(b, u.sub); err != nil {
			return nil, err
		}
		b = appendInt(append(b, `,"gen":`...), u.gen)
		b = appendInt(append(b, `,"auth_time":`...), u.authTime)
	}
	data, ok := s.data.(map[string]any)
	if !ok {
		return nil, errUnserializable
	}
	if len(data) > 0 {
		if b, err = appendMap(append(b, `,"data":`...), data, 2); err != nil {
			return nil, err
		}
	}
	flash := map[string]any{}
	for n, a := range s.flash {
		if len(a) > 0 {
			flash[n] = a
		}
	}
	if len(flash) > 0 {
		if b, err = appendMap(append(b, `,"flash":`...), flash, 2); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// sameContent compares what content wrote, by value (SESS-11).
func sameContent(a, b []byte) bool {
	if string(a) == string(b) {
		return true
	}
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	x, err1 := parseJSON("{"+string(a[1:])+"}", nestingMax)
	y, err2 := parseJSON("{"+string(b[1:])+"}", nestingMax)
	return err1 == nil && err2 == nil && sameValue(x, y)
}

func appendInt(b []byte, n int64) []byte { return strconv.AppendInt(b, n, 10) }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// head writes the members up to rev.
func (s *Session) head() []byte {
	return []byte(`{"sid":"` + s.sid + `","start":` + itoa(s.start) + `,"end":` + itoa(s.end) + `,"rev":` + itoa(s.rev))
}

// Reason is why no session was opened, "" if one was.
func (s *Session) Reason() Code { return s.reason }

// IsNew says that no token of this session exists yet.
func (s *Session) IsNew() bool { return s.fresh }

// SID names the session; "" until a new one is first sealed, or after a re-authentication.
func (s *Session) SID() string { return s.sid }

// Sub is who is signed on.
func (s *Session) Sub() (string, bool) {
	if s.user == nil {
		return "", false
	}
	return s.user.sub, true
}

// Data is the application's part, to be read and changed in place. Numbers that the token brought are json.Number. After
// SetDataJSON with a text that is no object it is an empty map, which is not kept: the commit refuses the text.
func (s *Session) Data() map[string]any {
	m, ok := s.data.(map[string]any)
	if !ok { // a text that is no object stays, for the commit to refuse
		m = map[string]any{}
	}
	return m
}

// SetData replaces the application's part.
func (s *Session) SetData(m map[string]any) {
	if m == nil {
		m = map[string]any{}
	}
	s.data = m
}

// SetDataJSON replaces the application's part by a JSON text. A text that is refused is refused at the commit (SESS-06).
func (s *Session) SetDataJSON(text string) { s.data = lenient(text) }

func lenient(text string) any {
	v, err := parseJSON(text, 1000)
	if err != nil {
		return refused{}
	}
	return v
}

// SignOn makes the session a new one of sub, whose session generation is gen (SESS-14); keep names members of data.
func (s *Session) SignOn(sub string, gen int64, keep ...string) error {
	return s.signOn(sub, gen, keep, nil)
}

// SignOnFromProof is SignOn that rests on an earlier proof, such as a second cookie's auth_time.
func (s *Session) SignOnFromProof(sub string, gen, authTime int64, keep ...string) error {
	return s.signOn(sub, gen, keep, &authTime)
}

func (s *Session) signOn(sub string, gen int64, keep []string, authTime *int64) error {
	if !subText(sub) || gen < 0 || gen > integerMax {
		return fail(UserInvalid)
	}
	u := &user{sub: sub, gen: gen, atCommit: authTime == nil}
	if authTime != nil {
		u.authTime = *authTime
		if u.authTime < 0 || u.authTime >= timeEnd || u.authTime > s.now+s.profile.policy.leeway {
			return fail(UserInvalid)
		}
	}
	kept := map[string]any{}
	if data, ok := s.data.(map[string]any); ok {
		for _, n := range keep {
			if v, ok := data[n]; ok {
				kept[n] = v
			}
		}
	}
	s.renew()
	s.user, s.data, s.proved = u, kept, u.atCommit
	s.changesOf, s.signedOffLast = true, false
	return nil
}

// Reauthenticate is after a new proof or a step-up (SESS-15); gen is the user's present generation.
func (s *Session) Reauthenticate(gen int64) error {
	if s.user == nil || gen < 0 || gen > integerMax {
		return fail(UserInvalid)
	}
	s.user = &user{sub: s.user.sub, gen: gen, atCommit: true}
	s.sid, s.proved, s.changesOf = "", true, true
	return nil
}

// SignOff makes the session a new guest one (SESS-16).
func (s *Session) SignOff() {
	s.renew()
	s.changesOf, s.signedOff, s.signedOffLast = true, true, true
}

// Send asks for the session to be sent, changed or not.
func (s *Session) Send() { s.send = true }

// Flash adds a message for the next page.
func (s *Session) Flash(name string, message any) { s.flash[name] = append(s.flash[name], message) }

// TakeFlash reads and drops the messages of a name (SESS-19).
func (s *Session) TakeFlash(name string) []any {
	a := s.flash[name]
	delete(s.flash, name)
	return a
}

// ReauthWithin says whether the user proved who they are in the last seconds, or in this request (SESS-20).
func (s *Session) ReauthWithin(seconds int64) bool {
	if seconds <= 0 || s.user == nil {
		return false
	}
	return s.proved || !s.user.atCommit && s.now-s.user.authTime < seconds
}

// ErrCommitted is a second commit after one that succeeded.
var ErrCommitted = errors.New("cretula: the session was committed already")

// written is what a commit gives to the transport.
type written struct {
	wrote Wrote
	token string
	ttl   int64
	ended *Ended
}

// commit decides and seals (spec §19.4). fits refuses a token length before the checks of §9.
func (p *profile) commit(s *Session, now int64, f *hook.Fixed, fits func(octets int, s *Session) error) (written, error) {
	if s.profile.t.ctx != p.t.ctx {
		return written{}, fail(ContextInvalid)
	}
	if s.committed {
		return written{}, ErrCommitted
	}
	if now < 0 || now >= timeEnd {
		return written{}, fail(ClockRange)
	}
	w := written{wrote: Nothing}
	if s.changesOf {
		w.ended = s.request
	}
	content, bad := s.content(nil)
	seal, refreshAlone := s.send, false
	if s.fresh {
		seal = seal || bad != nil || len(content) > 0
		if !seal && s.signedOff {
			w.wrote = Expire
		}
	} else {
		last := min(s.end, s.start+p.policy.absolute)
		if now >= last {
			seal, w.wrote = false, Expire
		} else {
			seal = seal || bad != nil || s.sid == "" || !sameContent(content, s.before)
			if !seal && 2*(min(now+p.policy.idle, last)-s.expiresAt) >= p.policy.idle {
				seal, refreshAlone = true, true
			}
		}
	}
	if seal {
		next, err := p.seal(s, now, f, fits, &w)
		switch {
		case err == nil:
			next.committed = true
			*s = *next
			w.wrote = Seal
		case refreshAlone:
			w.wrote = Nothing
		case s.signedOff && s.signedOffLast:
			w.wrote = Expire
		default:
			return written{}, err
		}
	}
	s.committed = true
	return w, nil
}

func (p *profile) seal(s *Session, now int64, f *hook.Fixed, fits func(int, *Session) error, w *written) (*Session, error) {
	next := *s
	if next.fresh {
		next.start, next.end = now, min(now+p.policy.absolute, timeEnd-1)
	}
	next.rev = min(next.rev+1, integerMax)
	if u := next.user; u != nil && u.atCommit {
		next.user = &user{sub: u.sub, gen: u.gen, authTime: now}
	}
	content, err := next.content(nil)
	if err != nil {
		return nil, err
	}
	if next.sid == "" {
		if f != nil {
			next.sid = f.SID
		} else {
			b, err := random(16)
			if err != nil {
				return nil, err
			}
			next.sid = base64.RawURLEncoding.EncodeToString(b)
		}
	}
	payload := append(append(next.head(), content...), '}')
	w.ttl = min(p.policy.idle, min(next.end, next.start+p.policy.absolute)-now)
	if fits != nil {
		if err := fits(textLength(sealedMin+len(payload)), &next); err != nil {
			return nil, err
		}
	}
	w.token, err = p.t.make(payload, w.ttl, now, f)
	return &next, err
}
