//! One pass over the text of an object, which makes no tree of it: whether a session may carry it ([SESS-06]), and
//! whether it is in the form of [SESS-05] already.

use alloc::{borrow::Cow, vec::Vec};

use hifijson::{SliceLexer, num::LexWrite as _, str::LexAlloc as _, token::Lex as _};
use memchr::memchr2;

use super::{
    text::Text,
    value::{MARKS, is_one_spelling, refused_name, refused_number, write_string},
};
use crate::json::{GRAMMAR, NESTING, TWICE};

const NO_OBJECT: &str = "it is no JSON object";
/// So many names have room from the beginning, and are compared each with each.
const NAMES: usize = 16;

/// How a text is written.
#[derive(Clone, Copy)]
pub(super) struct Form {
    /// As [SESS-05] says; the names in any order.
    pub(super) is_canonical: bool,
    /// There is a name by which serde_json hands over something else.
    pub(super) has_mark: bool,
}

/// Scans the text of an object of no more than `levels` arrays and objects in each other, and hands over the name of each
/// of its members, with the text and the form of its value.
pub(super) fn object<'t>(
    text: &'t str,
    levels: usize,
    mut member: impl FnMut(&str, &'t str, Form) -> Result<(), &'static str>,
) -> Result<Form, &'static str> {
    let mut scan = Scan { text, rest: text, names: Vec::with_capacity(NAMES), form: Form::NEW };
    match scan.peek() {
        Some(b'{') => scan.object(levels, &mut member)?,
        _ => return Err(NO_OBJECT),
    }
    if scan.peek().is_some() { Err(GRAMMAR) } else { Ok(scan.form) }
}

impl Form {
    pub(super) const NEW: Self = Self { is_canonical: true, has_mark: false };

    const fn and(self, other: Self) -> Self {
        Self { is_canonical: self.is_canonical && other.is_canonical, has_mark: self.has_mark || other.has_mark }
    }
}

struct Scan<'t> {
    text: &'t str,
    /// What was not read yet.
    rest: &'t str,
    /// Of the objects around, the outermost first.
    names: Vec<Cow<'t, str>>,
    form: Form,
}

impl<'t> Scan<'t> {
    /// Returns how many octets were read.
    const fn at(&self) -> usize {
        self.text.len().saturating_sub(self.rest.len())
    }

    fn skip(&mut self, octets: usize) {
        self.rest = self.rest.get(octets..).unwrap_or_default();
    }

    /// Reads with the library's lexer.
    fn lex<T, E>(&mut self, read: impl FnOnce(&mut SliceLexer<'t>) -> Result<T, E>) -> Result<T, &'static str> {
        let mut lexer = SliceLexer::new(self.rest.as_bytes());
        let result = read(&mut lexer);
        self.skip(self.rest.len().saturating_sub(lexer.as_slice().len()));
        result.map_err(|_| GRAMMAR)
    }

    fn peek(&mut self) -> Option<u8> {
        let next = *self.rest.as_bytes().first()?;
        if next > b' ' {
            return Some(next);
        }
        self.form.is_canonical = false;
        self.lex(|lexer| lexer.ws_peek().ok_or(())).ok()
    }

    fn value(&mut self, next: u8, levels: usize) -> Result<(), &'static str> {
        match next {
            b'[' => {
                let inside = levels.checked_sub(1).ok_or(NESTING)?;
                self.sequence(b']', |scan, next| scan.value(next, inside))
            }
            b'{' => self.object(levels, &mut |_, _, _| Ok(())),
            b'"' => self.string().map(|_| ()),
            b'-' | b'0'..=b'9' => self.number(),
            _ => self.lex(|lexer| lexer.null_or_bool().map(|_| ()).ok_or(())),
        }
    }

    /// Reads items up to `end`, from the bracket before them.
    fn sequence(
        &mut self,
        end: u8,
        mut item: impl FnMut(&mut Self, u8) -> Result<(), &'static str>,
    ) -> Result<(), &'static str> {
        self.skip(1);
        let mut next = self.peek().ok_or(GRAMMAR)?;
        while next != end {
            item(self, next)?;
            next = self.peek().ok_or(GRAMMAR)?;
            if next == b',' {
                self.skip(1);
                next = self.peek().filter(|next| *next != end).ok_or(GRAMMAR)?;
            } else if next != end {
                return Err(GRAMMAR);
            }
        }
        self.skip(1);
        Ok(())
    }

