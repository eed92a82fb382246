//! Prints the engine's own time for so many calls, in microseconds, as a list in JSON.
//!
//! `handshake 100`: what a call costs without sockets, HTTP and Python.
#![forbid(unsafe_code)]

use std::process::ExitCode;
use std::time::Duration;

use convivium_testbed::handshake::engine_time;

/// Each call has a port of its own.
const MOST: u16 = 10_000;

fn main() -> ExitCode {
    let calls = std::env::args().nth(1).and_then(|word| word.parse().ok());
    let Some(calls) = calls.filter(|calls| (1..=MOST).contains(calls)) else {
        eprintln!("usage: handshake 1-{MOST}");
        return ExitCode::from(2);
    };
    match engine_time(calls) {
        Ok(times) => {
            println!(
                "{:?}",
                times.iter().map(Duration::as_micros).collect::<Vec<_>>()
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
