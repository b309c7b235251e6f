//! A screen as an SVG file.

use std::fmt::Write;

use ratatui::{
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};

/// Width and height of a character.
const CELL: (u16, u16) = (8, 17);
const MARGIN: u16 = 8;

/// The screen, light on dark.
pub(super) fn svg(screen: &Buffer) -> String {
    let (columns, rows) = (screen.area.width, screen.area.height);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" font-family=\"monospace\" font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"#16181d\"/>\n",
        columns * CELL.0 + 2 * MARGIN,
        rows * CELL.1 + 2 * MARGIN
    );
    for row in 0..rows {
        let mut column = 0;
        while column < columns {
            let begun = column;
            let style = style(&screen[(begun, row)]);
            let mut text = String::new();
            while column < columns && self::style(&screen[(column, row)]) == style {
                text += screen[(column, row)].symbol();
                column += 1;
            }
            draw(&mut svg, (begun, row), &text, style);
        }
    }
    svg + "</svg>\n"
}

type Style = (Color, bool, bool);

fn style(cell: &Cell) -> Style {
    (cell.fg, cell.modifier.contains(Modifier::BOLD), cell.modifier.contains(Modifier::DIM))
}

/// Draws `text` from its first character to its last that is no space.
fn draw(svg: &mut String, (column, row): (u16, u16), text: &str, (colour, is_bold, is_dim): Style) {
    let shown = text.trim();
    if shown.is_empty() {
        return;
    }
    let before = text.chars().take_while(|character| *character == ' ').count() as u16;
    let (x, y) = (MARGIN + (column + before) * CELL.0, MARGIN + row * CELL.1 + 13);
    let colour = match colour {
        Color::Red => "#ff6b6b",
        Color::Green => "#7bd88f",
        Color::Yellow => "#ffd866",
        Color::Cyan => "#78dce8",
        _ => "#d8dee9",
    };
    let weight = if is_bold { " font-weight=\"bold\"" } else { "" };
    let opacity = if is_dim { " opacity=\"0.6\"" } else { "" };
    let length = shown.chars().count() as u16 * CELL.0;
    // Several spaces would be shown as one.
    let shown = shown.replace('&', "&amp;").replace('<', "&lt;").replace(' ', "\u{a0}");
    // Whatever the font is, each character stands where it belongs.
    let _ = writeln!(
        svg,
        "<text x=\"{x}\" y=\"{y}\" textLength=\"{length}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{colour}\"{weight}{opacity}>{shown}</text>"
    );
}

#[cfg(test)]
mod tests {
    use ratatui::{layout::Rect, style::Stylize, text::Line, widgets::Widget};

    use super::*;

    #[test]
    fn each_run_of_one_style_stands_where_it_is_on_the_screen() {
        let mut screen = Buffer::empty(Rect::new(0, 0, 20, 2));
        Line::from(vec!["<a  b>".bold(), "  ".into(), "alive".fg(Color::Green)])
            .render(Rect::new(0, 1, 20, 1), &mut screen);
        let svg = svg(&screen);
        assert!(
            svg.contains("x=\"8\" y=\"38\" textLength=\"48\"") && svg.contains(">&lt;a\u{a0}\u{a0}b></text>"),
            "{svg}"
        );
        assert!(svg.contains("x=\"72\"") && svg.contains("#7bd88f") && svg.contains(">alive</text>"), "{svg}");
        assert_eq!(svg.matches("<text").count(), 2);
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
    }
}
