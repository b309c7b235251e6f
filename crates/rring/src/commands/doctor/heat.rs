//! The round trips between cores as a drawing.

use std::fmt::Write;

use rusted_ring::placement::Placement;

/// Side of a cell that is drawn.
const CELL: usize = 44;
const MARGIN: usize = 60;

/// Where `time` lies between the quickest and the slowest, from 0 to 1.
fn heat(placement: &Placement, time: f64) -> f64 {
    match placement.extremes() {
        Some([(.., quickest), (.., slowest)]) if slowest > quickest => (time - quickest) / (slowest - quickest),
        _ => 0.0,
    }
}

/// The map as an SVG file.
pub(super) fn svg(placement: &Placement) -> String {
    let cores = placement.cores();
    let side = MARGIN + CELL * cores.len() + 10;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{side}\" height=\"{side}\" font-family=\"sans-serif\" font-size=\"12\" \
         text-anchor=\"middle\">\n<title>Round trips from core to core, in nanoseconds</title>\n\
         <rect width=\"{side}\" height=\"{side}\" fill=\"white\"/>\n<text x=\"{}\" y=\"16\">round trip, ns</text>\n",
        side / 2
    );
    let at = |place: usize| MARGIN + CELL * place;
    let middle = |place: usize| at(place) + CELL / 2;
    for (place, core) in cores.iter().enumerate() {
        let _ = writeln!(svg, "<text x=\"{}\" y=\"{}\">{core}</text>", middle(place), MARGIN - 8);
        let _ = writeln!(svg, "<text x=\"{}\" y=\"{}\">{core}</text>", MARGIN - 16, middle(place) + 4);
        for (other, column) in cores.iter().enumerate() {
            let Some(time) = placement.between(*core, *column) else { continue };
            // From a light yellow to a dark red, with the digits in what stands out.
            let heat = heat(placement, time);
            let mix = |cold: f64, hot: f64| (cold + (hot - cold) * heat).round() as u8;
            let (red, green, blue) = (mix(255.0, 150.0), mix(245.0, 0.0), mix(200.0, 30.0));
            let ink = if heat > 0.5 { "white" } else { "black" };
            let _ = writeln!(
                svg,
                "<rect x=\"{}\" y=\"{}\" width=\"{CELL}\" height=\"{CELL}\" fill=\"#{red:02x}{green:02x}{blue:02x}\"/>\
                 <text x=\"{}\" y=\"{}\" fill=\"{ink}\">{time:.0}</text>",
                at(other),
                at(place),
                middle(other),
                middle(place) + 4
            );
        }
    }
    svg + "</svg>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawing_has_a_cell_for_each_way_and_is_closed() {
        let figures = |one, other| match (one, other) {
            (0, 1) => 80.0,
            (0, 8) => 300.0,
            _ => 150.4,
        };
        let svg = svg(&Placement::from_figures([0, 1, 8], figures));
        assert_eq!(svg.matches("<rect").count(), 1 + 6);
        assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
        assert!(svg.contains("#fff5c8") && svg.contains("#96001e"), "the coldest and the hottest");
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
    }
}
