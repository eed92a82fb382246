//! Datagrams on their way out, gathered so that one system call sends many.

use std::net::SocketAddr;

/// Octets of the longest datagram the engine sends: what Ethernet carries whole.
pub(crate) const MAX_DATAGRAM: usize = 1472;
/// Datagrams sent together.
pub(super) const BATCH: usize = 64;

/// A slab of datagrams; written in place, sent together, used again.
#[derive(Debug)]
pub(crate) struct Outbox {
    slab: Box<[[u8; MAX_DATAGRAM]]>,
    written: Vec<(SocketAddr, usize)>,
}

impl Default for Outbox {
    fn default() -> Self {
        Self {
            slab: vec![[0; MAX_DATAGRAM]; BATCH].into_boxed_slice(),
            written: Vec::with_capacity(BATCH),
        }
    }
}

impl Outbox {
    /// Whether there is no room for another datagram.
    #[must_use]
    pub(crate) fn is_full(&self) -> bool {
        self.written.len() == self.slab.len()
    }

    /// Whether there is nothing to send.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.written.is_empty()
    }

    /// Write a datagram in place: `write` fills the buffer and says how much, or `None` to send
    /// nothing. There must be room.
    pub(crate) fn write(&mut self, to: SocketAddr, write: impl FnOnce(&mut [u8]) -> Option<usize>) {
        let Some(buffer) = self.slab.get_mut(self.written.len()) else {
            return;
        };
        if let Some(length) = write(buffer).filter(|length| *length <= MAX_DATAGRAM) {
            self.written.push((to, length));
        }
    }

    /// The datagrams with where they go.
    pub(crate) fn datagrams(&self) -> impl ExactSizeIterator<Item = (SocketAddr, &[u8])> {
        self.written
            .iter()
            .zip(&self.slab)
            .map(|((to, length), buffer)| (*to, &buffer[..*length]))
    }

    /// Forget them.
    pub(crate) fn clear(&mut self) {
        self.written.clear();
    }
}

/// Whatever takes datagrams: a socket, or a network in virtual time.
pub(crate) trait Link: Send {
    /// Hand all of them over; returns how many were taken. It does not wait.
    fn send(&mut self, outbox: &Outbox) -> usize;
}

/// A link whose other end nobody holds.
#[cfg(test)]
pub(crate) struct Nowhere;

#[cfg(test)]
impl Link for Nowhere {
    fn send(&mut self, outbox: &Outbox) -> usize {
        outbox.datagrams().len()
    }
}
