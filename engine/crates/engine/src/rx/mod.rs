//! The way in: what a datagram is, whose it is, and whether it may pass.
//!
//! Everything from strangers ends here without an answer and without work: the class by the first
//! octet (RFC 7983), the owner by one look into a map, the gate before anything is opened, then
//! the owner's allowance. What passes goes to the shard in one bounded queue.
//!
//! Who owns what: the shard alone writes the `Demux` (new peers, proven addresses, endings) and
//! opens and closes gates; the receive thread reads both and is the only one that spends a
//! `Line`'s allowances.

mod allowance;
mod classify;
mod demux;

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use crossbeam_channel::Sender;

pub(crate) use classify::Class;
use classify::{check_ufrag, classify};
pub(crate) use demux::{Demux, Line};

use crate::bell::Bell;
use crate::ids::PeerId;
use crate::stats::Stats;

/// Datagrams that may wait for the shard.
pub(crate) const MAX_WAITING: usize = 4096;

/// A datagram that may pass.
#[derive(Debug)]
pub(crate) struct Inbound {
    pub(crate) peer: PeerId,
    pub(crate) class: Class,
    pub(crate) from: SocketAddr,
    pub(crate) datagram: Box<[u8]>,
    pub(crate) at: Instant,
}

/// The demultiplexer as both threads hold it.
pub(crate) type SharedDemux = Arc<RwLock<Demux>>;

/// Sorts datagrams; the work of the receive thread.
#[derive(Debug)]
pub(crate) struct Sorter {
    demux: SharedDemux,
    shard: Sender<Inbound>,
    bell: Bell,
    stats: Arc<Stats>,
}

impl Sorter {
    pub(crate) fn new(
        demux: SharedDemux,
        shard: Sender<Inbound>,
        bell: Bell,
        stats: Arc<Stats>,
    ) -> Self {
        Self {
            demux,
            shard,
            bell,
            stats,
        }
    }

    /// Pass on what may pass of a batch.
    pub(crate) fn sort<'d>(
        &self,
        batch: impl Iterator<Item = (SocketAddr, &'d [u8])>,
        now: Instant,
    ) {
        let mut passed = false;
        let demux = self.demux.read().unwrap_or_else(PoisonError::into_inner);
        for (from, datagram) in batch {
            self.stats.packets_in.one();
            let Some((class, line)) = owner(&demux, from, datagram) else {
                self.stats.dropped_unknown.one();
                continue;
            };
            let proven = demux.holder(from) == Some(line.peer());
            passed |= self.pass(class, &line, proven, from, datagram, now);
        }
        drop(demux);
        if passed {
            self.bell.ring();
        }
    }

    /// Give the shard a datagram if it may pass and there is room; whether it was given.
    fn pass(
        &self,
        class: Class,
        line: &Line,
        proven: bool,
        from: SocketAddr,
        datagram: &[u8],
        now: Instant,
    ) -> bool {
        if class == Class::Rtp && !line.is_open() {
            self.stats.dropped_gate.one();
            return false;
        }
        if !line.allows(class, proven, now) {
            self.stats.dropped_flood.one();
            return false;
        }
        let inbound = Inbound {
            peer: line.peer(),
            class,
            from,
            datagram: datagram.into(),
            at: now,
        };
        let passed = self.shard.try_send(inbound).is_ok();
        if !passed {
            self.stats.dropped_busy.one();
        }
        passed
    }
}

/// Whose datagram it is: a check's by the name in it, anything else's by a proven address.
fn owner(demux: &Demux, from: SocketAddr, datagram: &[u8]) -> Option<(Class, Arc<Line>)> {
    let class = classify(datagram)?;
    let line = match class {
        Class::Stun => demux.by_ufrag(check_ufrag(datagram)?),
        Class::Dtls | Class::Rtp | Class::Rtcp => demux.by_address(from),
    }?;
    Some((class, line))
}

#[cfg(test)]
mod tests {
    use crossbeam_channel::bounded;

    use std::thread;
    use std::time::Duration;

    use super::*;
    use crate::clock::now;

    #[test]
    fn a_batch_rings_once_something_of_it_passed() {
        let stranger = SocketAddr::from(([192, 0, 2, 1], 4000));
        let mut demux = Demux::default();
        demux.add_ufrag("known", &Line::new(PeerId(1)));
        let (shard, passed) = bounded(MAX_WAITING);
        let bell = Bell::default();
        bell.wakes(&thread::current());
        let sorter = Sorter::new(Arc::new(RwLock::new(demux)), shard, bell, Arc::default());
        let check = classify::tests::request("known:theirs");
        let long = Duration::from_secs(60);
        let began = now();
        sorter.sort(std::iter::once((stranger, &*check)), began);
        thread::park_timeout(long);

        assert_eq!(passed.len(), 1);
        assert!(now() - began < long);
    }

    #[test]
    fn a_members_own_address_does_not_open_another_members_allowance_of_checks() {
        let addresses = [1, 2].map(|n| SocketAddr::from(([192, 0, 2, n], 4000)));
        let mut demux = Demux::default();
        for (address, (peer, name)) in addresses.iter().zip([(1, "victim"), (2, "member")]) {
            let line = Line::new(PeerId(peer));
            demux.add_ufrag(name, &line);
            demux.add_address(*address, &line);
        }
        let (shard, passed) = bounded(MAX_WAITING);
        let sorter = Sorter::new(
            Arc::new(RwLock::new(demux)),
            shard,
            Bell::default(),
            Arc::default(),
        );
        let check = classify::tests::request("victim:theirs");
        let [victim, member] = addresses;
        let at = now();
        sorter.sort(std::iter::repeat_n((member, &*check), 1000), at);
        sorter.sort(std::iter::once((victim, &*check)), at);

        assert_eq!(passed.try_iter().last().unwrap().from, victim);
    }
}
