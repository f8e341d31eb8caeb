package cretula

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"strconv"
	"sync"
	"unicode/utf8"

	"cretula.example/cretula/internal/hook"
)

// Policy limits the life of sessions (spec §19.2). The zero Policy is the default one.
type Policy struct {
	idle, absolute, leeway, recheck int64
	made                            bool
}

// NewPolicy makes a policy of durations in seconds: idle 1 to 34 560 000, absolute idle to 34 560 000, leeway 0 to 300. It
// fails with IdleRange, AbsoluteRange or LeewayRange, in this order (SESS-07).
func NewPolicy(idle, absolute, leeway int64) (Policy, error) {
	switch {
	case idle < 1 || idle > lifeMax:
		return Policy{}, fail(IdleRange)
	case absolute < idle || absolute > lifeMax:
		return Policy{}, fail(AbsoluteRange)
	case leeway < 0 || leeway > leewayMax:
		return Policy{}, fail(LeewayRange)
	}
	return Policy{idle, absolute, leeway, 0, true}, nil
}

// WithRecheck returns the policy with a time, 0 to 86 400 seconds, for which what the application's check answered is
// trusted, and the check not asked (SESS-30). So long a revocation may take. It is 0 in a new policy: the check is asked at
// each request. It fails with RecheckRange.
func (p Policy) WithRecheck(seconds int64) (Policy, error) {
	if seconds < 0 || seconds > recheckMax {
		return Policy{}, fail(RecheckRange)
	}
	if !p.made {
		p = DefaultPolicy()
	}
	p.recheck = seconds
	return p, nil
}

// DefaultPolicy returns 30 minutes idle, 24 hours absolute, 60 seconds of leeway.
func DefaultPolicy() Policy { return Policy{1800, 86_400, leewayDefault, 0, true} }

// Claims is what the application's check is asked about. Times are seconds since the Unix epoch.
type Claims struct {
	SID        string
	Start, End int64
	SignedOn   bool // false for a guest, and then the rest is zero
	Sub        string
	Gen        int64
	AuthTime   int64
}

// Answer is the application's answer to its check (spec §19.5).
type Answer struct {
	Gen      int64 // the session generation of Sub now
	Answered bool  // false: there is no Gen to compare; a user's session is closed
	Denied   bool  // the sid is on the deny-list
}

// CheckFunc asks the application. An error counts as "not answered"; Denied counts also with an error.
type CheckFunc func(context.Context, Claims) (Answer, error)

// NoCheck is for an application that wants no check (SESS-22). A function that calls it is a check: it is asked.
var NoCheck CheckFunc = func(_ context.Context, c Claims) (Answer, error) {
	return Answer{Gen: c.Gen, Answered: true}, nil
}

// Ended is a sid for the application's deny-list, to be kept until End, in seconds since the Unix epoch (SESS-17).
type Ended struct {
	SID string
	End int64
}

// Wrote is what a commit decided (SESS-11).
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
	asks   bool // check is one that is asked (SESS-31)
}

func newProfile(k *Keyring, c Context, p Policy, check CheckFunc) (*profile, error) {
	if !p.made {
		p = DefaultPolicy()
	}
	t, err := newTokens(kindSealed, k, c, []Option{WithMaxAge(p.idle), WithLeeway(p.leeway)})
	if err != nil {
		return nil, err
	}
	code := func(f CheckFunc) uintptr { return reflect.ValueOf(f).Pointer() }
	return &profile{t, p, check, check != nil && code(check) != code(NoCheck)}, nil
}

type user struct {
	sub           string
	gen, authTime int64
	atCommit      bool // auth_time is the time of the commit
}

// Session is one request's session, opened and committed once. Its methods may be called by several goroutines: a handler
// that was given up goes on while the response of who gave it up is committed.
type Session struct {
	mu sync.Mutex
	state
}

