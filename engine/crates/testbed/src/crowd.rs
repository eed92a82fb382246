//! A crowd of listeners on one thread and one socket, each with an address of its own.
//!
//! Everybody calls with the full client: ICE, DTLS, real keys. Some stay full and are judged by the
//! ear; the others go on as light listeners. One thread does everything: it lets new ones in at a
//! rate, takes what came, sends what is due, and lets some go where there is churn.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::{Duration, Instant};

use convivium_engine::EngineError;
use str0m::RtcConfig;
use str0m::media::Direction;

use crate::cpu::thread_time;
use crate::ear::Listener as Hearer;
use crate::filter::Readers;
use crate::light::{CheckCredentials, KEEP_ALIVE_EVERY, Light, Taking};
use crate::mmsg::{Arrival, Arrivals, Departures, LONGEST, ManySocket, overflows};
use crate::peer::{Datagram, Happening, HeardPacket, Offer, Peer, PeerError};
use crate::tally::{Counter, Tally};
use crate::tap::{Identity, Slot, tapped};
use crate::voice::{VOICES, Voice};

/// The address of the first listener of the first thread.
const FIRST_ADDRESS: u32 = u32::from_be_bytes([127, 1, 0, 0]);
/// Addresses of one thread; four threads fit into 127.0.0.0/8.
const ADDRESSES: usize = 1 << 21;
/// Who is not connected this long after the answer will not be.
const PATIENCE: Duration = Duration::from_secs(10);
/// Batches taken before other work is looked at again.
const BATCHES: usize = 16;
/// A thread that finds nothing rests this long.
const REST: Duration = Duration::from_millis(1);
/// Ears cost memory and time: so many full listeners of a thread have them.
const EARS: usize = 4;
/// Packets an ear remembers: five minutes.
const REMEMBERED: usize = 15_000;
/// A voice below this level (dBFS) was not heard.
const AUDIBLE_DB: f32 = -45.0;
const SECOND: usize = 48_000;

