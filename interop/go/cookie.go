package cretula

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

const (
	cookieTokenMax = 5980
	cookieMax      = 4096
	cookieLarge    = 3500
	cookiePartMax  = 3000
	firstPartMax   = 2989
	candidatesMax  = 4
)

// SameSite is a cookie's attribute; the zero value is Lax.
type SameSite string

// The values of SameSite.
const (
	Lax    SameSite = "Lax"
	Strict SameSite = "Strict"
	None   SameSite = "None"
)

// Combination is what makes a cookie another cookie to the browser. The zero value is path "/", no domain.
type Combination struct {
	Path        string // "" is "/"
	Domain      string // "" is none
	Partitioned bool
}

// Cookie says where tokens are kept (spec §20.1). The zero value is __Host-session, Secure, Lax.
type Cookie struct {
	Name           string // "" is "__Host-session"
	Combination           // Path, Domain, Partitioned
	Development    bool   // without Secure: for plain http in development alone
	SameSite       SameSite
	BrowserSession bool // no Max-Age
	Large          bool // two cookies where one does not hold the token
	Previous       []Combination
}

func (c Cookie) defaults() Cookie {
	if c.Name == "" {
		c.Name = "__Host-session"
	}
	if c.SameSite == "" {
		c.SameSite = Lax
	}
	c.Combination = c.Combination.defaults()
	previous := make([]Combination, len(c.Previous))
	for i, p := range c.Previous {
		previous[i] = p.defaults()
	}
	c.Previous = previous
	return c
}

func (c Combination) defaults() Combination {
	if c.Path == "" {
		c.Path = "/"
	}
	return c
}

func tokenCharacter(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
}

func (c Cookie) check() error {
	if len(c.Name) < 1 || len(c.Name) > 64 {
		return fail(CookieName)
	}
	for i := 0; i < len(c.Name); i++ {
		if !tokenCharacter(c.Name[i]) {
			return fail(CookieName)
		}
	}
	for _, p := range []string{"__Host-", "__Secure-"} {
		if len(c.Name) >= len(p) && strings.EqualFold(c.Name[:len(p)], p) && c.Name[:len(p)] != p {
			return fail(CookieName)
		}
	}
	host := strings.HasPrefix(c.Name, "__Host-")
	secure := strings.HasPrefix(c.Name, "__Secure-")
	bad := fail(CookieAttributes)
	if (c.SameSite != Lax && c.SameSite != Strict && c.SameSite != None) ||
		c.Development && (host || secure || c.SameSite == None) || c.Large && !host {
		return bad
	}
	all := append([]Combination{c.Combination}, c.Previous...)
	for i, x := range all {
		if !x.valid() || x.Partitioned && c.Development || x.Domain != "" && !secure || host && x.Path != "/" {
			return bad
		}
		for _, y := range all[:i] {
			if x.Path == y.Path && x.Partitioned == y.Partitioned && strings.EqualFold(x.Domain, y.Domain) {
				return bad
			}
		}
	}
	return nil
}

func (c Combination) valid() bool {
	if len(c.Path) < 1 || len(c.Path) > 1024 || c.Path[0] != '/' || len(c.Domain) > 253 {
		return false
	}
	for i := 0; i < len(c.Path); i++ {
		if b := c.Path[i]; b < 0x21 || b > 0x7e || b == ';' {
			return false
		}
	}
	if c.Domain == "" {
		return true
	}
	for _, label := range strings.Split(c.Domain, ".") {
		if label == "" {
			return false
		}
		for i := 0; i < len(label); i++ {
			if b := label[i]; !base64url(b) || b == '_' {
				return false
			}
		}
	}
	return true
}

// InCookie is a Sessions or a TokenCookie.
type InCookie interface {
	purposeAndName() (string, string)
}

// CheckTogether refuses cookies that cannot live beside each other (COOK-03).
func CheckTogether(all ...InCookie) error {
	purposes, names := map[string]bool{}, map[string]bool{}
	for _, x := range all {
		purpose, name := x.purposeAndName()
		if purposes[purpose] || names[name] {
			return fail(CookieClash)
		}
		purposes[purpose], names[name] = true, true
	}
	for n := range names {
		if names[n+".1"] || names[n+".end"] {
			return fail(CookieClash)
		}
	}
	return nil
}

func trimBlank(s string) string {
	for len(s) > 0 && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	for len(s) > 0 && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}

// values calls yield for each value of a name, in one pass and without a copy (COOK-04, COOK-05).
func values(fields []string, name string, yield func(string) bool) {
	for _, field := range fields {
		for more := true; more; {
			var part string
			part, field, more = strings.Cut(field, ";")
			n, v, found := strings.Cut(part, "=")
			if found && trimBlank(n) == name && !yield(trimBlank(v)) {
				return
			}
		}
	}
}

func holds(fields []string, name string) (found bool) {
	values(fields, name, func(string) bool { found = true; return false })
	return
}

