package cretula

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
)

type combo struct {
	Path        *string `json:"path"`
	Domain      *string `json:"domain"`
	Partitioned bool    `json:"partitioned"`
}

func (c combo) get() Combination {
	x := Combination{Path: "/", Partitioned: c.Partitioned}
	if c.Path != nil {
		x.Path = *c.Path
	}
	if c.Domain != nil {
		x.Domain = *c.Domain
		if x.Domain == "" {
			x.Domain = "." // "" is "none" in Go: an explicit empty Domain cannot be said
		}
	}
	return x
}

type cookieIn struct {
	combo
	Name           string  `json:"name"`
	Secure         *bool   `json:"secure"`
	SameSite       *string `json:"same_site"`
	BrowserSession bool    `json:"browser_session"`
	Large          bool    `json:"large"`
	Previous       []combo `json:"previous"`
}

func (c cookieIn) get() Cookie {
	x := Cookie{Name: c.Name, Combination: c.combo.get(), SameSite: Lax, BrowserSession: c.BrowserSession, Large: c.Large,
		Development: c.Secure != nil && !*c.Secure}
	if c.SameSite != nil {
		x.SameSite = SameSite(*c.SameSite)
	}
	for _, p := range c.Previous {
		x.Previous = append(x.Previous, p.get())
	}
	return x
}

type drawn struct{ SID, Salt, IV, ID string }

func (d drawn) fixed(t *testing.T) *fixed {
	return &fixed{sid: d.SID, id: d.ID, salt: unhex(t, d.Salt), iv: unhex(t, d.IV)}
}

type request struct {
	Now, Commit int64
	Actions     []action
	Random      drawn
}

type action struct {
	SetData *string `json:"set_data"`
	SignOn  *struct {
		Sub      string
		Gen      int64
		Keep     []string
		AuthTime *int64 `json:"auth_time"`
	} `json:"sign_on"`
	Reauthenticate *struct{ Gen int64 }
	SignOff        bool `json:"sign_off"`
	Flash          *struct{ Name, Message string }
	TakeFlash      *struct {
		Name     string
		Messages []string
	} `json:"take_flash"`
	Send         bool
	ReauthWithin *struct {
		Seconds int64
		Holds   bool
	} `json:"reauth_within"`
}

type vector struct {
	ID, Op, Error     string
	Result            map[string]any
	Entry             *int
	Over              int
	Largest           *string
	Key, Kind         string
	Audience, Purpose string
	Keyring           []struct {
		Key         string
		SealFrom    *int64 `json:"seal_from"`
		AcceptUntil *int64 `json:"accept_until"`
	}
	Limit, Now, TTL, Leeway  int64
	MaxAge                   int64 `json:"max_age"`
	Payload, Salt, IV, Token string
	TestKeys                 bool    `json:"test_keys"`
	Text                     string  `json:"text"`
	TextHex                  *string `json:"text_hex"`
	Bytes                    string
	LongestTTL               int64 `json:"longest_ttl"`
	ReloadGrace              int64 `json:"reload_grace"`
	Policy                   *struct{ Idle, Absolute, Leeway int64 }
	Check                    *struct {
		Gen    *int64
		Denied bool
	}
	Ended    bool
	Requests []request
	Cookies  []struct {
		Purpose string
		Cookie  cookieIn
	}
	Cookie       cookieIn
	Fields       []string
	Actions      []action
	Commit       int64
	Random       drawn
	CacheControl string `json:"cache_control"`
}