    fn object(
        &mut self,
        levels: usize,
        member: &mut dyn FnMut(&str, &'t str, Form) -> Result<(), &'static str>,
    ) -> Result<(), &'static str> {
        let inside = levels.checked_sub(1).ok_or(NESTING)?;
        let outer = self.names.len();
        self.sequence(b'}', |scan, next| {
            let name = if next == b'"' { scan.string()? } else { return Err(GRAMMAR) };
            refused_name(&name)?;
            scan.form.has_mark |= name.starts_with('$') && MARKS.contains(&name.as_ref());
            scan.peek().filter(|next| *next == b':').ok_or(GRAMMAR)?;
            scan.skip(1);
            let next = scan.peek().ok_or(GRAMMAR)?;
            let (before, begin) = (scan.form, scan.at());
            scan.form = Form::NEW;
            scan.value(next, inside)?;
            member(&name, scan.text.get(begin..scan.at()).unwrap_or_default(), scan.form)?;
            scan.form = before.and(scan.form);
            scan.names.push(name);
            Ok(())
        })?;
        let own = self.names.get_mut(outer..).unwrap_or_default();
        let is_twice = if own.len() <= NAMES {
            own.iter().enumerate().any(|(at, name)| own.iter().take(at).any(|earlier| earlier == name))
        } else {
            own.sort_unstable();
            own.windows(2).any(|pair| pair.first() == pair.last())
        };
        self.names.truncate(outer);
        if is_twice { Err(TWICE) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<(), &'static str> {
        let octets = self.rest.as_bytes();
        let digits = octets.iter().take_while(|octet| octet.is_ascii_digit()).count();
        // Most numbers are short integers, of which there is nothing to say.
        let is_short = matches!(digits, 1..=15) && (digits == 1 || octets.first() != Some(&b'0'));
        if is_short && !matches!(octets.get(digits), Some(b'.' | b'e' | b'E')) {
            self.skip(digits);
            return Ok(());
        }
        let number = self.lex(|lexer| lexer.num_string().validated().map(|(number, _)| number))?;
        self.form.is_canonical &= is_one_spelling(number);
        refused_number(number)
    }

    fn string(&mut self) -> Result<Cow<'t, str>, &'static str> {
        let (begin, inside) = (self.at(), self.rest.get(1..).unwrap_or_default());
        // Most strings have no escape.
        if let Some(end) = plain_end(inside.as_bytes())
            && let Some(string) = inside.get(..end)
        {
            self.skip(end.saturating_add(2));
            return Ok(Cow::Borrowed(string));
        }
        let string = self.lex(|lexer| lexer.discarded().str_string())?;
        let mut spelling = Text::default();
        write_string(&string, &mut spelling);
        self.form.is_canonical &= self.text.get(begin..self.at()) == Some(spelling.as_str());
        Ok(string)
    }
}

/// Returns the place of the quote that ends a string, of which this is what follows the first quote; `None` unless it is
/// plain: without an escape or a control character.
pub(super) fn plain_end(octets: &[u8]) -> Option<usize> {
    let end = memchr2(b'"', b'\\', octets).filter(|end| octets.get(*end) == Some(&b'"'))?;
    // To the end, whatever is found: so the compiler looks at many at once.
    let has_control = octets.get(..end)?.iter().fold(false, |found, octet| found | (*octet < b' '));
    (!has_control).then_some(end)
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::String, vec::Vec};

    use super::{object, plain_end};
    use crate::json;

    const LEVELS: usize = 4;

    /// What the tree of the same text says: its text in the form of [SESS-05].
    fn oracle(text: &str) -> Option<String> {
        let value = json::read_within(text, LEVELS).ok()?;
        value.refused().ok()?;
        matches!(value, json::Json::Object(_)).then(|| String::from(value.to_text().as_str()))
    }

    /// The octets of a text without their order: names may stand in any.
    fn octets(text: &str) -> Vec<u8> {
        let mut octets = Vec::from(text);
        octets.sort_unstable();
        octets
    }

    #[track_caller]
    fn assert_agrees(text: &str) {
        let form = object(text, LEVELS, |_, _, _| Ok(())).ok();
        let canonical = oracle(text);
        assert_eq!(form.is_some(), canonical.is_some(), "{text}");
        if form.is_some_and(|form| form.is_canonical) {
            assert_eq!(canonical.map(|text| octets(&text)), Some(octets(text)), "{text}");
        }
    }

