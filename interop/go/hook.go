package cretula

import (
	"context"

	"cretula.example/cretula/internal/hook"
)

func init() { hook.Library = vectorEntry{} }

// vectorEntry is what the vectors need beside the ordinary interface. Only this module can reach it (KEY-07, SEAL-06).
type vectorEntry struct{}

func (vectorEntry) TestKey(b []byte) (Key, error) { return keyFromBytes(b, true) }

func (vectorEntry) ParseTestKey(text string) (Key, error) { return parseKey(text, true) }

func (vectorEntry) ParseTestKeyring(text []byte) (*Keyring, error) {
	r, err := parseRing(text, true)
	if err != nil {
		return nil, err
	}
	return keyringOf(r), nil
}

// Derive gives info and the two halves of okm.
func (vectorEntry) Derive(k Key, signed bool, c Context) (info string, workingKey, keyID []byte, err error) {
	kind := byte(kindSealed)
	if signed {
		kind = kindSigned
	}
	w, err := derive(k, kind, c)
	return c.info(kind), w.key[:], w.id[:], err
}

func (vectorEntry) Seal(s *Sealer, payload []byte, ttl, now int64, f *hook.Fixed) (string, error) {
	return s.t.make(payload, ttl, now, f)
}

// NewProfile gives a *profile: the session profile for a transport that has one text, or none.
func (vectorEntry) NewProfile(k *Keyring, c Context, p Policy, check CheckFunc) (any, error) {
	return newProfile(k, c, p, check)
}

// OpenSession is open_session. Without now it is the system clock's.
func (vectorEntry) OpenSession(p any, text *string, ended bool, given *int64) (*Session, error) {
	pr := p.(*profile)
	now, err := pr.t.timeOf(given)
	switch {
	case err != nil && given == nil:
		return pr.newSession(NoClock, noTime), nil
	case err != nil:
		return nil, err
	case text == nil:
		return pr.newSession(Absent, now), nil
	}
	d, err := pr.t.derived()
	if err != nil {
		return nil, err
	}
	s, err := pr.open(d, *text, pr.t.limit, now)
	if err == nil && ended {
		err = fail(SignedOff)
	}
	if err != nil {
		return pr.newSession(CodeOf(err), now), nil
	}
	return pr.admit(context.Background(), s, noTime, s.jkt != ""), nil
}

func (vectorEntry) CommitSession(p any, s *Session, now *int64, f *hook.Fixed) (Wrote, string, []Ended, error) {
	w, err := p.(*profile).commit(s, now, f, transport{})
	return w.wrote, w.token, w.ended, err
}

func (vectorEntry) CommitCookie(ss *Sessions, s *Session, hasCacheControl bool, now *int64, f *hook.Fixed) (Response, error) {
	return ss.commit(s, hasCacheControl, now, f)
}

func (vectorEntry) RegisterDevice(ss *Sessions, fields, responses []string, now *int64, f *hook.Fixed) (DeviceResponse, error) {
	return ss.register(context.Background(), fields, responses, now, f)
}

func (vectorEntry) RefreshDevice(ss *Sessions, fields, ids, responses []string, now *int64, f *hook.Fixed) (DeviceResponse, error) {
	return ss.refresh(context.Background(), fields, ids, responses, now, f)
}

// Opened is the session as SESS-05 writes it, and its ends.
func (vectorEntry) Opened(s *Session) (payload string, expiresAt, last int64) {
	return string(append(append(s.head(nil), s.before...), '}')), s.expiresAt, s.last
}

// Value reads a message, as SetDataJSON does.
func (vectorEntry) Value(text string) (any, error) { return parseValue(text) }

// WithoutClock makes the system clock fail until restore is called.
func (vectorEntry) WithoutClock() (restore func()) {
	before := systemClock
	systemClock = func() int64 { return noTime }
	return func() { systemClock = before }
}

// WithoutRandomness makes the generator fail until restore is called.
func (vectorEntry) WithoutRandomness() (restore func()) {
	before := randomReader
	randomReader = noRandomness{}
	return func() { randomReader = before }
}

type noRandomness struct{}

func (noRandomness) Read([]byte) (int, error) { return 0, fail(NoRandomness) }
