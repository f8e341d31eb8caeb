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

fn svg(title: &str, height: f64, body: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" \
         font-size=\"12\" fill=\"currentColor\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/><g fill=\"#111\">\n\
         <text x=\"4\" y=\"16\" font-size=\"14\">{title}</text>\n{body}</g></svg>\n"
    )
}
