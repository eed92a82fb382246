//! Loads a running server with listeners, tens of thousands of them on one machine, and counts what
//! they receive.
//!
//! `convivium-crowd --url http://127.0.0.1:8080 --space ID --listeners 10000 --full 8`
//! All come as guests, each from an address of its own in 127.0.0.0/8. Those of `--full` stay real
//! clients, four of each thread with ears; the others keep only their keys, and one in
//! `--sample-every` opens what it is sent.
//! Speakers are let in by `convivium-testbed`. Prints JSON: one line when all have come, one with
//! what was counted; exits with 1 if something was lost. Whoever is there at the end just goes
//! silent.
#![forbid(unsafe_code)]

mod arguments;
mod host;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use arguments::Arguments;
use convivium_testbed::crowd::{Crowd, CrowdError};
use convivium_testbed::http::{HttpError, Server};
use convivium_testbed::tally::Tally;
use host::HttpHost;

fn main() -> ExitCode {
    let arguments = match Arguments::read(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(wrong) => {
            eprintln!("{wrong}\n{}", arguments::USAGE);
            return ExitCode::from(2);
        }
    };
    match load(&arguments) {
        Ok(tally) => {
            println!("{}", tally.json());
            ExitCode::from(u8::from(!tally.all_is_well()))
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// What ends the command early.
#[derive(Debug, thiserror::Error)]
enum LoadError {
    #[error(transparent)]
    Crowd(#[from] CrowdError),
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error(transparent)]
    System(#[from] std::io::Error),
    #[error("a generator thread failed")]
    Thread,
}

/// What the threads tell each other: nobody counts before all have come.
#[derive(Debug, Default)]
struct Arrived {
    threads: AtomicU32,
    people: AtomicUsize,
}

fn load(arguments: &Arguments) -> Result<Tally, LoadError> {
    let server = Arc::new(Server::at(&arguments.url)?);
    let arrived = Arrived::default();
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for number in 0..arguments.threads {
            let (server, arrived) = (&server, &arrived);
            // Nobody waits for a thread that failed.
            let attend = move || {
                attend(arguments, number, server, arrived).inspect_err(|_| {
                    arrived
                        .threads
                        .fetch_add(arguments.threads, Ordering::AcqRel);
                })
            };
            let name = format!("crowd-{number}");
            threads.push(
                thread::Builder::new()
                    .name(name)
                    .spawn_scoped(scope, attend)?,
            );
        }
        let mut whole = Tally::default();
        for thread in threads {
            whole.merge(thread.join().map_err(|_| LoadError::Thread)??);
        }
        Ok(whole)
    })
}

/// One thread: let its share in, wait for the others, count.
fn attend(
    arguments: &Arguments,
    number: u32,
    server: &Arc<Server>,
    arrived: &Arrived,
) -> Result<Tally, LoadError> {
    let plan = arguments.plan(number);
    let with_churn = plan.churn_per_s > 0.0;
    let host = HttpHost::of(server, &arguments.space, plan.at_once, with_churn)?;
    let mut crowd = Crowd::new(plan, host)?;
    while !crowd.is_complete() {
        crowd.turn()?;
    }
    arrived.people.fetch_add(crowd.joined(), Ordering::AcqRel);
    if arrived.threads.fetch_add(1, Ordering::AcqRel) + 1 == arguments.threads {
        // Whoever measures the server from outside needs to know that from here on nobody comes.
        let people = arrived.people.load(Ordering::Acquire);
        println!(r#"{{"joined": {people}}}"#);
    }
    while arrived.threads.load(Ordering::Acquire) < arguments.threads {
        crowd.turn()?;
    }
    crowd.begin();
    let end = now() + arguments.time;
    while now() < end {
        crowd.turn()?;
    }
    Ok(crowd.tally())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the command is an edge: it runs in real time"
)]
fn now() -> Instant {
    Instant::now()
}
