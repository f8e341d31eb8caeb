//! Vectors that stand for many calls, whose inputs are computed from a number (`accumulated.json`).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cretula::{
    UntrustedToken,
    limits::{LEEWAY_DEFAULT, LIFE_MAX, LIMIT_DEFAULT, TEST_KEY_PREFIX, TIME_END},
};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    adapter::Adapter,
    answer::{Answer, Reference},
    compare::{self, Difference},
    error::Error,
    finding::{Finding, Outcome},
    hex,
    progress::Progress,
    request,
    vector::Vector,
};

const CASE: &[u8] = b"cretula-accumulated-case";
const MUTATION: &[u8] = b"cretula-accumulated-mutation";
/// How many cases there are; mutations go round them.
const CASES: u32 = 10_000;
/// Calls of a block of outcomes.
const BLOCK: u32 = 1000;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const STARTS: [&[u8; 4]; 8] = [b"CrE1", b"CrS1", b"CrE2", b"CrS0", b"CrE-", b"CrE.", b"crE1", b"C1rE"];

/// Inputs of a request, in the protocol's order.
type Inputs = Vec<(&'static str, Value)>;

/// Asks every call of a vector, one after the other, up to the first that differs from the reference, and compares the
/// digests.
pub(crate) fn run(
    adapter: &mut Adapter,
    vector: &Vector,
    reference: &Reference<'_>,
    progress: &mut dyn Progress,
) -> Result<Result<(), Finding>, Error> {
    let unknown = || Error::vectors("vectors", format_args!("{} is not known to this command", vector.id));
    let (class, op) = match vector.op() {
        Some("seal") => ("sealer", "seal"),
        Some("sign") => ("signer", "sign"),
        Some("unseal") => ("unsealer", "unseal"),
        Some("verify") => ("verifier", "verify"),
        _ => return Err(unknown()),
    };
    let calls = vector.calls();
    if op == "seal" && !adapter.hello.fixed {
        progress.advances(calls);
        let reason = "the runner: no entry point for fixed salt and iv";
        return Ok(Err(Finding::new(Outcome::Skipped, "digests over tokens", reason)));
    }
    let (mut all, mut block, mut blocks) = (Sha256::new(), Sha256::new(), Vec::new());
    for number in 0..u32::try_from(calls).map_err(|_| unknown())? {
        progress.advances(1);
        let id = format!("{}/{number}", vector.id);
        let inputs = inputs(reference, op, number).ok_or_else(unknown)?;
        let own = own(reference, class, op, &inputs).ok_or_else(unknown)?;
        let request = request::write(&id, class, op, inputs);
        let outcome = match adapter.ask(&id, &request)? {
            Ok(answer) => compare(&own, &answer),
            Err(broken) => Err(Finding::broken_off(broken, expected(&own))),
        };
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(finding) => {
                let expected = format!("call {number}: {}", finding.expected);
                return Ok(Err(Finding { expected, request, ..finding }));
            }
        };
        for digest in [&mut all, &mut block] {
            digest.update(outcome.as_bytes());
            digest.update(b"\n");
        }
        if number % BLOCK == BLOCK - 1 {
            blocks.push(hex::encode(&std::mem::take(&mut block).finalize()));
        }
    }
    // Every call agreed with the reference: if a digest differs, the reference or the vector is wrong.
    let got = json!({ "sha256": hex::encode(&all.finalize()), "blocks": blocks });
    let expected = vector.members.get("result").cloned().unwrap_or_default();
    Ok(compare::same("sha256", expected.get("sha256"), got.get("sha256"))
        .and_then(|()| compare::same("blocks", expected.get("blocks"), got.get("blocks")))
        .map_err(|Difference { expected, got }| {
            Finding::new(Outcome::WrongValue, expected, format!("{got}, as with this command's own library"))
        }))
}

/// Makes the same call of the reference; `None` if it is none.
fn own(reference: &Reference<'_>, class: &str, op: &str, inputs: &Inputs) -> Option<Answer> {
    let head = [("class", class.into()), ("op", op.into())];
    let members = head.into_iter().chain(inputs.iter().cloned());
    let request: Map<_, _> = members.map(|(name, value)| (name.to_owned(), value)).collect();
    match reference(&Value::Object(request)) {
        Ok(Answer::Skip(_)) | Err(_) => None,
        Ok(answer) => Some(answer),
    }
}

fn expected(own: &Answer) -> String {
    match own {
        Answer::Error(code, _) => format!("error {code}"),
        _ => "a result".to_owned(),
    }
}

/// Compares with the answer of the reference. Returns the outcome as it is hashed.
fn compare(own: &Answer, answer: &Answer) -> Result<String, Finding> {
    let finding = |outcome, got: String| Finding::new(outcome, expected(own), got);
    match (own, answer) {
        (_, Answer::Skip(reason)) => Err(finding(Outcome::Skipped, reason.clone())),
        (Answer::Error(expected, _), Answer::Error(code, _)) if code == expected => Ok(code.clone()),
        (_, Answer::Error(code, _)) => Err(finding(Outcome::WrongCode, format!("error {code}"))),
        (Answer::Result(expected), Answer::Result(got)) => {
            let same = expected.keys().try_for_each(|name| compare::member(name, expected, got));
            same.map_err(|Difference { expected, got }| Finding::new(Outcome::WrongValue, expected, got))?;
            Ok(got.get("token").and_then(Value::as_str).unwrap_or("ok").to_owned())
        }
        (_, Answer::Result(got)) => Err(finding(Outcome::Accepted, Value::Object(got.clone()).to_string())),
    }
}

