//! JSON texts with what languages read differently, and such texts broken in one place.

use super::{draw::Draw, units::units};

/// Names and values of strings, as literals.
const STRINGS: [&str; 40] = [
    r#""""#,
    r#""a""#,
    r#""b""#,
    r#""c""#,
    r#""basket""#,
    r#""0""#,
    r#""1""#,
    r#""-0""#,
    r#""01""#,
    r#""1e1""#,
    r#""10""#,
    r#""null""#,
    r#""true""#,
    r#""\u0061""#,
    r#""A""#,
    r#""é""#,
    "\"e\u{301}\"",
    r#""\u00e9""#,
    r#""😀""#,
    r#""\ud83d\ude00""#,
    r#""\uD83D\uDE00""#,
    r#""\u0000""#,
    r#""\u0000a""#,
    r#""\b\f\n\r\t\"\\\/""#,
    r#""\u001f""#,
    "\"\u{7f}\u{80}\u{85}\"",
    "\"\u{2028}\u{2029}\"",
    "\"\u{feff}\u{ffff}\u{10ffff}\"",
    r#""<&>'""#,
    r#""__proto__""#,
    r#""\u005f_proto__""#,
    r#""constructor""#,
    r#""prototype""#,
    r#""toString""#,
    r#""hasOwnProperty""#,
    r#""toJSON""#,
    r#""length""#,
    r#""__class__""#,
    r#""$serde_json::private::Number""#,
    r#""$serde_json::private::RawValue""#,
];

/// Names that are usual, so that one occurs twice now and then.
const NAMES: [&str; 6] = [r#""a""#, r#""b""#, r#""c""#, r#""d""#, r#""0""#, r#""basket""#];

/// Numbers of which most are no integers: languages spell them differently by themselves.
const FRACTIONS: [&str; 22] = [
    "0.5",
    "-1.5",
    "0.1",
    "1e-7",
    "1.5E+3",
    "12.5e-1",
    "4.9e-324",
    "5e-324",
    "2.2250738585072014e-308",
    "0.30000000000000004",
    "1790000000.5",
    "1790000000.0000002",
    "4503599627370495.5",
    "0.000001",
    "1e-6",
    "0.0000009999999999999999",
    "1.5e-10",
    "123456.789",
    "2.98023223876953125e-8",
    "2E-3",
    "9007199254740990.5",
    "0.1000000000000000055511151231257827",
];

/// Numbers that are integers in value.
const INTEGERS: [&str; 22] = [
    "0",
    "1",
    "-1",
    "7",
    "1790000000",
    "4294967296",
    "281474976710655",
    "281474976710656",
    "9007199254740991",
    "-9007199254740991",
    "-0",
    "-0.0",
    "1.0",
    "1e0",
    "1e3",
    "1E+3",
    "100e-2",
    "0e5",
    "0.0e-400",
    "1.79e9",
    "9007199254740991.0",
    "9.007199254740991e15",
];

/// Numbers that a session refuses, or that no parser takes for what they are.
const BEYOND: [&str; 16] = [
    "9007199254740992",
    "-9007199254740992",
    "9007199254740993",
    "9007199254740991.5",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1e16",
    "1e21",
    "1e300",
    "1.7976931348623157e308",
    "1.7976931348623159e308",
    "1e400",
    "-1e400",
    "123456789012345678901234567890",
];

/// What is put into a text to break it, or to see who takes it.
const JUNK: [&str; 58] = [
    ",",
    ":",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "'",
    "\\",
    "/",
    "//",
    "/**/",
    "#",
    "+",
    "-",
    ".",
    "_",
    " ",
    "\t",
    "\n",
    "\r",
    "\u{b}",
    "\u{c}",
    "\u{0}",
    "\u{1f}",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{feff}",
    "\u{2028}",
    "\u{3000}",
    "NaN",
    "Infinity",
    "-Infinity",
    "TRUE",
    "True",
    "nul",
    "nulx",
    "undefined",
    "None",
    "01",
    "-01",
    "1.",
    ".5",
    "1e",
    "1e+",
    "+1",
    "0x1",
    "0b1",
    "1_0",
    "1n",
    "--1",
    "\"\\x41\"",
    "\"\\ud800\"",
    "\"\\udc00x\"",
    "\"\\ud800\\u0041\"",
    "\"\\u00g0\"",
    "\"\t\"",
];

/// Returns an object with so many levels at most. One time in `refused`, 0 for never, it has something that a session
/// refuses.
pub(crate) fn object(draw: &mut Draw, refused: usize, levels: usize) -> String {
    let count = draw.pick(&[0, 1, 1, 1, 2, 2, 3, 4]);
    let (mut names, mut read): (Vec<&str>, Vec<String>) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let name = name(draw);
        let unescaped = serde_json::from_str(name).unwrap_or_default();
        let again = read.contains(&unescaped) || unescaped == "__proto__";
        read.push(unescaped);
        if !again || (refused > 0 && draw.once_in(refused)) {
            names.push(name);
        }
    }
    let members: Vec<_> =
        names.into_iter().map(|name| format!("{name}:{}", value(draw, refused, levels.saturating_sub(1)))).collect();
    format!("{{{}}}", members.join(","))
}

pub(crate) fn name(draw: &mut Draw) -> &'static str {
    if draw.once_in(2) { draw.pick(&NAMES) } else { draw.pick(&STRINGS) }
}

