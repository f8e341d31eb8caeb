//! `cretula keyring check`: who seals now and next, what is accepted until when, what to fear (§11).

use std::{fmt::Write as _, path::Path, time::Duration};

use cretula::{ErrorCode as _, KeyEntry, Keyring, Rotation, SetupError, UnixTime, Warning, WarningKind};
use serde::Serialize;

use crate::{
    args::CheckArgs,
    failure::{Failure, complain},
    keys,
    report::{DIM, GOOD, HEAD, NEXT, WARN, moment, paint},
    streams,
    values::{self, CallError},
};

pub(crate) fn check(args: &CheckArgs) -> Result<(), Failure> {
    let checked = || -> Result<_, CallError> {
        let leeway = values::seconds(args.leeway.leeway);
        values::check("a", |site| site.sealer("b").leeway(leeway).build())?;
        let now = values::given_time(&args.now)?;
        let longest_ttl = values::ttl(args.longest_ttl)?;
        Ok((now, Rotation { longest_ttl, reload_grace: Duration::from_secs(args.reload_grace.into()), leeway }))
    };
    let (now, rotation) = checked().map_err(|error| error.into_usage(&["keyring", "check"]))?;
    let ring = if args.file == Path::new("-") { keys::from_stdin()? } else { keys::from_file(&args.file)? };
    let now = values::or_clock(now)?;

    let report = Report::new(&ring, now, rotation).map_err(|error| Failure::refused(error.code(), error))?;
    if args.json {
        streams::write_stdout(format!("{}\n", streams::json(&report)?).as_bytes())?;
    } else {
        streams::write_coloured(&report.for_people())?;
    }
    if args.deny_warnings && !report.warnings.is_empty() {
        report.warnings.iter().for_each(|warning| complain(warning.code, &warning.words));
        return Err(Failure::Told);
    }
    Ok(())
}

/// What there is to say of a ring at a time. Holds no key.
#[derive(Serialize)]
struct Report {
    now: u64,
    longest_ttl: u64,
    reload_grace: u64,
    leeway: u64,
    /// Position of the entry that seals now.
    sealing_entry: Option<usize>,
    next: Option<Next>,
    entries: Vec<EntryReport>,
    warnings: Vec<WarningReport>,
}

/// The next change of the sealing entry.
#[derive(Serialize)]
struct Next {
    at: u64,
    /// `None`: from then on no entry seals.
    sealing_entry: Option<usize>,
}

#[derive(Serialize)]
struct EntryReport {
    position: usize,
    seal_from: u64,
    accept_until: Option<u64>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    SealsNow,
    SealsNext,
    SealsLater,
    Accepted,
    Ended,
}

#[derive(Serialize)]
struct WarningReport {
    /// `None` for what concerns the whole ring.
    entry: Option<usize>,
    code: &'static str,
    words: String,
}

impl Report {
    fn new(ring: &Keyring, now: UnixTime, rotation: Rotation) -> Result<Self, SetupError> {
        let sealing_entry = ring.sealing_entry(now);
        let begins = ring.entries().iter().map(|entry| entry.seal_from).filter(|from| *from > now).min();
        let ends = sealing_entry.and_then(|position| ring.entries().get(position)?.accept_until);
        let at = begins.into_iter().chain(ends).min();
        let next = at.map(|at| Next { at: at.as_secs(), sealing_entry: ring.sealing_entry(at) });

        let entries = ring.entries().iter().enumerate().map(|(position, entry)| {
            let KeyEntry { seal_from, accept_until, .. } = *entry;
            let state = if !entry.is_accepted(now) {
                State::Ended
            } else if sealing_entry == Some(position) {
                State::SealsNow
            } else if seal_from > now && ring.sealing_entry(seal_from) == Some(position) {
                if begins == Some(seal_from) { State::SealsNext } else { State::SealsLater }
            } else {
                State::Accepted
            };
            let (seal_from, accept_until) = (seal_from.as_secs(), accept_until.map(UnixTime::as_secs));
            EntryReport { position, seal_from, accept_until, state }
        });
        let entries = entries.collect();
        let Rotation { longest_ttl, reload_grace, leeway } = rotation;
        let mut report = Self {
            now: now.as_secs(),
            longest_ttl: longest_ttl.as_secs(),
            reload_grace: reload_grace.as_secs(),
            leeway: leeway.as_secs(),
            sealing_entry,
            next,
            entries,
            warnings: Vec::new(),
        };
        report.warn(ring.warnings(now, rotation)?);
        Ok(report)
    }

    /// The warnings of [RING-18], and `no_sealing_key` where sealing would fail now.
    fn warn(&mut self, warnings: Vec<Warning>) {
        let Self { longest_ttl, reload_grace, leeway, .. } = *self;
        if self.sealing_entry.is_none() {
            let words = "no entry seals now; tokens are opened and none is made".to_owned();
            self.warnings.push(WarningReport { entry: None, code: "no_sealing_key", words });
        }
        for warning in warnings {
            let entry = warning.entry;
            let words = match warning.kind {
                WarningKind::EndsBeforeItsTokens => format!(
                    "entry {entry} ends before its successor's seal_from + longest ttl {longest_ttl} s + reload grace \
                     {reload_grace} s: sessions are cut off"
                ),
                WarningKind::TakesOverTooSoon => format!(
                    "entry {entry} seals in less than reload grace {reload_grace} s + leeway {leeway} s: a server that \
                     has not read it yet refuses its tokens"
                ),
                WarningKind::FarInFuture => format!(
                    "entry {entry} has a time more than 100 years ahead: times are in seconds, not milliseconds"
                ),
                _ => format!("entry {entry}"),
            };
            self.warnings.push(WarningReport { entry: Some(entry), code: warning.kind.code(), words });
        }
    }

    fn for_people(&self) -> String {
        let count = self.entries.len();
        let entries = if count == 1 { "entry" } else { "entries" };
        let mut out = format!("{}\n", paint(HEAD, &format!("valid keyring of {count} {entries}")));
        let _ = writeln!(out, "now    {}", moment(self.now));
        let name = |position: Option<usize>| position.map_or("none".to_owned(), |position| format!("entry {position}"));
        let _ = writeln!(out, "seals  {}", name(self.sealing_entry));
        let next = self.next.as_ref();
        let next = next
            .map_or("no change".to_owned(), |next| format!("{} from {}", name(next.sealing_entry), moment(next.at)));
        let _ = writeln!(out, "next   {next}\n");

        let _ = writeln!(out, "{}", paint(DIM, "entry  state        seal_from                           accept_until"));
        for EntryReport { position, seal_from, accept_until, state } in &self.entries {
            let (style, words) = match state {
                State::SealsNow => (GOOD, "seals now"),
                State::SealsNext => (NEXT, "seals next"),
                State::SealsLater => (NEXT, "seals later"),
                State::Accepted => (HEAD, "accepted"),
                State::Ended => (DIM, "ended"),
            };
            let from = if *seal_from == 0 { "the beginning".to_owned() } else { moment(*seal_from) };
            let until = accept_until.map_or("no end".to_owned(), moment);
            let _ = writeln!(out, "{position:5}  {}  {from:34}  {until}", paint(style, &format!("{words:11}")));
        }
        if !self.warnings.is_empty() {
            out.push('\n');
        }
        for WarningReport { code, words, .. } in &self.warnings {
            let _ = writeln!(out, "{} {code}: {words}", paint(WARN, "warning:"));
        }
        out
    }
}
