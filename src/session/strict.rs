//! What a session may not hold, because another language would change it in silence ([SESS-06]).

use alloc::{collections::BTreeSet, string::String};
use core::fmt;

use serde::{
    Serialize,
    de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor},
    ser,
};

use crate::limits::{INTEGER_MAX, NESTING_MAX};

/// Checks a whole payload's text, at every depth; returns what is wrong.
pub(super) fn check(text: &str) -> Result<(), &'static str> {
    let mut json = serde_json::Deserializer::from_str(text);
    let mut fault = None;
    Walk { depth: 0, fault: &mut fault }
        .deserialize(&mut json)
        .map_err(|_| fault.unwrap_or("it is not JSON that every language reads alike"))
}

/// Walks one value. serde's errors are allocated texts; the fault is kept beside them.
struct Walk<'a> {
    depth: usize,
    fault: &'a mut Option<&'static str>,
}

impl Walk<'_> {
    fn refuse<E: de::Error>(self, fault: &'static str) -> Result<(), E> {
        *self.fault = Some(fault);
        Err(E::custom(fault))
    }

    /// Returns the depth inside an array or object that begins here.
    fn deeper<E: de::Error>(&mut self) -> Result<usize, E> {
        let depth = self.depth.saturating_add(1);
        if depth > NESTING_MAX {
            *self.fault = Some("it nests deeper than 16 levels, the session's own being one");
            return Err(E::custom("nesting"));
        }
        Ok(depth)
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// How serde_json hands over a number, if another crate of the application turned on its `arbitrary_precision`.
const NUMBER: &str = "$serde_json::private::Number";

const INTEGERS: &str = "an integer is outside -(2^53 - 1) to 2^53 - 1";

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<(), E> {
        if value > INTEGER_MAX { self.refuse(INTEGERS) } else { Ok(()) }
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<(), E> {
        if value.unsigned_abs() > INTEGER_MAX { self.refuse(INTEGERS) } else { Ok(()) }
    }

    /// From 2^53 on, every binary64 number is integral.
    fn visit_f64<E: de::Error>(self, value: f64) -> Result<(), E> {
        if value.is_nan() || value >= 9_007_199_254_740_992.0 || value <= -9_007_199_254_740_992.0 {
            self.refuse(INTEGERS)
        } else {
            Ok(())
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        let depth = self.deeper()?;
        while items.next_element_seed(Walk { depth, fault: &mut *self.fault })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        let mut next = members.next_key::<String>()?;
        if next.as_deref() == Some(NUMBER) {
            let number: String = members.next_value()?;
            return self.visit_f64(number.parse().unwrap_or(f64::NAN));
        }
        let depth = self.deeper()?;
        let mut names = BTreeSet::new();
        while let Some(name) = next {
            if name == "__proto__" {
                return self.refuse("a name is `__proto__`");
            }
            if !names.insert(name) {
                return self.refuse("a name occurs twice in an object");
            }
            members.next_value_seed(Walk { depth, fault: &mut *self.fault })?;
            next = members.next_key()?;
        }
        Ok(())
    }
}

/// Checks that a value holds no infinity and no NaN, which serde_json would write as `null`.
pub(super) fn is_finite<T: Serialize + ?Sized>(value: &T) -> bool {
    value.serialize(Finite).is_ok()
}

/// Serialises to nothing, and fails at a number that is not finite.
#[derive(Clone, Copy)]
struct Finite;

#[derive(Debug)]
struct NotFinite;

impl fmt::Display for NotFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not finite")
    }
}

impl core::error::Error for NotFinite {}

impl ser::Error for NotFinite {
    fn custom<M: fmt::Display>(_: M) -> Self {
        Self
    }
}

/// Accepts a leaf.
macro_rules! leaves {
    ($($method:ident($($type:ty),*);)*) => { $(
        fn $method(self, $(_: $type),*) -> Result<(), NotFinite> {
            Ok(())
        }
    )* };
}

/// Goes into the parts of a compound value.
macro_rules! compounds {
    ($($trait:ident { $($method:ident($($before:ty),*);)* })*) => { $(
        impl ser::$trait for Finite {
            type Ok = ();
            type Error = NotFinite;

            $(fn $method<T: Serialize + ?Sized>(&mut self, $(_: $before,)* value: &T) -> Result<(), NotFinite> {
                value.serialize(*self)
            })*

            fn end(self) -> Result<(), NotFinite> {
                Ok(())
            }
        }
    )* };
}

compounds! {
    SerializeSeq { serialize_element(); }
    SerializeTuple { serialize_element(); }
    SerializeTupleStruct { serialize_field(); }
    SerializeTupleVariant { serialize_field(); }
    SerializeMap { serialize_key(); serialize_value(); }
    SerializeStruct { serialize_field(&'static str); }
    SerializeStructVariant { serialize_field(&'static str); }
}

impl ser::Serializer for Finite {
    type Ok = ();
    type Error = NotFinite;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    leaves! {
        serialize_bool(bool);
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_i128(i128);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
        serialize_u128(u128);
        serialize_char(char);
        serialize_str(&str);
        serialize_bytes(&[u8]);
        serialize_none();
        serialize_unit();
        serialize_unit_struct(&'static str);
        serialize_unit_variant(&'static str, u32, &'static str);
    }

    fn serialize_f32(self, value: f32) -> Result<(), NotFinite> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<(), NotFinite> {
        if value.is_finite() { Ok(()) } else { Err(NotFinite) }
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), NotFinite> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), NotFinite> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), NotFinite> {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, NotFinite> {
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, NotFinite> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, NotFinite> {
        Ok(self)
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Self, NotFinite> {
        Ok(self)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self, NotFinite> {
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, NotFinite> {
        Ok(self)
    }

    fn serialize_struct_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Self, NotFinite> {
        Ok(self)
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, _: &T) -> Result<(), NotFinite> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use alloc::{collections::BTreeMap, string::String, vec, vec::Vec};

    use serde::Serialize;

    use super::{check, is_finite};

    // covers: [SESS-06]
    #[test]
    fn no_infinity_hides_anywhere() {
        #[derive(Serialize)]
        enum Shape {
            Unit,
            New(f64),
            Pair(u8, f32),
            Named { x: f64 },
        }
        #[derive(Serialize)]
        struct Wrapped(f64);
        #[derive(Serialize)]
        struct All {
            list: Vec<Option<f64>>,
            map: BTreeMap<String, (u8, f64)>,
            shapes: Vec<Shape>,
            wrapped: Wrapped,
        }
        let all = |values: [f64; 6]| All {
            list: vec![None, Some(values[0])],
            map: BTreeMap::from([("a".into(), (1, values[1]))]),
            #[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "small test values")]
            shapes: vec![
                Shape::Unit,
                Shape::New(values[2]),
                Shape::Pair(1, values[3] as f32),
                Shape::Named { x: values[4] },
            ],
            wrapped: Wrapped(values[5]),
        };
        assert!(is_finite(&all([0.5; 6])));
        for place in 0..6 {
            for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                let mut values = [0.5; 6];
                values[place] = bad;
                assert!(!is_finite(&all(values)), "{place}");
            }
        }
    }

    // covers: [SESS-06]
    #[test]
    fn names_that_occur_twice_are_refused_at_every_depth() {
        assert_eq!(check(r#"{"a":{"b":1},"c":{"b":1}}"#), Ok(()));
        for twice in [r#"{"a":1,"a":1}"#, r#"{"x":[{"a":1,"b":2,"\u0061":1}]}"#] {
            assert_eq!(check(twice), Err("a name occurs twice in an object"), "{twice}");
        }
    }
}
