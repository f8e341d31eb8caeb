package cretula

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"math"
	"net/http"
	"strings"
	"testing"
)

// What the standard library does otherwise than the specification wants, by name.

func TestTrapBase64NewlinesAndUnusedBits(t *testing.T) {
	token, _ := testSealer(t).SealAt([]byte("x"), 60, testNow) // 86 bytes: four unused bits
	if _, err := decodeText(token); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{token + "\n", token + "\r\n", token[:50] + "\n" + token[50:], token + "=", token + " "} {
		_, err := decodeText(bad)
		code(t, err, Encoding)
	}
	_, err := decodeText("AB")
	code(t, err, Encoding)
}

func TestTrapJSONReading(t *testing.T) {
	for _, bad := range []string{`{"a":1,"\u0061":2}`, `[{"x":{"a":1,"b":2,"a":1}}]`, `"\ud800"`, `"\udc00"`, `"\ud800\ud800"`, `"\ud800x"`, `{"\udfff":1}`} {
		if _, err := parseJSON(bad, 16); err == nil {
			t.Errorf("%s accepted", bad)
		}
	}
	v, _ := parseJSON(`"\ud83d\ude00"`, 16)
	if v != any("😀") {
		t.Fatal(v)
	}
	for _, bad := range []string{"", "NaN", "01", "1.", ".5", "+1", "[1,]", "{,}", "\ufeff1", "\"\x00\"", "'a'", "1 2", "\f1", `"\x"`, "\"\xff\"", "[[[", "nul"} {
		if _, err := parseJSON(bad, 16); err == nil {
			t.Errorf("%q accepted", bad)
		}
	}
	if _, err := parseJSON(strings.Repeat("[", 17)+strings.Repeat("]", 17), 16); err == nil {
		t.Fatal("17 levels")
	}
	if _, err := parseJSON(strings.Repeat("[", 1<<20), 16); err == nil {
		t.Fatal("depth")
	}
}

func TestTrapJSONWriting(t *testing.T) {
	b, err := appendValue(nil, map[string]any{"b": "<&>\u2028\x7f\x01\b", "a": json.Number("1.50"), "c": []any{2.0, -0.5, 1e-9, int8(3), nil}}, 1)
	if err != nil || string(b) != "{\"a\":1.5,\"b\":\"<&>\u2028\x7f\\u0001\\b\",\"c\":[2,-0.5,1e-9,3,null]}" || !json.Valid(b) {
		t.Fatal(string(b), err)
	}
	loop := map[string]any{}
	loop["x"] = loop
	type named map[string]int
	for _, bad := range []any{math.NaN(), math.Inf(1), 1e300, int64(1) << 53, uint64(1) << 53, json.Number("1e400"), json.Number("x"),
		json.Number("9007199254740992"), "\xff", map[string]any{"__proto__": 1}, named{"\xff": 1}, []string{"\xff"}, loop, func() {}} {
		if _, err := appendValue(nil, bad, 1); CodeOf(err) != PayloadUnserializable {
			t.Errorf("%T accepted", bad)
		}
	}
	for _, good := range []any{named{"a": 1}, []int{1}, struct{ A int }{1}, int64(1)<<53 - 1, float32(0.1)} {
		if _, err := appendValue(nil, good, 1); err != nil {
			t.Errorf("%T refused", good)
		}
	}
}

func TestTrapNumbersByValue(t *testing.T) {
	for text, want := range map[string]int64{"1.0": 1, "1e0": 1, "-0": 0, "1e-400": 0, "1.79e9": 1790000000} {
		if n, ok := integer(json.Number(text), 0, timeEnd-1); !ok || n != want {
			t.Error(text, n, ok)
		}
	}
	for _, text := range []string{"0.5", "-1", "281474976710656", "1e400"} {
		if _, ok := integer(json.Number(text), 0, timeEnd-1); ok {
			t.Error(text)
		}
	}
}

