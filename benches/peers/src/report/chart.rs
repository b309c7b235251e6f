//! A workload's chart: bars, a panel for each payload, the best on top.

use super::figures::Figures;
use super::table::{bytes, value};
use crate::contenders::{Row, Side};
use crate::workload::{Unit, Workload};
use std::fmt::Write;

const WIDTH: f64 = 860.0;
/// Where the bars begin, and how long the longest is.
const LEFT: f64 = 200.0;
const LONGEST: f64 = 500.0;
const BAR: f64 = 15.0;
const HEAD: f64 = 34.0;
/// A bar of a duration ends here times the best: the slowest would leave nothing to see of the rest.
const CLIPPED_AT: f64 = 12.0;

/// The chart as SVG.
pub(crate) fn chart(figures: &Figures, workload: &Workload, payloads: &[usize], rows: &[&Row]) -> String {
    let mut body = String::new();
    let mut y = HEAD;
    for payload in payloads {
        y = panel(&mut body, y, figures, workload, *payload, rows);
    }
    let better = if workload.unit == Unit::Rate { "more is better" } else { "less is better" };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{y:.0}\" \
         font-family=\"sans-serif\" font-size=\"11\" fill=\"#222\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"8\" y=\"20\" font-size=\"14\" font-weight=\"bold\">{}; {better}</text>\n{body}</svg>\n",
        workload.title
    )
}

/// One payload's bars; where the next panel begins.
fn panel(body: &mut String, top: f64, figures: &Figures, workload: &Workload, payload: usize, rows: &[&Row]) -> f64 {
    let bars = rows.iter().filter_map(|row| {
        let figure = figures.get(row.name, workload.name, payload)?;
        Some((*row, figure, figure.value?))
    });
    let mut bars: Vec<_> = bars.collect();
    if bars.is_empty() {
        return top;
    }
    bars.sort_by(|a, b| match workload.unit {
        Unit::Rate => b.2.median.total_cmp(&a.2.median),
        Unit::Nanos => a.2.median.total_cmp(&b.2.median),
    });
    let longest = bars.iter().map(|(_, _, spread)| spread.median).fold(0.0, f64::max);
    let scale = if workload.unit == Unit::Rate { longest } else { longest.min(CLIPPED_AT * bars[0].2.median) };
    // Nothing is written only when a string cannot grow.
    let mut line = |text: String| writeln!(body, "{text}").expect("a string grows");
    let mut y = top + 20.0;
    line(format!("<text x=\"8\" y=\"{:.0}\" font-weight=\"bold\">{}</text>", y - 4.0, bytes(payload)));
    for (row, figure, spread) in bars {
        let length = LONGEST * (spread.median / scale).min(1.0);
        let text_y = y + BAR - 4.0;
        line(format!("<text x=\"{:.0}\" y=\"{text_y:.0}\" text-anchor=\"end\">{}</text>", LEFT - 6.0, row.name));
        let (height, color) = (BAR - 3.0, color(row.side, figure.faults.unsound()));
        line(format!("<rect x=\"{LEFT}\" y=\"{y:.0}\" width=\"{length:.1}\" height=\"{height}\" fill=\"{color}\"/>"));
        let clipped = if spread.median > scale { "… " } else { "" };
        let unsound = if figure.faults.unsound() { ", unsound" } else { "" };
        let text = format!("{clipped}{}{unsound}", value(spread.median, workload.unit));
        line(format!("<text x=\"{:.0}\" y=\"{text_y:.0}\">{text}</text>", LEFT + length + 5.0));
        y += BAR;
    }
    y + 14.0
}

fn color(side: Side, unsound: bool) -> &'static str {
    match side {
        _ if unsound => "#c0392b",
        Side::Ours => "#1f6fb2",
        Side::Rival => "#9aa5b1",
        Side::Limit => "#d9c68a",
    }
}
