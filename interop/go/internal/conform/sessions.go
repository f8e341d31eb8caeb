package conform

import (
	"context"
	"encoding/json"
	"strings"

	"cretula.example/cretula"
)

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
		p, err = p.WithRecheck(r.Policy.Recheck)
	}
	if err == nil {
		c, err = r.context()
	}
	return c, p, err
}

// sessions makes the session profile with a ring.
func (r *request) sessions(k *cretula.Keyring) (any, error) {
	c, p, err := r.profile()
	if err != nil {
		return nil, err
	}
	return library.NewProfile(k, c, p, r.check())
}

func openedSession(s *cretula.Session) (Object, error) {
	if s.Reason() != "" {
		return nil, s.Reason()
	}
	payload, expiresAt, last := library.Opened(s)
	return Object{"payload": payload, "expires_at": expiresAt, "last": last}, nil
}

func state(s *cretula.Session, absent string) Object {
	o := Object{"open": string(s.Reason())}
	switch s.Reason() {
	case "":
		o["open"] = "opened"
	case cretula.Absent:
		o["open"] = absent
	}
	if s.NotNow() {
		o["not_now"] = true
	}
	return o
}

func (r *request) openSession() (Object, error) {
	p, err := r.sessions(r.ring())
	if err != nil {
		return nil, err
	}
	s, err := library.OpenSession(p, r.Token, r.Ended, r.Now)
	if err != nil {
		return nil, err
	}
	return openedSession(s)
}

