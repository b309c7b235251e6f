//! One picture of what is watched.

use std::time::Duration;

use ratatui::{
    Frame,
    layout::{Constraint, Layout},
    style::{Color, Modifier, Style, Stylize},
    text::{Line, Span},
    widgets::Paragraph,
};

use super::watch::{Watch, Watched};
use crate::survey::Reader;

/// Cells of the bar that shows a ring's pressure.
const BAR: usize = 20;
const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Columns of a reader's line beside its name.
const BESIDE: usize = 57;

/// Draws all of it, from the line `offset` on, or from the last one from which the screen is full; which that was.
pub(super) fn draw(frame: &mut Frame<'_>, watch: &Watch, offset: usize) -> usize {
    let [head, body, foot] =
        Layout::vertical([Constraint::Length(1), Constraint::Min(0), Constraint::Length(1)]).areas(frame.area());
    let name = name_width(watch, body.width as usize);
    let lines: Vec<Line<'_>> = watch.rings().flat_map(|ring| ring_lines(ring, body.width as usize, name)).collect();
    let (height, all) = (body.height as usize, lines.len());
    let offset = offset.min(all.saturating_sub(height));
    let title = format!("rring top  {}  rings: {}", watch.path().display(), watch.rings().len());
    frame.render_widget(Paragraph::new(title.bold()), head);
    if lines.is_empty() {
        frame.render_widget(Paragraph::new("no rings here"), body);
    }
    let shown: Vec<Line<'_>> = lines.into_iter().skip(offset).take(height).collect();
    frame.render_widget(Paragraph::new(shown), body);
    let range =
        if all > height { format!("   lines {}-{} of {all}", offset + 1, offset + height) } else { String::new() };
    frame.render_widget(Paragraph::new(format!("q quits, up and down scroll{range}").dim()), foot);
    offset
}

fn ring_lines(ring: &Watched, width: usize, name: usize) -> Vec<Line<'static>> {
    let survey = &ring.survey;
    let state = if survey.state() == "dead" { Style::new().fg(Color::Red) } else { Style::new().fg(Color::Green) };
    let facts = format!(
        "  {} publisher{}  {} x {}  claimed {}",
        survey.mode(),
        if survey.properties.many { "s" } else { "" },
        survey.properties.capacity,
        survey.slots(),
        survey.claimed
    );
    // Whatever room the facts leave, and half of the screen at least.
    let room = width.saturating_sub(facts.chars().count() + 7).max(width / 2);
    let title = Line::from(vec![
        Span::from(end_of(&survey.name, room)).bold(),
        " ".into(),
        Span::styled(survey.state(), state),
        facts.into(),
    ]);
    let mut lines = vec![title, measures(ring, width)];
    if survey.readers.is_empty() {
        lines.push(Line::from("  no readers").dim());
    } else if ring.is_idle() {
        lines.push(Line::from(beginning_of(&idle_readers(&survey.readers), width)).dim());
    } else {
        let head = format!(
            "  {:<name$}  {:<10} {:>8} {:>10} {:>12} {:>9}",
            "READER", "KIND", "PROCESS", "LAG", "LOST", "BLOCKS"
        );
        lines.push(Line::from(head).dim());
        lines.extend(survey.readers.iter().map(|reader| reader_line(ring, reader, name)));
    }
    lines.push(Line::default());
    lines
}

/// Columns of a reader's name: as many as the longest has, and as there are.
fn name_width(watch: &Watch, width: usize) -> usize {
    let names = watch.rings().flat_map(|ring| &ring.survey.readers).map(|reader| reader.name().chars().count());
    names.max().unwrap_or(0).min(width.saturating_sub(BESIDE)).clamp(8, 40)
}

/// The readers of a ring that rests, in a line: the other rings need the room.
fn idle_readers(readers: &[Reader]) -> String {
    let names: Vec<String> = readers.iter().map(|reader| reader.name().to_string()).collect();
    format!("  idle, nobody is behind: {}", names.join(", "))
}