// state is what a commit copies.
type state struct {
	profile *profile
	reason  Code
	now     int64 // of the open, or noTime

	fresh           bool // new: no token of it exists
	sid             string
	start, end, rev int64
	user            *user
	checked         int64  // when the check was last answered, or noTime
	jkt             string // of the device that the session is bound to, "" for none
	data            map[string]any
	flash           map[string][]any

	issuedAt, expiresAt, last int64
	before                    []byte // what content wrote at the open
	altered                   bool   // something may have changed since: before may not be the serialisation now

	send, signedOff, signedOffLast, proved bool
	answered, fromEarlier                  bool    // the check, to be written; the last proof of this request was an earlier one
	changesOf                              bool    // sign-on, re-authentication or sign-off: offer request
	request                                []Ended // the authentic sessions of the request (SESS-17)
	committed                              bool

	heldSecond bool // of the cookie binding: the request had a value of name.1
	heldProof  bool // of device binding: it had a proof
	readOnly   bool // see ReadOnly
	needed     bool // see Need
	checkErr   error
}

// noTime is before all times: the open had no clock, or no check was answered yet.
const noTime = -timeEnd

func (p *profile) newSession(reason Code, now int64) *Session {
	s := &Session{state: state{profile: p, reason: reason, now: now}}
	s.renew()
	return s
}

// renew makes the session a new guest one.
func (s *state) renew() {
	s.fresh, s.sid, s.start, s.end, s.rev, s.user, s.proved, s.send = true, "", 0, 0, 0, nil, false, false
	s.data, s.flash, s.before = map[string]any{}, map[string][]any{}, nil
	s.checked, s.jkt, s.answered = noTime, "", false
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
	latest := now + p.policy.leeway
	if s.start > latest || s.user != nil && s.user.authTime > latest || s.checked > latest {
		return nil, fail(IssuedInFuture)
	}
	s.last = min(s.end, s.start+p.policy.absolute)
	if now >= s.last {
		return nil, fail(Expired)
	}
	s.profile, s.now, s.issuedAt, s.expiresAt = p, now, o.IssuedAt, o.ExpiresAt
	s.request = []Ended{{s.sid, s.end}}
	return s, nil
}

// admit takes steps 9e and 9f. proof is when the device proved its key, or noTime; unproven closes the session.
func (p *profile) admit(ctx context.Context, s *Session, proof int64, unproven bool) *Session {
	switch {
	case unproven:
		return p.closed(s, Unproven, nil)
	case p.policy.recheck > 0 && s.now < max(s.checked, proof)+p.policy.recheck: // not due (SESS-30)
		return s
	}
	return p.ask(ctx, s)
}

// ask takes step 9f where the check is due.
func (p *profile) ask(ctx context.Context, s *Session) *Session {
	c := Claims{SID: s.sid, Start: s.start, End: s.end}
	if s.user != nil {
		c.SignedOn, c.Sub, c.Gen, c.AuthTime = true, s.user.sub, s.user.gen, s.user.authTime
	}
	var a Answer
	var err error
	if p.check != nil {
		if a, err = p.check(ctx, c); err != nil {
			a = Answer{Denied: a.Denied}
		}
	}
	switch {
	case a.Denied:
		return p.closed(s, SignedOff, err)
	case s.user != nil && !a.Answered:
		return p.closed(s, Unchecked, err)
	case s.user != nil && a.Gen != s.user.gen:
		return p.closed(s, Revoked, err)
	}
	s.checkErr = err
	if p.policy.recheck > 0 && p.asks && err == nil { // of a guest's session nothing but an error is no answer (SESS-31)
		s.checked, s.answered = s.now, true
	}
	return s
}

// closed is the new session in the place of one that step 9e or 9f closed (SESS-10).
func (p *profile) closed(s *Session, code Code, err error) *Session {
	closed := p.newSession(code, s.now)
	closed.request, closed.checkErr = s.request, err
	return closed
}

const (
	sidCharacters = 22
	jktCharacters = 43
	recheckMax    = 86_400
)

func sidText(s string) bool { return len(s) == sidCharacters && allBase64url(s) }

func jktText(s string) bool { return len(s) == jktCharacters && allBase64url(s) }

