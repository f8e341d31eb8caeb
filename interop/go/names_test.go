package cretula

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// Any name is data, and no value changes in silence (SESS-06, SESS-11, SESS-12): what Go's libraries could do, by name.

const namesHead = `{"sid":"AAAAAAAAAAAAAAAAAAAAAA","start":1789999999,"end":1790086399,"rev":1`

// sessionOf opens a session whose data is a JSON text, through a cookie.
func sessionOf(t *testing.T, ss *Sessions, data string) *Session {
	t.Helper()
	token, err := (&Sealer{ss.p.t}).SealAt([]byte(namesHead+`,"data":`+data+`}`), 1800, testNow)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ss.OpenAt(context.Background(), []string{"__Host-session=" + token}, testNow)
	if err != nil || s.Reason() != "" {
		t.Fatal(err, s.Reason(), data)
	}
	return s
}

func dataText(t *testing.T, s *Session) string {
	t.Helper()
	b, err := appendValue(nil, s.Values(), 2)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func wrote(t *testing.T, ss *Sessions, s *Session) Wrote {
	t.Helper()
	r, err := ss.CommitAt(s, false, testNow)
	if err != nil {
		t.Fatal(err)
	}
	return r.Wrote
}

func TestNamesAreData(t *testing.T) {
	ss := testSessions(t, Cookie{})
	for _, name := range []string{"", "$serde_json::private::RawValue", "$serde_json::private::Number", "__class__", "@type",
		"$type", "$ref", "class", "toJSON", "constructor", "MarshalJSON", "-", "0", "01", "\\u0000a", "K", "\\u212a", "<&>",
		"XMLName", "a.b", "a,omitempty", "sid", "checked", "jkt", "cnf"} {
		data := `{"` + name + `":{"` + name + `":[{"` + name + `":"{\"a\":1}"}]}}`
		s := sessionOf(t, ss, data)
		if got := dataText(t, s); got != strings.ReplaceAll(data, "\\u212a", "\u212a") {
			t.Errorf("%s became %s", data, got)
		}
		if v, err := View[map[string]any](s); err != nil || len(v) != 1 {
			t.Errorf("%s: %v, %v", data, v, err)
		}
		s.Send()
		if w := wrote(t, ss, s); w != Seal {
			t.Errorf("%s: %s", data, w)
		}
	}
}

func TestNamesThatDifferInCaseAreTwo(t *testing.T) {
	s := sessionOf(t, testSessions(t, Cookie{}), `{"k":1,"K":2,"\u212a":3}`)
	if got := dataText(t, s); got != "{\"K\":2,\"k\":1,\"\u212a\":3}" {
		t.Error(got)
	}
}

func TestChangeIsJudgedByValue(t *testing.T) {
	ss := testSessions(t, Cookie{})
	for _, c := range []struct {
		from string
		set  func(*Session)
		want Wrote
	}{
		{`{"a":1,"b":[{"c":2.50}]}`, func(s *Session) { setJSON(t, s, `{"b":[{"c":25e-1}],"a":1.0}`) }, Nothing},
		{`{"a":-0}`, func(s *Session) { setJSON(t, s, `{"a":0}`) }, Nothing},
		{`{"a":0}`, func(s *Session) { s.Set("a", math.Copysign(0, -1)) }, Nothing},
		{`{"a":1.0,"b":[1e2]}`, func(s *Session) { s.SetData(map[string]any{"a": int8(1), "b": []float32{100}}) }, Nothing},
		{`{"a":{"b":null}}`, func(s *Session) {
			s.Set("a", struct {
				B *int `json:"b"`
			}{})
		}, Nothing},
		{`{"a":0.1}`, func(s *Session) { setJSON(t, s, `{"a":0.10000000000000000001}`) }, Nothing},
		{`{"a":0.1}`, func(s *Session) { setJSON(t, s, `{"a":0.10000000000000002}`) }, Seal},
		{`{"a":1}`, func(s *Session) { s.Set("a", true) }, Seal},
		{`{"a":0}`, func(s *Session) { s.Set("a", false) }, Seal},
		{`{"a":0}`, func(s *Session) { s.Set("a", nil) }, Seal},
		{`{"a":null}`, func(s *Session) { s.Delete("a") }, Seal},
		{`{"a":1}`, func(s *Session) { s.Set("a", "1") }, Seal},
		{`{"a":[]}`, func(s *Session) { s.Set("a", map[string]any{}) }, Seal},
		{`{"a":[1,2]}`, func(s *Session) { s.Set("a", []int{2, 1}) }, Seal},
		{`{"a":{"b":[{"c":1}]}}`, func(s *Session) { // deep down
			data := s.Values()
			data["a"].(map[string]any)["b"].([]any)[0].(map[string]any)["c"] = 2
			s.SetData(data)
		}, Seal},
		{`{"a":{"b":1}}`, func(s *Session) { // a copy, which is not put back
			s.Get("a").(map[string]any)["b"] = 2
			s.Values()["a"] = 3
		}, Nothing},
		{`{"a":1}`, func(s *Session) { // what was set is a copy too
			b := map[string]any{"b": []any{1}}
			s.Set("a", b)
			b["b"].([]any)[0] = func() {}
		}, Seal},
		{`{"a":1}`, func(s *Session) { setJSON(t, s, `{}`) }, Seal},
		{`{"a":1}`, func(s *Session) { s.Flash("a", 1) }, Seal},
	} {
		s := sessionOf(t, ss, c.from)
		c.set(s)
		if got := wrote(t, ss, s); got != c.want {
			t.Errorf("%s to %v: %s", c.from, s.data, got)
		}
	}
}

type (
	intText  int
	nameText string
	oddKey   struct{ a, b int }
	hidden   struct{ n int }
	loopy    struct{ Next *loopy }
	Inner    struct{ ID int }
)

func (i intText) MarshalText() ([]byte, error) { return []byte(fmt.Sprint("n", int(i))), nil }

func (n nameText) MarshalText() ([]byte, error) { return []byte("the " + string(n)), nil }

func (k oddKey) MarshalText() ([]byte, error) { return []byte(fmt.Sprint(k.a)), nil }

type setOf struct{ m map[string]bool }

func (s setOf) MarshalJSON() ([]byte, error) { return []byte("{}"), nil }

func TestValuesOfGo(t *testing.T) {
	var list []int
	var table map[string]int
	round := &loopy{}
	round.Next = round
	one := 1
	for _, c := range []struct {
		name string
		v    any
		want string // "" is refused
	}{
		{"html", struct{ A string }{"<&>\u2028"}, "{\"A\":\"<&>\u2028\"}"},
		{"nil slice", list, `null`}, {"empty slice", []int{}, `[]`}, {"nil map", table, `null`},
		{"empty map", map[string]int{}, `{}`}, {"nil pointer", (*int)(nil), `null`}, {"pointer", &one, `1`},
		{"bytes", []byte("a>"), `"YT4="`}, {"array of bytes", [2]byte{1, 2}, `[1,2]`},
		{"int64", int64(1) << 53, ""}, {"int64 in a struct", struct{ A int64 }{1<<53 + 1}, ""}, {"uint64", uint64(math.MaxUint64), ""},
		{"float32", float32(0.1), `0.1`}, {"float32 whole", float32(1 << 30), `1073741824`}, {"float32 large", float32(1 << 60), ""},
		{"whole float in a struct", struct{ A float64 }{1e20}, ""}, {"NaN in a struct", struct{ A float64 }{math.NaN()}, ""},
		{"1e300 in a pointer", &map[string]any{"a": 1e300}, ""},
		{"int keys", map[int]string{1: "a", 10: "b", 2: "c"}, `{"1":"a","10":"b","2":"c"}`},
		{"equal text keys", map[oddKey]int{{1, 2}: 1, {1, 3}: 2}, ""}, {"text key", map[oddKey]int{{1, 2}: 1}, `{"1":1}`},
		{"keys not UTF-8", map[string]int{"\xff": 1, "\xfe": 2}, ""}, {"key not UTF-8", struct{ A map[string]int }{map[string]int{"\xff": 1}}, ""},
		{"not UTF-8", "\xff", ""}, {"not UTF-8, deep", []any{&struct{ A string }{"\xed\xa0\x80"}}, ""}, {"U+FFFD", "\ufffd", "\"\ufffd\""},
		{"proto", map[string]any{"a": struct {
			P int `json:"__proto__"`
		}{}}, ""},
		{"raw", json.RawMessage(`{"b":1.50,"a":"<"}`), `{"a":"<","b":1.5}`}, {"raw twice", json.RawMessage(`{"a":1,"\u0061":2}`), ""},
		{"raw surrogate", json.RawMessage(`"\ud800"`), ""}, {"raw, no JSON", json.RawMessage(`{`), ""},
		{"raw not UTF-8", json.RawMessage("\"\xff\""), ""},
		{"number", json.Number("1.50"), `1.5`}, {"number, empty", json.Number(""), ""}, {"number, text", json.Number(`1,"a":2`), ""},
		{"text", nameText("cat"), `"the cat"`}, {"text of an int", intText(3), `"n3"`}, {"address", netip.MustParseAddr("::1"), `"::1"`},
		{"time", time.Unix(0, 1).UTC(), `"1970-01-01T00:00:00.000000001Z"`}, {"duration", time.Second, `1000000000`},
		{"big by pointer", big.NewInt(5), `5`}, {"big by value", *big.NewInt(5), `5`}, {"big too large", new(big.Int).Lsh(big.NewInt(1), 60), ""},
		{"big in a struct", struct{ N big.Int }{*big.NewInt(7)}, `{"N":7}`},
		{"no exported field", hidden{1}, ""}, {"error", errors.New("x"), ""}, {"key", testKey(t, 1), ""},
		{"no field", struct{}{}, `{}`}, {"own {}", setOf{map[string]bool{"a": true}}, `{}`},
		{"embedded", struct {
			Inner
			B int
		}{Inner{1}, 2}, `{"B":2,"ID":1}`},
		{"cycle", round, ""}, {"func", func() {}, ""}, {"complex", 1i, ""}, {"channel", make(chan int), ""},
	} {
		for form, v := range map[string]any{"%s": c.v, `[{"x":%s}]`: []any{map[string]any{"x": c.v}}} {
			s := testSessions(t, Cookie{}).p.newSession("", testNow)
			s.Set("a", v)
			b, err := s.content(nil)
			want := `,"data":{"a":` + fmt.Sprintf(form, c.want) + `}`
			if c.want == "" {
				if CodeOf(err) != PayloadUnserializable {
					t.Errorf("%s: %s, %v", c.name, b, err)
				}
			} else if err != nil || string(b) != want {
				t.Errorf("%s: %s, %v, want %s", c.name, b, err, want)
			}
		}
	}
}

func TestTextsThatSetDataJSONRefuses(t *testing.T) {
	ss := testSessions(t, Cookie{})
	for _, text := range []string{`[1]`, `null`, `1`, ``, `{`, `{}x`, `{"a":1,"a":1}`, `{"a":[{"b":{"x":1,"\u0078":1}}]}`, `{"a":"\ud800"}`,
		`{"\udc00":1}`, `{"a":1e400}`, `{"a":[-1e309]}`, "{\"a\":\"\xff\"}", "\ufeff{}"} {
		s, _ := ss.OpenAt(context.Background(), nil, testNow)
		code(t, s.SetDataJSON(text), PayloadUnserializable)
		if w := wrote(t, ss, s); w != Nothing {
			t.Errorf("%s changed something: %s", text, w)
		}
	}
}

func TestTextsThatTheCommitRefuses(t *testing.T) {
	ss := testSessions(t, Cookie{})
	for _, text := range []string{`{"a":9007199254740992}`, `{"a":1e300}`, `{"__proto__":1}`, `{"a":[{"__proto__":1}]}`,
		`{"a":` + strings.Repeat("[", 15) + strings.Repeat("]", 15) + `}`, `{"a":` + strings.Repeat("[", 190) + strings.Repeat("]", 190) + `}`} {
		s, _ := ss.OpenAt(context.Background(), nil, testNow)
		setJSON(t, s, text)
		_, err := ss.CommitAt(s, false, testNow)
		code(t, err, PayloadUnserializable)
		if err := s.SignOff(); err != nil { // a failed commit may be tried again
			t.Fatal(err)
		}
		if w := wrote(t, ss, s); w != Expire {
			t.Errorf("%.20s: %s", text, w)
		}
	}
}

type item struct {
	ID int
	Q  int `json:"q,omitempty"`
}

type typed struct {
	id     int // unexported: "id" is not ID, and never read
	Whole  int
	Deep   struct{ In struct{ A int } }
	Items  []item
	Table  map[string]item
	Nest   [][]item
	Pair   [2]int
	Any    any
	Big    big.Int
	F      float32
	Tagged Inner `json:"tagged"`
	Inner  `json:"inner"`
	Hidden int `json:"-"`
}

func TestUpdateKeepsWhatTheTypeDoesNotKnow(t *testing.T) {
	keep := func(*typed) {}
	for _, c := range []struct {
		name, from string
		change     func(*typed)
		want       string // "" is refused
	}{
		{"nothing", `{"Whole":1.0,"x":1.50,"Any":0.10}`, keep, `{"Any":0.1,"Whole":1,"x":1.5}`},
		{"nested struct", `{"Deep":{"In":{"A":1,"x":{"y":[null]}},"x":2},"x":3}`, func(d *typed) { d.Deep.In.A = 9 },
			`{"Deep":{"In":{"A":9,"x":{"y":[null]}},"x":2},"x":3}`},
		{"nested struct, another member", `{"Deep":{"In":{"x":1}}}`, func(d *typed) { d.Whole = 9 }, `{"Deep":{"In":{"x":1}},"Whole":9}`},
		{"item", `{"Items":[{"ID":1,"x":1},{"ID":2,"x":2}]}`, func(d *typed) { d.Items[1].Q = 9 },
			`{"Items":[{"ID":1,"x":1},{"ID":2,"q":9,"x":2}]}`},
		{"item and appended", `{"Items":[{"ID":1,"x":1}]}`, func(d *typed) { d.Items[0].Q = 9; d.Items = append(d.Items, item{ID: 3}) },
			`{"Items":[{"ID":1,"q":9,"x":1},{"ID":3}]}`},
		{"item removed", `{"Items":[{"ID":1,"x":1},{"ID":2,"x":2}]}`, func(d *typed) { d.Items = d.Items[1:] }, `{"Items":[{"ID":2,"x":2}]}`},
		{"items turned", `{"Items":[{"ID":1,"x":1},{"ID":2,"x":2}]}`, func(d *typed) { d.Items[0], d.Items[1] = d.Items[1], d.Items[0] },
			`{"Items":[{"ID":2,"x":2},{"ID":1,"x":1}]}`},
		{"item inserted", `{"Items":[{"ID":1,"x":1}]}`, func(d *typed) { d.Items = []item{{ID: 5}, d.Items[0]} }, `{"Items":[{"ID":5},{"ID":1,"x":1}]}`},
		{"item removed, another altered", `{"Items":[{"ID":1,"x":1},{"ID":2,"x":2}]}`, func(d *typed) { d.Items = d.Items[1:]; d.Items[0].Q = 9 }, ""},
		{"the same, all known", `{"Items":[{"ID":1},{"ID":2}]}`, func(d *typed) { d.Items = d.Items[1:]; d.Items[0].Q = 9 },
			`{"Items":[{"ID":2,"q":9}]}`},
		{"items emptied", `{"Items":[{"ID":1,"x":1}]}`, func(d *typed) { d.Items = []item{} }, `{"Items":[]}`},
		{"table", `{"Table":{"a":{"ID":1,"x":1},"b":{"ID":2,"x":2}}}`, func(d *typed) { d.Table["a"] = item{9, 0}; delete(d.Table, "b") },
			`{"Table":{"a":{"ID":9,"x":1}}}`},
		{"arrays in arrays", `{"Nest":[[{"ID":1,"x":1}],[{"ID":2,"x":2}]]}`, func(d *typed) { d.Nest[1][0].ID = 9 },
			`{"Nest":[[{"ID":1,"x":1}],[{"ID":9,"x":2}]]}`},
		{"Go array too short", `{"Pair":[1,2,3]}`, func(d *typed) { d.Pair[0] = 9 }, `{"Pair":[9,2,3]}`},
		{"any", `{"Any":{"a":0.10,"b":1}}`, func(d *typed) { d.Any.(map[string]any)["b"] = 2 }, `{"Any":{"a":0.1,"b":2}}`},
		{"large in any", `{"Any":9007199254740991}`, func(d *typed) { d.Whole = int(d.Any.(float64) / (1 << 30)) }, `{"Any":9007199254740991,"Whole":8388607}`},
		{"float32", `{"F":0.123456789012}`, func(d *typed) { d.Whole = 1 }, `{"F":0.123456789012,"Whole":1}`},
		{"MarshalJSON of a pointer", `{"Big":5}`, func(d *typed) { d.Big.SetInt64(6) }, `{"Big":6}`},
		{"unexported", `{"id":1,"inner":{"id":2}}`, func(d *typed) { d.id, d.Inner.ID = 7, 3 }, `{"id":1,"inner":{"ID":3,"id":2}}`},
		{"promoted no more", `{"ID":1,"id":2,"Inner":3}`, func(d *typed) { d.Whole = 1 }, `{"ID":1,"Inner":3,"Whole":1,"id":2}`},
		{"tag -", `{"-":1,"Hidden":2}`, func(d *typed) { d.Hidden = 3 }, `{"-":1,"Hidden":2}`},
		{"not UTF-8", `{}`, func(d *typed) { d.Any = "\xff" }, ""},
		{"whole numbers by value", `{"Whole":2e2,"Items":[{"ID":-0.0}]}`, func(d *typed) { d.Whole++ }, `{"Items":[{"ID":0}],"Whole":201}`},
	} {
		s := sessionOf(t, testSessions(t, Cookie{}), c.from)
		_, err := Update(s, func(d *typed) error { c.change(d); return nil })
		want := c.want
		if want == "" {
			if CodeOf(err) != PayloadUnserializable {
				t.Errorf("%s: %v", c.name, err)
			}
			err, want = nil, c.from
		}
		if got := dataText(t, s); err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", c.name, got, err, want)
		}
	}
}

