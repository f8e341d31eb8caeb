package cretula

import (
	"context"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"net/http"
	"slices"
	"strings"

	"cretula.example/cretula/internal/hook"
)

const (
	challengeLife  = 60
	proofFirst     = 60
	proofDefault   = 600
	proofMax       = 3600
	jwtMax         = 4096
	devicePathMax  = 100
	devicePurpose  = 245 // the longest purpose that has room for ".challenge"
	coordinateText = 43

	useRegister = "register"
	useRefresh  = "refresh"
)

// DeviceBinding binds sessions to the device that signed on (spec §21), in browsers that know it: a copy of all cookies is
// useless when the proof among them is over. The zero value has the defaults.
type DeviceBinding struct {
	// Path is where the browser registers and refreshes, Path/start and Path/refresh; "/device-binding" if it is "". It is
	// "/", then 1 to 100 of the ASCII letters, digits, "/", "-", ".", "_" and "~", the last no "/".
	Path string
	// Proof is the life of a proof, 1 to 3 600 seconds; 600 if it is 0. With 120 or less there is a refresh at every request.
	Proof int64
	// RequireAfter, 0 to 34 560 000, is the seconds after a session's start from which a user's session must be bound, or
	// is closed as Unproven: browsers without device binding are then signed off. nil requires nothing.
	RequireAfter *int64
}

func (o DeviceBinding) defaults() DeviceBinding {
	if o.Path == "" {
		o.Path = "/device-binding"
	}
	if o.Proof == 0 {
		o.Proof = proofDefault
	}
	return o
}

// check refuses a setting out of range (DEV-01).
func (o DeviceBinding) check() error {
	ok := len(o.Path) >= 2 && len(o.Path) <= 1+devicePathMax && o.Path[0] == '/' && o.Path[len(o.Path)-1] != '/'
	for i := range len(o.Path) {
		ok = ok && (base64url(o.Path[i]) || strings.IndexByte("/.~", o.Path[i]) >= 0)
	}
	if a := o.RequireAfter; !ok || o.Proof < 1 || o.Proof > proofMax || a != nil && (*a < 0 || *a > lifeMax) {
		return fail(DeviceSettings)
	}
	return nil
}

// device is device binding that was set up, with its three tokens (spec §21.2).
type device struct {
	DeviceBinding
	name                        string // of the proof's cookie
	challenges, devices, proofs *tokens
}

