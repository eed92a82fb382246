//! A running engine: one socket, three threads.
//!
//! | thread | owns | waits for |
//! |---|---|---|
//! | `convivium-rx` | receive buffers, allowances of the lines, its own outbox | datagrams |
//! | `convivium-shard` | peers, spaces' members, outbox; writes the demultiplexer | datagrams that passed, frames, commands, deadlines |
//! | `convivium-mix` | mixers of all spaces | packets and commands from the shard, the next 20 ms |
//!
//! They talk through bounded queues and end when the `Engine` is stopped or dropped: the owner's
//! end of the command queue goes, the shard ends, with it the mixer; the receive thread looks at
//! a flag. A thread that ends by a panic is told to the owner: what it did is not done any more.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};
use socket2::Socket;

use crate::assembly::{Assembly, assemble};
use crate::bell::Bell;
use crate::clock::{WallClock, now};
use crate::command::{Command, Controls};
use crate::config::{Config, MAX_ADVERTISED, TICK};
use crate::error::EngineError;
use crate::event::Event;
use crate::mixers::{FromMixer, Mixers, ToMixer};
use crate::net::{Link, ReceiveBatch, UdpLink, open_socket, own_addresses};
use crate::queue::EventQueue;
use crate::rtc::Identity;
use crate::rx::{Inbound, Sorter};
use crate::shard::Shard;

/// Sets of frames the shard takes before it looks at the others again.
const MAX_SETS: usize = 256;
/// The shard takes commands, and then datagrams, for this long before it looks for frames again.
const SLICE: Duration = Duration::from_millis(2);
/// A shard without work looks up this often; deadlines wake it earlier.
const LOOK_UP_EVERY: Duration = Duration::from_millis(500);
/// How long an engine that ends goes on telling clients so.
const GOODBYE_WITHIN: Duration = Duration::from_millis(300);
/// A mixer that is later than this leaves out what it missed; up to it, it catches up.
const SKIP_AFTER: Duration = Duration::from_millis(40);

/// A running engine.
pub struct Engine {
    controls: Controls,
    port: u16,
    advertised: Vec<IpAddr>,
    stopping: Arc<AtomicBool>,
    bell: Bell,
    running: Receiver<()>,
}

impl Engine {
    /// Open the socket and start the threads.
    ///
    /// # Errors
    /// [`EngineError`] with words for an operator.
    pub fn start(config: &Config) -> Result<Self, EngineError> {
        let (socket, port) = open_socket(config.bind, config.port)?;
        let advertised = advertised(config)?;
        let candidates = advertised
            .iter()
            .map(|ip| SocketAddr::new(*ip, port))
            .collect();
        let link = || Box::new(UdpLink::new(Arc::clone(&socket))) as Box<dyn Link>;
        let parts = assemble(Identity::generate()?, candidates, link, WallClock::read())
            .map_err(EngineError::Start)?;
        let stopping = Arc::new(AtomicBool::new(false));
        let (controls, bell) = (parts.controls.clone(), parts.bell.clone());
        let running = start_threads(parts, socket, &stopping).map_err(EngineError::Start)?;
        Ok(Self {
            controls,
            port,
            advertised,
            stopping,
            bell,
            running,
        })
    }

    /// The owner's end: commands in, events out.
    #[must_use]
    pub fn controls(&self) -> &Controls {
        &self.controls
    }

    /// The UDP port in use.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The addresses written into answers.
    #[must_use]
    pub fn advertised(&self) -> &[IpAddr] {
        &self.advertised
    }

    /// End all threads and close the socket; false when that took longer than `timeout`.
    /// Twice is the same as once.
    #[must_use]
    pub fn stop(&self, timeout: Duration) -> bool {
        self.end();
        self.running.recv_timeout(timeout) == Err(RecvTimeoutError::Disconnected)
    }

    fn end(&self) {
        self.stopping.store(true, Ordering::Release);
        self.bell.ring();
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.end();
    }
}

fn advertised(config: &Config) -> Result<Vec<IpAddr>, EngineError> {
    let mut advertised = if config.advertise.is_empty() {
        own_addresses(config.bind).map_err(EngineError::Socket)?
    } else {
        config.advertise.clone()
    };
    advertised.truncate(MAX_ADVERTISED);
    if advertised.is_empty() {
        return Err(EngineError::NoAddress);
    }
    Ok(advertised)
}

