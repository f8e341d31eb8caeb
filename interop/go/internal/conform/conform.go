// Package conform makes the calls that interop/protocol.md describes: for the adapter and for the test of the vectors.
package conform

import (
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
	NewProfile(*cretula.Keyring, cretula.Context, cretula.Policy, cretula.CheckFunc) (any, error)
	OpenSession(any, *string, bool, *int64) (*cretula.Session, error)
	CommitSession(any, *cretula.Session, *int64, *hook.Fixed) (cretula.Wrote, string, []cretula.Ended, error)
	CommitCookie(*cretula.Sessions, *cretula.Session, bool, *int64, *hook.Fixed) (cretula.Response, error)
	RegisterDevice(ss *cretula.Sessions, fields, responses []string, now *int64, f *hook.Fixed) (cretula.DeviceResponse, error)
	RefreshDevice(ss *cretula.Sessions, fields, ids, responses []string, now *int64, f *hook.Fixed) (cretula.DeviceResponse, error)
	Opened(*cretula.Session) (payload string, expiresAt, last int64)
	Value(string) (any, error)
	WithoutClock() (restore func())
	WithoutRandomness() (restore func())
})

// Object is a JSON object.
type Object = map[string]any

// skipped is the reason for which a call cannot be made.
type skipped string

func (s skipped) Error() string { return string(s) }

// Call makes the call of a request and gives the members of the answer beside its id. It panics at what is no request. The
// system clock fails meanwhile: a request without a time wants no other.
func Call(class string, text []byte) Object {
	defer library.WithoutClock()()
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
	Keyring           entries
	Limit             int64
	Now               *int64 // nil: the call is made without a time
	TTL, Leeway       int64
	MaxAge            int64 `json:"max_age"`
	Payload, Bytes    octets
	Salt, IV          octets
	Token             *string
	TestKeys          *bool `json:"test_keys"`
	Text              string
	TextHex           octets `json:"text_hex"`
	LongestTTL        int64  `json:"longest_ttl"`
	ReloadGrace       int64  `json:"reload_grace"`
	Policy            policy
	Check             *answer
	Ended             bool
	Requests          []ofRun
	Cookies           []struct {
		Purpose string
		Cookie  cookie
	}
	Cookie         cookie
	Device         *device
	Fields         []string
	IDs, Responses []string
	CacheControl   *string `json:"cache_control"`
	change
}

type policy struct{ Idle, Absolute, Leeway, Recheck int64 }

// answer is the application's to its check.
type answer struct {
	Gen    *int64
	Denied bool
}

type device struct {
	Path         *string
	Proof        *int64
	RequireAfter *int64 `json:"require_after"`
}

type entries []struct {
	Key         octets
	SealFrom    *int64 `json:"seal_from"`
	AcceptUntil *int64 `json:"accept_until"`
}

// change is what a request of run, and of write, does with the session.
type change struct {
	Actions      []action
	Commit       *int64
	Random       *random
	NoRandomness bool `json:"no_randomness"`
}

type ofRun struct {
	change
	Now      *int64
	Keyring  entries
	Check    *answer // in the place of the request's
	Exchange entries
	CommitAs *struct {
		Audience, Purpose *string
		Policy            *policy
	} `json:"commit_as"`
	Commits int
	After   []action
}

// octets are written in hexadecimal.
type octets []byte

func (o *octets) UnmarshalText(text []byte) (err error) {
	*o, err = hex.DecodeString(string(text))
	return err
}

type random struct {
	SID, ID                  string
	Salt, IV                 octets
	Device, Proof, Challenge *random
}

// randomness makes the generator fail, if the request says so, until restore is called.
func (c *change) randomness() (restore func()) {
	if c.NoRandomness {
		return library.WithoutRandomness()
	}
	return func() {}
}

func (r *random) fixed() *hook.Fixed {
	if r == nil {
		return nil
	}
	return &hook.Fixed{SID: r.SID, ID: r.ID, Salt: r.Salt, IV: r.IV,
		Device: r.Device.fixed(), Proof: r.Proof.fixed(), Challenge: r.Challenge.fixed()}
}

type combination struct {
	Path, Domain *string
	Partitioned  bool
}

