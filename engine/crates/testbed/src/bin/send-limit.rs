//! Prints what sealing and sending alone costs on this machine, as JSON.
//!
//! `send-limit --listeners 10000 --payload 80 --seconds 3`: as fast as it goes, or with `--every 20`
//! a packet for everybody each 20 ms. With `--read-every 100` the kernel drops most packets at the sink, as
//! `convivium-crowd` lets it.
#![forbid(unsafe_code)]

use std::process::ExitCode;
use std::time::Duration;

use convivium_testbed::arguments::{number, pairs, refuse, unknown};
use convivium_testbed::filter::Readers;
use convivium_testbed::limit::{Load, measure};

const USAGE: &str = "usage: send-limit [--listeners 1-100000] [--payload 1-1400] [--every 0-1000 (ms)] \
[--seconds 1-60] [--read-every 1-100000]";

fn main() -> ExitCode {
    let load = match read(std::env::args().skip(1)) {
        Ok(load) => load,
        Err(wrong) => return refuse(&wrong, USAGE),
    };
    match measure(&load) {
        Ok(limit) => {
            println!("{}", limit.json(&load));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn read(words: impl Iterator<Item = String>) -> Result<Load, String> {
    let mut load = Load {
        listeners: 10_000,
        payload: 80,
        interval: Duration::ZERO,
        time: Duration::from_secs(3),
        readers: Readers { first: 0, every: 1 },
    };
    for pair in pairs(words) {
        let (name, value) = pair?;
        match name.as_str() {
            "--listeners" => load.listeners = number(&name, &value, 1, 100_000)?,
            "--payload" => load.payload = number(&name, &value, 1, 1_400)?,
            "--every" => load.interval = Duration::from_millis(number(&name, &value, 0, 1_000)?),
            "--seconds" => load.time = Duration::from_secs(number(&name, &value, 1, 60)?),
            "--read-every" => load.readers.every = number(&name, &value, 1, 100_000)?,
            _ => return Err(unknown(&name)),
        }
    }
    Ok(load)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_done_and_what_is_wrong_is_said_in_words() {
        let words = |line: &str| read(line.split_whitespace().map(String::from));

        let load = words("--payload 480 --every 120 --read-every 50").unwrap();
        assert_eq!((load.listeners, load.payload), (10_000, 480));
        assert_eq!(load.interval, Duration::from_millis(120));
        assert_eq!(load.readers.every, 50);
        assert_eq!(words("--loud yes").unwrap_err(), "--loud is unknown");
        assert_eq!(words("--every").unwrap_err(), "--every needs a value");
    }
}