func TestUpdateWithARepeatedName(t *testing.T) {
	type data struct{ R json.RawMessage }
	s := sessionOf(t, testSessions(t, Cookie{}), `{"R":{"a":1}}`)
	_, err := Update(s, func(d *data) error { d.R = json.RawMessage(`{"a":2,"\u0061":3}`); return nil })
	code(t, err, PayloadUnserializable)
	if got := dataText(t, s); got != `{"R":{"a":1}}` {
		t.Error(got)
	}
}

func TestUpdateOfDataOfTheSameRequest(t *testing.T) {
	s := testSessions(t, Cookie{}).p.newSession("", testNow)
	s.Set("Deep", map[string]map[string]int{"In": {"A": 1, "a": 2, "x": 3}})
	s.Set("Items", []map[string]int{{"ID": 1, "x": 1}})
	if d, err := View[typed](s); err != nil || d.Deep.In.A != 1 {
		t.Fatal(d.Deep, err)
	}
	if _, err := Update(s, func(d *typed) error { d.Deep.In.A, d.Items[0].Q = 5, 6; return nil }); err != nil {
		t.Fatal(err)
	}
	if got := dataText(t, s); got != `{"Deep":{"In":{"A":5,"a":2,"x":3}},"Items":[{"ID":1,"q":6,"x":1}]}` {
		t.Error(got)
	}
}

