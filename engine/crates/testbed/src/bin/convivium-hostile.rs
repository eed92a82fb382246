//! Throws hostile datagrams at a running server, and counts what it answers.
//!
//! `convivium-hostile --url http://127.0.0.1:8080 --space ID --per-s 200000 --seconds 10`
//! Four guests come in first; their names and addresses are what the liars know, and they count what
//! they hear meanwhile. Prints JSON: one line when they have come and it begins, and one at the end.
//! Exits with 1 if a stranger was answered.
#![forbid(unsafe_code)]

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use convivium_testbed::arguments::{Place, number, pairs, refuse, unknown};
use convivium_testbed::cpu::thread_time;
use convivium_testbed::crowd::{Crowd, CrowdError, Plan};
use convivium_testbed::host::HttpHost;
use convivium_testbed::hostile::{Flood, Thrown, Victim};
use convivium_testbed::http::{HttpError, Server};

const USAGE: &str = "usage: convivium-hostile --url http://HOST:PORT --space ID \
[--per-s 1-2000000] [--seconds 1-600]";

/// Who is lied about.
const VICTIMS: usize = 4;
/// A generator that falls behind does not make up for more than this at once.
const MOST_AT_ONCE: u64 = 4_096;

struct Wanted {
    place: Place,
    per_s: u64,
    time: Duration,
}

/// What ends the command early.
#[derive(Debug, thiserror::Error)]
enum HostileError {
    #[error(transparent)]
    Crowd(#[from] CrowdError),
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error(transparent)]
    System(#[from] std::io::Error),
    #[error("the guests could not come in")]
    NoVictims,
}

fn main() -> ExitCode {
    let wanted = match read(std::env::args().skip(1)) {
        Ok(wanted) => wanted,
        Err(wrong) => return refuse(&wrong, USAGE),
    };
    match attack(&wanted) {
        Ok(thrown) => ExitCode::from(u8::from(thrown.answered > 0)),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn read(words: impl Iterator<Item = String>) -> Result<Wanted, String> {
    let mut wanted = Wanted {
        place: Place::default(),
        per_s: 200_000,
        time: Duration::from_secs(10),
    };
    for pair in pairs(words) {
        let (name, value) = pair?;
        match name.as_str() {
            "--per-s" => wanted.per_s = number(&name, &value, 1, 2_000_000)?,
            "--seconds" => wanted.time = Duration::from_secs(number(&name, &value, 1, 600)?),
            _ if wanted.place.take(&name, &value) => {}
            _ => return Err(unknown(&name)),
        }
    }
    wanted.place = wanted.place.whole()?;
    Ok(wanted)
}

fn attack(wanted: &Wanted) -> Result<Thrown, HostileError> {
    let server = Arc::new(Server::at(&wanted.place.url)?);
    let host = HttpHost::of(&server, &wanted.place.space, VICTIMS, false)?;
    let mut crowd = Crowd::new(plan(), host)?;
    while !crowd.is_complete() {
        crowd.turn()?;
    }
    let victims: Vec<_> = (0..VICTIMS).filter_map(|n| victim(&crowd, n)).collect();
    if victims.len() < VICTIMS {
        return Err(HostileError::NoVictims);
    }
    let mut flood = Flood::new()?;
    crowd.begin()?;
    println!(r#"{{"joined": {VICTIMS}}}"#);
    let (began, used) = (now(), thread_time());
    let mut offered = 0;
    while now() - began < wanted.time {
        crowd.turn()?;
        let due = ((now() - began).as_secs_f64() * wanted.per_s as f64) as u64;
        flood.throw((due - offered).min(MOST_AT_ONCE), &victims, crowd.socket());
        offered = due;
        flood.listen()?;
    }
    let seconds = (now() - began).as_secs_f64();
    let cpu_s = thread_time().saturating_sub(used).as_secs_f64();
    println!(
        "{}",
        json(flood.thrown(), seconds, cpu_s, &crowd.tally()?.json())
    );
    Ok(flood.thrown())
}

fn victim(crowd: &Crowd<HttpHost>, number: usize) -> Option<Victim> {
    let (address, server, check) = crowd.check_of(number)?;
    Some(Victim {
        address,
        server,
        check,
    })
}

fn json(thrown: Thrown, seconds: f64, cpu_s: f64, members: &str) -> String {
    format!(
        r#"{{"sent": {}, "seconds": {seconds:.3}, "per_s": {:.0}, "answered": {}, "answered_octets": {}, "cpu_s": {cpu_s:.3}, "members": {members}}}"#,
        thrown.sent,
        thrown.sent as f64 / seconds,
        thrown.answered,
        thrown.answered_octets,
    )
}

const fn plan() -> Plan {
    Plan {
        listeners: VICTIMS,
        full: 0,
        full_every: 0,
        thread: 0,
        at_once: VICTIMS,
        joins_per_s: 100.0,
        sample_every: 1,
        read_every: 1,
        loss: 0.0,
        churn_per_s: 0.0,
        silent_every: 0,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the command is an edge: it runs in real time"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_done_and_what_is_wrong_is_said_in_words() {
        let words = |line: &str| read(line.split_whitespace().map(String::from));

        let wanted = words("--url http://a:1 --space s --per-s 50").unwrap();
        assert_eq!((wanted.per_s, wanted.time.as_secs()), (50, 10));
        let wrong = |line| words(line).err().unwrap();
        assert_eq!(wrong("--space s"), "--url is missing");
        assert_eq!(
            wrong("--per-s 0"),
            "--per-s wants a number from 1 to 2000000"
        );
    }

    #[test]
    fn the_rate_that_was_reached_is_told() {
        let thrown = Thrown {
            sent: 300,
            answered: 1,
            answered_octets: 40,
        };

        let said = json(thrown, 2.0, 0.5, "{}");

        assert!(
            said.contains(r#""per_s": 150, "answered": 1, "answered_octets": 40"#),
            "{said}"
        );
    }
}
