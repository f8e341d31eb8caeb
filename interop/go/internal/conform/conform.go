// Package conform makes the calls that interop/protocol.md describes: for the adapter and for the test of the vectors.
package conform

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"cretula.example/cretula"
	"cretula.example/cretula/internal/hook"
)

// library is what the vectors need beside the ordinary interface.
var library = hook.Library.(interface {
	TestKey([]byte) (cretula.Key, error)
	ParseTestKey(string) (cretula.Key, error)
	ParseTestKeyring([]byte) (*cretula.Keyring, error)
	Derive(cretula.Key, bool, cretula.Context) (info string, workingKey, keyID []byte, err error)
	Seal(*cretula.Sealer, []byte, int64, int64, *hook.Fixed) (string, error)
	OpenSession(*cretula.Keyring, cretula.Context, cretula.Policy, cretula.CheckFunc, *string, bool, int64) (*cretula.Session, error)
	CommitSession(*cretula.Session, int64, *hook.Fixed) (cretula.Wrote, string, *cretula.Ended, error)
	CommitCookie(*cretula.Sessions, *cretula.Session, string, int64, *hook.Fixed) (cretula.Response, error)
	Opened(*cretula.Session) (payload string, expiresAt, last int64)
	Value(string) any
	Text(any) (string, error)
})

// Object is a JSON object.
type Object = map[string]any

// skipped is the reason for which a call cannot be made.
type skipped string

func (s skipped) Error() string { return string(s) }

// Call makes the call of a request and gives the members of the answer beside its id. It panics at what is no request.
func Call(class string, text []byte) Object {
	var r request
	if err := json.Unmarshal(text, &r); err != nil {
		panic(err)
	}
	result, err := r.call(class)
	switch e := err.(type) {
	case nil:
		return Object{"result": result}
	case skipped:
		return Object{"skip": string(e)}
	case cretula.Code:
		return Object{"error": string(e)}
	case *cretula.Error:
		answer := Object{"error": string(e.Code())}
		if i, ok := e.Entry(); ok {
			answer["entry"] = i
		}
		if e.Code() == cretula.CookieTooLarge {
			answer["over"] = e.Over()
			if name, ok := e.Largest(); ok {
				answer["largest"] = name
			}
		}
		return answer
	default:
		panic(err)
	}
}

type request struct {
	Op, Key, Kind     string
	Audience, Purpose string
	Keyring           []struct {
		Key         octets
		SealFrom    *int64 `json:"seal_from"`
		AcceptUntil *int64 `json:"accept_until"`
	}
	Limit, Now, TTL, Leeway int64
	MaxAge                  int64 `json:"max_age"`
	Payload, Bytes          octets
	Salt, IV                octets
	Token                   *string
	TestKeys                *bool `json:"test_keys"`
	Text                    string
	TextHex                 octets `json:"text_hex"`
	LongestTTL              int64  `json:"longest_ttl"`
	ReloadGrace             int64  `json:"reload_grace"`
	Policy                  struct{ Idle, Absolute, Leeway int64 }
	Check                   *struct {
		Gen    *int64
		Denied bool
	}
	Ended    bool
	Requests []struct {
		Now, Commit int64
		Actions     []action
		Random      *random
	}
	Cookies []struct {
		Purpose string
		Cookie  cookie
	}
	Cookie       cookie
	Fields       []string
	Actions      []action
	Commit       int64
	CacheControl string `json:"cache_control"`
	Random       *random
}

// octets are written in hexadecimal.
type octets []byte

func (o *octets) UnmarshalText(text []byte) (err error) {
	*o, err = hex.DecodeString(string(text))
	return err
}

type random struct {
	SID, ID  string
	Salt, IV octets
}

func (r *random) fixed() *hook.Fixed {
	if r == nil {
		return nil
	}
	return &hook.Fixed{SID: r.SID, ID: r.ID, Salt: r.Salt, IV: r.IV}
}

type combination struct {
	Path, Domain *string
	Partitioned  bool
}

type cookie struct {
	combination
	Name           string
	Secure         *bool
	SameSite       *string `json:"same_site"`
	BrowserSession bool    `json:"browser_session"`
	Large          bool
	Previous       []combination
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
	TakeFlash      *struct{ Name string } `json:"take_flash"`
	Send           bool
	ReauthWithin   *struct{ Seconds int64 } `json:"reauth_within"`
}