/// What can end a crowd.
#[derive(Debug, thiserror::Error)]
pub enum CrowdError {
    /// No socket.
    #[error("no socket: {0}")]
    Socket(#[from] std::io::Error),
    /// No certificate.
    #[error(transparent)]
    Identity(#[from] EngineError),
    /// A call could not even be offered.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// The library made a connection whose keys cannot be had.
    #[error("the keys of a call cannot be had")]
    Keys,
}

/// Whoever answers offers: a server over HTTP, or an engine in this process.
pub trait Host {
    /// Ask for a call; the answer comes later.
    fn ask(&mut self, number: usize, offer: String);
    /// The next answer that has come (SDP text, or why not), with the number it was asked under.
    fn answered(&mut self) -> Option<(usize, Result<String, String>)>;
    /// End a call.
    fn leave(&mut self, number: usize);
    /// Forget a call whose owner is gone without a word; the other side finds out by itself.
    fn forget(&mut self, number: usize);
}

/// What a crowd does.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How many listen.
    pub listeners: usize,
    /// How many of them stay full clients.
    pub full: usize,
    /// And each how many one does, whoever comes; 0: nobody. What is read of the sound has to
    /// include them: a multiple of `read_every`.
    pub full_every: usize,
    /// Which thread this is, 0 to 3.
    pub thread: u32,
    /// How many may be on their way in at once.
    pub at_once: usize,
    /// How many begin to come in a second.
    pub joins_per_s: f64,
    /// Each how many light listeners one opens all packets; 0: all open their first one only.
    pub sample_every: usize,
    /// Each how many light listeners one is read whole; of the others each 16th packet is, and the
    /// kernel drops the rest. 1: everybody is.
    pub read_every: u32,
    /// Share of the packets that is thrown away on arrival, 0 to 1.
    pub loss: f64,
    /// How many leave in a second, for as many who come.
    pub churn_per_s: f64,
    /// Each how many of them one goes without a word; 0: nobody.
    pub silent_every: u64,
}

/// One of the crowd.
enum Member {
    /// A full client: somebody on the way in, or a full listener.
    Client(Box<Client>),
    Light(Box<Light>),
    /// Gone, or never let in.
    Absent,
}

/// What a datagram may have made of somebody.
enum Change {
    Connected,
    Failed(String),
}

struct Client {
    peer: Peer,
    keys: Slot,
    offer: String,
    credentials: Option<CheckCredentials>,
    stays_full: bool,
    /// When the answer came.
    answered: Option<Instant>,
    is_connected: bool,
    counter: Counter,
    has_ears: bool,
    heard: Vec<HeardPacket>,
}

/// Everybody on one thread.
pub struct Crowd<H> {
    plan: Plan,
    host: H,
    identity: Identity,
    socket: ManySocket,
    arrivals: Arrivals,
    outgoing: Outgoing,
    members: Vec<Member>,
    /// Numbers of full clients: they have deadlines of their own.
    clients: Vec<usize>,
    /// How many of them are on their way in.
    coming: usize,
    staying: VecDeque<usize>,
    leaving: u64,
    /// Since when people leave, and how many had left before.
    churning: Option<(Instant, u64)>,
    /// When those who come now began to, and how many had come before.
    growing_since: (Instant, usize),
    /// Before whom the checks and reports of this period were sent, and when it began.
    kept_alive: (usize, Instant),
    dice: u64,
    round: u32,
    counting_since: (Instant, Duration),
    /// What the kernel had dropped by then: at this socket, and for lack of room anywhere.
    dropped_before: (u32, u64),
    tally: Tally,
}

/// What leaves the crowd, sent when a batch is full or a turn ends.
struct Outgoing {
    port: u16,
    departures: Departures,
}

impl Outgoing {
    fn write(
        &mut self,
        socket: &ManySocket,
        from: Ipv4Addr,
        to: SocketAddrV4,
        write: impl FnOnce(&mut [u8]) -> Option<usize>,
    ) {
        if self.departures.is_full() {
            self.departures.send(socket);
        }
        self.departures.write(Some(from), to, write);
    }
}

impl<H: Host> Crowd<H> {
    /// An empty crowd before the host's door.
    ///
    /// # Errors
    /// Without a socket or a certificate.
    pub fn new(plan: Plan, host: H) -> Result<Self, CrowdError> {
        let socket = ManySocket::open(0)?;
        socket.keep(&plan.readers(), Ipv4Addr::from(plan.first_address()))?;
        let now = now();
        Ok(Self {
            identity: Identity::generate()?,
            outgoing: Outgoing {
                port: socket.port(),
                departures: Departures::default(),
            },
            members: Vec::with_capacity(plan.listeners),
            plan,
            host,
            socket,
            arrivals: Arrivals::default(),
            clients: Vec::new(),
            coming: 0,
            staying: VecDeque::new(),
            leaving: 0,
            churning: None,
            growing_since: (now, 0),
            kept_alive: (0, now),
            dice: 0x9E37_79B9_7F4A_7C15,
            round: 0,
            counting_since: (now, Duration::ZERO),
            dropped_before: (0, 0),
            tally: Tally::default(),
        })
    }

    /// The socket of all of them.
    #[must_use]
    pub const fn socket(&self) -> &ManySocket {
        &self.socket
    }

    /// Where a light listener is, where its server is, and its next check; nothing of who is none.
    #[must_use]
    pub fn check_of(&self, number: usize) -> Option<(Ipv4Addr, SocketAddrV4, Vec<u8>)> {
        let Member::Light(light) = self.members.get(number)? else {
            return None;
        };
        let mut check = vec![0; LONGEST];
        let length = light.check(&mut check)?;
        check.truncate(length);
        Some((self.address(number), light.server(), check))
    }

    /// Let more come, until there are so many.
    pub fn grow_to(&mut self, listeners: usize) {
        self.plan.listeners = listeners;
        self.growing_since = (now(), self.members.len());
    }

    /// Whether everybody has come, or will not.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.members.len() >= self.wanted() && self.coming == 0
    }

    /// How many are there.
    #[must_use]
    pub fn joined(&self) -> usize {
        self.staying.len()
    }

