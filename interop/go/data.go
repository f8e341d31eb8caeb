package cretula

import (
	"encoding/json"
	"maps"
	"reflect"
	"strings"
	"sync"
)

// View decodes data into the application's type, by encoding/json, but names are matched exactly. It fails with
// PayloadInvalid if data has another form, or PayloadUnserializable if it holds what cannot be written.
func View[T any](s *Session) (T, error) {
	var v T
	s.mu.Lock()
	var b []byte
	err := s.writable()
	if err == nil {
		b, err = appendValue(make([]byte, 0, len(s.before)), exact(s.data, reflect.TypeFor[T]()), 2)
	}
	s.mu.Unlock()
	if err == nil && json.Unmarshal(b, &v) != nil { // not chained: it may carry the value
		err = fail(PayloadInvalid)
	}
	return v, err
}

// tree is v as a commit writes it at a level, read again.
func tree(v any, level int) (any, error) {
	b, err := appendValue(nil, v, level)
	if err != nil {
		return nil, err
	}
	return parseJSON(string(b), nestingMax)
}

// exact leaves out what a type does not know: encoding/json takes a name in another case for that of a field. Its result
// may share parts with v.
func exact(v any, t reflect.Type) any {
	switch v.(type) {
	case map[string]any, []any:
	default:
		return v
	}
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
			for name, f := range fields(t) {
				if m, ok := x[name]; ok {
					known[name] = exact(m, f)
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

// knownFields has what fields gave, by type. A program has a few types.
var knownFields sync.Map

func fields(t reflect.Type) map[string]reflect.Type {
	if known, ok := knownFields.Load(t); ok {
		return known.(map[string]reflect.Type)
	}
	known := findFields(t)
	knownFields.Store(t, known)
	return known
}

// findFields finds the members that encoding/json gives a struct: not the unexported ones, nor an embedded struct itself, but
// what it promotes. What another level has too is the outer one's.
func findFields(t reflect.Type) map[string]reflect.Type {
	known, seen := map[string]reflect.Type{}, map[reflect.Type]bool{}
	for level := []reflect.Type{t}; len(level) > 0; {
		var deeper []reflect.Type
		here := map[string]reflect.Type{}
		for _, t := range level {
			if seen[t] {
				continue
			}
			seen[t] = true
			for i := range t.NumField() {
				f := t.Field(i)
				tag := f.Tag.Get("json")
				name, _, _ := strings.Cut(tag, ",")
				inner := f.Type
				if inner.Kind() == reflect.Pointer {
					inner = inner.Elem()
				}
				switch {
				case tag == "-":
				case f.Anonymous && name == "" && inner.Kind() == reflect.Struct:
					deeper = append(deeper, inner)
				case !f.IsExported():
				case name == "":
					here[f.Name] = f.Type
				default:
					here[name] = f.Type
				}
			}
		}
		for name, f := range here {
			if _, ok := known[name]; !ok {
				known[name] = f
			}
		}
		level = deeper
	}
	return known
}

// Update decodes data, lets change alter it, puts back what was altered, and returns it. Members that T does not know stay,
// also in nested objects and arrays (SESS-12). An item of an array that was altered is the one of the same place, unless
// that one stands elsewhere now; where an array got shorter, too, and it cannot be told whose unknown members to keep, the
// error is PayloadUnserializable and nothing is altered. It fails with Committed after a commit, as View does, or with the
// error of change.
func Update[T any](s *Session, change func(*T) error) (T, error) {
	v, err := update(s, change)
	if err != nil {
		var none T
		return none, err
	}
	return v, nil
}

func update[T any](s *Session, change func(*T) error) (v T, err error) {
	s.mu.Lock()
	err = s.uncommitted()
	s.mu.Unlock()
	if err != nil {
		return v, err
	}
	if v, err = View[T](s); err != nil {
		return v, err
	}
	before, err := plain(&v)
	if err != nil {
		return v, err
	}
	if err := change(&v); err != nil {
		return v, err
	}
	after, err := plain(&v)
	if err != nil {
		return v, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.uncommitted(); err != nil {
		return v, err
	}
	if err := s.writable(); err != nil {
		return v, err
	}
	data, err := mergeMembers(s.data, before, after)
	if err != nil {
		return v, err
	}
	s.data, s.altered = data, true
	return v, nil
}

func plain(v any) (map[string]any, error) {
	x, err := marshal(v)
	if m, ok := x.(map[string]any); ok {
		return m, err
	}
	return nil, errUnserializable
}

// marshal is v as encoding/json writes it, read again. That writes \ufffd for octets that are not UTF-8, in silence; the
// character U+FFFD itself it leaves as it is. It forgets a MarshalJSON of the pointer where it is given the value, and
// writes {} for a struct of which it knows no field.
func marshal(v any) (any, error) {
	r := reflect.ValueOf(v)
	if r.IsValid() && r.Kind() != reflect.Pointer {
		p := reflect.New(r.Type())
		p.Elem().Set(r)
		v = p.Interface()
	}
	b, err := json.Marshal(v)
	text := string(b)
	if err != nil || strings.Contains(strings.ReplaceAll(text, `\\`, ""), `\ufffd`) { // not chained: it may carry the value
		return nil, errUnserializable
	}
	for r = reflect.ValueOf(v); r.Kind() == reflect.Pointer; {
		r = r.Elem()
	}
	_, itself := v.(json.Marshaler)
	if text == "{}" && !itself && r.Kind() == reflect.Struct && r.NumField() > 0 && len(fields(r.Type())) == 0 {
		return nil, errUnserializable
	}
	x, err := parseJSON(text, nestingMax)
	if err != nil {
		return nil, errUnserializable
	}
	return x, nil
}

// mergeMembers is to, with what differs between before and after. It alters none of them.
func mergeMembers(to, before, after map[string]any) (map[string]any, error) {
	merged := maps.Clone(to)
	for n, a := range after {
		b, had := before[n]
		if had && sameValue(a, b) {
			continue
		}
		old, has := to[n]
		if had && has {
			var err error
			if a, err = merge(old, b, a); err != nil {
				return nil, err
			}
		}
		merged[n] = a
	}
	for n := range before {
		if _, ok := after[n]; !ok {
			delete(merged, n)
		}
	}
	return merged, nil
}

// merge is mergeMembers for any value.
func merge(to, before, after any) (any, error) {
	if sameValue(before, after) {
		return to, nil
	}
	switch a := after.(type) {
	case map[string]any:
		b, ok := before.(map[string]any)
		if !ok {
			return after, nil
		}
		t, ok := to.(map[string]any)
		if !ok { // of this request: a typed map, a struct
			x, err := tree(to, 2)
			if err != nil {
				return nil, err
			}
			if t, ok = x.(map[string]any); !ok {
				return after, nil
			}
		}
		return mergeMembers(t, b, a)
	case []any:
		b, ok := before.([]any)
		if !ok {
			return after, nil
		}
		t, ok := to.([]any)
		if !ok {
			x, err := tree(to, 2)
			if err != nil {
				return nil, err
			}
			if t, ok = x.([]any); !ok {
				return after, nil
			}
		}
		return mergeItems(t, b, a)
	}
	return after, nil
}

// holdsUnknown says whether an item that nothing was paired with has members that the application's type does not know.
func holdsUnknown(to, before []any, taken []bool) bool {
	for i, x := range to {
		if !taken[i] && unknownIn(x, before[i]) {
			return true
		}
	}
	return false
}

func unknownIn(to, before any) bool {
	switch t := to.(type) {
	case map[string]any:
		b, _ := before.(map[string]any)
		for n, x := range t {
			if y, ok := b[n]; !ok || unknownIn(x, y) {
				return true
			}
		}
	case []any:
		b, _ := before.([]any)
		for i, x := range t {
			if i >= len(b) || unknownIn(x, b[i]) {
				return true
			}
		}
	}
	return false
}

// mergeItems pairs equal items first, then those of one place.
func mergeItems(to, before, after []any) ([]any, error) {
	n := min(len(to), len(before))
	list := make([]any, len(after))
	kept, taken := make([]bool, len(after)), make([]bool, n)
	for i := range min(n, len(after)) {
		if sameValue(after[i], before[i]) {
			list[i], kept[i], taken[i] = to[i], true, true
		}
	}
	first := 0 // of those not taken
	for i, a := range after {
		switch a.(type) {
		case map[string]any, []any:
		default: // has no members to keep
			continue
		}
		for first < n && taken[first] {
			first++
		}
		for j := first; j < n && !kept[i]; j++ {
			if !taken[j] && sameValue(a, before[j]) {
				list[i], kept[i], taken[j] = to[j], true, true
			}
		}
	}
	for i := range after {
		switch {
		case kept[i]:
		case len(after) < len(before) && holdsUnknown(to[:n], before, taken):
			return nil, errUnserializable
		case i < n && !taken[i]:
			x, err := merge(to[i], before[i], after[i])
			if err != nil {
				return nil, err
			}
			list[i] = x
		default:
			list[i] = after[i]
		}
	}
	return append(list, to[n:]...), nil // what a Go array has no room for
}