func TestTrapGCMTagSize(t *testing.T) {
	s := testSealer(t)
	token, _ := s.SealAt([]byte("some payload"), 60, testNow)
	b, _ := decodeText(token)
	d, _ := s.t.derived()
	block, err := aes.NewCipher(subkey(&d.entries[0], b[35:47]))
	if err != nil {
		t.Fatal(err)
	}
	for size := 12; size <= 16; size++ {
		gcm, err := cipher.NewGCMWithTagSize(block, size)
		if err != nil {
			t.Fatal(err)
		}
		body := append([]byte{0, 0, 0x6a, 0xb1, 0x3b, 0x80, 0, 0, 0, 60}, bytes.Repeat([]byte("x"), 20)...)
		short := base64.RawURLEncoding.EncodeToString(gcm.Seal(b[:59:59], b[47:59], body, b[:47]))
		_, err = s.UnsealAt(short, testNow)
		if size == 16 && err != nil {
			t.Fatal(err)
		} else if size < 16 {
			code(t, err, AuthFailed)
		}
	}
}

func TestTrapBinary64(t *testing.T) {
	payload := func(rev string) []byte {
		return []byte(`{"sid":"AAAAAAAAAAAAAAAAAAAAAA","start":1,"end":2,"rev":` + rev + `}`)
	}
	for rev, want := range map[string]int64{"9007199254740991": integerMax, "9007199254740990.5": integerMax - 1, "9007199254740991.5": -1, "9007199254740992": -1,
		"9007199254740993": -1, "18446744073709551617": -1, "1.00000000000000000001": 1} {
		s, err := parseSession(payload(rev))
		if want < 0 {
			code(t, err, PayloadInvalid)
		} else if err != nil || s.rev != want {
			t.Error(rev, err)
		}
	}
	s := testSessions(t, Cookie{}).p.newSession("", testNow)
	setJSON(t, s, `{"n":9007199254740991,"f":0.1000}`)
	if b, err := s.content(nil); err != nil || string(b) != `,"data":{"f":0.1,"n":9007199254740991}` {
		t.Error(string(b), err)
	}
	setJSON(t, s, `{"n":9007199254740993}`) // a float64 would make it …992
	if _, err := s.content(nil); CodeOf(err) != PayloadUnserializable {
		t.Error(err)
	}
}

func TestTrapInt32(t *testing.T) { // for GOARCH=386
	ring, _ := NewKeyring(Entry{Key: testKey(t, 1), SealFrom: At(1 << 40), AcceptUntil: At(1<<48 - 1)})
	if _, err := ring.SealingEntry(1 << 40); err != nil {
		t.Fatal(err)
	}
	c, _ := NewContext("a", "b")
	s, _ := NewSealer(ring, c)
	token, err := s.SealAt(nil, lifeMax, 1<<47)
	if err != nil {
		t.Fatal(err)
	}
	if o, err := s.UnsealAt(token, 1<<47+lifeMax-1); err != nil || o.IssuedAt != 1<<47 || o.ExpiresAt != 1<<47+lifeMax {
		t.Fatal(o, err)
	}
	_, err = s.UnsealAt(token, 1<<47+1<<32)
	code(t, err, Expired)
	if _, err := NewSealer(ring, c, WithLimit(1<<32+1)); CodeOf(err) != LimitRange {
		t.Fatal(err)
	}
	if _, err := NewSealer(ring, c, WithMaxAge(1<<32+1)); CodeOf(err) != MaxAgeRange {
		t.Fatal(err)
	}
	if textLength(math.MaxInt32/2) < 0 {
		t.Fatal("overflow")
	}
}

