//! Writes what was measured: tables in Markdown, with charts.

use std::{fmt::Write as _, fs, process::Command};

use crate::{
    charts, growth,
    instructions::Count,
    measure::{Cost, Sizes},
    parts::Parts,
    peers::{Peer, payload},
    threads::Rates,
};

pub struct Report {
    pub text: String,
    /// Name of the file, and the chart.
    pub charts: Vec<(String, String)>,
}

const PEERS: [&str; 11] = [
    "cookie",
    "fernet",
    "orion",
    "josekit",
    "jsonwebtoken",
    "pasetors",
    "rusty_paseto",
    "branca",
    "serde_json",
    "axum-extra",
    "actix-session",
];

/// What Cretula stands on.
const OWN: [&str; 7] = ["aes-gcm", "aes", "sha2", "hmac", "base64", "aws-lc-rs", "aws-lc-sys"];

impl Report {
    pub fn new(rounds: usize) -> Self {
        let lock = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock")).unwrap_or_default();
        let versions = |names: &[&str]| {
            let versions: Vec<_> = names.iter().map(|name| format!("{name} {}", version(&lock, name))).collect();
            versions.chunks(6).map(|some| some.join(", ")).collect::<Vec<_>>().join(",\n  ")
        };
        let mut text = String::from(
            "# Benchmarks\n\n<!-- Written by `cargo run --release --manifest-path benches/Cargo.toml`. -->\n\n\
             All cases of a section were timed in turns, in an order that changes from round to round, so a machine that\n\
             slows down slows all of them. Compare ratios, not times: machines differ, and shared ones drift.\n\n\
             \"aws-lc\" is Cretula with the feature of that name, from a second build of this program, which takes its turns in a\n\
             process of its own. What AWS-LC allocates is not in the counts.\n\n",
        );
        let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let processor = processor.lines().find_map(|line| line.strip_prefix("model name\t: ")).unwrap_or("unknown");
        let rustc = Command::new("rustc").arg("--version").output();
        let rustc = rustc.map_or_else(|_| String::new(), |output| String::from_utf8_lossy(&output.stdout).into_owned());
        let _ = writeln!(text, "- Processor: {processor}\n- Compiler: {}, release, thin LTO", rustc.trim());
        let _ = writeln!(text, "- Rounds: {rounds}; medians, in nanoseconds a call\n- Peers: {}", versions(&PEERS));
        let _ = writeln!(text, "- Cretula with: {}\n", versions(&OWN));
        Self { text, charts: Vec::new() }
    }

    /// A table and a chart of several sizes; ratios against one peer.
    pub fn sizes(&mut self, name: &str, title: &str, words: &str, peer: &str, costs: &Sizes) {
        self.section(title, words);
        self.chart(name, title, charts::bars(title, costs));
        let mut head = vec![String::new()];
        head.extend(costs.iter().flat_map(|(size, _)| [format!("{size} B"), "÷".to_owned()]));
        head.push("allocations".to_owned());
        let row = |at: usize| {
            let mut row = vec![costs[0].1[at].name.clone()];
            for (_, of_size) in costs {
                let baseline = of_size.iter().find(|cost| cost.name == peer).map_or(f64::NAN, |cost| cost.nanoseconds);
                let ours = of_size[at].nanoseconds;
                row.extend([format!("{ours:.0}"), format!("{:.2}", baseline / ours)]);
            }
            row.push(costs[1].1[at].allocations.to_string());
            row
        };
        self.table(&head, (0..costs[0].1.len()).map(row));
        let size = costs[1].0;
        self.paragraph(&format!("÷: how many times as fast as {peer}. Allocations: of one call at {size} B."));
    }

    /// A table of cases against the first.
    pub fn list(&mut self, title: &str, costs: &[Cost]) {
        self.section(title, "");
        let row = |cost: &Cost| {
            let part = cost.nanoseconds / costs[0].nanoseconds;
            vec![cost.name.clone(), format!("{:.0}", cost.nanoseconds), format!("{part:.2}")]
        };
        self.table(&["", "ns", "of the first"], costs.iter().map(row));
    }

    /// What the parts of two calls take, what they come to, and the wholes.
    pub fn parts(&mut self, words: &str, calls: [&str; 2], Parts { parts, wholes }: &Parts) {
        self.paragraph(words);
        let nanoseconds = |time: f64| format!("{time:.0}");
        let sums = [0, 1].map(|call| parts.iter().map(|(cost, times)| cost.nanoseconds * f64::from(times[call])).sum());
        let mut rows: Vec<_> = Vec::new();
        for (cost, times) in parts {
            let times = times.map(|times| if times == 0 { "–".to_owned() } else { format!("{times} ×") });
            rows.push([vec![cost.name.clone(), nanoseconds(cost.nanoseconds)], times.into()].concat());
        }
        let both = |name: &str, times: [f64; 2]| {
            vec![name.into(), String::new(), nanoseconds(times[0]), nanoseconds(times[1])]
        };
        rows.push(both("together", sums));
        rows.push(both("the whole call", [0, 1].map(|call: usize| wholes[call].nanoseconds)));
        self.table(&["", "ns", calls[0], calls[1]], rows.into_iter());
    }