func TestViewRefusesWhatTheTypeCannotHold(t *testing.T) {
	for _, data := range []string{`{"Whole":1.5}`, `{"Whole":"1"}`, `{"Whole":true}`, `{"Items":{}}`, `{"Deep":[]}`, `{"F":"x"}`} {
		_, err := View[typed](sessionOf(t, testSessions(t, Cookie{}), data))
		code(t, err, PayloadInvalid)
	}
}

// What the type does not know is looked at too: the session could not be committed.
func TestViewOfWhatCannotBeWritten(t *testing.T) {
	s := sessionOf(t, testSessions(t, Cookie{}), `{"Whole":1}`)
	if d, err := View[typed](s); err != nil || d.Whole != 1 {
		t.Fatal(d, err)
	}
	s.Set("theirs", math.NaN())
	_, err := View[typed](s)
	code(t, err, PayloadUnserializable)
	_, err = Update(s, func(d *typed) error { d.Whole = 2; return nil })
	code(t, err, PayloadUnserializable)
	s.Delete("theirs")
	_, err = Update(s, func(d *typed) error { d.Whole = 2; return s.Set("theirs", math.NaN()) })
	code(t, err, PayloadUnserializable)
	if got := s.Get("Whole"); got != json.Number("1") {
		t.Error(got)
	}
}

