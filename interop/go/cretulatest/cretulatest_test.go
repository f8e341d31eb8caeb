package cretulatest_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cretula.example/cretula"
	"cretula.example/cretula/cretulatest"
)

func sessions(t *testing.T, cookie cretula.Cookie) *cretula.Sessions {
	key, err := cretula.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	ring, err := cretula.NewKeyring(cretula.Entry{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	site, err := cretula.NewSite(ring, "shop.example", cretula.SiteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	made, err := site.Sessions(cretula.SessionOptions{Cookie: cookie, Check: cretula.NoCheck})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// A page for ada, without a sign-on: as an application tests its handlers.
func TestSignedOn(t *testing.T) {
	large := cretula.Cookie{Large: true}
	for cookie, note := range map[*cretula.Cookie]string{{}: "tea", &large: strings.Repeat("x", 4000)} {
		ss := sessions(t, *cookie)
		handler := ss.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s := ss.Of(r)
			sub, _ := s.Sub()
			fmt.Fprint(w, sub, " ", s.Get("note"))
		}))
		field, err := cretulatest.SignedOn(ss, "ada", 7, map[string]any{"note": note})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", field)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Body.String() != "ada "+note {
			t.Error(w.Body)
		}
	}
	ss := sessions(t, cretula.Cookie{})
	if field, err := cretulatest.SignedOn(ss, "ada", 7, nil); err != nil || field == "" {
		t.Error(err)
	}
	_, err := cretulatest.SignedOn(ss, "", 7, nil)
	if !errors.Is(err, cretula.UserInvalid) {
		t.Error(err)
	}
	_, err = cretulatest.SignedOn(ss, "ada", 7, map[string]any{"note": strings.Repeat("x", 5000)})
	if !errors.Is(err, cretula.CookieTooLarge) {
		t.Error(err)
	}
}
