//! Numbers that JSON cannot write, and serde_json writes as `null` ([SESS-06]).

use core::fmt;

use serde::{Serialize, ser};

/// Returns true if a value holds no infinity and no NaN.
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

    use super::is_finite;

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
}
