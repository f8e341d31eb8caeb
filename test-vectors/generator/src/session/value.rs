//! JSON texts inside payloads: numbers stay as they were written.

/// Holds a JSON value.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

/// By value ([SESS-11]): no spelling of a number, no order of names.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(one), Self::Bool(other)) => one == other,
            (Self::Number(one), Self::Number(other)) => {
                let value = |text: &str| text.parse::<f64>().expect("a number of JSON");
                value(one) == value(other)
            }
            (Self::Text(one), Self::Text(other)) => one == other,
            (Self::List(one), Self::List(other)) => one == other,
            (Self::Object(one), Self::Object(other)) => {
                one.len() == other.len() && one.iter().all(|member| other.contains(member))
            }
            _ => false,
        }
    }
}

/// Returns the value of a JSON text; none if it is not one (or has an unpaired surrogate).
pub(crate) fn parse(text: &str) -> Option<Value> {
    let mut parser = Parser { rest: text };
    let value = parser.value()?;
    parser.space();
    parser.rest.is_empty().then_some(value)
}

/// Returns the members of a JSON text of one object, as [SESS-01], [SESS-03] and [SESS-06] judge it.
pub(crate) fn object(text: &[u8]) -> Option<Vec<(String, Value)>> {
    let text = std::str::from_utf8(text).ok()?;
    let value = parse(text)?;
    let refused = text.starts_with('\u{feff}') || value.depth() > 16 || !value.is_portable();
    match value {
        Value::Object(members) if !refused => Some(members),
        _ => None,
    }
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn take(&mut self, token: &str) -> bool {
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn value(&mut self) -> Option<Value> {
        self.space();
        for (word, value) in [("null", Value::Null), ("true", Value::Bool(true)), ("false", Value::Bool(false))] {
            if self.take(word) {
                return Some(value);
            }
        }
        match self.rest.chars().next()? {
            '"' => self.string().map(Value::Text),
            '[' => self.items(']', |parser| parser.value()).map(Value::List),
            '{' => self.items('}', Self::member).map(Value::Object),
            _ => self.number(),
        }
    }

    fn member(&mut self) -> Option<(String, Value)> {
        self.space();
        let name = self.string()?;
        self.space();
        self.take(":").then_some(())?;
        Some((name, self.value()?))
    }

    fn items<T>(&mut self, end: char, item: fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.rest = &self.rest[1..];
        let mut items = Vec::new();
        self.space();
        if self.take(&end.to_string()) {
            return Some(items);
        }
        loop {
            items.push(item(self)?);
            self.space();
            if self.take(&end.to_string()) {
                return Some(items);
            }
            self.take(",").then_some(())?;
        }
    }

    fn string(&mut self) -> Option<String> {
        self.take("\"").then_some(())?;
        let mut units: Vec<u16> = Vec::new();
        loop {
            let letter = self.rest.chars().next()?;
            self.rest = &self.rest[letter.len_utf8()..];
            match letter {
                '"' => return String::from_utf16(&units).ok(),
                '\0'..='\x1f' => return None,
                '\\' => {
                    let escape = self.rest.chars().next()?;
                    self.rest = &self.rest[escape.len_utf8()..];
                    let unit = match escape {
                        'u' => {
                            let digits = self.rest.get(..4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
                            self.rest = &self.rest[4..];
                            u16::from_str_radix(digits, 16).ok()?
                        }
                        '"' | '\\' | '/' => u16::try_from(u32::from(escape)).ok()?,
                        'b' => 8,
                        't' => 9,
                        'n' => 10,
                        'f' => 12,
                        'r' => 13,
                        _ => return None,
                    };
                    units.push(unit);
                }
                _ => units.extend(letter.encode_utf16(&mut [0; 2]).iter()),
            }
        }
    }

    fn number(&mut self) -> Option<Value> {
        let whole = self.rest;
        let digits = |parser: &mut Self| {
            let rest = parser.rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
            let count = parser.rest.len() - rest.len();
            parser.rest = rest;
            (count > 0).then_some(())
        };
        self.take("-");
        if !self.take("0") {
            digits(self)?;
        }
        if self.take(".") {
            digits(self)?;
        }
        if self.take("e") || self.take("E") {
            let _ = self.take("+") || self.take("-");
            digits(self)?;
        }
        Some(Value::Number(whole[..whole.len() - self.rest.len()].to_owned()))
    }
}

impl Value {
    /// Returns how deep arrays and objects nest; 0 for what is neither.
    pub(crate) fn depth(&self) -> usize {
        match self {
            Self::List(items) => 1 + items.iter().map(Self::depth).max().unwrap_or(0),
            Self::Object(members) => 1 + members.iter().map(|(_, value)| value.depth()).max().unwrap_or(0),
            _ => 0,
        }
    }

    /// Returns whether a text of it can be taken at all: no name twice in an object, no number beyond binary64.
    pub(crate) fn is_taken(&self) -> bool {
        match self {
            Self::Number(text) => text.parse::<f64>().expect("a number of JSON").is_finite(),
            Self::List(items) => items.iter().all(Self::is_taken),
            Self::Object(members) => members
                .iter()
                .enumerate()
                .all(|(at, (name, value))| !members[..at].iter().any(|(other, _)| other == name) && value.is_taken()),
            _ => true,
        }
    }

    /// Returns whether every language reads and writes it alike ([SESS-06], nesting apart).
    pub(crate) fn is_portable(&self) -> bool {
        match self {
            Self::Number(text) => {
                let value: f64 = text.parse().expect("a number of JSON");
                value.is_finite() && (value.fract() != 0.0 || value.abs() <= 9_007_199_254_740_991.0)
            }
            Self::List(items) => items.iter().all(Self::is_portable),
            Self::Object(members) => members.iter().enumerate().all(|(at, (name, value))| {
                let twice = members[..at].iter().any(|(other, _)| other == name);
                !twice && name != "__proto__" && value.is_portable()
            }),
            _ => true,
        }
    }

    /// Returns the text of [SESS-05].
    pub(crate) fn write(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Number(text) => number(text),
            Self::Text(text) => quote(text),
            Self::List(items) => format!("[{}]", items.iter().map(Self::write).collect::<Vec<_>>().join(",")),
            Self::Object(members) => {
                let member = |(name, value): &(String, Self)| format!("{}:{}", quote(name), value.write());
                format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(","))
            }
        }
    }
}

