//! What a ring is, and its readers' accounts; what latest-value cells are, and who writes and reads them.

use std::{
    io::{Write, stdout},
    time::SystemTime,
};

use crate::{
    cells::{self, Cells},
    cli::Stat,
    exposition::{Exposition, Which},
    place,
    survey::{Survey, words},
    text,
};

pub(crate) fn run(stat: &Stat) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    if stat.prometheus {
        // A ring that is named and not there, or damaged, is an error here, unlike in an exporter, which waits for it.
        stat.rings.iter().try_for_each(|ring| place::ring(ring)?.observe_any().map(drop))?;
        out.write_all(Exposition::new(Which::of(&stat.rings)?, None).text().as_bytes())?;
        return Ok(());
    }
    for (number, ring) in stat.rings.iter().enumerate() {
        let file = place::ring(ring)?;
        let (json, text) = if cells::are_at(file.path()) {
            let cells = Cells::of(file.path())?;
            (cells.json(), show_cells(&cells))
        } else {
            let ring = Survey::of(&file)?;
            (ring.json(), show(&ring))
        };
        if stat.json {
            writeln!(out, "{json}")?;
            continue;
        }
        if number > 0 {
            writeln!(out)?;
        }
        out.write_all(text.as_bytes())?;
    }
    Ok(())
}

fn show_cells(cells: &Cells) -> String {
    let identity = cells.properties.identity;
    let processes: Vec<_> = cells.readers.iter().map(|process| format!("process {process}")).collect();
    let readers = if processes.is_empty() { "none now".to_owned() } else { processes.join(", ") };
    show_facts(&[
        ("latest", cells.name.clone()),
        ("state", cells.state().to_owned()),
        ("id", format!("{:032x}", identity.id)),
        ("epoch", identity.epoch.to_string()),
        ("keys", format!("{} of {}", cells.properties.keys, cells.value())),
        ("file", text::bytes(cells.properties.bytes)),
        ("writer", cells.writer.map_or("none now".to_owned(), |process| format!("process {process}"))),
        ("readers", format!("{readers}; at most {}", cells.properties.readers)),
    ])
}

fn show_facts(facts: &[(&str, String)]) -> String {
    facts.iter().map(|(name, fact)| format!("{name:<11} {fact}\n")).collect()
}

/// The column that says how far a reader keeps what it received.
const DURABLE: usize = 5;

fn show(ring: &Survey) -> String {
    let identity = ring.properties.identity;
    let publisher = match (ring.properties.many, ring.publisher) {
        (true, _) => "many, of which the ring keeps no count".to_owned(),
        (false, Some(process)) => format!("one at a time: process {process}"),
        (false, None) => "one at a time: none now".to_owned(),
    };
    let facts = [
        ("ring", ring.name.clone()),
        ("state", ring.state().to_owned()),
        ("id", format!("{:032x}", identity.id)),
        ("epoch", identity.epoch.to_string()),
        ("slots", format!("{} of {}", ring.properties.capacity, ring.slots())),
        ("file", text::bytes(ring.properties.bytes)),
        ("publishers", publisher),
        ("claimed", ring.claimed.to_string()),
        ("pressure", format!("{:.2}", ring.pressure)),
    ];
    let mut text = show_facts(&facts);
    if let Some(set) = &ring.set {
        text += &format!("set         {}\n", set.show());
    }
    if ring.unlisted > 0 {
        text += &format!("unlisted    {} readers, which found the table of 64 full\n", ring.unlisted);
    }
    if ring.held > 0 {
        text += &format!(
            "mid-publish {} of the slots; while nobody publishes, this means that publishers were stopped or killed in the middle of a publish. \
             Once no process has the ring open, the next one that opens it frees the slots of those that were killed\n",
            ring.held
        );
    }
    for noted in &ring.noted {
        let ago = |time: SystemTime| text::ago(time.elapsed().unwrap_or_default());
        let (first, last) = (ago(noted.first), ago(noted.last));
        text +=
            &format!("noted       {}: {}, first {first} ago, last {last} ago\n", words(noted.incident).1, noted.count);
    }
    text.push('\n');
    if ring.readers.is_empty() {
        return text + "no readers\n";
    }
    let head = [
        "READER", "KIND", "PROCESS", "JOINED", "POSITION", "DURABLE", "RECEIVED", "REPAIRED", "LOST", "HOLES",
        "SHARED", "LAG", "BALANCES",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for reader in &ring.readers {
        let status = reader.status;
        let numbers = [status.received, status.repaired, status.lost, status.holes, status.shared, status.ahead];
        let mut row = vec![reader.name(), reader.kind().to_owned()];
        row.push(reader.holder.map_or("dead".to_owned(), |process| process.to_string()));
        row.extend([status.joined, status.position].map(|sequence| sequence.to_string()));
        row.push(status.durable.map_or("-".to_owned(), |durable| durable.to_string()));
        row.extend(numbers.map(|number| number.to_string()));
        row.push(if reader.balances() { "yes" } else { "no" }.to_owned());
        rows.push(row);
    }
    // Of most rings, nobody keeps the events.
    if ring.readers.iter().all(|reader| reader.status.durable.is_none()) {
        rows.iter_mut().for_each(|row| _ = row.remove(DURABLE));
    }
    text + &text::table(&rows)
}