func newDevice(p *profile, cookie Cookie, o DeviceBinding) (*device, error) {
	o = o.defaults()
	if err := o.check(); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(cookie.Name, "__Host-") || cookie.Partitioned {
		return nil, fail(CookieAttributes)
	}
	c := p.t.ctx
	if len(c.purpose) > devicePurpose {
		return nil, fail(ContextInvalid)
	}
	d := &device{DeviceBinding: o, name: proofName(cookie.Name)}
	for _, x := range []struct {
		to     **tokens
		suffix string
		maxAge int64
	}{{&d.challenges, ".challenge", challengeLife}, {&d.devices, ".device", lifeMax}, {&d.proofs, ".proof", o.Proof}} {
		var err error
		with := []Option{WithMaxAge(x.maxAge), WithLeeway(p.policy.leeway)}
		if *x.to, err = newTokens(kindSealed, p.t.keyring, Context{c.audience, c.purpose + x.suffix}, with); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// proofName is the name of the cookie of a session's proofs (§21.2).
func proofName(name string) string {
	if rest, ok := strings.CutPrefix(name, "__Host-Http-"); ok {
		name = "__Host-" + rest
	}
	return name + ".proof"
}

// deviceSuffixes are those of the purposes of the three tokens (COOK-03).
var deviceSuffixes = []string{".challenge", ".device", ".proof"}

// openStrings opens one of the three tokens, with a ring. Its members are strings, and those that are named, one of these
// lists (DEV-02). Strings of known names leave nothing of SESS-06 to be judged.
func openStrings(t *tokens, r *ring, text string, now int64, lists ...[]string) (map[string]string, Opened, error) {
	d, err := t.of(r)
	if err != nil {
		return nil, Opened{}, err
	}
	o, err := t.open(d, text, limitDefault, now)
	if err != nil {
		return nil, Opened{}, err
	}
	v, err := parseJSON(string(o.Payload), nestingMax)
	m, ok := v.(map[string]any)
	members := make(map[string]string, len(m))
	for n, v := range m {
		text, isText := v.(string)
		ok = ok && isText
		members[n] = text
	}
	named := func(list []string) bool {
		return len(list) == len(members) && !slices.ContainsFunc(list, func(n string) bool { _, has := members[n]; return !has })
	}
	if err != nil || !ok || !slices.ContainsFunc(lists, named) {
		return nil, Opened{}, fail(PayloadInvalid)
	}
	return members, o, nil
}

// challenge is what an answered challenge says: of sid and jkt only the one of its use.
type challenge struct{ use, sid, jkt string }

func (d *device) openChallenge(r *ring, text string, now int64) (challenge, error) {
	m, _, err := openStrings(d.challenges, r, text, now, []string{"use", "sid"}, []string{"use", "jkt"})
	c := challenge{m["use"], m["sid"], m["jkt"]}
	if err == nil && !(c.use == useRegister && sidText(c.sid)) && !(c.use == useRefresh && jktText(c.jkt)) {
		err = fail(PayloadInvalid)
	}
	return c, err
}

func (d *device) openDevice(r *ring, text string, now int64) (sid string, key *publicKey, err error) {
	m, _, err := openStrings(d.devices, r, text, now, []string{"sid", "x", "y"})
	if err != nil {
		return "", nil, err
	}
	if key = newPublicKey(m["x"], m["y"]); key == nil || !sidText(m["sid"]) {
		return "", nil, fail(PayloadInvalid)
	}
	return m["sid"], key, nil
}

// proven takes step 9e: the time of the latest proof of this session, or noTime, and whether the session is to be closed
// (DEV-04). A d that is nil is device binding that is not set up (SESS-29).
func (d *device) proven(r *ring, fields []string, s *Session) (at int64, unproven bool) {
	switch {
	case d == nil:
		return noTime, s.jkt != ""
	case s.jkt == "":
		return noTime, s.user != nil && d.RequireAfter != nil && s.now >= s.start+*d.RequireAfter
	}
	known, err := d.proofs.of(r)
	if err != nil {
		return noTime, true
	}
	var list []string
	values(fields, d.name, func(v string) bool {
		if inOne(known, v) && !slices.Contains(list, v) {
			list = append(list, v)
		}
		return len(list) < candidatesMax
	})
	at, unproven = noTime, true
	for _, v := range list {
		m, o, err := openStrings(d.proofs, r, v, s.now, []string{"sid", "jkt"})
		if err != nil || !sidText(m["sid"]) || m["jkt"] != s.jkt {
			continue
		}
		unproven = false
		if m["sid"] == s.sid {
			at = max(at, o.IssuedAt)
		}
	}
	return at, unproven
}

func (d *device) sealChallenge(r *ring, use, member, value string, now int64, f *hook.Fixed) (string, error) {
	return d.challenges.makeUnder(r, []byte(`{"use":"`+use+`","`+member+`":"`+value+`"}`), challengeLife, now, f)
}

// offer is the field of DEV-05.
func (d *device) offer(r *ring, sid string, now int64, f *hook.Fixed) (string, error) {
	text, err := d.sealChallenge(r, useRegister, "sid", sid, now, f)
	return `(ES256);path="` + d.Path + `/start";challenge="` + text + `"`, err
}

// publicKey is a point of P-256, with its coordinates in base64url.
type publicKey struct {
	x, y string
	key  *ecdsa.PublicKey
}

// newPublicKey gives nil for what is no point of the curve (DEV-06).
func newPublicKey(x, y string) *publicKey {
	if len(x) != coordinateText || len(y) != coordinateText {
		return nil
	}
	a, err := decodeText(x)
	if err != nil {
		return nil
	}
	b, err := decodeText(y)
	if err != nil {
		return nil
	}
	if _, err := ecdh.P256().NewPublicKey(slices.Concat([]byte{4}, a, b)); err != nil {
		return nil
	}
	key := &ecdsa.PublicKey{Curve: elliptic.P256(), X: new(big.Int).SetBytes(a), Y: new(big.Int).SetBytes(b)}
	return &publicKey{x, y, key}
}

// thumbprint is that of RFC 7638 (DEV-03).
func (k *publicKey) thumbprint() string {
	sum := sha256.Sum256([]byte(`{"crv":"P-256","kty":"EC","x":"` + k.x + `","y":"` + k.y + `"}`))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// verifies is ES256: SHA-256, and r and s of 32 bytes each. Zero, and what is not below the order, is refused by Verify.
func (k *publicKey) verifies(text string, signature []byte) bool {
	if len(signature) != 64 {
		return false
	}
	sum := sha256.Sum256([]byte(text))
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	return ecdsa.Verify(k.key, sum[:], r, s)
}

// fieldValue is value of §21.5: browsers send it with and without quotation marks.
func fieldValue(s string) string {
	s = trimBlank(s)
	if n := len(s); n >= 2 && s[0] == '"' && s[n-1] == '"' {
		return s[1 : n-1]
	}
	return s
}

// jsonObject reads a part of a JWT, which the browser sends.
func jsonObject(part string) (map[string]any, bool) {
	b, err := decodeText(part)
	if err != nil {
		return nil, false
	}
	v, err := parseJSON(string(b), nestingMax)
	m, ok := v.(map[string]any)
	if err != nil || !ok {
		return nil, false
	}
	_, err = appendMap(nil, m, 1) // what no sealer may write is refused here too (SESS-06)
	return m, err == nil
}

// readJWT takes the steps of §21.5 (DEV-06). With a key, that of a device token, the header's is not looked at.
func readJWT(value string, key *publicKey) (jti string, _ *publicKey, err error) {
	parts := strings.SplitN(value, ".", 4)
	if len(value) > jwtMax || len(parts) != 3 {
		return "", nil, fail(JWTFormat)
	}
	header, ok := jsonObject(parts[0])
	if !ok {
		return "", nil, fail(JWTFormat)
	}
	claims, ok := jsonObject(parts[1])
	if !ok {
		return "", nil, fail(JWTFormat)
	}
	if jti, ok = claims["jti"].(string); !ok {
		return "", nil, fail(JWTFormat)
	}
	if _, crit := header["crit"]; crit || header["typ"] != any("dbsc+jwt") || header["alg"] != any("ES256") {
		return "", nil, fail(JWTAlgorithm)
	}
	if key == nil {
		if key = ofJWK(header["jwk"]); key == nil {
			return "", nil, fail(JWTKey)
		}
	}
	signature, err := decodeText(parts[2])
	if err != nil || !key.verifies(parts[0]+"."+parts[1], signature) {
		return "", nil, fail(JWTSignature)
	}
	return jti, key, nil
}

func ofJWK(v any) *publicKey {
	m, _ := v.(map[string]any) // no object has no members
	if _, private := m["d"]; private || m["kty"] != any("EC") || m["crv"] != any("P-256") {
		return nil
	}
	x, _ := m["x"].(string)
	y, _ := m["y"].(string)
	return newPublicKey(x, y)
}

// DeviceResponse is the answer to a POST at one of the two endpoints (DEV-07, DEV-08).
type DeviceResponse struct {
	Response           // Wrote is Seal if the session is bound by it
	Status      int    // 200, 401, 403 or 503
	Reason      Code   // for the log, "" for none
	ContentType string // "" for none
	Challenge   string // of the field Secure-Session-Challenge, "" for none
	Body        string
	CheckError  error // what the application's check failed with: log it
}

// Write sends the answer.
func (r DeviceResponse) Write(w http.ResponseWriter) {
	r.Apply(w.Header())
	if r.ContentType != "" {
		w.Header().Set("Content-Type", r.ContentType)
	}
	if r.Challenge != "" {
		w.Header().Set("Secure-Session-Challenge", r.Challenge)
	}
	w.WriteHeader(r.Status)
	if r.Body != "" {
		_, _ = w.Write([]byte(r.Body)) // who went away is not told
	}
}

func answered(status int, reason Code) DeviceResponse {
	return DeviceResponse{Response: Response{Wrote: Nothing, Vary: "Cookie", CacheControl: "no-store"}, Status: status, Reason: reason}
}

// refused is 503 where the code is not now, and otherwise 401 (DEV-09).
func refused(code Code) DeviceResponse {
	if code.NotNow() {
		return answered(http.StatusServiceUnavailable, code)
	}
	return answered(http.StatusUnauthorized, code)
}

// over ends the browser's device session, except where the code is not now.
func over(code Code, device string) DeviceResponse {
	if code.NotNow() {
		return refused(code)
	}
	r := answered(http.StatusOK, code)
	r.ContentType, r.Body = "application/json", `{"session_identifier":"`+device+`","continue":false}`
	return r
}

// Register answers a POST to Path/start: responses are the values of Secure-Session-Response, fields the raw Cookie fields.
// Wrap calls it. ctx is for the application's check, which is always asked. It fails with DeviceSettings without
// SessionOptions.Device, and as Commit does.
func (s *Sessions) Register(ctx context.Context, fields, responses []string) (DeviceResponse, error) {
	return s.register(ctx, fields, responses, nil, nil)
}

// RegisterAt is Register at a given time, in seconds since the Unix epoch. A time out of range is ClockRange.
func (s *Sessions) RegisterAt(ctx context.Context, fields, responses []string, now int64) (DeviceResponse, error) {
	return s.register(ctx, fields, responses, &now, nil)
}

// deviceTime is the time of a request to an endpoint; noTime without a clock.
func (s *Sessions) deviceTime(given *int64) (int64, error) {
	if s.device == nil {
		return 0, fail(DeviceSettings)
	}
	now, err := s.p.t.timeOf(given)
	if err != nil && given == nil {
		return noTime, nil
	}
	return now, err
}

func (s *Sessions) register(
	ctx context.Context, fields, responses []string, given *int64, f *hook.Fixed,
) (DeviceResponse, error) {
	now, err := s.deviceTime(given)
	if err != nil {
		return DeviceResponse{}, err
	}
	if len(responses) != 1 {
		return refused(JWTFormat), nil
	}
	if now == noTime {
		return refused(NoClock), nil
	}
	d, err := s.p.t.derived()
	if err != nil {
		return DeviceResponse{}, err
	}
	x, code, err := s.chosen(d, fields, now)
	if x == nil {
		return refused(code), err
	}
	jti, key, err := readJWT(fieldValue(responses[0]), nil)
	if err != nil {
		return refused(CodeOf(err)), nil
	}
	jkt := key.thumbprint()
	c, err := s.device.openChallenge(d.ring, jti, now)
	if err != nil || c.use != useRegister || c.sid != x.sid || x.user == nil { // no offer was made to a guest
		return refused(ChallengeInvalid), nil
	}
	if x.jkt != "" && x.jkt != jkt {
		return refused(DeviceMismatch), nil
	}
	if x = s.p.ask(ctx, x); x.reason != "" {
		r := refused(x.reason)
		r.CheckError = x.checkErr
		return r, nil
	}
	res, err := s.bind(d.ring, x, jkt, proofFirst, now, f)
	if err != nil {
		return DeviceResponse{}, err
	}
	if res.Body, err = s.instructions(d.ring, x, key, now, f); err != nil {
		return DeviceResponse{}, err
	}
	res.ContentType = "application/json"
	return res, nil
}

// chosen takes steps 1 to 9d. Without a session it gives the code, or the fault of a library.
func (s *Sessions) chosen(d *derivedRing, fields []string, now int64) (*Session, Code, error) {
	x, _, err := s.p.chooseSession(d, fields, s.cookie.Name, now)
	if err != nil {
		if code := CodeOf(err); code != "" {
			return nil, code, nil
		}
		return nil, "", err
	}
	x.heldSecond = holds(fields, s.cookie.Name+".1")
	return x, "", nil
}

// bind writes the session with a key, unless it has it, and makes the answer with a proof. A registration writes it in any
// case.
func (s *Sessions) bind(r *ring, x *Session, jkt string, most, now int64, f *hook.Fixed) (DeviceResponse, error) {
	res := answered(http.StatusOK, "")
	x.jkt, x.send = jkt, true
	written, err := s.commitUnder(r, x, false, &now, f)
	if err != nil {
		return DeviceResponse{}, err
	}
	res.Response = written
	return s.proof(r, res, x, most, now, f)
}

// proof puts the line of a new proof, of most seconds, before the others.
func (s *Sessions) proof(r *ring, res DeviceResponse, x *Session, most, now int64, f *hook.Fixed) (DeviceResponse, error) {
	_, fixed, _ := f.Others()
	ttl := min(s.device.Proof, most, min(x.end, x.start+s.p.policy.absolute)-now)
	token, err := s.device.proofs.makeUnder(r, []byte(`{"sid":"`+x.sid+`","jkt":"`+x.jkt+`"}`), ttl, now, fixed)
	if err != nil {
		return DeviceResponse{}, err
	}
	// With Max-Age in a browser session too: the browser refreshes what is about to be over.
	line := s.cookie.line(s.device.name, token, ttl, true, s.cookie.Combination)
	res.SetCookie = append([]string{line}, res.SetCookie...)
	return res, nil
}

// instructions are the body of DEV-07.
func (s *Sessions) instructions(r *ring, x *Session, key *publicKey, now int64, f *hook.Fixed) (string, error) {
	fixed, _, _ := f.Others()
	payload := []byte(`{"sid":"` + x.sid + `","x":"` + key.x + `","y":"` + key.y + `"}`)
	token, err := s.device.devices.makeUnder(r, payload, min(x.end-now, lifeMax), now, fixed)
	if err != nil {
		return "", err
	}
	name, err := appendString(nil, s.device.name)
	if err != nil {
		return "", err
	}
	return `{"session_identifier":"` + token + `","refresh_url":"` + s.device.Path + `/refresh",` +
		`"scope":{"include_site":false,"scope_specification":[]},"credentials":[{"type":"cookie","name":` + string(name) +
		`,"attributes":"Path=/; Secure; HttpOnly; SameSite=` + string(s.cookie.SameSite) + `"}]}`, nil
}

// Refresh answers a POST to Path/refresh: ids are the values of Sec-Secure-Session-Id, the rest is as for Register.
func (s *Sessions) Refresh(ctx context.Context, fields, ids, responses []string) (DeviceResponse, error) {
	return s.refresh(ctx, fields, ids, responses, nil, nil)
}

// RefreshAt is Refresh at a given time, in seconds since the Unix epoch. A time out of range is ClockRange.
func (s *Sessions) RefreshAt(ctx context.Context, fields, ids, responses []string, now int64) (DeviceResponse, error) {
	return s.refresh(ctx, fields, ids, responses, &now, nil)
}

func (s *Sessions) refresh(
	ctx context.Context, fields, ids, responses []string, given *int64, f *hook.Fixed,
) (DeviceResponse, error) {
	now, err := s.deviceTime(given)
	if err != nil {
		return DeviceResponse{}, err
	}
	if len(ids) != 1 {
		return refused(Absent), nil
	}
	if now == noTime {
		return refused(NoClock), nil
	}
	d, err := s.p.t.derived()
	if err != nil {
		return DeviceResponse{}, err
	}
	id := fieldValue(ids[0])
	sid, key, err := s.device.openDevice(d.ring, id, now)
	if err != nil {
		return refused(CodeOf(err)), nil
	}
	jkt := key.thumbprint()
	x, code, err := s.chosen(d, fields, now)
	if x == nil {
		return over(code, id), err
	}
	if x.jkt != "" && x.jkt != jkt || x.jkt == "" && (x.sid != sid || x.user == nil) { // a guest's is bound to nothing
		return over(DeviceMismatch, id), nil
	}
	switch len(responses) {
	case 0:
		return s.challenged(d.ring, "", jkt, id, now, f)
	case 1:
	default:
		return refused(JWTFormat), nil
	}
	jti, _, err := readJWT(fieldValue(responses[0]), key)
	if err != nil {
		return refused(CodeOf(err)), nil
	}
	c, err := s.device.openChallenge(d.ring, jti, now)
	if err != nil || c.use != useRefresh || c.jkt != jkt {
		return s.challenged(d.ring, ChallengeInvalid, jkt, id, now, f)
	}
	if x = s.p.ask(ctx, x); x.reason != "" {
		r := over(x.reason, id)
		r.CheckError = x.checkErr
		return r, nil
	}
	if x.jkt == "" { // a response that began before the registration took its place (§21.8)
		return s.bind(d.ring, x, jkt, proofMax, now, f)
	}
	return s.proof(d.ring, answered(http.StatusOK, ""), x, proofMax, now, f)
}

// challenged asks the browser for a JWT.
func (s *Sessions) challenged(
	ring *ring, reason Code, jkt, id string, now int64, f *hook.Fixed,
) (DeviceResponse, error) {
	_, _, fixed := f.Others()
	text, err := s.device.sealChallenge(ring, useRefresh, "jkt", jkt, now, fixed)
	if err != nil {
		return DeviceResponse{}, err
	}
	r := answered(http.StatusForbidden, reason)
	r.Challenge = `"` + text + `";id="` + id + `"`
	return r, nil
}

// endpoint is the path of one of the two that a request is to, or "".
func (d *device) endpoint(r *http.Request) string {
	if d == nil || r.Method != http.MethodPost {
		return ""
	}
	if rest, ok := strings.CutPrefix(r.URL.Path, d.Path); ok && (rest == "/start" || rest == "/refresh") {
		return rest
	}
	return ""
}

// serveDevice answers such a request. What the browser sends there proves itself: another origin cannot make it.
func (ss *Sessions) serveDevice(w *writer, r *http.Request, endpoint string) {
	var res DeviceResponse
	var err error
	fields, responses := r.Header["Cookie"], r.Header["Secure-Session-Response"]
	if endpoint == "/start" {
		res, err = ss.Register(r.Context(), fields, responses)
	} else {
		res, err = ss.Refresh(r.Context(), fields, r.Header["Sec-Secure-Session-Id"], responses)
	}
	if err != nil {
		w.refuse(err)
		return
	}
	if res.CheckError != nil {
		ss.log.ErrorContext(r.Context(), "the check of a session failed", "error", res.CheckError)
	}
	if res.Reason != "" {
		ss.log.InfoContext(r.Context(), "device refused", "code", string(res.Reason))
	}
	if res.Large {
		ss.log.WarnContext(r.Context(), largeCookies)
	}
	res.Write(w.ResponseWriter)
}
