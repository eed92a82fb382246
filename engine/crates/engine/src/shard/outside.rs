//! What peers reach beyond themselves: the way out, the demultiplexer, the mixer, the owner.

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use aws_lc_rs::rand;
use crossbeam_channel::Sender;

use crate::clock::WallClock;
use crate::event::Event;
use crate::ids::{PeerId, Token};
use crate::mixers::ToMixer;
use crate::net::WayOut;
use crate::queue::EventQueue;
use crate::rx::{Line, SharedDemux};
use crate::shards::InEvery;
use crate::stats::Stats;
use crate::sums::Counted;

/// A peer whose address another one claims keeps it if it was heard of so lately: browsers check each
/// 2.5 to 6 s.
const HOLDS_ADDRESS_FOR: Duration = Duration::from_secs(10);

/// Everything around the peers of a shard.
pub(crate) struct Outside {
    pub(crate) demux: SharedDemux,
    pub(crate) mixer: Sender<ToMixer>,
    pub(crate) events: Arc<EventQueue>,
    pub(crate) stats: Arc<Stats>,
    pub(crate) wall: WallClock,
    /// What is counted of data channels.
    pub(crate) counted: Arc<Counted>,
    pub(crate) settlings: Arc<InEvery>,
    pub(crate) way_out: WayOut,
    pub(crate) beginnings: fn() -> Beginnings,
}

/// Where the numbers of what a peer is sent begin.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Beginnings {
    /// The first sequence number.
    pub(crate) sequence: u16,
    /// What the RTP clock shows when the space's shows 0.
    pub(crate) clock: u32,
}

impl Beginnings {
    /// Where nobody can guess (RFC 3550, 5.1), and so far from a wrap that a peer which misses the
    /// first packets does not guess the roll-over counter wrong (RFC 3711, 3.3.1).
    pub(crate) fn random() -> Self {
        Self {
            sequence: (random() & 0x7FFF) as u16,
            clock: random(),
        }
    }
}

impl Outside {
    /// Send a datagram with the next flush, or before when there is no room.
    pub(super) fn send(&mut self, to: SocketAddr, datagram: &[u8]) {
        self.way_out.send(to, datagram);
    }

    /// Write a datagram in place and send it as [`Outside::send`] does.
    pub(super) fn write(&mut self, to: SocketAddr, write: impl FnOnce(&mut [u8]) -> Option<usize>) {
        self.way_out.write(to, write);
    }

    /// Hand everything written to the socket.
    pub(super) fn flush(&mut self) {
        self.way_out.flush();
    }

    /// Whether a peer may prove that it is at an address. One that another peer has proven stays with
    /// that one while it is heard of: a forged source address must not cut anybody off.
    pub(super) fn may_claim(&self, address: SocketAddr, peer: PeerId, now: Instant) -> bool {
        let demux = self.demux.read().unwrap_or_else(PoisonError::into_inner);
        let holder = demux.by_address(address).filter(|line| line.peer() != peer);
        drop(demux);
        holder.is_none_or(|line| {
            now.saturating_duration_since(line.last_heard()) >= HOLDS_ADDRESS_FOR
        })
    }

    /// Whether what a peer proved last about an address still holds.
    pub(super) fn holds(&self, address: SocketAddr, peer: PeerId) -> bool {
        let demux = self.demux.read().unwrap_or_else(PoisonError::into_inner);
        demux.holder(address) == Some(peer)
    }

    pub(super) fn prove_address(&self, address: SocketAddr, line: &Arc<Line>) {
        self.demux
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .add_address(address, line);
    }

    pub(super) fn forget_address(&self, address: SocketAddr, peer: PeerId) {
        self.demux
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove_address(address, peer);
    }

    /// All that was mixed before is with this shard's socket; when it is with every shard's, the
    /// owner is told.
    pub(super) fn settled(&self, token: Token) {
        if self.settlings.happened(token) {
            self.events.push(Event::Done { token });
        }
    }

    /// Give the mixer a voice packet; when it is behind the packet is lost, as on any network.
    pub(super) fn speak(&self, speech: ToMixer) {
        if self.mixer.try_send(speech).is_err() {
            self.stats.dropped_busy.one();
        }
    }

    /// Tell the mixer what it must know. It may wait: the mixer reads on whatever happens, and
    /// itself never waits for the shard.
    pub(super) fn arrange(&self, message: ToMixer) {
        // The mixer is gone when the engine stops, or has failed and the owner was told.
        let _ = self.mixer.send(message);
    }
}

/// A random number.
pub(super) fn random() -> u32 {
    u32::from_be_bytes(random_octets())
}

/// Octets that nobody can guess.
pub(super) fn random_octets<const N: usize>() -> [u8; N] {
    let mut octets = [0; N];
    // The system's generator does not fail once the process runs.
    let _ = rand::fill(&mut octets);
    octets
}