pub(crate) fn value(draw: &mut Draw, refused: usize, levels: usize) -> String {
    if refused > 0 && draw.once_in(refused.saturating_mul(4)) {
        return match draw.below(6) {
            0 => nested(draw, &[12, 13, 14, 15, 16, 17, 100]),
            1 => r#""\ud800""#.to_owned(),
            _ => draw.pick(&BEYOND).to_owned(),
        };
    }
    match draw.below(if levels > 0 { 10 } else { 7 }) {
        0 => draw.pick(&["null", "true", "false"]).to_owned(),
        1 | 2 => draw.pick(&STRINGS).to_owned(),
        3 => fraction(draw),
        4 | 5 => draw.pick(&INTEGERS).to_owned(),
        6 => draw.pick(&["[]", "{}", "\"\"", "0", "false"]).to_owned(),
        7 => {
            let count = draw.below(4);
            let items: Vec<_> = (0..count).map(|_| value(draw, refused, levels - 1)).collect();
            format!("[{}]", items.join(","))
        }
        _ => object(draw, refused, levels),
    }
}

/// Returns a number below 2^52, most often no integer.
fn fraction(draw: &mut Draw) -> String {
    if draw.once_in(2) {
        return draw.pick(&FRACTIONS).to_owned();
    }
    let exponent = if draw.once_in(4) { draw.below(1075) } else { 993 + draw.below(82) };
    let digits = draw.bytes(8).into_iter().fold(0_u64, |digits, byte| digits << 8 | u64::from(byte));
    let few = digits & !((1_u64 << draw.pick(&[0, 0, 30, 45])) - 1);
    let number = f64::from_bits(u64::try_from(exponent).unwrap_or_default() << 52 | few << 12 >> 12);
    if draw.once_in(2) { format!("{number}") } else { format!("-{number:e}") }
}

/// Returns a value with one of these numbers of levels.
pub(crate) fn nested(draw: &mut Draw, levels: &[usize]) -> String {
    let levels = draw.pick(levels);
    match draw.below(2) {
        0 => format!("{}{}", "[".repeat(levels), "]".repeat(levels)),
        _ => format!("{}0{}", "{\"a\":".repeat(levels), "}".repeat(levels)),
    }
}

/// Returns one integer of the table, as it may be spelled, or a value that is none.
pub(crate) fn spelled(draw: &mut Draw, number: u64) -> String {
    match draw.below(8) {
        0 => format!("{number}.0"),
        1 => format!("{number}e0"),
        2 => format!("{number}000E-3"),
        3 => format!("{number}.5"),
        4 => format!("-{number}"),
        5 => format!("\"{number}\""),
        6 => draw.pick(&INTEGERS).to_owned(),
        _ => draw
            .pick(&["null", "true", "[]", "{}", "\"\"", "0.5", "9007199254740992", "1e400", "1e-400", "1e300"])
            .to_owned(),
    }
}

/// Puts white space where JSON has it.
pub(crate) fn spaced(draw: &mut Draw, text: &str) -> String {
    let spaces = ["", "", "", " ", "\n", "\t", "\r", "\r\n  "];
    units(text).into_iter().flat_map(|piece| [piece, draw.pick(&spaces)]).collect()
}

/// Changes a text in one place.
pub(crate) fn broken(draw: &mut Draw, text: &str) -> String {
    let pieces = units(text);
    let (at, other) = (draw.below(pieces.len()), draw.below(pieces.len()));
    let junk = draw.pick(&JUNK);
    let concat = |pieces: &[&str]| pieces.concat();
    let mut changed = pieces.clone();
    match draw.below(12) {
        0 if !pieces.is_empty() => drop(changed.remove(at)),
        1 if !pieces.is_empty() => changed.insert(other, pieces[at]),
        2 if !pieces.is_empty() => changed.swap(at, other),
        3 => changed.truncate(at),
        4 if !pieces.is_empty() => changed[at] = junk,
        5 => changed.push(junk),
        6 => changed.insert(0, junk),
        7 if !pieces.is_empty() => return inside(draw, text),
        8 => return text.to_uppercase(),
        9 if !pieces.is_empty() => {
            let value = draw.pick(&BEYOND);
            changed[at] = value;
        }
        _ => changed.insert(at, junk),
    }
    concat(&changed)
}

/// Puts a character anywhere, inside a string too.
fn inside(draw: &mut Draw, text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let at = draw.below(characters.len());
    let junk = draw.pick(&['\u{0}', '\t', '\n', '\u{1f}', '\u{7f}', '\u{feff}', '\\', '"', 'x', '0', ' ', 'é']);
    if draw.once_in(2) {
        characters[at] = junk;
    } else {
        characters.insert(at, junk);
    }
    characters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::{Draw, broken, object, spaced};

    #[test]
    fn writes_json_and_breaks_it() {
        let (mut right, mut wrong) = (0, 0);
        for case in 0..500 {
            let mut draw = Draw::new(1, case);
            let text = object(&mut draw, 0, 4);
            let text = spaced(&mut draw, &text);
            let read = serde_json::from_str::<serde_json::Value>(&text);
            assert!(read.is_ok(), "{text}: {read:?}");
            match serde_json::from_str::<serde_json::Value>(&broken(&mut draw, &text)) {
                Ok(_) => right += 1,
                Err(_) => wrong += 1,
            }
        }
        assert!(right > 20 && wrong > 300, "{right} {wrong}");
    }
}
