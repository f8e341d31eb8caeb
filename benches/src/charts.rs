//! Charts in SVG.

use std::fmt::Write as _;

use crate::measure::Cost;

const WIDTH: f64 = 720.0;
const LEFT: f64 = 210.0;
const ROW: f64 = 18.0;

/// Bars on a scale of logarithms: the slowest peers take a thousand times as long as the fastest.
pub fn bars(title: &str, costs: &[(usize, Vec<Cost>)]) -> String {
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
    svg(&format!("{title}: nanoseconds a call, logarithmic"), y, &body)
}

const COLOURS: [&str; 4] = ["#2563eb", "#9ca3af", "#d97706", "#059669"];
const HEIGHT: f64 = 380.0;

/// A line for each case, over the sizes; both scales begin at 0.
pub fn lines(title: &str, costs: &[(usize, Vec<Cost>)]) -> String {
    let (left, right, top, bottom) = (60.0, WIDTH - 20.0, 30.0, HEIGHT - 40.0);
    let size = costs.iter().map(|(size, _)| *size).fold(0, usize::max);
    let most = costs.iter().flat_map(|(_, costs)| costs).map(|cost| cost.nanoseconds).fold(1.0, f64::max);
    let x = |at: usize| left + (right - left) * at as f64 / size as f64;
    let y = |nanoseconds: f64| bottom - (bottom - top) * nanoseconds / most;
    let mut body = String::new();
    let step = 10_f64.powf(most.log10().floor());
    for mark in (0..10).map(|mark| f64::from(mark) * step).take_while(|mark| *mark <= most) {
        let (at, end) = (y(mark), left - 6.0);
        let _ = writeln!(
            body,
            "<path d=\"M{left} {at:.1}H{right}\" stroke=\"#e5e7eb\"/><text x=\"{end}\" y=\"{:.1}\" \
             text-anchor=\"end\">{mark}</text>",
            at + 4.0
        );
    }
    for (at, _) in costs {
        let _ = writeln!(body, "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{at}</text>", x(*at), bottom + 18.0);
    }
    for (at, colour) in (0..costs[0].1.len()).zip(COLOURS) {
        let points = costs.iter().map(|(size, costs)| format!("{:.1},{:.1}", x(*size), y(costs[at].nanoseconds)));
        let points: Vec<_> = points.collect();
        let label = top + 20.0 + ROW * at as f64;
        let _ = writeln!(
            body,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\
             <rect x=\"{}\" y=\"{}\" width=\"12\" height=\"4\" fill=\"{colour}\"/>\
             <text x=\"{}\" y=\"{label}\">{}</text>",
            points.join(" "),
            left + 14.0,
            label - 6.0,
            left + 32.0,
            costs[0].1[at].name
        );
    }
    svg(&format!("{title}: nanoseconds a call, by bytes of text"), HEIGHT, &body)
}

fn svg(title: &str, height: f64, body: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" \
         font-size=\"12\" fill=\"currentColor\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/><g fill=\"#111\">\n\
         <text x=\"4\" y=\"16\" font-size=\"14\">{title}</text>\n{body}</g></svg>\n"
    )
}