    /// Do what is to be done now; rests a millisecond if that was nothing.
    ///
    /// # Errors
    /// When nobody can come or hear any more. What happens to one of the crowd is counted instead.
    pub fn turn(&mut self) -> Result<(), CrowdError> {
        let now = now();
        self.invite(now)?;
        self.admit(now);
        let came = self.take()?;
        self.advance_clients(now);
        self.keep_alive(now);
        self.say_goodbye(now);
        self.outgoing.departures.send(&self.socket);
        if came == 0 {
            rest();
        }
        Ok(())
    }

    /// Count from now on, and of what was before only what went wrong.
    ///
    /// # Errors
    /// When the kernel does not say what it drops.
    pub fn begin(&mut self) -> Result<(), CrowdError> {
        self.round += 1;
        self.dropped_before = (self.socket.dropped()?, overflows()?);
        let (since, before) = self.growing_since;
        self.tally = Tally {
            failed: self.tally.failed,
            failure: self.tally.failure.take(),
            not_opened: self.tally.not_opened,
            joined: (self.members.len() - before) as u64,
            joining: now() - since,
            ..Tally::default()
        };
        self.counting_since = (now(), thread_time());
        self.churning = Some((now(), self.leaving));
        Ok(())
    }

    /// Nobody leaves any more, until counting begins again.
    pub fn settle_down(&mut self) {
        self.churning = None;
    }

    /// What was counted until now.
    ///
    /// # Errors
    /// When the kernel does not say what it dropped.
    pub fn tally(&self) -> Result<Tally, CrowdError> {
        let (since, cpu) = self.counting_since;
        let (dropped, overflowed) = self.dropped_before;
        let mut tally = Tally {
            counting: now() - since,
            cpu: vec![thread_time().saturating_sub(cpu)],
            dropped: self.socket.dropped()?.wrapping_sub(dropped).into(),
            overflowed: overflows()?.saturating_sub(overflowed),
            ..self.tally.clone()
        };
        let now_ns = since_1970_ns();
        for member in &self.members {
            match member {
                Member::Client(client) if client.is_connected => {
                    tally.full += 1;
                    tally.take_last(&client.counter, self.round, now_ns);
                    tally.ears.0 += u64::from(client.has_ears);
                    tally.ears.1 += u64::from(client.has_ears && hears(&client.heard));
                }
                Member::Light(light) => {
                    tally.light += 1;
                    tally.take_last(&light.counter, self.round, now_ns);
                }
                Member::Client(_) | Member::Absent => {}
            }
        }
        Ok(tally)
    }

    /// Let new ones ask, as fast as the plan says.
    fn invite(&mut self, now: Instant) -> Result<(), CrowdError> {
        let (since, before) = self.growing_since;
        let due = before + ((now - since).as_secs_f64() * self.plan.joins_per_s) as usize + 1;
        let most = self.wanted().min(due).min(ADDRESSES);
        while self.members.len() < most && self.coming < self.plan.at_once {
            self.call(now)?;
        }
        Ok(())
    }

    /// How many have to come altogether: for everybody who left another one.
    const fn wanted(&self) -> usize {
        self.plan.listeners + self.leaving as usize
    }

    fn call(&mut self, now: Instant) -> Result<(), CrowdError> {
        let number = self.members.len();
        let address = SocketAddrV4::new(self.address(number), self.socket.port());
        let stays_full = self.plan.stays_full(number);
        let offer = Offer {
            direction: Direction::SendRecv,
            // A light listener could not answer on it.
            with_channel: stays_full,
        };
        let config = config(&self.identity);
        let (made, keys) = tapped(|| Peer::call_with(config, address.into(), offer, now))
            .ok_or(CrowdError::Keys)?;
        let made = made?;
        self.host.ask(number, made.1.clone());
        let client = Client::new(made, keys, stays_full, stays_full && number < EARS);
        self.members.push(Member::Client(client));
        self.clients.push(number);
        self.coming += 1;
        Ok(())
    }

