// Package cretula seals and signs tokens for web sessions, and keeps sessions in cookies: version 1 of the format.
//
// It is written from the specification alone and uses nothing but the standard library.
package cretula

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"sync/atomic"
	"time"

	"cretula.example/cretula/internal/hook"
)

const (
	magicSealed = "\x0a\xb1\x35"
	magicSigned = "\x0a\xb4\xb5"
	textSealed  = "CrE1"
	textSigned  = "CrS1"
	subkeyLabel = "cretula-v1 token"

	sealedMin = 85
	signedMin = 77

	lifeMax       = 34_560_000
	leewayMax     = 300
	leewayDefault = 60
	limitDefault  = 16_384
	limitMax      = 16_777_216
)

// systemClock is a variable only for tests of NoClock.
var systemClock = func() int64 { return time.Now().Unix() }

func (t *tokens) clock() (int64, error) {
	read := systemClock
	if t.now != nil {
		read = t.now
	}
	now := read()
	if now < 0 || now >= timeEnd {
		return 0, fail(NoClock)
	}
	return now, nil
}

// timeOf is the time that the caller gave, or the clock's (TIME-02).
func (t *tokens) timeOf(given *int64) (int64, error) {
	if given == nil {
		return t.clock()
	}
	if *given < 0 || *given >= timeEnd {
		return 0, fail(ClockRange)
	}
	return *given, nil
}

// Option sets a value that has a default (spec §8). A value out of range is refused when the sealer, signer or cookie is
// made (TIME-01).
type Option func(*tokens)

// WithMaxAge sets the longest life that an opener grants: 1 to 34 560 000 seconds, by default 34 560 000 (400 days).
func WithMaxAge(seconds int64) Option { return func(t *tokens) { t.maxAge = seconds } }

// WithLeeway sets how far an issuer's clock may be ahead: 0 to 300 seconds, by default 60.
func WithLeeway(seconds int64) Option { return func(t *tokens) { t.leeway = seconds } }

// WithLimit sets the greatest length of a token's text: 1 to 16 777 216 octets, by default 16 384.
func WithLimit(octets int64) Option { return func(t *tokens) { t.limit = octets } }

// Opened is a token that opened (OPEN-14). Times are seconds since the Unix epoch.
type Opened struct {
	Payload   []byte
	IssuedAt  int64
	TTL       int64 // seconds
	KeyID     [32]byte
	ExpiresAt int64 // IssuedAt + min(TTL, max age)
}

// Sealer seals and unseals under one context. It may be used by many goroutines.
type Sealer struct{ t *tokens }

// Signer signs and verifies under one context. It may be used by many goroutines.
type Signer struct{ t *tokens }

// NewSealer makes a sealer. It fails with KeyringEmpty for the zero Keyring, ContextInvalid, LimitRange, LeewayRange or
// MaxAgeRange.
func NewSealer(k *Keyring, c Context, opts ...Option) (*Sealer, error) {
	t, err := newTokens(kindSealed, k, c, opts)
	if err != nil {
		return nil, err
	}
	return &Sealer{t}, nil
}

// NewSigner makes a signer. It fails as NewSealer does.
func NewSigner(k *Keyring, c Context, opts ...Option) (*Signer, error) {
	t, err := newTokens(kindSigned, k, c, opts)
	if err != nil {
		return nil, err
	}
	return &Signer{t}, nil
}

// Seal makes a sealed token that is valid for ttl seconds, 1 to 34 560 000 (spec §9). It fails with NoClock, TTLRange,
// NoSealingKey, ResultTooLong or NoRandomness, in this order (SEAL-02).
func (s *Sealer) Seal(payload []byte, ttl int64) (string, error) {
	now, err := s.t.clock()
	if err != nil {
		return "", err
	}
	return s.SealAt(payload, ttl, now)
}

// SealAt is Seal at a given time, in seconds since the Unix epoch. A time out of range is ClockRange.
func (s *Sealer) SealAt(payload []byte, ttl, now int64) (string, error) {
	return s.t.make(payload, ttl, now, nil)
}

// Unseal opens a sealed token (spec §10). It fails with NoClock or with the code of the first step that refuses the token
// (OPEN-01). Tell the sender only that there is no session: codes are for logs.
func (s *Sealer) Unseal(text string) (Opened, error) {
	now, err := s.t.clock()
	if err != nil {
		return Opened{}, err
	}
	return s.UnsealAt(text, now)
}

// UnsealAt is Unseal at a given time, in seconds since the Unix epoch. A time out of range is ClockRange.
func (s *Sealer) UnsealAt(text string, now int64) (Opened, error) { return s.t.openAt(text, now) }

// Sign makes a signed token that is valid for ttl seconds, 1 to 34 560 000 (spec §9). Its holder can read the payload. It
// fails with NoClock, TTLRange, NoSealingKey or ResultTooLong, in this order (SIGN-02).
func (s *Signer) Sign(payload []byte, ttl int64) (string, error) {
	now, err := s.t.clock()
	if err != nil {
		return "", err
	}
	return s.SignAt(payload, ttl, now)
}

