package cretula

import (
	"errors"
	"strconv"
)

// Code is the stable name of a reason for a refusal (spec §12). It is an error itself, so
// errors.Is(err, cretula.Expired) works.
type Code string

func (c Code) Error() string { return "cretula: " + string(c) }

// NotNow reports whether the session or token may be valid in a moment, or on another server: UnknownKey, IssuedInFuture,
// NoClock, Unproven and Unchecked (SESS-18). Answer 503 then, and write nothing: it would replace a session that may be
// valid.
func (c Code) NotNow() bool {
	return c == UnknownKey || c == IssuedInFuture || c == NoClock || c == Unproven || c == Unchecked
}

// The codes of spec §12.
const (
	TooLong               Code = "too_long"
	UnsupportedVersion    Code = "unsupported_version"
	WrongKind             Code = "wrong_kind"
	NotAToken             Code = "not_a_token"
	Encoding              Code = "encoding"
	TooShort              Code = "too_short"
	UnknownKey            Code = "unknown_key"
	KeyInactive           Code = "key_inactive"
	AuthFailed            Code = "auth_failed"
	IssuedInFuture        Code = "issued_in_future"
	Expired               Code = "expired"
	PayloadInvalid        Code = "payload_invalid"
	Absent                Code = "absent"
	Ambiguous             Code = "ambiguous"
	Chunks                Code = "chunks"
	Unproven              Code = "unproven"
	Unchecked             Code = "unchecked"
	Revoked               Code = "revoked"
	SignedOff             Code = "signed_off"
	JWTFormat             Code = "jwt_format"
	JWTAlgorithm          Code = "jwt_algorithm"
	JWTKey                Code = "jwt_key"
	JWTSignature          Code = "jwt_signature"
	ChallengeInvalid      Code = "challenge_invalid"
	DeviceMismatch        Code = "device_mismatch"
	LimitRange            Code = "limit_range"
	LeewayRange           Code = "leeway_range"
	MaxAgeRange           Code = "max_age_range"
	ClockRange            Code = "clock_range"
	TTLRange              Code = "ttl_range"
	GraceRange            Code = "grace_range"
	ContextInvalid        Code = "context_invalid"
	Committed             Code = "committed"
	NoSealingKey          Code = "no_sealing_key"
	ResultTooLong         Code = "result_too_long"
	PayloadUnserializable Code = "payload_unserializable"
	IdleRange             Code = "idle_range"
	AbsoluteRange         Code = "absolute_range"
	RecheckRange          Code = "recheck_range"
	UserInvalid           Code = "user_invalid"
	CookieName            Code = "cookie_name"
	CookieAttributes      Code = "cookie_attributes"
	CookieClash           Code = "cookie_clash"
	CookieTooLarge        Code = "cookie_too_large"
	DeviceSettings        Code = "device_settings"
	NoRandomness          Code = "no_randomness"
	NoClock               Code = "no_clock"
	KeyFormat             Code = "key_format"
	KeyChecksum           Code = "key_checksum"
	KeyZero               Code = "key_zero"
	KeyTest               Code = "key_test"
	KeyringFormat         Code = "keyring_format"
	KeyringEmpty          Code = "keyring_empty"
	KeyringTime           Code = "keyring_time"
	KeyringWindow         Code = "keyring_window"
	KeyDuplicate          Code = "key_duplicate"
)

// Error is a refusal of this package. It contains nothing of a key, a token or a payload (KEY-08, OPEN-12), except
// Largest and Member.
type Error struct {
	code    Code
	entry   int // position in a ring, -1 for none
	over    int
	largest *string
	member  string // of a session, that cannot be written
}

func fail(c Code) *Error { return &Error{code: c, entry: -1} }

func failEntry(c Code, i int) *Error { return &Error{code: c, entry: i} }

// Code returns the reason.
func (e *Error) Code() Code { return e.code }

// Entry returns the position of the ring's offending entry, counted from 0, if the code has one (RING-06).
func (e *Error) Entry() (int, bool) { return e.entry, e.entry >= 0 }

// Over returns by how many octets a cookie is too large (COOK-11). It is 0 for every code but CookieTooLarge.
func (e *Error) Over() int { return e.over }

// Largest returns the name of the member of data with the longest value, if CookieTooLarge has one (COOK-11).
func (e *Error) Largest() (string, bool) {
	if e.largest == nil {
		return "", false
	}
	return *e.largest, true
}

// Member returns the member of a session that cannot be written, such as "data.avatar" or "flash.notice", for a commit that
// fails with PayloadUnserializable; "" for other errors.
func (e *Error) Member() string { return e.member }

func (e *Error) Error() string {
	s := e.code.Error()
	if e.entry >= 0 {
		s += " (entry " + strconv.Itoa(e.entry) + ")"
	}
	if e.code == CookieTooLarge {
		s += " by " + strconv.Itoa(e.over) + " octets"
	}
	return s
}

func (e *Error) Unwrap() error { return e.code }

// CodeOf returns the code of an error of this package, or "" for any other error and for nil.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.code
	}
	var c Code
	errors.As(err, &c)
	return c
}
