package cretula

import (
	"encoding"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// encoding/json reads duplicate names, replaces lone surrogates by U+FFFD, and when writing escapes HTML and U+2028
// and replaces what is not UTF-8. A session and a keyring document must refuse these, so the text form is done here.

var errJSON = errors.New("not a JSON text")

type jsonParser struct {
	s      string
	i      int
	max    int
	finite bool // refuses numbers beyond binary64
}

// parseJSON reads RFC 8259 and nothing else, at most maxDepth levels deep, into map[string]any, []any, json.Number (as it
// stands), string, bool and nil. A name that occurs twice in an object and an escaped lone surrogate are refused.
func parseJSON(s string, maxDepth int) (any, error) {
	return (&jsonParser{s: s, max: maxDepth}).text()
}

// parseValue reads what the application gives as a JSON text. What only a commit refuses passes, such as a nesting deeper
// than 16 levels (SESS-06): up to 200, so that the stack is bounded.
func parseValue(s string) (any, error) {
	v, err := (&jsonParser{s: s, max: 200, finite: true}).text()
	if err != nil {
		return nil, errUnserializable
	}
	return v, nil
}

func (p *jsonParser) text() (any, error) {
	if !utf8.ValidString(p.s) {
		return nil, errJSON
	}
	p.space()
	v, err := p.value(1)
	if err != nil {
		return nil, err
	}
	p.space()
	if p.i != len(p.s) {
		return nil, errJSON
	}
	return v, nil
}

func (p *jsonParser) peek() byte {
	if p.i < len(p.s) {
		return p.s[p.i]
	}
	return 0 // U+0000 is allowed nowhere outside strings, and raw not inside
}

func (p *jsonParser) space() {
	for {
		switch p.peek() {
		case ' ', '\t', '\n', '\r':
			p.i++
		default:
			return
		}
	}
}

func (p *jsonParser) word(w string, v any) (any, error) {
	if len(p.s)-p.i < len(w) || p.s[p.i:p.i+len(w)] != w {
		return nil, errJSON
	}
	p.i += len(w)
	return v, nil
}

func (p *jsonParser) value(depth int) (any, error) {
	switch c := p.peek(); {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"':
		return p.str()
	case c == 't':
		return p.word("true", true)
	case c == 'f':
		return p.word("false", false)
	case c == 'n':
		return p.word("null", nil)
	default:
		return p.number()
	}
}

func (p *jsonParser) object(depth int) (any, error) {
	if depth > p.max {
		return nil, errJSON
	}
	m := map[string]any{}
	p.i++
	p.space()
	if p.peek() == '}' {
		p.i++
		return m, nil
	}
	for {
		name, err := p.str()
		if err != nil {
			return nil, err
		}
		p.space()
		if p.peek() != ':' {
			return nil, errJSON
		}
		p.i++
		p.space()
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if _, ok := m[name]; ok {
			return nil, errJSON
		}
		m[name] = v
		p.space()
		c := p.peek()
		p.i++
		if c == '}' {
			return m, nil
		}
		if c != ',' {
			return nil, errJSON
		}
		p.space()
	}
}

func (p *jsonParser) array(depth int) (any, error) {
	if depth > p.max {
		return nil, errJSON
	}
	a := []any{}
	p.i++
	p.space()
	if p.peek() == ']' {
		p.i++
		return a, nil
	}
	for {
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		a = append(a, v)
		p.space()
		c := p.peek()
		p.i++
		if c == ']' {
			return a, nil
		}
		if c != ',' {
			return nil, errJSON
		}
		p.space()
	}
}

func (p *jsonParser) digits() bool {
	from := p.i
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		p.i++
	}
	return p.i > from
}

