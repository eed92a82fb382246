//! Synthetic people in a real space, in real time: they come, speak, listen and go.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use convivium_engine::opus::OpusError;
use convivium_testbed::door::{Admission, Door};
use convivium_testbed::http::{Credential, HttpError, Request, Server};
use convivium_testbed::peer::{Datagram, Happening, HeardPacket, Offer, Peer, PeerError};
use convivium_testbed::speaker::{Manner, Speaker};
use convivium_testbed::voice::{VOICES, Voice};

use crate::arguments::Arguments;

/// Who is not connected this long after the answer will not be.
const PATIENCE: Duration = Duration::from_secs(10);

/// Voices of speakers are this many numbers apart, so that the ear tells them well apart.
const VOICES_APART: u32 = 3;

/// What can end a visit early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VisitError {
    /// The server refused or was not there.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The call itself failed.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// No socket could be had.
    #[error("no socket: {0}")]
    Socket(#[from] std::io::Error),
    /// The voice could not be encoded.
    #[error(transparent)]
    Opus(#[from] OpusError),
    /// The handshake did not end.
    #[error("a call was answered but not connected within {} s", PATIENCE.as_secs())]
    NotConnected,
    /// Too many who want to speak.
    #[error("the ear can tell {VOICES} voices apart, not more")]
    TooManyVoices,
}

/// One synthetic person in the space.
pub(crate) struct Visitor {
    /// The voice, and the sample at which it began to speak.
    pub(crate) speaks: Option<(Voice, usize)>,
    /// From the request to the end of the handshake, when that has come.
    pub(crate) joined_in: Option<Duration>,
    /// Packets of its voice.
    pub(crate) spoken: usize,
    /// What it has been sent.
    pub(crate) heard: Vec<HeardPacket>,
    peer: Peer,
    socket: UdpSocket,
    address: SocketAddr,
    speaker: Option<Speaker>,
    asked: Instant,
    answered: Option<Instant>,
    call: Option<(String, Credential)>,
}

/// Everybody's visit to one space.
pub(crate) struct Visit {
    /// When time began to be counted.
    pub(crate) began: Instant,
    /// When the first listener asked.
    pub(crate) listeners_begin: Instant,
    /// When the last had come, and so the time from which everybody should be heard by everybody.
    pub(crate) complete: Instant,
    pub(crate) visitors: Vec<Visitor>,
    server: Arc<Server>,
    space: String,
}

impl Visit {
    /// Let everybody come, listen for a while, and go.
    pub(crate) fn pay(arguments: &Arguments) -> Result<Self, VisitError> {
        if arguments.speakers.len() + arguments.first_voice as usize > VOICES as usize {
            return Err(VisitError::TooManyVoices);
        }
        let began = now();
        let mut visit = Self {
            began,
            listeners_begin: began,
            complete: began,
            visitors: Vec::new(),
            server: Arc::new(Server::at(&arguments.place.url)?),
            space: format!("/api/v1/spaces/{}", arguments.place.space),
        };
        for token in &arguments.speakers {
            visit.let_speak(token, arguments.first_voice)?;
        }
        visit.listeners_begin = now();
        visit.let_in(
            &vec![Credential::Nobody; arguments.listeners],
            arguments.at_once,
        )?;
        visit.complete = now();
        // Whoever measures the server from outside needs to know that from here on nobody comes.
        println!(r#"{{"joined": {}}}"#, visit.visitors.len());
        visit.go_on(arguments.time)?;
        visit.leave()?;
        Ok(visit)
    }

    /// Let the owner of a token in, take a seat, open the microphone and speak.
    fn let_speak(&mut self, token: &str, first_voice: u32) -> Result<(), VisitError> {
        let credential = Credential::Token(token.to_owned());
        self.let_in(std::slice::from_ref(&credential), 1)?;
        let seat = Request {
            method: "PUT",
            path: &format!("{}/stage/me", self.space),
            credential: &credential,
            ticket: None,
            body: ("application/json", r#"{"role": "speaker"}"#),
        };
        let answer = self.server.ask(&seat)?;
        // 409: who is seated already stays so.
        if !matches!(answer.status, 200 | 409) {
            return Err(answer.refusal(&seat).into());
        }
        self.server.demand(&Request {
            method: "DELETE",
            path: &format!("{}/mutes/me", self.space),
            credential: &credential,
            ticket: None,
            body: ("application/json", ""),
        })?;
        let number = u32::try_from(self.visitors.len() - 1).unwrap_or(0) + first_voice;
        let voice = Voice::new(number * VOICES_APART + number * VOICES_APART / VOICES);
        let begins = now() - self.began;
        if let Some(visitor) = self.visitors.last_mut() {
            visitor.speaker = Some(Speaker::new(
                voice,
                Manner {
                    begins,
                    ..Manner::default()
                },
            )?);
            visitor.speaks = Some((voice, samples(begins)));
        }
        Ok(())
    }

    /// Let everybody in, so many at once, and wait until all calls stand.
    fn let_in(&mut self, credentials: &[Credential], at_once: usize) -> Result<(), VisitError> {
        let door = Door::open(&self.server, &self.space, at_once)?;
        let mut waiting = credentials.iter();
        loop {
            while self.coming().count() < at_once
                && let Some(credential) = waiting.next()
            {
                let (visitor, offer) = Visitor::new()?;
                door.ask(self.visitors.len(), credential.clone(), offer);
                self.visitors.push(visitor);
            }
            while let Some((number, admission)) = door.admission() {
                self.visitors[number].enter(admission?)?;
            }
            self.live()?;
            if waiting.len() == 0 && self.coming().next().is_none() {
                return Ok(());
            }
            if self.coming().any(Visitor::is_stuck) {
                return Err(VisitError::NotConnected);
            }
            rest();
        }
    }

    /// Those whose call does not stand yet.
    fn coming(&self) -> impl Iterator<Item = &Visitor> {
        self.visitors
            .iter()
            .filter(|visitor| visitor.joined_in.is_none())
    }

    /// Let time pass.
    fn go_on(&mut self, time: Duration) -> Result<(), VisitError> {
        let end = now() + time;
        while now() < end {
            self.live()?;
            rest();
        }
        Ok(())
    }

    fn live(&mut self) -> Result<(), VisitError> {
        self.visitors
            .iter_mut()
            .try_for_each(|visitor| visitor.live(self.began))
    }

    /// Let one after another go; the others live on until it is their turn.
    fn leave(&mut self) -> Result<(), VisitError> {
        let began = self.began;
        for number in 0..self.visitors.len() {
            let mut waiting = self.visitors.iter_mut().skip(number);
            waiting.try_for_each(|visitor| visitor.live(began))?;
            if let Some((path, credential)) = self.visitors[number].call.take() {
                let body = ("application/sdp", "");
                let request = Request {
                    method: "DELETE",
                    path: &path,
                    credential: &credential,
                    ticket: None,
                    body,
                };
                self.server.demand(&request)?;
            }
        }
        Ok(())
    }
}

impl Visitor {
    /// Somebody who comes now, with the offer to be made.
    fn new() -> Result<(Self, String), VisitError> {
        let socket = socket()?;
        let address = socket.local_addr()?;
        let (peer, offer) = Peer::call(address, Offer::default(), now())?;
        let visitor = Self {
            speaks: None,
            joined_in: None,
            spoken: 0,
            heard: Vec::new(),
            peer,
            socket,
            address,
            speaker: None,
            asked: now(),
            answered: None,
            call: None,
        };
        Ok((visitor, offer))
    }

    /// Take the server's answer; from now on the call connects.
    fn enter(&mut self, admission: Admission) -> Result<(), VisitError> {
        self.answered = Some(now());
        self.call = admission.call;
        Ok(self.peer.accept(&admission.answer, now())?)
    }

    /// Whether the call was answered long ago and does not stand.
    fn is_stuck(&self) -> bool {
        self.joined_in.is_none() && self.answered.is_some_and(|at| now() - at > PATIENCE)
    }

    /// Take what has come, say what is due, send what is to be sent.
    fn live(&mut self, began: Instant) -> Result<(), VisitError> {
        let mut bytes = [0; 2_048];
        while let Ok((length, from)) = self.socket.recv_from(&mut bytes) {
            let bytes = bytes[..length].to_vec();
            self.peer.receive(
                &Datagram {
                    from,
                    to: self.address,
                    bytes,
                },
                now(),
            )?;
        }
        if let Some(speaker) = &mut self.speaker {
            while let Some(spoken) = speaker.speak(now() - began)? {
                self.peer.speak(&spoken.payload, now())?;
                self.spoken += 1;
            }
        }
        if now() >= self.peer.deadline() {
            self.peer.advance(now())?;
        }
        while let Some(datagram) = self.peer.outgoing() {
            // The server has addresses that this socket may not reach; ICE finds those it does.
            let _ = self.socket.send_to(&datagram.bytes, datagram.to);
        }
        while let Some(happening) = self.peer.happening() {
            match happening {
                Happening::Connected => self.joined_in = Some(now() - self.asked),
                Happening::Heard(packet) => self.heard.push(packet),
                _ => {}
            }
        }
        Ok(())
    }
}

/// A time since the beginning in samples.
pub(crate) fn samples(time: Duration) -> usize {
    usize::try_from(time.as_micros() * 48 / 1_000).unwrap_or(usize::MAX)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the command is an edge: it runs in real time"
)]
fn now() -> Instant {
    Instant::now()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the command is an edge: it runs in real time"
)]
fn rest() {
    std::thread::sleep(Duration::from_millis(1));
}

#[expect(
    clippy::disallowed_methods,
    reason = "the command is an edge: it has real sockets"
)]
fn socket() -> std::io::Result<UdpSocket> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}
