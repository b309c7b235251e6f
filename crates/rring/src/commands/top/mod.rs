//! All rings at once, on a terminal, again and again.

mod draw;
mod picture;
mod watch;

use std::{
    fs,
    io::{IsTerminal, stdout},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::{Terminal, backend::TestBackend};

use crate::{cli::Top, place, stop::Stop};
use watch::Watch;

/// How long it is at most from being asked to stop to the end.
const STEP: Duration = Duration::from_millis(50);

/// Looks before a picture is drawn, which shows the rates of them.
const LOOKS: u32 = 15;
/// Of a picture.
const WIDTH: u16 = 100;
const HEIGHT: u16 = 30;

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Quit,
    /// So many lines further down.
    Scroll(i32),
}

pub(crate) fn run(top: &Top) -> anyhow::Result<()> {
    if let Some(path) = &top.svg {
        return draw_into(path, top);
    }
    if !stdout().is_terminal() {
        bail!(
            "top draws on a terminal, and standard output is none: `rring ls --json` and `rring stat` say the same to programs"
        );
    }
    let mut watch = Watch::new(place::directory_or_ring(top.place.as_deref())?);
    watch.look(Instant::now())?;
    let stop = Stop::install()?;
    let mut terminal = ratatui::try_init().context("preparing the terminal")?;
    let outcome = show(&mut terminal, &mut watch, top.interval, &stop);
    ratatui::restore();
    outcome
}

/// Draws a picture of what it shows.
fn draw_into(path: &Path, top: &Top) -> anyhow::Result<()> {
    let mut watch = Watch::new(place::directory_or_ring(top.place.as_deref())?);
    let stop = Stop::install()?;
    for look in 0..LOOKS {
        watch.look(Instant::now())?;
        let next = Instant::now() + top.interval;
        while look + 1 < LOOKS && Instant::now() < next {
            thread::sleep(STEP.min(next.saturating_duration_since(Instant::now())));
            if stop.is_asked() {
                return Ok(());
            }
        }
    }
    let mut terminal = Terminal::new(TestBackend::new(WIDTH, HEIGHT))?;
    terminal.draw(|frame| _ = draw::draw(frame, &watch, 0))?;
    let svg = picture::svg(terminal.backend().buffer());
    fs::write(path, svg).with_context(|| format!("writing {}", path.display()))
}

fn show(
    terminal: &mut ratatui::DefaultTerminal,
    watch: &mut Watch,
    interval: Duration,
    stop: &Stop,
) -> anyhow::Result<()> {
    let (mut next, mut offset) = (Instant::now() + interval, 0usize);
    loop {
        terminal.draw(|frame| offset = draw::draw(frame, watch, offset))?;
        let is_there = loop {
            if stop.is_asked() {
                return Ok(());
            }
            let left = next.saturating_duration_since(Instant::now());
            if event::poll(left.min(STEP))? {
                break true;
            }
            if left <= STEP {
                break false;
            }
        };
        if is_there {
            match wish(&event::read()?) {
                Some(Wish::Quit) => return Ok(()),
                Some(Wish::Scroll(lines)) => offset = offset.saturating_add_signed(lines as isize),
                None => {}
            }
        }
        if Instant::now() >= next {
            watch.look(Instant::now())?;
            next = Instant::now() + interval;
        }
    }
}

fn wish(event: &Event) -> Option<Wish> {
    let Event::Key(KeyEvent { code, modifiers, kind: KeyEventKind::Press, .. }) = event else { return None };
    match code {
        KeyCode::Char('q') | KeyCode::Esc => Some(Wish::Quit),
        KeyCode::Char('c') if modifiers.contains(KeyModifiers::CONTROL) => Some(Wish::Quit),
        KeyCode::Down | KeyCode::Char('j') => Some(Wish::Scroll(1)),
        KeyCode::Up | KeyCode::Char('k') => Some(Wish::Scroll(-1)),
        KeyCode::PageDown => Some(Wish::Scroll(10)),
        KeyCode::PageUp => Some(Wish::Scroll(-10)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn q_and_ctrl_c_quit_and_arrows_scroll() {
        let key = |code, modifiers| wish(&Event::Key(KeyEvent::new(code, modifiers)));
        assert_eq!(key(KeyCode::Char('q'), KeyModifiers::NONE), Some(Wish::Quit));
        assert_eq!(key(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Wish::Quit));
        assert_eq!(key(KeyCode::Char('c'), KeyModifiers::NONE), None);
        assert_eq!(key(KeyCode::Down, KeyModifiers::NONE), Some(Wish::Scroll(1)));
        assert_eq!(wish(&Event::Resize(80, 24)), None);
    }
}