func parseSession(payload []byte) (*Session, error) {
	bad := fail(PayloadInvalid)
	v, err := parseJSON(string(payload), nestingMax)
	m, ok := v.(map[string]any)
	if err != nil || !ok {
		return nil, bad
	}
	s := &Session{state: state{checked: noTime, data: map[string]any{}, flash: map[string][]any{}}}
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
		case "checked":
			ok = number(v, 0, timeEnd-1, &s.checked)
		case "jkt":
			s.jkt, ok = v.(string)
			ok = ok && jktText(s.jkt)
		case "data":
			s.data, ok = v.(map[string]any)
		case "flash":
			var f map[string]any
			f, ok = v.(map[string]any)
			for n, x := range f {
				a, isArray := x.([]any)
				ok = ok && isArray && n != "__proto__" // content leaves an empty array out, and would not see its name
				s.flash[n] = a
			}
		default:
			ok = false
		}
		if !ok {
			return nil, bad
		}
	}
	if s.sid == "" || s.rev == 0 || s.start >= s.end || seen != 0 && seen != 3 || s.jkt != "" && seen == 0 {
		return nil, bad
	}
	if _, ok := m["start"]; !ok {
		return nil, bad
	}
	if seen == 3 {
		s.user = &u
	}
	// What no sealer may write is refused here too (SESS-06): a map could not keep it.
	if s.before, err = s.content(make([]byte, 0, len(payload))); err != nil {
		return nil, bad
	}
	return s, nil
}

func subText(s string) bool { return len(s) >= 1 && len(s) <= 255 && utf8.ValidString(s) }

// content writes data and flash, each with a comma before it. Of the other members none changes but in a session that is
// sealed anyway, checked aside, which is no change (SESS-11).
func (s *state) content(b []byte) ([]byte, error) {
	var err error
	if len(s.data) > 0 {
		if b, err = appendMap(append(b, `,"data":`...), s.data, 2); err != nil {
			return nil, err
		}
	}
	var flash map[string]any
	for n, a := range s.flash {
		if len(a) > 0 {
			if flash == nil {
				flash = map[string]any{}
			}
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

// present is content, not written again where nothing can have changed since the open.
func (s *state) present() ([]byte, error) {
	if s.altered {
		return s.content(make([]byte, 0, len(s.before)+64))
	}
	return s.before, nil
}

// unwritable is the first member that content cannot write.
func (s *state) unwritable() string {
	for _, n := range sortedNames(s.data) {
		if _, err := appendMap(nil, map[string]any{n: s.data[n]}, 2); err != nil {
			return "data." + n
		}
	}
	for n, a := range s.flash {
		if _, err := appendMap(nil, map[string]any{n: a}, 2); err != nil {
			return "flash." + n
		}
	}
	return ""
}

// sameContent compares what content wrote, by value (SESS-11): content has one spelling for a value (SESS-05).
func sameContent(a, b []byte) bool { return bytes.Equal(a, b) }

func appendInt(b []byte, n int64) []byte { return strconv.AppendInt(b, n, 10) }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// head writes the members before data.
func (s *state) head(b []byte) []byte {
	b = append(append(append(b, `{"sid":"`...), s.sid...), '"')
	b = appendInt(append(b, `,"start":`...), s.start)
	b = appendInt(append(b, `,"end":`...), s.end)
	b = appendInt(append(b, `,"rev":`...), s.rev)
	if u := s.user; u != nil {
		b, _ = appendString(append(b, `,"sub":`...), u.sub) // subText: it can be written
		b = appendInt(append(b, `,"gen":`...), u.gen)
		b = appendInt(append(b, `,"auth_time":`...), u.authTime)
	}
	if s.checked != noTime {
		b = appendInt(append(b, `,"checked":`...), s.checked)
	}
	if s.jkt != "" {
		b = append(append(append(b, `,"jkt":"`...), s.jkt...), '"')
	}
	return b
}

// Reason returns why no session was opened, "" if one was (SESS-10). It is for logs, and for NotNow.
func (s *Session) Reason() Code { return s.reason }

// NotNow reports whether the request's session could not be opened now, but may be valid in a moment, or on another server
// (SESS-18). Do not write then, since that would replace a session that may still be valid: answer 503.
func (s *Session) NotNow() bool { return s.reason.NotNow() }

// Need fails where NotNow is true, with the reason. Return from the handler then: the middleware answers 503. It is for pages
// that must not be shown to a user as if to a guest.
func (s *Session) Need() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.reason.NotNow() {
		return nil
	}
	s.needed = true
	return fail(s.reason)
}

// IsNew reports whether no token of this session exists yet.
func (s *Session) IsNew() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fresh
}

// IsBound reports whether the session is bound to a device (spec §21): whoever copies its cookies cannot use them for long.
func (s *Session) IsBound() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.jkt != ""
}