// SignAt is Sign at a given time, in seconds since the Unix epoch. A time out of range is ClockRange.
func (s *Signer) SignAt(payload []byte, ttl, now int64) (string, error) {
	return s.t.make(payload, ttl, now, nil)
}

// Verify opens a signed token. It fails as Unseal does.
func (s *Signer) Verify(text string) (Opened, error) {
	now, err := s.t.clock()
	if err != nil {
		return Opened{}, err
	}
	return s.VerifyAt(text, now)
}

// VerifyAt is Verify at a given time, in seconds since the Unix epoch. A time out of range is ClockRange.
func (s *Signer) VerifyAt(text string, now int64) (Opened, error) { return s.t.openAt(text, now) }

// tokens is one kind under one context (OPEN-13).
type tokens struct {
	kind                  byte
	keyring               *Keyring
	ctx                   Context
	maxAge, leeway, limit int64
	now                   func() int64 // in the place of the system clock
	cache                 atomic.Pointer[derivedRing]
}

// derivedRing is a ring with its working keys: derived once, and again when the ring was exchanged.
type derivedRing struct {
	ring    *ring
	entries []working
	byID    map[[32]byte]*working
}

func newTokens(kind byte, k *Keyring, c Context, opts []Option) (*tokens, error) {
	t := &tokens{kind: kind, keyring: k, ctx: c, maxAge: lifeMax, leeway: leewayDefault, limit: limitDefault}
	for _, o := range opts {
		o(t)
	}
	if k == nil || k.current.Load() == nil {
		return nil, fail(KeyringEmpty)
	}
	if err := c.check(); err != nil { // the zero Context is none
		return nil, err
	}
	switch {
	case t.limit < 1 || t.limit > limitMax:
		return nil, fail(LimitRange)
	case t.leeway < 0 || t.leeway > leewayMax:
		return nil, fail(LeewayRange)
	case t.maxAge < 1 || t.maxAge > lifeMax:
		return nil, fail(MaxAgeRange)
	}
	_, err := t.derived()
	return t, err
}

func (t *tokens) derived() (*derivedRing, error) { return t.of(t.keyring.current.Load()) }

// of is derived for the ring with which something else of the request is opened.
func (t *tokens) of(r *ring) (*derivedRing, error) {
	if d := t.cache.Load(); d != nil && d.ring == r {
		return d, nil
	}
	d := &derivedRing{ring: r, entries: make([]working, len(r.entries)), byID: make(map[[32]byte]*working, len(r.entries))}
	for i, e := range r.entries {
		w, err := derive(e.key, t.kind, t.ctx)
		if err != nil {
			return nil, err
		}
		w.entry = e
		d.entries[i] = w
		if _, ok := d.byID[w.id]; !ok {
			d.byID[w.id] = &d.entries[i]
		}
	}
	t.cache.Store(d)
	return d, nil
}

func (t *tokens) minBytes() int {
	if t.kind == kindSealed {
		return sealedMin
	}
	return signedMin
}

// textLength is of b bytes, without overflow for any length a slice can have.
func textLength(b int) int { return b/3*4 + (b%3*4+2)/3 }

// make draws salt and iv; only the vectors' entry gives them (SEAL-06).
func (t *tokens) make(payload []byte, ttl, now int64, f *hook.Fixed) (string, error) {
	return t.makeUnder(t.keyring.current.Load(), payload, ttl, now, f)
}

// makeUnder is make under the ring of the call (RING-17).
func (t *tokens) makeUnder(r *ring, payload []byte, ttl, now int64, f *hook.Fixed) (string, error) {
	w, err := t.sealing(r, len(payload), ttl, now)
	if err != nil {
		return "", err
	}
	if f == nil && t.kind == kindSealed {
		if f, err = draw(); err != nil {
			return "", err
		}
	}
	return t.build(w, payload, ttl, now, f)
}

// sealing takes steps 2 to 5 of §9.
func (t *tokens) sealing(r *ring, payload int, ttl, now int64) (*working, error) {
	if now < 0 || now >= timeEnd {
		return nil, fail(ClockRange)
	}
	if ttl < 1 || ttl > lifeMax {
		return nil, fail(TTLRange)
	}
	d, err := t.of(r)
	if err != nil {
		return nil, err
	}
	i, err := r.sealing(now)
	if err != nil {
		return nil, err
	}
	if int64(textLength(t.minBytes()+payload)) > t.limit {
		return nil, fail(ResultTooLong)
	}
	return &d.entries[i], nil
}

// draw takes all that one sealing may need from the generator (step 6 of §9, SESS-04, COOK-15).
func draw() (*hook.Fixed, error) {
	b := make([]byte, 12+12+16+6)
	if err := random(b); err != nil {
		return nil, err
	}
	text := base64.RawURLEncoding.EncodeToString
	return &hook.Fixed{Salt: b[:12], IV: b[12:24], SID: text(b[24:40]), ID: text(b[40:])}, nil
}