    /// Take the host's answers.
    fn admit(&mut self, now: Instant) {
        while let Some((number, answer)) = self.host.answered() {
            let Some(Member::Client(client)) = self.members.get_mut(number) else {
                continue;
            };
            let accepted = answer.and_then(|answer| client.accept(&answer, now));
            if let Err(why) = accepted {
                self.fail(number, why);
            }
        }
    }

    /// Take what has come; returns how many datagrams.
    fn take(&mut self) -> Result<usize, CrowdError> {
        let mut all = 0;
        for _ in 0..BATCHES {
            let came = self.arrivals.take(&self.socket)?;
            all += came;
            if came == 0 {
                break;
            }
            self.hand_out();
        }
        Ok(all)
    }

    /// Give each datagram of a batch to whom it is for.
    fn hand_out(&mut self) {
        let now = now();
        let mut changes = Vec::new();
        for mut arrival in self.arrivals.datagrams() {
            let number = u32::from(arrival.to).checked_sub(self.plan.first_address());
            let Some((number, member)) = number
                .map(|number| number as usize)
                .and_then(|number| Some((number, self.members.get_mut(number)?)))
            else {
                continue;
            };
            if is_sound(arrival.octets) && chance(&mut self.dice) < self.plan.loss {
                self.tally.withheld += 1;
                continue;
            }
            let taking = Taking {
                round: self.round,
                at_ns: arrival.at_ns,
                now,
            };
            let (port, server) = (self.outgoing.port, arrival.from);
            if let Some(change) = member.receive(&mut arrival, port, &taking, &mut self.tally) {
                changes.push((number, server, change));
            }
        }
        for (number, server, change) in changes {
            match change {
                Change::Connected => self.settle(number, server),
                Change::Failed(why) => self.fail(number, why),
            }
        }
    }

    /// Somebody's call stands: let them stay as the plan says.
    fn settle(&mut self, number: usize, server: SocketAddrV4) {
        self.coming -= 1;
        self.send_of(number);
        let Some(Member::Client(client)) = self.members.get_mut(number) else {
            return;
        };
        if !client.stays_full {
            let opens_all = number.checked_rem(self.plan.sample_every) == Some(0);
            let Some(light) = client.light(server, number as u32 + 1, opens_all) else {
                return self.fail(number, "a call has no keys".into());
            };
            self.clients.retain(|client| *client != number);
            let is_read_whole = self.plan.readers().include(number as u32);
            let light = if is_read_whole {
                light
            } else {
                light.read_sparsely()
            };
            self.members[number] = Member::Light(Box::new(light));
        }
        self.staying.push_back(number);
    }

    /// Count somebody whose call failed, and forget them.
    fn fail(&mut self, number: usize, why: String) {
        let Member::Client(client) = &self.members[number] else {
            return;
        };
        self.coming -= usize::from(!client.is_connected);
        self.tally.failed += 1;
        self.tally.failure.get_or_insert(why);
        self.clients.retain(|client| *client != number);
        self.members[number] = Member::Absent;
    }

    /// Let time pass for full clients.
    fn advance_clients(&mut self, now: Instant) {
        let mut failed = Vec::new();
        for number in &self.clients {
            let Member::Client(client) = &mut self.members[*number] else {
                continue;
            };
            if client.answered.is_some()
                && now >= client.peer.deadline()
                && let Err(error) = client.peer.advance(now)
            {
                failed.push((*number, error.to_string()));
            }
            if client.is_stuck(now) {
                failed.push((*number, "a call was answered but not connected".into()));
            }
        }
        for (number, why) in failed {
            self.fail(number, why);
        }
        for at in 0..self.clients.len() {
            self.send_of(self.clients[at]);
        }
    }

    /// Send what a full client has to send.
    fn send_of(&mut self, number: usize) {
        let from = self.address(number);
        let Some(Member::Client(client)) = self.members.get_mut(number) else {
            return;
        };
        while let Some(datagram) = client.peer.outgoing() {
            // The server has other addresses, too; ICE finds those that are reached.
            if let SocketAddr::V4(to) = datagram.to {
                self.outgoing.write(&self.socket, from, to, |packet| {
                    packet
                        .get_mut(..datagram.bytes.len())?
                        .copy_from_slice(&datagram.bytes);
                    Some(datagram.bytes.len())
                });
            }
        }
    }

