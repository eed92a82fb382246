//! A running engine: one port, and threads around it.
//!
//! | thread | owns | waits for |
//! |---|---|---|
//! | `convivium-rx` | receive buffers, allowances of the lines, its own outbox | datagrams |
//! | `convivium-shard-N`, as many as there are processors, 8 at most | its peers, which of them is in which space, a socket and an outbox of its own; writes the demultiplexer | datagrams that passed, frames, commands, deadlines |
//! | `convivium-mix` | mixers of all spaces | packets and commands from the shards, the next 20 ms |
//!
//! They talk through bounded queues and end when the `Engine` is stopped or dropped: the shards and
//! the receive thread look at a flag, and with the last shard the mixer ends. A thread that ends by a panic is told to the owner: what it did is not done any more.

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

use crate::assembly::{Assembly, Inbox, Network, ShardParts, assemble};
use crate::bell::Bell;
use crate::clock::{WallClock, now};
use crate::command::Controls;
use crate::config::{Config, MAX_ADVERTISED, TICK};
use crate::error::EngineError;
use crate::event::Event;
use crate::governor::JUDGE_EVERY;
use crate::load::{Meter, Threads};
use crate::mixers::{FromMixer, Mixers, ToMixer};
use crate::net::{Link, ReceiveBatch, UdpLink, open_sockets, own_addresses};
use crate::queue::EventQueue;
use crate::rtc::Identity;
use crate::rx::{Gathering, MOMENT, Sorter};
use crate::shard::Shard;
use crate::shards::{MAX_SHARDS, Mailbox};
use crate::sums::MAX_COUNTED;

/// Sets of frames a shard takes before it looks at the others again.
const MAX_SETS: usize = 256;
/// A shard takes commands, and then datagrams, for this long before it looks for frames again.
const SLICE: Duration = Duration::from_millis(2);
/// A shard without work looks up this often; deadlines wake it earlier.
const LOOK_UP_EVERY: Duration = Duration::from_millis(500);
/// How long an engine that ends goes on telling clients so.
const GOODBYE_WITHIN: Duration = Duration::from_millis(300);
/// Errors in a row after which the socket is given up.
const MAX_SOCKET_ERRORS: u32 = 100;
/// What the receive thread waits after one: the kernel may be short of memory.
const AFTER_SOCKET_ERROR: Duration = Duration::from_millis(1);
const RX_NAME: &str = "convivium-rx";
/// A mixer that is later than this leaves out what it missed; up to it, it catches up.
const SKIP_AFTER: Duration = Duration::from_millis(40);

/// The names of the shards' threads.
pub(crate) const SHARD_NAMES: [&str; MAX_SHARDS] = [
    "convivium-shard-0",
    "convivium-shard-1",
    "convivium-shard-2",
    "convivium-shard-3",
    "convivium-shard-4",
    "convivium-shard-5",
    "convivium-shard-6",
    "convivium-shard-7",
];

/// A running engine.
pub struct Engine {
    controls: Controls,
    port: u16,
    advertised: Vec<IpAddr>,
    stopping: Arc<AtomicBool>,
    bells: Vec<Bell>,
    running: Receiver<()>,
}

