//! A workload's chart as SVG: bars, a panel for each payload, the best on top.

use std::fmt::Write;

/// The colour of our own bars.
pub const OURS: &str = "#1f6fb2";
/// The colour of rivals' bars.
pub const RIVALS: &str = "#9aa5b1";

const WIDTH: f64 = 860.0;
/// Where the bars begin, and how long the longest is.
const LEFT: f64 = 200.0;
const LONGEST: f64 = 500.0;
const BAR: f64 = 15.0;
const HEAD: f64 = 34.0;
/// A bar of a duration ends here times the best: the slowest would leave nothing to see of the rest.
const CLIPPED_AT: f64 = 12.0;

/// The bars of one payload; none, and it is left out.
#[derive(Debug)]
pub struct Panel {
    /// What stands above them.
    pub title: String,
    /// In any order.
    pub bars: Vec<Bar>,
}

/// One contender's.
#[derive(Debug)]
pub struct Bar {
    /// Whose it is.
    pub name: &'static str,
    /// How long it is.
    pub value: f64,
    /// What stands behind it.
    pub text: String,
    /// As SVG names it.
    pub color: &'static str,
}

/// The chart. `is_rate`: more is better, and no bar is clipped.
pub fn svg(title: &str, is_rate: bool, panels: impl IntoIterator<Item = Panel>) -> String {
    let (mut body, mut y) = (String::new(), HEAD);
    for panel in panels {
        y = draw(&mut body, y, is_rate, panel);
    }
    let better = if is_rate { "more is better" } else { "less is better" };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{y:.0}\" \
         font-family=\"sans-serif\" font-size=\"11\" fill=\"#222\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"8\" y=\"20\" font-size=\"14\" font-weight=\"bold\">{title}; {better}</text>\n{body}</svg>\n"
    )
}

/// Draws a panel; returns where the next one begins.
fn draw(body: &mut String, top: f64, is_rate: bool, panel: Panel) -> f64 {
    let Panel { title, mut bars } = panel;
    bars.sort_by(|a, b| if is_rate { b.value.total_cmp(&a.value) } else { a.value.total_cmp(&b.value) });
    let Some(best) = bars.first() else { return top };
    let longest = bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
    let scale = if is_rate { longest } else { longest.min(CLIPPED_AT * best.value) };
    // Nothing is written only when a string cannot grow.
    let mut line = |text: String| writeln!(body, "{text}").expect("a string grows");
    let mut y = top + 20.0;
    line(format!("<text x=\"8\" y=\"{:.0}\" font-weight=\"bold\">{title}</text>", y - 4.0));
    for Bar { name, value, text, color } in bars {
        let (length, height) = (LONGEST * (value / scale).min(1.0), BAR - 3.0);
        let (text_y, clipped) = (y + BAR - 4.0, if value > scale { "… " } else { "" });
        line(format!("<text x=\"{:.0}\" y=\"{text_y:.0}\" text-anchor=\"end\">{name}</text>", LEFT - 6.0));
        line(format!("<rect x=\"{LEFT}\" y=\"{y:.0}\" width=\"{length:.1}\" height=\"{height}\" fill=\"{color}\"/>"));
        line(format!("<text x=\"{:.0}\" y=\"{text_y:.0}\">{clipped}{text}</text>", LEFT + length + 5.0));
        y += BAR;
    }
    y + 14.0
}