func TestTrapNamesInAnotherCase(t *testing.T) {
	for _, name := range []string{"SID", "Sid", "\\u017fid"} { // encoding/json folds the long s too
		_, err := parseSession([]byte(`{"` + name + `":"AAAAAAAAAAAAAAAAAAAAAA","start":1,"end":2,"rev":1}`))
		code(t, err, PayloadInvalid)
	}
	_, err := parseRing([]byte(`{"Cretula":"keyring-v1","keys":[]}`), true)
	code(t, err, KeyringFormat)

	type data struct {
		A     int              `json:"A,omitempty"`
		Inner []map[string]any `json:"inner,omitempty"`
		Deep  struct{ B int }
	}
	s := testSessions(t, Cookie{}).p.newSession("", testNow)
	setJSON(t, s, `{"A":1,"a":2,"INNER":[],"Deep":{"B":3,"b":4}}`)
	if d, err := View[data](s); err != nil || d.A != 1 || d.Inner != nil || d.Deep.B != 3 {
		t.Fatal(d, err)
	}
	if _, err := Update(s, func(d *data) error { d.A, d.Deep.B = 5, 6; return nil }); err != nil {
		t.Fatal(err)
	}
	if b, _ := appendValue(nil, s.Values(), 2); string(b) != `{"A":5,"Deep":{"B":6,"b":4},"INNER":[],"a":2}` {
		t.Fatal(string(b))
	}
}

func TestTrapNamesThatNoMapKeeps(t *testing.T) {
	for _, text := range []string{
		`{"sid":"AAAAAAAAAAAAAAAAAAAAAA","start":1,"end":2,"rev":1,"rev":1}`,
		`{"sid":"AAAAAAAAAAAAAAAAAAAAAA","start":1,"end":2,"rev":1,"data":{"x":{"a":1,"a":1}}}`,
		// Refused for its name, also where nothing would be written again.
		`{"sid":"AAAAAAAAAAAAAAAAAAAAAA","start":1,"end":2,"rev":1,"flash":{"__proto__":[]}}`,
	} {
		_, err := parseSession([]byte(text))
		code(t, err, PayloadInvalid)
	}
	s := testSessions(t, Cookie{}).p.newSession("", testNow)
	s.Set("x", json.RawMessage(`{"a":1,"a":2}`))
	_, err := s.content(nil)
	code(t, err, PayloadUnserializable)
}

