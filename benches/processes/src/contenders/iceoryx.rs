//! iceoryx2: a publish-subscribe service whose publisher waits, with samples that are loaned.

use crate::contender::{Contender, Publish, Receive};
use crate::payload::{Words, fill, words};
use crate::poll::Poll;
use iceoryx2::port::publisher::Publisher;
use iceoryx2::port::subscriber::Subscriber;
use iceoryx2::port::update_connections::UpdateConnections;
use iceoryx2::prelude::*;
use iceoryx2::service::port_factory::publish_subscribe::PortFactory;

pub(super) struct Iceoryx;

type Service<const W: usize> = (Node<ipc::Service>, PortFactory<ipc::Service, [u64; W], ()>);

/// Both sides ask for the same, and whoever comes first makes it.
fn service<const W: usize>(name: &str, slots: usize) -> anyhow::Result<Service<W>> {
    set_log_level(LogLevel::Error);
    let node = NodeBuilder::new().create::<ipc::Service>()?;
    let service = node
        .service_builder(&name.try_into()?)
        .publish_subscribe::<[u64; W]>()
        .enable_safe_overflow(false)
        .history_size(0)
        .max_publishers(1)
        .max_subscribers(1)
        .subscriber_max_buffer_size(slots)
        .open_or_create()?;
    Ok((node, service))
}

impl Contender for Iceoryx {
    fn writer<const W: usize>(name: &str, slots: usize) -> anyhow::Result<impl Publish<W>> {
        let (node, service) = service::<W>(name, slots)?;
        // A sample that finds the buffer full is not delivered, which is told, and is sent again: its own way to wait yields the core.
        let publisher =
            service.publisher_builder().backpressure_strategy(BackpressureStrategy::DiscardData).create()?;
        Ok(Writes { publisher, _service: (node, service) })
    }

    fn reader<const W: usize>(name: &str, slots: usize) -> anyhow::Result<impl Receive<W>> {
        let (node, service) = service::<W>(name, slots)?;
        Ok(Reads { subscriber: service.subscriber_builder().create()?, _service: (node, service) })
    }
}

struct Writes<const W: usize> {
    publisher: Publisher<ipc::Service, [u64; W], ()>,
    _service: Service<W>,
}

impl<const W: usize> Publish<W> for Writes<W> {
    fn begin(&mut self) {
        self.publisher.update_connections().expect("the subscriber is there");
    }

    #[inline]
    fn publish(&mut self, first: u64, poll: Poll) {
        poll.until(|| {
            let mut sample = self.publisher.loan_uninit().expect("one is loaned at a time");
            // SAFETY: every bit pattern is a value of this array, all of which is written before it is read.
            fill(unsafe { sample.payload_mut().assume_init_mut() }, first);
            // SAFETY: all of it was just written.
            let sample = unsafe { sample.assume_init() };
            sample.send().expect("it is connected") > 0
        });
    }
}

struct Reads<const W: usize> {
    subscriber: Subscriber<ipc::Service, [u64; W], ()>,
    _service: Service<W>,
}

impl<const W: usize> Receive<W> for Reads<W> {
    #[inline]
    fn receive(&mut self, see: impl FnOnce(&Words<W>)) -> bool {
        let Some(sample) = self.subscriber.receive().expect("it is connected") else { return false };
        see(words(sample.payload()));
        true
    }
}
