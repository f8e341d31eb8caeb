//! Free-form session data.

use alloc::{string::String, vec::Vec};
use core::{
    cell::Cell,
    fmt,
    ops::{Deref, DerefMut},
    str::FromStr,
};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

use super::value::number;
use crate::{
    error::SealError,
    json::{self, Json},
};

/// Free-form session data: a JSON object, whose names may be any.
///
/// Prefer it to a `serde_json::Value` inside a type of your own. If another crate of the build turns on serde_json's
/// `raw_value` or `arbitrary_precision`, that type takes some names for marks of its own, and a session in which a user
/// put such a name there is refused as `payload_invalid`. Here they are names like any other.
///
/// ```
/// use cretula::Data;
///
/// let mut data = Data::default();
/// data.insert("theme".into(), "dark".into());
/// assert_eq!(data["theme"], "dark");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Data(Map<String, Value>);

impl Deref for Data {
    type Target = Map<String, Value>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Data {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl From<Map<String, Value>> for Data {
    fn from(members: Map<String, Value>) -> Self {
        Self(members)
    }
}

impl IntoIterator for Data {
    type Item = (String, Value);
    type IntoIter = serde_json::map::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FromIterator<(String, Value)> for Data {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(members: I) -> Self {
        Self(members.into_iter().collect())
    }
}

/// Reads the JSON text of an object.
///
/// ```
/// use cretula::Data;
///
/// let data: Data = r#"{"theme":"dark"}"#.parse()?;
/// assert_eq!(data["theme"], "dark");
/// assert!(r#"{"theme":"dark","theme":"light"}"#.parse::<Data>().is_err());
/// # Ok::<(), cretula::SealError>(())
/// ```
///
/// # Errors
/// [`SealError::PayloadUnserializable`] for anything but the JSON text of an object, for a name that occurs twice in an
/// object, a lone surrogate, and a number beyond binary64.
impl FromStr for Data {
    type Err = SealError;

    fn from_str(text: &str) -> Result<Self, SealError> {
        let read = json::read_within(text, json::SERDE_LEVELS).ok().filter(Json::is_finite);
        match read.map(|read| read.to_value()) {
            Some(Value::Object(members)) => Ok(Self(members)),
            _ => Err(SealError::PayloadUnserializable),
        }
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_map(Free(None))? {
            Value::Object(members) => Ok(Self(members)),
            _ => Err(D::Error::custom("not an object")),
        }
    }
}

/// How serde_json hands over a number, if another crate of the build turned on its `arbitrary_precision`: as an object
/// of this one member.
const NUMBER: &str = "$serde_json::private::Number";

/// Reads any value. Inside it is told, for the value of a member named [`NUMBER`], that the text is the number's: only
/// then serde_json's reader hands over a `String` of its own, and not a part of the document.
#[derive(Clone, Copy)]
struct Free<'a>(Option<&'a Cell<bool>>);

impl<'de> DeserializeSeed<'de> for Free<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Free<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Value, E> {
        let Some(is_number) = self.0 else { return Ok(text.into()) };
        is_number.set(true);
        Ok(number(&text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Free(None))? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let is_number = Cell::new(false);
            let value = members.next_value_seed(Free((name == NUMBER).then_some(&is_number)))?;
            if is_number.get() {
                return Ok(value);
            }
            object.insert(name, value);
        }
        Ok(object.into())
    }
}
