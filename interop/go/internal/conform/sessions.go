package conform

import (
	"context"

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
