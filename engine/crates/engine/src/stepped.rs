//! The engine without threads, sockets and clock: whoever holds it moves time and datagrams.
//!
//! It is the same parts and the same queues as the running engine, so that what is shown in
//! virtual time holds there too.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::assembly::{Assembly, Network, ShardParts, assemble};
use crate::clock::WallClock;
use crate::command::Controls;
use crate::config::TICK;
use crate::error::EngineError;
use crate::net::{Link, Outbox};
use crate::rtc::Identity;
use crate::shard::Beginnings;

/// The time of day at which virtual time begins.
const BEGINNING: Duration = Duration::from_secs(1_800_000_000);

/// Several, so that what goes wrong between shards goes wrong here too.
const SHARDS: usize = 2;

/// A datagram the engine sent, and where to.
pub type Sent = (SocketAddr, Vec<u8>);

/// An engine in virtual time.
pub struct SteppedEngine {
    parts: Assembly,
    sent: Arc<Mutex<VecDeque<Sent>>>,
    loses: Arc<AtomicBool>,
    next_tick: Instant,
    now: Instant,
}

impl SteppedEngine {
    /// An engine that can be reached at `address`; its time begins at `now`.
    ///
    /// # Errors
    /// Those of a running engine that concern neither sockets nor threads.
    pub fn new(address: SocketAddr, now: Instant) -> Result<Self, EngineError> {
        Self::counting(&[], address, now)
    }

    /// The same, which counts these messages on data channels.
    ///
    /// # Errors
    /// See [`SteppedEngine::new`].
    pub fn counting(
        counted: &[String],
        address: SocketAddr,
        now: Instant,
    ) -> Result<Self, EngineError> {
        let sent = Arc::new(Mutex::new(VecDeque::new()));
        let loses = Arc::new(AtomicBool::new(false));
        let link = || {
            Box::new(Collected {
                sent: Arc::clone(&sent),
                loses: Arc::clone(&loses),
            }) as Box<dyn Link>
        };
        let wall = WallClock::new(now, BEGINNING);
        let network = Network {
            candidates: vec![address],
            answers: link(),
            sound: (0..SHARDS).map(|_| link()).collect(),
        };
        let parts =
            assemble(Identity::generate()?, network, counted, wall).map_err(EngineError::Start)?;
        Ok(Self {
            parts,
            sent: Arc::clone(&sent),
            loses: Arc::clone(&loses),
            next_tick: now + TICK,
            now,
        })
    }

    /// Let sequence numbers and clocks of peers that connect from now on begin shortly before they
    /// wrap.
    pub fn begin_near_wraps(&mut self) {
        for parts in &mut self.parts.shards {
            parts.shard.begin_at(|| Beginnings {
                sequence: u16::MAX - 100,
                clock: u32::MAX - 3 * 48_000,
            });
        }
    }

    /// How much there is of peers in any of the engine's maps: nothing when nobody is there.
    #[must_use]
    pub fn left_of_peers(&self) -> usize {
        let shards = self.parts.shards.iter();
        shards.map(|parts| parts.shard.left_of_peers()).sum()
    }

    /// Lose all that is sent from now on, without using memory for it.
    pub fn lose_all(&self) {
        self.loses.store(true, Ordering::Relaxed);
    }

    /// The owner's end.
    #[must_use]
    pub fn controls(&self) -> &Controls {
        &self.parts.controls
    }

    /// A datagram arrives now.
    pub fn receive(&mut self, from: SocketAddr, datagram: &[u8]) {
        self.parts
            .sorter
            .sort(std::iter::once((from, datagram)), self.now);
        self.settle();
    }

    /// Let time pass up to `until`, every deadline and tick at its own time. Time does not go
    /// back: before now is now.
    pub fn advance(&mut self, until: Instant) {
        self.settle();
        while self.next_event() <= until {
            self.now = self.now.max(self.next_event());
            if self.next_tick <= self.now {
                self.parts.mixers.tick(self.now);
                self.next_tick += TICK;
            }
            for parts in &mut self.parts.shards {
                parts.shard.advance(self.now);
            }
            self.settle();
        }
        self.now = self.now.max(until);
    }

    /// The next datagram that was sent.
    pub fn outgoing(&mut self) -> Option<Sent> {
        self.sent
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front()
    }

    /// When something will happen by itself.
    #[must_use]
    pub fn next_event(&self) -> Instant {
        let deadlines = self.parts.shards.iter();
        deadlines
            .filter_map(|parts| parts.shard.deadline())
            .fold(self.next_tick, Instant::min)
    }

    /// Empty all queues; what the parts tell one another in doing so included.
    fn settle(&mut self) {
        let Assembly {
            shards,
            mixers,
            to_mixer,
            ..
        } = &mut self.parts;
        loop {
            let mut busy = false;
            for parts in &mut *shards {
                busy |= parts.settle(self.now);
            }
            for message in to_mixer.try_iter() {
                busy = true;
                mixers.hear(message, self.now);
            }
            for message in mixers.told() {
                busy = true;
                for parts in &mut *shards {
                    parts.shard.hear(message.clone(), self.now);
                }
            }
            if !busy {
                break;
            }
        }
        for parts in shards {
            parts.shard.flush();
        }
    }
}

impl ShardParts {
    /// Carry out and take in what waits; whether anything did.
    fn settle(&mut self, now: Instant) -> bool {
        let mut busy = false;
        for command in self.inbox.commands.try_iter() {
            busy = true;
            self.shard.obey(command, now);
        }
        while self.shard.is_telling() {
            self.shard.tell_some(now);
        }
        for inbound in self.inbox.inbound.try_iter() {
            busy = true;
            self.shard.receive(inbound);
        }
        busy
    }
}

struct Collected {
    sent: Arc<Mutex<VecDeque<Sent>>>,
    loses: Arc<AtomicBool>,
}

impl Link for Collected {
    fn send(&mut self, outbox: &Outbox) -> usize {
        if self.loses.load(Ordering::Relaxed) {
            return outbox.datagrams().len();
        }
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.extend(
            outbox
                .datagrams()
                .map(|(to, datagram)| (to, datagram.to_vec())),
        );
        outbox.datagrams().len()
    }
}
