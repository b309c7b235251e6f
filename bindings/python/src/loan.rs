//! Events that a Consumer lends in place.

use std::{ptr, slice, sync::Arc};

use crate::{
    abi::{self, Head},
    handle::Entered,
    reader::Endpoint,
};

/// Events that are lent, until this is dropped. It is counted, by an `Arc`: every view has a share of it, and every array a reference to
/// its view.
pub(crate) struct Loan {
    endpoint: Arc<Endpoint>,
    heads: Vec<Head>,
}

impl Loan {
    /// Of events that `reader`, the endpoint's, has just lent. Nothing else can be done by it meanwhile.
    pub(crate) fn new(
        endpoint: &Arc<Endpoint>,
        reader: Entered<'_, rusted_ring_ffi::types::Reader>,
        heads: Vec<Head>,
    ) -> Self {
        reader.lend();
        Loan { endpoint: endpoint.clone(), heads }
    }

    /// The events, at least one.
    pub(crate) fn heads(&self) -> &[Head] {
        &self.heads
    }

    /// The events, and their bytes.
    pub(crate) fn events(&self) -> impl Iterator<Item = (&Head, &[u8])> {
        self.heads.iter().map(|head| {
            let start = ptr::with_exposed_provenance(head.address);
            // SAFETY: V: the event lies there until the loan ends, and nobody writes it.
            (head, unsafe { slice::from_raw_parts(start, head.len) })
        })
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        self.endpoint.handle.give_back(abi::release);
    }
}
