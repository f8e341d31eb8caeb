package cretula

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

const timeEnd = int64(1) << 48

// Entry is one key of a ring. Times are seconds since the Unix epoch, below 2^48. A nil SealFrom is 0, a nil AcceptUntil "no
// end".
type Entry struct {
	Key         Key
	SealFrom    *int64
	AcceptUntil *int64
}

// At returns a pointer to t, for the times of an Entry.
func At(t int64) *int64 { return &t }

type ringEntry struct {
	key         Key
	sealFrom    int64
	acceptUntil int64 // noEnd: none
}

const noEnd = int64(math.MaxInt64)

type ring struct{ entries []ringEntry }

// Keyring holds the ring in force and exchanges it under a running server. It may be used by many goroutines.
type Keyring struct {
	current atomic.Pointer[ring]
	begun   atomic.Uint64 // exchanges
	mu      sync.Mutex
	inForce uint64 // the number of the exchange that current is of
}

// NewKeyring makes a ring of entries (spec §11.1). It fails with KeyringEmpty, KeyFormat (the zero Key), KeyringTime,
// KeyringWindow or KeyDuplicate; Error.Entry is the position (RING-06).
func NewKeyring(entries ...Entry) (*Keyring, error) {
	r, err := newRing(entries)
	if err != nil {
		return nil, err
	}
	return keyringOf(r), nil
}

// ParseKeyring reads the list form or the document form, told apart by the first octet (RING-15). It fails with
// KeyringFormat, or as ParseKey and NewKeyring do; Error.Entry is the position (RING-06).
func ParseKeyring(text []byte) (*Keyring, error) {
	r, err := parseRing(text, false)
	if err != nil {
		return nil, err
	}
	return keyringOf(r), nil
}

// KeyringFromEnv reads either form from an environment variable, such as CRETULA_KEYS. It fails as ParseKeyring does, and
// with KeyringEmpty without the variable; the error names the variable, and nothing that it holds.
func KeyringFromEnv(name string) (*Keyring, error) {
	text := os.Getenv(name)
	k, err := ParseKeyring([]byte(text))
	switch {
	case err == nil:
		return k, nil
	case text == "":
		return nil, fmt.Errorf("the variable %s is not set: %w", name, err)
	}
	return nil, fmt.Errorf("the variable %s: %w", name, err)
}

func keyringOf(r *ring) *Keyring {
	k := &Keyring{}
	k.current.Store(r)
	return k
}

// Reload reads a text by read, as ParseKeyring does, and exchanges the ring for it, whole or not at all (RING-16). Let its
// error, that of read included, raise an alarm: the old ring stays in force.
//
// Exchanges take effect in the order in which they began: the ring of this call is dropped, without an error, if a call
// that began later was faster (RING-17).
func (k *Keyring) Reload(read func() ([]byte, error)) error {
	return k.exchange(func() (*ring, error) {
		text, err := read()
		if err != nil {
			return nil, err
		}
		return parseRing(text, false)
	})
}

// Replace is Reload of a text that was read already. Read it in the goroutine that calls Replace, or use Reload: calls that
// overlap count from their beginning.
func (k *Keyring) Replace(text []byte) error {
	return k.exchange(func() (*ring, error) { return parseRing(text, false) })
}

// ReplaceEntries is Replace for entries. It fails as NewKeyring does.
func (k *Keyring) ReplaceEntries(entries ...Entry) error {
	return k.exchange(func() (*ring, error) { return newRing(entries) })
}

func (k *Keyring) exchange(read func() (*ring, error)) error {
	number := k.begun.Add(1)
	r, err := read()
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if number > k.inForce {
		k.inForce = number
		k.current.Store(r)
	}
	return nil
}

// Entries returns the ring in force.
func (k *Keyring) Entries() []Entry {
	var out []Entry
	for _, e := range k.current.Load().entries {
		x := Entry{Key: e.key}
		if e.sealFrom != 0 {
			x.SealFrom = At(e.sealFrom)
		}
		if e.acceptUntil != noEnd {
			x.AcceptUntil = At(e.acceptUntil)
		}
		out = append(out, x)
	}
	return out
}