func (r *request) call(class string) (Object, error) {
	switch class {
	case "derivation":
		return r.derive()
	case "sealer":
		return r.seal()
	case "signer":
		return r.sign()
	case "unsealer", "verifier":
		return r.open(class == "unsealer")
	case "keyring":
		return r.ofKeyring()
	case "session":
		if r.Op == "run" {
			return r.run()
		}
		return r.openSession()
	case "cookie":
		if r.Op == "setup" {
			return r.setup()
		}
		if r.Op == "read_token" {
			return r.readToken()
		}
		return r.readOrWrite()
	}
	return nil, skipped("no such class here")
}

func (r *request) context() (cretula.Context, error) {
	return cretula.NewContext(r.Audience, r.Purpose)
}

// ring makes the keyring, which is valid in every request.
func (r *request) ring() *cretula.Keyring {
	var entries []cretula.Entry
	for _, e := range r.Keyring {
		entries = append(entries, cretula.Entry{Key: testKey(e.Key), SealFrom: e.SealFrom, AcceptUntil: e.AcceptUntil})
	}
	k, err := cretula.NewKeyring(entries...)
	if err != nil {
		panic(err)
	}
	return k
}

func testKey(b []byte) cretula.Key {
	k, err := library.TestKey(b)
	if err != nil {
		panic(err)
	}
	return k
}

func (r *request) derive() (Object, error) {
	c, err := r.context()
	if err != nil {
		return nil, err
	}
	b, err := hex.DecodeString(r.Key)
	if err != nil {
		panic(err)
	}
	info, working, id, err := library.Derive(testKey(b), r.Kind == "signed", c)
	return Object{"info": hex.EncodeToString([]byte(info)), "okm": fmt.Sprintf("%x%x", working, id),
		"working_key": hex.EncodeToString(working), "key_id": hex.EncodeToString(id)}, err
}

func (r *request) seal() (Object, error) {
	c, err := r.context()
	if err != nil {
		return nil, err
	}
	s, err := cretula.NewSealer(r.ring(), c, cretula.WithLimit(r.Limit))
	if err != nil {
		return nil, err
	}
	var token string
	if r.Salt == nil {
		token, err = s.SealAt(r.Payload, r.TTL, r.Now)
	} else {
		token, err = library.Seal(s, r.Payload, r.TTL, r.Now, &hook.Fixed{Salt: r.Salt, IV: r.IV})
	}
	return Object{"token": token}, err
}

func (r *request) sign() (Object, error) {
	c, err := r.context()
	if err != nil {
		return nil, err
	}
	s, err := cretula.NewSigner(r.ring(), c, cretula.WithLimit(r.Limit))
	if err != nil {
		return nil, err
	}
	token, err := s.SignAt(r.Payload, r.TTL, r.Now)
	return Object{"token": token}, err
}

func (r *request) open(sealed bool) (Object, error) {
	c, err := r.context()
	if err != nil {
		return nil, err
	}
	options := []cretula.Option{cretula.WithLimit(r.Limit), cretula.WithLeeway(r.Leeway), cretula.WithMaxAge(r.MaxAge)}
	var o cretula.Opened
	if sealed {
		s, err := cretula.NewSealer(r.ring(), c, options...)
		if err != nil {
			return nil, err
		}
		o, err = s.UnsealAt(*r.Token, r.Now)
		return opened(o), err
	}
	s, err := cretula.NewSigner(r.ring(), c, options...)
	if err != nil {
		return nil, err
	}
	o, err = s.VerifyAt(*r.Token, r.Now)
	return opened(o), err
}

func opened(o cretula.Opened) Object {
	return Object{"payload": hex.EncodeToString(o.Payload), "issued_at": o.IssuedAt, "ttl": o.TTL,
		"key_id": hex.EncodeToString(o.KeyID[:]), "expires_at": o.ExpiresAt}
}

// keyHex reads the key out of its text form.
func keyHex(k cretula.Key) string { return k.Text()[len("cretula_key1_"):][:64] }

