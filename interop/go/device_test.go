package cretula

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cretula.example/cretula/internal/hook"
)

// browser is one that knows device binding, with a key in software.
type browser struct {
	key       *ecdsa.PrivateKey
	x, y, jkt string
}

func newBrowser(t testing.TB) *browser {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]byte, 32), make([]byte, 32)
	b := &browser{key: key, x: text64(key.X.FillBytes(x)), y: text64(key.Y.FillBytes(y))}
	b.jkt = newPublicKey(b.x, b.y).thumbprint()
	return b
}

func text64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// sign makes a JWT of two JSON texts.
func (b *browser) sign(header, claims string) string {
	text := text64([]byte(header)) + "." + text64([]byte(claims))
	sum := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, b.key, sum[:])
	if err != nil {
		panic(err)
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return text + "." + text64(signature)
}

func (b *browser) jwk() string {
	return `{"crv":"P-256","kty":"EC","x":"` + b.x + `","y":"` + b.y + `"}`
}

// registering is what the browser sends to Path/start, refreshing to Path/refresh.
func (b *browser) registering(challenge string) string {
	return b.sign(`{"alg":"ES256","jwk":`+b.jwk()+`,"typ":"dbsc+jwt"}`, `{"jti":"`+challenge+`"}`)
}

func (b *browser) refreshing(challenge string) string {
	return b.sign(`{"alg":"ES256","typ":"dbsc+jwt"}`, `{"jti":"`+challenge+`"}`)
}