// String says only how many keys there are.
func (k *Keyring) String() string {
	return "cretula.Keyring(" + strconv.Itoa(len(k.current.Load().entries)) + " keys)"
}

// GoString is String.
func (k *Keyring) GoString() string { return k.String() }

// SealingEntry returns the position of the entry that seals at now, in seconds since the Unix epoch (RING-07). It fails with
// ClockRange or NoSealingKey.
func (k *Keyring) SealingEntry(now int64) (int, error) {
	if now < 0 || now >= timeEnd {
		return 0, fail(ClockRange)
	}
	return k.current.Load().sealing(now)
}

// Accepted returns the positions of the entries whose tokens are accepted at now, in seconds since the Unix epoch (RING-08).
// It fails with ClockRange.
func (k *Keyring) Accepted(now int64) ([]int, error) {
	if now < 0 || now >= timeEnd {
		return nil, fail(ClockRange)
	}
	out := []int{}
	for i, e := range k.current.Load().entries {
		if now < e.acceptUntil {
			out = append(out, i)
		}
	}
	return out, nil
}

func (r *ring) sealing(now int64) (int, error) {
	best := -1
	for i, e := range r.entries {
		if e.sealFrom <= now && (best < 0 || e.sealFrom > r.entries[best].sealFrom) {
			best = i
		}
	}
	if best < 0 || r.entries[best].acceptUntil <= now {
		return 0, fail(NoSealingKey)
	}
	return best, nil
}

// Warning is a doubt about an entry of a ring (RING-18).
type Warning struct {
	Entry int    // its position, counted from 0
	Code  string // "ends_before_its_tokens", "takes_over_too_soon" or "far_in_future"
}

// farFuture is 100 years: a later time is probably one in milliseconds (RING-18).
const farFuture = 3_155_760_000

// Warnings checks a ring before it is published (RING-18). now is in seconds since the Unix epoch, the rest in seconds:
// longestTTL is the longest ttl in use, 1 to 34 560 000; reloadGrace, 0 to 34 560 000, is the longest time that a server
// takes to read a new document, and the most that its clock is slow; leeway, 0 to 300, is the one in use. It fails with
// LeewayRange, ClockRange, TTLRange or GraceRange, in this order.
func (k *Keyring) Warnings(now, longestTTL, reloadGrace, leeway int64) ([]Warning, error) {
	switch {
	case leeway < 0 || leeway > leewayMax:
		return nil, fail(LeewayRange)
	case now < 0 || now >= timeEnd:
		return nil, fail(ClockRange)
	case longestTTL < 1 || longestTTL > lifeMax:
		return nil, fail(TTLRange)
	case reloadGrace < 0 || reloadGrace > lifeMax:
		return nil, fail(GraceRange)
	}
	r := k.current.Load()
	_, noSeal := r.sealing(now)
	out := []Warning{}
	for i, e := range r.entries {
		successor := noEnd
		for _, o := range r.entries {
			if o.sealFrom > e.sealFrom && o.sealFrom < successor {
				successor = o.sealFrom
			}
		}
		if now < e.acceptUntil && successor != noEnd && e.acceptUntil < successor+longestTTL+reloadGrace {
			out = append(out, Warning{i, "ends_before_its_tokens"})
		}
		if noSeal == nil && now < e.sealFrom && e.sealFrom < now+reloadGrace+leeway {
			out = append(out, Warning{i, "takes_over_too_soon"})
		}
		if e.sealFrom > now+farFuture || e.acceptUntil != noEnd && e.acceptUntil > now+farFuture {
			out = append(out, Warning{i, "far_in_future"})
		}
	}
	return out, nil
}

// rawEntry is an entry before any check but those of its form; a bad time is math.MinInt64.
type rawEntry struct {
	key         func() (Key, error)
	sealFrom    *int64
	acceptUntil *int64
}

