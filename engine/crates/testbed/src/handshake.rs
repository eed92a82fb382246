//! What one call costs the engine alone: its CPU for an offer, ICE, DTLS and the data channel.
//!
//! No sockets, no threads, no HTTP: the floor under what a whole server can reach. The client's
//! half runs beside it and is not counted.
#![expect(
    clippy::disallowed_methods,
    reason = "virtual time begins somewhere, and the engine's work is measured in real time"
)]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use convivium_engine::{Event, PeerId, SourceId, SpaceId, SteppedEngine, Token};

use crate::peer::{Datagram, Happening, Offer, Peer};
use crate::world::WorldError;

const STEP: Duration = Duration::from_millis(1);
/// A handshake that takes longer than this many steps has failed.
const LIMIT: u32 = 5_000;
const SPACE: SpaceId = SpaceId(1);

/// Let `calls` peers join one after another, each leaving before the next; the engine's time for each.
///
/// # Errors
/// When a call is refused or does not connect.
pub fn engine_time(calls: u16) -> Result<Vec<Duration>, WorldError> {
    let server = SocketAddr::from(([10, 0, 0, 254], 4_000));
    let mut now = Instant::now();
    let mut engine = Timed {
        engine: SteppedEngine::new(server, now)?,
        used: Duration::ZERO,
    };
    engine.engine.controls().open_space(SPACE)?;
    (1..=calls)
        .map(|number| {
            engine.used = Duration::ZERO;
            let time = one_call(&mut engine, server, number, &mut now)?;
            engine.engine.controls().close_peer(PeerId(number.into()))?;
            engine.engine.advance(now);
            Ok(time)
        })
        .collect()
}

fn one_call(
    engine: &mut Timed,
    server: SocketAddr,
    number: u16,
    now: &mut Instant,
) -> Result<Duration, WorldError> {
    let address = SocketAddr::from(([10, 0, 0, 1], 10_000 + number));
    let (mut peer, offer) = Peer::call(address, Offer::default(), *now)?;
    let answer = engine.answer(number, offer, *now)?;
    peer.accept(&answer, *now)?;
    for _ in 0..LIMIT {
        *now += STEP;
        peer.advance(*now)?;
        engine.time(|engine| engine.advance(*now));
        carry(engine, &mut peer, server, address, *now)?;
        while let Some(happening) = peer.happening() {
            if matches!(happening, Happening::ChannelOpen) {
                return Ok(engine.used);
            }
        }
    }
    Err(WorldError::Late("a handshake"))
}

/// Carry datagrams both ways until nobody has any left.
fn carry(
    engine: &mut Timed,
    peer: &mut Peer,
    server: SocketAddr,
    address: SocketAddr,
    now: Instant,
) -> Result<(), WorldError> {
    loop {
        let mut carried = 0;
        while let Some(datagram) = peer.outgoing() {
            carried += 1;
            engine.time(|engine| engine.receive(address, &datagram.bytes));
        }
        while let Some((to, bytes)) = engine.engine.outgoing() {
            carried += 1;
            if to == address {
                peer.receive(
                    &Datagram {
                        from: server,
                        to,
                        bytes,
                    },
                    now,
                )?;
            }
        }
        if carried == 0 {
            return Ok(());
        }
    }
}

/// An engine and the time it has used.
struct Timed {
    engine: SteppedEngine,
    used: Duration,
}

impl Timed {
    fn time(&mut self, work: impl FnOnce(&mut SteppedEngine)) {
        let began = Instant::now();
        work(&mut self.engine);
        self.used += began.elapsed();
    }

    fn answer(&mut self, number: u16, offer: String, now: Instant) -> Result<String, WorldError> {
        let (peer, source) = (PeerId(number.into()), SourceId(number.into()));
        let asked = self.engine.controls().answer(SPACE, peer, source, offer)?;
        self.time(|engine| engine.advance(now));
        let events = self.engine.controls().drain(usize::MAX);
        events
            .into_iter()
            .find_map(|event| answer_to(asked, event))
            .unwrap_or(Err(WorldError::Late("an answer")))
    }
}

fn answer_to(asked: Token, event: Event) -> Option<Result<String, WorldError>> {
    match event {
        Event::Answered { token, text } if token == asked => Some(Ok(text)),
        Event::Refused { token, code, .. } if token == asked => {
            Some(Err(WorldError::Refused(code)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_connects_and_costs_the_engine_something() {
        let times = engine_time(3).expect("three calls");

        assert_eq!(times.len(), 3);
        assert!(times.iter().all(|time| *time > Duration::from_micros(10)));
    }
}