/// Start one thread for each part; the channel returned is disconnected when all have ended.
fn start_threads(
    parts: Assembly,
    socket: Arc<Socket>,
    stopping: &Arc<AtomicBool>,
) -> io::Result<Receiver<()>> {
    let Assembly {
        mut sorter,
        shard,
        mixers,
        queues,
        bell,
        events,
        ..
    } = parts;
    let (alive, running) = bounded(0);
    let start = |name, work| start_thread(name, work, alive.clone(), Arc::clone(&events));
    let flag = Arc::clone(stopping);
    let work = Work {
        frames: queues.from_mixer,
        commands: queues.commands,
        inbound: queues.inbound,
    };
    let shard = start("convivium-shard", Box::new(move || work.run(shard, &flag)))?;
    // Before anybody else starts who could ring.
    bell.wakes(shard.thread());
    let flag = Arc::clone(stopping);
    start(
        "convivium-rx",
        Box::new(move || receive(&mut sorter, &socket, &flag)),
    )?;
    let (hear, tell) = (queues.to_mixer, queues.tell_shard);
    start(
        "convivium-mix",
        Box::new(move || mix(mixers, &hear, &tell, &bell)),
    )?;
    Ok(running)
}

/// Start one thread. It holds `alive` until it ends; a panic is told to the owner.
fn start_thread(
    name: &'static str,
    work: Box<dyn FnOnce() + Send>,
    alive: Sender<()>,
    events: Arc<EventQueue>,
) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name(name.into()).spawn(move || {
        let _alive = alive;
        if catch_unwind(AssertUnwindSafe(work)).is_err() {
            events.push(Event::Failed { thread: name });
        }
    })
}

/// The receive thread.
fn receive(sorter: &mut Sorter, socket: &Socket, stopping: &AtomicBool) {
    let mut batch = ReceiveBatch::default();
    while !stopping.load(Ordering::Acquire) {
        // An error is the end of the socket's patience, or an ICMP message of some peer's host.
        if batch.receive(socket.as_fd()).is_ok() {
            sorter.sort(batch.datagrams(), now());
        }
    }
}

/// What the shard's thread waits for.
struct Work {
    frames: Receiver<FromMixer>,
    commands: Receiver<Command>,
    inbound: Receiver<Inbound>,
}

impl Work {
    fn run(&self, mut shard: Shard, stopping: &AtomicBool) {
        while !stopping.load(Ordering::Acquire) {
            self.wait(&shard);
            self.turn(&mut shard, now);
        }
        shard.say_goodbye(now() + GOODBYE_WITHIN, now);
    }

    /// Look at everything once. Sound first: a frame is due now, all else can wait for a slice.
    fn turn(&self, shard: &mut Shard, now: impl Fn() -> Instant) {
        for message in self.frames.try_iter().take(MAX_SETS) {
            shard.hear(message, now());
        }
        shard.flush();
        let until = now() + SLICE;
        while now() < until && self.obey_next(shard, now()) {}
        let until = now() + SLICE;
        while now() < until
            && let Ok(inbound) = self.inbound.try_recv()
        {
            shard.receive(inbound);
        }
        shard.advance(now());
        shard.flush();
    }

    /// Carry out one command, or go on with one that is for many; false when there is none.
    fn obey_next(&self, shard: &mut Shard, now: Instant) -> bool {
        if shard.is_telling() {
            shard.tell_some(now);
            return true;
        }
        let next = self.commands.try_recv();
        next.map(|command| shard.obey(command, now)).is_ok()
    }

    /// Sleep until something is due or somebody rings, unless something waits already.
    fn wait(&self, shard: &Shard) {
        let is_idle = self.frames.is_empty() && self.commands.is_empty() && self.inbound.is_empty();
        if is_idle && !shard.is_telling() {
            let due = shard
                .deadline()
                .map(|at| at.saturating_duration_since(now()));
            thread::park_timeout(due.map_or(LOOK_UP_EVERY, |due| due.min(LOOK_UP_EVERY)));
        }
    }
}

/// The mixer's thread: one tick each 20 ms by absolute deadlines, the shard's messages between.
fn mix(mut mixers: Mixers, hear: &Receiver<ToMixer>, tell: &Sender<FromMixer>, bell: &Bell) {
    let mut unsent = VecDeque::new();
    let mut next_tick = now() + TICK;
    loop {
        match hear.recv_deadline(next_tick) {
            Ok(message) => mixers.hear(message, now()),
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {}
        }
        let time = now();
        if time >= next_tick {
            // Ticks bear the time at which they were due: RTP time must not run ahead of the clock.
            mixers.tick(next_tick);
            next_tick = tick_after(next_tick, time);
        }
        unsent.extend(mixers.told());
        if !unsent.is_empty() {
            tell_shard(&mut unsent, tell);
            bell.ring();
        }
    }
}