func newRing(entries []Entry) (*ring, error) {
	raw := make([]rawEntry, len(entries))
	for i, e := range entries {
		raw[i] = rawEntry{func() (Key, error) {
			if e.Key.b == nil {
				return Key{}, fail(KeyFormat)
			}
			return e.Key, nil
		}, e.SealFrom, e.AcceptUntil}
	}
	return checkRing(raw)
}

func checkRing(raw []rawEntry) (*ring, error) {
	if len(raw) == 0 {
		return nil, fail(KeyringEmpty)
	}
	r := &ring{}
	seen := make(map[[32]byte]bool, len(raw))
	for i, e := range raw {
		key, err := e.key()
		if err != nil {
			return nil, failEntry(CodeOf(err), i)
		}
		entry := ringEntry{key: key, acceptUntil: noEnd}
		if e.sealFrom != nil {
			entry.sealFrom = *e.sealFrom
		}
		if entry.sealFrom < 0 || entry.sealFrom >= timeEnd {
			return nil, failEntry(KeyringTime, i)
		}
		if e.acceptUntil != nil {
			entry.acceptUntil = *e.acceptUntil
			if entry.acceptUntil < 0 || entry.acceptUntil >= timeEnd {
				return nil, failEntry(KeyringTime, i)
			}
		}
		if entry.sealFrom >= entry.acceptUntil {
			return nil, failEntry(KeyringWindow, i)
		}
		if seen[*key.b] {
			return nil, failEntry(KeyDuplicate, i)
		}
		seen[*key.b] = true
		r.entries = append(r.entries, entry)
	}
	return r, nil
}

func asciiSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r' }

func parseRing(b []byte, testKeys bool) (*ring, error) {
	text := string(b)
	i := 0
	for i < len(text) && asciiSpace(text[i]) {
		i++
	}
	if i < len(text) && text[i] == '{' {
		return parseRingDocument(text, testKeys)
	}
	var raw []rawEntry
	for len(text) > 0 {
		n := strings.IndexAny(text, ", \t\n\f\r")
		item := text
		if n >= 0 {
			item, text = text[:n], text[n+1:]
		} else {
			text = ""
		}
		if item != "" {
			raw = append(raw, rawEntry{key: func() (Key, error) { return parseKey(item, testKeys) }})
		}
	}
	return checkRing(raw)
}

func parseRingDocument(text string, testKeys bool) (*ring, error) {
	v, err := parseJSON(text, 8) // deeper than 3 is refused in any case
	doc, ok := v.(map[string]any)
	if err != nil || !ok || len(doc) != 2 || doc["cretula"] != any("keyring-v1") {
		return nil, fail(KeyringFormat)
	}
	keys, ok := doc["keys"].([]any)
	if !ok {
		return nil, fail(KeyringFormat)
	}
	raw := make([]rawEntry, 0, len(keys))
	for _, k := range keys {
		e, ok := k.(map[string]any)
		if !ok {
			return nil, fail(KeyringFormat)
		}
		if _, ok := e["key"]; !ok {
			return nil, fail(KeyringFormat)
		}
		var r rawEntry
		for name, v := range e {
			switch v.(type) {
			case map[string]any, []any:
				return nil, fail(KeyringFormat)
			}
			switch name {
			case "key":
				r.key = func() (Key, error) {
					s, ok := v.(string)
					if !ok {
						return Key{}, fail(KeyFormat)
					}
					return parseKey(s, testKeys)
				}
			case "seal_from":
				r.sealFrom = ringTime(v)
			case "accept_until":
				r.acceptUntil = ringTime(v)
			default:
				return nil, fail(KeyringFormat)
			}
		}
		raw = append(raw, r)
	}
	return checkRing(raw)
}

func ringTime(v any) *int64 {
	if n, ok := v.(json.Number); ok {
		if t, ok := integer(n, 0, timeEnd-1); ok {
			return &t
		}
	}
	return At(math.MinInt64)
}
