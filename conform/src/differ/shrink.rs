//! Makes a case smaller as long as it shows the same.

use serde_json::{Value, json};

use super::{case::Case, setting::BASE, units::units};

/// Members that may be left out, wherever they are.
const OPTIONAL: [&str; 23] = [
    "check",
    "denied",
    "gen",
    "cache_control",
    "seal_from",
    "accept_until",
    "secure",
    "path",
    "domain",
    "same_site",
    "partitioned",
    "browser_session",
    "large",
    "previous",
    "auth_time",
    "mutation",
    "made_from",
    "token",
    "keyring",
    "exchange",
    "commit_as",
    "commits",
    "after",
];
/// Members that stay as they are.
const KEPT: [&str; 9] = ["key", "kind", "salt", "iv", "sid", "id", "random", "same_site", "fields"];
/// Members of hexadecimal digits, of which pairs are taken away.
const DIGITS: [&str; 4] = ["payload_hex", "text_hex", "bytes", "insert"];
/// The greatest number of pieces that are taken away one by one.
const SINGLE: usize = 400;

/// Where a value is: names and positions from the case's members down.
type Path = Vec<Step>;

#[derive(Clone, Debug)]
enum Step {
    Name(String),
    At(usize),
}

/// Tries smaller cases, each made of the last one that `shows` the same, until none does or it is tried so often.
pub(crate) fn shrink(case: Case, tries: usize, shows: &mut dyn FnMut(&Case) -> Option<Case>) -> Case {
    let (mut smallest, mut left) = (case, tries);
    loop {
        let before = smallest.clone();
        for path in paths(&Value::Object(smallest.members.clone())) {
            at(&mut smallest, &path, &mut left, shows);
        }
        if smallest == before || left == 0 {
            return smallest;
        }
    }
}

/// Returns the path of every value, those around others first.
fn paths(value: &Value) -> Vec<Path> {
    let mut found = Vec::new();
    let mut below = |step: Step, value: &Value| {
        found.push(vec![step.clone()]);
        found.extend(paths(value).into_iter().map(|path| [vec![step.clone()], path].concat()));
    };
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| below(Step::Name(name.clone()), value));
        }
        Value::Array(items) => items.iter().enumerate().for_each(|(at, value)| below(Step::At(at), value)),
        _ => {}
    }
    found
}

fn place<'a>(members: &'a mut Value, path: &[Step]) -> Option<&'a mut Value> {
    path.iter().try_fold(members, |value, step| match step {
        Step::Name(name) => value.get_mut(name),
        Step::At(at) => value.get_mut(*at),
    })
}

