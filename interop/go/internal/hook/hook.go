// Package hook is the vectors' entry: test keys (KEY-07), and salts, ivs, sids and ids that are chosen (SEAL-06). No
// package outside this module can import it.
package hook

// Fixed is what a sealing would draw, and the sealings of device binding that come with it.
type Fixed struct {
	SID, ID                  string
	Salt, IV                 []byte
	Device, Proof, Challenge *Fixed
}

// Others are the sealings that come with it, none for nil.
func (f *Fixed) Others() (device, proof, challenge *Fixed) {
	if f == nil {
		return nil, nil, nil
	}
	return f.Device, f.Proof, f.Challenge
}

// Library is set by package cretula, which cannot be imported here; internal/conform says what it does.
var Library any
