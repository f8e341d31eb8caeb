package cretula

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
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

// setup is one of the cookies that a server sets up together.
type setup struct {
	purpose string
	cookie  Cookie
}

func checkTogether(all []setup) error {
	for i := range all {
		if err := all[i].cookie.check(); err != nil {
			return err
		}
	}
	purposes, names := map[string]bool{}, map[string]bool{}
	for _, s := range all {
		if purposes[s.purpose] || names[s.cookie.Name] {
			return fail(CookieClash)
		}
		purposes[s.purpose], names[s.cookie.Name] = true, true
	}
	for n := range names {
		if names[n+".1"] || names[n+".end"] {
			return fail(CookieClash)
		}
	}
	return nil
}

// CheckTogether refuses cookies that cannot live beside each other (COOK-03).
func CheckTogether(all ...interface{ cookieSetup() (string, Cookie) }) error {
	var list []setup
	for _, x := range all {
		p, c := x.cookieSetup()
		list = append(list, setup{p, c.defaults()})
	}
	return checkTogether(list)
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

// Response is what the cookie binding adds to a response.
type Response struct {
	Wrote        Wrote
	SetCookie    []string
	Vary         string // "Cookie", or ""
	CacheControl string // "" leaves the application's
	Large        bool   // more than 3 500 octets of names and values: some proxies refuse that (COOK-12)
	Ended        *Ended // for the deny-list, once the response is made (SESS-17)

	payload []byte
}

// Apply sets the fields of a response head.
func (r Response) Apply(h http.Header) {
	for _, l := range r.SetCookie {
		h.Add("Set-Cookie", l)
	}
	if r.Vary != "" {
		h.Add("Vary", r.Vary)
	}
	if r.CacheControl != "" {
		h.Set("Cache-Control", r.CacheControl)
	}
}

// Sessions keeps sessions in a cookie. It may be used by many goroutines.
type Sessions struct {
	p      *profile
	cookie Cookie
}

// NewSessions sets sessions up. A nil check closes every user's session (unchecked): say NoCheck to want none (SESS-22).
func NewSessions(k *Keyring, c Context, p Policy, cookie Cookie, check CheckFunc) (*Sessions, error) {
	pr, err := newProfile(k, c, p, check)
	if err != nil {
		return nil, err
	}
	cookie = cookie.defaults()
	if err := cookie.check(); err != nil {
		return nil, err
	}
	return &Sessions{pr, cookie}, nil
}

func (s *Sessions) cookieSetup() (string, Cookie) { return s.p.t.ctx.purpose, s.cookie }

// Open reads the raw Cookie fields of a request, http.Request.Header["Cookie"]. A request without a session that opens
// gets a new guest one whose Reason says why. The error is the clock's alone.
func (s *Sessions) Open(ctx context.Context, fields []string) (*Session, error) {
	now, err := clock()
	if err != nil {
		return nil, err
	}
	return s.OpenAt(ctx, fields, now)
}

// OpenAt is Open at a given time.
func (s *Sessions) OpenAt(ctx context.Context, fields []string, now int64) (*Session, error) {
	if now < 0 || now >= timeEnd {
		return nil, fail(ClockRange)
	}
	out, err := s.p.chooseSession(fields, s.cookie.Name, now)
	if err != nil {
		out = s.p.newSession(CodeOf(err), now)
	} else {
		out = s.p.admit(ctx, out)
	}
	out.heldSecond = holds(fields, s.cookie.Name+".1")
	return out, nil
}

// Commit decides what the response carries. cacheControl is what the application set, "" for nothing.
func (s *Sessions) Commit(x *Session, cacheControl string) (Response, error) {
	now, err := clock()
	if err != nil {
		return Response{}, err
	}
	return s.CommitAt(x, cacheControl, now)
}

// CommitAt is Commit at a given time.
func (s *Sessions) CommitAt(x *Session, cacheControl string, now int64) (Response, error) {
	return s.commit(x, cacheControl, now, nil)
}

func (s *Sessions) commit(x *Session, cacheControl string, now int64, f *fixed) (Response, error) {
	heldSecond, request, signedOff := x.heldSecond, x.request, x.signedOff
	var id string
	w, err := s.p.commit(x, now, f, func(octets int, next *Session) error {
		room := cookieMax - len(s.cookie.Name)
		if octets <= room {
			return nil
		}
		if s.cookie.Large {
			if room = cookieTokenMax; octets <= room {
				if f != nil {
					id = f.id
					return nil
				}
				b, err := random(6)
				id = base64.RawURLEncoding.EncodeToString(b)
				return err
			}
		}
		e := fail(CookieTooLarge)
		e.over = octets - room
		e.largest = next.largest()
		return e
	})
	if err != nil {
		return Response{}, err
	}
	l := lines{c: s.cookie}
	name, own := s.cookie.Name, s.cookie.Combination
	switch {
	case w.wrote == Seal && id == "":
		l.add(name, w.token, w.ttl, !s.cookie.BrowserSession, own)
		if heldSecond {
			l.add(name+".1", "", 0, true, own)
		}
	case w.wrote == Seal:
		l.add(name, "2."+id+"."+w.token[:firstPartMax], w.ttl, !s.cookie.BrowserSession, own)
		l.add(name+".1", id+"."+w.token[firstPartMax:], w.ttl, !s.cookie.BrowserSession, own)
	case w.wrote == Expire:
		l.expire(heldSecond, own)
	}
	if signedOff && request != nil && now < request.End {
		l.add(name+".end", mark(request.SID), min(request.End-now, lifeMax), true, own)
	}
	if len(l.out) > 0 {
		for _, p := range s.cookie.Previous {
			l.expire(heldSecond, p)
		}
	}
	r := Response{Wrote: w.wrote, SetCookie: l.out, Vary: "Cookie", Large: l.octets > cookieLarge, Ended: w.ended, payload: w.payload}
	switch {
	case len(l.out) > 0:
		r.CacheControl = "no-store"
	case cacheControl == "":
		r.CacheControl = "private"
	}
	return r, nil
}

// largest is the member of data with the longest serialised value, the first of equals (COOK-11).
func (s *Session) largest() *string {
	data, _ := s.data.(map[string]any)
	var name *string
	longest := -1
	for _, n := range sortedNames(data) {
		if b, err := appendValue(nil, data[n], 3); err == nil && len(b) > longest {
			longest, name = len(b), &n
		}
	}
	return name
}

// TokenCookie keeps a sealed token that is no session, such as a return-url (spec §20.6).
type TokenCookie struct {
	t      *tokens
	cookie Cookie
}

// NewTokenCookie sets one up. A cookie that is large or has previous combinations is refused.
func NewTokenCookie(k *Keyring, c Context, cookie Cookie, opts ...Option) (*TokenCookie, error) {
	t, err := newTokens(kindSealed, k, c, opts)
	if err != nil {
		return nil, err
	}
	cookie = cookie.defaults()
	if err := cookie.check(); err != nil {
		return nil, err
	}
	if cookie.Large || len(cookie.Previous) > 0 {
		return nil, fail(CookieAttributes)
	}
	return &TokenCookie{t, cookie}, nil
}

func (t *TokenCookie) cookieSetup() (string, Cookie) { return t.t.ctx.purpose, t.cookie }

// ReadAt finds and opens the token of a request (COOK-08).
func (t *TokenCookie) ReadAt(fields []string, now int64) (Opened, error) {
	if now < 0 || now >= timeEnd {
		return Opened{}, fail(ClockRange)
	}
	d, err := t.t.derived()
	if err != nil {
		return Opened{}, err
	}
	list, first, err := choose(d, fields, t.cookie.Name)
	if err != nil {
		return Opened{}, err
	}
	if len(list) == 0 {
		if strings.HasPrefix(first, "2.") {
			return Opened{}, fail(Chunks)
		}
		return t.t.open(d, first, cookieTokenMax, now)
	}
	var found *Opened
	var code error
	for i, v := range list {
		text, err := join(fields, t.cookie.Name, v)
		if err == nil {
			var o Opened
			if o, err = t.t.open(d, text, cookieTokenMax, now); err == nil {
				if found != nil {
					return Opened{}, fail(Ambiguous)
				}
				found = &o
			}
		}
		if i == 0 {
			code = err
		}
	}
	if found == nil {
		return Opened{}, code
	}
	return *found, nil
}

// Read is ReadAt by the system's clock.
func (t *TokenCookie) Read(fields []string) (Opened, error) {
	now, err := clock()
	if err != nil {
		return Opened{}, err
	}
	return t.ReadAt(fields, now)
}

// WriteAt is the Set-Cookie value of a new token. The response carries Cache-Control: no-store.
func (t *TokenCookie) WriteAt(payload []byte, ttl, now int64) (string, error) {
	if now < 0 || now >= timeEnd {
		return "", fail(ClockRange)
	}
	if ttl < 1 || ttl > lifeMax {
		return "", fail(TTLRange)
	}
	if over := textLength(sealedMin+len(payload)) + len(t.cookie.Name) - cookieMax; over > 0 {
		e := fail(CookieTooLarge)
		e.over = over
		return "", e
	}
	token, err := t.t.make(payload, ttl, now, nil)
	if err != nil {
		return "", err
	}
	return t.cookie.line(t.cookie.Name, token, ttl, !t.cookie.BrowserSession, t.cookie.Combination), nil
}

// Write is WriteAt by the system's clock.
func (t *TokenCookie) Write(payload []byte, ttl int64) (string, error) {
	now, err := clock()
	if err != nil {
		return "", err
	}
	return t.WriteAt(payload, ttl, now)
}

// Expire is the Set-Cookie value that takes the token away.
func (t *TokenCookie) Expire() string {
	return t.cookie.line(t.cookie.Name, "", 0, true, t.cookie.Combination)
}