/// Rate, pressure and the rates before.
fn measures(ring: &Watched, width: usize) -> Line<'static> {
    let pressure = f64::from(ring.survey.pressure);
    let filled = ((pressure * BAR as f64).round() as usize).min(BAR);
    let colour = match pressure {
        ..0.5 => Color::Green,
        ..0.9 => Color::Yellow,
        _ => Color::Red,
    };
    let rate = ring.rate.map_or("-".to_owned(), |rate| format!("{rate:.1}"));
    let bar = "█".repeat(filled) + &"░".repeat(BAR - filled);
    let before = format!("  {rate:>14}/s  pressure ");
    let percent = format!(" {:>3.0}%  ", pressure * 100.0);
    let room = width.saturating_sub(before.len() + BAR + percent.len());
    Line::from(vec![
        before.into(),
        Span::styled(bar, colour),
        percent.into(),
        Span::styled(sparkline(ring.history.iter().copied(), room), Color::Cyan),
    ])
}

/// The last rates, as many as there is room for, each as a part of the greatest.
fn sparkline(rates: impl ExactSizeIterator<Item = f64> + Clone, room: usize) -> String {
    let skipped = rates.len().saturating_sub(room);
    let rates = rates.skip(skipped);
    let most = rates.clone().fold(0.0, f64::max);
    let level = |rate: f64| if most > 0.0 { (rate / most * (LEVELS.len() - 1) as f64).round() as usize } else { 0 };
    rates.map(|rate| LEVELS[level(rate)]).collect()
}

fn reader_line(ring: &Watched, reader: &Reader, name: usize) -> Line<'static> {
    let blocks = ring.blocks_for(reader);
    let process = reader.holder.map_or("dead".to_owned(), |process| process.to_string());
    let text = format!(
        "  {:<name$}  {:<10} {process:>8} {:>10} {:>12} {:>9}",
        beginning_of(&reader.name(), name),
        reader.kind(),
        reader.status.ahead,
        reader.status.lost,
        blocks.map_or(String::new(), time),
    );
    let style = match (reader.holder, blocks) {
        (None, _) => Style::new().add_modifier(Modifier::DIM),
        (_, Some(_)) => Style::new().fg(Color::Red),
        _ => Style::new(),
    };
    Line::styled(text, style)
}

fn time(time: Duration) -> String {
    match time.as_secs() {
        seconds @ ..60 => format!("{seconds} s"),
        seconds @ ..3600 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3600),
    }
}

/// The first `room` characters.
fn beginning_of(text: &str, room: usize) -> String {
    text.chars().take(room).collect()
}

