//! A crowd before a running engine, over loopback: both kinds of listeners.

use std::cell::Cell;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::time::{Duration, Instant};

use convivium_engine::{Config, Controls, Engine, Event, PeerId, SourceId, SpaceId, Token};
use convivium_testbed::crowd::{Crowd, Host, Plan};
use convivium_testbed::tally::Tally;

use crate::support::saying;

const SPACE: SpaceId = SpaceId(1);
const LIMIT: Duration = Duration::from_secs(20);

/// An engine without a server before it.
struct EngineHost {
    controls: Controls,
    asked: HashMap<Token, usize>,
    left: Rc<Cell<(u64, u64)>>,
}

impl Host for EngineHost {
    fn ask(&mut self, number: usize, offer: String) {
        let (peer, source) = (PeerId(number as u64), SourceId(1_000 + number as u32));
        let token = self.controls.answer(SPACE, peer, source, offer).unwrap();
        self.asked.insert(token, number);
    }

    fn answered(&mut self) -> Option<(usize, Result<String, String>)> {
        loop {
            match self.controls.drain(1).pop()? {
                Event::Answered { token, text } => {
                    return Some((self.asked.remove(&token)?, Ok(text)));
                }
                Event::Refused { token, code, .. } => {
                    return Some((self.asked.remove(&token)?, Err(code.into())));
                }
                _ => {}
            }
        }
    }

    fn leave(&mut self, number: usize) {
        self.left.update(|(left, gone)| (left + 1, gone));
        self.controls.close_peer(PeerId(number as u64)).unwrap();
    }

    fn forget(&mut self, _: usize) {
        self.left.update(|(left, gone)| (left, gone + 1));
    }
}

fn plan(listeners: usize, full: usize) -> Plan {
    Plan {
        listeners,
        full,
        full_every: 0,
        thread: 0,
        at_once: 16,
        joins_per_s: 1_000.0,
        sample_every: 5,
        read_every: 1,
        loss: 0.0,
        churn_per_s: 0.0,
        silent_every: 0,
    }
}

#[expect(clippy::disallowed_methods, reason = "these tests run in real time")]
fn now() -> Instant {
    Instant::now()
}

/// Let a crowd in while a voice is played, and count for so long; gives how many calls the host was
/// asked to end, and to forget, too.
fn listen(plan: Plan, time: Duration) -> (Tally, (u64, u64)) {
    let engine = Engine::start(&Config {
        bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
        ..Config::default()
    })
    .unwrap();
    let controls = engine.controls().clone();
    controls.open_space(SPACE).unwrap();
    controls.play(SPACE, SourceId(7), saying(1, 30)).unwrap();
    let left = Rc::default();
    let host = EngineHost {
        controls,
        asked: HashMap::new(),
        left: Rc::clone(&left),
    };
    let mut crowd = Crowd::new(plan, host).unwrap();
    let until = now() + LIMIT;
    while !crowd.is_complete() && now() < until {
        crowd.turn().unwrap();
    }
    crowd.begin().unwrap();
    let end = now() + time;
    while now() < end {
        crowd.turn().unwrap();
    }
    (crowd.tally().unwrap(), left.get())
}

#[test]
fn fifty_of_both_kinds_hear_every_packet_and_are_kept_in_touch() {
    let (tally, _) = listen(plan(50, 5), Duration::from_secs(6));

    assert_eq!((tally.full, tally.light), (5, 45), "{}", tally.json());
    assert!(tally.expected >= 50 * 5 * 50, "{}", tally.json());
    // Every fifth of the light ones opens all it is sent.
    assert!(tally.opened >= 9 * 5 * 50, "{}", tally.json());
    // Each light listener's turn comes once in five seconds.
    assert!(tally.checks.1 >= 45, "{}", tally.json());
    assert_eq!(tally.ears, (4, 4), "{}", tally.json());
    assert!(tally.all_is_well(), "{}", tally.json());
}

#[test]
fn of_most_listeners_the_kernel_keeps_each_sixteenth_packet() {
    let plan = Plan {
        read_every: 10,
        ..plan(22, 1)
    };
    let (tally, _) = listen(plan, Duration::from_secs(2));

    assert_eq!(
        (tally.full, tally.light, tally.whole),
        (1, 21, 3),
        "{}",
        tally.json()
    );
    assert!(tally.all_is_well(), "{}", tally.json());
    // 100 packets to each: 3 whole, of 19 each sixteenth.
    assert!((380..600).contains(&tally.received), "{}", tally.json());
    assert!((1_500..2_100).contains(&tally.unread()), "{}", tally.json());
}

#[test]
fn loss_and_churn_are_as_planned_and_counted_apart() {
    let plan = Plan {
        loss: 0.1,
        churn_per_s: 10.0,
        silent_every: 4,
        full_every: 5,
        ..plan(20, 0)
    };
    let (tally, left) = listen(plan, Duration::from_secs(2));

    assert!((18..=20).contains(&tally.left), "{}", tally.json());
    assert_eq!((tally.left, tally.left / 4), (left.0 + left.1, left.1));
    assert!(
        (17..=20).contains(&(tally.full + tally.light)),
        "{}",
        tally.json()
    );
    assert!((3..=5).contains(&tally.full), "{}", tally.json());
    assert_eq!(tally.failed, 0, "{}", tally.json());
    let share = tally.withheld as f64 / (tally.withheld + tally.received) as f64;
    assert!((0.05..0.2).contains(&share), "{}", tally.json());
    assert_eq!(tally.not_opened, 0, "{}", tally.json());
}

#[test]
fn a_crowd_that_settles_down_is_whole_and_stays() {
    let engine = Engine::start(&Config {
        bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
        ..Config::default()
    })
    .unwrap();
    let controls = engine.controls().clone();
    controls.open_space(SPACE).unwrap();
    let host = EngineHost {
        controls,
        asked: HashMap::new(),
        left: Rc::default(),
    };
    let plan = Plan {
        churn_per_s: 50.0,
        ..plan(10, 0)
    };
    let mut crowd = Crowd::new(plan, host).unwrap();
    let until = now() + LIMIT;
    let complete = |crowd: &mut Crowd<_>| {
        while !crowd.is_complete() && now() < until {
            crowd.turn().unwrap();
        }
        crowd.joined()
    };
    assert_eq!(complete(&mut crowd), 10);
    crowd.begin().unwrap();
    while crowd.tally().unwrap().left < 20 && now() < until {
        crowd.turn().unwrap();
    }
    crowd.settle_down();

    assert_eq!(complete(&mut crowd), 10);
    let left = crowd.tally().unwrap().left;
    let end = now() + Duration::from_millis(200);
    while now() < end {
        crowd.turn().unwrap();
    }
    assert_eq!(crowd.tally().unwrap().left, left);
}