func deviceSessions(t testing.TB, o SessionOptions) *Sessions {
	if o.Device == nil {
		o.Device = &DeviceBinding{}
	}
	if o.Check == nil {
		o.Check = NoCheck
	}
	o.Cookie.Name = "__Host-session"
	k, err := NewKeyring(Entry{Key: testKey(t, 1)})
	if err != nil {
		t.Fatal(err)
	}
	c, _ := NewContext("shop.example", "session")
	s, err := newSessions(k, c, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// seal makes a token of one of the three purposes, or of sessions.
func seal(t testing.TB, in *tokens, payload string, ttl, now int64) string {
	t.Helper()
	token, err := in.make([]byte(payload), ttl, now, nil)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

const deviceSID = "AAAAAAAAAAAAAAAAAAAAAA"

// sessionField is a Cookie field with a session of ada that began at testNow; more are members after auth_time.
func sessionField(t testing.TB, ss *Sessions, more string) string {
	t.Helper()
	return "__Host-session=" + seal(t, ss.p.t, fmt.Sprintf(`{"sid":"%s","start":%d,"end":%d,"rev":1,"sub":"ada","gen":7,"auth_time":%d%s}`,
		deviceSID, testNow, testNow+86_400, testNow, more), 1800, testNow)
}

func boundTo(b *browser) string { return `,"jkt":"` + b.jkt + `"` }

func proofField(t testing.TB, ss *Sessions, jkt string, now int64) string {
	t.Helper()
	return "__Host-session.proof=" + seal(t, ss.device.proofs, `{"sid":"`+deviceSID+`","jkt":"`+jkt+`"}`, ss.device.Proof, now)
}

func openAt(t testing.TB, ss *Sessions, now int64, fields ...string) *Session {
	t.Helper()
	s, err := ss.OpenAt(context.Background(), fields, now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var (
	offered    = regexp.MustCompile(`^\(ES256\);path="(/[^"]+)";challenge="(CrE1[A-Za-z0-9_-]+)"$`)
	challenged = regexp.MustCompile(`^"(CrE1[A-Za-z0-9_-]+)";id="(CrE1[A-Za-z0-9_-]+)"$`)
)

// covers: [DEV-05], [DEV-07], [DEV-08], [SESS-29]
func TestDeviceBindingFromSignOnToTheft(t *testing.T) {
	var clock atomic.Int64
	clock.Store(testNow)
	site := testSite(t, SiteOptions{Clock: func() time.Time { return time.Unix(clock.Load(), 0) }})
	ss, err := site.Sessions(SessionOptions{Check: NoCheck, SameSitePosts: true, Device: &DeviceBinding{}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewTLSServer(ss.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := ss.Of(r)
		switch r.URL.Path {
		case "/on":
			_ = s.SignOn("ada", 7)
		case "/off":
			_ = s.SignOff()
		case "/change":
			_ = s.Set("n", time.Now().String())
		case "/device-binding/start": // the handler's: not a POST
			http.NotFound(w, r)
			return
		}
		sub, _ := s.Sub()
		fmt.Fprint(w, sub, " ", s.IsBound(), " ", string(s.Reason()))
	})))
	defer server.Close()
	client := server.Client()
	client.Jar, _ = cookiejar.New(nil)
	// The device's requests say what Chromium's do, or what would be refused of a page.
	do := func(c *http.Client, method, path string, fields ...string) (*http.Response, string) {
		t.Helper()
		r, _ := http.NewRequest(method, server.URL+path, nil)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		for i := 0; i < len(fields); i += 2 {
			r.Header.Add(fields[i], fields[i+1])
		}
		res, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, _ := io.ReadAll(res.Body)
		return res, string(b)
	}
	who := func(c *http.Client, want string) {
		t.Helper()
		if _, body := do(c, "GET", "/"); body != want {
			t.Fatalf("%s, want %s", body, want)
		}
	}
	// thief has the cookies of a moment, and drops those of the names.
	thief := func(without ...string) *http.Client {
		c := *client
		c.Jar, _ = cookiejar.New(nil)
		u, _ := url.Parse(server.URL)
		var all []*http.Cookie
		for _, x := range client.Jar.Cookies(u) {
			if !slices.Contains(without, x.Name) {
				x.Secure, x.Path = true, "/"
				all = append(all, x)
			}
		}
		c.Jar.SetCookies(u, all)
		return &c
	}
	res, _ := do(client, "GET", "/on")
	offer := offered.FindStringSubmatch(res.Header.Get("Secure-Session-Registration"))
	if offer == nil || offer[1] != "/device-binding/start" {
		t.Fatal(res.Header)
	}
	unbound := thief()
	who(client, "ada false ")
	if res, _ := do(client, "GET", "/"); res.Header["Secure-Session-Registration"] != nil {
		t.Error("offered without a sign-on")
	}
	device := newBrowser(t)
	if res, _ := do(client, "GET", offer[1], "Secure-Session-Response", device.registering(offer[2])); res.StatusCode != http.StatusNotFound {
		t.Error("a GET registers", res.StatusCode)
	}
	res, body := do(client, "POST", offer[1], "Secure-Session-Response", device.registering(offer[2]))
	var told struct {
		ID      string `json:"session_identifier"`
		Refresh string `json:"refresh_url"`
		Scope   struct {
			IncludeSite *bool `json:"include_site"`
		}
		Credentials []struct{ Type, Name, Attributes string }
	}
	if err := json.Unmarshal([]byte(body), &told); err != nil || res.StatusCode != 200 || len(res.Header["Set-Cookie"]) != 2 {
		t.Fatal(res.StatusCode, res.Header, body)
	}
	if res.Header.Get("Content-Type") != "application/json" || res.Header.Get("Cache-Control") != "no-store" || res.Header.Get("Vary") != "Cookie" ||
		*told.Scope.IncludeSite || told.Credentials[0].Name != "__Host-session.proof" || told.Refresh != "/device-binding/refresh" {
		t.Fatal(res.Header, body)
	}
	attributes := "; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Lax" // the first proof is a short one
	if line := res.Header["Set-Cookie"][0]; !strings.HasPrefix(line, "__Host-session.proof=CrE1") || !strings.HasSuffix(line, attributes) ||
		strings.Replace(attributes[2:], " Max-Age=60;", "", 1) != told.Credentials[0].Attributes {
		t.Fatal(line, told.Credentials)
	}
	who(client, "ada true ")
	who(thief("__Host-session.proof"), " false unproven")
	if res, body := do(thief("__Host-session.proof"), "GET", "/change"); res.StatusCode != 503 {
		t.Fatal(res.StatusCode, body)
	}
	// A copy of all cookies works until the proof is over, whatever it asks for.
	copied := thief()
	clock.Store(testNow + 59)
	who(copied, "ada true ")
	do(copied, "GET", "/change")
	clock.Store(testNow + 60)
	who(copied, " false unproven")
	// The browser's own session goes on after a refresh.
	who(client, " false unproven")
	refresh := func(c *http.Client, b *browser) int {
		t.Helper()
		res, _ := do(c, "POST", told.Refresh, "Sec-Secure-Session-Id", told.ID)
		asked := challenged.FindStringSubmatch(res.Header.Get("Secure-Session-Challenge"))
		if res.StatusCode != 403 || asked == nil || asked[2] != told.ID || res.Header["Set-Cookie"] != nil {
			t.Fatal(res.StatusCode, res.Header)
		}
		res, body := do(c, "POST", told.Refresh, "Sec-Secure-Session-Id", `"`+told.ID+`"`, "Secure-Session-Response", `"`+b.refreshing(asked[1])+`"`)
		if body != "" || (len(res.Header["Set-Cookie"]) == 1) != (res.StatusCode == 200) {
			t.Error(res.Header, body)
		}
		return res.StatusCode
	}
	other := newBrowser(t)
	if got := refresh(copied, other); got != 401 {
		t.Error("another key refreshes", got)
	}
	if got := refresh(client, device); got != 200 {
		t.Fatal(got)
	}
	who(client, "ada true ")
	who(copied, " false unproven")
	// A response that began before the registration takes the bound session's place; the next refresh binds it again.
	client.Jar.SetCookies(res.Request.URL, []*http.Cookie{{Name: "__Host-Http-session", Value: valueIn(unbound, server.URL), Path: "/", Secure: true}})
	who(client, "ada false ")
	if res, _ := do(client, "POST", told.Refresh, "Sec-Secure-Session-Id", told.ID); true {
		asked := challenged.FindStringSubmatch(res.Header.Get("Secure-Session-Challenge"))
		res, _ := do(client, "POST", told.Refresh, "Sec-Secure-Session-Id", told.ID, "Secure-Session-Response", device.refreshing(asked[1]))
		if res.StatusCode != 200 || len(res.Header["Set-Cookie"]) != 2 {
			t.Fatal(res.StatusCode, res.Header)
		}
	}
	who(client, "ada true ")
	// Sign-off takes the proof away first, and ends the browser's device session at its next refresh.
	res, _ = do(client, "GET", "/off")
	if lines := res.Header["Set-Cookie"]; !strings.HasPrefix(lines[0], "__Host-session.proof=; Path=/; Max-Age=0;") || len(lines) != 3 {
		t.Fatal(lines)
	}
	res, body = do(client, "POST", told.Refresh, "Sec-Secure-Session-Id", told.ID)
	if res.StatusCode != 200 || body != `{"session_identifier":"`+told.ID+`","continue":false}` {
		t.Fatal(res.StatusCode, body)
	}
}

func valueIn(c *http.Client, address string) string {
	u, _ := url.Parse(address)
	return c.Jar.Cookies(u)[0].Value
}

// covers: [DEV-01]
func TestDeviceSettings(t *testing.T) {
	ring, _ := NewKeyring(Entry{Key: testKey(t, 1)})
	long := "/" + strings.Repeat("a", 100)
	for i, x := range []struct {
		purpose string
		cookie  Cookie
		device  DeviceBinding
		want    Code
	}{
		{"session", Cookie{}, DeviceBinding{}, ""},
		{"session", Cookie{Name: "__Host-x", SameSite: Strict, Large: true}, DeviceBinding{Path: long, Proof: 3600, RequireAfter: At(lifeMax)}, ""},
		{"session", Cookie{}, DeviceBinding{Path: "/a/B0-._~", Proof: 1, RequireAfter: At(0)}, ""},
		{"session", Cookie{}, DeviceBinding{Path: long + "a"}, DeviceSettings}, {"session", Cookie{}, DeviceBinding{Path: "/"}, DeviceSettings},
		{"session", Cookie{}, DeviceBinding{Path: "a"}, DeviceSettings}, {"session", Cookie{}, DeviceBinding{Path: "/a/"}, DeviceSettings},
		{"session", Cookie{}, DeviceBinding{Path: `/a"b`}, DeviceSettings}, {"session", Cookie{}, DeviceBinding{Path: "/a%20"}, DeviceSettings},
		{"session", Cookie{}, DeviceBinding{Path: "/a\n"}, DeviceSettings}, {"session", Cookie{}, DeviceBinding{Path: "/é"}, DeviceSettings},
		{"session", Cookie{}, DeviceBinding{Proof: -1}, DeviceSettings}, {"session", Cookie{}, DeviceBinding{Proof: 3601}, DeviceSettings},
		{"session", Cookie{}, DeviceBinding{RequireAfter: At(-1)}, DeviceSettings},
		{"session", Cookie{}, DeviceBinding{RequireAfter: At(lifeMax + 1)}, DeviceSettings},
		{"session", Cookie{Name: "__Http-x"}, DeviceBinding{}, CookieAttributes}, {"session", Cookie{Name: "__Secure-x"}, DeviceBinding{}, CookieAttributes},
		{"session", Cookie{Name: "x", Development: true}, DeviceBinding{}, CookieAttributes},
		{"session", Cookie{Combination: Combination{Partitioned: true}}, DeviceBinding{}, CookieAttributes},
		{strings.Repeat("p", 245), Cookie{}, DeviceBinding{}, ""}, {strings.Repeat("p", 246), Cookie{}, DeviceBinding{}, ContextInvalid},
		// in this order
		{strings.Repeat("p", 246), Cookie{Name: "__Http-x"}, DeviceBinding{Proof: -1}, DeviceSettings},
		{strings.Repeat("p", 246), Cookie{Name: "__Http-x"}, DeviceBinding{}, CookieAttributes},
		{strings.Repeat("p", 246), Cookie{Name: "a b"}, DeviceBinding{Proof: -1}, CookieName},
	} {
		c, err := NewContext("shop.example", x.purpose)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := newSessions(ring, c, SessionOptions{Cookie: x.cookie, Check: NoCheck, Device: &x.device}); CodeOf(err) != x.want {
			t.Errorf("%d: %v, want %s", i, err, x.want)
		}
	}
	_, err := testSessions(t, Cookie{}).RegisterAt(context.Background(), nil, nil, testNow)
	code(t, err, DeviceSettings) // not set up
	ss := deviceSessions(t, SessionOptions{})
	_, err = ss.RegisterAt(context.Background(), nil, nil, -1)
	code(t, err, ClockRange)
	_, err = ss.RefreshAt(context.Background(), nil, nil, nil, timeEnd)
	code(t, err, ClockRange)
}

// covers: [COOK-03]
func TestClashesWithDeviceBinding(t *testing.T) {
	site := testSite(t, SiteOptions{})
	on := &DeviceBinding{}
	if _, err := site.Sessions(SessionOptions{Device: on}); err != nil {
		t.Fatal(err)
	}
	if _, err := site.Sealer("other.proof"); err != nil {
		t.Fatal(err)
	}
	for name, make := range map[string]func() (any, error){
		"a cookie of the proofs":     func() (any, error) { return site.Cookie("session.proof", 1, Cookie{Name: "__Host-a"}) },
		"of the challenges":          func() (any, error) { return site.Cookie("session.challenge", 1, Cookie{Name: "__Host-a"}) },
		"a sealer of device tokens":  func() (any, error) { return site.Sealer("session.device") },
		"sessions of a sealer's":     func() (any, error) { return site.Sessions(SessionOptions{Purpose: "other"}) },
		"the name of the proof":      func() (any, error) { return site.Cookie("x", 1, Cookie{Name: "__Host-session.proof"}) },
		"two at one path":            func() (any, error) { return site.Sessions(SessionOptions{Purpose: "staff", Device: on}) },
		"sessions of a cookie's own": func() (any, error) { return site.Sessions(SessionOptions{Purpose: "session.proof"}) },
	} {
		if _, err := make(); CodeOf(err) != CookieClash {
			t.Error(name, err)
		}
	}
	for _, purpose := range []string{"session.proofs", "session.x", "proof", "session.proof.x"} {
		if _, err := site.Sealer(purpose); err != nil {
			t.Error(purpose, err)
		}
	}
	if _, err := site.Sessions(SessionOptions{Purpose: "staff", Device: &DeviceBinding{Path: "/staff/device"}}); err != nil {
		t.Error(err)
	}
	local := testSite(t, SiteOptions{Development: true})
	ss, err := local.Sessions(SessionOptions{Check: NoCheck, Device: on})
	if err != nil || ss.device != nil {
		t.Error("in development it is left off", err)
	}
	_, err = local.Sessions(SessionOptions{Purpose: "x", Device: &DeviceBinding{Path: "x"}})
	code(t, err, DeviceSettings)
}

// covers: [DEV-04], [SESS-29]
func TestOpenABoundSession(t *testing.T) {
	ss := deviceSessions(t, SessionOptions{})
	b, other := newBrowser(t), newBrowser(t)
	bound, unbound := sessionField(t, ss, boundTo(b)), sessionField(t, ss, "")
	good, foreign := proofField(t, ss, b.jkt, testNow), proofField(t, ss, other.jkt, testNow)
	value := strings.TrimPrefix(good, "__Host-session.proof=")
	sealed := func(payload string) string {
		return "__Host-session.proof=" + seal(t, ss.device.proofs, payload, 600, testNow)
	}
	staff, _ := NewContext("shop.example", "staff")
	foreigners, err := newSessions(ss.p.t.keyring, staff, SessionOptions{Check: NoCheck, Cookie: ss.cookie, Device: &DeviceBinding{}})
	if err != nil {
		t.Fatal(err)
	}
	many := func(n int) (all []string) {
		for range n {
			all = append(all, proofField(t, ss, other.jkt, testNow))
		}
		return all
	}
	for name, x := range map[string]struct {
		fields []string
		after  int64
		want   Code
	}{
		"a proof":                   {[]string{bound, good}, 0, ""},
		"before it":                 {[]string{good, bound}, 0, ""},
		"its last second":           {[]string{bound, good}, 599, ""},
		"its end":                   {[]string{bound, good}, 600, Unproven},
		"none":                      {[]string{bound}, 0, Unproven},
		"an empty one":              {[]string{bound, "__Host-session.proof="}, 0, Unproven},
		"another key's":             {[]string{bound, foreign}, 0, Unproven},
		"and another key's":         {[]string{bound, foreign, good}, 0, ""},
		"three others before it":    {append(append([]string{bound}, many(3)...), good), 0, ""},
		"four others before it":     {append(append([]string{bound}, many(4)...), good), 0, Unproven},
		"four others after it":      {append([]string{bound, good}, many(4)...), 0, ""},
		"one that comes five times": {[]string{bound, foreign, foreign, foreign, foreign, foreign, good}, 0, ""},
		"another name":              {[]string{bound, "__Host-session.proofs=" + value}, 0, Unproven},
		"in the other form":         {[]string{bound, "__Host-session.proof=2.AAAAAAAA." + value}, 0, Unproven},
		"in quotation marks":        {[]string{bound, `__Host-session.proof="` + value + `"`}, 0, Unproven},
		"altered":                   {[]string{bound, good[:len(good)-2] + next64(good[len(good)-2]) + good[len(good)-1:]}, 0, Unproven},
		"more members":              {[]string{bound, sealed(`{"jkt":"` + b.jkt + `","sid":"` + deviceSID + `","a":"b"}`)}, 0, Unproven},
		"without a sid":             {[]string{bound, sealed(`{"jkt":"` + b.jkt + `"}`)}, 0, Unproven},
		"of another sid":            {[]string{bound, sealed(`{"sid":"BAAAAAAAAAAAAAAAAAAAAA","jkt":"` + b.jkt + `"}`)}, 0, ""},
		"of no sid":                 {[]string{bound, sealed(`{"sid":"A","jkt":"` + b.jkt + `"}`)}, 0, Unproven},
		"no members":                {[]string{bound, sealed(`{}`)}, 0, Unproven},
		"of another purpose":        {[]string{bound, proofField(t, foreigners, b.jkt, testNow)}, 0, Unproven},
		"a session as a proof":      {[]string{bound, "__Host-session.proof=" + strings.TrimPrefix(bound, "__Host-session=")}, 0, Unproven},
		"an unbound session":        {[]string{unbound}, 0, ""},
		"with a proof":              {[]string{unbound, good}, 0, ""},
	} {
		s := openAt(t, ss, testNow+x.after, x.fields...)
		if s.Reason() != x.want || s.NotNow() != (x.want != "") || s.IsBound() != (x.want == "" && slices.Contains(x.fields, bound)) {
			t.Error(name, s.Reason())
		}
	}
	if s := openAt(t, testSessions(t, Cookie{}), testNow, bound, good); s.Reason() != Unproven {
		t.Error("without device binding", s.Reason())
	}
	asked := 0
	counting := deviceSessions(t, SessionOptions{Check: func(context.Context, Claims) (Answer, error) { asked++; return Answer{}, nil }})
	if s := openAt(t, counting, testNow, bound); s.Reason() != Unproven || asked != 0 || fmt.Sprint(s.request) != fmt.Sprint([]Ended{{deviceSID, testNow + 86_400}}) {
		t.Error("the check comes after the proof", s.Reason(), asked, s.request)
	}
	if s := openAt(t, counting, testNow, bound, good); s.Reason() != Unchecked {
		t.Error(s.Reason())
	}
}

// The life of a proof is the opener's own, too.
func TestProofOfALongerLife(t *testing.T) {
	long, short := deviceSessions(t, SessionOptions{Device: &DeviceBinding{Proof: 3600}}), deviceSessions(t, SessionOptions{})
	b := newBrowser(t)
	fields := []string{sessionField(t, long, boundTo(b)), proofField(t, long, b.jkt, testNow)}
	if s := openAt(t, long, testNow+600, fields...); s.Reason() != "" {
		t.Error(s.Reason())
	}
	if s := openAt(t, short, testNow+600, fields...); s.Reason() != Unproven {
		t.Error(s.Reason())
	}
}

func TestRequireAfter(t *testing.T) {
	for _, x := range []struct {
		after int64
		at    int64
		want  Code
	}{{0, 0, Unproven}, {1, 0, ""}, {30, 29, ""}, {30, 30, Unproven}, {30, 31, Unproven}} {
		ss := deviceSessions(t, SessionOptions{Device: &DeviceBinding{RequireAfter: &x.after}})
		b := newBrowser(t)
		if s := openAt(t, ss, testNow+x.at, sessionField(t, ss, "")); s.Reason() != x.want {
			t.Error(x, s.Reason())
		}
		if s := openAt(t, ss, testNow+x.at, sessionField(t, ss, boundTo(b)), proofField(t, ss, b.jkt, testNow)); s.Reason() != "" {
			t.Error("a bound one", x, s.Reason())
		}
		guest := "__Host-session=" + seal(t, ss.p.t, namesHead+"}", 1800, testNow)
		if s := openAt(t, ss, testNow+x.at, guest); s.Reason() != "" {
			t.Error("a guest's", x, s.Reason())
		}
	}
}

// covers: [DEV-05], [DEV-10]
func TestOffers(t *testing.T) {
	ss := deviceSessions(t, SessionOptions{})
	b := newBrowser(t)
	unbound, bound, proof := sessionField(t, ss, ""), sessionField(t, ss, boundTo(b)), proofField(t, ss, b.jkt, testNow)
	for name, x := range map[string]struct {
		fields []string
		change func(*Session)
		offers bool
		expire bool // of the proof, as the first line
	}{
		"sign-on":                       {nil, func(s *Session) { s.SignOn("ada", 7) }, true, false},
		"sign-on from a proof":          {nil, func(s *Session) { s.SignOnFromProof("ada", 7, 1) }, true, false},
		"sign-on over a bound session":  {[]string{bound, proof}, func(s *Session) { s.SignOn("bob", 7) }, true, false},
		"re-authentication":             {[]string{unbound}, func(s *Session) { s.Reauthenticate(7) }, true, false},
		"of a bound one":                {[]string{bound, proof}, func(s *Session) { s.Reauthenticate(7) }, false, false},
		"a change":                      {[]string{unbound, proof}, func(s *Session) { s.Set("a", 1) }, false, false},
		"a guest's":                     {nil, func(s *Session) { s.Set("a", 1) }, false, false},
		"a sign-off":                    {[]string{bound, proof}, func(s *Session) { s.SignOff() }, false, true},
		"without a proof":               {[]string{unbound}, func(s *Session) { s.SignOff() }, false, false},
		"with an empty one":             {[]string{"__Host-session.proof="}, func(s *Session) { s.SignOff() }, false, true},
		"a sign-off and data":           {[]string{bound, proof}, func(s *Session) { s.SignOff(); s.Set("a", 1) }, false, true},
		"a sign-off and a sign-on":      {[]string{bound, proof}, func(s *Session) { s.SignOff(); s.SignOn("bob", 7) }, true, true},
		"a sign-on and a sign-off":      {[]string{proof}, func(s *Session) { s.SignOn("bob", 7); s.SignOff() }, false, true},
		"nothing":                       {[]string{bound, proof}, func(s *Session) {}, false, false},
		"unproven, and a sign-on again": {[]string{bound}, func(s *Session) { s.SignOn("ada", 7) }, true, false},
	} {
		s := openAt(t, ss, testNow, x.fields...)
		x.change(s)
		r := committed(t, ss, s)
		if (r.Registration != "") != x.offers {
			t.Error(name, r.Registration)
		}
		if x.offers {
			c, err := ss.device.openChallenge(ss.p.t.keyring.current.Load(), offered.FindStringSubmatch(r.Registration)[2], testNow+59)
			if err != nil || c != (challenge{useRegister, s.SID(), ""}) {
				t.Error(name, c, err)
			}
		}
		if expire := len(r.SetCookie) > 0 && strings.HasPrefix(r.SetCookie[0], "__Host-session.proof=; "); expire != x.expire {
			t.Error(name, r.SetCookie)
		}
		if r := committed(t, testSessions(t, Cookie{}), openedAs(t, x.fields, x.change)); r.Registration != "" || strings.Contains(fmt.Sprint(r.SetCookie), "proof") {
			t.Error(name, "without device binding", r)
		}
	}
	// The absolute end takes the proof away, too.
	s := openAt(t, ss, testNow, bound, proof)
	r, err := ss.CommitAt(s, false, testNow+86_400)
	if err != nil || len(r.SetCookie) != 2 || !strings.HasPrefix(r.SetCookie[0], "__Host-session.proof=; ") {
		t.Error(r, err)
	}
	h := http.Header{}
	Response{Registration: "x"}.Apply(h)
	if h.Get("Secure-Session-Registration") != "x" {
		t.Error(h)
	}
}

func openedAs(t *testing.T, fields []string, change func(*Session)) *Session {
	s := openAt(t, testSessions(t, Cookie{}), testNow, fields...)
	change(s)
	return s
}

// covers: [DEV-06]
func TestJWT(t *testing.T) {
	b, other := newBrowser(t), newBrowser(t)
	head := `{"alg":"ES256","jwk":` + b.jwk() + `,"typ":"dbsc+jwt"}`
	claims := `{"jti":"x"}`
	in := func(old, new string) string {
		if strings.Count(head, old) != 1 {
			t.Fatal(old)
		}
		return b.sign(strings.Replace(head, old, new, 1), claims)
	}
	whole := b.sign(head, claims)
	parts := strings.Split(whole, ".")
	signed := func(signature []byte) string { return parts[0] + "." + parts[1] + "." + text64(signature) }
	signature, _ := decodeText(parts[2])
	n := elliptic.P256().Params().N
	half := func(from int, v []byte) []byte {
		s := slices.Clone(signature)
		copy(s[from:from+32], v)
		return s
	}
	zero, order := make([]byte, 32), n.FillBytes(make([]byte, 32))
	off := text64(append(make([]byte, 31), 5))
	p := text64(elliptic.P256().Params().P.FillBytes(make([]byte, 32)))
	for name, x := range map[string]struct {
		value string
		want  Code
	}{
		"right":               {whole, ""},
		"more members":        {b.sign(`{"typ":"dbsc+jwt","kid":"x","jku":1,"alg":"ES256","jwk":`+strings.Replace(b.jwk(), "{", `{"use":[1.5],`, 1)+`}`, `{"iat":1,"jti":""}`), ""},
		"white space":         {b.sign(" "+head+"\n", "\t"+claims), ""},
		"empty":               {"", JWTFormat},
		"two parts":           {parts[0] + "." + parts[1], JWTFormat},
		"four parts":          {whole + ".", JWTFormat},
		"4 097 octets":        {whole + strings.Repeat("A", 4097-len(whole)), JWTFormat},
		"4 096 octets":        {whole + strings.Repeat("A", 4096-len(whole)), JWTSignature},
		"padding":             {b.sign(head, claims+" ") + "=", JWTSignature},
		"padding of a part":   {parts[0] + "=." + parts[1] + "." + parts[2], JWTFormat},
		"line feed":           {parts[0] + "\n." + parts[1] + "." + parts[2], JWTFormat},
		"no header":           {"." + parts[1] + "." + parts[2], JWTFormat},
		"a list":              {b.sign("["+head+"]", claims), JWTFormat},
		"a name twice":        {b.sign(head, `{"jti":"x","jti":"x"}`), JWTFormat},
		"a byte order mark":   {b.sign("\ufeff"+head, claims), JWTFormat},
		"not UTF-8":           {b.sign(head, "{\"jti\":\"x\",\"a\":\"\xff\"}"), JWTFormat},
		"a surrogate":         {b.sign(head, `{"jti":"x","a":"\ud800"}`), JWTFormat},
		"16 levels":           {b.sign(head, `{"jti":"x","a":`+strings.Repeat("[", 15)+strings.Repeat("]", 15)+`}`), ""},
		"17 levels":           {b.sign(head, `{"jti":"x","a":`+strings.Repeat("[", 16)+strings.Repeat("]", 16)+`}`), JWTFormat},
		"1e400":               {b.sign(head, `{"jti":"x","exp":1e400}`), JWTFormat},
		"2^53":                {b.sign(head, `{"jti":"x","exp":9007199254740992}`), JWTFormat},
		"__proto__":           {b.sign(head, `{"jti":"x","a":{"__proto__":1}}`), JWTFormat},
		"no jti":              {b.sign(head, `{}`), JWTFormat},
		"jti is a number":     {b.sign(head, `{"jti":1}`), JWTFormat},
		"jti before alg":      {b.sign(`{}`, `{}`), JWTFormat},
		"typ":                 {in("dbsc+jwt", "JWT"), JWTAlgorithm},
		"typ in capitals":     {in("dbsc+jwt", "DBSC+JWT"), JWTAlgorithm},
		"no typ":              {in(`,"typ":"dbsc+jwt"`, ""), JWTAlgorithm},
		"alg none":            {in(`"ES256"`, `"none"`), JWTAlgorithm},
		"alg HS256":           {in(`"ES256"`, `"HS256"`), JWTAlgorithm},
		"alg is a list":       {in(`"ES256"`, `["ES256"]`), JWTAlgorithm},
		"no alg":              {in(`"alg":"ES256",`, ""), JWTAlgorithm},
		"crit":                {in(`"alg"`, `"crit":null,"alg"`), JWTAlgorithm},
		"alg before jwk":      {b.sign(`{"typ":"dbsc+jwt"}`, claims), JWTAlgorithm},
		"no jwk":              {b.sign(`{"alg":"ES256","typ":"dbsc+jwt"}`, claims), JWTKey},
		"jwk is a text":       {b.sign(`{"alg":"ES256","typ":"dbsc+jwt","jwk":"x"}`, claims), JWTKey},
		"kty":                 {in(`"EC"`, `"OKP"`), JWTKey},
		"crv":                 {in(`"P-256"`, `"P-384"`), JWTKey},
		"a private key":       {in(`"kty"`, `"d":null,"kty"`), JWTKey},
		"x is a number":       {in(`"`+b.x+`"`, "1"), JWTKey},
		"x of 42 characters":  {in(b.x, b.x[1:]), JWTKey},
		"x not canonical":     {in(b.x, b.x[:42]+next64(b.x[42])), JWTKey},
		"no y":                {in(`,"y":"`+b.y+`"`, ""), JWTKey},
		"not on the curve":    {in(b.x, off), JWTKey},
		"x and y turned":      {b.sign(strings.NewReplacer(b.x, b.y, b.y, b.x).Replace(head), claims), JWTKey},
		"x is the prime":      {in(b.x, p), JWTKey},
		"0, 0":                {b.sign(strings.NewReplacer(b.x, text64(zero), b.y, text64(zero)).Replace(head), claims), JWTKey},
		"key before sign":     {b.sign(`{"alg":"ES256","typ":"dbsc+jwt"}`, claims) + "A", JWTKey},
		"another key's":       {other.sign(head, claims), JWTSignature},
		"of other claims":     {parts[0] + "." + text64([]byte(`{"jti":"y"}`)) + "." + parts[2], JWTSignature},
		"no signature":        {signed(nil), JWTSignature},
		"63 bytes":            {signed(signature[:63]), JWTSignature},
		"65 bytes":            {signed(append(slices.Clone(signature), 0)), JWTSignature},
		"DER":                 {signed(der(t, b, parts[0]+"."+parts[1])), JWTSignature},
		"not canonical":       {whole[:len(whole)-1] + next64(whole[len(whole)-1]), JWTSignature},
		"r is 0":              {signed(half(0, zero)), JWTSignature},
		"s is 0":              {signed(half(32, zero)), JWTSignature},
		"r and s are 0":       {signed(make([]byte, 64)), JWTSignature},
		"r is the order":      {signed(half(0, order)), JWTSignature},
		"s is the order":      {signed(half(32, order)), JWTSignature},
		"r and s are 2^256-1": {signed(slices.Repeat([]byte{0xff}, 64)), JWTSignature},
	} {
		if _, _, err := readJWT(x.value, nil); CodeOf(err) != x.want {
			t.Errorf("%s: %v, want %s", name, err, x.want)
		}
	}
	low := new(big.Int).SetBytes(signature[32:])
	if _, _, err := readJWT(signed(half(32, low.Sub(n, low).FillBytes(make([]byte, 32)))), nil); err != nil {
		t.Error("the other s", err)
	}
	// With a key the header's is not looked at, whatever it is.
	key := newPublicKey(b.x, b.y)
	for value, want := range map[string]Code{
		b.sign(`{"alg":"ES256","jwk":`+other.jwk()+`,"typ":"dbsc+jwt"}`, claims):     "",
		b.sign(`{"alg":"ES256","jwk":7,"typ":"dbsc+jwt"}`, claims):                   "",
		other.sign(`{"alg":"ES256","jwk":`+other.jwk()+`,"typ":"dbsc+jwt"}`, claims): JWTSignature,
		other.sign(head, claims): JWTSignature,
	} {
		if jti, _, err := readJWT(value, key); CodeOf(err) != want || err == nil && jti != "x" {
			t.Error(jti, err, want)
		}
	}
	if got := (&publicKey{x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}).thumbprint(); got != "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s" {
		t.Error("the key of RFC 7517, A.1", got)
	}
	for got, want := range map[string]string{fieldValue(" \t\"x\"\t "): "x", fieldValue(`""`): "", fieldValue(`"`): `"`, fieldValue(`"x`): `"x`,
		fieldValue(`" x"`): " x", fieldValue(`""x""`): `"x"`, fieldValue("\u00a0x"): "\u00a0x"} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// next64 is a character with the same leading bits, and another unused one at the end.
func next64(c byte) string { return string(alphabet[strings.IndexByte(alphabet, c)^1]) }

func der(t *testing.T, b *browser, text string) []byte {
	sum := sha256.Sum256([]byte(text))
	signature, err := ecdsa.SignASN1(rand.Reader, b.key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

// covers: [DEV-07], [DEV-09]
func TestRegister(t *testing.T) {
	b, other := newBrowser(t), newBrowser(t)
	var answer Answer
	var failing error
	ss := deviceSessions(t, SessionOptions{Check: func(context.Context, Claims) (Answer, error) { return answer, failing }})
	unbound := sessionField(t, ss, "")
	challengeOf := func(payload string) string { return seal(t, ss.device.challenges, payload, 60, testNow) }
	good := challengeOf(`{"use":"register","sid":"` + deviceSID + `"}`)
	right := Answer{Gen: 7, Answered: true}
	foreign := strings.Replace(unbound, "CrE1xFeQ", "CrE1xFeR", 1) // a key that is not here yet
	for name, x := range map[string]struct {
		fields, responses []string
		answer            Answer
		after             int64
		status            int
		reason            Code
	}{
		"right":                     {[]string{unbound}, []string{b.registering(good)}, right, 0, 200, ""},
		"in quotation marks":        {[]string{unbound}, []string{` "` + b.registering(good) + `" `}, right, 0, 200, ""},
		"the challenge's last":      {[]string{unbound}, []string{b.registering(good)}, right, 59, 200, ""},
		"the challenge's end":       {[]string{unbound}, []string{b.registering(good)}, right, 60, 401, ChallengeInvalid},
		"the same key again":        {[]string{sessionField(t, ss, boundTo(b))}, []string{b.registering(good)}, right, 0, 200, ""},
		"another key":               {[]string{sessionField(t, ss, boundTo(other))}, []string{b.registering(good)}, right, 0, 401, DeviceMismatch},
		"no response":               {[]string{unbound}, nil, right, 0, 401, JWTFormat},
		"two":                       {[]string{unbound}, []string{b.registering(good), b.registering(good)}, right, 0, 401, JWTFormat},
		"two before no session":     {nil, []string{"", ""}, right, 0, 401, JWTFormat},
		"no session":                {nil, []string{b.registering(good)}, right, 0, 401, Absent},
		"no session before the JWT": {nil, []string{"x"}, right, 0, 401, Absent},
		"over":                      {[]string{unbound}, []string{b.registering(good)}, right, 1800, 401, Expired},
		"an unknown key":            {[]string{foreign}, []string{b.registering(good)}, right, 0, 503, UnknownKey},
		"no JWT":                    {[]string{unbound}, []string{"x"}, right, 0, 401, JWTFormat},
		"another's signature":       {[]string{unbound}, []string{other.sign(`{"alg":"ES256","jwk":`+b.jwk()+`,"typ":"dbsc+jwt"}`, `{"jti":"`+good+`"}`)}, right, 0, 401, JWTSignature},
		"no token":                  {[]string{unbound}, []string{b.registering("x")}, right, 0, 401, ChallengeInvalid},
		"another sid":               {[]string{unbound}, []string{b.registering(challengeOf(`{"use":"register","sid":"BAAAAAAAAAAAAAAAAAAAAA"}`))}, right, 0, 401, ChallengeInvalid},
		"another use":               {[]string{unbound}, []string{b.registering(challengeOf(`{"use":"refresh","jkt":"` + b.jkt + `"}`))}, right, 0, 401, ChallengeInvalid},
		"another use with a sid":    {[]string{unbound}, []string{b.registering(challengeOf(`{"use":"refresh","sid":"` + deviceSID + `"}`))}, right, 0, 401, ChallengeInvalid},
		"more members":              {[]string{unbound}, []string{b.registering(challengeOf(`{"use":"register","sid":"` + deviceSID + `","a":"b"}`))}, right, 0, 401, ChallengeInvalid},
		"a proof":                   {[]string{unbound}, []string{b.registering(seal(t, ss.device.proofs, `{"use":"register","sid":"`+deviceSID+`"}`, 60, testNow))}, right, 0, 401, ChallengeInvalid},
		"of the future":             {[]string{unbound}, []string{b.registering(seal(t, ss.device.challenges, `{"use":"register","sid":"`+deviceSID+`"}`, 60, testNow+61))}, right, 0, 401, ChallengeInvalid},
		"longer than its life":      {[]string{unbound}, []string{b.registering(seal(t, ss.device.challenges, `{"use":"register","sid":"`+deviceSID+`"}`, 600, testNow))}, right, 60, 401, ChallengeInvalid},
		"no answer":                 {[]string{unbound}, []string{b.registering(good)}, Answer{}, 0, 503, Unchecked},
		"another generation":        {[]string{unbound}, []string{b.registering(good)}, Answer{Gen: 8, Answered: true}, 0, 401, Revoked},
		"denied":                    {[]string{unbound}, []string{b.registering(good)}, Answer{Gen: 7, Answered: true, Denied: true}, 0, 401, SignedOff},
		"a guest's":                 {[]string{"__Host-session=" + seal(t, ss.p.t, namesHead+"}", 1800, testNow)}, []string{b.registering(good)}, right, 0, 401, ChallengeInvalid},
	} {
		answer = x.answer
		r, err := ss.RegisterAt(context.Background(), x.fields, x.responses, testNow+x.after)
		if err != nil || r.Status != x.status || r.Reason != x.reason || r.Vary != "Cookie" || r.CacheControl != "no-store" {
			t.Error(name, r, err)
		}
		if x.status != 200 && (r.SetCookie != nil || r.Body != "" || r.ContentType != "" || r.Challenge != "") {
			t.Error(name, r)
		}
		if x.status == 200 {
			s := openAt(t, ss, testNow+x.after, cookiesOf(r.SetCookie)...)
			if s.Reason() != "" || s.jkt != b.jkt || s.sid != deviceSID || s.start != testNow || s.rev != 2 || len(r.SetCookie) != 2 || r.Wrote != Seal {
				t.Error(name, s.Reason(), r.SetCookie)
			}
		}
	}
	answer, failing = right, errors.New("down")
	r, err := ss.RegisterAt(context.Background(), []string{unbound}, []string{b.registering(good)}, testNow)
	if err != nil || r.Status != 503 || r.CheckError != failing {
		t.Error(r, err)
	}
	failing = nil
	restore := vectorEntry{}.WithoutRandomness()
	_, err = ss.RegisterAt(context.Background(), []string{unbound}, []string{b.registering(good)}, testNow)
	restore()
	code(t, err, NoRandomness)
	for n := 3000; ; n-- { // the largest that fits, and with jkt does not
		s := openAt(t, ss, testNow, unbound)
		s.Set("a", strings.Repeat("x", n))
		if r, err := ss.CommitAt(s, false, testNow); err == nil {
			unbound = pair(r)
			break
		}
	}
	_, err = ss.RegisterAt(context.Background(), []string{unbound}, []string{b.registering(good)}, testNow)
	code(t, err, CookieTooLarge)
	defer vectorEntry{}.WithoutClock()()
	for _, responses := range [][]string{nil, {"x"}} {
		r, err := ss.Register(context.Background(), []string{unbound}, responses)
		if want := []Code{JWTFormat, NoClock}[len(responses)]; err != nil || r.Reason != want || r.Status != []int{401, 503}[len(responses)] {
			t.Error(r, err)
		}
	}
}

// cookiesOf gives the fields of a browser that has the cookies of these lines.
func cookiesOf(lines []string) (fields []string) {
	for _, l := range lines {
		pair, _, _ := strings.Cut(l, ";")
		fields = append(fields, pair)
	}
	return fields
}

// covers: [DEV-08], [DEV-09]
func TestRefresh(t *testing.T) {
	b, other := newBrowser(t), newBrowser(t)
	var answer Answer
	asked := 0
	ss := deviceSessions(t, SessionOptions{Check: func(context.Context, Claims) (Answer, error) { asked++; return answer, nil }})
	unbound, bound := sessionField(t, ss, ""), sessionField(t, ss, boundTo(b))
	elsewhere := "__Host-session=" + seal(t, ss.p.t, strings.Replace(namesHead, deviceSID, "BAAAAAAAAAAAAAAAAAAAAA", 1)+`,"sub":"ada","gen":7,"auth_time":1}`, 1800, testNow)
	deviceOf := func(b *browser, ttl int64) string {
		return seal(t, ss.device.devices, `{"sid":"`+deviceSID+`","x":"`+b.x+`","y":"`+b.y+`"}`, ttl, testNow)
	}
	id := deviceOf(b, 86_400)
	challengeOf := func(payload string) string { return seal(t, ss.device.challenges, payload, 60, testNow) }
	good := challengeOf(`{"use":"refresh","jkt":"` + b.jkt + `"}`)
	right := Answer{Gen: 7, Answered: true}
	late := "CrE1xFeR" + id[8:]
	jwt := []string{b.refreshing(good)}
	theirs := `{"alg":"ES256","jwk":` + other.jwk() + `,"typ":"dbsc+jwt"}`
	const over = 1
	for name, x := range map[string]struct {
		fields, ids, responses []string
		answer                 Answer
		after                  int64
		status                 int // over: 200, which ends it
		reason                 Code
	}{
		"right":                        {[]string{bound}, []string{id}, jwt, right, 0, 200, ""},
		"in quotation marks":           {[]string{bound}, []string{` "` + id + `"`}, []string{`"` + jwt[0] + `"`}, right, 0, 200, ""},
		"an unbound session":           {[]string{unbound}, []string{id}, jwt, right, 0, 200, ""},
		"no response":                  {[]string{bound}, []string{id}, nil, right, 0, 403, ""},
		"two":                          {[]string{bound}, []string{id}, []string{jwt[0], jwt[0]}, right, 0, 401, JWTFormat},
		"no id":                        {[]string{bound}, nil, jwt, right, 0, 401, Absent},
		"two ids":                      {[]string{bound}, []string{id, id}, jwt, right, 0, 401, Absent},
		"no token":                     {[]string{bound}, []string{"x"}, jwt, right, 0, 401, NotAToken},
		"no token before no session":   {nil, []string{"x"}, jwt, right, 0, 401, NotAToken},
		"a device token that is over":  {[]string{bound}, []string{deviceOf(b, 10)}, jwt, right, 10, 401, Expired},
		"of a key that is not here":    {[]string{bound}, []string{late}, jwt, right, 0, 503, UnknownKey},
		"a challenge in its place":     {[]string{bound}, []string{good}, jwt, right, 0, 503, UnknownKey},
		"of no point":                  {[]string{bound}, []string{seal(t, ss.device.devices, `{"sid":"`+deviceSID+`","x":"`+b.y+`","y":"`+b.x+`"}`, 60, testNow)}, jwt, right, 0, 401, PayloadInvalid},
		"with a private key":           {[]string{bound}, []string{seal(t, ss.device.devices, `{"sid":"`+deviceSID+`","x":"`+b.x+`","y":"`+b.y+`","d":"x"}`, 60, testNow)}, jwt, right, 0, 401, PayloadInvalid},
		"no session":                   {nil, []string{id}, jwt, right, 0, over, Absent},
		"a session that is over":       {[]string{bound}, []string{id}, jwt, right, 1800, over, Expired},
		"a session not now":            {[]string{"__Host-session=" + "CrE1xFeR" + bound[23:]}, []string{id}, jwt, right, 0, 503, UnknownKey},
		"bound to another":             {[]string{sessionField(t, ss, boundTo(other))}, []string{id}, jwt, right, 0, over, DeviceMismatch},
		"another's device":             {[]string{bound}, []string{deviceOf(other, 60)}, []string{other.refreshing(good)}, right, 0, over, DeviceMismatch},
		"another session":              {[]string{elsewhere}, []string{id}, jwt, right, 0, over, DeviceMismatch},
		"a guest's":                    {[]string{"__Host-session=" + seal(t, ss.p.t, namesHead+"}", 1800, testNow)}, []string{id}, jwt, right, 0, over, DeviceMismatch},
		"no JWT":                       {[]string{bound}, []string{id}, []string{"x"}, right, 0, 401, JWTFormat},
		"another key's":                {[]string{bound}, []string{id}, []string{other.refreshing(good)}, right, 0, 401, JWTSignature},
		"with its jwk":                 {[]string{bound}, []string{id}, []string{other.sign(theirs, `{"jti":"`+good+`"}`)}, right, 0, 401, JWTSignature},
		"a foreign jwk":                {[]string{bound}, []string{id}, []string{b.sign(theirs, `{"jti":"`+good+`"}`)}, right, 0, 200, ""},
		"the challenge's last second":  {[]string{bound}, []string{id}, jwt, right, 59, 200, ""},
		"its end":                      {[]string{bound}, []string{id}, jwt, right, 60, 403, ChallengeInvalid},
		"another use":                  {[]string{bound}, []string{id}, []string{b.refreshing(challengeOf(`{"use":"register","sid":"` + deviceSID + `"}`))}, right, 0, 403, ChallengeInvalid},
		"of another key":               {[]string{bound}, []string{id}, []string{b.refreshing(challengeOf(`{"use":"refresh","jkt":"` + other.jkt + `"}`))}, right, 0, 403, ChallengeInvalid},
		"no challenge":                 {[]string{bound}, []string{id}, []string{b.refreshing("")}, right, 0, 403, ChallengeInvalid},
		"no answer":                    {[]string{bound}, []string{id}, jwt, Answer{}, 0, 503, Unchecked},
		"another generation":           {[]string{bound}, []string{id}, jwt, Answer{Gen: 8, Answered: true}, 0, over, Revoked},
		"denied":                       {[]string{bound}, []string{id}, jwt, Answer{Denied: true}, 0, over, SignedOff},
		"nobody is asked for a JWT":    {[]string{bound}, []string{id}, nil, Answer{Denied: true}, 0, 403, ""},
		"a session of another browser": {[]string{elsewhere, unbound}, []string{id}, jwt, right, 0, over, Ambiguous},
	} {
		answer, asked = x.answer, 0
		r, err := ss.RefreshAt(context.Background(), x.fields, x.ids, x.responses, testNow+x.after)
		status, body := x.status, ""
		if status == over {
			status, body = 200, `{"session_identifier":"`+fieldValue(x.ids[0])+`","continue":false}`
		}
		if err != nil || r.Status != status || r.Reason != x.reason || r.Body != body || r.Vary != "Cookie" || r.CacheControl != "no-store" ||
			(r.ContentType != "") != (body != "") || (r.Challenge != "") != (status == 403) || (r.SetCookie != nil) != (status == 200 && body == "") {
			t.Error(name, r, err)
		}
		if reached := r.SetCookie != nil || x.reason == Unchecked || x.reason == Revoked || x.reason == SignedOff; reached != (asked == 1) {
			t.Error(name, "the check was asked", asked)
		}
		if status == 403 {
			again := challenged.FindStringSubmatch(r.Challenge)
			c, err := ss.device.openChallenge(ss.p.t.keyring.current.Load(), again[1], testNow+x.after)
			if err != nil || c != (challenge{useRefresh, "", b.jkt}) || again[2] != id {
				t.Error(name, c, err)
			}
		}
		if r.SetCookie != nil {
			fields := append(cookiesOf(r.SetCookie), x.fields...)
			if s := openAt(t, ss, testNow+x.after, fields...); s.Reason() != "" || s.jkt != b.jkt || s.rev != int64(len(r.SetCookie)) || (r.Wrote == Seal) != (s.rev == 2) {
				t.Error(name, s.Reason(), r.SetCookie)
			}
		}
	}
	// The last proof ends with the session.
	answer = right
	short := "__Host-session=" + seal(t, ss.p.t, fmt.Sprintf(`{"sid":"%s","start":%d,"end":%d,"rev":1,"sub":"ada","gen":7,"auth_time":0%s}`,
		deviceSID, testNow-100, testNow+7, boundTo(b)), 7, testNow)
	if r, err := ss.RefreshAt(context.Background(), []string{short}, []string{id}, jwt, testNow); err != nil || !strings.Contains(r.SetCookie[0], "; Max-Age=7; ") {
		t.Error(r, err)
	}
	restore := vectorEntry{}.WithoutRandomness()
	_, err := ss.RefreshAt(context.Background(), []string{bound}, []string{id}, nil, testNow)
	restore()
	code(t, err, NoRandomness)
	defer vectorEntry{}.WithoutClock()()
	if r, err := ss.Refresh(context.Background(), []string{bound}, []string{id}, nil); err != nil || r.Status != 503 || r.Reason != NoClock {
		t.Error(r, err)
	}
}

// A failure at an endpoint is a page of the application, and nothing of the session is sent.
func TestFailureAtAnEndpoint(t *testing.T) {
	ss := deviceSessions(t, SessionOptions{})
	wrapped := ss.Wrap(http.NotFoundHandler())
	serve := func(path string, header http.Header) *http.Response {
		r := httptest.NewRequest("POST", path, nil)
		r.Header = header
		w := httptest.NewRecorder()
		wrapped.ServeHTTP(w, r)
		return w.Result()
	}
	if res := serve("/device-binding/start", http.Header{}); res.StatusCode != 401 || res.Header.Get("Vary") != "Cookie" || res.Header.Get("Cache-Control") != "no-store" {
		t.Error(res)
	}
	for _, path := range []string{"/device-binding", "/device-binding/", "/device-binding/start/", "/device-binding/Start", "/x/device-binding/start"} {
		if res := serve(path, http.Header{}); res.StatusCode != 404 {
			t.Error(path, res)
		}
	}
	b := newBrowser(t)
	key, _ := NewKeyring(Entry{Key: testKey(t, 1), SealFrom: At(timeEnd - 1)})
	now := time.Now().Unix()
	field := "__Host-session=" + seal(t, ss.p.t, fmt.Sprintf(`{"sid":"%s","start":%d,"end":%d,"rev":1,"sub":"ada","gen":7,"auth_time":0}`, deviceSID, now, now+600), 600, now)
	jwt := b.registering(seal(t, ss.device.challenges, `{"use":"register","sid":"`+deviceSID+`"}`, 60, now))
	if err := ss.p.t.keyring.ReplaceEntries(key.Entries()...); CodeOf(err) != KeyTest && err != nil {
		t.Fatal(err)
	}
	ss.p.t.keyring.current.Store(key.current.Load())
	res := serve("/device-binding/start", http.Header{"Cookie": {field}, "Secure-Session-Response": {jwt}})
	if res.StatusCode != 500 || res.Header["Set-Cookie"] != nil || res.Header.Get("Cache-Control") != "private" {
		t.Error(res)
	}
}

// covers: [RING-17]
func TestOneRingAnswers(t *testing.T) {
	b := newBrowser(t)
	var ss *Sessions
	exchange := func(k int) {
		r, _ := NewKeyring(Entry{Key: testKey(t, k)})
		ss.p.t.keyring.current.Store(r.current.Load())
	}
	ss = deviceSessions(t, SessionOptions{Check: func(context.Context, Claims) (Answer, error) {
		exchange(2)
		return Answer{Gen: 7, Answered: true}, nil
	}})
	field := sessionField(t, ss, "")
	challenge := seal(t, ss.device.challenges, `{"use":"register","sid":"`+deviceSID+`"}`, 60, testNow)
	res, err := ss.RegisterAt(context.Background(), []string{field}, []string{b.registering(challenge)}, testNow)
	if err != nil || res.Status != 200 {
		t.Fatal(res, err)
	}
	exchange(1)
	var fields []string
	for _, line := range res.SetCookie {
		fields = append(fields, strings.Split(line, ";")[0])
	}
	if x := openAt(t, ss, testNow, fields...); len(fields) != 2 || x.SID() != deviceSID {
		t.Error(fields, x.Reason())
	}
	id := regexp.MustCompile(`"session_identifier":"([^"]+)"`).FindStringSubmatch(res.Body)[1]
	exchange(1)
	if res, err := ss.RefreshAt(context.Background(), fields, []string{id}, nil, testNow); err != nil || res.Status != 403 {
		t.Error(res, err)
	}
}

// covers: [SESS-30], [SESS-31]
func TestRecheck(t *testing.T) {
	asked := 0
	var answer Answer
	var failing error
	check := func(context.Context, Claims) (Answer, error) { asked++; return answer, failing }
	policy, err := DefaultPolicy().WithRecheck(300)
	if err != nil {
		t.Fatal(err)
	}
	ss := deviceSessions(t, SessionOptions{Policy: policy, Check: check})
	b := newBrowser(t)
	right := Answer{Gen: 7, Answered: true}
	elsewhere := "__Host-session.proof=" + seal(t, ss.device.proofs, `{"sid":"BAAAAAAAAAAAAAAAAAAAAA","jkt":"`+b.jkt+`"}`, 600, testNow)
	at := func(n int64) string { return fmt.Sprintf(`,"checked":%d`, testNow+n) }
	for name, x := range map[string]struct {
		fields  []string
		answer  Answer
		failing error
		after   int64
		asked   int
		reason  Code
		wrote   Wrote
	}{
		"checked":                  {[]string{sessionField(t, ss, at(0))}, Answer{Denied: true}, nil, 299, 0, "", Nothing},
		"due":                      {[]string{sessionField(t, ss, at(0))}, right, nil, 300, 1, "", Seal},
		"due, and revoked":         {[]string{sessionField(t, ss, at(0))}, Answer{Gen: 8, Answered: true}, nil, 300, 1, Revoked, Nothing},
		"due, and no answer":       {[]string{sessionField(t, ss, at(0))}, Answer{}, nil, 300, 1, Unchecked, Nothing},
		"due, and down":            {[]string{sessionField(t, ss, at(0))}, right, errors.New("down"), 300, 1, Unchecked, Nothing},
		"never checked":            {[]string{sessionField(t, ss, "")}, right, nil, 0, 1, "", Seal},
		"a proof":                  {[]string{sessionField(t, ss, boundTo(b)), proofField(t, ss, b.jkt, testNow)}, Answer{Denied: true}, nil, 299, 0, "", Nothing},
		"a proof that is too old":  {[]string{sessionField(t, ss, boundTo(b)), proofField(t, ss, b.jkt, testNow)}, right, nil, 300, 1, "", Seal},
		"another session's proof":  {[]string{sessionField(t, ss, boundTo(b)), elsewhere}, right, nil, 0, 1, "", Seal},
		"a proof and checked":      {[]string{sessionField(t, ss, at(-300)+boundTo(b)), proofField(t, ss, b.jkt, testNow)}, right, nil, 200, 0, "", Nothing},
		"checked after the proof":  {[]string{sessionField(t, ss, at(30)+boundTo(b)), proofField(t, ss, b.jkt, testNow)}, right, nil, 329, 0, "", Nothing},
		"the later of two":         {[]string{sessionField(t, ss, boundTo(b)), proofField(t, ss, b.jkt, testNow), proofField(t, ss, b.jkt, testNow+30)}, right, nil, 329, 0, "", Nothing},
		"a proof without its key":  {[]string{sessionField(t, ss, ""), proofField(t, ss, b.jkt, testNow)}, right, nil, 0, 1, "", Seal},
		"a guest's":                {[]string{"__Host-session=" + seal(t, ss.p.t, namesHead+"}", 1800, testNow)}, Answer{}, nil, 0, 1, "", Seal},
		"a guest's, and down":      {[]string{"__Host-session=" + seal(t, ss.p.t, namesHead+"}", 1800, testNow)}, Answer{}, errors.New("down"), 0, 1, "", Nothing},
		"an unproven one":          {[]string{sessionField(t, ss, boundTo(b))}, right, nil, 0, 0, Unproven, Nothing},
		"checked, and unproven":    {[]string{sessionField(t, ss, at(0)+boundTo(b))}, right, nil, 0, 0, Unproven, Nothing},
		"checked, ahead of us":     {[]string{sessionField(t, ss, at(60))}, right, nil, 0, 0, "", Nothing},
		"checked, too far ahead":   {[]string{sessionField(t, ss, at(61))}, right, nil, 0, 0, IssuedInFuture, Nothing},
		"no session, but a cookie": {[]string{"__Host-session=x"}, right, nil, 0, 0, NotAToken, Nothing},
	} {
		asked, answer, failing = 0, x.answer, x.failing
		s := openAt(t, ss, testNow+x.after, x.fields...)
		r, err := ss.CommitAt(s, false, testNow+x.after+1)
		if err != nil || asked != x.asked || s.Reason() != x.reason || r.Wrote != x.wrote {
			t.Error(name, asked, s.Reason(), r.Wrote, err)
		}
		if x.wrote == Seal && s.checked != testNow+x.after { // of the open, not of the commit
			t.Error(name, s.checked)
		}
	}
	// A registration and a refresh ask, whether it is due or not.
	asked, answer, failing = 0, Answer{Denied: true}, nil
	jwt := b.registering(seal(t, ss.device.challenges, `{"use":"register","sid":"`+deviceSID+`"}`, 60, testNow))
	r, err := ss.RegisterAt(context.Background(), []string{sessionField(t, ss, at(0))}, []string{jwt}, testNow)
	if err != nil || r.Reason != SignedOff || asked != 1 {
		t.Error(r, err, asked)
	}
	// What is no check is not asked, and nothing is written of it; what calls NoCheck is one.
	for i, check := range []CheckFunc{NoCheck, func(ctx context.Context, c Claims) (Answer, error) { return NoCheck(ctx, c) }} {
		ss := deviceSessions(t, SessionOptions{Policy: policy, Check: check})
		s := openAt(t, ss, testNow, sessionField(t, ss, ""))
		if r := committed(t, ss, s); r.Wrote != []Wrote{Nothing, Seal}[i] {
			t.Error(i, r.Wrote)
		}
	}
}

func TestRecheckOfAPolicy(t *testing.T) {
	for _, seconds := range []int64{-1, 86_401, 1 << 40} {
		_, err := DefaultPolicy().WithRecheck(seconds)
		code(t, err, RecheckRange)
	}
	p, err := Policy{}.WithRecheck(86_400)
	if want := DefaultPolicy(); err != nil || p.idle != want.idle || p.recheck != 86_400 {
		t.Error(p, err)
	}
	ss := testSessions(t, Cookie{})
	other, _ := newSessions(ss.p.t.keyring, ss.p.t.ctx, SessionOptions{Policy: p, Cookie: ss.cookie, Check: NoCheck})
	_, err = other.CommitAt(opened(t, ss), false, testNow)
	code(t, err, ContextInvalid) // SESS-26
}

// A sign-on counts as checked, and one that rests on an earlier proof does not (SESS-31).
func TestCheckedOfASignOn(t *testing.T) {
	policy, _ := DefaultPolicy().WithRecheck(300)
	ss := deviceSessions(t, SessionOptions{Policy: policy, Check: func(context.Context, Claims) (Answer, error) { return Answer{Gen: 7, Answered: true}, nil }})
	proof := func(s *Session) { s.SignOnFromProof("ada", 7, testNow-5) }
	for name, x := range map[string]struct {
		fields []string
		change func(*Session)
		want   int64
	}{
		"a sign-on":                        {nil, func(s *Session) { s.SignOn("ada", 7) }, testNow + 1},
		"an earlier proof":                 {nil, proof, noTime},
		"then a sign-on":                   {nil, func(s *Session) { proof(s); s.SignOn("ada", 7) }, testNow + 1},
		"a sign-on, then an earlier proof": {nil, func(s *Session) { s.SignOn("ada", 7); proof(s) }, noTime},
		"an earlier proof, then a step-up": {nil, func(s *Session) { proof(s); s.Reauthenticate(7) }, testNow + 1},
		"over a checked session":           {[]string{sessionField(t, ss, "")}, proof, noTime},
		"then a sign-off":                  {nil, func(s *Session) { proof(s); s.SignOff(); s.Send() }, noTime},
		"a guest's":                        {nil, func(s *Session) { s.Send() }, testNow + 1},
		"a step-up":                        {[]string{sessionField(t, ss, "")}, func(s *Session) { s.Reauthenticate(7) }, testNow + 1},
		"a change":                         {[]string{sessionField(t, ss, "")}, func(s *Session) { s.Set("a", 1) }, testNow},
	} {
		s := openAt(t, ss, testNow, x.fields...)
		x.change(s)
		if _, err := ss.CommitAt(s, false, testNow+1); err != nil || s.checked != x.want {
			t.Error(name, s.checked-testNow, err)
		}
	}
}

func FuzzDevice(f *testing.F) {
	ss := deviceSessions(f, SessionOptions{})
	// Fixed: each of the fuzzer's processes runs these lines. The key is twice the curve's base point.
	b := &browser{x: "fPJ7GI0DT36KUjgDBLUaw8CJaeJ38hs1pgtI_EdmmXg", y: "B3dVENuO0EApPZrGn3Qw27p9reY86YIpngS3nSJ4c9E"}
	b.jkt = newPublicKey(b.x, b.y).thumbprint()
	fixed := &hook.Fixed{Salt: make([]byte, 12), IV: make([]byte, 12)}
	device, _ := ss.device.devices.make([]byte(`{"sid":"`+deviceSID+`","x":"`+b.x+`","y":"`+b.y+`"}`), 600, testNow, fixed)
	field := sessionField(f, ss, boundTo(b))
	claims := text64([]byte(`{"jti":"x"}`)) + "." + strings.Repeat("A", 86)
	f.Add(text64([]byte(`{"alg":"ES256","jwk":`+b.jwk()+`,"typ":"dbsc+jwt"}`))+"."+claims, device)
	f.Add(text64([]byte(`{"alg":"ES256","typ":"dbsc+jwt"}`))+"."+claims+".", `"`+device+`"`)
	f.Fuzz(func(t *testing.T, response, id string) {
		r, err := ss.RegisterAt(context.Background(), []string{field}, []string{response}, testNow)
		if err != nil || r.Status != 401 || r.Reason == "" { // it has no challenge
			t.Fatal(r, err)
		}
		r, err = ss.RefreshAt(context.Background(), []string{field}, []string{id}, []string{response}, testNow)
		if err != nil || r.SetCookie != nil || r.Status != 401 && r.Status != 403 && r.Status != 503 {
			t.Fatal(r, err)
		}
	})
}
