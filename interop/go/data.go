package cretula

import (
	"encoding/json"
	"reflect"
	"strings"
)

// View decodes data into the application's type, by encoding/json, but names are matched exactly.
func View[T any](s *Session) (T, error) {
	var v T
	b, err := appendValue(nil, exact(s.Data(), reflect.TypeFor[T]()), 2)
	if err == nil && json.Unmarshal(b, &v) != nil { // not chained: it may carry the value
		err = fail(PayloadInvalid)
	}
	return v, err
}

// exact leaves out what a type does not know: encoding/json takes a name in another case for that of a field.
func exact(v any, t reflect.Type) any {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return v
	}
	switch x := v.(type) {
	case map[string]any:
		known := map[string]any{}
		switch t.Kind() {
		case reflect.Struct:
			for _, f := range reflect.VisibleFields(t) {
				name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				if name == "" {
					name = f.Name
				}
				if m, ok := x[name]; ok {
					known[name] = exact(m, f.Type)
				}
			}
			return known
		case reflect.Map:
			for name, m := range x {
				known[name] = exact(m, t.Elem())
			}
			return known
		}
	case []any:
		if t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
			list := make([]any, len(x))
			for i, m := range x {
				list[i] = exact(m, t.Elem())
			}
			return list
		}
	}
	return v
}

// Update decodes data, lets change alter it, and puts back what was altered. Members that T does not know stay, also in
// nested objects (SESS-12); an array that was altered is replaced whole.
func Update[T any](s *Session, change func(*T) error) error {
	v, err := View[T](s)
	if err != nil {
		return err
	}
	before, err := plain(v)
	if err != nil {
		return err
	}
	if err := change(&v); err != nil {
		return err
	}
	after, err := plain(v)
	if err != nil {
		return err
	}
	merge(s.Data(), before, after)
	return nil
}

func plain(v any) (map[string]any, error) {
	x, err := marshal(v)
	if m, ok := x.(map[string]any); ok {
		return m, err
	}
	return nil, errUnserializable
}

// marshal is v as encoding/json writes it, read again. That writes \ufffd for octets that are not UTF-8, in silence; the
// character U+FFFD itself it leaves as it is.
func marshal(v any) (any, error) {
	b, err := json.Marshal(v)
	text := string(b)
	if err != nil || strings.Contains(strings.ReplaceAll(text, `\\`, ""), `\ufffd`) { // not chained: it may carry the value
		return nil, errUnserializable
	}
	x, err := parseJSON(text, nestingMax)
	if err != nil {
		return nil, errUnserializable
	}
	return x, nil
}

func merge(to, before, after map[string]any) {
	for n := range before {
		if _, ok := after[n]; !ok {
			delete(to, n)
		}
	}
	for n, a := range after {
		b, had := before[n]
		if had && reflect.DeepEqual(a, b) {
			continue
		}
		am, ok1 := a.(map[string]any)
		bm, ok2 := b.(map[string]any)
		tm, ok3 := to[n].(map[string]any)
		if ok1 && ok2 && ok3 {
			merge(tm, bm, am)
		} else {
			to[n] = a
		}
	}
}
