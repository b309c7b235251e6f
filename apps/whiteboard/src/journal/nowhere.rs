//! Where the journal's crate does not run: no server has a journal, and nothing of it can be made.

use std::path::Path;
use std::sync::Arc;

use crate::hub::Hub;
use crate::protocol::BoardName;
use crate::store::{Action, Store};

/// No options.
#[derive(Clone, Debug, clap::Args)]
#[group(skip)]
pub(crate) struct Options {}

#[derive(Debug)]
pub(crate) enum Keeper {}

#[derive(Debug)]
pub(crate) enum Journal {}

#[derive(Debug)]
pub(crate) enum Opened {}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) epoch: u32,
    pub(crate) sequence: u64,
}

#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) entries: Vec<u8>,
    pub(crate) next: Place,
    pub(crate) more: bool,
    pub(crate) read: usize,
}

pub(crate) fn open(_: &Options, _: &Path, _: &Store) -> anyhow::Result<Option<Opened>> {
    Ok(None)
}

pub(crate) async fn watch(_: Arc<Hub>) {}

impl Opened {
    pub(crate) fn keep(self, _: &Arc<Store>) -> anyhow::Result<(Keeper, Arc<Journal>)> {
        match self {}
    }
}

impl Keeper {
    pub(crate) fn add(&mut self, _: &Action) {
        match *self {}
    }

    pub(crate) fn stored(&mut self) {
        match *self {}
    }

    pub(crate) fn end(self) {
        match self {}
    }
}

impl Journal {
    pub(crate) fn here(&self, _: u64, _: &[u8]) {
        match *self {}
    }

    pub(crate) fn past(&self, _: &BoardName, _: Place, _: u64) -> anyhow::Result<Part> {
        match *self {}
    }

    pub(crate) fn report(&self) -> serde_json::Value {
        match *self {}
    }

    pub(crate) fn show(&self, _: &rusted_ring_metrics::RingCollector) -> Result<(), rusted_ring_metrics::NameTaken> {
        match *self {}
    }
}
