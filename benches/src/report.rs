//! Writes what was measured: tables in Markdown, charts in SVG.

use std::{fmt::Write as _, fs, process::Command};

use crate::measure::Cost;

pub struct Report {
    pub text: String,
    /// Name of the file, and the chart.
    pub charts: Vec<(String, String)>,
}

const PEERS: [&str; 7] = ["cookie", "orion", "jsonwebtoken", "pasetors", "rusty_paseto", "branca", "serde_json"];

impl Report {
    pub fn new(rounds: usize) -> Self {
        let lock = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock")).unwrap_or_default();
        let versions: Vec<_> = PEERS.iter().map(|name| format!("{name} {}", version(&lock, name))).collect();
        let mut text = String::from(
            "# Benchmarks\n\n<!-- Written by `cargo run --release --manifest-path benches/Cargo.toml`. -->\n\n\
             All cases of a section were timed in turns, in an order that changes from round to round, so a machine that\n\
             slows down slows all of them. Compare ratios, not times: machines differ, and shared ones drift.\n\n",
        );
        let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let processor = processor.lines().find_map(|line| line.strip_prefix("model name\t: ")).unwrap_or("unknown");
        let rustc = Command::new("rustc").arg("--version").output();
        let rustc = rustc.map_or_else(|_| String::new(), |output| String::from_utf8_lossy(&output.stdout).into_owned());
        let _ = writeln!(text, "- Processor: {processor}\n- Compiler: {}, release, thin LTO", rustc.trim());
        let _ =
            writeln!(text, "- Rounds: {rounds}; medians, in nanoseconds a call\n- Peers: {}\n", versions.join(", "));
        Self { text, charts: Vec::new() }
    }

    /// A table and a chart of several sizes; ratios against one peer.
    pub fn sizes(&mut self, name: &str, title: &str, words: &str, peer: &str, costs: &[(usize, Vec<Cost>)]) {
        let _ = writeln!(self.text, "## {title}\n\n{words}\n\n![{title}](charts/{name}.svg)\n");
        let _ = write!(self.text, "| |");
        for (size, _) in costs {
            let _ = write!(self.text, " {size} B | ÷ |");
        }
        let _ = writeln!(self.text, " allocations |\n|---|{}--:|", "--:|--:|".repeat(costs.len()));
        for at in 0..costs[0].1.len() {
            let _ = write!(self.text, "| {} |", costs[0].1[at].name);
            for (_, of_size) in costs {
                let baseline = of_size.iter().find(|cost| cost.name == peer).map_or(f64::NAN, |cost| cost.nanoseconds);
                let ours = of_size[at].nanoseconds;
                let _ = write!(self.text, " {ours:.0} | {:.2} |", baseline / ours);
            }
            let _ = writeln!(self.text, " {} |", costs[1].1[at].allocations);
        }
        let _ = writeln!(
            self.text,
            "\n÷: how many times as fast as {peer}. Allocations: of one call at {} B.\n",
            costs[1].0
        );
        self.charts.push((format!("{name}.svg"), chart(title, costs)));
    }

    /// A table of cases against the first.
    pub fn list(&mut self, title: &str, costs: &[Cost]) {
        let _ = writeln!(self.text, "## {title}\n\n| | ns | of the first |\n|---|--:|--:|");
        for cost in costs {
            let part = cost.nanoseconds / costs[0].nanoseconds;
            let _ = writeln!(self.text, "| {} | {:.0} | {part:.2} |", cost.name, cost.nanoseconds);
        }
        self.text.push('\n');
    }
}

fn version<'l>(lock: &'l str, name: &str) -> &'l str {
    let start = format!("name = \"{name}\"\nversion = \"");
    let at = lock.rfind(&start).map_or(lock.len(), |at| at + start.len());
    lock[at..].split('"').next().unwrap_or_default()
}

const WIDTH: f64 = 720.0;
const LEFT: f64 = 210.0;
const ROW: f64 = 18.0;

/// Bars on a scale of logarithms: the slowest peers take a thousand times as long as the fastest.
fn chart(title: &str, costs: &[(usize, Vec<Cost>)]) -> String {
    let most = costs.iter().flat_map(|(_, costs)| costs).map(|cost| cost.nanoseconds).fold(1.0, f64::max).log10();
    let least =
        costs.iter().flat_map(|(_, costs)| costs).map(|cost| cost.nanoseconds).fold(f64::MAX, f64::min).log10().floor();
    let mut body = String::new();
    let mut y = 30.0;
    for (size, costs) in costs {
        let _ = writeln!(body, "<text x=\"4\" y=\"{}\" font-weight=\"bold\">{size} bytes</text>", y + 12.0);
        y += ROW;
        for cost in costs {
            let length = (cost.nanoseconds.log10() - least) / (most - least) * (WIDTH - LEFT - 80.0);
            let colour = if cost.name.starts_with("Cretula") { "#2563eb" } else { "#9ca3af" };
            let (text, end) = (y + 12.0, LEFT + length + 6.0);
            let _ = writeln!(
                body,
                "<text x=\"{}\" y=\"{text}\" text-anchor=\"end\">{}</text><rect x=\"{LEFT}\" y=\"{}\" width=\"{length:.1}\" \
                 height=\"13\" fill=\"{colour}\"/><text x=\"{end:.1}\" y=\"{text}\">{:.0}</text>",
                LEFT - 8.0,
                cost.name,
                y + 1.0,
                cost.nanoseconds
            );
            y += ROW;
        }
        y += 8.0;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {y}\" font-family=\"sans-serif\" font-size=\"12\" \
         fill=\"currentColor\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/><g fill=\"#111\">\n<text x=\"4\" y=\"16\" \
         font-size=\"14\">{title}: nanoseconds a call, logarithmic</text>\n{body}</g></svg>\n"
    )
}
