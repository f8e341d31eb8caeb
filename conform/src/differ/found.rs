//! What a run of the random tester gave, as data.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    case::{Case, Members},
    told::{Difference, Told},
};
use crate::{answer::Answer, matrix::Implementation, request, text::printable};

/// What came of many cases. As JSON it is the document of `cretula conform differ --json`.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Differences {
    /// Version of the suite.
    pub suite: String,
    /// The number from which the cases are made.
    pub seed: u64,
    /// How many cases there were.
    pub cases: u64,
    /// Duration of the run.
    pub seconds: f64,
    /// The implementations, in the order in which their adapters were given, without the reference.
    pub implementations: Vec<Implementation>,
    /// How many answers each of them skipped, or was not asked for.
    pub left_out: Vec<u64>,
    /// A line of the table for each op.
    pub kinds: Vec<Kind>,
    /// The differences, one of each kind.
    pub differences: Vec<Different>,
}

/// A line of the table: the cases of an op.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Kind {
    /// The op.
    pub op: String,
    /// How many cases of it there were.
    pub cases: u64,
    /// To how many the reference answered with a result, and with each code.
    pub outcomes: BTreeMap<String, u64>,
    /// In how many the implementations differ.
    pub different: u64,
}

/// A difference, as its smallest case shows it.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Different {
    /// The op.
    pub op: String,
    /// How many cases show the same outcomes.
    pub times: u64,
    /// Number of the first of these cases.
    pub case: u64,
    /// Who says what: groups of implementations, that of the reference first.
    pub said: Vec<Said>,
    /// Members in which the results differ.
    pub members: Vec<String>,
    /// Line of the smallest request, without its line feed.
    pub request: String,
    /// The case in the form of a vector. What it expects is what most implementations say, or the reference where as
    /// many say something else: a person has to decide whether that is right.
    pub vector: String,
}

/// What a group of implementations says.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Said {
    /// Their names. May hold control characters of an adapter, as may `answer`.
    pub implementations: Vec<String>,
    /// `result`, a code, `crashed` or `hung`.
    pub outcome: String,
    /// The answer of the first of them: its JSON, or why there is none, with the last lines of standard error.
    pub answer: String,
}

impl Different {
    pub(crate) fn new(
        number: u64,
        id: &str,
        case: &Case,
        difference: &Difference,
        told: &[Told],
        names: &[String],
    ) -> Self {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for (at, (group, _)) in difference.said.iter().enumerate() {
            if let Some(group) = group {
                groups.resize_with(groups.len().max(group + 1), Vec::new);
                groups[*group].push(at);
            }
        }
        let said = |group: &Vec<usize>| Said {
            implementations: group.iter().map(|at| names[*at].clone()).collect(),
            outcome: told[group[0]].word().to_owned(),
            answer: words(&told[group[0]]),
        };
        // Of equal groups the first one counts, which is the reference's if that is among them.
        let most = groups.iter().rev().max_by_key(|group| group.len()).map(|group| &told[group[0]]);
        Self {
            op: case.op.to_owned(),
            times: 1,
            case: number,
            said: groups.iter().map(said).collect(),
            members: difference.members.iter().cloned().collect(),
            request: case.line(id),
            vector: most.map(|told| vector(id, case, told)).unwrap_or_default(),
        }
    }
}

fn words(told: &Told) -> String {
    match told {
        Told::Answer(Answer::Result(result)) => json!({ "result": result }).to_string(),
        Told::Answer(Answer::Error(code, beside)) => {
            let mut error = beside.clone();
            error.insert("error".to_owned(), code.as_str().into());
            Value::Object(error).to_string()
        }
        Told::Answer(Answer::Skip(reason)) => reason.clone(),
        Told::Broken(broken) => {
            let lines = broken.stderr.iter().map(|line| format!("\n{}", printable(line)));
            format!("{}{}", broken.why, lines.collect::<String>())
        }
        Told::NotAsked => String::new(),
    }
}

/// Writes a case as a vector, its members in the order of the vectors' files.
fn vector(id: &str, case: &Case, told: &Told) -> String {
    let mut members: Vec<(&str, Value)> = vec![
        ("id", id.into()),
        ("spec", json!([])),
        ("since", "".into()),
        ("level", "must".into()),
        ("flags", json!([])),
        ("comment", "found by cretula conform differ: a person has to decide what is right".into()),
    ];
    if matches!(case.class, "keyring" | "session" | "cookie") {
        members.push(("op", case.op.into()));
    }
    let given = |name: &'static str| case.members.get(name).map(|value| (name, value.clone()));
    for name in request::inputs(case.class, case.op).unwrap_or_default() {
        match *name {
            "token" => members.extend(["made_from", "mutation"].into_iter().filter_map(given)),
            "fields" => members.extend(["tokens", "template"].into_iter().filter_map(given)),
            _ => {}
        }
        members.extend(given(name));
    }
    match told {
        Told::Answer(Answer::Result(result)) => {
            expect(&mut members, result);
            members.push(("result", result.clone().into()));
        }
        Told::Answer(Answer::Error(code, beside)) => {
            members.push(("error", code.as_str().into()));
            let beside =
                ["entry", "over", "largest"].into_iter().filter_map(|name| Some((name, beside.get(name)?.clone())));
            members.extend(beside);
        }
        _ => {}
    }
    let members: Vec<_> = members.into_iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
    format!("{{{}}}", members.join(", "))
}

/// Writes what actions answer beside the actions, as the vectors do.
fn expect(members: &mut [(&str, Value)], result: &Members) {
    let fill = |actions: &mut Value, answers: Option<&Value>| {
        let mut answers = answers.and_then(Value::as_array).into_iter().flatten();
        for action in actions.as_array_mut().into_iter().flatten() {
            if let Some(asked) = action.get_mut("take_flash") {
                asked["messages"] = answers.next().cloned().unwrap_or_default();
            } else if let Some(asked) = action.get_mut("reauth_within") {
                asked["holds"] = answers.next().cloned().unwrap_or_default();
            } else if let Some(asked) = action.get_mut("excess") {
                asked["over"] = answers.next().cloned().unwrap_or_default();
            }
        }
    };
    for (name, value) in members {
        if *name == "actions" {
            fill(value, result.get("answers"));
        } else if *name == "requests" {
            let results = result.get("requests").and_then(Value::as_array).into_iter().flatten();
            for (step, result) in value.as_array_mut().into_iter().flatten().zip(results) {
                fill(&mut step["actions"], result.get("answers"));
            }
        }
    }
}
