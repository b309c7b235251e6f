//! Lines over time as SVG, two panels in a row.

use std::fmt::Write;

/// The lines of one panel.
pub(crate) struct Panel {
    pub(crate) title: String,
    /// Whether the lines end at 1 at most.
    pub(crate) is_ratio: bool,
    pub(crate) lines: Vec<Line>,
}

/// A line: when, in seconds, and how much.
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}

const COLORS: [&str; 6] = ["#1f6fb2", "#d9822b", "#3b8f4a", "#c23b4b", "#7a52a8", "#6b7785"];
const PANEL: (f64, f64) = (430.0, 190.0);
const PLOT: (f64, f64) = (370.0, 100.0);
const LEFT: f64 = 44.0;
const TOP: f64 = 26.0;
const NAMES_A_ROW: usize = 2;
const MOST_NAMES: usize = 6;
/// Points that are missing for so long, in seconds, are a gap.
const GAP: f64 = 1.0;

/// Draws `panels`, from `begin` to `end`. A line that stays at 0 beside others that do not is not drawn.
pub(crate) fn svg(begin: f64, end: f64, panels: Vec<Panel>) -> String {
    let (width, height) = (2.0 * PANEL.0, panels.len().div_ceil(2) as f64 * PANEL.1);
    let mut body = String::new();
    for (number, panel) in panels.into_iter().enumerate() {
        let (x, y) = ((number % 2) as f64 * PANEL.0, (number / 2) as f64 * PANEL.1);
        writeln!(body, "<g transform=\"translate({x} {y})\">{}</g>", drawn(begin, end, panel)).expect("a string grows");
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"10\" \
         fill=\"#222\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{body}</svg>\n"
    )
}

fn drawn(begin: f64, end: f64, panel: Panel) -> String {
    let Panel { title, is_ratio, mut lines } = panel;
    let largest = |line: &Line| line.points.iter().map(|point| point.1).fold(0.0, f64::max);
    if lines.iter().any(|line| largest(line) > 0.0) {
        lines.retain(|line| largest(line) > 0.0);
    }
    let top = if is_ratio { 1.0 } else { round_up(lines.iter().map(largest).fold(0.0, f64::max)) };
    let x = |time: f64| LEFT + (time - begin) / (end - begin) * PLOT.0;
    let y = |value: f64| TOP + PLOT.1 * (1.0 - (value / top).min(1.0));
    let mut text = format!("<text x=\"8\" y=\"16\" font-size=\"12\" font-weight=\"bold\">{}</text>", escaped(&title));
    let mut draw = |part: String| text.push_str(&part);
    for part in [0.0, 0.5, 1.0] {
        let (value, right) = (part * top, LEFT + PLOT.0);
        let shown = if is_ratio { format!("{:.0} %", value * 100.0) } else { short(value) };
        draw(format!("<path d=\"M{LEFT} {0:.1}H{right}\" stroke=\"#ddd\"/>", y(value)));
        draw(format!("<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{shown}</text>", LEFT - 4.0, y(value) + 3.0));
    }
    let seconds = end - begin;
    draw(format!("<text x=\"{LEFT}\" y=\"{:.1}\" fill=\"#777\">0 s</text>", TOP + PLOT.1 + 12.0));
    draw(format!(
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#777\">{seconds:.0} s</text>",
        LEFT + PLOT.0,
        TOP + PLOT.1 + 12.0
    ));
    for (number, line) in lines.iter().enumerate() {
        let color = COLORS[number % COLORS.len()];
        let mut path = String::new();
        let mut last = f64::NEG_INFINITY;
        for (time, value) in &line.points {
            let verb = if time - last > GAP { 'M' } else { 'L' };
            write!(path, "{verb}{:.1} {:.1}", x(*time), y(*value)).expect("a string grows");
            last = *time;
        }
        draw(format!("<path d=\"{path}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"1.5\"/>"));
        if number < MOST_NAMES {
            let (column, row) = (number % NAMES_A_ROW, number / NAMES_A_ROW);
            let (x, y) = (LEFT + column as f64 * 190.0, TOP + PLOT.1 + 26.0 + row as f64 * 12.0);
            draw(format!("<rect x=\"{x}\" y=\"{:.1}\" width=\"8\" height=\"8\" fill=\"{color}\"/>", y - 8.0));
            draw(format!("<text x=\"{:.1}\" y=\"{y:.1}\">{}</text>", x + 11.0, escaped(&line.name)));
        }
    }
    text
}

/// The next of 1, 2 or 5 times a power of ten.
fn round_up(value: f64) -> f64 {
    let power = 10_f64.powf(value.max(1.0).log10().floor());
    [1.0, 2.0, 5.0, 10.0].map(|times| times * power).into_iter().find(|round| *round >= value).unwrap_or(value)
}

fn short(value: f64) -> String {
    if value >= 1000.0 { format!("{}k", value / 1000.0) } else { value.to_string() }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