/// Makes what is at a path smaller.
fn at(smallest: &mut Case, path: &[Step], left: &mut usize, shows: &mut dyn FnMut(&Case) -> Option<Case>) {
    let names: Vec<&str> =
        path.iter().filter_map(|step| if let Step::Name(name) = step { Some(name.as_str()) } else { None }).collect();
    let Some(name) = names.last().copied() else { return };
    // The token that is made from something is made anew.
    let is_made = name == "token" && smallest.members.contains_key("made_from");
    if is_made || names.iter().any(|name| KEPT.contains(name)) {
        return;
    }
    let mut change = |smallest: &mut Case, edit: &dyn Fn(&mut Value)| {
        if *left == 0 {
            return false;
        }
        let mut members = Value::Object(smallest.members.clone());
        edit(&mut members);
        let Value::Object(members) = members else { return false };
        if members == smallest.members {
            return false;
        }
        *left -= 1;
        match shows(&Case { members, ..smallest.clone() }) {
            Some(case) => {
                *smallest = case;
                true
            }
            None => false,
        }
    };
    if let Some((Step::Name(last), around)) = path.split_last()
        && OPTIONAL.contains(&last.as_str())
    {
        let without = |members: &mut Value| {
            if let Some(Value::Object(around)) = place(members, around) {
                around.remove(last);
                // A session without its token is a new one.
                if last == "made_from" {
                    around.remove("token");
                }
            }
        };
        if change(smallest, &without) {
            return;
        }
    }
    let mut now = Value::Object(smallest.members.clone());
    match place(&mut now, path) {
        Some(Value::Array(items)) => {
            let set = |pieces: &[Value]| Value::from(pieces.to_vec());
            fewer(smallest, path, items.clone(), &set, &mut change);
        }
        Some(Value::String(text)) if DIGITS.contains(&name) || (name == "payload" && is_hexadecimal(smallest)) => {
            let pairs = text.as_bytes().chunks(2).map(|pair| String::from_utf8_lossy(pair).into_owned()).collect();
            fewer(smallest, path, pairs, &|pairs: &[String]| pairs.concat().into(), &mut change);
        }
        Some(Value::String(text)) => {
            let join = |pieces: &[String]| Value::from(pieces.concat());
            let pieces = units(text).into_iter().map(str::to_owned).collect();
            fewer(smallest, path, pieces, &join, &mut change);
            let mut now = Value::Object(smallest.members.clone());
            if let Some(Value::String(text)) = place(&mut now, path)
                && text.chars().count() <= SINGLE
            {
                fewer(smallest, path, text.chars().map(String::from).collect(), &join, &mut change);
            }
        }
        Some(Value::Number(number)) => {
            let number = number.as_u64().unwrap_or_default();
            for simple in [0, 1, 7, 60, 1800, BASE, BASE + 60, 86_400, number / 2, number.saturating_sub(1)] {
                let simpler = simple < number || (simple % 100 == 0 && number % 100 != 0);
                let to = |members: &mut Value| {
                    if let Some(value) = place(members, path) {
                        *value = simple.into();
                    }
                };
                if simpler && change(smallest, &to) {
                    break;
                }
            }
        }
        Some(Value::Bool(true)) if name == "ended" || name == "test_keys" => {
            let to = json!(name == "test_keys");
            change(smallest, &|members| {
                if let Some(value) = place(members, path) {
                    *value = to.clone();
                }
            });
        }
        _ => {}
    }
}

fn is_hexadecimal(case: &Case) -> bool {
    !matches!(case.class, "session" | "cookie")
}

/// Makes an edit of a case's members, if it shows the same after it.
type Change<'a> = &'a mut dyn FnMut(&mut Case, &dyn Fn(&mut Value)) -> bool;

/// Takes pieces away: all, halves, quarters and so on, wherever they begin.
fn fewer<T: Clone>(
    smallest: &mut Case,
    path: &[Step],
    mut pieces: Vec<T>,
    join: &dyn Fn(&[T]) -> Value,
    change: Change<'_>,
) {
    let mut size = pieces.len();
    while size > 0 {
        let mut from = 0;
        while from + size <= pieces.len() {
            let mut left = pieces.clone();
            left.drain(from..from + size);
            let value = join(&left);
            let set = |members: &mut Value| {
                if let Some(place) = place(members, path) {
                    *place = value.clone();
                }
            };
            if change(smallest, &set) {
                pieces = left;
            } else {
                // Small pieces are tried at each place, large ones side by side.
                from += if size <= 8 { 1 } else { size };
            }
        }
        size = match size {
            // A member of JSON is a name, a colon, a value and a comma.
            9..=15 => 8,
            1..=8 => size - 1,
            size => size / 2,
        };
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Case, shrink};

    #[test]
    fn keeps_what_shows_the_same_and_nothing_else() {
        let members = json!({
            "policy": { "idle": 12_345, "absolute": 86_400, "leeway": 60 },
            "check": { "gen": 7 },
            "requests": [
                { "actions": [{ "send": true }], "now": 1 },
                { "actions": [{ "set_data": "{\"a\":[1,2],\"b\":{\"__proto__\":7},\"c\":0}" }, { "send": true }], "now": 5 },
            ],
        });
        let mut tries = 0;
        let mut shows = |case: &Case| {
            tries += 1;
            let text = serde_json::Value::Object(case.members.clone()).to_string();
            text.contains("{\\\"__proto__\\\":7}").then(|| case.clone())
        };
        let smallest = shrink(Case::new("session", "run", members), 5000, &mut shows);
        let expected = json!({
            "policy": { "idle": 0, "absolute": 0, "leeway": 0 },
            "requests": [{ "actions": [{ "set_data": "{\"__proto__\":7}" }], "now": 0 }],
        });
        assert_eq!(serde_json::Value::Object(smallest.members), expected);
        assert!(tries < 300, "{tries}");
    }
}