    /// Send the checks and reports of those light listeners whose turn it is: in each period
    /// everybody's once, evenly spread.
    fn keep_alive(&mut self, now: Instant) {
        let (mut next, began) = self.kept_alive;
        let passed = (now - began).as_secs_f64() / KEEP_ALIVE_EVERY.as_secs_f64();
        let due = (self.members.len() as f64 * passed.min(1.0)) as usize;
        while next < due {
            let from = self.address(next);
            if let Member::Light(light) = &mut self.members[next] {
                let to = light.server();
                self.outgoing
                    .write(&self.socket, from, to, |packet| light.check(packet));
                self.outgoing
                    .write(&self.socket, from, to, |packet| light.report(packet, now));
                self.tally.checks.0 += 1;
            }
            next += 1;
        }
        self.kept_alive = if passed >= 1.0 {
            (0, now)
        } else {
            (next, began)
        };
    }

    /// Let those go who have been here the longest, as many as the plan says, once all have come.
    fn say_goodbye(&mut self, now: Instant) {
        let Some((since, before)) = self.churning else {
            return;
        };
        let due = before + ((now - since).as_secs_f64() * self.plan.churn_per_s) as u64;
        while self.leaving < due {
            let Some(number) = self.staying.pop_front() else {
                return;
            };
            self.leaving += 1;
            self.tally.left += 1;
            if self.leaving.checked_rem(self.plan.silent_every) == Some(0) {
                self.host.forget(number);
            } else {
                self.host.leave(number);
            }
            self.clients.retain(|client| *client != number);
            match std::mem::replace(&mut self.members[number], Member::Absent) {
                Member::Client(client) => self.tally.take(&client.counter, self.round),
                Member::Light(light) => self.tally.take(&light.counter, self.round),
                Member::Absent => {}
            }
        }
    }

    fn address(&self, number: usize) -> Ipv4Addr {
        Ipv4Addr::from(self.plan.first_address() + number as u32)
    }
}

impl Plan {
    /// The address of the first listener of this thread, as a number.
    const fn first_address(&self) -> u32 {
        FIRST_ADDRESS + self.thread * ADDRESSES as u32
    }

    const fn stays_full(&self, number: usize) -> bool {
        number < self.full || matches!(number.checked_rem(self.full_every), Some(0))
    }

    /// Whose sound is read whole: full clients, and each so-many-th of the others.
    const fn readers(&self) -> Readers {
        Readers {
            first: self.full as u32,
            every: self.read_every,
        }
    }
}

impl Member {
    /// Take a datagram for this one's address and the crowd's port.
    fn receive(
        &mut self,
        arrival: &mut Arrival<'_>,
        port: u16,
        taking: &Taking,
        tally: &mut Tally,
    ) -> Option<Change> {
        match self {
            Self::Absent => None,
            Self::Light(light) => {
                light.receive(arrival.octets, taking, tally);
                None
            }
            Self::Client(client) => {
                let datagram = Datagram {
                    from: arrival.from.into(),
                    to: SocketAddr::from((arrival.to, port)),
                    bytes: arrival.octets.to_vec(),
                };
                client.receive(&datagram, taking, tally)
            }
        }
    }
}

impl Client {
    fn new(
        (peer, offer): (Peer, String),
        keys: Slot,
        stays_full: bool,
        has_ears: bool,
    ) -> Box<Self> {
        Box::new(Self {
            peer,
            keys,
            offer,
            credentials: None,
            stays_full,
            answered: None,
            is_connected: false,
            counter: Counter::default(),
            has_ears,
            heard: Vec::new(),
        })
    }

    fn receive(
        &mut self,
        datagram: &Datagram,
        taking: &Taking,
        tally: &mut Tally,
    ) -> Option<Change> {
        let was_connected = self.is_connected;
        let taken = self.peer.receive(datagram, taking.now);
        self.follow(taking, tally);
        match taken {
            Err(error) => Some(Change::Failed(error.to_string())),
            Ok(()) if self.is_connected && !was_connected => Some(Change::Connected),
            Ok(()) => None,
        }
    }

