//! An engine's parts joined by their queues, without threads, sockets or a clock.
//!
//! `Engine` gives each part a thread; `SteppedEngine` runs all of them in one, in virtual time.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::bell::Bell;
use crate::clock::WallClock;
use crate::command::{self, Command, Controls};
use crate::mixers::{self, FromMixer, Mixers, ToMixer};
use crate::net::{Link, WayOut};
use crate::queue::EventQueue;
use crate::rtc::Identity;
use crate::rx::{self, Inbound, SharedDemux, Sorter};
use crate::shard::{Beginnings, Outside, Shard};
use crate::shards::{InEvery, Mailbox};
use crate::stats::Stats;
use crate::sums::Counted;

/// Frame sets and answers that may wait for one shard.
const MAX_FRAMES_WAITING: usize = 4096;

/// All parts of an engine, and the ends of the queues between them.
pub(crate) struct Assembly {
    pub(crate) controls: Controls,
    pub(crate) sorter: Sorter,
    pub(crate) shards: Vec<ShardParts>,
    pub(crate) mixers: Mixers,
    pub(crate) to_mixer: Receiver<ToMixer>,
    /// The mixer's ends of the queues to the shards.
    pub(crate) tell_shards: Vec<Mailbox<FromMixer>>,
    pub(crate) events: Arc<EventQueue>,
}

/// A shard, what it reads, and what wakes it.
pub(crate) struct ShardParts {
    pub(crate) shard: Shard,
    pub(crate) inbox: Inbox,
    pub(crate) bell: Bell,
}

/// What a shard reads.
pub(crate) struct Inbox {
    pub(crate) frames: Receiver<FromMixer>,
    pub(crate) commands: Receiver<Command>,
    pub(crate) inbound: Receiver<Inbound>,
}

/// Where an engine is reached, and how it sends.
pub(crate) struct Network {
    /// The addresses told to clients.
    pub(crate) candidates: Vec<SocketAddr>,
    /// The receive thread's way out.
    pub(crate) answers: Box<dyn Link>,
    /// The way out of each shard; as many as there shall be shards.
    pub(crate) sound: Vec<Box<dyn Link>>,
}

/// Make all parts of an engine, which counts these messages.
///
/// # Errors
/// When the process has no file descriptor left.
pub(crate) fn assemble(
    identity: Identity,
    network: Network,
    counted: &[String],
    wall: WallClock,
) -> io::Result<Assembly> {
    let Network {
        candidates,
        answers,
        sound,
    } = network;
    let count = sound.len();
    let stats = Arc::new(Stats::default());
    let events = Arc::new(EventQueue::new()?);
    let demux = SharedDemux::default();
    let identity = Arc::new(identity);
    let counted: Arc<Counted> = counted.iter().map(|text| text.as_bytes().into()).collect();
    let settlings = Arc::new(InEvery::new(count));
    let (tell_mixer, to_mixer) = bounded(mixers::MAX_WAITING);
    let mut ends = WritingEnds::default();
    let make_shard = |(number, link)| {
        let outside = Outside {
            demux: Arc::clone(&demux),
            mixer: Sender::clone(&tell_mixer),
            events: Arc::clone(&events),
            stats: Arc::clone(&stats),
            wall,
            counted: Arc::clone(&counted),
            settlings: Arc::clone(&settlings),
            way_out: WayOut::new(link, Arc::clone(&stats)),
            beginnings: Beginnings::random,
        };
        let (inbox, bell) = ends.add();
        ShardParts {
            shard: Shard::new(number, Arc::clone(&identity), candidates.clone(), outside),
            inbox,
            bell,
        }
    };
    let shards = sound.into_iter().enumerate().map(make_shard).collect();
    let way_out = WayOut::new(answers, Arc::clone(&stats));
    Ok(Assembly {
        controls: Controls::new(ends.commands, Arc::clone(&events), Arc::clone(&stats)),
        sorter: Sorter::new(demux, ends.inbound, Arc::clone(&stats), wall, way_out),
        shards,
        mixers: Mixers::new(count, stats),
        to_mixer,
        tell_shards: ends.frames,
        events,
    })
}

/// The writing ends of what the shards read, of each kind one for each shard.
#[derive(Default)]
struct WritingEnds {
    frames: Vec<Mailbox<FromMixer>>,
    commands: Vec<Mailbox<Command>>,
    inbound: Vec<Mailbox<Inbound>>,
}

impl WritingEnds {
    /// Make the queues to one more shard.
    fn add(&mut self) -> (Inbox, Bell) {
        let bell = Bell::default();
        let (tell, frames) = Mailbox::new(MAX_FRAMES_WAITING, &bell);
        let (command, commands) = Mailbox::new(command::MAX_WAITING, &bell);
        let (pass, inbound) = Mailbox::new(rx::MAX_WAITING, &bell);
        self.frames.push(tell);
        self.commands.push(command);
        self.inbound.push(pass);
        let inbox = Inbox {
            frames,
            commands,
            inbound,
        };
        (inbox, bell)
    }
}
