//! An engine's parts joined by their queues, without threads, sockets or a clock.
//!
//! `Engine` gives each part a thread; `SteppedEngine` runs all of them in one, in virtual time.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use crossbeam_channel::{Receiver, bounded};

use crate::bell::Bell;
use crate::clock::WallClock;
use crate::command::{self, Command, Controls};
use crate::mixers::{self, FromMixer, Mixers, ToMixer};
use crate::net::{Link, WayOut};
use crate::queue::EventQueue;
use crate::rtc::Identity;
use crate::rx::{self, Inbound, SharedDemux, Sorter};
use crate::shard::{Outside, Shard};
use crate::stats::Stats;

/// Frame sets and answers that may wait for the shard.
const MAX_FRAMES_WAITING: usize = 4096;

/// All parts of an engine, and the ends of the queues between them.
pub(crate) struct Assembly {
    pub(crate) controls: Controls,
    pub(crate) sorter: Sorter,
    pub(crate) shard: Shard,
    pub(crate) mixers: Mixers,
    pub(crate) queues: Queues,
    pub(crate) bell: Bell,
    pub(crate) events: Arc<EventQueue>,
}

/// The reading ends, and the mixer's writing end.
pub(crate) struct Queues {
    pub(crate) commands: Receiver<Command>,
    pub(crate) inbound: Receiver<Inbound>,
    pub(crate) to_mixer: Receiver<ToMixer>,
    pub(crate) from_mixer: Receiver<FromMixer>,
    pub(crate) tell_shard: crossbeam_channel::Sender<FromMixer>,
}

/// Make all parts of an engine that is reached at `candidates` and sends by links that `link` makes: each
/// thread that sends has its own.
///
/// # Errors
/// When the process has no file descriptor left.
pub(crate) fn assemble(
    identity: Identity,
    candidates: Vec<SocketAddr>,
    link: impl Fn() -> Box<dyn Link>,
    wall: WallClock,
) -> io::Result<Assembly> {
    let stats = Arc::new(Stats::default());
    let events = Arc::new(EventQueue::new()?);
    let bell = Bell::default();
    let demux = SharedDemux::default();
    let (command, commands) = bounded(command::MAX_WAITING);
    let (pass, inbound) = bounded(rx::MAX_WAITING);
    let (tell_mixer, to_mixer) = bounded(mixers::MAX_WAITING);
    let (tell_shard, from_mixer) = bounded(MAX_FRAMES_WAITING);
    let outside = Outside::new(
        Arc::clone(&demux),
        tell_mixer,
        Arc::clone(&events),
        Arc::clone(&stats),
        wall,
        WayOut::new(link(), Arc::clone(&stats)),
    );
    Ok(Assembly {
        controls: Controls::new(
            command,
            bell.clone(),
            Arc::clone(&events),
            Arc::clone(&stats),
        ),
        sorter: Sorter::new(
            demux,
            pass,
            bell.clone(),
            Arc::clone(&stats),
            WayOut::new(link(), Arc::clone(&stats)),
        ),
        shard: Shard::new(identity, candidates, outside),
        mixers: Mixers::new(stats),
        queues: Queues {
            commands,
            inbound,
            to_mixer,
            from_mixer,
            tell_shard,
        },
        bell,
        events,
    })
}
