//! Steps 1 to 4 of §10: length, start, encoding, least length.

use super::*;

impl Cases {
    /// Steps 1 to 4.
    #[rustfmt::skip] // one case a line
    pub(super) fn text(&mut self) {
        let usual = standard();
        let text = base64url(&self.bases["ok/basic"].build().bytes);
        let length = text.len();
        let whole = |replacement: &str| vec![Step::Text(0, length, replacement.to_owned())];
        let limit = |limit: usize| Opening { limit: u64::try_from(limit).expect("small"), ..standard() };
        let (ours, other) = if self.sealed() { ("CrE", "CrS") } else { ("CrS", "CrE") };

        self.bad("too-long/limit-minus-1", "too_long", "a limit one less than the token's length", &["off-by-one", "size"], "ok/basic", &[], &limit(length - 1));
        self.bad("too-long/limit-1", "too_long", "the smallest limit", &["size"], "ok/basic", &[], &limit(1));
        self.bad("too-long/default-plus-1", "too_long", "one octet over the default limit", &["size", "off-by-one"], "ok/largest", &[Step::Text(16_384, 0, "A".into())], &usual);
        self.bad("too-long/garbage", "too_long", "length is judged before anything else", &["octet-length"], "ok/basic", &whole(&"?".repeat(16_385)), &usual);
        let wide = format!("{ours}1{}", "\u{e9}".repeat(60));
        self.bad("too-long/utf-8", "too_long", "64 characters, but 124 octets, against a limit of 123", &["octet-length"], "ok/basic", &whole(&wide), &limit(123));
        self.bad("encoding/utf-8", "encoding", "the same 124 octets within the limit", &["octet-length", "lax-base64"], "ok/basic", &whole(&wide), &limit(124));

        for (name, start) in [
            ("empty", ""),
            ("one", "C"),
            ("two", "Cr"),
            ("three", ours),
            ("three-other", other),
            ("lower-case", "crE1AAAA"),
            ("upper-case", "CRE1AAAA"),
            ("other-letter", "CrX1AAAA"),
            ("jwt", "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"),
            ("fernet", "gAAAAABk"),
            ("iron", "Fe26.2**0cdd607945dd"),
            ("paseto", "v4.local.AAAA"),
            ("undefined", "undefined"),
            ("chunked", "2.AAAAAAAA.CrE1"),
            ("proto", "__proto__"),
        ] {
            self.bad(&format!("not-a-token/{name}"), "not_a_token", "does not begin as a token", &["version-check"], "ok/basic", &whole(start), &usual);
        }
        for (name, octet) in [
            ("space", " "),
            ("equals", "="),
            ("plus", "+"),
            ("slash", "/"),
            ("dot", "."),
            ("nul", "\u{0}"),
            ("newline", "\n"),
            ("latin-1", "\u{e9}"),
            ("tilde", "~"),
            ("percent", "%"),
        ] {
            self.bad(&format!("not-a-token/version-{name}"), "not_a_token", "the fourth octet is outside the alphabet, so there is no version", &["version-check"], "ok/basic", &[Step::Text(3, 1, octet.into())], &usual);
        }
        for (name, start) in [("space", " "), ("newline", "\n"), ("bom", "\u{feff}"), ("quote", "\""), ("a", "A")] {
            self.bad(&format!("not-a-token/leading-{name}"), "not_a_token", "nothing is trimmed before a token", &["lax-base64"], "ok/basic", &[Step::Text(0, 0, start.into())], &usual);
        }
        for version in ["0", "2", "9", "A", "Z", "a", "z", "-", "_"] {
            let name = match version {
                "-" => "minus",
                "_" => "underscore",
                other => other,
            };
            let case = if name.chars().all(|c| c.is_ascii_uppercase()) { "-upper" } else { "" };
            self.bad(
                &format!("version/{}{case}", name.to_lowercase()),
                "unsupported_version",
                "a version that is not 1",
                &["version-check"],
                "ok/basic",
                &[Step::Text(3, 1, version.into())],
                &usual,
            );
        }
        self.bad("version/other-kind", "unsupported_version", "version 2 of the other kind: the version is told, not the kind", &["version-check", "order"], "ok/basic", &whole(&format!("{other}2AAAA")), &usual);
        self.bad("version/alone", "unsupported_version", "four octets of version 2", &["version-check"], "ok/basic", &whole(&format!("{ours}2")), &usual);
        self.bad("wrong-kind/alone", "wrong_kind", "four octets of the other kind", &["kind-confusion"], "ok/basic", &whole(&format!("{other}1")), &usual);
        let twin = Source { kind: if self.sealed() { 0x53 } else { 0x45 }, ..self.bases["ok/basic"].clone() };
        self.bad(
            "wrong-kind/authentic",
            "wrong_kind",
            "an authentic token of the other kind under the same key and context",
            &["kind-confusion"],
            "ok/basic",
            &whole(&base64url(&twin.build().bytes)),
            &usual,
        );
        self.bad("wrong-kind/relabelled", "wrong_kind", "this kind's token with the other's start", &["kind-confusion"], "ok/basic", &[Step::Text(0, 4, format!("{other}1"))], &usual);

        let bases = self.bases.clone();
        let end = |base: &str| base64url(&bases[base].build().bytes).len();
        // Bases of the three lengths modulo 4: the empty payload, one byte and two bytes.
        for (name, insert, flag) in [
            ("padding", "=", "lax-base64"),
            ("padding-2", "==", "lax-base64"),
            ("trailing-newline", "\n", "line-break"),
            ("trailing-crlf", "\r\n", "line-break"),
            ("trailing-space", " ", "lax-base64"),
            ("trailing-dot", ".", "lax-base64"),
            ("trailing-nul", "\u{0}", "lax-base64"),
            ("trailing-percent", "%3D", "lax-base64"),
            ("trailing-semicolon", ";", "lax-base64"),
            ("trailing-wide", "\u{ff21}", "lax-base64"),
        ] {
            self.bad(&format!("encoding/{name}"), "encoding", "after the last character", &[flag], "ok/basic", &[Step::Text(length, 0, insert.into())], &usual);
        }
        for (base, label) in [("ok/empty", "empty"), ("ok/one-byte", "one-byte"), ("ok/two-bytes", "two-bytes")] {
            let at = end(base);
            let padding = match at % 4 {
                2 => "==",
                3 => "=",
                _ => "====",
            };
            self.bad(&format!("encoding/padded-{label}"), "encoding", "padded to a multiple of four, as RFC 4648 does by default", &["lax-base64"], base, &[Step::Text(at, 0, padding.into())], &usual);
        }
        for (name, octet) in [
            ("plus", "+"),
            ("slash", "/"),
            ("equals", "="),
            ("space", " "),
            ("tab", "\t"),
            ("newline", "\n"),
            ("return", "\r"),
            ("nul", "\u{0}"),
            ("delete", "\u{7f}"),
            ("dot", "."),
            ("comma", ","),
            ("latin-1", "\u{e9}"),
            ("cyrillic", "\u{410}"),
            ("emoji", "\u{1f36a}"),
            ("backslash", "\\"),
        ] {
            let flag = if matches!(octet, "\n" | "\r") { "line-break" } else { "lax-base64" };
            self.bad(&format!("encoding/middle-{name}"), "encoding", "in place of character 70", &[flag], "ok/basic", &[Step::Text(70, 1, octet.into())], &usual);
        }
        self.bad("encoding/first", "encoding", "in place of the first character after the start", &["lax-base64"], "ok/basic", &[Step::Text(4, 1, "+".into())], &usual);
        self.bad("encoding/inserted-newline", "encoding", "a line break at character 76, as MIME has it", &["line-break"], "ok/basic", &[Step::Text(76, 0, "\n".into())], &usual);
        self.bad("encoding/inserted-crlf", "encoding", "a line break at character 76, as MIME has it", &["line-break"], "ok/basic", &[Step::Text(76, 0, "\r\n".into())], &usual);
        self.bad("encoding/four-spaces", "encoding", "four inserted spaces keep the length modulo 4", &["lax-base64"], "ok/basic", &[Step::Text(76, 0, "    ".into())], &usual);
        self.bad("encoding/length-1", "encoding", "five characters: 1 modulo 4", &["lax-base64"], "ok/basic", &whole(&format!("{ours}1A")), &usual);
        let zero = ["ok/two-bytes", "ok/one-byte", "ok/empty"].into_iter().find(|base| end(base) % 4 == 0);
        let zero = zero.expect("one of the three");
        self.bad("encoding/length-1-long", "encoding", "one character more than a multiple of four", &["lax-base64"], zero, &[Step::Text(end(zero), 0, "A".into())], &usual);

        // Unused bits: the low 4 of the last character at length 2 modulo 4, the low 2 at 3.
        for base in ["ok/empty", "ok/one-byte", "ok/two-bytes"] {
            let text = base64url(&self.bases[base].build().bytes);
            let (at, modulo) = (text.len() - 1, text.len() % 4);
            let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
            let value = alphabet.iter().position(|octet| *octet == text.as_bytes()[at]).expect("in the alphabet");
            let unused: &[u8] = match modulo {
                2 => &[1, 2, 4, 8, 15],
                3 => &[1, 2, 3],
                _ => &[],
            };
            for bits in unused {
                let last = char::from(alphabet[value | usize::from(*bits)]).to_string();
                self.bad(&format!("encoding/unused-bits-{modulo}-{bits}"), "encoding", &format!("length {modulo} modulo 4, unused bits of the last character {bits} instead of 0"), &["non-canonical-bits", "lax-base64"], base, &[Step::Text(at, 1, last)], &usual);
            }
        }

        let least = self.least();
        let steps = |keep: usize| vec![Step::Bytes(keep, least - keep, vec![])];
        for (name, keep) in [
            ("minus-1", least - 1),
            ("magic-only", 3),
            ("key-id-cut", 20),
            ("key-id-only", 35),
            ("half", 47),
            ("no-tag", 69),
            ("4", 4),
        ] {
            self.bad(&format!("too-short/{name}"), "too_short", &format!("{keep} bytes; the empty payload's token has {least}"), &["short-token"], "ok/empty", &steps(keep), &usual);
        }
    }
}