func TestTrapReplacementCharacter(t *testing.T) {
	type data struct {
		Name string `json:"name"`
	}
	s := testSessions(t, Cookie{}).p.newSession("", testNow)
	for name, good := range map[string]bool{"\ufffd": true, `\ufffd`: true, `\\ufffd`: true, "\xff": false, `\` + "\xff": false} {
		_, err := Update(s, func(d *data) error { d.Name = name; return nil })
		if (err == nil) != good {
			t.Errorf("%q: %v", name, err)
		}
		s.Set("name", data{name})
		if _, err := s.content(nil); (err == nil) != good {
			t.Errorf("%q in a struct: %v", name, err)
		}
		s.SetData(nil)
	}
}

func TestTrapHTMLEscaping(t *testing.T) {
	const text = "<>&\u2028\u2029\x7f"
	for _, v := range []any{text, []string{text}, struct{ A string }{text}, json.RawMessage(`"\u003c>&\u2028\u2029\u007f"`)} {
		if b, err := appendValue(nil, v, 1); err != nil || !strings.Contains(string(b), text) {
			t.Errorf("%T: %s %v", v, b, err)
		}
	}
}

func TestTrapHTTPCookie(t *testing.T) {
	ss := testSessions(t, Cookie{})
	s, _ := ss.OpenAt(context.Background(), nil, testNow)
	s.Send()
	r, err := ss.CommitAt(s, false, testNow)
	if err != nil {
		t.Fatal(err)
	}
	pair, _, _ := strings.Cut(r.SetCookie[0], ";")
	name, token, _ := strings.Cut(pair, "=")
	quoted := name + `="` + token + `"`
	request := http.Request{Header: http.Header{"Cookie": {quoted}}}
	if c, err := request.Cookie(name); err != nil || c.Value != token {
		t.Fatal("net/http takes quotation marks off no more")
	}
	for field, reason := range map[string]Code{pair: "", quoted: NotAToken, "a=\"\x00\\;" + pair: "", "a\x80=,; " + pair: "",
		name + " = \t" + token: "", "__%48ost-session=" + token: Absent, "x=1," + pair: Absent} {
		if s, err := ss.OpenAt(context.Background(), []string{field}, testNow); err != nil || s.Reason() != reason {
			t.Errorf("%q: %q", field, s.Reason())
		}
	}

	// http.Cookie leaves out a Domain that it does not like, and SetCookie a cookie.
	ring, ctx := ss.p.t.keyring, ss.p.t.ctx
	odd := Cookie{Name: "__Secure-session", Combination: Combination{Domain: "-shop.example"}}
	if strings.Contains((&http.Cookie{Name: odd.Name, Domain: odd.Domain}).String(), "Domain") {
		t.Fatal("net/http takes such a Domain")
	}
	tc, err := newTokenCookie(ring, ctx, 600, odd, nil)
	if err != nil || tc.Expire().SetCookie[0] != "__Secure-session=; Path=/; Domain=-shop.example; Max-Age=0; Secure; HttpOnly; SameSite=Lax" {
		t.Fatal(tc, err)
	}
}

func TestTrapUnicodeSpace(t *testing.T) {
	for _, space := range []string{"\v", "\f", "\r", "\n", "\x85", "\xa0", "\u0085", "\u00a0", "\u2000", "\u2028", "\u3000", "\ufeff"} {
		if holds([]string{space + "n=v"}, "n") || holds([]string{"n" + space + "=v"}, "n") {
			t.Errorf("%q is trimmed off a name", space)
		}
		values([]string{"n= " + space + "v" + space + "\t"}, "n", func(v string) bool {
			if v != space+"v"+space {
				t.Errorf("%q is trimmed off a value", space)
			}
			return true
		})
		if _, err := parseJSON(space+"1", 1); err == nil && space != "\n" && space != "\r" {
			t.Errorf("%q before a JSON text", space)
		}
	}
	key := "cretula_key1_" + strings.Repeat("0", 64) + "_00000000"
	for _, space := range []string{"\v", "\u00a0", "\u2003"} { // strings.Fields would part these
		_, err := parseRing([]byte(key+space+key), true)
		code(t, err, KeyFormat)
	}
}

func TestTrapHeaderSpelling(t *testing.T) {
	h := http.Header{"cache-control": {"public"}, "CACHE-CONTROL": {"max-age=9"}, "Vary": {"Accept"}, "Set-Cookie": {"a=b"}}
	empty, none := http.Header{"cache-control": {""}}, http.Header{"Cache-Control": nil, "Vary": {"Accept"}}
	if !HasCacheControl(h) || !HasCacheControl(empty) || HasCacheControl(none) {
		t.Fatal("an empty Cache-Control is one, no value is none")
	}
	Response{SetCookie: []string{"c=d"}, Vary: "Cookie", CacheControl: "no-store"}.Apply(h)
	b, _ := json.Marshal(h)
	if string(b) != `{"Cache-Control":["no-store"],"Set-Cookie":["a=b","c=d"],"Vary":["Accept","Cookie"]}` {
		t.Fatal(string(b))
	}
}

func TestTrapMapOrder(t *testing.T) {
	ss := testSessions(t, Cookie{})
	s, _ := ss.OpenAt(context.Background(), nil, testNow)
	for _, n := range strings.Split("a b c d e f g h i j k l m n o p", " ") {
		s.Set(n, map[string]int{n: 1, "x": 2, "y": 3})
		s.Flash(n, n)
	}
	r, err := ss.CommitAt(s, false, testNow)
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		s, _ := ss.OpenAt(context.Background(), r.SetCookie, testNow)
		if r, err := ss.CommitAt(s, false, testNow); s.Reason() != "" || err != nil || r.Wrote != Nothing {
			t.Fatal("an unchanged session differs", s.Reason(), r.Wrote, err)
		}
	}
}