    /// Times over the size, and what each byte adds.
    pub fn growth(&mut self, name: &str, title: &str, costs: &Sizes) {
        self.chart(name, title, charts::lines(title, costs));
        let row = |line: growth::Line| vec![line.name, format!("{:.0}", line.call), format!("{:.2}", line.byte)];
        self.table(&[title, "ns a call", "ns a byte"], growth::lines(costs).into_iter().map(row));
    }

    /// The lengths of tokens, and what is in them.
    pub fn wire(&mut self, sizes: &[usize], peers: Vec<Peer>) {
        self.section(
            "Characters on the wire",
            "Of tokens that were made for this table. Of a cookie jar: the cookie's value, before a framework escapes it.",
        );
        let mut head: Vec<_> = ["", "encrypted", "expiry inside", "key id inside"].map(str::to_owned).into();
        head.extend(sizes.iter().map(|size| format!("{size} B")));
        let row = |mut peer: Peer| {
            let carries = peer.carries;
            let mut row: Vec<_> =
                [peer.name, carries.encrypted, carries.expiry, carries.key_id].map(str::to_owned).into();
            let length =
                |size: &usize| (peer.seal)(&payload(*size)).map_or("—".to_owned(), |token| token.len().to_string());
            row.extend(sizes.iter().map(length));
            row
        };
        self.table(&head, peers.into_iter().map(row));
        self.paragraph(
            "Issue time: the token says when it was made, and who opens it says how long it lives. Optional: the format has\n\
             a place for it, which the application fills and reads; the tokens here are without. — for a length: refuses an\n\
             empty text. With a key id inside, rotation needs no trial of keys.",
        );
    }

    pub fn threads(&mut self, rates: &[Rates]) {
        self.section(
            "Threads",
            "Calls a second at 256 bytes, in thousands, of one thread and of two together, in the best of the rounds. Two\n\
             threads with a Sealer for each share nothing: what they reach is what the machine had to give.",
        );
        let row = |rates: &Rates| {
            let thousands = |rate: f64| format!("{:.0}", rate / 1000.0);
            vec![
                rates.name.to_owned(),
                thousands(rates.one),
                thousands(rates.two),
                format!("{:.2}", rates.two / rates.one),
            ]
        };
        self.table(&["", "1 thread", "2 threads", "ratio"], rates.iter().map(row));
    }

    pub fn instructions(&mut self, counts: Option<&[Count]>) {
        let words =
            "Instructions of one call at 256 bytes, counted by valgrind (callgrind). They do not drift as times do.";
        self.section("Instructions", words);
        let Some(counts) = counts else {
            return self.paragraph("Not measured: valgrind was not there, or failed.");
        };
        let row = |count: &Count| {
            let ratio = count.peer as f64 / count.ours as f64;
            vec![count.call.to_owned(), count.ours.to_string(), count.peer.to_string(), format!("{ratio:.2}")]
        };
        self.table(&["", "Cretula", "cookie PrivateJar", "÷"], counts.iter().map(row));
        self.paragraph(
            "÷: the instructions of cookie PrivateJar by those of Cretula; for requests with serde_json, as above.\n\
             valgrind's processor has no instructions for SHA-256, so hashes count for more than they take on one that has.\n\
             The kernel's instructions, for randomness, are not counted.",
        );
    }

    pub fn section(&mut self, title: &str, words: &str) {
        self.paragraph(&format!("## {title}"));
        if !words.is_empty() {
            self.paragraph(words);
        }
    }

    fn paragraph(&mut self, words: &str) {
        self.text.push_str(words);
        self.text.push_str("\n\n");
    }

    fn chart(&mut self, name: &str, title: &str, chart: String) {
        self.paragraph(&format!("![{title}](charts/{name}.svg)"));
        self.charts.push((format!("{name}.svg"), chart));
    }

    fn table(&mut self, head: &[impl AsRef<str>], rows: impl Iterator<Item = Vec<String>>) {
        let head: Vec<_> = head.iter().map(AsRef::as_ref).collect();
        let _ = writeln!(self.text, "| {} |\n|---|{}", head.join(" | "), "--:|".repeat(head.len() - 1));
        for row in rows {
            let _ = writeln!(self.text, "| {} |", row.join(" | "));
        }
        self.text.push('\n');
    }
}

fn version<'l>(lock: &'l str, name: &str) -> &'l str {
    let start = format!("name = \"{name}\"\nversion = \"");
    let at = lock.rfind(&start).map_or(lock.len(), |at| at + start.len());
    lock[at..].split('"').next().unwrap_or_default()
}
