package cretula

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"strconv"
	"testing"

	"cretula.example/cretula/internal/hook"
)

func numbered(label string, numbers ...uint32) []byte {
	b := []byte(label)
	for _, n := range numbers {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	sum := sha256.Sum256(b)
	return sum[:]
}

type accumulatedCase struct {
	tokens   *tokens
	issuedAt int64
	ttl      int64
	payload  []byte
	fixed    hook.Fixed
	text     string
}

func makeAccumulatedCase(t *testing.T, i int, kind byte) *accumulatedCase {
	var s []byte
	for n := uint32(0); len(s) < 64+511; n++ {
		s = append(s, numbered("cretula-accumulated-case", uint32(i), n)...)
	}
	key, err := keyFromBytes(append([]byte(testPrefix), s[:16]...), true)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := NewKeyring(Entry{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	context, err := NewContext("audience-"+strconv.Itoa(int(s[16])), "purpose-"+strconv.Itoa(int(s[17])))
	if err != nil {
		t.Fatal(err)
	}
	c := &accumulatedCase{
		issuedAt: int64(binary.BigEndian.Uint64(s[16:]) & (1<<48 - 1)),
		ttl:      1 + int64(binary.BigEndian.Uint32(s[24:])%lifeMax),
		fixed:    hook.Fixed{Salt: s[28:40], IV: s[40:52]},
		payload:  s[64:][:binary.BigEndian.Uint16(s[52:])%512],
	}
	if c.tokens, err = newTokens(kind, ring, context, nil); err != nil {
		t.Fatal(err)
	}
	if c.text, err = c.tokens.make(c.payload, c.ttl, c.issuedAt, &c.fixed); err != nil {
		t.Fatal(err)
	}
	return c
}

// mutate opens mutation j of a case, and gives "ok" or the code.
func (c *accumulatedCase) mutate(t *testing.T, j int) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	m := numbered("cretula-accumulated-mutation", uint32(j))
	number, n := binary.BigEndian.Uint32(m), len(c.text)
	p := int(number % uint32(n))
	insert := string(rune(32 + m[4]%95))
	text, now, maxAge, limit := c.text, c.issuedAt, int64(lifeMax), int64(limitDefault)
	switch m[5] % 12 {
	case 0:
		text = text[:p] + insert + text[p+1:]
	case 1:
		text = text[:p] + text[p+1:]
	case 2:
		text = text[:p] + insert + text[p:]
	case 3:
		text = text[:p]
	case 4:
		b, q := []byte(text), (p+1)%n
		b[p], b[q] = b[q], b[p]
		text = string(b)
	case 5:
		b, err := decodeText(text)
		if err != nil {
			t.Fatal(err)
		}
		b[number%uint32(len(b))] ^= 1 << (m[6] % 8)
		text = base64.RawURLEncoding.EncodeToString(b)
	case 6:
		text = text[:n-1] + alphabet[m[6]%64:][:1]
	case 7:
		text = []string{"CrE1", "CrS1", "CrE2", "CrS0", "CrE-", "CrE.", "crE1", "C1rE"}[m[6]%8] + text[4:]
	case 8:
		now = c.issuedAt + c.ttl - 2 + int64(m[6]%4)
	case 9:
		now = c.issuedAt - 62 + int64(m[6]%4)
	case 10:
		maxAge = 1 + int64(binary.BigEndian.Uint32(m[8:])%lifeMax)
		now = c.issuedAt + maxAge - 2 + int64(m[6]%4)
	case 11:
		limit = int64(n) - 1 + int64(m[6]%2)
	}
	opener, err := newTokens(c.tokens.kind, c.tokens.keyring, c.tokens.ctx, []Option{WithMaxAge(maxAge), WithLimit(limit)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := opener.openAt(text, min(max(now, 0), timeEnd-1)); err != nil {
		return string(CodeOf(err))
	}
	return "ok"
}

// TestAccumulated makes the calls of accumulated.json anew, from its description in test-vectors/README.md.
func TestAccumulated(t *testing.T) {
	if testing.Short() {
		t.Skip("120 000 calls")
	}
	b, err := os.ReadFile("../../test-vectors/v1/accumulated.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Vectors []struct {
			ID, Op string
			Count  int
			Result struct {
				SHA256 string
				Blocks []string
			}
		}
	}
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Vectors) == 0 {
		t.Fatal("no vectors")
	}
	for _, v := range file.Vectors {
		t.Run(v.ID, func(t *testing.T) {
			kind := byte(kindSealed)
			if v.Op == "sign" || v.Op == "verify" {
				kind = kindSigned
			}
			cases := make([]*accumulatedCase, 10_000)
			for i := range cases {
				cases[i] = makeAccumulatedCase(t, i, kind)
			}
			all, block := sha256.New(), sha256.New()
			for i := range v.Count {
				outcome := cases[i%len(cases)].text
				if v.Op == "unseal" || v.Op == "verify" {
					outcome = cases[i%len(cases)].mutate(t, i)
				}
				all.Write([]byte(outcome + "\n"))
				block.Write([]byte(outcome + "\n"))
				if i%1000 == 999 {
					if got := hex.EncodeToString(block.Sum(nil)); got != v.Result.Blocks[i/1000] {
						t.Fatalf("block %d: %s", i/1000, got)
					}
					block.Reset()
				}
			}
			if got := hex.EncodeToString(all.Sum(nil)); got != v.Result.SHA256 {
				t.Fatal(got)
			}
		})
	}
}