/// When the tick after `tick` is due, at a time that is `now`; always a whole number of ticks later.
fn tick_after(tick: Instant, now: Instant) -> Instant {
    let next = tick + TICK;
    let late = now.saturating_duration_since(next);
    if late <= SKIP_AFTER {
        return next;
    }
    let missed = late.as_nanos() / TICK.as_nanos();
    next + TICK * u32::try_from(missed).unwrap_or(u32::MAX)
}

/// Send what the shard has room for. When it has none frames are dropped and answers kept, whose
/// number is limited by the commands that wait for them.
fn tell_shard(unsent: &mut VecDeque<FromMixer>, tell: &Sender<FromMixer>) {
    while let Some(message) = unsent.pop_front() {
        if let Err(TrySendError::Full(message)) = tell.try_send(message) {
            unsent.push_front(message);
            unsent.retain(|message| !message.is_frames());
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use crossbeam_channel::RecvError;

    use super::*;
    use crate::ids::SpaceId;
    use crate::ids::{PeerId, Token};
    use crate::rx::Class;
    use crate::shard::tests::some_peers;

    /// Look into a queue until there is an answer, without a sleep the bell could hide behind.
    fn wait_for_answer(engine: &Engine) {
        while !matches!(engine.controls().drain(1)[..], [Event::Done { .. }]) {
            thread::yield_now();
        }
    }

    #[test]
    fn a_thread_that_panics_is_told_and_one_that_ends_is_not() {
        let events = Arc::new(EventQueue::new().unwrap());
        let (alive, running) = bounded(0);
        let run = |name, work: Box<dyn FnOnce() + Send>| {
            start_thread(name, work, alive.clone(), Arc::clone(&events)).unwrap();
        };
        run("convivium-mix", Box::new(|| ()));
        run("convivium-rx", Box::new(|| panic!("planted in a test")));
        drop(alive);
        assert_eq!(running.recv(), Err(RecvError));

        let thread = "convivium-rx";
        assert_eq!(events.drain(10), [Event::Failed { thread }]);
    }

    /// A clock that goes on a millisecond with each look at it.
    fn slow_machine() -> impl Fn() -> Instant {
        let time = Cell::new(now());
        move || time.replace(time.get() + Duration::from_millis(1))
    }

    #[test]
    fn commands_and_datagrams_without_end_do_not_keep_sound_waiting() {
        const WAITING: usize = 100;
        let Assembly {
            mut shard,
            queues,
            controls,
            ..
        } = some_peers(2);
        let (pass, inbound) = bounded(WAITING);
        let work = Work {
            frames: queues.from_mixer,
            commands: queues.commands,
            inbound,
        };
        let _ = controls.drain(usize::MAX);
        for _ in 0..WAITING {
            controls.broadcast(SpaceId(1), "{}").unwrap();
            let at = now();
            let (peer, class, from) = (PeerId(1), Class::Dtls, ([192, 0, 2, 1], 1).into());
            let datagram = [20; 13].into();
            pass.send(Inbound {
                peer,
                class,
                from,
                datagram,
                at,
            })
            .unwrap();
        }
        queues
            .tell_shard
            .send(FromMixer::Settled(Token(9)))
            .unwrap();
        work.turn(&mut shard, slow_machine());

        assert_eq!(controls.drain(1), [Event::Done { token: Token(9) }]);
        assert!((WAITING - 3..WAITING).contains(&work.commands.len()));
        assert!((WAITING - 3..WAITING).contains(&work.inbound.len()));
    }

    #[test]
    fn whoever_has_something_for_the_shard_wakes_it() {
        const ANSWERS: u32 = 10;
        let engine = Engine::start(&Config::default()).unwrap();
        let began = now();
        for _ in 0..ANSWERS {
            // It goes from here to the shard, to the mixer and back to the shard.
            engine.controls().open_space(SpaceId(1)).unwrap();
            engine.controls().close_space(SpaceId(1)).unwrap();
            wait_for_answer(&engine);
        }

        assert!(now() - began < LOOK_UP_EVERY * ANSWERS / 2);
    }

    #[test]
    fn a_late_mixer_catches_up_with_little_and_leaves_out_much() {
        let due = now();
        let after = |late_ms| tick_after(due, due + Duration::from_millis(late_ms)) - due;

        assert_eq!(after(0), TICK);
        assert_eq!(after(19), TICK);
        assert_eq!(after(55), TICK);
        assert_eq!(after(61), 3 * TICK);
        assert_eq!(after(1_010), 50 * TICK);
    }
}
