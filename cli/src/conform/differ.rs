//! `cretula conform differ -- A -- B…`: random cases, asked of everyone.

use std::{
    fmt::Write as _,
    hash::{BuildHasher as _, RandomState},
    time::Duration,
};

use cretula_conform::{Adapter, Differences, Different, Plan, Suite, printable};

use super::{
    bar::Bar,
    people::{short, whole},
    reference::reference,
};
use crate::{
    args::DifferArgs,
    failure::Failure,
    report::{BAD, DIM, GOOD, HEAD, WARN, paint},
    streams,
};

/// How many codes a row of the table names, the most frequent first.
const CODES: usize = 6;

pub(crate) fn differ(args: &DifferArgs) -> Result<(), Failure> {
    let suite = Suite::bundled()?;
    let commands: Vec<_> = args.commands.split(|word| word == "--").collect();
    if commands.iter().any(|command| command.is_empty()) {
        return Err(Failure::usage(&["conform", "differ"], "there is no COMMAND after a --"));
    }
    let limit = Duration::from_secs(args.timeout.timeout.into());
    let adapters = commands.into_iter().map(|command| Adapter::start(command, &suite, limit));
    let adapters = adapters.collect::<Result<_, _>>()?;
    let seed = args.seed.unwrap_or_else(random);
    let time = args.cases.is_none().then(|| Duration::from_secs(args.seconds.into()));
    let plan = Plan { seed, only: args.only.clone(), cases: args.cases, time };
    let found = cretula_conform::differ(adapters, &suite, &plan, &reference, &mut Bar::default())?;
    if args.json {
        streams::write_stdout(format!("{}\n", streams::json(&found)?).as_bytes())?;
    } else {
        streams::write_coloured(&for_people(&found))?;
    }
    if found.differences.is_empty() { Ok(()) } else { Err(Failure::Told) }
}

/// Returns a number that is short enough to be typed again.
fn random() -> u64 {
    RandomState::new().hash_one(0) >> 32
}

fn for_people(found: &Differences) -> String {
    let mut out = String::new();
    let names = found.implementations.iter().zip(&found.left_out).map(|(one, left_out)| {
        let left_out = if *left_out > 0 { format!(" (left out {left_out})") } else { String::new() };
        format!("{} {}{left_out}", printable(&one.name), printable(&one.version))
    });
    let names: Vec<_> = names.collect();
    let _ = writeln!(out, "{}\n", paint(HEAD, &format!("reference, {}", names.join(", "))));
    table(found, &mut out);
    found.differences.iter().for_each(|different| tell(different, &mut out));
    let (style, words) = match found.differences.len() {
        0 => (GOOD, "no difference".to_owned()),
        1 => (BAD, "1 kind of difference".to_owned()),
        kinds => (BAD, format!("{kinds} kinds of differences")),
    };
    let rate = per_second(found.cases, found.seconds);
    let _ = writeln!(out, "\n{}  {} cases, {rate} a second, --seed {}", paint(style, &words), found.cases, found.seed);
    out
}

fn per_second(cases: u64, seconds: f64) -> u64 {
    let milliseconds = Duration::try_from_secs_f64(seconds).unwrap_or_default().as_millis();
    u64::try_from(u128::from(cases) * 1000 / milliseconds.max(1)).unwrap_or(u64::MAX)
}

/// Writes for each op how many cases there were, how many differ, and what the reference answers most.
fn table(found: &Differences, out: &mut String) {
    let _ = writeln!(
        out,
        "{}",
        paint(DIM, &format!("{:10} {:>8} {:>9} {:>8}  refused with", "op", "cases", "different", "accepted"))
    );
    for kind in &found.kinds {
        let mut codes: Vec<_> = kind.outcomes.iter().filter(|(word, _)| *word != "result").collect();
        codes.sort_by_key(|(word, count)| (std::cmp::Reverse(**count), word.as_str()));
        let more = codes.len().saturating_sub(CODES);
        let codes: Vec<_> = codes.into_iter().take(CODES).map(|(word, count)| format!("{word} {count}")).collect();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let style = if kind.different == 0 { DIM } else { BAD };
        let different = paint(style, &format!("{:>9}", kind.different));
        let accepted = kind.outcomes.get("result").copied().unwrap_or_default();
        let _ = writeln!(out, "{:10} {:>8} {different} {accepted:>8}  {}{more}", kind.op, kind.cases, codes.join(", "));
    }
}

fn tell(different: &Different, out: &mut String) {
    let members =
        if different.members.is_empty() { String::new() } else { format!(" in {}", different.members.join(", ")) };
    let times = if different.times == 1 { "once".to_owned() } else { format!("{} times", different.times) };
    let _ = writeln!(
        out,
        "\n{}  {}{members}  {times}, first in case {}",
        paint(BAD, "different"),
        different.op,
        different.case
    );
    for said in &different.said {
        let _ =
            writeln!(out, "  {}  {}", paint(WARN, &printable(&said.implementations.join(", "))), short(&said.answer));
    }
    let _ = writeln!(out, "  request   {}", whole(&different.request));
    let _ = writeln!(out, "  vector    {}", whole(&different.vector));
}