func (r *request) ofKeyring() (Object, error) {
	parseKey, keyOf, parseRing := library.ParseTestKey, library.TestKey, library.ParseTestKeyring
	if r.TestKeys != nil && !*r.TestKeys {
		parseKey, keyOf, parseRing = cretula.ParseKey, cretula.KeyFromBytes, cretula.ParseKeyring
	}
	switch r.Op {
	case "key_text":
		k, err := parseKey(r.Text)
		if err != nil {
			return nil, err
		}
		return Object{"key": keyHex(k)}, nil
	case "key_bytes":
		k, err := keyOf(r.Bytes)
		if err != nil {
			return nil, err
		}
		return Object{"key": keyHex(k), "text": k.Text()}, nil
	case "ring":
		text := []byte(r.Text)
		if r.TextHex != nil {
			text = r.TextHex
		}
		k, err := parseRing(text)
		if err != nil {
			return nil, err
		}
		list := []Object{}
		for _, e := range k.Entries() {
			o := Object{"key": keyHex(e.Key)}
			if e.SealFrom != nil {
				o["seal_from"] = *e.SealFrom
			}
			if e.AcceptUntil != nil {
				o["accept_until"] = *e.AcceptUntil
			}
			list = append(list, o)
		}
		return Object{"entries": list}, nil
	case "select":
		k := r.ring()
		i, err := k.SealingEntry(r.Now)
		if err != nil {
			return nil, err
		}
		accepted, err := k.Accepted(r.Now)
		return Object{"seals": i, "accepted": accepted}, err
	case "accept":
		accepted, err := r.ring().Accepted(r.Now)
		return Object{"accepted": accepted}, err
	case "warn":
		warnings, err := r.ring().Warnings(r.Now, r.LongestTTL, r.ReloadGrace, r.Leeway)
		list := []Object{}
		for _, w := range warnings {
			list = append(list, Object{"entry": w.Entry, "code": w.Code})
		}
		return Object{"warnings": list}, err
	}
	return nil, skipped("no such op here")
}

func (r *request) check() cretula.CheckFunc {
	if r.Check == nil {
		return cretula.NoCheck
	}
	a := cretula.Answer{Denied: r.Check.Denied}
	if r.Check.Gen != nil {
		a.Gen, a.Answered = *r.Check.Gen, true
	}
	return func(context.Context, cretula.Claims) (cretula.Answer, error) { return a, nil }
}

// profile is what a session's set-up is made of.
func (r *request) profile() (c cretula.Context, p cretula.Policy, err error) {
	if p, err = cretula.NewPolicy(r.Policy.Idle, r.Policy.Absolute, r.Policy.Leeway); err == nil {
		c, err = r.context()
	}
	return c, p, err
}

func openedSession(s *cretula.Session) (Object, error) {
	if s.Reason() != "" {
		return nil, s.Reason()
	}
	payload, expiresAt, last := library.Opened(s)
	return Object{"payload": payload, "expires_at": expiresAt, "last": last}, nil
}

func state(s *cretula.Session) string {
	if s.Reason() == "" {
		return "opened"
	}
	return string(s.Reason())
}

func (r *request) openSession() (Object, error) {
	c, p, err := r.profile()
	if err != nil {
		return nil, err
	}
	s, err := library.OpenSession(r.ring(), c, p, r.check(), r.Token, r.Ended, r.Now)
	if err != nil {
		return nil, err
	}
	return openedSession(s)
}

func (r *request) run() (Object, error) {
	c, p, err := r.profile()
	if err != nil {
		return nil, err
	}
	list, token := []Object{}, r.Token
	for _, q := range r.Requests {
		s, err := library.OpenSession(r.ring(), c, p, r.check(), token, false, q.Now)
		if err != nil {
			return nil, err
		}
		o := Object{"open": state(s)}
		if token == nil {
			o["open"] = "new"
		}
		if err := act(s, q.Actions, o); err != nil {
			return nil, err
		}
		wrote, text, ended, err := library.CommitSession(s, q.Commit, q.Random.fixed())
		if err != nil {
			return nil, err
		}
		o["wrote"] = wrote
		switch wrote {
		case cretula.Seal:
			token, o["token"] = &text, text
		case cretula.Expire:
			token = nil
		}
		putEnded(o, ended)
		list = append(list, o)
	}
	return Object{"requests": list}, nil
}

func putEnded(o Object, e *cretula.Ended) {
	if e != nil {
		o["ended"] = Object{"sid": e.SID, "end": e.End}
	}
}

// act takes the actions, and puts their answers, if there are any.
func act(s *cretula.Session, actions []action, o Object) error {
	var answers []any
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
			s.Flash(a.Flash.Name, library.Value(a.Flash.Message))
		case a.TakeFlash != nil:
			texts := []any{}
			for _, m := range s.TakeFlash(a.TakeFlash.Name) {
				text, err := library.Text(m)
				if err != nil {
					return err
				}
				texts = append(texts, text)
			}
			answers = append(answers, texts)
		case a.Send:
			s.Send()
		case a.ReauthWithin != nil:
			answers = append(answers, s.ReauthWithin(a.ReauthWithin.Seconds))
		default:
			err = skipped("no such action here")
		}
		if err != nil {
			return err
		}
	}
	if answers != nil {
		o["answers"] = answers
	}
	return nil
}