func (p *jsonParser) number() (any, error) {
	from := p.i
	if p.peek() == '-' {
		p.i++
	}
	if p.peek() == '0' {
		p.i++
	} else if !p.digits() {
		return nil, errJSON
	}
	if p.peek() == '.' {
		p.i++
		if !p.digits() {
			return nil, errJSON
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.i++
		if c := p.peek(); c == '+' || c == '-' {
			p.i++
		}
		if !p.digits() {
			return nil, errJSON
		}
	}
	n := json.Number(p.s[from:p.i])
	if p.finite {
		if _, err := n.Float64(); err != nil {
			return nil, errJSON
		}
	}
	return n, nil
}

func (p *jsonParser) str() (string, error) {
	if p.peek() != '"' {
		return "", errJSON
	}
	p.i++
	from := p.i
	for p.i < len(p.s) && p.s[p.i] != '"' && p.s[p.i] != '\\' && p.s[p.i] >= 0x20 {
		p.i++
	}
	if p.peek() == '"' {
		p.i++
		return p.s[from : p.i-1], nil
	}
	out := []byte(p.s[from:p.i])
	for p.i < len(p.s) {
		c := p.s[p.i]
		p.i++
		switch {
		case c == '"':
			return string(out), nil
		case c < 0x20:
			return "", errJSON
		case c != '\\':
			out = append(out, c)
			continue
		}
		e := p.peek()
		p.i++
		switch e {
		case '"', '\\', '/':
			out = append(out, e)
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, err := p.hex4()
			if err != nil {
				return "", err
			}
			if r >= 0xd800 && r < 0xdc00 && p.i+1 < len(p.s) && p.s[p.i] == '\\' && p.s[p.i+1] == 'u' {
				p.i += 2
				low, err := p.hex4()
				if err != nil {
					return "", err
				}
				r = utf16.DecodeRune(r, low) // U+FFFD if they are no pair
				if r == utf8.RuneError {
					return "", errJSON
				}
			}
			if utf16.IsSurrogate(r) { // utf8.AppendRune would write U+FFFD
				return "", errJSON
			}
			out = utf8.AppendRune(out, r)
		default:
			return "", errJSON
		}
	}
	return "", errJSON
}

func (p *jsonParser) hex4() (rune, error) {
	if len(p.s)-p.i < 4 {
		return 0, errJSON
	}
	var r rune
	for _, c := range []byte(p.s[p.i : p.i+4]) {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, errJSON
		}
	}
	p.i += 4
	return r, nil
}

// integer judges a number by its value as binary64 (RING-14, SESS-02).
func integer(n json.Number, low, high int64) (int64, bool) {
	f, err := strconv.ParseFloat(string(n), 64)
	if err != nil || f != math.Trunc(f) || f < float64(low) || f > float64(high) {
		return 0, false
	}
	return int64(f), true
}

// sameValue compares what parseJSON gave, for Update: numbers as binary64, objects without regard to order. Values of two
// types differ: true is not 1.
func sameValue(a, b any) bool {
	switch x := a.(type) {
	case json.Number:
		y, ok := b.(json.Number)
		f, _ := strconv.ParseFloat(string(x), 64)
		g, _ := strconv.ParseFloat(string(y), 64)
		return ok && f == g
	case []any:
		y, ok := b.([]any)
		return ok && slices.EqualFunc(x, y, sameValue)
	case map[string]any:
		y, ok := b.(map[string]any)
		return ok && maps.EqualFunc(x, y, sameValue)
	}
	switch b.(type) {
	case []any, map[string]any:
		return false
	}
	return a == b
}

const (
	integerMax = int64(1)<<53 - 1
	nestingMax = 16
)

var errUnserializable = fail(PayloadUnserializable)

// appendValue writes a value at a level as SESS-05 and SESS-06 want it. Names are sorted by their octets.
func appendValue(b []byte, v any, level int) ([]byte, error) {
	switch x := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case bool:
		return strconv.AppendBool(b, x), nil
	case string:
		return appendString(b, x)
	case json.Number:
		return appendNumber(b, x)
	case float64:
		return appendFloat(b, x)
	case map[string]any:
		return appendMap(b, x, level)
	case []any:
		if level > nestingMax {
			return nil, errUnserializable
		}
		b = append(b, '[')
		var err error
		for i, e := range x {
			if i > 0 {
				b = append(b, ',')
			}
			if b, err = appendValue(b, e, level+1); err != nil {
				return nil, err
			}
		}
		return append(b, ']'), nil
	}
	return appendReflect(b, v, level)
}

