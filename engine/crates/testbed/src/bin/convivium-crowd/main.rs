//! Loads a running server with listeners, tens of thousands of them on one machine, and counts what
//! they receive.
//!
//! `convivium-crowd --url http://127.0.0.1:8080 --space ID --listeners 10000 --full 8`
//! All come as guests, each from an address of its own in 127.0.0.0/8. Those of `--full` stay real
//! clients, four of each thread with ears; the others keep only their keys, and one in
//! `--sample-every` opens what it is sent.
//! With `--read-every 50` one in 50 is read whole; of the sound to the others the kernel keeps each
//! 16th packet and drops the rest, which leaves the processor to the server.
//! Speakers are let in by `convivium-testbed`. Prints JSON: one line when all have come, one with
//! what was counted, and with `--listeners 1000,4000` the same for each size; exits with 1 if
//! something was lost. Whoever is there at the end just goes silent.
#![forbid(unsafe_code)]

mod arguments;

use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use arguments::Arguments;
use convivium_testbed::arguments::refuse;
use convivium_testbed::crowd::{Crowd, CrowdError};
use convivium_testbed::host::HttpHost;
use convivium_testbed::http::{HttpError, Server};
use convivium_testbed::tally::Tally;

fn main() -> ExitCode {
    let arguments = match Arguments::read(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(wrong) => return refuse(&wrong, arguments::USAGE),
    };
    match load(&arguments) {
        Ok(is_well) => ExitCode::from(u8::from(!is_well)),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Whoever has come hears something within this time.
const HEARING: Duration = Duration::from_secs(1);

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

/// What the threads tell each other about one size of the crowd: nobody counts before all have come.
#[derive(Debug, Default)]
struct Size {
    arrived: AtomicU32,
    people: AtomicUsize,
    counted: Mutex<(u32, Tally)>,
}

/// Load the server; whether all was well, at every size.
fn load(arguments: &Arguments) -> Result<bool, LoadError> {
    let server = Arc::new(Server::at(&arguments.place.url)?);
    let sizes: Vec<_> = arguments.sizes.iter().map(|_| Size::default()).collect();
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for number in 0..arguments.threads {
            let (server, sizes) = (&server, &sizes);
            // Nobody waits for a thread that failed.
            let attend = move || {
                attend(arguments, number, server, sizes).inspect_err(|_| {
                    for size in sizes {
                        size.arrived.fetch_add(arguments.threads, Ordering::AcqRel);
                    }
                })
            };
            let name = format!("crowd-{number}");
            threads.push(
                thread::Builder::new()
                    .name(name)
                    .spawn_scoped(scope, attend)?,
            );
        }
        for thread in threads {
            thread.join().map_err(|_| LoadError::Thread)??;
        }
        Ok::<_, LoadError>(())
    })?;
    Ok(sizes.iter().all(Size::is_well))
}

/// One thread: let its share in, wait for the others, count; and again with more.
fn attend(
    arguments: &Arguments,
    number: u32,
    server: &Arc<Server>,
    sizes: &[Size],
) -> Result<(), LoadError> {
    let plan = arguments.plan(number);
    let with_churn = plan.churn_per_s > 0.0;
    let host = HttpHost::of(server, &arguments.place.space, plan.at_once, with_churn)?;
    let mut crowd = Crowd::new(plan, host)?;
    for (listeners, size) in arguments.sizes.iter().zip(sizes) {
        crowd.grow_to(arguments.share(*listeners, number));
        while !crowd.is_complete() {
            crowd.turn()?;
        }
        size.arrive(crowd.joined(), arguments.threads);
        while size.arrived.load(Ordering::Acquire) < arguments.threads {
            crowd.turn()?;
        }
        crowd.begin()?;
        go_on(&mut crowd, arguments.time)?;
        if with_churn {
            settle(&mut crowd)?;
        }
        size.count(crowd.tally()?, arguments.threads);
        go_on(&mut crowd, arguments.stay)?;
    }
    Ok(())
}

/// Let those who are coming come, and hear.
fn settle(crowd: &mut Crowd<HttpHost>) -> Result<(), LoadError> {
    crowd.settle_down();
    while !crowd.is_complete() {
        crowd.turn()?;
    }
    go_on(crowd, HEARING)
}

fn go_on(crowd: &mut Crowd<HttpHost>, time: Duration) -> Result<(), LoadError> {
    let end = now() + time;
    while now() < end {
        crowd.turn()?;
    }
    Ok(())
}

impl Size {
    /// A thread's share has come.
    fn arrive(&self, people: usize, threads: u32) {
        self.people.fetch_add(people, Ordering::AcqRel);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == threads {
            // Whoever measures the server from outside needs to know that from here on nobody comes.
            let people = self.people.load(Ordering::Acquire);
            println!(r#"{{"joined": {people}}}"#);
        }
    }

    /// A thread has counted; the last one prints the sum.
    fn count(&self, tally: Tally, threads: u32) {
        let Ok(mut counted) = self.counted.lock() else {
            return;
        };
        counted.0 += 1;
        counted.1.merge(tally);
        if counted.0 == threads {
            println!("{}", counted.1.json());
        }
    }

    fn is_well(&self) -> bool {
        self.counted
            .lock()
            .is_ok_and(|counted| counted.1.all_is_well())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the command is an edge: it runs in real time"
)]
fn now() -> Instant {
    Instant::now()
}
