// Package cretulatest is for the tests of applications.
package cretulatest

import (
	"context"
	"strings"

	"cretula.example/cretula"
)

// SignedOn returns the value of a Cookie field with a session of a user who is signed on: what a browser sends after the
// sign-on. generation is the user's, data the application's part of the session; nil is none. It fails as
// Session.SignOn, Session.SetData and Sessions.Commit do.
func SignedOn(sessions *cretula.Sessions, sub string, generation int64, data map[string]any) (string, error) {
	s := sessions.Open(context.Background(), nil)
	if err := s.SignOn(sub, generation); err != nil {
		return "", err
	}
	if err := s.SetData(data); err != nil {
		return "", err
	}
	response, err := sessions.Commit(s, false)
	if err != nil {
		return "", err
	}
	var pairs []string
	for _, line := range response.SetCookie {
		pair, _, _ := strings.Cut(line, ";")
		pairs = append(pairs, pair)
	}
	return strings.Join(pairs, "; "), nil
}
