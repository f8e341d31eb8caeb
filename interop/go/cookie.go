package cretula

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
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

// SameSite is an attribute of a cookie. "" means Lax.
type SameSite string

// The values of SameSite.
const (
	Lax    SameSite = "Lax"
	Strict SameSite = "Strict"
	None   SameSite = "None"
)

// Combination is what a browser tells cookies of one name apart by. The zero value is path "/" and no domain.
type Combination struct {
	Path        string // "" means "/"
	Domain      string // "" means none; otherwise Name begins with "__Secure-" or "__Http-"
	Partitioned bool
}

// Cookie says where tokens are kept (spec §20.1). The zero value is Secure, Lax, named by the purpose: __Host-Http-session for
// sessions.
type Cookie struct {
	Name           string // "" means "__Host-Http-" and the purpose; else 1 to 64 token characters (COOK-01)
	Combination           // Path, Domain, Partitioned
	Development    bool   // without Secure: only for plain http in development, with a Name without a prefix
	SameSite       SameSite
	BrowserSession bool          // no Max-Age: the browser forgets the cookie when it closes
	Large          bool          // two cookies if one does not hold the token; Name begins with "__Host-" (spec §20.5)
	Previous       []Combination // that the name had before: their cookies are expired
}

func (c Cookie) defaults() Cookie {
	if c.Name == "" {
		c.Name = "__Host-Http-session"
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

// check refuses what browsers would drop or keep elsewhere (COOK-01, COOK-02).
func (c Cookie) check() error {
	if len(c.Name) < 1 || len(c.Name) > 64 {
		return fail(CookieName)
	}
	for i := 0; i < len(c.Name); i++ {
		if !tokenCharacter(c.Name[i]) {
			return fail(CookieName)
		}
	}
	for _, p := range []string{"__Host-Http-", "__Host-", "__Http-", "__Secure-"} {
		if len(c.Name) >= len(p) && strings.EqualFold(c.Name[:len(p)], p) && c.Name[:len(p)] != p {
			return fail(CookieName)
		}
	}
	host := strings.HasPrefix(c.Name, "__Host-")
	mayHaveDomain := strings.HasPrefix(c.Name, "__Secure-") || strings.HasPrefix(c.Name, "__Http-")
	bad := fail(CookieAttributes)
	if (c.SameSite != Lax && c.SameSite != Strict && c.SameSite != None) ||
		c.Development && (host || mayHaveDomain || c.SameSite == None) || c.Large && !host {
		return bad
	}
	all := append([]Combination{c.Combination}, c.Previous...)
	for i, x := range all {
		if !x.valid() || x.Partitioned && c.Development || x.Domain != "" && !mayHaveDomain || host && x.Path != "/" {
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

// inCookie is a Sessions or a TokenCookie.
type inCookie interface {
	purposeAndName() (string, string)
}

// checkTogether fails with CookieClash for cookies of one purpose, or of names that are mixed up (COOK-03).
func checkTogether(all ...inCookie) error {
	purposes, names := map[string]bool{}, map[string]bool{}
	for _, x := range all {
		purpose, name := x.purposeAndName()
		if purposes[purpose] || names[name] {
			return fail(CookieClash)
		}
		purposes[purpose], names[name] = true, true
	}
	proofs := map[string]bool{}
	for n := range names {
		p := proofName(n)
		if names[n+".1"] || names[n+".end"] || names[p] || proofs[p] {
			return fail(CookieClash)
		}
		proofs[p] = true
	}
	for p := range purposes {
		for _, suffix := range deviceSuffixes {
			if purposes[p+suffix] {
				return fail(CookieClash)
			}
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
	return inOne(d, v)
}

// inOne is the shape of a token in one cookie.
func inOne(d *derivedRing, v string) bool {
	return len(v) >= 114 && len(v) <= cookieTokenMax && knownStart(d, v)
}

// choose gives the candidates, the first 4 if there are more, and the first value of all (spec §20.3). It fails with
// Absent, or with Ambiguous for more than 4.
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

// mark is what stands for a session that was signed off (COOK-07).
func mark(sid string) string {
	sum := sha256.Sum256([]byte(sid))
	return base64.RawURLEncoding.EncodeToString(sum[:])[:22]
}

// chooseSession finds the session of a request, up to step 9d. If there is none, it gives the authentic ones (SESS-17).
func (p *profile) chooseSession(d *derivedRing, fields []string, name string, now int64) (*Session, []Ended, error) {
	list, first, err := choose(d, fields, name)
	if len(list) == 0 {
		switch {
		case err != nil:
		case strings.HasPrefix(first, "2."):
			err = fail(Chunks)
		default:
			if _, err = p.open(d, first, cookieTokenMax, now); err == nil {
				err = fail(UnknownKey) // not reached: what opens has the shape
			}
		}
		return nil, nil, err
	}
	tooMany := err
	var opened [candidatesMax]*Session
	var marks [candidatesMax]string
	var code error // of the first candidate
	for i, v := range list {
		text, err := join(fields, name, v)
		if err == nil {
			opened[i], err = p.open(d, text, cookieTokenMax, now)
		}
		if i == 0 {
			code = err
		}
	}
	values(fields, name+".end", func(v string) bool {
		for more := true; more; {
			var item string
			item, v, more = strings.Cut(v, ".")
			for i := range list {
				if opened[i] == nil {
					continue
				}
				if marks[i] == "" {
					marks[i] = mark(opened[i].sid)
				}
				if item == marks[i] {
					opened[i] = nil
					if i == 0 {
						code = fail(SignedOff)
					}
				}
			}
		}
		return true
	})
	var best *Session
	var authentic []Ended
	for _, s := range opened {
		if s == nil {
			continue
		}
		if !slices.ContainsFunc(authentic, func(e Ended) bool { return e.SID == s.sid }) {
			authentic = append(authentic, s.request...)
		}
		if best == nil || s.rev > best.rev || s.rev == best.rev && s.issuedAt > best.issuedAt {
			best = s
		}
	}
	switch {
	case tooMany != nil:
		return nil, authentic, tooMany
	case len(authentic) == 0:
		return nil, nil, code
	case len(authentic) > 1:
		return nil, authentic, fail(Ambiguous)
	}
	return best, nil, nil
}

func (c Cookie) line(name, value string, maxAge int64, withMaxAge bool, x Combination) string {
	var b strings.Builder
	b.Grow(len(name) + len(value) + 128) // room for most attributes
	for _, part := range []string{name, "=", value, "; Path=", x.Path} {
		b.WriteString(part)
	}
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

func (l *lines) expire(name string, x Combination) { l.add(name, "", 0, true, x) }
