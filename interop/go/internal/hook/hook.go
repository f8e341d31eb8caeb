// Package hook is the vectors' entry: test keys (KEY-07), and salts, ivs, sids and ids that are chosen (SEAL-06). No
// package outside this module can import it.
package hook

// Fixed is what a sealing would draw.
type Fixed struct {
	SID, ID  string
	Salt, IV []byte
}

// Library is set by package cretula, which cannot be imported here; internal/conform says what it does.
var Library any
