//! Prints what sealing and sending alone costs on this machine, as JSON.
//!
//! `send-limit --listeners 10000 --payload 80 --seconds 3`: as fast as it goes, or with `--every 20`
//! a packet for everybody each 20 ms.
#![forbid(unsafe_code)]

use std::process::ExitCode;
use std::time::Duration;

use convivium_testbed::arguments::number;
use convivium_testbed::limit::{Load, measure};

const USAGE: &str = "usage: send-limit [--listeners 1-100000] [--payload 1-1400] [--every 0-1000 (ms)] \
[--seconds 1-60]";

fn main() -> ExitCode {
    let load = match read(std::env::args().skip(1)) {
        Ok(load) => load,
        Err(wrong) => {
            eprintln!("{wrong}\n{USAGE}");
            return ExitCode::from(2);
        }
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

fn read(mut words: impl Iterator<Item = String>) -> Result<Load, String> {
    let mut load = Load {
        listeners: 10_000,
        payload: 80,
        interval: Duration::ZERO,
        time: Duration::from_secs(3),
    };
    while let Some(name) = words.next() {
        let value = words
            .next()
            .ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--listeners" => load.listeners = number(&name, &value, 1, 100_000)?,
            "--payload" => load.payload = number(&name, &value, 1, 1_400)?,
            "--every" => load.interval = Duration::from_millis(number(&name, &value, 0, 1_000)?),
            "--seconds" => load.time = Duration::from_secs(number(&name, &value, 1, 60)?),
            _ => return Err(format!("{name} is unknown")),
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

        let load = words("--payload 480 --every 120").unwrap();
        assert_eq!((load.listeners, load.payload), (10_000, 480));
        assert_eq!(load.interval, Duration::from_millis(120));
        assert_eq!(words("--loud yes").unwrap_err(), "--loud is unknown");
        assert_eq!(words("--every").unwrap_err(), "--every needs a value");
    }
}
