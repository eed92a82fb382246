//! An engine and people around it in virtual time: no socket, no thread, no waiting.
//!
//! Every datagram passes one gate, where a test may lose it, and one log, where a test may look
//! what was sent to whom. Time moves in steps of at most a millisecond, so that a day of silence
//! takes seconds and the same seed gives the same day.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use convivium_engine::{
    Controls, EngineError, Event, PeerId, SourceId, SpaceId, SteppedEngine, Token,
};
use str0m::RtcConfig;

use crate::peer::{Datagram, Happening, HeardPacket, Offer, Peer, PeerError};

/// Between two packets of a voice.
pub const FRAME: Duration = Duration::from_millis(20);
const STEP: Duration = Duration::from_millis(1);

/// What went wrong in a world: a test that meets it has failed.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// The synthetic client could not do it.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// The engine did not take a command.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The engine refused with this code.
    #[error("refused: {0}")]
    Refused(&'static str),
    /// It did not happen in time.
    #[error("{0} did not happen in time")]
    Late(&'static str),
}

/// Who joins, and how.
#[derive(Debug, Clone, Copy)]
pub struct Guest {
    /// The space.
    pub space: SpaceId,
    /// The number of the connection.
    pub peer: PeerId,
    /// The number of the voice.
    pub source: SourceId,
    /// Where the guest's datagrams come from.
    pub address: SocketAddr,
    /// What the guest offers.
    pub offer: Offer,
}

impl Guest {
    /// Guest number `n` of space 1, with microphone, ears and data channel.
    #[must_use]
    pub fn number(n: u8) -> Self {
        Self {
            space: SpaceId(1),
            peer: PeerId(u64::from(n)),
            source: SourceId(u32::from(n) * 100),
            address: SocketAddr::from(([10, 0, 0, n], 5000)),
            offer: Offer::default(),
        }
    }
}

/// A guest in the world, and what befell it.
pub struct Person {
    /// As it joined.
    pub guest: Guest,
    /// As which addresses the others see it: it sends from the first, and receives at all. Its own
    /// alone, unless something on its way changes addresses.
    pub seen_at: Vec<SocketAddr>,
    /// Whether its handshake is over.
    pub connected: bool,
    /// Whether its data channel is open.
    pub channel_open: bool,
    /// What it heard, oldest first.
    pub heard: Vec<HeardPacket>,
    /// What its data channel brought, oldest first.
    pub messages: Vec<String>,
    /// Its round trip, by the engine's reports.
    pub round_trip: Option<Duration>,
    /// Whether its connection failed on its own side.
    pub broken: bool,
    peer: Peer,
    outgoing: VecDeque<Datagram>,
    says: VecDeque<Box<[u8]>>,
    next_frame: Instant,
}

impl Person {
    /// Let it say these packets, one each 20 ms from now on, instead of what it was saying.
    pub fn say(&mut self, packets: impl IntoIterator<Item = Box<[u8]>>) {
        self.says = packets.into_iter().collect();
    }

    /// The client itself.
    pub fn peer(&mut self) -> &mut Peer {
        &mut self.peer
    }
}

/// The messages that the engine counts.
pub const COUNTED: [&str; 2] = ["hearts", "claps"];

/// Decides whether a datagram arrives.
pub type Fate = Box<dyn FnMut(&Datagram) -> bool>;

/// An engine, people, and the time.
pub struct World {
    /// The people, in the order in which they came.
    pub people: Vec<Person>,
    /// The engine's events that nobody has asked for, oldest first.
    pub events: Vec<Event>,
    /// Every datagram the engine sent, with when, since it was last cleared.
    pub sent: Vec<(Instant, Datagram)>,
    /// Which datagrams arrive; all unless a test says otherwise.
    pub arrives: Fate,
    engine: SteppedEngine,
    near_wraps: bool,
    server: SocketAddr,
    now: Instant,
}

impl World {
    /// A world with space 1 in it.
    ///
    /// # Errors
    /// When the engine does not start.
    #[expect(
        clippy::disallowed_methods,
        reason = "virtual time has to begin somewhere"
    )]
    pub fn new() -> Result<Self, WorldError> {
        let server = SocketAddr::from(([10, 0, 0, 254], 4000));
        let now = Instant::now();
        let engine = SteppedEngine::counting(&COUNTED.map(String::from), server, now)?;
        engine.controls().open_space(SpaceId(1))?;
        Ok(Self {
            people: Vec::new(),
            events: Vec::new(),
            sent: Vec::new(),
            arrives: Box::new(|_| true),
            engine,
            near_wraps: false,
            server,
            now,
        })
    }

    /// Let all numbers of people who join from now on begin shortly before they wrap, on both
    /// sides.
    pub fn begin_near_wraps(&mut self) {
        self.engine.begin_near_wraps();
        self.near_wraps = true;
    }

    /// The engine alone, with all that it sends from now on lost.
    pub fn into_engine(self) -> SteppedEngine {
        self.engine.lose_all();
        self.engine
    }

    /// How much the engine still holds of people; nothing when nobody is there.
    #[must_use]
    pub fn left_of_peers(&self) -> usize {
        self.engine.left_of_peers()
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Where the engine is reached.
    #[must_use]
    pub fn server(&self) -> SocketAddr {
        self.server
    }

    /// The owner's end of the engine.
    #[must_use]
    pub fn controls(&self) -> &Controls {
        self.engine.controls()
    }

    /// Let a guest join and wait until it hears the space; returns its place among the people.
    ///
    /// # Errors
    /// When it is refused, or not connected within 5 s.
    pub fn join(&mut self, guest: Guest) -> Result<usize, WorldError> {
        let place = self.invite(guest)?;
        self.run_until("connecting", Duration::from_secs(5), |world| {
            let person = &world.people[place];
            person.connected && (person.channel_open || !guest.offer.with_channel)
        })?;
        Ok(place)
    }

    /// Let a guest begin to join, and do not wait.
    ///
    /// # Errors
    /// When it is refused.
    pub fn invite(&mut self, guest: Guest) -> Result<usize, WorldError> {
        let config = RtcConfig::new()
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false);
        self.invite_with(guest, config, |offer| offer)
    }

    /// The same with a client of one's own making, and an offer changed on its way.
    ///
    /// # Errors
    /// When it is refused.
    pub fn invite_with(
        &mut self,
        guest: Guest,
        config: RtcConfig,
        change: impl FnOnce(String) -> String,
    ) -> Result<usize, WorldError> {
        let (mut peer, offer) = Peer::call_with(config, guest.address, guest.offer, self.now)?;
        let Guest {
            space,
            peer: id,
            source,
            ..
        } = guest;
        let token = self.controls().answer(space, id, source, change(offer))?;
        let answer = self.answer_to(token)?;
        peer.accept(&answer, self.now)?;
        Ok(self.adopt(guest, peer))
    }

    /// Take in a client that has its answer; returns its place among the people.
    pub fn adopt(&mut self, guest: Guest, mut peer: Peer) -> usize {
        if self.near_wraps {
            peer.begin_near_wraps();
        }
        self.people.push(Person {
            guest,
            seen_at: vec![guest.address],
            connected: false,
            channel_open: false,
            heard: Vec::new(),
            messages: Vec::new(),
            round_trip: None,
            broken: false,
            peer,
            outgoing: VecDeque::new(),
            says: VecDeque::new(),
            next_frame: self.now,
        });
        self.people.len() - 1
    }

    /// Restart a person's ICE from another address.
    ///
    /// # Errors
    /// When it is refused.
    pub fn restart(&mut self, place: usize, address: SocketAddr) -> Result<(), WorldError> {
        let person = &mut self.people[place];
        let fragment = person.peer.restart(address)?;
        let id = person.guest.peer;
        let token = self.controls().restart(id, fragment)?;
        let answer = self.answer_to(token)?;
        let now = self.now;
        self.people[place].peer.accept_restart(&answer, now)?;
        self.people[place].guest.address = address;
        self.people[place].seen_at = vec![address];
        Ok(())
    }

    /// Open or close a person's gate and wait for the engine's word.
    ///
    /// # Errors
    /// When it does not come within 1 s.
    pub fn set_gate(&mut self, place: usize, open: bool) -> Result<(), WorldError> {
        let token = self
            .controls()
            .set_gate(self.people[place].guest.peer, open)?;
        self.done(token)
    }

    /// Wait until a command is done.
    ///
    /// # Errors
    /// When it is refused, or not done within 1 s.
    pub fn done(&mut self, token: Token) -> Result<(), WorldError> {
        self.answer_to(token).map(drop)
    }

    /// Wait for the answer to a command; the text of it.
    ///
    /// # Errors
    /// When it is refused, or not answered within 1 s.
    pub fn answer_to(&mut self, token: Token) -> Result<String, WorldError> {
        let of = |event: &Event| match event {
            Event::Done { token: of }
            | Event::Answered { token: of, .. }
            | Event::Refused { token: of, .. } => *of == token,
            _ => false,
        };
        self.run_until("an answer", Duration::from_secs(1), |world| {
            world.events.iter().any(of)
        })?;
        let at = self.events.iter().position(of).unwrap_or(0);
        match self.events.remove(at) {
            Event::Answered { text, .. } => Ok(text),
            Event::Refused { code, .. } => Err(WorldError::Refused(code)),
            _ => Ok(String::new()),
        }
    }

    /// Let time pass.
    pub fn run(&mut self, time: Duration) {
        let until = self.now + time;
        while self.now < until {
            self.step();
        }
    }

    /// Let time pass until something is so.
    ///
    /// # Errors
    /// [`WorldError::Late`] when it is not so within `limit`.
    pub fn run_until(
        &mut self,
        what: &'static str,
        limit: Duration,
        so: impl Fn(&Self) -> bool,
    ) -> Result<(), WorldError> {
        let until = self.now + limit;
        self.settle();
        while !so(self) {
            if self.now >= until {
                return Err(WorldError::Late(what));
            }
            self.step();
        }
        Ok(())
    }

    /// Give the engine a datagram that no person sent.
    pub fn throw(&mut self, from: SocketAddr, bytes: &[u8]) {
        self.engine.receive(from, bytes);
        self.settle();
    }

    /// The same without waiting for what comes of it.
    pub fn throw_at_once(&mut self, from: SocketAddr, bytes: &[u8]) {
        self.engine.receive(from, bytes);
    }

    fn step(&mut self) {
        self.now += STEP;
        let now = self.now;
        self.engine.advance(now);
        for person in &mut self.people {
            if person.connected && now >= person.next_frame {
                person.next_frame = now + FRAME;
                match person.says.pop_front() {
                    Some(packet) => person.broken |= person.peer.speak(&packet, now).is_err(),
                    None => person.peer.pause(),
                }
            }
            if person.peer.deadline() <= now {
                person.broken |= person.peer.advance(now).is_err();
            }
        }
        self.settle();
    }

    /// Carry datagrams until nobody has any left.
    fn settle(&mut self) {
        self.engine.advance(self.now);
        loop {
            let carried = self.carry_to_people() + self.carry_to_engine();
            if carried == 0 {
                break;
            }
        }
        let events = self.engine.controls().drain(usize::MAX);
        self.events.extend(events);
        for person in &mut self.people {
            person.note_happenings();
        }
    }

    fn carry_to_people(&mut self) -> usize {
        let mut carried = 0;
        while let Some((to, bytes)) = self.engine.outgoing() {
            carried += 1;
            let datagram = Datagram {
                from: self.server,
                to,
                bytes,
            };
            if (self.arrives)(&datagram) {
                for person in self.people.iter_mut().filter(|p| p.seen_at.contains(&to)) {
                    person.receive(&datagram, self.now);
                }
            }
            self.sent.push((self.now, datagram));
        }
        carried
    }

    fn carry_to_engine(&mut self) -> usize {
        let mut carried = 0;
        for person in &mut self.people {
            person.send(None);
            while let Some(datagram) = person.outgoing.pop_front() {
                carried += 1;
                if (self.arrives)(&datagram) {
                    self.engine.receive(datagram.from, &datagram.bytes);
                }
            }
        }
        carried
    }
}

