//! What a session makes of a JSON value: what is refused, what a change is, and its form.

use alloc::{format, string::String, vec::Vec};
use core::fmt::Write as _;

use serde_json::Value;

use super::text::Text;
use crate::json::{Json, Members, binary64};

const PROTO: &str = "a name is `__proto__`";
const INTEGERS: &str = "an integer is outside -(2^53 - 1) to 2^53 - 1";

/// The names by which serde_json hands over numbers and raw texts, if `arbitrary_precision` or `raw_value` is on.
pub(super) const MARKS: [&str; 2] = ["$serde_json::private::Number", "$serde_json::private::RawValue"];

const ALTERED: &str = "an array with members that the type does not know got shorter, and an item of it was altered";

/// Returns for each item of `after` which item of `before` it was: an equal one, else that of the same place. `None` if
/// the array got shorter and an item was altered: nobody can tell which.
fn origins(before: &[Json<'_>], after: &[Json<'_>]) -> Option<Vec<Option<usize>>> {
    let mut left: Vec<Option<&Json<'_>>> = before.iter().map(Some).collect();
    let mut take = |at: usize, item: Option<&Json<'_>>| {
        let slot = left.get_mut(at).filter(|slot| item.is_none() || **slot == item);
        slot.and_then(Option::take).map(|_| at)
    };
    let mut origins: Vec<_> = after.iter().enumerate().map(|(at, item)| take(at, Some(item))).collect();
    for (origin, item) in origins.iter_mut().zip(after).filter(|(origin, _)| origin.is_none()) {
        *origin = (0..before.len()).find_map(|at| take(at, Some(item)));
    }
    for (at, origin) in origins.iter_mut().enumerate().filter(|(_, origin)| origin.is_none()) {
        if after.len() < before.len() {
            return None;
        }
        *origin = take(at, None);
    }
    Some(origins)
}

/// Makes serde_json's form of a number.
pub(crate) fn number(text: &str) -> Value {
    text.parse::<i64>().map_or_else(|_| binary64(text).into(), Value::from)
}

/// Writes a number as ECMAScript does, so that every language writes the same octets ([SESS-05]).
fn write_number(text: &str, out: &mut String) {
    if let Ok(integer) = text.parse::<i64>() {
        // Writing to a String does not fail.
        let _ = write!(out, "{integer}");
        return;
    }
    let value = binary64(text);
    // The shortest digits, of two equally close the even ones; core's own printing takes the odd ones too.
    let shortest = serde_json::to_string(&value).unwrap_or_default();
    // Writing to a String does not fail.
    let _ = match shortest.split_once('e') {
        _ if value == 0.0 => write!(out, "0"),
        _ if value % 1.0 == 0.0 => write!(out, "{value}"),
        // serde_json's exponents begin at 1e-5.
        Some((digits, exponent)) if value.abs() >= 1e-6 => {
            let (sign, digits) = digits.split_at(usize::from(value < 0.0));
            let zeros = if exponent == "-5" { "0000" } else { "00000" };
            write!(out, "{sign}0.{zeros}{}", digits.replace('.', ""))
        }
        _ => write!(out, "{shortest}"),
    };
}

/// Writes a string as serde_json does, which is the form of [SESS-05].
pub(crate) fn write_string(text: &str, out: &mut String) {
    // Without a way out before the end, many octets are looked at together.
    if !text.bytes().fold(false, |found, octet| found | (octet < 0x20) | (octet == b'"') | (octet == b'\\')) {
        out.push('"');
        out.push_str(text);
        out.push('"');
        return;
    }
    // No string is without a JSON form.
    out.push_str(&Text::from(serde_json::to_string(text).unwrap_or_default()));
}

/// Returns what [SESS-06] refuses of a number.
pub(super) fn refused_number(text: &str) -> Result<(), &'static str> {
    // From 2^53 on, every binary64 number is integral. 15 characters are no more than 15 digits, without an exponent.
    let is_short = text.len() <= 15 && !text.bytes().any(|octet| octet == b'e' || octet == b'E');
    if is_short || binary64(text).abs() < 9_007_199_254_740_992.0 { Ok(()) } else { Err(INTEGERS) }
}

/// Returns what [SESS-06] refuses of a name.
pub(super) fn refused_name(name: &str) -> Result<(), &'static str> {
    if name == "__proto__" { Err(PROTO) } else { Ok(()) }
}

/// Returns true if a number is written as [`write_number`] writes it. False for some that are, too: those of more than 15
/// digits, and with an exponent. (No two decimals of up to 15 digits are one binary64 number, so none is shorter.)
pub(super) fn is_one_spelling(number: &str) -> bool {
    let (whole, fraction) = number.split_once('.').map_or((number, None), |(whole, fraction)| (whole, Some(fraction)));
    let is_decimal = match fraction {
        None => number != "-0",
        Some(fraction) => !(fraction.ends_with('0') || whole.ends_with('0') && fraction.starts_with("000000")),
    };
    is_decimal && number.len() <= 16 && !number.bytes().any(|octet| octet == b'e' || octet == b'E')
}