/// The last `room` characters: of a path, what tells it from others.
fn end_of(text: &str, room: usize) -> String {
    let skipped = text.chars().count().saturating_sub(room);
    text.chars().skip(skipped).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use ratatui::{Terminal, backend::TestBackend, buffer::Buffer};
    use rusted_ring::{Bytes, Consumer, Many, Publisher, Start, Subscriber};
    use rusted_ring_shm::RingFile;

    use super::*;

    /// The screen's lines, without the spaces at their ends.
    fn lines(buffer: &Buffer) -> Vec<String> {
        let line = |y| (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
        (0..buffer.area.height).map(|y| line(y).trim_end().to_owned()).collect()
    }

    fn screen(watch: &Watch, width: u16, height: u16, offset: usize) -> (Vec<String>, usize) {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let mut shown = 0;
        terminal.draw(|frame| shown = draw(frame, watch, offset)).unwrap();
        (lines(terminal.backend().buffer()), shown)
    }

    #[test]
    fn a_ring_with_a_blocker_is_clear_at_80_by_24_and_at_100_by_30() {
        let directory = tempfile::tempdir_in("/tmp").unwrap();
        let file = RingFile::at(directory.path().join("strokes"));
        let ring = file.create::<Bytes<64>, Many>(8).unwrap();
        let _archive = Consumer::join(ring.clone(), Start::Newest).unwrap().named("archive");
        let mut screen_reader = Subscriber::join(ring.clone(), Start::Newest).named("screen");
        let publisher = Publisher::join(ring).unwrap();
        let begun = Instant::now();
        let mut watch = Watch::new(directory.path().to_owned());
        watch.look(begun).unwrap();
        for _ in 0..8 {
            publisher.try_publish(b"event", 0).unwrap();
        }
        for _ in 0..5 {
            screen_reader.try_recv().unwrap();
        }
        for second in [2, 3, 6] {
            watch.look(begun + Duration::from_secs(second)).unwrap();
        }
        let process = std::process::id();
        let path = file.path().display();
        let reader = |name: usize, first, kind, lag, blocks| {
            format!("  {first:<name$}  {kind:<10} {process:>8} {lag:>10} {:>12} {blocks:>9}", 0).trim_end().to_owned()
        };
        for (width, height, name) in [(80, 24, 8), (100, 30, 8)] {
            let (lines, _) = screen(&watch, width, height, 0);
            assert_eq!(lines[0], format!("rring top  {}  rings: 1", directory.path().display()));
            assert_eq!(lines[1], format!("{path} alive  many publishers  8 x 64 B  claimed 8"));
            assert_eq!(lines[2], format!("             0.0/s  pressure {} 100%  █▁▁", "█".repeat(BAR)));
            assert_eq!(
                lines[3].split_whitespace().collect::<Vec<_>>(),
                ["READER", "KIND", "PROCESS", "LAG", "LOST", "BLOCKS"]
            );
            assert_eq!(lines[4], reader(name, "archive", "consumer", 8, "4 s"));
            assert_eq!(lines[5], reader(name, "screen", "subscriber", 3, ""));
            assert!(lines[6..height as usize - 1].iter().all(String::is_empty));
            assert_eq!(lines[height as usize - 1], "q quits, up and down scroll");
        }
    }

    #[test]
    fn a_ring_that_rests_takes_one_line_for_its_readers() {
        let directory = tempfile::tempdir().unwrap();
        let ring = RingFile::at(directory.path().join("ring")).create::<Bytes<64>, Many>(8).unwrap();
        let _archive = Consumer::join(ring.clone(), Start::Newest).unwrap().named("archive");
        let mut screen_reader = Subscriber::join(ring.clone(), Start::Newest).named("screen");
        let mut watch = Watch::new(directory.path().to_owned());
        let begun = Instant::now();
        watch.look(begun).unwrap();
        watch.look(begun + Duration::from_secs(1)).unwrap();
        assert_eq!(screen(&watch, 80, 24, 0).0[3], "  idle, nobody is behind: archive, screen");
        Publisher::join(ring).unwrap().publish(b"event", 0).unwrap();
        screen_reader.try_recv().unwrap();
        watch.look(begun + Duration::from_secs(2)).unwrap();
        let (lines, _) = screen(&watch, 80, 24, 0);
        assert!(lines[4].contains("archive") && lines[5].contains("screen"), "{lines:?}");
    }

    #[test]
    fn what_does_not_fit_is_scrolled_to_and_no_further() {
        let directory = tempfile::tempdir().unwrap();
        for n in 0..12 {
            drop(RingFile::at(directory.path().join(format!("ring-{n:02}"))).create::<Bytes<64>, Many>(8).unwrap());
        }
        let mut watch = Watch::new(directory.path().to_owned());
        watch.look(Instant::now()).unwrap();
        // Each has four lines.
        let (lines, shown) = screen(&watch, 80, 24, 0);
        assert_eq!((shown, lines[23].as_str()), (0, "q quits, up and down scroll   lines 1-22 of 48"));
        assert!(lines[1].contains("ring-00") && lines[3] == "  no readers");
        let (lines, shown) = screen(&watch, 80, 24, 1000);
        assert_eq!((shown, lines[23].as_str()), (26, "q quits, up and down scroll   lines 27-48 of 48"));
        assert!(lines[19].contains("ring-11"));
    }

    #[test]
    fn nothing_breaks_on_a_screen_of_one_cell_or_without_rings() {
        let directory = tempfile::tempdir().unwrap();
        let mut watch = Watch::new(directory.path().to_owned());
        watch.look(Instant::now()).unwrap();
        assert_eq!(screen(&watch, 80, 24, 5).0[1], "no rings here");
        drop(RingFile::at(directory.path().join("ring")).create::<Bytes<64>, Many>(8).unwrap());
        watch.look(Instant::now()).unwrap();
        for (width, height) in [(1, 1), (3, 2), (20, 5)] {
            screen(&watch, width, height, 0);
        }
    }

    #[test]
    fn a_sparkline_has_the_last_rates() {
        assert_eq!(sparkline([9.0, 0.0, 7.0].into_iter(), 2), "▁█");
        assert_eq!(sparkline([0.0; 3].into_iter(), 5), "▁▁▁");
        assert_eq!([time(Duration::from_secs(59)), time(Duration::from_secs(61))], ["59 s", "1 min"]);
    }
}
