package main

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
)

// database is a folder that all five servers share, in place of a database: users/<name> holds a session generation,
// denied/<sid> the end of a session that was ended.
type database string

var isName = regexp.MustCompile(`^[a-z]{1,20}$`).MatchString

// A sid has 22 base64url characters: fit for a file name.
func (d database) denied(sid string) string { return filepath.Join(string(d), "denied", sid) }

func (d database) isDenied(sid string) (bool, error) {
	_, err := os.Stat(d.denied(sid))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func (d database) deny(sid string, end int64) error { return d.write(d.denied(sid), end) }

func (d database) user(name string) string { return filepath.Join(string(d), "users", name) }

func (d database) generation(name string) (int64, error) {
	if !isName(name) {
		return 0, errors.New("no name")
	}
	text, err := os.ReadFile(d.user(name))
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(string(text), 10, 64)
}

// generationOrNew draws a new user's number, random below 2^48.
func (d database) generationOrNew(name string) (int64, error) {
	if _, err := os.Stat(d.user(name)); errors.Is(err, fs.ErrNotExist) && isName(name) {
		number, err := rand.Int(rand.Reader, big.NewInt(1<<48))
		if err != nil {
			return 0, err
		}
		if err := d.write(d.user(name), number.Int64()); err != nil {
			return 0, err
		}
	}
	return d.generation(name)
}

func (d database) countUp(name string) error {
	number, err := d.generation(name)
	if err != nil {
		return err
	}
	return d.write(d.user(name), number+1)
}

func (d database) write(path string, number int64) error {
	draft, err := os.CreateTemp(string(d), "draft-")
	if err != nil {
		return err
	}
	_, err = draft.WriteString(strconv.FormatInt(number, 10))
	if err := errors.Join(err, draft.Close()); err != nil {
		return err
	}
	return os.Rename(draft.Name(), path)
}