// SID returns the session ID, 22 characters. It is "" until a new session is first sealed, and after a re-authentication.
func (s *Session) SID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sid
}

// Sub returns who is signed on. The second result is false for a guest.
func (s *Session) Sub() (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.user == nil {
		return "", false
	}
	return s.user.sub, true
}

// uncommitted fails after a commit: a change would be lost (SESS-26).
func (s *state) uncommitted() error {
	if s.committed {
		return fail(Committed)
	}
	return nil
}

// changeable is what every change asks first.
func (s *state) changeable() error {
	if err := s.uncommitted(); err != nil {
		return err
	}
	s.altered = true
	return nil
}

// writable fails if data holds what cannot be written. What a token held can be.
func (s *state) writable() error {
	if !s.altered {
		return nil
	}
	_, err := appendMap(nil, s.data, 2)
	return err
}

// CheckError returns what the application's check failed with, or nil. Log it: the session is closed as Unchecked, and
// nothing else says why.
func (s *Session) CheckError() error { return s.checkErr }

// ReadOnly makes a commit fail, with the code of Reason, where it would write anything but a sign-on or a sign-off, if the
// session may be valid in a moment (SESS-18). Call it after the open; the middleware does.
func (s *Session) ReadOnly() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readOnly = true
}

// Close makes every later change fail with Committed, also after a commit that failed: the response is made. The middleware
// calls it.
func (s *Session) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.committed = true
}

// Get returns a member of the application's part, or nil. It is a copy: put it back with Set after a change. Numbers are
// json.Number.
func (s *Session) Get(name string) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return own(s.data[name], 3)
}

// Values returns a copy of the application's part.
func (s *Session) Values() map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return own(s.data, 2).(map[string]any)
}

// Set sets a member of the application's part. It fails with Committed after a commit. A value that cannot be written fails
// the commit, with PayloadUnserializable (SESS-06). What is changed in the value later is not in the session.
func (s *Session) Set(name string, value any) error {
	value = own(value, 3)
	return s.change(func() { s.data[name] = value })
}

// Delete removes a member of the application's part. It fails with Committed after a commit.
func (s *Session) Delete(name string) error {
	return s.change(func() { delete(s.data, name) })
}

// SetData replaces the application's part, as Set does a member.
func (s *Session) SetData(m map[string]any) error {
	data := own(m, 2).(map[string]any)
	return s.change(func() { s.data = data })
}

// change makes a change that cannot fail.
func (s *Session) change(make func()) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.changeable(); err != nil {
		return err
	}
	make()
	return nil
}

// ownMax bounds how deep own goes: a map may hold itself. A commit refuses much less.
const ownMax = 200

// unwritable stands for what no commit writes.
type unwritable struct{ _ int }

// own is a copy of v at a level, of maps, slices and scalars: nobody else can change it.
func own(v any, level int) any {
	if level > ownMax {
		return unwritable{}
	}
	switch x := v.(type) {
	case nil, bool, string, json.Number, float64, unwritable:
		return x
	case map[string]any:
		m := make(map[string]any, len(x))
		for n, e := range x {
			m[n] = own(e, level+1)
		}
		return m
	case []any:
		a := make([]any, len(x))
		for i, e := range x {
			a[i] = own(e, level+1)
		}
		return a
	}
	x, err := tree(v, level)
	if err != nil {
		return unwritable{}
	}
	return x
}

// SetDataJSON replaces the application's part by a JSON text. It fails with Committed after a commit, and with
// PayloadUnserializable for a text that is not a JSON object, repeats a name in an object, has an unpaired surrogate, or a
// number beyond binary64. What else a session cannot hold fails the commit, as for SetData.
func (s *Session) SetDataJSON(text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.changeable(); err != nil {
		return err
	}
	v, err := parseValue(text)
	m, ok := v.(map[string]any)
	if err != nil || !ok {
		return errUnserializable
	}
	s.data = m
	return nil
}