impl<'t> Json<'t> {
    /// Returns what [SESS-06] refuses at any depth, besides what `json::read` does.
    pub(crate) fn refused(&self) -> Result<(), &'static str> {
        match self {
            Self::Number(text) => refused_number(text),
            Self::List(items) => items.iter().try_for_each(Self::refused),
            Self::Object(members) => {
                members.iter().try_for_each(|(name, value)| refused_name(name).and_then(|()| value.refused()))
            }
            _ => Ok(()),
        }
    }

    /// Writes it in the form of [SESS-05], the names in their order.
    pub(crate) fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(text) => write_number(text, out),
            Self::Text(text) => write_string(text, out),
            Self::List(items) => {
                let mut mark = '[';
                for item in items {
                    out.push(mark);
                    item.write(out);
                    mark = ',';
                }
                out.push_str(if items.is_empty() { "[]" } else { "]" });
            }
            Self::Object(members) => {
                let mut mark = '{';
                for (name, value) in members {
                    out.push(mark);
                    write_string(name, out);
                    out.push(':');
                    value.write(out);
                    mark = ',';
                }
                out.push_str(if members.is_empty() { "{}" } else { "}" });
            }
        }
    }

    /// Returns its text in the form of [SESS-05].
    pub(crate) fn to_text(&self) -> Text {
        let mut text = Text::default();
        self.write(&mut text);
        text
    }

    /// Returns true if binary64 holds every number in it.
    pub(crate) fn is_finite(&self) -> bool {
        match self {
            Self::Number(text) => binary64(text).is_finite(),
            Self::List(items) => items.iter().all(Self::is_finite),
            Self::Object(members) => members.values().all(Self::is_finite),
            _ => true,
        }
    }

    /// Makes serde_json's form of it.
    pub(crate) fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => (*value).into(),
            Self::Number(text) => number(text),
            Self::Text(text) => Value::String(text.as_ref().into()),
            Self::List(items) => items.iter().map(Self::to_value).collect(),
            Self::Object(members) => {
                members.iter().map(|(name, value)| (String::from(name.as_ref()), value.to_value())).collect()
            }
        }
    }

    /// Puts a change into what came ([SESS-12]): `before` and `after` are what a type of the application's made of it
    /// and what it makes now. What the type does not know stays. Fails where it cannot be told whose that is.
    pub(crate) fn changed(&self, before: &Self, after: &Self) -> Result<Self, &'static str> {
        match (self, before, after) {
            // Nothing that the type does not know.
            _ if self == before => Ok(after.clone()),
            _ if before == after => Ok(self.clone()),
            (Self::Object(came), Self::Object(before), Self::Object(after)) => {
                let unknown = came.iter().filter(|(name, _)| !before.contains_key(*name));
                let mut members: Members<'t> = unknown.map(|(name, value)| (name.clone(), value.clone())).collect();
                for (name, value) in after {
                    let value = match (came.get(name), before.get(name)) {
                        (Some(came), Some(before)) => came.changed(before, value)?,
                        _ => value.clone(),
                    };
                    members.insert(name.clone(), value);
                }
                Ok(Self::Object(members))
            }
            (Self::List(came), Self::List(before), Self::List(after)) if came.len() == before.len() => {
                let origins = origins(before, after).ok_or(ALTERED)?;
                let items = after.iter().zip(origins).map(|(item, origin)| {
                    match origin.and_then(|at| Some((came.get(at)?, before.get(at)?))) {
                        Some((came, before)) => came.changed(before, item),
                        None => Ok(item.clone()),
                    }
                });
                items.collect::<Result<_, _>>().map(Self::List)
            }
            _ => Ok(after.clone()),
        }
    }

    /// Returns true if `seen`, which a type made of it, is an object with a common name wherever one has a mark here.
    pub(crate) fn keeps_marks(&self, seen: &Self) -> bool {
        match (self, seen) {
            (Self::List(items), Self::List(seen)) => items.iter().zip(seen).all(|(item, seen)| item.keeps_marks(seen)),
            (Self::Object(members), Self::Object(seen)) => {
                let common = || members.keys().any(|name| seen.contains_key(name));
                (!members.keys().any(|name| MARKS.contains(&name.as_ref())) || common())
                    && members.iter().all(|(name, value)| seen.get(name).is_none_or(|seen| value.keeps_marks(seen)))
            }
            (Self::Object(members), _) => !members.keys().any(|name| MARKS.contains(&name.as_ref())),
            _ => true,
        }
    }
}

/// Returns true if a crate of this build made serde_json's values take one of [`MARKS`] for something else.
pub(crate) fn marks_are_taken() -> bool {
    let taken =
        |mark| serde_json::from_str::<Value>(&format!(r#"{{"{mark}":"1"}}"#)).is_ok_and(|value| !value.is_object());
    MARKS.into_iter().any(taken)
}

/// By value: neither the order of names nor the spelling of a number counts.
impl PartialEq for Json<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(one), Self::Bool(other)) => one == other,
            (Self::Number(one), Self::Number(other)) => one == other || binary64(one) == binary64(other),
            (Self::Text(one), Self::Text(other)) => one == other,
            (Self::List(one), Self::List(other)) => one == other,
            (Self::Object(one), Self::Object(other)) => one == other,
            _ => false,
        }
    }
}
