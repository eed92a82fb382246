//! One thread's way out: an outbox, the link it goes to, and what became of it.

use std::net::SocketAddr;
use std::sync::Arc;

use super::outbox::{Link, Outbox};
use crate::stats::Stats;

/// Gathers datagrams and hands them over together. Each thread that sends has one of its own.
pub(crate) struct WayOut {
    outbox: Outbox,
    link: Box<dyn Link>,
    stats: Arc<Stats>,
}

impl WayOut {
    pub(crate) fn new(link: Box<dyn Link>, stats: Arc<Stats>) -> Self {
        Self {
            outbox: Outbox::default(),
            link,
            stats,
        }
    }

    /// Send a datagram with the next flush, or before when there is no room.
    pub(crate) fn send(&mut self, to: SocketAddr, datagram: &[u8]) {
        self.write(to, |buffer| {
            buffer.get_mut(..datagram.len())?.copy_from_slice(datagram);
            Some(datagram.len())
        });
    }

    /// Write a datagram in place and send it as [`WayOut::send`] does.
    pub(crate) fn write(&mut self, to: SocketAddr, write: impl FnOnce(&mut [u8]) -> Option<usize>) {
        if self.outbox.is_full() {
            self.flush();
        }
        self.outbox.write(to, write);
    }

    /// Hand everything written to the socket.
    pub(crate) fn flush(&mut self) {
        if self.outbox.is_empty() {
            return;
        }
        let written = self.outbox.datagrams().len();
        let taken = self.link.send(&self.outbox);
        self.stats.packets_out.add(taken as u64);
        self.stats.dropped_send.add((written - taken) as u64);
        self.outbox.clear();
    }
}
