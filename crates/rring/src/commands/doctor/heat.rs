//! The round trips between cores as a map: in text, and drawn.

use std::fmt::Write;

use super::round_trips::Matrix;
use crate::text;

/// From the quickest pair to the slowest.
const SHADES: [char; 4] = ['░', '▒', '▓', '█'];
/// Side of a cell that is drawn.
const CELL: usize = 44;
const MARGIN: usize = 60;

/// Where `time` lies between the quickest and the slowest, from 0 to 1.
fn heat(matrix: &Matrix, time: f64) -> f64 {
    match matrix.extremes() {
        Some([(.., quickest), (.., slowest)]) if slowest > quickest => (time - quickest) / (slowest - quickest),
        _ => 0.0,
    }
}

/// The map as a table: nanoseconds and a shade.
pub(super) fn text(matrix: &Matrix) -> String {
    let Some([quickest, slowest]) = matrix.extremes() else {
        return "round trips: there is but one core\n".to_owned();
    };
    let mut rows =
        vec![["core".to_owned()].into_iter().chain(matrix.cores.iter().map(usize::to_string)).collect::<Vec<_>>()];
    for (place, core) in matrix.cores.iter().enumerate() {
        let cell = |other| match matrix.between(place, other) {
            Some(time) => {
                let shade = (heat(matrix, time) * (SHADES.len() - 1) as f64).round() as usize;
                format!("{time:.0} {}", SHADES[shade])
            }
            None => "-".to_owned(),
        };
        rows.push([core.to_string()].into_iter().chain((0..matrix.cores.len()).map(cell)).collect());
    }
    let mut map = "round trips from core to core, in nanoseconds, the quickest of several measurements\n".to_owned();
    map += &text::table(&rows);
    let _ = writeln!(
        map,
        "{} quickest: {:.0} ns, cores {} and {}   {} slowest: {:.0} ns, cores {} and {}",
        SHADES[0], quickest.2, quickest.0, quickest.1, SHADES[3], slowest.2, slowest.0, slowest.1
    );
    map
}

/// The map as an SVG file.
pub(super) fn svg(matrix: &Matrix) -> String {
    let side = MARGIN + CELL * matrix.cores.len() + 10;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{side}\" height=\"{side}\" font-family=\"sans-serif\" font-size=\"12\" \
         text-anchor=\"middle\">\n<title>Round trips from core to core, in nanoseconds</title>\n\
         <rect width=\"{side}\" height=\"{side}\" fill=\"white\"/>\n<text x=\"{}\" y=\"16\">round trip, ns</text>\n",
        side / 2
    );
    let at = |place: usize| MARGIN + CELL * place;
    let middle = |place: usize| at(place) + CELL / 2;
    for (place, core) in matrix.cores.iter().enumerate() {
        let _ = writeln!(svg, "<text x=\"{}\" y=\"{}\">{core}</text>", middle(place), MARGIN - 8);
        let _ = writeln!(svg, "<text x=\"{}\" y=\"{}\">{core}</text>", MARGIN - 16, middle(place) + 4);
        for other in 0..matrix.cores.len() {
            let Some(time) = matrix.between(place, other) else { continue };
            // From a light yellow to a dark red, with the digits in what stands out.
            let heat = heat(matrix, time);
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

    fn matrix() -> Matrix {
        Matrix { cores: vec![0, 1, 8], rows: vec![vec![], vec![80.0], vec![300.0, 150.4]] }
    }

    #[test]
    fn the_map_shows_numbers_and_shades() {
        let lines = text(&matrix());
        let lines: Vec<&str> = lines.lines().skip(1).collect();
        assert_eq!(
            lines,
            [
                "core      0      1      8",
                "   0      -   80 ░  300 █",
                "   1   80 ░      -  150 ▒",
                "   8  300 █  150 ▒      -",
                "░ quickest: 80 ns, cores 0 and 1   █ slowest: 300 ns, cores 0 and 8",
            ]
        );
        assert!(text(&Matrix { cores: vec![3], rows: vec![vec![]] }).contains("one core"));
    }

    #[test]
    fn the_drawing_has_a_cell_for_each_way_and_is_closed() {
        let svg = svg(&matrix());
        assert_eq!(svg.matches("<rect").count(), 1 + 6);
        assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
        assert!(svg.contains("#fff5c8") && svg.contains("#96001e"), "the coldest and the hottest");
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
    }
}