// given is a text with a default. Go has "" for the default: a request that says "" cannot be made.
func given(text *string) (string, error) {
	if text == nil {
		return "", nil
	}
	if *text == "" {
		return "", skipped(`"" means the default here`)
	}
	return *text, nil
}

func (c combination) get() (x cretula.Combination, err error) {
	x.Partitioned = c.Partitioned
	if x.Path, err = given(c.Path); err == nil {
		x.Domain, err = given(c.Domain)
	}
	return x, err
}

func (c cookie) get() (x cretula.Cookie, err error) {
	x = cretula.Cookie{Development: c.Secure != nil && !*c.Secure, BrowserSession: c.BrowserSession, Large: c.Large}
	if x.Name, err = given(&c.Name); err != nil {
		return x, err
	}
	site, err := given(c.SameSite)
	if err != nil {
		return x, err
	}
	x.SameSite = cretula.SameSite(site)
	if x.Combination, err = c.combination.get(); err != nil {
		return x, err
	}
	for _, p := range c.Previous {
		y, err := p.get()
		if err != nil {
			return x, err
		}
		x.Previous = append(x.Previous, y)
	}
	return x, nil
}

func (r *request) setup() (Object, error) {
	ring, err := cretula.NewKeyring(cretula.Entry{Key: testKey([]byte("cretula-test-key-for-the-set-up."))})
	if err != nil {
		return nil, err
	}
	var together []cretula.InCookie
	lines := []string{}
	for _, x := range r.Cookies {
		c, err := cretula.NewContext("shop.example", x.Purpose)
		if err != nil {
			return nil, err
		}
		in, err := x.Cookie.get()
		if err != nil {
			return nil, err
		}
		ss, err := cretula.NewSessions(ring, c, cretula.DefaultPolicy(), in, cretula.NoCheck)
		if err != nil {
			return nil, err
		}
		together = append(together, ss)
		s, err := ss.OpenAt(context.Background(), nil, 0)
		if err != nil {
			return nil, err
		}
		s.SignOff() // expires the cookie, whatever the request held
		res, err := ss.CommitAt(s, "", 0)
		if err != nil {
			return nil, err
		}
		lines = append(lines, res.SetCookie[0])
	}
	return Object{"expire": lines}, cretula.CheckTogether(together...)
}

// fieldOctets gives a field's octets, each the code point of a character.
func (r *request) fieldOctets() []string {
	var fields []string
	for _, f := range r.Fields {
		var b []byte
		for _, c := range f {
			b = append(b, byte(c))
		}
		fields = append(fields, string(b))
	}
	return fields
}

func (r *request) readToken() (Object, error) {
	c, err := r.context()
	if err != nil {
		return nil, err
	}
	in, err := r.Cookie.get()
	if err != nil {
		return nil, err
	}
	tc, err := cretula.NewTokenCookie(r.ring(), c, in, cretula.WithLeeway(r.Leeway), cretula.WithMaxAge(r.MaxAge))
	if err != nil {
		return nil, err
	}
	o, err := tc.ReadAt(r.fieldOctets(), r.Now)
	return Object{"payload": string(o.Payload)}, err
}

func (r *request) readOrWrite() (Object, error) {
	c, p, err := r.profile()
	if err != nil {
		return nil, err
	}
	in, err := r.Cookie.get()
	if err != nil {
		return nil, err
	}
	ss, err := cretula.NewSessions(r.ring(), c, p, in, r.check())
	if err != nil {
		return nil, err
	}
	s, err := ss.OpenAt(context.Background(), r.fieldOctets(), r.Now)
	if err != nil {
		return nil, err
	}
	if r.Op == "read" {
		return openedSession(s)
	}
	o := Object{"open": state(s)}
	if err := act(s, r.Actions, o); err != nil {
		return nil, err
	}
	res, err := library.CommitCookie(ss, s, r.CacheControl, r.Commit, r.Random.fixed())
	if err != nil {
		return nil, err
	}
	headers := [][2]string{}
	for _, l := range res.SetCookie {
		headers = append(headers, [2]string{"Set-Cookie", l})
	}
	headers = append(headers, [2]string{"Vary", res.Vary})
	if res.CacheControl != "" {
		headers = append(headers, [2]string{"Cache-Control", res.CacheControl})
	}
	o["headers"], o["large"] = headers, res.Large
	putEnded(o, res.Ended)
	return o, nil
}