// build takes steps 7 to 9 of §9.
func (t *tokens) build(w *working, payload []byte, ttl, now int64, f *hook.Fixed) (string, error) {
	out := make([]byte, 0, t.minBytes()+len(payload))
	if t.kind == kindSigned {
		out = appendBody(append(append(out, magicSigned...), w.id[:]...), payload, ttl, now)
		out = append(out, mac(w.key[:], out)...)
	} else {
		out = append(append(append(out, magicSealed...), w.id[:]...), f.Salt...)
		gcm, err := aead(w, f.Salt)
		if err != nil {
			return "", err
		}
		out = appendBody(append(out, f.IV...), payload, ttl, now)
		out = gcm.Seal(out[:59], f.IV, out[59:], out[:47]) // in its place
	}
	return base64.RawURLEncoding.EncodeToString(out), nil
}

func appendBody(b, payload []byte, ttl, now int64) []byte {
	b = append(b, byte(now>>40), byte(now>>32), byte(now>>24), byte(now>>16), byte(now>>8), byte(now))
	return append(binary.BigEndian.AppendUint32(b, uint32(ttl)), payload...)
}

func mac(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

func subkey(w *working, salt []byte) []byte {
	return mac(w.key[:], []byte(subkeyLabel), salt, []byte{1})
}

func aead(w *working, salt []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(subkey(w, salt))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// inAlphabet tells which octets are of the alphabet. It is asked for each octet of a token.
var inAlphabet = func() (in [256]bool) {
	for i := range len(alphabet) {
		in[alphabet[i]] = true
	}
	return in
}()

func base64url(c byte) bool { return inAlphabet[c] }

func allBase64url(s string) bool {
	for i := 0; i < len(s); i++ {
		if !base64url(s[i]) {
			return false
		}
	}
	return true
}

var strict = base64.RawURLEncoding.Strict()

// decodeText is strict (TEXT-02). RawURLEncoding skips CR and LF and, without Strict, unused bits that are not zero.
func decodeText(s string) ([]byte, error) {
	if !allBase64url(s) {
		return nil, fail(Encoding)
	}
	b, err := strict.DecodeString(s)
	if err != nil {
		return nil, fail(Encoding)
	}
	return b, nil
}

func (t *tokens) openAt(text string, now int64) (Opened, error) {
	d, err := t.derived()
	if err != nil {
		return Opened{}, err
	}
	return t.open(d, text, t.limit, now)
}

func (t *tokens) open(d *derivedRing, text string, limit, now int64) (Opened, error) {
	if now < 0 || now >= timeEnd {
		return Opened{}, fail(ClockRange)
	}
	if int64(len(text)) > limit {
		return Opened{}, fail(TooLong)
	}
	own, other := textSealed, textSigned
	if t.kind == kindSigned {
		own, other = other, own
	}
	start := text[:min(4, len(text))]
	if start != own {
		switch {
		case start == other:
			return Opened{}, fail(WrongKind)
		case len(start) == 4 && (start[:3] == "CrE" || start[:3] == "CrS") && start[3] != '1' && base64url(start[3]):
			return Opened{}, fail(UnsupportedVersion)
		}
		return Opened{}, fail(NotAToken)
	}
	b, err := decodeText(text)
	if err != nil {
		return Opened{}, err
	}
	if len(b) < t.minBytes() {
		return Opened{}, fail(TooShort)
	}
	w := d.byID[[32]byte(b[3:35])]
	if w == nil {
		return Opened{}, fail(UnknownKey)
	}
	if now >= w.entry.acceptUntil {
		return Opened{}, fail(KeyInactive)
	}
	var body []byte
	if t.kind == kindSealed {
		gcm, err := aead(w, b[35:47])
		if err != nil {
			return Opened{}, err
		}
		if body, err = gcm.Open(b[59:59], b[47:59], b[59:], b[:47]); err != nil {
			return Opened{}, fail(AuthFailed)
		}
	} else {
		m := len(b) - 32
		if !hmac.Equal(mac(w.key[:], b[:m]), b[m:]) {
			return Opened{}, fail(AuthFailed)
		}
		body = b[35:m:m]
	}
	issuedAt := int64(binary.BigEndian.Uint16(body))<<32 | int64(binary.BigEndian.Uint32(body[2:]))
	ttl := int64(binary.BigEndian.Uint32(body[6:]))
	if issuedAt > now+t.leeway {
		return Opened{}, fail(IssuedInFuture)
	}
	expires := issuedAt + min(ttl, t.maxAge)
	if ttl < 1 || ttl > lifeMax || now >= expires {
		return Opened{}, fail(Expired)
	}
	return Opened{Payload: body[10:], IssuedAt: issuedAt, TTL: ttl, KeyID: w.id, ExpiresAt: expires}, nil
}
