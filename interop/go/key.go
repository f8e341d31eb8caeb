package cretula

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"io"
)

const (
	keyPrefix  = "cretula_key1_"
	testPrefix = "cretula-test-key"
	infoLabel  = "cretula-v1"

	kindSealed = 0x45
	kindSigned = 0x53
)

// randomReader is a variable only for tests of NoRandomness.
var randomReader io.Reader = rand.Reader

func random(b []byte) error {
	if _, err := io.ReadFull(randomReader, b); err != nil {
		return fail(NoRandomness)
	}
	return nil
}

// Key is a master key. Its debugging forms hold none of it (KEY-08); the zero Key is no key.
type Key struct{ b *[32]byte }

// GenerateKey makes a key from the operating system's generator (KEY-03). It fails with NoRandomness.
func GenerateKey() (Key, error) {
	b := make([]byte, 32)
	if err := random(b); err != nil {
		return Key{}, err
	}
	return KeyFromBytes(b)
}

// KeyFromBytes makes a key of 32 bytes. It fails with KeyFormat for another length, KeyZero, or KeyTest for a test key
// (KEY-07).
func KeyFromBytes(b []byte) (Key, error) { return keyFromBytes(b, false) }

// ParseKey reads the text form and nothing else (spec §4.2). It fails with KeyFormat, KeyChecksum, KeyZero or KeyTest.
func ParseKey(text string) (Key, error) { return parseKey(text, false) }

// Text returns the text form, 86 characters: the secret itself. It is "" for the zero Key.
func (k Key) Text() string {
	if k.b == nil {
		return ""
	}
	head := keyPrefix + hex.EncodeToString(k.b[:])
	return head + "_" + checksum(head)
}

// String says only that this is a key.
func (k Key) String() string { return "cretula.Key(secret)" }

// GoString says only that this is a key.
func (k Key) GoString() string { return k.String() }

func checksum(head string) string {
	sum := sha256.Sum256([]byte(head))
	return hex.EncodeToString(sum[:4])
}

func keyFromBytes(b []byte, testKeys bool) (Key, error) {
	if len(b) != 32 {
		return Key{}, fail(KeyFormat)
	}
	var k [32]byte
	copy(k[:], b)
	var zero [32]byte
	if subtle.ConstantTimeCompare(k[:], zero[:]) == 1 {
		return Key{}, fail(KeyZero)
	}
	if !testKeys && string(k[:len(testPrefix)]) == testPrefix {
		return Key{}, fail(KeyTest)
	}
	return Key{&k}, nil
}

func parseKey(text string, testKeys bool) (Key, error) {
	const n = len(keyPrefix)
	if len(text) != 86 || text[:n] != keyPrefix || text[77] != '_' || !lowerHex(text[n:77]) || !lowerHex(text[78:]) {
		return Key{}, fail(KeyFormat)
	}
	if subtle.ConstantTimeCompare([]byte(checksum(text[:77])), []byte(text[78:])) != 1 {
		return Key{}, fail(KeyChecksum)
	}
	b, err := hex.DecodeString(text[n:77])
	if err != nil { // a decoder's error may carry input: it is not chained
		return Key{}, fail(KeyFormat)
	}
	return keyFromBytes(b, testKeys)
}

func lowerHex(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// Context is the audience and purpose to which a token is bound (spec §5). It comes from configuration, never from a
// request.
type Context struct{ audience, purpose string }

// NewContext makes a context of two fields of 1 to 255 bytes of visible ASCII each. It fails with ContextInvalid (CTX-01).
func NewContext(audience, purpose string) (Context, error) {
	c := Context{audience, purpose}
	return c, c.check()
}

// Audience returns the first field.
func (c Context) Audience() string { return c.audience }

// Purpose returns the second field.
func (c Context) Purpose() string { return c.purpose }

func (c Context) check() error {
	for _, f := range []string{c.audience, c.purpose} {
		if len(f) < 1 || len(f) > 255 {
			return fail(ContextInvalid)
		}
		for i := 0; i < len(f); i++ {
			if f[i] < 0x21 || f[i] > 0x7e {
				return fail(ContextInvalid)
			}
		}
	}
	return nil
}

func (c Context) info(kind byte) string {
	return infoLabel + "\x00" + string([]byte{kind, byte(len(c.audience))}) + c.audience +
		string([]byte{byte(len(c.purpose))}) + c.purpose
}

// working is what derivation gives for one entry of a ring (spec §6).
type working struct {
	key   [32]byte
	id    [32]byte
	entry ringEntry
}

func derive(key Key, kind byte, c Context) (working, error) {
	okm, err := hkdf.Key(sha256.New, key.b[:], nil, c.info(kind), 64)
	if err != nil {
		return working{}, err
	}
	var w working
	copy(w.key[:], okm[:32])
	copy(w.id[:], okm[32:])
	return w, nil
}