    fn accept(&mut self, answer: &str, now: Instant) -> Result<(), String> {
        self.credentials = CheckCredentials::of(&self.offer, answer);
        self.offer = String::new();
        self.answered = Some(now);
        self.peer
            .accept(answer, now)
            .map_err(|error| error.to_string())
    }

    fn is_stuck(&self, now: Instant) -> bool {
        !self.is_connected && self.answered.is_some_and(|at| now - at > PATIENCE)
    }

    /// See what happened after a datagram.
    fn follow(&mut self, taking: &Taking, tally: &mut Tally) {
        while let Some(happening) = self.peer.happening() {
            match happening {
                Happening::Connected => self.is_connected = true,
                Happening::Heard(packet) => {
                    let (sequence, timestamp) = (packet.sequence as u16, packet.timestamp);
                    let late = self
                        .counter
                        .count(taking.round, sequence, timestamp, taking.at_ns);
                    tally.lateness.add(late);
                    if self.has_ears && self.heard.len() < REMEMBERED {
                        self.heard.push(packet);
                    }
                }
                _ => {}
            }
        }
    }

    fn light(&self, server: SocketAddrV4, ssrc: u32, opens_all: bool) -> Option<Light> {
        let keys = self.keys.get()?.as_ref().ok()?;
        Light::new(keys, self.credentials.clone()?, server, ssrc, opens_all).ok()
    }
}

fn config(identity: &Identity) -> RtcConfig {
    RtcConfig::new()
        .set_crypto_provider(identity.provider.clone())
        .set_dtls_cert(identity.certificate.clone())
        .set_rtp_mode(true)
        .clear_codecs()
        .enable_opus(true, false)
}

/// RTP, and no RTCP (RFC 5761, 4).
fn is_sound(octets: &[u8]) -> bool {
    matches!(octets, [128..=191, kind, ..] if !(192..=223).contains(kind))
}

/// Whether some voice was audible in every whole second between the first packet and the last.
fn hears(packets: &[HeardPacket]) -> bool {
    let (Some(first), Ok(mut hearer)) = (packets.first(), Hearer::new()) else {
        return false;
    };
    for packet in packets {
        let at = packet.timestamp.wrapping_sub(first.timestamp);
        // What is no Opus packet is as good as lost: the ear will notice.
        let _ = hearer.hear(at as usize, &packet.payload);
    }
    let seconds = hearer.ear.sound().len() / SECOND;
    // A decoder that begins in the middle of a voice has its first second to find into it.
    !(1..seconds).is_empty()
        && (1..seconds).all(|second| {
            let span = second * SECOND..(second + 1) * SECOND;
            (0..VOICES)
                .any(|voice| hearer.ear.level_db(Voice::new(voice), span.clone()) > AUDIBLE_DB)
        })
}

/// A number from 0 to 1, by xorshift (Marsaglia 2003).
fn chance(dice: &mut u64) -> f64 {
    *dice ^= *dice << 13;
    *dice ^= *dice >> 7;
    *dice ^= *dice << 17;
    (*dice >> 11) as f64 / (1_u64 << 53) as f64
}

#[expect(
    clippy::disallowed_methods,
    reason = "a crowd is an edge: it runs in real time"
)]
fn now() -> Instant {
    Instant::now()
}

/// The clock by which the kernel says when datagrams came.
#[expect(
    clippy::disallowed_methods,
    reason = "a crowd is an edge: it runs in real time"
)]
fn since_1970_ns() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, |since| since.as_nanos() as u64)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a crowd is an edge: it runs in real time"
)]
fn rest() {
    std::thread::sleep(REST);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_throws_away_the_share_it_is_told() {
        let mut dice = 0x9E37_79B9_7F4A_7C15;
        let hits = (0..10_000).filter(|_| chance(&mut dice) < 0.2).count();

        assert!((1_900..2_100).contains(&hits), "{hits}");
    }

    #[test]
    fn who_heard_nothing_does_not_hear() {
        assert!(!hears(&[]));
    }
}