type cookie struct {
	combination
	Name           *string
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
	Change         *struct {
		Path  []any
		Value string
	}
	Excess *struct{ Now *int64 }
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
	case "device":
		switch r.Op {
		case "setup":
			return r.setupDevice()
		case "register", "refresh":
			return r.atEndpoint()
		}
		return r.readOrWrite()
	}
	return nil, skipped("no such class here")
}

func (r *request) context() (cretula.Context, error) {
	return cretula.NewContext(r.Audience, r.Purpose)
}

func (e entries) get() (list []cretula.Entry) {
	for _, x := range e {
		list = append(list, cretula.Entry{Key: testKey(x.Key), SealFrom: x.SealFrom, AcceptUntil: x.AcceptUntil})
	}
	return list
}

// ring makes the keyring, which is valid in every request.
func (r *request) ring() *cretula.Keyring {
	k, err := cretula.NewKeyring(r.Keyring.get()...)
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
	defer r.randomness()()
	var token string
	switch {
	case r.Now == nil:
		token, err = s.Seal(r.Payload, r.TTL)
	case r.Salt == nil:
		token, err = s.SealAt(r.Payload, r.TTL, *r.Now)
	default:
		token, err = library.Seal(s, r.Payload, r.TTL, *r.Now, &hook.Fixed{Salt: r.Salt, IV: r.IV})
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
	var token string
	if r.Now == nil {
		token, err = s.Sign(r.Payload, r.TTL)
	} else {
		token, err = s.SignAt(r.Payload, r.TTL, *r.Now)
	}
	return Object{"token": token}, err
}

func (r *request) open(sealed bool) (Object, error) {
	c, err := r.context()
	if err != nil {
		return nil, err
	}
	options := []cretula.Option{cretula.WithLimit(r.Limit), cretula.WithLeeway(r.Leeway), cretula.WithMaxAge(r.MaxAge)}
	var open func(string) (cretula.Opened, error)
	var openAt func(string, int64) (cretula.Opened, error)
	if sealed {
		s, err := cretula.NewSealer(r.ring(), c, options...)
		if err != nil {
			return nil, err
		}
		open, openAt = s.Unseal, s.UnsealAt
	} else {
		s, err := cretula.NewSigner(r.ring(), c, options...)
		if err != nil {
			return nil, err
		}
		open, openAt = s.Verify, s.VerifyAt
	}
	var o cretula.Opened
	if r.Now == nil {
		o, err = open(*r.Token)
	} else {
		o, err = openAt(*r.Token, *r.Now)
	}
	return Object{"payload": hex.EncodeToString(o.Payload), "issued_at": o.IssuedAt, "ttl": o.TTL,
		"key_id": hex.EncodeToString(o.KeyID[:]), "expires_at": o.ExpiresAt}, err
}

// keyHex reads the key out of its text form.
func keyHex(k cretula.Key) string { return k.Text()[len("cretula_key1_"):][:64] }

func (r *request) ofKeyring() (Object, error) {
	parseKey, keyOf, parseRing := library.ParseTestKey, library.TestKey, library.ParseTestKeyring
	if r.TestKeys != nil && !*r.TestKeys {
		parseKey, keyOf, parseRing = cretula.ParseKey, cretula.KeyFromBytes, cretula.ParseKeyring
	}
	switch r.Op {
	case "select", "accept", "warn":
		if r.Now == nil {
			return nil, skipped("no such call without a time here")
		}
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
		i, err := k.SealingEntry(*r.Now)
		if err != nil {
			return nil, err
		}
		accepted, err := k.Accepted(*r.Now)
		return Object{"seals": i, "accepted": accepted}, err
	case "accept":
		accepted, err := r.ring().Accepted(*r.Now)
		return Object{"accepted": accepted}, err
	case "warn":
		warnings, err := r.ring().Warnings(*r.Now, r.LongestTTL, r.ReloadGrace, r.Leeway)
		list := []Object{}
		for _, w := range warnings {
			list = append(list, Object{"entry": w.Entry, "code": w.Code})
		}
		return Object{"warnings": list}, err
	}
	return nil, skipped("no such op here")
}
