package cretula

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"cretula.example/cretula/internal/hook"
)

const testNow = int64(1_790_000_000)

func testKey(t testing.TB, n int) Key {
	k, err := keyFromBytes([]byte(fmt.Sprintf("cretula-test-key-number-%02d......", n)), true)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func testSessions(t testing.TB, cookie Cookie) *Sessions {
	if cookie.Name == "" {
		cookie.Name = "__Host-session"
	}
	k, err := NewKeyring(Entry{Key: testKey(t, 1)})
	if err != nil {
		t.Fatal(err)
	}
	c, _ := NewContext("shop.example", "session")
	s, err := newSessions(k, c, SessionOptions{Cookie: cookie, Check: NoCheck})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func setJSON(t testing.TB, s *Session, text string) {
	t.Helper()
	if err := s.SetDataJSON(text); err != nil {
		t.Fatal(err)
	}
}

func testSealer(t testing.TB) *Sealer { return &Sealer{testSessions(t, Cookie{}).p.t} }

func code(t *testing.T, err error, want Code) {
	t.Helper()
	if CodeOf(err) != want || !errors.Is(err, want) {
		t.Fatalf("%v, want %s", err, want)
	}
}

func TestTwoSealsDiffer(t *testing.T) {
	s := testSealer(t)
	a, err := s.SealAt(nil, 60, testNow)
	b, err2 := s.SealAt(nil, 60, testNow)
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	x, _ := decodeText(a)
	y, _ := decodeText(b)
	if bytes.Equal(x[35:47], y[35:47]) || bytes.Equal(x[47:59], y[47:59]) {
		t.Fatal("salt or iv twice")
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("broken") }

func TestNoRandomness(t *testing.T) {
	defer func(r any) { randomReader = r.(interface{ Read([]byte) (int, error) }) }(randomReader)
	randomReader = broken{}
	_, err := GenerateKey()
	code(t, err, NoRandomness)
	token, err := testSealer(t).SealAt(nil, 60, testNow)
	code(t, err, NoRandomness)
	if token != "" {
		t.Fatal("a token")
	}
	ss := testSessions(t, Cookie{})
	s, _ := ss.OpenAt(context.Background(), nil, testNow)
	s.Send()
	_, err = ss.CommitAt(s, false, testNow)
	code(t, err, NoRandomness)
}

func TestNoClock(t *testing.T) {
	defer func(f func() int64) { systemClock = f }(systemClock)
	for _, now := range []int64{-1, timeEnd} {
		systemClock = func() int64 { return now }
		_, err := testSealer(t).Seal(nil, 0)
		code(t, err, NoClock)
		_, err = testSealer(t).Unseal("")
		code(t, err, NoClock)
		for _, err := range callsWithoutATime(t) {
			code(t, err, NoClock)
		}
	}
}

// callsWithoutATime makes every call that takes the system clock's time and returns an error.
func callsWithoutATime(t *testing.T) map[string]error {
	ss := testSessions(t, Cookie{})
	sealer, signer := &Sealer{ss.p.t}, &Signer{ss.p.t}
	ctx, _ := NewContext("shop.example", "return-url")
	tc, err := newTokenCookie(ss.p.t.keyring, ctx, 600, Cookie{Name: "__Host-return"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s, _ := ss.OpenAt(context.Background(), nil, testNow)
	s.Send()
	all := map[string]error{}
	_, all["seal"] = sealer.Seal(nil, 0)
	_, all["unseal"] = sealer.Unseal("")
	_, all["sign"] = signer.Sign(nil, 0)
	_, all["verify"] = signer.Verify("")
	_, all["read"] = tc.Read(nil)
	_, all["write"] = tc.Write(make([]byte, 5000))
	_, all["commit"] = ss.Commit(s, false)
	_, all["excess"] = ss.Excess(s)
	return all
}

func TestSecretsAreNotShown(t *testing.T) {
	k := testKey(t, 1)
	ring, _ := NewKeyring(Entry{Key: k})
	c, _ := NewContext("a", "b")
	sealer, _ := NewSealer(ring, c)
	w := sealer.t.cache.Load().entries[0]
	for _, v := range []any{k, &k, Entry{Key: k}, []Entry{{Key: k}}, ring, *sealer, sealer, testSessions(t, Cookie{}),
		deviceSessions(t, SessionOptions{}), *deviceSessions(t, SessionOptions{}).device} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
			got := fmt.Sprintf(verb, v)
			for _, secret := range []string{string(k.b[:]), fmt.Sprintf("%x", k.b[:]), fmt.Sprint(k.b[:8])[1:20],
				fmt.Sprintf("%x", w.key[:]), fmt.Sprint(w.key[:8])[1:20], "636574756c61"} {
				if strings.Contains(got, secret) {
					t.Fatalf("%s of %T shows a key", verb, v)
				}
			}
		}
	}
	b, _ := json.Marshal(k)
	if string(b) != "{}" {
		t.Fatal(string(b))
	}
	_, err := ParseKey(k.Text())
	code(t, err, KeyTest)
	if strings.Contains(err.Error(), "6372") {
		t.Fatal(err)
	}
}

func TestHostileCookieFields(t *testing.T) {
	ss := deviceSessions(t, SessionOptions{})
	bound := sessionField(t, ss, boundTo(newBrowser(t))) + "; "
	token, _ := testSealer(t).SealAt([]byte("{}"), 60, testNow)
	second := "2.AAAAAAAA." + token
	fields := map[string][]string{
		"10 000 pairs":            {strings.Repeat("a=b; ", 10_000)},
		"10 000 values":           {strings.Repeat("__Host-session=; ", 10_000)},
		"10 000 candidates":       {strings.Repeat("__Host-session="+token+"; ", 10_000)},
		"10 000 seconds":          {"__Host-session=" + second + strings.Repeat("; __Host-session.1=AAAAAAAA.x", 10_000)},
		"10 000 marks":            {"__Host-session=" + token + strings.Repeat("; __Host-session.end=AAAAAAAAAAAAAAAAAAAAAA", 10_000)},
		"10 000 marks in one":     {"__Host-session=" + token + "; __Host-session.end=" + strings.Repeat("AAAAAAAAAAAAAAAAAAAAAA.", 10_000)},
		"10 000 proofs":           {bound + strings.Repeat("__Host-session.proof="+token+"; ", 10_000)},
		"10 000 known proofs":     {bound + strings.Repeat(proofField(t, ss, deviceSID+deviceSID[1:], testNow)+"; ", 10_000)},
		"100 fields of blanks":    many(100, "__Host-session="+strings.Repeat(" \t", 8_000)),
		"100 fields, one name":    many(100, strings.Repeat("x", 16_000)),
		"100 fields of separator": many(100, strings.Repeat(";", 16_000)),
		"100 fields of =":         many(100, strings.Repeat("=", 16_000)),
	}
	for name, f := range fields {
		cost := func(f []string) time.Duration {
			start := time.Now()
			s, err := ss.OpenAt(context.Background(), f, testNow)
			if err != nil || s.Reason() == "" {
				t.Fatal(name, err)
			}
			return time.Since(start)
		}
		more, longer := []string{}, make([]string, len(f)) // four times the fields, and the octets of each
		for i, x := range f {
			more = append(more, x, x, x, x)
			longer[i] = x + ";" + x + ";" + x + ";" + x
		}
		for tries := 1; ; tries++ { // a busy machine slows some of them
			once, fourTimes := cost(f), max(cost(more), cost(longer))
			if fourTimes < 12*once && once < time.Second { // quadratic is 16
				break
			}
			if tries == 20 || once > 10*time.Second {
				t.Fatalf("%s: %v, four times as much %v", name, once, fourTimes)
			}
		}
		octets := 0
		for _, x := range f {
			octets += len(x)
		}
		if n := testing.AllocsPerRun(1, func() { _, _ = ss.OpenAt(context.Background(), f, testNow) }); n > 200 {
			t.Errorf("%s: %v allocations for %d octets", name, n, octets)
		}
	}
}

func many(n int, s string) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = s
	}
	return out
}

func TestReplaceKeepsTheOldRing(t *testing.T) {
	ring, _ := NewKeyring(Entry{Key: testKey(t, 1)})
	c, _ := NewContext("a", "b")
	s, _ := NewSealer(ring, c)
	token, _ := s.SealAt(nil, 60, testNow)
	code(t, ring.Replace([]byte("{")), KeyringFormat)
	if _, err := s.UnsealAt(token, testNow); err != nil {
		t.Fatal(err)
	}
	if err := ring.ReplaceEntries(Entry{Key: testKey(t, 2)}); err != nil {
		t.Fatal(err)
	}
	_, err := s.UnsealAt(token, testNow)
	code(t, err, UnknownKey)
}

func TestZeroValuesAreRefused(t *testing.T) {
	_, err := NewKeyring(Entry{})
	code(t, err, KeyFormat)
	ring, _ := NewKeyring(Entry{Key: testKey(t, 1)})
	_, err = NewSealer(ring, Context{})
	code(t, err, ContextInvalid)
	c, _ := NewContext("a", "b")
	_, err = NewSealer(&Keyring{}, c)
	code(t, err, KeyringEmpty)
}

func TestUpdateKeepsUnknownMembers(t *testing.T) {
	ss := testSessions(t, Cookie{})
	s, _ := ss.OpenAt(context.Background(), nil, testNow)
	setJSON(t, s, `{"basket":{"n":1,"other":[1.0]},"theirs":1.50}`)
	type data struct {
		Basket struct {
			N int `json:"n"`
		} `json:"basket"`
		Note string `json:"note,omitempty"`
	}
	if _, err := Update(s, func(d *data) error { d.Basket.N++; d.Note = "x"; return nil }); err != nil {
		t.Fatal(err)
	}
	b, _ := appendMap(nil, s.Values(), 2)
	if string(b) != `{"basket":{"n":2,"other":[1]},"note":"x","theirs":1.5}` {
		t.Fatal(string(b))
	}
	if _, err := Update(s, func(d *data) error { d.Note = ""; return nil }); err != nil || s.Get("note") != nil {
		t.Fatal("a member left out stays", err)
	}
}

func TestCommitRefusals(t *testing.T) {
	ss := testSessions(t, Cookie{})
	s, _ := ss.OpenAt(context.Background(), nil, testNow)
	c, _ := NewContext("shop.example", "other")
	other, _ := newSessions(ss.p.t.keyring, c, SessionOptions{Cookie: Cookie{Name: "__Host-other"}})
	_, err := other.CommitAt(s, false, testNow)
	code(t, err, ContextInvalid)
	if _, err := ss.CommitAt(s, false, testNow); err != nil {
		t.Fatal(err)
	}
	_, err = ss.CommitAt(s, false, testNow)
	code(t, err, Committed)
	if err := checkTogether(ss, other); err != nil {
		t.Fatal(err)
	}
	code(t, checkTogether(ss, ss), CookieClash)
}

func TestNilCheckCloses(t *testing.T) {
	ss := testSessions(t, Cookie{})
	s, _ := ss.OpenAt(context.Background(), nil, testNow)
	if err := s.SignOn("ada", 7); err != nil {
		t.Fatal(err)
	}
	r, err := ss.CommitAt(s, false, testNow)
	if err != nil {
		t.Fatal(err)
	}
	field := []string{strings.SplitN(r.SetCookie[0], ";", 2)[0]}
	failing := func(context.Context, Claims) (Answer, error) {
		return Answer{Gen: 7, Answered: true}, errors.New("down")
	}
	for _, check := range []CheckFunc{nil, failing} {
		strict, _ := newSessions(ss.p.t.keyring, ss.p.t.ctx, SessionOptions{Cookie: ss.cookie, Check: check})
		s, _ = strict.OpenAt(context.Background(), field, testNow)
		if s.Reason() != Unchecked {
			t.Fatal(s.Reason())
		}
	}
}

func TestTokenCookie(t *testing.T) {
	ring, _ := NewKeyring(Entry{Key: testKey(t, 1)})
	c, _ := NewContext("shop.example", "return-url")
	tc, err := newTokenCookie(ring, c, 300, Cookie{Name: "__Host-return"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	written, err := tc.WriteAt([]byte("/basket"), testNow)
	if err != nil || written.CacheControl != "no-store" || written.Vary != "" || len(written.SetCookie) != 1 {
		t.Fatal(written, err)
	}
	line := written.SetCookie[0]
	if !strings.HasSuffix(line, "; Path=/; Max-Age=300; Secure; HttpOnly; SameSite=Lax") {
		t.Fatal(line)
	}
	o, err := tc.ReadAt([]string{strings.SplitN(line, ";", 2)[0]}, testNow)
	if err != nil || string(o.Payload) != "/basket" {
		t.Fatal(err)
	}
	_, err = tc.WriteAt(make([]byte, 5000), testNow)
	code(t, err, CookieTooLarge)
	for _, ttl := range []int64{-1, 0, 34_560_001} {
		_, err = newTokenCookie(ring, c, ttl, Cookie{Name: "__Host-return"}, nil)
		code(t, err, TTLRange)
	}
	for _, bad := range []Cookie{{Large: true}, {Previous: []Combination{{Partitioned: true}}}} {
		_, err = newTokenCookie(ring, c, 300, bad, nil)
		code(t, err, CookieAttributes)
	}
}

func FuzzUnseal(f *testing.F) {
	s := testSealer(f)
	// Fixed: each of the fuzzer's processes runs this line.
	token, _ := s.t.make([]byte("x"), 60, testNow, &hook.Fixed{Salt: make([]byte, 12), IV: make([]byte, 12)})
	f.Add(token)
	f.Add("CrE2")
	f.Add(token[:60] + "\n" + token[60:])
	f.Fuzz(func(t *testing.T, text string) {
		o, err := s.UnsealAt(text, testNow)
		if err == nil && text != token && string(o.Payload) == "x" {
			t.Fatal("a token has two texts")
		}
		if err != nil && (CodeOf(err) == "" || o.Payload != nil) {
			t.Fatal(err)
		}
	})
}

func FuzzCookie(f *testing.F) {
	ss := testSessions(f, Cookie{Large: true})
	s, _ := ss.OpenAt(context.Background(), nil, testNow)
	s.Send()
	now := testNow
	r, _ := ss.commit(s, false, &now, &hook.Fixed{SID: "AAAAAAAAAAAAAAAAAAAAAA", Salt: make([]byte, 12), IV: make([]byte, 12)})
	f.Add(r.SetCookie[0] + "\n__Host-session.end=x")
	f.Add("__Host-session=2.AAAAAAAA." + r.SetCookie[0][15:90] + "; __Host-session.1=AAAAAAAA.x")
	f.Fuzz(func(t *testing.T, text string) {
		fields := strings.Split(text, "\n")
		s, err := ss.OpenAt(context.Background(), fields, testNow)
		if err != nil {
			t.Fatal(err)
		}
		r, err := ss.CommitAt(s, false, testNow)
		if err != nil || r.Wrote != Nothing {
			t.Fatal(r.Wrote, err)
		}
	})
}

func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1.5e3,"\ud83d\ude00",null]}`, "[-0,01]", `"\ud800"`, " \t{}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := parseJSON(text, 1000)
		valid := json.Valid([]byte(text)) && utf8.ValidString(text)
		// What encoding/json takes too: depth, a name twice, a surrogate.
		more := strings.Count(text, "[")+strings.Count(text, "{") < 1000 && !strings.Contains(text, ":") && !strings.Contains(text, `\u`)
		if err == nil && !valid || err != nil && valid && more {
			t.Fatalf("%q: %v", text, err)
		}
		if err != nil {
			return
		}
		b, err := appendValue(nil, v, 1)
		if err != nil {
			return
		}
		again, err := parseJSON(string(b), nestingMax)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := appendValue(nil, again, 1); err != nil || !bytes.Equal(b, c) {
			t.Fatalf("%s then %s", b, c)
		}
	})
}

func FuzzKeyring(f *testing.F) {
	key := testKey(f, 1).Text()
	f.Add([]byte(key + ",\n" + testKey(f, 2).Text()))
	f.Add([]byte(`{"cretula":"keyring-v1","keys":[{"key":"` + key + `","seal_from":1.0,"accept_until":2e9}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := parseRing(text, true)
		if err != nil {
			if CodeOf(err) == "" {
				t.Fatal(err)
			}
			return
		}
		for _, e := range r.entries {
			if !bytes.Contains(text, []byte(e.key.Text())) && !bytes.ContainsRune(text, '\\') {
				t.Fatal("a key that does not stand there")
			}
		}
	})
}
