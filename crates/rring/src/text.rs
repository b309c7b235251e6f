//! Output for people: columns, sizes, and bytes of which a terminal is safe.

use std::{fmt::Write, time::Duration};

/// Rows of cells, each column as wide as its widest cell; the first row is the head.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| widest(column).unwrap_or(0)).collect();
    // A column is of numbers, and stands to the right, if all of it below the head is.
    let is_number = |cell: &String| cell == "-" || cell.starts_with(|first: char| first.is_ascii_digit());
    let to_right: Vec<bool> = (0..columns)
        .map(|column| rows.len() > 1 && rows[1..].iter().filter_map(|row| row.get(column)).all(is_number))
        .collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let gap = " ".repeat(widths[column] - cell.chars().count());
            let (before, behind) = if to_right[column] { (gap.as_str(), "") } else { ("", gap.as_str()) };
            let _ = write!(line, "{before}{cell}{behind}  ");
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// A number of bytes, such as `16.5 KiB`.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut unit = 0;
    let mut scaled = count as f64;
    while scaled >= 1024.0 && unit + 1 < UNITS.len() {
        scaled /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{count} B") } else { format!("{scaled:.1} {}", UNITS[unit]) }
}

/// How long something is ago, such as `3 min`.
pub(crate) fn ago(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds / 60),
        seconds @ 7200..172_800 => format!("{} h", seconds / 3600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

/// Bytes as text: UTF-8 as it is, but for backslashes, control characters and what is no UTF-8, which are escaped.
pub(crate) fn escaped(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\\' => text.push_str("\\\\"),
                control if control.is_control() => text.extend(control.escape_default()),
                plain => text.push(plain),
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

/// Prints a line to standard error, as `eprintln!` does; but that nobody may read it any more does not matter.
macro_rules! say {
    ($($arguments:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($arguments)*);
    }};
}
pub(crate) use say;

/// A message, in which control characters are escaped: it may name what others wrote.
pub(crate) fn message(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => safe.push('\n'),
            control if control.is_control() => safe.extend(control.escape_default()),
            plain => safe.push(plain),
        }
    }
    safe
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_upon_is_escaped() {
        assert_eq!(escaped("strichè".as_bytes()), "strichè");
        assert_eq!(escaped(b"a\x1b[2J\\b\n\xff"), "a\\u{1b}[2J\\\\b\\n\\xff");
        assert_eq!(hex(&[0, 0xab]), "00ab");
        assert_eq!(message("no \\ ring\n\x1b[2J"), "no \\ ring\n\\u{1b}[2J");
    }

    #[test]
    fn numbers_stand_to_the_right_and_words_to_the_left() {
        let rows = [["name", "lag"], ["screen", "7"], ["log", "1000"]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(table(&rows), "name     lag\nscreen     7\nlog     1000\n");
    }

    #[test]
    fn times_are_in_the_unit_that_fits() {
        let ago = |seconds| ago(Duration::from_secs(seconds));
        assert_eq!([ago(0), ago(119), ago(120), ago(7200), ago(1 << 20)], ["0 s", "119 s", "2 min", "2 h", "12 d"]);
    }

    #[test]
    fn sizes_are_in_the_unit_that_fits() {
        assert_eq!([bytes(0), bytes(1023), bytes(16_896)], ["0 B", "1023 B", "16.5 KiB"]);
    }
}