func (r *request) run() (Object, error) {
	ring := r.ring()
	p, err := r.sessions(ring)
	if err != nil {
		return nil, err
	}
	list, token := []Object{}, r.Token
	for _, q := range r.Requests {
		o, err := r.runOne(p, ring, &q, &token)
		if err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	return Object{"requests": list}, nil
}

func (r *request) runOne(p any, ring *cretula.Keyring, q *ofRun, token **string) (Object, error) {
	defer q.randomness()()
	exchange(ring, q.Keyring)
	if q.Check != nil { // another object opens and commits, of the same ring
		own := *r
		own.Check = q.Check
		var err error
		if p, err = own.sessions(ring); err != nil {
			return nil, err
		}
		r = &own
	}
	s, err := library.OpenSession(p, *token, false, q.Now)
	if err != nil {
		return nil, err
	}
	o := state(s, "new")
	if err := act(s, q.Actions, o, nil); err != nil {
		return nil, err
	}
	exchange(ring, q.Exchange)
	if q.CommitAs != nil {
		other := *r
		if q.CommitAs.Audience != nil {
			other.Audience = *q.CommitAs.Audience
		}
		if q.CommitAs.Purpose != nil {
			other.Purpose = *q.CommitAs.Purpose
		}
		if q.CommitAs.Policy != nil {
			other.Policy = *q.CommitAs.Policy
		}
		if p, err = other.sessions(ring); err != nil {
			return nil, err
		}
	}
	wrote, text, ended, err := library.CommitSession(p, s, q.Commit, q.Random.fixed())
	if err != nil {
		return nil, err
	}
	for range q.Commits - 1 {
		if _, _, _, err := library.CommitSession(p, s, q.Commit, q.Random.fixed()); err != nil {
			return nil, err
		}
	}
	if err := act(s, q.After, Object{}, nil); err != nil {
		return nil, err
	}
	o["wrote"] = wrote
	switch wrote {
	case cretula.Seal:
		*token, o["token"] = &text, text
	case cretula.Expire:
		*token = nil
	}
	putEnded(o, ended)
	return o, nil
}

func exchange(ring *cretula.Keyring, e entries) {
	if e == nil {
		return
	}
	if err := ring.ReplaceEntries(e.get()...); err != nil {
		panic(err)
	}
}

func putEnded(o Object, ended []cretula.Ended) {
	var list []Object
	for _, e := range ended {
		list = append(list, Object{"sid": e.SID, "end": e.End})
	}
	if list != nil {
		o["ended"] = list
	}
}

// act takes the actions, and puts their answers, if there are any. ss, if not nil, has the session in a cookie.
func act(s *cretula.Session, actions []action, o Object, ss *cretula.Sessions) error {
	var answers []any
	for _, a := range actions {
		answer, err := a.take(s, ss)
		if err != nil {
			return err
		}
		if answer != nil {
			answers = append(answers, answer)
		}
	}
	if answers != nil {
		o["answers"] = answers
	}
	return nil
}

func (a *action) take(s *cretula.Session, ss *cretula.Sessions) (answer any, err error) {
	switch {
	case a.SetData != nil:
		return nil, s.SetDataJSON(*a.SetData)
	case a.SignOn != nil && a.SignOn.AuthTime != nil:
		return nil, s.SignOnFromProof(a.SignOn.Sub, a.SignOn.Gen, *a.SignOn.AuthTime, a.SignOn.Keep...)
	case a.SignOn != nil:
		return nil, s.SignOn(a.SignOn.Sub, a.SignOn.Gen, a.SignOn.Keep...)
	case a.Reauthenticate != nil:
		return nil, s.Reauthenticate(a.Reauthenticate.Gen)
	case a.SignOff:
		return nil, s.SignOff()
	case a.Flash != nil:
		message, err := library.Value(a.Flash.Message)
		if err != nil {
			return nil, err
		}
		return nil, s.Flash(a.Flash.Name, message)
	case a.TakeFlash != nil:
		messages, err := s.TakeFlash(a.TakeFlash.Name)
		texts := []any{}
		for _, m := range messages {
			// No session would be sealed with some of them, such as 1e21: the commit tells, not the taking (SESS-06).
			text, err := json.Marshal(m)
			if err != nil {
				panic(err)
			}
			texts = append(texts, string(text))
		}
		return texts, err
	case a.Send:
		return nil, s.Send()
	case a.ReauthWithin != nil:
		return s.ReauthWithin(a.ReauthWithin.Seconds), nil
	case a.Change != nil:
		value, err := library.Value(a.Change.Value)
		if err == nil {
			data := s.Values()
			assign(data, a.Change.Path, value)
			err = s.SetData(data)
		}
		return nil, err
	case a.Excess != nil && ss != nil && a.Excess.Now == nil:
		return ss.Excess(s)
	case a.Excess != nil && ss != nil:
		return ss.ExcessAt(s, *a.Excess.Now)
	}
	return nil, skipped("no such action here")
}

// assign changes data in place. Each step of a path is a name or an index.
func assign(in any, path []any, value any) {
	for i, step := range path {
		last := i == len(path)-1
		switch x := in.(type) {
		case map[string]any:
			if last {
				x[step.(string)] = value
			}
			in = x[step.(string)]
		case []any:
			if last {
				x[int(step.(float64))] = value
			}
			in = x[int(step.(float64))]
		default:
			panic("no such path")
		}
	}
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
	if x.Name, err = given(c.Name); err != nil {
		return x, err
	}
	if x.Name == "" { // a site would name it by its purpose
		x.Name = "__Host-Http-session"
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
	// What is wrong with a cookie alone comes before what is wrong with several.
	one := func() (*cretula.Site, error) { return cretula.NewSite(ring, "shop.example", cretula.SiteOptions{}) }
	together, err := one()
	if err != nil {
		return nil, err
	}
	var clash error
	lines := []string{}
	for _, x := range r.Cookies {
		if _, err := cretula.NewContext("shop.example", x.Purpose); err != nil {
			return nil, err
		}
		in, err := x.Cookie.get()
		if err != nil {
			return nil, err
		}
		options := cretula.SessionOptions{Purpose: x.Purpose, Cookie: in, Check: cretula.NoCheck}
		alone, err := one()
		if err != nil {
			return nil, err
		}
		ss, err := alone.Sessions(options)
		if err != nil {
			return nil, err
		}
		if _, err := together.Sessions(options); err != nil {
			clash = err
		}
		s, err := ss.OpenAt(context.Background(), nil, 0)
		if err != nil {
			return nil, err
		}
		if err := s.SignOff(); err != nil { // expires the cookie, whatever the request held
			return nil, err
		}
		res, err := ss.CommitAt(s, false, 0)
		if err != nil {
			return nil, err
		}
		lines = append(lines, res.SetCookie[len(res.SetCookie)-1])
	}
	return Object{"expire": lines}, clash
}

func (r *request) fieldOctets() []string { return octetsOf(r.Fields) }

// octetsOf gives the octets of fields, each the code point of a character.
func octetsOf(texts []string) []string {
	var fields []string
	for _, f := range texts {
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
	site, err := cretula.NewSite(r.ring(), c.Audience(), cretula.SiteOptions{})
	if err != nil {
		return nil, err
	}
	tc, err := site.Cookie(c.Purpose(), 1, in, cretula.WithLeeway(r.Leeway), cretula.WithMaxAge(r.MaxAge))
	if err != nil {
		return nil, err
	}
	var o cretula.Opened
	if r.Now == nil {
		o, err = tc.Read(r.fieldOctets())
	} else {
		o, err = tc.ReadAt(r.fieldOctets(), *r.Now)
	}
	return Object{"payload": string(o.Payload)}, err
}

func (r *request) inCookie(ring *cretula.Keyring, c cretula.Context, p cretula.Policy) (*cretula.Sessions, error) {
	in, err := r.Cookie.get()
	if err != nil {
		return nil, err
	}
	d, err := r.Device.get()
	if err != nil {
		return nil, err
	}
	site, err := cretula.NewSite(ring, c.Audience(), cretula.SiteOptions{})
	if err != nil {
		return nil, err
	}
	return site.Sessions(cretula.SessionOptions{Purpose: c.Purpose(), Policy: p, Cookie: in, Check: r.check(), Device: d})
}

func (d *device) get() (*cretula.DeviceBinding, error) {
	if d == nil {
		return nil, nil
	}
	path, err := given(d.Path)
	x := cretula.DeviceBinding{Path: path, RequireAfter: d.RequireAfter}
	if d.Proof != nil {
		x.Proof = *d.Proof
		if x.Proof == 0 && err == nil {
			err = skipped("0 means the default here")
		}
	}
	return &x, err
}

func (r *request) setupDevice() (Object, error) {
	c, err := cretula.NewContext("shop.example", r.Purpose)
	if err != nil {
		return nil, err
	}
	ring, err := cretula.NewKeyring(cretula.Entry{Key: testKey([]byte("cretula-test-key-for-the-set-up."))})
	if err != nil {
		return nil, err
	}
	ss, err := r.inCookie(ring, c, cretula.DefaultPolicy())
	if err != nil {
		return nil, err
	}
	name := ss.CookieName()
	if rest, ok := strings.CutPrefix(name, "__Host-Http-"); ok {
		name = "__Host-" + rest
	}
	s, err := ss.OpenAt(context.Background(), []string{name + ".proof="}, 0)
	if err != nil {
		return nil, err
	}
	if err := s.SignOff(); err != nil { // expires the proof, as the request held one
		return nil, err
	}
	res, err := ss.CommitAt(s, false, 0)
	if err != nil {
		return nil, err
	}
	return Object{"expire": res.SetCookie[0]}, nil
}

func (r *request) atEndpoint() (Object, error) {
	c, p, err := r.profile()
	if err != nil {
		return nil, err
	}
	ss, err := r.inCookie(r.ring(), c, p)
	if err != nil {
		return nil, err
	}
	defer r.randomness()()
	responses := octetsOf(r.Responses)
	var res cretula.DeviceResponse
	if r.Op == "register" {
		res, err = library.RegisterDevice(ss, r.fieldOctets(), responses, r.Now, r.Random.fixed())
	} else {
		res, err = library.RefreshDevice(ss, r.fieldOctets(), octetsOf(r.IDs), responses, r.Now, r.Random.fixed())
	}
	if err != nil {
		return nil, err
	}
	headers := headersOf(res.Response)
	if res.ContentType != "" {
		headers = append(headers, [2]string{"Content-Type", res.ContentType})
	}
	if res.Challenge != "" {
		headers = append(headers, [2]string{"Secure-Session-Challenge", res.Challenge})
	}
	o := Object{"status": res.Status, "headers": headers}
	if res.Reason != "" {
		o["reason"] = string(res.Reason)
	}
	if res.Body != "" {
		o["body"] = res.Body
	}
	return o, nil
}

func (r *request) readOrWrite() (Object, error) {
	c, p, err := r.profile()
	if err != nil {
		return nil, err
	}
	ss, err := r.inCookie(r.ring(), c, p)
	if err != nil {
		return nil, err
	}
	var s *cretula.Session
	if r.Now == nil {
		s = ss.Open(context.Background(), r.fieldOctets())
	} else if s, err = ss.OpenAt(context.Background(), r.fieldOctets(), *r.Now); err != nil {
		return nil, err
	}
	if r.Op == "read" {
		return openedSession(s)
	}
	defer r.randomness()()
	o := state(s, "absent")
	if err := act(s, r.Actions, o, ss); err != nil {
		return nil, err
	}
	res, err := library.CommitCookie(ss, s, r.CacheControl != nil, r.Commit, r.Random.fixed())
	if err != nil {
		return nil, err
	}
	headers := headersOf(res)
	if res.Registration != "" {
		headers = append(headers, [2]string{"Secure-Session-Registration", res.Registration})
	}
	o["headers"], o["large"] = headers, res.Large
	putEnded(o, res.Ended)
	return o, nil
}

func headersOf(res cretula.Response) [][2]string {
	headers := [][2]string{}
	for _, l := range res.SetCookie {
		headers = append(headers, [2]string{"Set-Cookie", l})
	}
	headers = append(headers, [2]string{"Vary", res.Vary})
	if res.CacheControl != "" {
		headers = append(headers, [2]string{"Cache-Control", res.CacheControl})
	}
	return headers
}
