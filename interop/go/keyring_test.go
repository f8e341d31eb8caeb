package cretula

import (
	"errors"
	"fmt"
	"sync"
	"testing"
)

func TestExchangesTakeEffectAsTheyBegan(t *testing.T) { // RING-17
	document := func(n int) []byte { // 32 bytes that are no test key
		k, err := KeyFromBytes([]byte(fmt.Sprintf("a key of the test, number %06d", n)))
		if err != nil {
			t.Fatal(err)
		}
		return []byte(k.Text())
	}
	inForce := func(ring *Keyring) string { return ring.Entries()[0].Key.Text() }
	ring, err := ParseKeyring(document(0))
	if err != nil {
		t.Fatal(err)
	}

	// The first reading is delayed until the later one is in force: it is dropped.
	began, goOn, done := make(chan bool), make(chan bool), make(chan error)
	delayed := func(text []byte, err error) {
		go func() {
			done <- ring.Reload(func() ([]byte, error) { began <- true; <-goOn; return text, err })
		}()
		<-began
	}
	delayed(document(1), nil)
	if err := ring.Replace(document(2)); err != nil || inForce(ring) != string(document(2)) {
		t.Fatal(err)
	}
	goOn <- true
	if err := <-done; err != nil || inForce(ring) != string(document(2)) {
		t.Fatal("an older reading replaced a newer one", err)
	}

	// A later one that is refused does not hold an earlier one up.
	delayed(document(3), nil)
	code(t, ring.Replace([]byte("{")), KeyringFormat)
	code(t, ring.ReplaceEntries(), KeyringEmpty)
	goOn <- true
	if err := <-done; err != nil || inForce(ring) != string(document(3)) {
		t.Fatal("a refused one held it up", err)
	}

	// A reading that fails leaves the ring in force, and its error is reported.
	gone := errors.New("no such file")
	delayed(nil, gone)
	goOn <- true
	if err := <-done; !errors.Is(err, gone) || inForce(ring) != string(document(3)) {
		t.Fatal(err)
	}

	var all sync.WaitGroup // for the race detector
	for n := range 50 {
		all.Add(1)
		go func() {
			defer all.Done()
			if err := ring.Replace(document(n)); err != nil {
				t.Error(err)
			}
		}()
	}
	all.Wait()
	if err := ring.Replace(document(60)); err != nil || inForce(ring) != string(document(60)) {
		t.Fatal(err)
	}
}

func TestByteOrderMarkMakesAList(t *testing.T) { // RING-15
	for _, text := range []string{"\ufeff{\"cretula\":\"keyring-v1\",\"keys\":[]}", "\ufeff" + testKey(t, 1).Text()} {
		_, err := ParseKeyring([]byte(text))
		code(t, err, KeyFormat)
		var e *Error
		if i, ok := -1, errors.As(err, &e); !ok {
			t.Fatal(err)
		} else if i, ok = e.Entry(); !ok || i != 0 {
			t.Fatal(i, ok)
		}
	}
}

func TestWarnings(t *testing.T) { // RING-18
	const day, far = 86_400, testNow + 3_155_760_000
	warnings := func(now, ttl, grace, leeway int64, entries ...Entry) string {
		for i := range entries {
			entries[i].Key = testKey(t, i+1)
		}
		ring, err := NewKeyring(entries...)
		if err != nil {
			t.Fatal(err)
		}
		w, err := ring.Warnings(now, ttl, grace, leeway)
		if err != nil {
			return string(CodeOf(err))
		}
		return fmt.Sprint(w)
	}
	for _, x := range []struct{ got, want string }{
		{warnings(-1, 0, -1, -1, Entry{}), "leeway_range"}, {warnings(timeEnd, 0, -1, 0, Entry{}), "clock_range"},
		{warnings(0, 0, -1, 0, Entry{}), "ttl_range"}, {warnings(0, 1, -1, 0, Entry{}), "grace_range"},
		{warnings(0, 1, lifeMax+1, 300, Entry{}), "grace_range"}, {warnings(0, lifeMax, lifeMax, 300, Entry{}), "[]"},
		{warnings(testNow, 1800, 3600, 60, Entry{}, Entry{SealFrom: At(testNow + 3659)}), "[{1 takes_over_too_soon}]"},
		{warnings(testNow, 1800, 3600, 60, Entry{}, Entry{SealFrom: At(testNow + 3660)}), "[]"},
		{warnings(testNow, 1800, 3600, 60, Entry{SealFrom: At(testNow + 1)}), "[]"}, // nothing seals now
		{warnings(testNow, 1800, 3600, 60, Entry{AcceptUntil: At(testNow + day + 5399)}, Entry{SealFrom: At(testNow + day)}), "[{0 ends_before_its_tokens}]"},
		{warnings(testNow, 1800, 3600, 60, Entry{AcceptUntil: At(testNow + day + 5400)}, Entry{SealFrom: At(testNow + day)}), "[]"},
		{warnings(testNow, 1800, 3600, 60, Entry{AcceptUntil: At(testNow)}, Entry{SealFrom: At(testNow + day)}), "[]"}, // not accepted
		{warnings(testNow, 1800, 3600, 60, Entry{SealFrom: At(testNow + 5), AcceptUntil: At(testNow + 10)}, Entry{SealFrom: At(testNow + 9)}),
			"[{0 ends_before_its_tokens}]"}, // whether or not some entry seals now
		{warnings(testNow, 1800, 0, 0, Entry{}, Entry{SealFrom: At(far - 1), AcceptUntil: At(far)}), "[]"},
		{warnings(testNow, 1800, 0, 0, Entry{}, Entry{SealFrom: At(far - 1), AcceptUntil: At(far + 1)}), "[{1 far_in_future}]"},
		{warnings(testNow, 1800, 0, 0, Entry{}, Entry{SealFrom: At(far + 1), AcceptUntil: At(far + 2)}), "[{1 far_in_future}]"},
		{warnings(testNow, 1800, 0, 0, Entry{AcceptUntil: At(far + 1)}, Entry{SealFrom: At(far + 9)}), "[{0 ends_before_its_tokens} {0 far_in_future} {1 far_in_future}]"},
	} {
		if x.got != x.want {
			t.Errorf("%s, want %s", x.got, x.want)
		}
	}
}

func TestKeyringFromEnv(t *testing.T) {
	key, err := GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("SHOP_KEYS", key.Text())
	if _, err := KeyringFromEnv("SHOP_KEYS"); err != nil {
		t.Fatal(err)
	}
	for value, want := range map[string]string{
		"":                          "the variable SHOP_KEYS is not set: cretula: keyring_empty",
		" ":                         "the variable SHOP_KEYS: cretula: keyring_empty",
		key.Text() + "," + "secret": "the variable SHOP_KEYS: cretula: key_format (entry 1)",
	} {
		t.Setenv("SHOP_KEYS", value)
		if _, err := KeyringFromEnv("SHOP_KEYS"); err == nil || err.Error() != want || CodeOf(err) == "" {
			t.Errorf("%v, not %s", err, want)
		}
	}
}
