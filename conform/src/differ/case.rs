//! A case: the inputs of a vector, with what its tokens are made from.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use serde_json::{Map, Value};

use super::forge::forged;
use crate::{hex, request};

pub(crate) type Members = Map<String, Value>;

/// One case, in the form of a vector: `made_from` with `mutation`, or `tokens` with `template`, say how `token` and
/// `fields` are made.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Case {
    pub(crate) class: &'static str,
    pub(crate) op: &'static str,
    pub(crate) members: Members,
}

impl Case {
    pub(crate) fn new(class: &'static str, op: &'static str, members: Value) -> Self {
        let members = if let Value::Object(members) = members { members } else { Members::new() };
        Self { class, op, members }
    }

    /// Makes the tokens. `None` if one cannot be made.
    pub(crate) fn make(mut self) -> Option<Self> {
        if let Some(from) = self.members.get("made_from") {
            let mut token = made(from, self.class)?;
            for step in self.members.get("mutation").and_then(Value::as_array).into_iter().flatten() {
                token = mutated(&token, step)?;
            }
            self.members.insert("token".to_owned(), token.into());
        }
        if let Some(template) = self.members.get("template") {
            let tokens = self.members.get("tokens")?.as_array()?;
            let tokens: Vec<_> = tokens.iter().map(|from| made(from, self.class)).collect::<Option<_>>()?;
            let fields = template.as_array()?.iter();
            let fields: Vec<_> = fields.map(|field| Some(filled(field.as_str()?, &tokens))).collect::<Option<_>>()?;
            self.members.insert("fields".to_owned(), fields.into());
            let filled_in = |template: Option<&Value>, texts: &[String]| -> Option<Value> {
                template?.as_array()?.iter().map(|text| Some(Value::from(filled(text.as_str()?, texts)))).collect()
            };
            if let Some(ids) = filled_in(self.members.get("id_template"), &tokens) {
                self.members.insert("ids".to_owned(), ids);
            }
            if let Some(jwts) = self.members.get("jwts").and_then(Value::as_array) {
                let jwts: Vec<_> = jwts.iter().map(|jwt| jwt_of(jwt, &tokens)).collect::<Option<_>>()?;
                let responses = filled_in(self.members.get("response_template"), &jwts)?;
                self.members.insert("responses".to_owned(), responses);
            }
        }
        Some(self)
    }

    /// Returns the members of the request, as the reference takes them.
    pub(crate) fn request(&self) -> Value {
        let mut members: Members = self.inputs().map(|(name, value)| (name.to_owned(), value.clone())).collect();
        members.insert("class".to_owned(), self.class.into());
        members.insert("op".to_owned(), self.op.into());
        Value::Object(members)
    }

    /// Returns the line of the request.
    pub(crate) fn line(&self, id: &str) -> String {
        request::write(id, self.class, self.op, self.inputs().map(|(name, value)| (name, value.clone())))
    }

    fn inputs(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        let names = request::inputs(self.class, self.op).unwrap_or_default();
        names.iter().filter_map(|name| Some((*name, self.members.get(*name)?)))
    }
}

/// Makes a token of the fixed values in `from`. Its payload is hexadecimal in the vectors of tokens, a string in those of
/// sessions and cookies.
fn made(from: &Value, class: &str) -> Option<String> {
    let text = |name| from.get(name).and_then(Value::as_str);
    match (text("payload_hex"), text("payload").unwrap_or_default()) {
        (None, payload) if matches!(class, "session" | "cookie" | "device") => forged(from, payload.as_bytes()),
        (digits, payload) => forged(from, &hex::decode(digits.unwrap_or(payload))?),
    }
}

/// Makes a JWT, signed by its key or with the octets that are given.
fn jwt_of(jwt: &Value, tokens: &[String]) -> Option<String> {
    let text = |name| jwt.get(name).and_then(Value::as_str);
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let message = format!("{}.{}", part(text("header")?), part(&filled(text("claims")?, tokens)));
    let signature = match text("key") {
        Some(key) => {
            let signature: Signature = SigningKey::from_slice(&hex::decode(key)?).ok()?.sign(message.as_bytes());
            signature.to_bytes().to_vec()
        }
        None => hex::decode(text("signature")?)?,
    };
    Some(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// Takes a step of `mutation`, on the text or on its bytes; `None` if what it changes is not there.
fn mutated(token: &str, step: &Value) -> Option<String> {
    let (unit, step) = step.as_object()?.iter().next()?;
    let number = |name| usize::try_from(step.get(name)?.as_u64()?).ok();
    let (at, end) = (number("at")?, number("at")?.checked_add(number("delete")?)?);
    let insert = step.get("insert")?.as_str()?;
    if unit == "bytes" {
        let mut bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        bytes.get(at..end)?;
        bytes.splice(at..end, hex::decode(insert)?);
        return Some(URL_SAFE_NO_PAD.encode(bytes));
    }
    let mut characters: Vec<char> = token.chars().collect();
    characters.get(at..end)?;
    characters.splice(at..end, insert.chars());
    Some(characters.into_iter().collect())
}

/// Puts tokens where `{N}`, `{N:a:b}` and `{N:a:}` stand.
fn filled(template: &str, tokens: &[String]) -> String {
    let mut pieces = template.split('{');
    let mut filled = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_once('}').and_then(|(inside, after)| Some((part(inside, tokens)?, after))) {
            Some((token, after)) => filled.extend([token, after]),
            None => filled.extend(["{", piece]),
        }
    }
    filled
}

fn part<'a>(inside: &str, tokens: &'a [String]) -> Option<&'a str> {
    let numbers: Vec<_> = inside.split(':').collect();
    let token = tokens.get(numbers.first()?.parse::<usize>().ok()?)?;
    match numbers.as_slice() {
        [_] => Some(token),
        [_, from, ""] => token.get(from.parse().ok()?..),
        [_, from, to] => token.get(from.parse().ok()?..to.parse().ok()?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{filled, mutated};

    #[test]
    fn fills_templates_as_the_generators_do() {
        let tokens = ["abcdef".to_owned()];
        assert_eq!(filled("n={0}; m={0:1:3}{0:4:}{1}{x}{", &tokens), "n=abcdef; m=bcef{1}{x}{");
    }

    #[test]
    fn takes_steps_of_mutations() {
        let step = |unit: &str, at: u64, delete: u64, insert: &str| {
            mutated("QUJD", &json!({ unit: { "at": at, "delete": delete, "insert": insert } }))
        };
        assert_eq!(step("text", 1, 2, "é").as_deref(), Some("QéD"));
        assert_eq!(step("bytes", 0, 1, "42").as_deref(), Some("QkJD"));
        assert_eq!((step("text", 4, 1, ""), step("bytes", 3, 1, "")), (None, None));
    }
}