/// Returns a number as ECMAScript writes it: digits as they are for what is no fraction.
fn number(text: &str) -> String {
    let value: f64 = text.parse().expect("a number of JSON");
    if value == 0.0 {
        return "0".to_owned();
    }
    // The shortest digits that read back to the value, and its exponent.
    let digits = even(&format!("{:e}", value.abs()), value.abs());
    let (digits, exponent) = digits.split_once('e').expect("an exponent");
    let (all, exponent): (_, i32) = (digits.replace('.', ""), exponent.parse().expect("a number"));
    let written = match usize::try_from(exponent) {
        Ok(exponent) if all.len() <= exponent + 1 => format!("{all:0<width$}", width = exponent + 1),
        Ok(exponent) => format!("{}.{}", &all[..=exponent], &all[exponent + 1..]),
        Err(_) if exponent >= -6 => format!("0.{}{all}", &"00000"[..usize::try_from(-1 - exponent).expect("small")]),
        Err(_) => format!("{digits}e{exponent}"),
    };
    format!("{}{written}", if value < 0.0 { "-" } else { "" })
}

/// Of two equally close texts of the shortest length, returns the one whose last digit is even: `{:e}` rounds up.
fn even(shortest: &str, value: f64) -> String {
    let (digits, exponent) = shortest.split_once('e').expect("an exponent");
    let exact = format!("{value:.1100e}");
    let exact = exact.split_once('e').expect("an exponent").0.trim_end_matches('0');
    let below = &exact[..exact.len() - 1];
    let is_tie = exact.ends_with('5') && below.len() == digits.len();
    let is_even = below.ends_with(['0', '2', '4', '6', '8']);
    let other = format!("{below}e{exponent}");
    if is_tie && is_even && other.parse() == Ok(value) { other } else { shortest.to_owned() }
}

fn quote(text: &str) -> String {
    let letter = |letter: char| match letter {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        '\u{8}' => "\\b".to_owned(),
        '\t' => "\\t".to_owned(),
        '\n' => "\\n".to_owned(),
        '\u{c}' => "\\f".to_owned(),
        '\r' => "\\r".to_owned(),
        '\0'..='\x1f' => format!("\\u{:04x}", u32::from(letter)),
        _ => letter.to_string(),
    };
    format!("\"{}\"", text.chars().map(letter).collect::<String>())
}