func knownStart(d *derivedRing, s string) bool {
	if len(s) < 48 || s[:4] != textSealed {
		return false
	}
	var b [36]byte // on the stack: a field may hold many values
	if !allBase64url(s[:48]) {
		return false
	}
	if _, err := base64.RawURLEncoding.Decode(b[:], []byte(s[:48])); err != nil {
		return false
	}
	return d.byID[[32]byte(b[3:35])] != nil
}

func shape(d *derivedRing, v string) bool {
	if strings.HasPrefix(v, "2.") {
		return len(v) >= 11+48 && len(v) <= cookiePartMax && v[10] == '.' && allBase64url(v[2:10]) && knownStart(d, v[11:])
	}
	return len(v) >= 114 && len(v) <= cookieTokenMax && knownStart(d, v)
}

// choose gives the texts of the candidates, each with the code of a join that failed (spec §20.3).
func choose(d *derivedRing, fields []string, name string) (list []string, first string, err error) {
	any, many := false, false
	values(fields, name, func(v string) bool {
		if !any {
			any, first = true, v
		}
		if !shape(d, v) {
			return true
		}
		for _, c := range list {
			if c == v {
				return true
			}
		}
		if len(list) == candidatesMax {
			many = true
			return false
		}
		list = append(list, v)
		return true
	})
	switch {
	case !any:
		err = fail(Absent)
	case many:
		err = fail(Ambiguous)
	}
	return list, first, err
}

// join is the token of a candidate (COOK-14).
func join(fields []string, name, v string) (string, error) {
	if !strings.HasPrefix(v, "2.") {
		return v, nil
	}
	var second string
	n := 0
	values(fields, name+".1", func(w string) bool {
		if len(w) > 9 && len(w) <= cookiePartMax && w[:9] == v[2:11] && (n == 0 || w != second) {
			second = w
			n++
		}
		return n < 2
	})
	if n != 1 {
		return "", fail(Chunks)
	}
	return v[11:] + second[9:], nil
}

func mark(sid string) string {
	sum := sha256.Sum256([]byte(sid))
	return base64.RawURLEncoding.EncodeToString(sum[:])[:22]
}

// chooseSession finds the session of a request, up to step 9d.
func (p *profile) chooseSession(fields []string, name string, now int64) (*Session, error) {
	d, err := p.t.derived()
	if err != nil {
		return nil, err
	}
	list, first, err := choose(d, fields, name)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		if strings.HasPrefix(first, "2.") {
			return nil, fail(Chunks)
		}
		if _, err := p.open(d, first, cookieTokenMax, now); err != nil {
			return nil, err
		}
		return nil, fail(UnknownKey) // not reached: what opens has the shape
	}
	var opened [candidatesMax]*Session
	var marks [candidatesMax]string
	var code error // of the first candidate
	for i, v := range list {
		text, err := join(fields, name, v)
		if err == nil {
			if opened[i], err = p.open(d, text, cookieTokenMax, now); err == nil {
				marks[i] = mark(opened[i].sid)
			}
		}
		if i == 0 {
			code = err
		}
	}
	values(fields, name+".end", func(v string) bool {
		for i := range list {
			if opened[i] != nil && v == marks[i] {
				opened[i] = nil
				if i == 0 {
					code = fail(SignedOff)
				}
			}
		}
		return true
	})
	var best *Session
	for _, s := range opened {
		switch {
		case s == nil:
		case best == nil:
			best = s
		case s.sid != best.sid:
			return nil, fail(Ambiguous)
		case s.rev > best.rev || s.rev == best.rev && s.issuedAt > best.issuedAt:
			best = s
		}
	}
	if best == nil {
		return nil, code
	}
	return best, nil
}

func (c Cookie) line(name, value string, maxAge int64, withMaxAge bool, x Combination) string {
	var b strings.Builder
	b.WriteString(name + "=" + value + "; Path=" + x.Path)
	if x.Domain != "" {
		b.WriteString("; Domain=" + x.Domain)
	}
	if withMaxAge {
		b.WriteString("; Max-Age=" + itoa(maxAge))
	}
	if !c.Development {
		b.WriteString("; Secure")
	}
	b.WriteString("; HttpOnly; SameSite=" + string(c.SameSite))
	if x.Partitioned {
		b.WriteString("; Partitioned")
	}
	return b.String()
}

// lines collects Set-Cookie values and the octets of their names and values.
type lines struct {
	c      Cookie
	out    []string
	octets int
}

func (l *lines) add(name, value string, maxAge int64, withMaxAge bool, x Combination) {
	l.out = append(l.out, l.c.line(name, value, maxAge, withMaxAge, x))
	l.octets += len(name) + len(value)
}

func (l *lines) expire(second bool, x Combination) {
	l.add(l.c.Name, "", 0, true, x)
	if second {
		l.add(l.c.Name+".1", "", 0, true, x)
	}
}