// What a handler holds is its own, before and after an Update.
func TestViewAndUpdateShareNothing(t *testing.T) {
	s := sessionOf(t, testSessions(t, Cookie{}), `{"a":{"n":[1]},"b":[{"n":1}]}`)
	spoil := func(m map[string]any) {
		m["a"].(map[string]any)["n"].([]any)[0] = 7
		m["b"].([]any)[0].(map[string]any)["n"] = 7
	}
	want := `{"a":{"n":[1]},"b":[{"n":1}],"c":{"n":1}}`
	var within map[string]any
	after, err := Update(s, func(m *map[string]any) error {
		(*m)["c"] = map[string]any{"n": 1}
		within = *m
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	viewed, err := View[map[string]any](s)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []map[string]any{within, after, viewed, s.Values()} {
		m["c"].(map[string]any)["n"] = 7
		spoil(m)
	}
	if got := dataText(t, s); got != want {
		t.Error(got)
	}
}

// A change that fails half way through a session's members alters none of them.
func TestUpdateThatFailsAltersNothing(t *testing.T) {
	from := `{"A":{"n":1,"x":1},"Items":[{"n":1,"x":1},{"n":2,"x":2}]}`
	type item struct {
		N int `json:"n"`
	}
	type data struct {
		A     item
		Items []item
	}
	for range 20 { // members come in any order
		s := sessionOf(t, testSessions(t, Cookie{}), from)
		_, err := Update(s, func(d *data) error { d.A.N, d.Items = 2, []item{{3}}; return nil })
		code(t, err, PayloadUnserializable)
		if got := dataText(t, s); got != from {
			t.Fatal(got)
		}
	}
}