    const TEXTS: [&str; 6] = [
        r#"{"a":[1,-2.5,0.000001,{"b":"x\"y\\\n\u001f"}],"c":null,"d":true}"#,
        r#"{"é":"ü","":{},"e":[[[]]],"__proto_":12345678901234.5,"f":false}"#,
        r#" { "a" : [ 1 , 2 ] } "#,
        r#"{"a":"\u0041","b":-0,"c":1e3,"d":0.0000001,"e":"\/"}"#,
        r#"{"n":[9007199254740991,-9007199254740991,1000000000000000,0.1,1.0]}"#,
        r#"{"a":1,"b":{"a":1,"b":{"a":1,"b":2}}}"#,
    ];

    // covers: [SESS-05], [SESS-06]
    #[test]
    fn says_what_the_tree_says() {
        for text in TEXTS {
            assert!(oracle(text).is_some(), "{text}");
            assert_agrees(text);
            // Each octet left out, each in the place of another, and each between two others.
            let octets = b"\"\\{}[]:,.-+eE0159abtn_ \n\x00\x1fu";
            let places = (0..=text.len()).filter(|place| text.is_char_boundary(*place));
            for place in places {
                let (before, after) = text.split_at(place);
                let rest = after.chars().next().map_or("", |next| &after[next.len_utf8()..]);
                assert_agrees(&format!("{before}{rest}"));
                assert_agrees(before);
                for octet in octets {
                    let octet = char::from(*octet);
                    assert_agrees(&format!("{before}{octet}{after}"));
                    assert_agrees(&format!("{before}{octet}{rest}"));
                }
            }
        }
    }

    #[test]
    fn plain_strings_end_where_they_do() {
        for length in [0, 1, 7, 16, 33, 70] {
            for fill in [b' ', b'!', b'#', b'[', b']', 0x7F, 0x80, 0xA2, 0xDC, 0xFF] {
                let mut octets = alloc::vec![fill; length];
                assert_eq!(plain_end(&octets), None, "{octets:?}");
                octets.extend_from_slice(b"\"\x00\"");
                assert_eq!(plain_end(&octets), Some(length), "{octets:?}");
                for place in 0..length {
                    for octet in 0..=255 {
                        octets[place] = octet;
                        let end = match octet {
                            b'"' => Some(place),
                            b'\\' | ..0x20 => None,
                            _ => Some(length),
                        };
                        assert_eq!(plain_end(&octets), end, "{octets:?}");
                    }
                    octets[place] = fill;
                }
            }
        }
    }

    #[test]
    fn what_serde_json_writes_is_canonical() {
        for text in [TEXTS[0], r#"{"b":{"é":[]},"a":"","t":1790000000,"ms":1790000000123,"p":12.25}"#] {
            assert!(object(text, LEVELS, |_, _, _| Ok(())).is_ok_and(|form| form.is_canonical), "{text}");
        }
        for text in [r#"{"a":1.0}"#, r#"{"a":-0}"#, r#"{"a": 1}"#, r#"{"a":"\u001F"}"#, "{}\n", r#"{"a":0.0000001}"#] {
            assert!(object(text, LEVELS, |_, _, _| Ok(())).is_ok_and(|form| !form.is_canonical), "{text}");
        }
    }

    #[test]
    fn many_names_are_compared_too() {
        for count in [2, 15, 16, 17, 40] {
            let names: Vec<_> = (0..count).map(|number| format!(r#""n{number}":{{"n0":{{}}}}"#)).collect();
            assert_agrees(&format!("{{{}}}", names.join(",")));
            for twice in [0, count / 2, count - 1] {
                let text = format!(r#"{{{},"n{twice}":1}}"#, names.join(","));
                assert!(oracle(&text).is_none());
                assert_agrees(&text);
            }
        }
    }

    #[test]
    fn members_come_with_their_text_and_form() {
        let mut members = Vec::new();
        let form = object(r#"{"a":[1],"b" :1.0,"c":{"$serde_json::private::Number":"1"}}"#, 3, |name, text, form| {
            members.push(format!("{name} {text} {} {}", form.is_canonical, form.has_mark));
            Ok(())
        });
        assert!(form.is_ok_and(|form| !form.is_canonical && form.has_mark));
        let marked = r#"c {"$serde_json::private::Number":"1"} true true"#;
        assert_eq!(members, ["a [1] true false", "b 1.0 false false", marked]);
    }
}
