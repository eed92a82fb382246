//! Synthetic people in a real space, in real time: they come, speak, listen and go.

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use convivium_engine::opus::OpusError;
use convivium_testbed::peer::{Datagram, Happening, HeardPacket, Offer, Peer, PeerError};
use convivium_testbed::speaker::{Manner, Speaker};
use convivium_testbed::voice::{VOICES, Voice};

use crate::arguments::Arguments;
use crate::http::{Answer, Credential, HttpError, Request, Server};

/// Who is not connected by then will not be.
const PATIENCE: Duration = Duration::from_secs(10);

/// A server that asks to come again later is believed this often.
const ATTEMPTS: u32 = 5;

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
    /// From the request to the end of the handshake.
    pub(crate) joined_in: Duration,
    /// What it has been sent.
    pub(crate) heard: Vec<HeardPacket>,
    peer: Peer,
    socket: UdpSocket,
    address: SocketAddr,
    speaker: Option<Speaker>,
    connected: bool,
    call: Option<(String, Credential)>,
}

/// Everybody's visit to one space.
pub(crate) struct Visit {
    /// When time began to be counted.
    pub(crate) began: Instant,
    /// When the last had come, and so the time from which everybody should be heard by everybody.
    pub(crate) complete: Instant,
    pub(crate) visitors: Vec<Visitor>,
    server: Server,
    space: String,
}

impl Visit {
    /// Let everybody come, listen for a while, and go.
    pub(crate) fn pay(arguments: &Arguments) -> Result<Self, VisitError> {
        if arguments.speakers.len() > VOICES as usize {
            return Err(VisitError::TooManyVoices);
        }
        let began = now();
        let mut visit = Self {
            began,
            complete: began,
            visitors: Vec::new(),
            server: Server::at(&arguments.url)?,
            space: format!("/api/v1/spaces/{}", arguments.space),
        };
        for token in &arguments.speakers {
            visit.let_speak(token)?;
        }
        for _ in 0..arguments.listeners {
            visit.let_in(Credential::Nobody)?;
        }
        visit.complete = now();
        // Whoever measures the server from outside needs to know that from here on nobody comes.
        println!(r#"{{"joined": {}}}"#, visit.visitors.len());
        visit.go_on(arguments.time, |_| false)?;
        visit.leave()?;
        Ok(visit)
    }

    /// Let the owner of a token in, take a seat, open the microphone and speak.
    fn let_speak(&mut self, token: &str) -> Result<(), VisitError> {
        let credential = Credential::Token(token.to_owned());
        self.let_in(credential.clone())?;
        let seat = Request {
            method: "PUT",
            path: &format!("{}/stage/me", self.space),
            credential: &credential,
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
            body: ("application/json", ""),
        })?;
        let number = u32::try_from(self.visitors.len() - 1).unwrap_or(0);
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

    /// Let somebody in and wait until the call stands.
    fn let_in(&mut self, credential: Credential) -> Result<(), VisitError> {
        let socket = socket()?;
        let address = socket.local_addr()?;
        let (mut peer, offer) = Peer::call(address, Offer::default(), now())?;
        let asked = now();
        let answer = self.call(&credential, &offer)?;
        peer.accept(&answer.body, now())?;
        let credential = match answer.cookie() {
            Some(cookie) => Credential::Cookie(cookie.to_owned()),
            None => credential,
        };
        self.visitors.push(Visitor {
            speaks: None,
            joined_in: Duration::ZERO,
            heard: Vec::new(),
            peer,
            socket,
            address,
            speaker: None,
            connected: false,
            call: answer
                .header("location")
                .map(|path| (path.to_owned(), credential)),
        });
        self.go_on(PATIENCE, |visit| {
            visit.visitors.iter().all(|visitor| visitor.connected)
        })?;
        match self.visitors.last_mut() {
            Some(newcomer) if newcomer.connected => newcomer.joined_in = now() - asked,
            _ => return Err(VisitError::NotConnected),
        }
        Ok(())
    }

    /// Post an offer, again later if the server says so.
    fn call(&mut self, credential: &Credential, offer: &str) -> Result<Answer, VisitError> {
        let path = format!("{}/call", self.space);
        let body = ("application/sdp", offer);
        let request = Request {
            method: "POST",
            path: &path,
            credential,
            body,
        };
        for _ in 1..ATTEMPTS {
            let answer = self.server.ask(&request)?;
            let wait = answer
                .header("retry-after")
                .and_then(|seconds| seconds.parse().ok());
            match wait {
                Some(seconds) if matches!(answer.status, 429 | 503) => {
                    self.go_on(Duration::from_secs(seconds).min(PATIENCE), |_| false)?;
                }
                _ if answer.status == 201 => return Ok(answer),
                _ => return Err(answer.refusal(&request).into()),
            }
        }
        Ok(self.server.demand(&request)?)
    }

    /// Let time pass until this is so, but no longer than `at_most`.
    fn go_on(
        &mut self,
        at_most: Duration,
        is_so: impl Fn(&Self) -> bool,
    ) -> Result<(), VisitError> {
        let end = now() + at_most;
        while now() < end && !is_so(self) {
            for visitor in &mut self.visitors {
                visitor.live(self.began)?;
            }
            rest();
        }
        Ok(())
    }

    fn leave(&mut self) -> Result<(), VisitError> {
        for visitor in &mut self.visitors {
            if let Some((path, credential)) = visitor.call.take() {
                let body = ("application/sdp", "");
                let request = Request {
                    method: "DELETE",
                    path: &path,
                    credential: &credential,
                    body,
                };
                self.server.demand(&request)?;
            }
        }
        Ok(())
    }
}

impl Visitor {
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
                Happening::Connected => self.connected = true,
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
