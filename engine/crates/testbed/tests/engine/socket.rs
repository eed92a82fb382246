//! The running engine: its threads, its socket, over loopback.

use std::net::{IpAddr, Ipv6Addr, UdpSocket};
use std::time::{Duration, Instant};

use convivium_engine::{
    Config, Controls, Engine, EngineError, Event, PeerId, SourceId, SpaceId, Token,
};
use convivium_testbed::peer::{Datagram, Happening, Offer, Peer};

use crate::support::saying;

const LOOPBACK: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
const LIMIT: Duration = Duration::from_secs(10);

fn engine() -> Engine {
    engine_at(LOOPBACK)
}

fn engine_at(bind: IpAddr) -> Engine {
    Engine::start(&Config {
        bind,
        ..Config::default()
    })
    .unwrap()
}

#[expect(clippy::disallowed_methods, reason = "these tests run in real time")]
fn now() -> Instant {
    Instant::now()
}

/// Wait for an answer as an owner without an event loop would.
fn answer(controls: &Controls, token: Token) -> String {
    let until = now() + LIMIT;
    while now() < until {
        for event in controls.drain(100) {
            match event {
                Event::Answered { token: of, text } if of == token => return text,
                Event::Done { token: of } if of == token => return String::new(),
                _ => {}
            }
        }
        std::thread::yield_now();
    }
    panic!("no answer");
}

#[test]
fn a_clip_is_heard_over_a_real_socket() {
    hear_a_clip(&engine(), &client_at(LOOPBACK).unwrap());
}

#[test]
fn a_clip_is_heard_over_ipv6() {
    // A machine without IPv6 has nothing to show here.
    if let Ok(socket) = client_at(Ipv6Addr::LOCALHOST.into()) {
        hear_a_clip(&engine_at(Ipv6Addr::UNSPECIFIED.into()), &socket);
    }
}

#[expect(clippy::disallowed_methods, reason = "the client's own socket")]
fn client_at(ip: IpAddr) -> std::io::Result<UdpSocket> {
    UdpSocket::bind((ip, 0))
}

/// Call in from this socket, hear one clip, and see everything end.
fn hear_a_clip(engine: &Engine, socket: &UdpSocket) {
    let controls = engine.controls();
    let mut heard = Vec::new();
    let mut peer = call_in(controls, socket);
    controls
        .play(SpaceId(1), SourceId(7), saying(1, 10))
        .unwrap();

    live(&mut peer, socket, |happening| {
        if let Happening::Heard(packet) = happening {
            heard.push(packet.csrc);
        }
        heard.len() >= 50
    });

    assert!(heard.iter().filter(|csrc| **csrc == [7]).count() >= 40);
    let token = controls.close_space(SpaceId(1)).unwrap();
    answer(controls, token);
    assert!(engine.stop(LIMIT));
}

#[test]
fn an_engine_that_ends_says_goodbye() {
    let (engine, socket) = (engine(), client_at(LOOPBACK).unwrap());
    let mut peer = call_in(engine.controls(), &socket);
    let is_open = |happening| matches!(happening, Happening::ChannelOpen);
    assert!(live(&mut peer, &socket, is_open));
    assert!(engine.stop(LIMIT));

    let is_gone = |happening| matches!(happening, Happening::Gone);
    assert!(live(&mut peer, &socket, is_gone));
}

/// Get an answer to an offer from this socket.
fn call_in(controls: &Controls, socket: &UdpSocket) -> Peer {
    controls.open_space(SpaceId(1)).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_millis(5)))
        .unwrap();
    let (mut peer, offer) =
        Peer::call(socket.local_addr().unwrap(), Offer::default(), now()).unwrap();
    let token = controls
        .answer(SpaceId(1), PeerId(1), SourceId(9), offer)
        .unwrap();
    peer.accept(&answer(controls, token), now()).unwrap();
    peer
}

/// Be a client until what happens is what was waited for; false when it did not come in time.
fn live(peer: &mut Peer, socket: &UdpSocket, mut is_it: impl FnMut(Happening) -> bool) -> bool {
    let mut buffer = [0; 2000];
    let to = socket.local_addr().unwrap();
    let until = now() + LIMIT;
    while now() < until {
        peer.advance(now()).unwrap();
        if let Ok((length, from)) = socket.recv_from(&mut buffer) {
            let bytes = buffer[..length].to_vec();
            peer.receive(&Datagram { from, to, bytes }, now()).unwrap();
        }
        while let Some(datagram) = peer.outgoing() {
            // Of the other family, or of an interface that is not reached from here.
            let _ = socket.send_to(&datagram.bytes, datagram.to);
        }
        while let Some(happening) = peer.happening() {
            if is_it(happening) {
                return true;
            }
        }
    }
    false
}

#[test]
fn a_taken_port_is_said_to_be_taken() {
    let first = engine();
    let config = Config {
        bind: LOOPBACK,
        port: first.port(),
        ..Config::default()
    };

    assert!(matches!(
        Engine::start(&config),
        Err(EngineError::AddressTaken { .. })
    ));
}

#[test]
fn a_stopped_engine_gives_its_port_back_and_takes_no_command() {
    let first = engine();
    let port = first.port();
    assert!(first.stop(LIMIT));
    assert!(first.stop(LIMIT), "twice is the same as once");
    assert!(matches!(
        first.controls().open_space(SpaceId(1)),
        Err(EngineError::Stopped)
    ));

    let config = Config {
        bind: LOOPBACK,
        port,
        ..Config::default()
    };
    assert!(Engine::start(&config).is_ok());
}

#[test]
fn addresses_named_by_the_operator_are_the_ones_told() {
    let named: IpAddr = "203.0.113.7".parse().unwrap();
    let config = Config {
        bind: LOOPBACK,
        advertise: vec![named],
        ..Config::default()
    };

    assert_eq!(Engine::start(&config).unwrap().advertised(), [named]);
}