// SignOn makes the session a new one of user sub (1 to 255 bytes of UTF-8), whose session generation is gen (0 to 2^53 − 1).
// The members of data that keep names stay; other data and flash are dropped (SESS-14). It fails with Committed after a
// commit, or with UserInvalid, and then changes nothing.
func (s *Session) SignOn(sub string, gen int64, keep ...string) error {
	return s.signOn(sub, gen, keep, nil)
}

// SignOnFromProof is SignOn that rests on an earlier proof, such as a second cookie. authTime is the time of that proof, in
// seconds since the Unix epoch; UserInvalid if it is later than the open and the leeway, or if the open had no clock.
func (s *Session) SignOnFromProof(sub string, gen, authTime int64, keep ...string) error {
	return s.signOn(sub, gen, keep, &authTime)
}

func (s *Session) signOn(sub string, gen int64, keep []string, authTime *int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.changeable(); err != nil {
		return err
	}
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
	for _, n := range keep {
		if v, ok := s.data[n]; ok {
			kept[n] = v
		}
	}
	s.renew()
	s.user, s.data, s.proved = u, kept, u.atCommit
	s.changesOf, s.signedOffLast, s.fromEarlier = true, false, !u.atCommit
	return nil
}

// Reauthenticate gives the session a new sid, after a new proof or a step-up (SESS-15). gen is the user's present session
// generation. It fails with Committed after a commit, or with UserInvalid for a guest or a gen out of range.
func (s *Session) Reauthenticate(gen int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.changeable(); err != nil {
		return err
	}
	if s.user == nil || gen < 0 || gen > integerMax {
		return fail(UserInvalid)
	}
	s.user = &user{sub: s.user.sub, gen: gen, atCommit: true}
	s.sid, s.proved, s.changesOf, s.fromEarlier = "", true, true, false
	return nil
}

// SignOff makes the session a new guest one (SESS-16). It fails with Committed after a commit.
func (s *Session) SignOff() error {
	return s.change(func() {
		s.renew()
		s.changesOf, s.signedOff, s.signedOffLast = true, true, true
	})
}

// Send asks for the session to be sent, changed or not. It fails with Committed after a commit.
func (s *Session) Send() error {
	return s.change(func() { s.send = true })
}

// Flash adds a message for the next page (SESS-19). It fails with Committed after a commit. A message that cannot be
// written fails the commit, as for Set.
func (s *Session) Flash(name string, message any) error {
	message = own(message, 4)
	return s.change(func() { s.flash[name] = append(s.flash[name], message) })
}

// TakeFlash returns the messages of a name and drops them (SESS-19). It fails with Committed after a commit.
func (s *Session) TakeFlash(name string) ([]any, error) {
	var taken []any
	err := s.change(func() {
		taken = s.flash[name]
		delete(s.flash, name)
	})
	return taken, err
}

// ReauthWithin reports whether the user proved who they are less than so many seconds before the open, or in this request
// (SESS-20). It is false for a guest.
func (s *Session) ReauthWithin(seconds int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if seconds <= 0 || s.user == nil {
		return false
	}
	return s.proved || !s.user.atCommit && s.now-s.user.authTime < seconds
}

// transport is what carries a session's token. Each may be nil.
type transport struct {
	// ring is that of the call; nil is the one in force (RING-17).
	ring *ring
	// fit says of a token's length by how many octets it is too long, and if it is sent in two parts.
	fit func(octets int) (over int, inTwo bool)
	// offer makes the field that offers device binding (DEV-05).
	offer func(r *ring, sid string, now int64, f *hook.Fixed) (string, error)
}

// written is what a commit gives to the transport.
type written struct {
	wrote     Wrote
	token, id string // id of the two parts, "" for one (COOK-15)
	offer     string
	now, ttl  int64
	ended     []Ended
}

// ready makes the checks that come before a commit decides, and gives its time (SESS-28).
func (p *profile) ready(s *state, given *int64) (int64, error) {
	if s.profile.t.ctx != p.t.ctx || s.profile.policy != p.policy {
		return 0, fail(ContextInvalid)
	}
	if err := s.uncommitted(); err != nil {
		return 0, err
	}
	return p.t.timeOf(given)
}

