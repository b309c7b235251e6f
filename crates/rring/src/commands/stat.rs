//! What a ring is, and its readers' accounts.

use std::{
    io::{Write, stdout},
    time::SystemTime,
};

use crate::{
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
        out.write_all(Exposition::new(Which::of(&stat.rings)?).text().as_bytes())?;
        return Ok(());
    }
    for (number, ring) in stat.rings.iter().enumerate() {
        let ring = Survey::of(&place::ring(ring)?)?;
        if stat.json {
            writeln!(out, "{}", ring.json())?;
            continue;
        }
        if number > 0 {
            writeln!(out)?;
        }
        out.write_all(show(&ring).as_bytes())?;
    }
    Ok(())
}

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
    let mut text: String = facts.iter().map(|(name, fact)| format!("{name:<11} {fact}\n")).collect();
    if ring.unlisted > 0 {
        text += &format!("unlisted    {} readers, which found the table of 64 full\n", ring.unlisted);
    }
    if ring.held > 0 {
        text += &format!(
            "mid-publish {} of the slots; at rest, their publishers were stopped or killed there, and the ring does not say which processes \
             these were: the next process that opens the ring while no other has it open frees the slots of the dead\n",
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
    let head =
        ["READER", "KIND", "PROCESS", "JOINED", "POSITION", "RECEIVED", "LOST", "HOLES", "SHARED", "LAG", "BALANCES"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for reader in &ring.readers {
        let status = reader.status;
        let numbers = [
            status.joined.get(),
            status.position.get(),
            status.received,
            status.lost,
            status.holes,
            status.shared,
            status.ahead,
        ];
        let mut row = vec![reader.name(), reader.kind().to_owned()];
        row.push(reader.holder.map_or("dead".to_owned(), |process| process.to_string()));
        row.extend(numbers.map(|number| number.to_string()));
        row.push(if reader.balances() { "yes" } else { "no" }.to_owned());
        rows.push(row);
    }
    text + &text::table(&rows)
}
