//! A workload's chart: bars, a panel for each payload, the best on top.

use crate::cli::Workload;
use crate::contenders::{ROWS, Row, Side};
use crate::report::{bytes, figure, title, value};
use crate::sample::Sample;
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
pub(crate) fn svg(workload: Workload, payloads: &[usize], samples: &[Sample]) -> String {
    let (mut body, mut y) = (String::new(), HEAD);
    for payload in payloads {
        y = panel(&mut body, y, workload, *payload, samples);
    }
    let better = if workload == Workload::Stream { "more is better" } else { "less is better" };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{y:.0}\" \
         font-family=\"sans-serif\" font-size=\"11\" fill=\"#222\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"8\" y=\"20\" font-size=\"14\" font-weight=\"bold\">{}; {better}</text>\n{body}</svg>\n",
        title(workload)
    )
}

/// One payload's bars; where the next panel begins.
fn panel(body: &mut String, top: f64, workload: Workload, payload: usize, samples: &[Sample]) -> f64 {
    let mut bars: Vec<(&Row, f64)> =
        ROWS.iter().filter_map(|row| Some((row, figure(samples, row, workload, payload)?.ok()?.median))).collect();
    bars.sort_by(|a, b| match workload {
        Workload::Stream => b.1.total_cmp(&a.1),
        Workload::RoundTrip => a.1.total_cmp(&b.1),
    });
    let Some((_, best)) = bars.first() else { return top };
    let longest = bars.iter().map(|(_, median)| *median).fold(0.0, f64::max);
    let scale = if workload == Workload::Stream { longest } else { longest.min(CLIPPED_AT * best) };
    // Nothing is written only when a string cannot grow.
    let mut line = |text: String| writeln!(body, "{text}").expect("a string grows");
    let mut y = top + 20.0;
    line(format!("<text x=\"8\" y=\"{:.0}\" font-weight=\"bold\">{}</text>", y - 4.0, bytes(payload)));
    for (row, median) in &bars {
        let length = LONGEST * (median / scale).min(1.0);
        let text_y = y + BAR - 4.0;
        let color = if row.side == Side::Ours { "#1f6fb2" } else { "#9aa5b1" };
        let clipped = if *median > scale { "… " } else { "" };
        line(format!("<text x=\"{:.0}\" y=\"{text_y:.0}\" text-anchor=\"end\">{}</text>", LEFT - 6.0, row.name));
        line(format!(
            "<rect x=\"{LEFT}\" y=\"{y:.0}\" width=\"{length:.1}\" height=\"{}\" fill=\"{color}\"/>",
            BAR - 3.0
        ));
        line(format!(
            "<text x=\"{:.0}\" y=\"{text_y:.0}\">{clipped}{}</text>",
            LEFT + length + 5.0,
            value(*median, workload)
        ));
        y += BAR;
    }
    y + 14.0
}
