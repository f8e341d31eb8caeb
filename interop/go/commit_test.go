package cretula

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"cretula.example/cretula/internal/hook"
)

// When a commit is made, how often, and what it refuses first (SESS-17, SESS-18, SESS-26 to SESS-28, COOK-09,
// COOK-17).

func opened(t *testing.T, ss *Sessions, fields ...string) *Session {
	t.Helper()
	s, err := ss.OpenAt(context.Background(), fields, testNow)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func committed(t *testing.T, ss *Sessions, s *Session) Response {
	t.Helper()
	r, err := ss.CommitAt(s, false, testNow)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// pair is the name and value of the last line, as a browser sends them.
func pair(r Response) string {
	p, _, _ := strings.Cut(r.SetCookie[len(r.SetCookie)-1], ";")
	return p
}

func signedOn(t *testing.T, ss *Sessions, sub string) (field string, e Ended) {
	t.Helper()
	s := opened(t, ss)
	if err := s.SignOn(sub, 7); err != nil {
		t.Fatal(err)
	}
	field = pair(committed(t, ss, s))
	return field, Ended{s.sid, s.end}
}

func TestCommitTwiceAndChangesAfterACommit(t *testing.T) {
	ss := testSessions(t, Cookie{})
	field, _ := signedOn(t, ss, "ada")
	for _, first := range []struct {
		want   Wrote
		change func(*Session)
	}{
		{Nothing, func(*Session) {}}, {Seal, func(s *Session) { s.Set("a", 1) }}, {Expire, func(s *Session) { _ = s.SignOff() }},
	} {
		s := opened(t, ss, field)
		first.change(s)
		if r := committed(t, ss, s); r.Wrote != first.want {
			t.Fatal(r.Wrote)
		}
		before := fmt.Sprint(s.sid, s.data, s.flash, s.user != nil)
		_, again := ss.CommitAt(s, false, testNow)
		_, outOfRange := ss.CommitAt(s, false, -1)
		_, excess := ss.ExcessAt(s, testNow)
		_, taken := s.TakeFlash("a")
		for i, err := range []error{again, outOfRange, excess, taken, s.SignOn("bob", 8), s.SignOn("", -1), s.SignOnFromProof("bob", 8, testNow),
			s.Reauthenticate(8), s.Reauthenticate(-1), s.SignOff(), s.SetData(nil), s.SetDataJSON("{}"), s.SetDataJSON("{"),
			s.Flash("a", 1), s.Send(), errorOf(Update(s, func(*struct{}) error { return nil }))} {
			if CodeOf(err) != Committed {
				t.Errorf("%d: %v", i, err)
			}
		}
		if after := fmt.Sprint(s.sid, s.data, s.flash, s.user != nil); after != before {
			t.Errorf("%s became %s", before, after)
		}
	}
}

func TestAFailedCommitMayBeTriedAgain(t *testing.T) {
	ss := testSessions(t, Cookie{})
	s := opened(t, ss)
	s.Set("a", strings.Repeat("x", 5000))
	_, err := ss.CommitAt(s, false, testNow)
	code(t, err, CookieTooLarge)
	if err := s.SetData(map[string]any{"a": 1}); err != nil {
		t.Fatal(err)
	}
	if r := committed(t, ss, s); r.Wrote != Seal || s.rev != 1 {
		t.Fatal(r.Wrote, s.rev)
	}
}

func TestAnotherContextOrPolicyIsNotCommitted(t *testing.T) {
	ss := testSessions(t, Cookie{})
	ring, own := ss.p.t.keyring, ss.p.t.ctx
	purpose, _ := NewContext("shop.example", "other")
	audience, _ := NewContext("other.example", "session")
	policy := func(idle, absolute, leeway int64) Policy {
		p, err := NewPolicy(idle, absolute, leeway)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for i, x := range []struct {
		c    Context
		p    Policy
		want Code
	}{
		{purpose, Policy{}, ContextInvalid}, {audience, Policy{}, ContextInvalid},
		{own, policy(1799, 86_400, 60), ContextInvalid}, {own, policy(1800, 86_399, 60), ContextInvalid}, {own, policy(1800, 86_400, 61), ContextInvalid},
		{own, policy(1800, 86_400, 60), ""}, // the default one
	} {
		other, err := newSessions(ring, x.c, SessionOptions{Policy: x.p, Cookie: ss.cookie, Check: NoCheck})
		if err != nil {
			t.Fatal(err)
		}
		s := opened(t, ss)
		_, err = other.ExcessAt(s, testNow)
		if CodeOf(err) != x.want {
			t.Error(i, err)
		}
		if x.want != "" {
			s.Set("a", "\xff")
			_, err = other.CommitAt(s, false, -1) // before all else
			code(t, err, x.want)
			s.SetData(nil)
			committed(t, ss, s)
			_, err = other.CommitAt(s, false, testNow) // before Committed too
			code(t, err, x.want)
		} else if _, err := other.CommitAt(s, false, testNow); err != nil {
			t.Error(i, err)
		}
	}
}

func TestOrderOfACommitsChecks(t *testing.T) {
	defer vectorEntry{}.WithoutRandomness()()
	ss := testSessions(t, Cookie{Large: true})
	late, err := NewKeyring(Entry{Key: testKey(t, 1), SealFrom: At(testNow + 1)})
	if err != nil {
		t.Fatal(err)
	}
	noKey, err := newSessions(late, ss.p.t.ctx, SessionOptions{Cookie: ss.cookie, Check: NoCheck})
	if err != nil {
		t.Fatal(err)
	}
	large := strings.Repeat("x", 3500)
	for i, x := range []struct {
		ss   *Sessions
		data any
		now  int64
		want Code
	}{
		{noKey, "\xff", timeEnd, ClockRange}, {noKey, "\xff", testNow, PayloadUnserializable}, {noKey, large + large, testNow, CookieTooLarge},
		{noKey, large, timeEnd - 1, TTLRange}, {noKey, large, testNow, NoSealingKey}, {ss, large, testNow, NoRandomness}, {ss, 1, testNow, NoRandomness},
	} {
		s := opened(t, x.ss)
		s.Set("a", x.data)
		_, err := x.ss.CommitAt(s, false, x.now)
		if CodeOf(err) != x.want {
			t.Errorf("%d: %v, want %s", i, err, x.want)
		}
	}
	s := opened(t, ss) // a sign-off is not lost (SESS-11)
	s.SignOff()
	s.Flash("a", 1)
	if r := committed(t, ss, s); r.Wrote != Expire {
		t.Fatal(r.Wrote)
	}
}

func TestNoClockAtTheOpen(t *testing.T) {
	ss := testSessions(t, Cookie{})
	field, _ := signedOn(t, ss, "ada")
	restore := vectorEntry{}.WithoutClock()
	defer restore()
	s := ss.Open(context.Background(), []string{field, "__Host-session.1=x"})
	if s.Reason() != NoClock || !s.NotNow() || !s.IsNew() || s.request != nil {
		t.Fatal(s.Reason())
	}
	code(t, s.SignOnFromProof("ada", 7, 0), UserInvalid)
	_, err := ss.Excess(s)
	code(t, err, NoClock)
	_, err = ss.Commit(s, false) // though there is nothing to write
	code(t, err, NoClock)
	_, err = ss.CommitAt(s, false, -1)
	code(t, err, ClockRange)
	if _, err := ss.OpenAt(context.Background(), nil, timeEnd); CodeOf(err) != ClockRange {
		t.Fatal(err)
	}
	s.SignOff()
	_, err = ss.Commit(s, false)
	code(t, err, NoClock)
	if r := committed(t, ss, s); len(r.SetCookie) != 2 || r.Ended != nil { // the program has a time: no mark, no sid
		t.Fatal(r)
	}
}

func TestNotNow(t *testing.T) {
	for _, c := range []Code{UnknownKey, IssuedInFuture, NoClock, Unproven, Unchecked} {
		if !c.NotNow() {
			t.Error(c)
		}
	}
	for _, c := range []Code{"", Absent, Expired, Ambiguous, KeyInactive, AuthFailed, Revoked, SignedOff, ClockRange,
		DeviceMismatch, ChallengeInvalid} {
		if c.NotNow() {
			t.Error(c)
		}
	}
	ss := testSessions(t, Cookie{})
	field, _ := signedOn(t, ss, "ada")
	if s := opened(t, ss, field); s.NotNow() || s.Reason() != "" {
		t.Error(s.Reason())
	}
	s, _ := ss.OpenAt(context.Background(), []string{field}, testNow-61)
	if s.Reason() != IssuedInFuture || !s.NotNow() {
		t.Error(s.Reason())
	}
}

func TestExcess(t *testing.T) {
	restore := vectorEntry{}.WithoutRandomness() // it draws nothing
	defer restore()
	for _, large := range []bool{false, true} {
		ss := testSessions(t, Cookie{Large: large})
		for n := 2900; n < 4400; n++ {
			s := opened(t, ss)
			if err := s.SignOn("ada", 7); err != nil {
				t.Fatal(err)
			}
			s.Set("a", strings.Repeat("x", n))
			before := fmt.Sprint(s.state)
			over, err := ss.ExcessAt(s, testNow)
			if err != nil || fmt.Sprint(s.state) != before {
				t.Fatal(n, err)
			}
			now := testNow
			_, err = ss.commit(s, false, &now, &hook.Fixed{SID: strings.Repeat("A", 22), Salt: make([]byte, 12), IV: make([]byte, 12), ID: "AAAAAAAA"})
			told := 0
			if e, ok := err.(*Error); ok && e.Code() == CookieTooLarge {
				told = e.Over()
			} else if err != nil {
				t.Fatal(err)
			}
			if over != told {
				t.Fatalf("large %v, %d characters: %d, the commit says %d", large, n, over, told)
			}
		}
	}
	ss := testSessions(t, Cookie{})
	s := opened(t, ss)
	s.Set("a", "\xff")
	_, err := ss.ExcessAt(s, testNow)
	code(t, err, PayloadUnserializable)
	_, err = ss.ExcessAt(s, -1)
	code(t, err, ClockRange)
}

func TestSignOffOfSeveralSessions(t *testing.T) {
	ss := testSessions(t, Cookie{})
	a, sidA := signedOn(t, ss, "ada")
	b, sidB := signedOn(t, ss, "bob")
	same := opened(t, ss, a)
	same.Set("x", 1)
	a2 := pair(committed(t, ss, same)) // the same session, written again
	wantMarks := mark(sidB.SID) + "." + mark(sidA.SID)
	s := opened(t, ss, b, a, a2)
	if s.Reason() != Ambiguous {
		t.Fatal(s.Reason())
	}
	if r := committed(t, ss, s); r.SetCookie != nil || r.Ended != nil {
		t.Fatal("something is written by itself", r)
	}
	for name, change := range map[string]func(*Session) error{
		"off": (*Session).SignOff, "on": func(s *Session) error { return s.SignOn("cleo", 7) }} {
		s := opened(t, ss, b, a, a2)
		if err := change(s); err != nil {
			t.Fatal(err)
		}
		r := committed(t, ss, s)
		if fmt.Sprint(r.Ended) != fmt.Sprint([]Ended{sidB, sidA}) {
			t.Error(name, r.Ended)
		}
		if hasMark := strings.HasPrefix(r.SetCookie[0], "__Host-session.end="+wantMarks+"; Path=/; Max-Age=86400;"); hasMark != (name == "off") {
			t.Error(name, r.SetCookie)
		}
	}
	// The mark closes both, wherever an item is.
	for _, marks := range []string{wantMarks, "x." + mark(sidA.SID) + "." + mark(sidB.SID), "." + wantMarks + ".", wantMarks + "." + wantMarks} {
		if s := opened(t, ss, a, b, "__Host-session.end="+marks); s.Reason() != SignedOff || s.request != nil {
			t.Error(marks, s.Reason())
		}
	}
	for _, marks := range []string{mark(sidB.SID) + "x", mark(sidB.SID)[:21], mark(sidB.SID) + ",", ".." + strings.ToUpper(mark(sidB.SID))} {
		if s := opened(t, ss, b, "__Host-session.end="+marks); s.Reason() != "" {
			t.Error(marks, s.Reason())
		}
	}
	if s := opened(t, ss, a, b, "__Host-session.end="+mark(sidB.SID)); s.Reason() != "" || s.sid != sidA.SID {
		t.Error("the other one is not chosen", s.Reason())
	}
}

func TestSignOffWithMoreThanFourCandidates(t *testing.T) {
	ss := testSessions(t, Cookie{})
	var fields []string
	var all []Ended
	for i := range 6 {
		field, e := signedOn(t, ss, fmt.Sprint("user", i))
		fields, all = append(fields, field), append(all, e)
	}
	fields[1] = fields[1][:len(fields[1])-1] + "." // a candidate by its shape that does not open
	for marks, want := range map[string][]Ended{"": {all[0], all[2], all[3]}, mark(all[2].SID): {all[0], all[3]}} {
		s := opened(t, ss, append(fields, "__Host-session.end="+marks)...)
		s.SignOff()
		if r := committed(t, ss, s); s.Reason() != Ambiguous || fmt.Sprint(r.Ended) != fmt.Sprint(want) {
			t.Error(s.Reason(), r.Ended, want)
		}
	}
}

func TestMarksOfSessionsThatHaveNotEnded(t *testing.T) {
	ss := testSessions(t, Cookie{})
	var fields []string
	for i, end := range []int64{testNow + 10, testNow + 500, testNow + 2*lifeMax} {
		payload := fmt.Sprintf(`{"sid":"%s","start":%d,"end":%d,"rev":1}`, strings.Repeat(string(rune('A'+i)), 22), testNow-1, end)
		token, err := (&Sealer{ss.p.t}).SealAt([]byte(payload), 1800, testNow)
		if err != nil {
			t.Fatal(err)
		}
		fields = append(fields, "__Host-session="+token)
	}
	for _, x := range []struct {
		fields []string
		after  int64
		want   string
	}{
		{fields, 0, markOf("A") + "." + markOf("B") + "." + markOf("C") + "; Path=/; Max-Age=34560000;"},
		{fields[:2], 0, markOf("A") + "." + markOf("B") + "; Path=/; Max-Age=500;"},
		{fields[:2], 10, markOf("B") + "; Path=/; Max-Age=490;"},
		{fields[:2], 500, ""},
	} {
		s := opened(t, ss, x.fields...)
		s.SignOff()
		r, err := ss.CommitAt(s, false, testNow+x.after)
		if err != nil || len(r.Ended) != len(x.fields) {
			t.Fatal(r, err)
		}
		if got := strings.HasPrefix(r.SetCookie[0], "__Host-session.end="+x.want); got != (x.want != "") || len(r.SetCookie) != 2 && x.want != "" {
			t.Error(x.after, r.SetCookie)
		}
	}
}

func markOf(letter string) string { return mark(strings.Repeat(letter, 22)) }

func TestOrderOfLines(t *testing.T) {
	ss := testSessions(t, Cookie{Large: true, Previous: []Combination{{Partitioned: true}}})
	plain, _ := signedOn(t, ss, "ada")
	names := func(r Response) string {
		var all []string
		for _, l := range r.SetCookie {
			name, rest, _ := strings.Cut(l, "=")
			value, _, _ := strings.Cut(rest, ";")
			if value != "" {
				name += "+"
			}
			if strings.HasSuffix(l, "; Partitioned") {
				name += "p"
			}
			all = append(all, strings.TrimPrefix(name, "__Host-session"))
		}
		return strings.Join(all, " ")
	}
	for want, change := range map[string]func(*Session){
		"p .1p .1 +":         func(s *Session) { s.Set("a", 1) },
		"p .1p .1+ +":        func(s *Session) { s.Set("a", strings.Repeat("x", 3500)) },
		"p .1p .1 .end+ ":    func(s *Session) { s.SignOff() },
		"p .1p .1 .end+ +":   func(s *Session) { s.SignOff(); s.Flash("a", 1) },
		"p .1p .1+ .end+ + ": func(s *Session) { s.SignOff(); s.Set("a", strings.Repeat("x", 3500)) },
	} {
		s := opened(t, ss, plain, "__Host-session.1=")
		change(s)
		if got := names(committed(t, ss, s)); strings.TrimSpace(got) != strings.TrimSpace(want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestCookieNames(t *testing.T) { // COOK-01, COOK-02
	if c := (Cookie{}).defaults(); c.Name != "__Host-Http-session" || c.check() != nil {
		t.Fatal(c.Name)
	}
	domain := Combination{Domain: "shop.example"}
	for _, x := range []struct {
		c    Cookie
		want Code
	}{
		{Cookie{Name: "__Host-Http-x"}, ""}, {Cookie{Name: "__Host-x"}, ""}, {Cookie{Name: "__Http-x"}, ""}, {Cookie{Name: "__Secure-x"}, ""},
		{Cookie{Name: "__Host-httpx"}, ""}, {Cookie{Name: "__Httpx"}, ""}, {Cookie{Name: "__httpx"}, ""}, {Cookie{Name: "__Http-http-x"}, ""},
		{Cookie{Name: "__Host-http-x"}, CookieName}, {Cookie{Name: "__HOST-x"}, CookieName}, {Cookie{Name: "__http-x"}, CookieName},
		{Cookie{Name: "__host-Http-x"}, CookieName}, {Cookie{Name: "__Host-HTTP-"}, CookieName}, {Cookie{Name: "__SECURE-x"}, CookieName},
		{Cookie{Name: "__host-http-x", Development: true}, CookieName},
		{Cookie{Name: "__Http-x", Development: true}, CookieAttributes}, {Cookie{Name: "__Host-Http-x", Development: true}, CookieAttributes},
		{Cookie{Development: true}, CookieAttributes}, {Cookie{Name: "x", Development: true}, ""},
		{Cookie{Name: "__Http-x", Combination: domain}, ""}, {Cookie{Name: "__Secure-x", Combination: domain}, ""},
		{Cookie{Name: "__Host-Http-x", Combination: domain}, CookieAttributes}, {Cookie{Name: "x", Combination: domain}, CookieAttributes},
		{Cookie{Name: "__Httpx", Combination: domain}, CookieAttributes},
		{Cookie{Name: "__Http-x", Previous: []Combination{domain}}, ""}, {Cookie{Previous: []Combination{domain}}, CookieAttributes},
		{Cookie{Name: "__Http-x", Combination: Combination{Path: "/a"}}, ""}, {Cookie{Combination: Combination{Path: "/a"}}, CookieAttributes},
		{Cookie{Previous: []Combination{{Path: "/a"}}}, CookieAttributes},
		{Cookie{Large: true}, ""}, {Cookie{Name: "__Http-x", Large: true}, CookieAttributes},
	} {
		if err := x.c.defaults().check(); CodeOf(err) != x.want {
			t.Errorf("%+v: %v, want %q", x.c, err, x.want)
		}
	}
}

func TestDrawsDiffer(t *testing.T) {
	a, err := draw()
	if err != nil {
		t.Fatal(err)
	}
	b, _ := draw()
	sid, _ := base64.RawURLEncoding.Strict().DecodeString(a.SID)
	id, _ := base64.RawURLEncoding.Strict().DecodeString(a.ID)
	if len(a.Salt) != 12 || len(a.IV) != 12 || len(sid) != 16 || len(id) != 6 {
		t.Fatal(a)
	}
	if string(a.Salt) == string(b.Salt) || string(a.IV) == string(b.IV) || a.SID == b.SID || a.ID == b.ID {
		t.Fatal("something comes twice")
	}
}

func TestTheMemberThatCannotBeWritten(t *testing.T) {
	ss := testSessions(t, Cookie{})
	for member, set := range map[string]func(*Session) error{
		"data.avatar":  func(s *Session) error { return s.Set("avatar", []byte{1}[:0:0]) },
		"data.when":    func(s *Session) error { s.Set("a", 1); return s.Set("when", func() {}) },
		"flash.notice": func(s *Session) error { return s.Flash("notice", map[string]any{"__proto__": 1}) },
	} {
		s := ss.Open(t.Context(), nil)
		if err := set(s); err != nil {
			t.Fatal(err)
		}
		_, err := ss.Commit(s, false)
		var e *Error
		if member == "data.avatar" { // base64, as encoding/json writes it
			if err != nil {
				t.Error(err)
			}
		} else if !errors.As(err, &e) || e.Code() != PayloadUnserializable || e.Member() != member {
			t.Error(member, err)
		}
	}
}

func errorOf[T any](_ T, err error) error { return err }
