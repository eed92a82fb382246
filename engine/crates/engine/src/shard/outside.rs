//! What peers reach beyond themselves: the way out, the demultiplexer, the mixer, the owner.

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError};

use aws_lc_rs::rand;
use crossbeam_channel::Sender;

use crate::clock::WallClock;
use crate::ids::PeerId;
use crate::mixers::ToMixer;
use crate::net::WayOut;
use crate::queue::EventQueue;
use crate::rx::{Line, SharedDemux};
use crate::stats::Stats;

/// Everything around the peers of a shard.
pub(crate) struct Outside {
    pub(crate) demux: SharedDemux,
    pub(crate) mixer: Sender<ToMixer>,
    pub(crate) events: Arc<EventQueue>,
    pub(crate) stats: Arc<Stats>,
    pub(crate) wall: WallClock,
    way_out: WayOut,
}

impl Outside {
    pub(crate) fn new(
        demux: SharedDemux,
        mixer: Sender<ToMixer>,
        events: Arc<EventQueue>,
        stats: Arc<Stats>,
        wall: WallClock,
        way_out: WayOut,
    ) -> Self {
        Self {
            demux,
            mixer,
            events,
            stats,
            wall,
            way_out,
        }
    }

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
    let mut octets = [0; 4];
    // The system's generator does not fail once the process runs.
    let _ = rand::fill(&mut octets);
    u32::from_be_bytes(octets)
}