impl Person {
    fn receive(&mut self, datagram: &Datagram, now: Instant) {
        let home = self.guest.address;
        let at_home = Datagram {
            to: home,
            ..datagram.clone()
        };
        self.broken |= self.peer.receive(&at_home, now).is_err();
        self.send(Some(datagram.to));
    }

    /// Send what is to be sent; answers leave by the address that was asked.
    fn send(&mut self, asked_at: Option<SocketAddr>) {
        while let Some(datagram) = self.peer.outgoing() {
            // Whoever has moved sends from where it is now, and nothing from where it was.
            if datagram.from != self.guest.address {
                continue;
            }
            let by = asked_at.filter(|_| datagram.bytes.starts_with(&[1, 1]));
            if let Some(from) = by.or_else(|| self.seen_at.first().copied()) {
                self.outgoing.push_back(Datagram { from, ..datagram });
            }
        }
    }

    fn note_happenings(&mut self) {
        while let Some(happening) = self.peer.happening() {
            match happening {
                Happening::Connected => self.connected = true,
                Happening::ChannelOpen => self.channel_open = true,
                Happening::Heard(packet) => self.heard.push(packet),
                Happening::Message(message) => self.messages.push(message),
                Happening::RoundTrip(time) => self.round_trip = Some(time),
                Happening::Gone => self.broken = true,
            }
        }
    }
}