func unhex(t *testing.T, s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (v *vector) keyring(t *testing.T) *Keyring {
	var es []Entry
	for _, e := range v.Keyring {
		k, err := keyFromBytes(unhex(t, e.Key), true)
		if err != nil {
			t.Fatal(err)
		}
		es = append(es, Entry{k, e.SealFrom, e.AcceptUntil})
	}
	k, err := NewKeyring(es...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

type obj = map[string]any

func entryJSON(e Entry) obj {
	o := obj{"key": hex.EncodeToString(e.Key.b[:])}
	if e.SealFrom != nil {
		o["seal_from"] = *e.SealFrom
	}
	if e.AcceptUntil != nil {
		o["accept_until"] = *e.AcceptUntil
	}
	return o
}

func building(w working, k byte, c Context) obj {
	okm := append(append([]byte{}, w.key[:]...), w.id[:]...)
	return obj{"info": hex.EncodeToString([]byte(c.info(k))), "okm": hex.EncodeToString(okm),
		"working_key": hex.EncodeToString(w.key[:]), "key_id": hex.EncodeToString(w.id[:])}
}

func TestVectors(t *testing.T) {
	total := 0
	for _, file := range []string{"derivation", "sealer", "unsealer", "signer", "verifier", "keyring", "session", "cookie"} {
		t.Run(file, func(t *testing.T) {
			b, err := os.ReadFile("../../test-vectors/v1/" + file + ".json")
			if err != nil {
				t.Fatal(err)
			}
			var f struct{ Vectors []vector }
			if err := json.Unmarshal(b, &f); err != nil {
				t.Fatal(err)
			}
			passed := 0
			for _, v := range f.Vectors {
				if t.Run(v.ID, func(t *testing.T) { v.run(t, file) }) {
					passed++
				}
			}
			total += passed
			t.Logf("%s: %d of %d", file, passed, len(f.Vectors))
		})
	}
	t.Logf("%d vectors", total)
}

func (v *vector) run(t *testing.T, file string) {
	var got obj
	var err error
	switch file {
	case "derivation":
		got, err = v.derivation(t)
	case "sealer", "signer":
		got, err = v.make(t, file == "sealer")
	case "unsealer", "verifier":
		got, err = v.open(t, file == "unsealer")
	case "keyring":
		got, err = v.ring(t)
	case "session":
		got, err = v.session(t)
	case "cookie":
		got, err = v.cookie(t)
	}
	if string(CodeOf(err)) != v.Error {
		t.Fatalf("error %v, want %q (result %v)", err, v.Error, got)
	}
	if err != nil {
		e := err.(*Error)
		if i, ok := e.Entry(); v.Entry != nil && (!ok || i != *v.Entry) || v.Entry == nil && ok {
			t.Fatalf("entry %d %v", i, ok)
		}
		if e.Over() != v.Over || !reflect.DeepEqual(e.largest, v.Largest) {
			t.Fatalf("over %d, largest %v", e.Over(), e.largest)
		}
		return
	}
	var plain obj
	b, _ := json.Marshal(got)
	if err := json.Unmarshal(b, &plain); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(plain, v.Result) {
		want, _ := json.Marshal(v.Result)
		t.Fatalf("\ngot  %s\nwant %s", b, want)
	}
}

func (v *vector) derivation(t *testing.T) (obj, error) {
	c, err := NewContext(v.Audience, v.Purpose)
	if err != nil {
		return nil, err
	}
	k, err := keyFromBytes(unhex(t, v.Key), true)
	if err != nil {
		return nil, err
	}
	kind := byte(kindSealed)
	if v.Kind == "signed" {
		kind = kindSigned
	}
	w, err := derive(k, kind, c)
	return building(w, kind, c), err
}

func (v *vector) tokens(t *testing.T, sealed bool, opts ...Option) (*tokens, error) {
	c, err := NewContext(v.Audience, v.Purpose)
	if err != nil {
		return nil, err
	}
	if sealed {
		s, err := NewSealer(v.keyring(t), c, opts...)
		if err != nil {
			return nil, err
		}
		return s.t, nil
	}
	s, err := NewSigner(v.keyring(t), c, opts...)
	if err != nil {
		return nil, err
	}
	return s.t, nil
}

func (v *vector) make(t *testing.T, sealed bool) (obj, error) {
	k, err := v.tokens(t, sealed, WithLimit(v.Limit))
	if err != nil {
		return nil, err
	}
	payload := unhex(t, v.Payload)
	token, err := k.make(payload, v.TTL, v.Now, &fixed{salt: unhex(t, v.Salt), iv: unhex(t, v.IV)})
	if err != nil {
		return nil, err
	}
	d, _ := k.derived()
	i, _ := d.ring.sealing(v.Now)
	b, _ := decodeText(token)
	o := building(d.entries[i], k.kind, k.ctx)
	o["token"] = token
	if sealed {
		o["subkey"], o["aad"] = hex.EncodeToString(subkey(&d.entries[i], b[35:47])), hex.EncodeToString(b[:47])
		g, _ := aead(&d.entries[i], b[35:47])
		body, err := g.Open(nil, b[47:59], b[59:], b[:47])
		if err != nil {
			return nil, err
		}
		o["body"] = hex.EncodeToString(body)
	} else {
		o["body"] = hex.EncodeToString(b[35 : len(b)-32])
	}
	return o, nil
}

func (v *vector) open(t *testing.T, sealed bool) (obj, error) {
	k, err := v.tokens(t, sealed, WithLimit(v.Limit), WithLeeway(v.Leeway), WithMaxAge(v.MaxAge))
	if err != nil {
		return nil, err
	}
	x, err := k.openAt(v.Token, v.Now)
	if err != nil {
		if x.Payload != nil {
			t.Fatal("payload after a failure")
		}
		return nil, err
	}
	d, _ := k.derived()
	w := *d.byID[x.KeyID]
	o := building(w, k.kind, k.ctx)
	o["payload"], o["issued_at"], o["ttl"], o["expires_at"] = hex.EncodeToString(x.Payload), x.IssuedAt, x.TTL, x.ExpiresAt
	b, _ := decodeText(v.Token)
	if sealed {
		o["subkey"], o["aad"] = hex.EncodeToString(subkey(&w, b[35:47])), hex.EncodeToString(b[:47])
		g, _ := aead(&w, b[35:47])
		body, _ := g.Open(nil, b[47:59], b[59:], b[:47])
		o["body"] = hex.EncodeToString(body)
	} else {
		o["body"] = hex.EncodeToString(b[35 : len(b)-32])
	}
	return o, nil
}

func (v *vector) ring(t *testing.T) (obj, error) {
	switch v.Op {
	case "key_text":
		k, err := parseKey(v.Text, v.TestKeys)
		if err != nil {
			return nil, err
		}
		return obj{"key": hex.EncodeToString(k.b[:])}, nil
	case "key_bytes":
		k, err := keyFromBytes(unhex(t, v.Bytes), v.TestKeys)
		if err != nil {
			return nil, err
		}
		return obj{"key": hex.EncodeToString(k.b[:]), "text": k.Text()}, nil
	case "ring":
		text := []byte(v.Text)
		if v.TextHex != nil {
			text = unhex(t, *v.TextHex)
		}
		r, err := parseRing(text, v.TestKeys)
		if err != nil {
			return nil, err
		}
		list := []obj{}
		for _, e := range keyringOf(r).Entries() {
			list = append(list, entryJSON(e))
		}
		return obj{"entries": list}, nil
	case "select":
		i, err := v.keyring(t).SealingEntry(v.Now)
		if err != nil {
			return nil, err
		}
		a, err := v.keyring(t).Accepted(v.Now)
		return obj{"seals": i, "accepted": a}, err
	case "accept":
		a, err := v.keyring(t).Accepted(v.Now)
		return obj{"accepted": a}, err
	case "warn":
		ws, err := v.keyring(t).Warnings(v.Now, v.LongestTTL, v.ReloadGrace, v.Leeway)
		list := []obj{}
		for _, w := range ws {
			list = append(list, obj{"entry": w.Entry, "code": w.Code})
		}
		return obj{"warnings": list}, err
	}
	t.Fatal("op ", v.Op)
	return nil, nil
}

func (v *vector) check() CheckFunc {
	if v.Check == nil {
		return NoCheck
	}
	return func(context.Context, Claims) (Answer, error) {
		a := Answer{Denied: v.Check.Denied}
		if v.Check.Gen != nil {
			a.Gen, a.Answered = *v.Check.Gen, true
		}
		return a, nil
	}
}

func (v *vector) act(t *testing.T, s *Session, actions []action) error {
	for _, a := range actions {
		var err error
		switch {
		case a.SetData != nil:
			s.SetDataJSON(*a.SetData)
		case a.SignOn != nil && a.SignOn.AuthTime != nil:
			err = s.SignOnFromProof(a.SignOn.Sub, a.SignOn.Gen, *a.SignOn.AuthTime, a.SignOn.Keep...)
		case a.SignOn != nil:
			err = s.SignOn(a.SignOn.Sub, a.SignOn.Gen, a.SignOn.Keep...)
		case a.Reauthenticate != nil:
			err = s.Reauthenticate(a.Reauthenticate.Gen)
		case a.SignOff:
			s.SignOff()
		case a.Flash != nil:
			s.Flash(a.Flash.Name, lenient(a.Flash.Message))
		case a.TakeFlash != nil:
			var texts []string
			for _, m := range s.TakeFlash(a.TakeFlash.Name) {
				b, err := appendValue(nil, m, 4)
				if err != nil {
					t.Fatal(err)
				}
				texts = append(texts, string(b))
			}
			if strings.Join(texts, "\n") != strings.Join(a.TakeFlash.Messages, "\n") {
				t.Fatalf("flash %q", texts)
			}
		case a.Send:
			s.Send()
		case a.ReauthWithin != nil:
			if s.ReauthWithin(a.ReauthWithin.Seconds) != a.ReauthWithin.Holds {
				t.Fatal("reauth_within")
			}
		default:
			t.Fatal("unknown action")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Session) outcome() obj {
	return obj{"payload": string(append(append(s.head(), s.before...), '}')), "expires_at": s.expiresAt, "last": s.last}
}

func (v *vector) profile(t *testing.T) (*profile, error) {
	p, err := NewPolicy(v.Policy.Idle, v.Policy.Absolute, v.Policy.Leeway)
	if err != nil {
		return nil, err
	}
	c, err := NewContext(v.Audience, v.Purpose)
	if err != nil {
		return nil, err
	}
	return newProfile(v.keyring(t), c, p, v.check())
}

func state(s *Session) string {
	if s.Reason() == "" {
		return "opened"
	}
	return string(s.Reason())
}

func (v *vector) session(t *testing.T) (obj, error) {
	p, err := v.profile(t)
	if err != nil {
		return nil, err
	}
	if v.Op == "open" {
		s, err := p.openText(context.Background(), &v.Token, v.Ended, v.Now)
		if err != nil {
			return nil, err
		}
		if s.Reason() != "" {
			return nil, fail(s.Reason())
		}
		return s.outcome(), nil
	}
	var text *string
	if v.Token != "" {
		text = &v.Token
	}
	list := []obj{}
	for _, r := range v.Requests {
		s, err := p.openText(context.Background(), text, false, r.Now)
		if err != nil {
			return nil, err
		}
		o := obj{"open": state(s)}
		if text == nil {
			o["open"] = "new"
		}
		if err := v.act(t, s, r.Actions); err != nil {
			return nil, err
		}
		w, err := p.commit(s, r.Commit, r.Random.fixed(t), nil)
		if err != nil {
			return nil, err
		}
		o["wrote"] = w.wrote
		switch w.wrote {
		case Seal:
			o["payload"], o["ttl"], o["token"] = string(w.payload), w.ttl, w.token
			text = &w.token
		case Expire:
			text = nil
		}
		if w.ended != nil {
			o["ended"] = obj{"sid": w.ended.SID, "end": w.ended.End}
		}
		list = append(list, o)
	}
	return obj{"requests": list}, nil
}

func (v *vector) cookie(t *testing.T) (obj, error) {
	if v.Op == "setup" {
		var all []setup
		for _, c := range v.Cookies {
			all = append(all, setup{c.Purpose, c.Cookie.get()})
		}
		if err := checkTogether(all); err != nil {
			return nil, err
		}
		out := []string{}
		for _, s := range all {
			out = append(out, s.cookie.line(s.cookie.Name, "", 0, true, s.cookie.Combination))
		}
		return obj{"expire": out}, nil
	}
	fields := make([]string, len(v.Fields))
	for i, f := range v.Fields {
		var b []byte
		for _, r := range f {
			b = append(b, byte(r))
		}
		fields[i] = string(b)
	}
	if v.Op == "read_token" {
		c, err := NewContext(v.Audience, v.Purpose)
		if err != nil {
			return nil, err
		}
		tc, err := NewTokenCookie(v.keyring(t), c, v.Cookie.get(), WithLeeway(v.Leeway), WithMaxAge(v.MaxAge))
		if err != nil {
			return nil, err
		}
		x, err := tc.ReadAt(fields, v.Now)
		return obj{"payload": string(x.Payload)}, err
	}
	p, err := v.profile(t)
	if err != nil {
		return nil, err
	}
	ss, err := NewSessions(p.t.keyring, p.t.ctx, p.policy, v.Cookie.get(), v.check())
	if err != nil {
		return nil, err
	}
	s, err := ss.OpenAt(context.Background(), fields, v.Now)
	if err != nil {
		return nil, err
	}
	if v.Op == "read" {
		if s.Reason() != "" {
			return nil, fail(s.Reason())
		}
		return s.outcome(), nil
	}
	o := obj{"open": state(s)}
	if err := v.act(t, s, v.Actions); err != nil {
		return nil, err
	}
	r, err := ss.commit(s, v.CacheControl, v.Commit, v.Random.fixed(t))
	if err != nil {
		return nil, err
	}
	h := [][]string{}
	for _, l := range r.SetCookie {
		h = append(h, []string{"Set-Cookie", l})
	}
	h = append(h, []string{"Vary", r.Vary})
	if r.CacheControl != "" {
		h = append(h, []string{"Cache-Control", r.CacheControl})
	}
	o["headers"], o["large"] = h, r.Large
	if r.Wrote == Seal {
		o["payload"] = string(r.payload)
	}
	if r.Ended != nil {
		o["ended"] = obj{"sid": r.Ended.SID, "end": r.Ended.End}
	}
	return o, nil
}
