package cretula

import (
	"encoding/json"
	"reflect"
)

// View decodes data into the application's type, by encoding/json.
func View[T any](s *Session) (T, error) {
	var v T
	b, err := appendMap(nil, s.Data(), 2)
	if err == nil && json.Unmarshal(b, &v) != nil { // not chained: it may carry the value
		err = fail(PayloadInvalid)
	}
	return v, err
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
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fail(PayloadUnserializable)
	}
	x, err := parseJSON(string(b), nestingMax)
	m, ok := x.(map[string]any)
	if err != nil || !ok {
		return nil, fail(PayloadUnserializable)
	}
	return m, nil
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