fn inputs(reference: &Reference<'_>, op: &str, number: u32) -> Option<Inputs> {
    match op {
        "seal" => Case::new(number)?.sealing(true),
        "sign" => Case::new(number)?.sealing(false),
        "unseal" => mutation(reference, number, true),
        _ => mutation(reference, number, false),
    }
}

fn be(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// **Case i** of the README.
struct Case {
    stream: Vec<u8>,
    issued_at: u64,
    ttl: u64,
}

impl Case {
    fn new(number: u32) -> Option<Self> {
        let mut stream = Vec::new();
        // 64 bytes, and a payload of at most 511.
        for part in 0..18_u32 {
            let hash = Sha256::new().chain_update(CASE).chain_update(number.to_be_bytes());
            stream.extend_from_slice(&hash.chain_update(part.to_be_bytes()).finalize());
        }
        let issued_at = be(stream.get(18..24)?);
        let ttl = 1 + be(stream.get(24..28)?) % u64::from(LIFE_MAX);
        Some(Self { stream, issued_at, ttl })
    }

    fn bytes(&self, from: usize, to: usize) -> Option<&[u8]> {
        self.stream.get(from..to)
    }

    /// Keyring, audience and purpose.
    fn setting(&self) -> Option<Inputs> {
        let key = hex::encode(&[TEST_KEY_PREFIX, self.bytes(0, 16)?].concat());
        let (audience, purpose) = (self.stream.get(16)?, self.stream.get(17)?);
        Some(vec![
            ("keyring", json!([{ "key": key }])),
            ("audience", format!("audience-{audience}").into()),
            ("purpose", format!("purpose-{purpose}").into()),
        ])
    }

    fn sealing(&self, sealed: bool) -> Option<Inputs> {
        let length = usize::try_from(be(self.bytes(52, 54)?) % 512).ok()?;
        let mut inputs = self.setting()?;
        inputs.extend([
            ("limit", json!(LIMIT_DEFAULT)),
            ("now", self.issued_at.into()),
            ("ttl", self.ttl.into()),
            ("payload", hex::encode(self.bytes(64, 64_usize.checked_add(length)?)?).into()),
        ]);
        if sealed {
            inputs.push(("salt", hex::encode(self.bytes(28, 40)?).into()));
            inputs.push(("iv", hex::encode(self.bytes(40, 52)?).into()));
        }
        Some(inputs)
    }
}

/// **Mutation j** of the README.
fn mutation(reference: &Reference<'_>, number: u32, sealed: bool) -> Option<Inputs> {
    let m = Sha256::new().chain_update(MUTATION).chain_update(number.to_be_bytes()).finalize();
    let case = Case::new(number % CASES)?;
    let (class, op) = if sealed { ("sealer", "seal") } else { ("signer", "sign") };
    let Some(Answer::Result(made)) = own(reference, class, op, &case.sealing(sealed)?) else { return None };
    let mut text = made.get("token")?.as_str()?.as_bytes().to_vec();
    let last = text.len().checked_sub(1)?;
    let (draw, choice) = (be(m.get(0..4)?), u64::from(*m.get(6)?));
    let p = usize::try_from(draw % u64::try_from(text.len()).ok()?).ok()?;
    let c = 32 + *m.get(4)? % 95;
    let (mut now, mut max_age, mut limit) = (Some(case.issued_at), u64::from(LIFE_MAX), text.len().max(LIMIT_DEFAULT));
    match m.get(5)? % 12 {
        0 => *text.get_mut(p)? = c,
        1 => drop(text.remove(p)),
        2 => text.insert(p, c),
        3 => text.truncate(p),
        4 => text.swap(p, if p == last { 0 } else { p.checked_add(1)? }),
        5 => {
            let mut bytes = UntrustedToken::parse(&text, text.len()).ok()?.bytes;
            let at = usize::try_from(draw % u64::try_from(bytes.len()).ok()?).ok()?;
            *bytes.get_mut(at)? ^= 1 << (choice % 8);
            text = URL_SAFE_NO_PAD.encode(bytes).into_bytes();
        }
        6 => *text.get_mut(last)? = *ALPHABET.get(usize::try_from(choice % 64).ok()?)?,
        7 => text.get_mut(..4)?.copy_from_slice(*STARTS.get(usize::try_from(choice % 8).ok()?)?),
        8 => now = case.issued_at.checked_add(case.ttl)?.checked_add(choice % 4)?.checked_sub(2),
        9 => now = case.issued_at.checked_add(choice % 4)?.checked_sub(62),
        10 => {
            max_age = 1 + be(m.get(8..12)?) % u64::from(LIFE_MAX);
            now = case.issued_at.checked_add(max_age)?.checked_add(choice % 4)?.checked_sub(2);
        }
        _ => limit = last.checked_add(usize::try_from(choice % 2).ok()?)?,
    }
    let now = now.unwrap_or(0).min(TIME_END - 1);
    let mut inputs = case.setting()?;
    inputs.extend([
        ("max_age", max_age.into()),
        ("leeway", LEEWAY_DEFAULT.into()),
        ("limit", json!(limit)),
        ("now", now.into()),
        ("token", String::from_utf8(text).ok()?.into()),
    ]);
    Some(inputs)
}
