package cretula

import (
	"encoding/json"
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// oracle writes a number as ECMAScript's Number::toString does, by exact fractions: for 1, 2, … digits it tries the
// neighbours of f until one of them reads back as f; the closer one if both do, the even one if both are as close. It does
// not use strconv.
func oracle(t *testing.T, f float64) string {
	sign := ""
	if f < 0 {
		sign, f = "-", -f
	}
	exact := new(big.Rat).SetFloat64(f)
	ten := big.NewInt(10)
	power := func(n int) *big.Rat { // of ten
		p := new(big.Rat).SetInt(new(big.Int).Exp(ten, big.NewInt(int64(max(n, -n))), nil))
		if n < 0 {
			p.Inv(p)
		}
		return p
	}
	_, twos := math.Frexp(f)                              // not math.Log10, which is wrong for 0x1p-1031
	n := int(math.Floor(float64(twos)*math.Log10(2))) - 1 // 10^(n-1) <= f < 10^n, after this loop
	for power(n).Cmp(exact) <= 0 {
		n++
	}
	for k := 1; k <= 17; k++ {
		scaled := new(big.Rat).Mul(exact, power(k-n))
		below := new(big.Int).Quo(scaled.Num(), scaled.Denom())
		var best *big.Int
		var off *big.Rat
		for _, s := range []*big.Int{below, new(big.Int).Add(below, big.NewInt(1))} {
			x := new(big.Rat).Mul(new(big.Rat).SetInt(s), power(n-k))
			if g, _ := x.Float64(); g != f {
				continue
			}
			d := x.Sub(x, exact)
			if d.Abs(d); best == nil || d.Cmp(off) < 0 || d.Cmp(off) == 0 && best.Bit(0) == 1 {
				best, off = s, d
			}
		}
		if best == nil {
			continue
		}
		digits := strings.TrimRight(best.String(), "0")
		if len(best.String()) > k { // 9.99… became 10
			n++
		}
		k = len(digits)
		switch {
		case k <= n && n <= 21:
			return sign + digits + strings.Repeat("0", n-k)
		case 0 < n && n <= 21:
			return sign + digits[:n] + "." + digits[n:]
		case -6 < n && n <= 0:
			return sign + "0." + strings.Repeat("0", -n) + digits
		case k == 1:
			return sign + digits + "e" + strconv.Itoa(n-1)
		}
		return sign + digits[:1] + "." + digits[1:] + "e" + strconv.Itoa(n-1)
	}
	t.Fatal("17 digits do not read back", f)
	return ""
}

func TestNumbersHaveOneSpelling(t *testing.T) { // SESS-05
	for text, want := range map[string]string{
		"1.0": "1", "1e2": "100", "-0": "0", "-0.0": "0", "1e-400": "0", "-1e-400": "0", "0.10": "0.1", "10.5e-1": "1.05", "1E-6": "0.000001",
		"0.0000010": "0.000001", "1e-7": "1e-7", "0.00000015": "1.5e-7", "1.5e-10": "1.5e-10", "9.999999999999997e-7": "9.999999999999997e-7",
		"123456.789": "123456.789", "-2.50": "-2.5", "5e-324": "5e-324", "2.5e-100": "2.5e-100", "1e-10": "1e-10", "1e-20": "1e-20",
		"9007199254740991.0": "9007199254740991", "4503599627370495.5": "4503599627370495.5", "0.1000000000000000055511151231257827": "0.1",
		"5.6843418860808015e-14": "5.684341886080802e-14", "9007199254740990.5": "9007199254740990",
		// Two are as close: the even one, as RFC 8785 has it.
		"2114938299150369.75": "2114938299150369.8", "2.98023223876953125e-8": "2.9802322387695312e-8",
	} {
		if b, err := appendNumber(nil, json.Number(text)); err != nil || string(b) != want {
			t.Errorf("%s became %s (%v), want %s", text, b, err, want)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	tries := 10_000
	if testing.Short() {
		tries = 2000
	}
	for i := range tries {
		var f float64
		switch i % 4 {
		case 0: // any exponent below that of 2^53
			f = math.Float64frombits(r.Uint64N(0x4340 << 48))
		case 1: // about 1e-6, where the notation changes
			f = math.Pow(10, -8+4*r.Float64())
		case 2: // powers of two, whose neighbours are not equally far
			f = math.Ldexp(1, -i/4%1075)
			f = math.Float64frombits(math.Float64bits(f) + r.Uint64N(3) - 1)
		case 3: // few digits
			f, _ = strconv.ParseFloat(strconv.Itoa(r.IntN(100_000))+"e-"+strconv.Itoa(r.IntN(30)), 64)
		}
		if i%8 > 3 {
			f = -f
		}
		if f == math.Trunc(f) {
			continue
		}
		b, err := appendFloat(nil, f)
		if want := oracle(t, f); err != nil || string(b) != want {
			t.Fatalf("%x became %s (%v), want %s", f, b, err, want)
		}
		again, err := appendNumber(nil, json.Number(b))
		if g, _ := strconv.ParseFloat(string(b), 64); err != nil || string(again) != string(b) || g != f {
			t.Fatalf("%s, read again, became %s (%v)", b, again, err)
		}
	}
	for range 10_000 { // a float32 is the number that Go writes for it
		f := math.Float32frombits(r.Uint32N(0x4b000000))
		b, err := appendValue(nil, f, 1)
		if g, _ := strconv.ParseFloat(string(b), 32); err != nil || float32(g) != f {
			t.Fatalf("%v became %s (%v)", f, b, err)
		}
		if again, _ := appendNumber(nil, json.Number(b)); string(again) != string(b) {
			t.Fatalf("%s, read again, became %s", b, again)
		}
	}
}

func TestRefreshWritesNumbersAnew(t *testing.T) { // SESS-05: so sizes are the same everywhere
	ss := testSessions(t, Cookie{})
	s := sessionOf(t, ss, `{"a":[1.50,1e2,{"b":0.10}]}`)
	r, err := ss.CommitAt(s, false, testNow+1000)
	if err != nil || r.Wrote != Seal {
		t.Fatal(r.Wrote, err)
	}
	s, err = ss.OpenAt(t.Context(), r.SetCookie, testNow+1000)
	if err != nil || s.Reason() != "" || string(s.before) != `,"data":{"a":[1.5,100,{"b":0.1}]}` {
		t.Fatal(s.Reason(), err)
	}
	if a := s.Get("a").([]any); a[0] != json.Number("1.5") {
		t.Fatal("the token has another spelling", a)
	}
}