impl Engine {
    /// Open the socket and start the threads.
    ///
    /// # Errors
    /// [`EngineError`] with words for an operator.
    pub fn start(config: &Config) -> Result<Self, EngineError> {
        if config.counted.len() > MAX_COUNTED {
            return Err(EngineError::TooManyCounted);
        }
        let sockets = open_sockets(config.bind, config.port, shards())?;
        let port = sockets.port;
        let advertised = advertised(config)?;
        let candidates = advertised
            .iter()
            .map(|ip| SocketAddr::new(*ip, port))
            .collect();
        let socket = Arc::new(sockets.first);
        let link = |socket| Box::new(UdpLink::new(socket)) as Box<dyn Link>;
        let network = Network {
            candidates,
            answers: link(Arc::clone(&socket)),
            sound: sockets
                .sending
                .into_iter()
                .map(Arc::new)
                .map(link)
                .collect(),
        };
        let identity = Identity::generate()?;
        let parts = assemble(identity, network, &config.counted, WallClock::read())
            .map_err(EngineError::Start)?;
        let stopping = Arc::new(AtomicBool::new(false));
        let controls = parts.controls.clone();
        let bells = parts
            .shards
            .iter()
            .map(|parts| parts.bell.clone())
            .collect();
        let running = start_threads(parts, socket, &stopping).map_err(EngineError::Start)?;
        Ok(Self {
            controls,
            port,
            advertised,
            stopping,
            bells,
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
        for bell in &self.bells {
            bell.ring();
        }
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

/// One for each processor: sending is most of the work, and the kernel lets each socket's sender run
/// by itself.
fn shards() -> usize {
    thread::available_parallelism().map_or(1, |count| count.get().min(MAX_SHARDS))
}

/// Start one thread for each part; the channel returned is disconnected when all have ended.
fn start_threads(
    parts: Assembly,
    socket: Arc<Socket>,
    stopping: &Arc<AtomicBool>,
) -> io::Result<Receiver<()>> {
    let Assembly {
        mut sorter,
        shards,
        mixers,
        to_mixer,
        tell_shards,
        events,
        ..
    } = parts;
    let (alive, running) = bounded(0);
    let threads = Threads::default();
    let start = |name, work: Box<dyn FnOnce() + Send>| {
        let threads = threads.clone();
        let counted = Box::new(move || {
            threads.add_this(name);
            work();
        });
        start_thread(name, counted, alive.clone(), Arc::clone(&events))
    };
    for (name, parts) in SHARD_NAMES.iter().zip(shards) {
        let ShardParts { shard, inbox, bell } = parts;
        let flag = Arc::clone(stopping);
        let shard = start(name, Box::new(move || inbox.run(shard, &flag)))?;
        // Before anybody else starts who could ring.
        bell.wakes(shard.thread());
    }
    let (flag, failed) = (Arc::clone(stopping), Arc::clone(&events));
    let work = move || {
        if receive(&mut sorter, &socket, &flag).is_err() {
            failed.push(Event::Failed { thread: RX_NAME });
        }
    };
    start(RX_NAME, Box::new(work))?;
    let meter = Meter::new(threads.clone(), now());
    start(
        "convivium-mix",
        Box::new(move || mix(mixers, meter, &to_mixer, tell_shards)),
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
///
/// # Errors
/// The socket's, when it has given nothing else for so long that it will not recover.
fn receive(sorter: &mut Sorter, socket: &Socket, stopping: &AtomicBool) -> io::Result<()> {
    let mut batch = ReceiveBatch::default();
    let mut gathering = Gathering::new(now());
    let mut errors = 0;
    while !stopping.load(Ordering::Acquire) {
        match batch.receive(socket.as_fd()) {
            Ok(()) => {
                errors = 0;
                let at = now();
                sorter.sort(batch.datagrams(), at);
                // What fills a batch has gathered already.
                if gathering.came(batch.len(), at) && !batch.is_full() {
                    thread::park_timeout(MOMENT);
                }
            }
            Err(error) if is_of_no_consequence(&error) => {}
            Err(error) if errors == MAX_SOCKET_ERRORS => return Err(error),
            Err(_) => {
                errors += 1;
                thread::park_timeout(AFTER_SOCKET_ERROR);
            }
        }
    }
    Ok(())
}

/// The end of the socket's patience, a signal, or an ICMP message of some peer's host.
fn is_of_no_consequence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock
            | io::ErrorKind::TimedOut
            | io::ErrorKind::Interrupted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
    )
}

/// The work of a shard's thread.
impl Inbox {
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
        shard.sent(now());
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

/// The mixer's thread: one tick each 20 ms by absolute deadlines, the shards' messages between.
fn mix(
    mut mixers: Mixers,
    mut meter: Meter,
    hear: &Receiver<ToMixer>,
    shards: Vec<Mailbox<FromMixer>>,
) {
    let mut shards: Vec<_> = shards.into_iter().map(Told::new).collect();
    let mut next_tick = now() + TICK;
    let mut next_judgement = now() + JUDGE_EVERY;
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
            mixers.count_tick(time.duration_since(next_tick));
            next_tick = tick_after(next_tick, time);
        }
        if time >= next_judgement {
            next_judgement = time + JUDGE_EVERY;
            mixers.judge(meter.look(time));
        }
        let told: Vec<_> = mixers.told().collect();
        for shard in &mut shards {
            shard.tell(&told);
        }
    }
}

/// One shard, and what it has not been told yet.
struct Told {
    shard: Mailbox<FromMixer>,
    unsent: VecDeque<FromMixer>,
}

impl Told {
    const fn new(shard: Mailbox<FromMixer>) -> Self {
        let unsent = VecDeque::new();
        Self { shard, unsent }
    }

    /// Tell as much as there is room for. When there is none frames are dropped and answers kept,
    /// whose number is limited by the commands that wait for them.
    fn tell(&mut self, messages: &[FromMixer]) {
        self.unsent.extend(messages.iter().cloned());
        if self.unsent.is_empty() {
            return;
        }
        while let Some(message) = self.unsent.pop_front() {
            if let Err(TrySendError::Full(message)) = self.shard.put(message) {
                self.unsent.push_front(message);
                self.unsent.retain(|message| !message.is_frames());
                break;
            }
        }
        self.shard.ring();
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

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use crossbeam_channel::RecvError;

    use super::*;
    use crate::ids::{PeerId, Token};
    use crate::ids::{SourceId, SpaceId};
    use crate::rx::{Class, Inbound};
    use crate::shard::tests::some_peers;

    /// Look into a queue until there is an answer, without a sleep the bell could hide behind.
    fn wait_for_answer(engine: &Engine) {
        while !matches!(engine.controls().drain(1)[..], [Event::Done { .. }]) {
            thread::yield_now();
        }
    }

    #[test]
    fn a_dead_socket_ends_the_receive_thread_and_a_quiet_one_does_not() {
        let stopping = AtomicBool::new(false);
        let mut sorter = crate::rx::tests::sorter();
        let pipe = std::os::fd::OwnedFd::from(std::io::pipe().unwrap().0);
        assert!(receive(&mut sorter, &Socket::from(pipe), &stopping).is_err());

        let kinds = [io::ErrorKind::WouldBlock, io::ErrorKind::ConnectionRefused];
        assert!(
            kinds
                .iter()
                .all(|kind| is_of_no_consequence(&(*kind).into()))
        );
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
            mut shards,
            tell_shards,
            controls,
            ..
        } = some_peers(2);
        let ShardParts {
            mut shard,
            mut inbox,
            ..
        } = shards.remove(0);
        let (pass, inbound) = bounded(WAITING);
        inbox.inbound = inbound;
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
        tell_shards[0].put(FromMixer::Settled(Token(9))).unwrap();
        inbox.turn(&mut shard, slow_machine());

        assert_eq!(controls.drain(1), [Event::Done { token: Token(9) }]);
        assert!((WAITING - 3..WAITING).contains(&inbox.commands.len()));
        assert!((WAITING - 3..WAITING).contains(&inbox.inbound.len()));
    }

    /// Handshakes are what costs most of all that a shard does for one datagram or command. However
    /// many want in, those inside get their sound first in each turn, and a turn is short.
    #[test]
    fn a_storm_of_joins_keeps_sound_waiting_for_a_few_of_them_at_most() {
        const STORM: u64 = 60;
        let Assembly {
            mut shards,
            tell_shards,
            controls,
            events,
            ..
        } = some_peers(2);
        let ShardParts {
            mut shard,
            mut inbox,
            ..
        } = shards.remove(0);
        let (pass, inbound) = bounded(STORM as usize);
        inbox.inbound = inbound;
        // Those two did not ask by the controls.
        assert!(events.expect_answer() && events.expect_answer());
        let _ = controls.drain(usize::MAX);
        for number in 0..STORM {
            let (peer, source) = (PeerId(100 + number), SourceId(100));
            let offer = crate::rtc::tests::offer(now());
            controls.answer(SpaceId(1), peer, source, offer).unwrap();
            let (class, from) = (Class::Dtls, ([192, 0, 2, 1], 1).into());
            let hello = Inbound {
                peer: PeerId(1),
                class,
                from,
                datagram: [22; 200].into(),
                at: now(),
            };
            pass.send(hello).unwrap();
        }
        let (clock, mut answered, mut left) = (slow_machine(), 0, STORM as usize);
        for turn in 0.. {
            if answered == STORM as usize && left == 0 {
                break;
            }
            // What the mixer says after a frame, in its place.
            let token = Token(10_000 + turn);
            assert!(events.expect_answer());
            tell_shards[0].put(FromMixer::Settled(token)).unwrap();
            inbox.turn(&mut shard, &clock);

            let told = controls.drain(usize::MAX);
            assert_eq!(told[0], Event::Done { token }, "sound comes first");
            let is_answer = |event: &&Event| matches!(event, Event::Answered { .. });
            let answers = told.iter().filter(is_answer).count();
            let hellos = left - inbox.inbound.len();
            assert!(
                answers <= 3 && hellos <= 3,
                "{answers} offers, {hellos} hellos in a turn"
            );
            assert!(answers + hellos > 0, "the storm goes on");
            (answered, left) = (answered + answers, inbox.inbound.len());
        }
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