func appendMap(b []byte, m map[string]any, level int) ([]byte, error) {
	if level > nestingMax {
		return nil, errUnserializable
	}
	var err error
	b = append(b, '{')
	for i, name := range sortedNames(m) {
		if name == "__proto__" {
			return nil, errUnserializable
		}
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendString(b, name); err != nil {
			return nil, err
		}
		b = append(b, ':')
		if b, err = appendValue(b, m[name], level+1); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

func sortedNames[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

func appendNumber(b []byte, n json.Number) ([]byte, error) {
	if shortWhole(string(n)) {
		return append(b, n...), nil
	}
	p := jsonParser{s: string(n)}
	if _, err := p.number(); err != nil || p.i != len(n) { // a json.Number may hold anything
		return nil, errUnserializable
	}
	f, err := strconv.ParseFloat(string(n), 64)
	if err != nil {
		return nil, errUnserializable
	}
	return appendFloat(b, f)
}

// shortWhole knows the most frequent numbers, which stand in their one spelling already: a few digits.
func shortWhole(n string) bool {
	if len(n) < 1 || len(n) > 15 || n[0] == '0' && len(n) > 1 {
		return false
	}
	for i := range len(n) {
		if n[i] < '0' || n[i] > '9' {
			return false
		}
	}
	return true
}

// appendFloat gives a number its one spelling: that of ECMAScript, RFC 8785 §3.2.2.3 (SESS-05).
func appendFloat(b []byte, f float64) ([]byte, error) {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0) || math.Trunc(f) == f && math.Abs(f) > float64(integerMax):
		return nil, errUnserializable
	case f == math.Trunc(f):
		return strconv.AppendInt(b, int64(f), 10), nil
	case math.Abs(f) >= 1e-6:
		return strconv.AppendFloat(b, f, 'f', -1, 64), nil
	}
	b = strconv.AppendFloat(b, f, 'e', -1, 64)
	if n := len(b); b[n-3] == '-' && b[n-2] == '0' { // 1e-07
		b = append(b[:n-2], b[n-1])
	}
	return b, nil
}

// float32Value is the number that f is written as, such as 0.1, which f itself is not.
func float32Value(f float64) float64 {
	if f != math.Trunc(f) {
		f, _ = strconv.ParseFloat(strconv.FormatFloat(f, 'e', -1, 32), 64)
	}
	return f
}

const hexDigits = "0123456789abcdef"

func appendString(b []byte, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return nil, errUnserializable
	}
	b = append(b, '"')
	from := 0 // what is written as it is goes at once
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[from:i]...)
		from = i + 1
		switch {
		case c >= 0x20:
			b = append(b, '\\', c)
		case c == '\b':
			b = append(b, '\\', 'b')
		case c == '\t':
			b = append(b, '\\', 't')
		case c == '\n':
			b = append(b, '\\', 'n')
		case c == '\f':
			b = append(b, '\\', 'f')
		case c == '\r':
			b = append(b, '\\', 'r')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(append(b, s[from:]...), '"'), nil
}

// appendReflect writes what an application puts into a map besides JSON's own types. A struct, and whatever has its own
// MarshalJSON or MarshalText, goes through encoding/json.
func appendReflect(b []byte, v any, level int) ([]byte, error) {
	r := reflect.ValueOf(v)
	_, ofJSON := v.(json.Marshaler)
	_, ofText := v.(encoding.TextMarshaler)
	if !ofJSON && !ofText {
		switch r.Kind() {
		case reflect.Bool:
			return strconv.AppendBool(b, r.Bool()), nil
		case reflect.String:
			return appendString(b, r.String())
		case reflect.Float32:
			return appendFloat(b, float32Value(r.Float()))
		case reflect.Float64:
			return appendFloat(b, r.Float())
		case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
			if n := r.Int(); n <= integerMax && n >= -integerMax {
				return strconv.AppendInt(b, n, 10), nil
			}
			return nil, errUnserializable
		case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
			if n := r.Uint(); n <= uint64(integerMax) {
				return strconv.AppendUint(b, n, 10), nil
			}
			return nil, errUnserializable
		case reflect.Map:
			if r.Type().Key().Kind() == reflect.String && !r.IsNil() {
				if level > nestingMax { // before the copy: a map may hold itself
					return nil, errUnserializable
				}
				m := make(map[string]any, r.Len())
				for it := r.MapRange(); it.Next(); {
					m[it.Key().String()] = it.Value().Interface()
				}
				return appendMap(b, m, level)
			}
		case reflect.Slice, reflect.Array:
			if r.Type().Elem().Kind() != reflect.Uint8 && (r.Kind() == reflect.Array || !r.IsNil()) {
				if level > nestingMax {
					return nil, errUnserializable
				}
				a := make([]any, r.Len())
				for i := range a {
					a[i] = r.Index(i).Interface()
				}
				return appendValue(b, a, level)
			}
		}
	}
	x, err := marshal(v)
	if err != nil {
		return nil, err
	}
	return appendValue(b, x, level)
}
