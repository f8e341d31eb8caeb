//! The members of a request.

use std::time::Duration;

use cretula_conform::hex;
use serde_json::Value;

use super::outcome::No;

/// Reads a member of a type.
macro_rules! member {
    ($name:ident, $type:ty, $as:ident) => {
        pub(super) fn $name<'a>(value: &'a Value, name: &str) -> Result<$type, No> {
            value.get(name).and_then(Value::$as).ok_or_else(|| No::request(format!("{name} is missing")))
        }
    };
}
member!(text, &'a str, as_str);
member!(list, &'a Vec<Value>, as_array);

pub(super) fn number(value: &Value, name: &str) -> Result<u64, No> {
    value.get(name).and_then(Value::as_u64).ok_or_else(|| No::request(format!("{name} is missing")))
}

/// Reads a number of seconds. What 32 bits do not hold is out of every range, as their greatest is.
pub(super) fn seconds(value: &Value, name: &str) -> Result<u32, No> {
    Ok(u32::try_from(number(value, name)?).unwrap_or(u32::MAX))
}

/// The same as a life.
pub(super) fn life(value: &Value, name: &str) -> Result<Duration, No> {
    Ok(Duration::from_secs(number(value, name)?))
}

pub(super) fn bytes(value: &Value, name: &str) -> Result<Vec<u8>, No> {
    hex::decode(text(value, name)?).ok_or_else(|| No::request(format!("{name} is not hexadecimal")))
}