// commit decides and seals (spec §19.4).
func (p *profile) commit(x *Session, given *int64, f *hook.Fixed, tr transport) (written, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	s := &x.state
	now, err := p.ready(s, given)
	if err != nil {
		return written{}, err
	}
	var ended []Ended
	if s.changesOf {
		ended = s.request
	}
	w := written{wrote: Nothing}
	content, bad := s.present()
	seal, byItself := s.send, false // byItself: nobody but a refresh or a recheck asks for it
	if s.fresh {
		seal = seal || bad != nil || s.user != nil || len(content) > 0
		if !seal && s.signedOff {
			w.wrote = Expire
		}
	} else {
		last := min(s.end, s.start+p.policy.absolute)
		if now >= last {
			seal, w.wrote = false, Expire
		} else {
			seal = seal || bad != nil || s.sid == "" || !sameContent(content, s.before)
			refresh := 2*(min(now+p.policy.idle, last)-s.expiresAt) >= p.policy.idle
			if !seal && (refresh || s.answered) {
				seal, byItself = true, true
			}
		}
	}
	if s.needed || seal && s.readOnly && s.reason.NotNow() && s.user == nil && !s.signedOff {
		return written{}, fail(s.reason)
	}
	if seal {
		next, sealed, err := p.seal(s, content, bad, now, f, tr)
		switch {
		case err == nil:
			*s, w = *next, sealed
		case byItself:
		case s.signedOff && s.signedOffLast:
			w.wrote = Expire
		default:
			return written{}, err
		}
	}
	s.committed = true
	w.now, w.ended = now, ended
	return w, nil
}

// next is the session as a seal at now writes it, its content, and the length of the payload. A new sid is still to be
// drawn. present and bad are what s.present gives.
func (p *profile) next(s *state, present []byte, bad error, now int64) (next state, content []byte, size int, err error) {
	next, content, err = *s, present, bad
	if next.fresh {
		next.start, next.end = now, min(now+p.policy.absolute, timeEnd-1)
	}
	next.rev = min(next.rev+1, integerMax)
	if u := next.user; u != nil && u.atCommit {
		next.user = &user{sub: u.sub, gen: u.gen, authTime: now}
	}
	if p.policy.recheck > 0 && (next.fresh || next.sid == "") && !next.fromEarlier {
		next.checked = now
	}
	if err != nil {
		e := fail(PayloadUnserializable)
		e.member = next.unwritable()
		err = e
	}
	var room [128]byte // on the stack
	size = len(next.head(room[:0])) + len(content) + len("}")
	if next.sid == "" {
		size += sidCharacters
	}
	return next, content, size, err
}

// seal makes its checks in the order of SESS-28: the generator is asked last.
func (p *profile) seal(
	s *state, present []byte, bad error, now int64, f *hook.Fixed, tr transport,
) (*state, written, error) {
	next, content, size, err := p.next(s, present, bad, now)
	if err != nil {
		return nil, written{}, err
	}
	inTwo := false
	if tr.fit != nil {
		var over int
		if over, inTwo = tr.fit(textLength(sealedMin + size)); over > 0 {
			e := fail(CookieTooLarge)
			e.over, e.largest = over, next.largest()
			return nil, written{}, e
		}
	}
	w := written{wrote: Seal, ttl: min(p.policy.idle, min(next.end, next.start+p.policy.absolute)-now)}
	r := tr.ring
	if r == nil {
		r = p.t.keyring.current.Load()
	}
	key, err := p.t.sealing(r, size, w.ttl, now)
	if err != nil {
		return nil, written{}, err
	}
	_, _, challenge := f.Others()
	if f == nil {
		if f, err = draw(); err != nil {
			return nil, written{}, err
		}
	}
	if next.sid == "" {
		next.sid = f.SID
	}
	// Of a session with a user, changesOf is a sign-on or a re-authentication.
	if tr.offer != nil && next.changesOf && next.user != nil && next.jkt == "" {
		if w.offer, err = tr.offer(r, next.sid, now, challenge); err != nil {
			return nil, written{}, err
		}
	}
	if inTwo {
		w.id = f.ID
	}
	payload := append(append(next.head(make([]byte, 0, size)), content...), '}')
	w.token, err = p.t.build(key, payload, w.ttl, now, f)
	return &next, w, err
}
