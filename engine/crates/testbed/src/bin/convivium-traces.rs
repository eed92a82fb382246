//! Sends speech through networks of all kinds, in virtual time, and leaves what is heard.
//!
//! `convivium-traces --out FOLDER --seconds 30`: a WAV file for each trace and each repair of the way
//! to listeners, and one line of JSON on each trace.
#![forbid(unsafe_code)]

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use convivium_testbed::arguments::number;
use convivium_testbed::speech::{Recording, demo_voices};
use convivium_testbed::traces::{CLEAN, Outcome, Repair, TRACES, audible, downlink, run};

const USAGE: &str =
    "usage: convivium-traces --out FOLDER [--seconds 4-600] [--drift-seconds 4-3600]";

/// What the mixer's encoder expects unless something else is tried.
const USUAL_LOSS_PERCENT: u8 = 10;

/// Of a longer trace, the last two minutes are written.
const MOST_WRITTEN: usize = 120 * 48_000;

struct Wanted {
    folder: PathBuf,
    time: Duration,
    drift: Duration,
}

fn main() -> ExitCode {
    let wanted = match read(std::env::args().skip(1)) {
        Ok(wanted) => wanted,
        Err(wrong) => {
            eprintln!("{wrong}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match everything(&wanted) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn read(mut words: impl Iterator<Item = String>) -> Result<Wanted, String> {
    let mut folder = None;
    let (mut seconds, mut drift_seconds) = (30, 60);
    while let Some(name) = words.next() {
        let value = words
            .next()
            .ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--out" => folder = Some(PathBuf::from(value)),
            "--seconds" => seconds = number(&name, &value, 4, 600)?,
            "--drift-seconds" => drift_seconds = number(&name, &value, 4, 3_600)?,
            _ => return Err(format!("{name} is unknown")),
        }
    }
    Ok(Wanted {
        folder: folder.ok_or("--out is needed")?,
        time: Duration::from_secs(seconds),
        drift: Duration::from_secs(drift_seconds),
    })
}

fn everything(wanted: &Wanted) -> io::Result<()> {
    let said = Recording::of_speaker(&demo_voices(), "bo")?.at_loudness(-20.0);
    let clean = run(&CLEAN, &said, wanted.time, USUAL_LOSS_PERCENT)?;
    let clean_drift = run(&CLEAN, &said, wanted.drift, USUAL_LOSS_PERCENT)?;
    let samples = wanted.time.as_millis() as u64 * 48;
    let spoken: Vec<_> = (0..samples).map(|number| said.sample(number)).collect();
    write_wav(&wanted.folder.join("said.wav"), &spoken)?;
    write_wav(&wanted.folder.join("clean.wav"), &clean.heard)?;
    write_wav(&wanted.folder.join("clean-drift.wav"), &clean_drift.heard)?;
    for trace in TRACES {
        let drifts = trace.slow_ppm.abs() > 0.0;
        let (time, clean) = if drifts {
            (wanted.drift, &clean_drift)
        } else {
            (wanted.time, &clean)
        };
        let outcome = run(&trace, &said, time, USUAL_LOSS_PERCENT)?;
        write_wav(
            &wanted.folder.join(format!("{}.wav", trace.name)),
            &outcome.heard,
        )?;
        let clean_name = if drifts { "clean-drift" } else { "clean" };
        println!("{}", trace_json(trace.name, clean_name, clean, &outcome));
    }
    downlinks(wanted, &said)
}

/// Every setting of the copies, and the other repairs, against a lane without copies or losses.
fn downlinks(wanted: &Wanted, said: &Recording) -> io::Result<()> {
    for expected in [0, 10, 20] {
        let lane = run(&CLEAN, said, wanted.time, expected)?;
        let octets: usize = lane.packets.iter().map(|packet| packet.len()).sum();
        let kbits = octets as f64 * 8.0 / 1_000.0 / wanted.time.as_secs_f64();
        let repairs: &[Repair] = if expected == 0 {
            &[Repair::Fec, Repair::Red, Repair::Nack]
        } else {
            &[Repair::Fec]
        };
        for repair in repairs {
            for lost in [0, 2, 5, 10] {
                let kind = format!("{repair:?}").to_lowercase();
                let name = format!("down-{kind}-{expected}-{lost}");
                let sound = downlink(&lane.packets, f64::from(lost) / 100.0, *repair)?;
                write_wav(&wanted.folder.join(format!("{name}.wav")), &sound)?;
                println!(
                    "{{\"downlink\":\"{kind}\",\"expected\":{expected},\"lost\":{lost},\
                     \"file\":\"{name}\",\"kbit_per_s\":{kbits:.1}}}"
                );
            }
        }
    }
    Ok(())
}

fn trace_json(name: &str, clean_name: &str, clean: &Outcome, outcome: &Outcome) -> String {
    let mut json = format!(
        "{{\"trace\":\"{name}\",\"clean\":\"{clean_name}\",\"audible\":{:.5},\
         \"decoded\":{},\"recovered\":{},\"made_up\":{},\"seconds\":[",
        audible(&clean.heard, &outcome.heard),
        outcome.reception.decoded,
        outcome.reception.recovered,
        outcome.reception.made_up,
    );
    // Second by second: the mean wait, the longest, and what was made up, all in ms.
    let mut first = true;
    for second in outcome
        .ticks
        .chunk_by(|one, other| one.0.as_secs() == other.0.as_secs())
    {
        let mean = second.iter().map(|tick| tick.1).sum::<f32>() / second.len() as f32;
        let longest = second.iter().map(|tick| tick.1).fold(f32::MIN, f32::max);
        let made_up = second.iter().map(|tick| tick.2).sum::<u64>() as f64 / 48.0;
        let comma = if std::mem::take(&mut first) { "" } else { "," };
        let at = second[0].0.as_secs();
        // Writing to a String cannot fail.
        let _ = write!(json, "{comma}[{at},{mean:.1},{longest:.1},{made_up:.1}]");
    }
    json.push_str("]}");
    json
}

/// A WAV file of 16 bits, mono, 48 kHz.
fn write_wav(path: &Path, sound: &[f32]) -> io::Result<()> {
    let sound = &sound[sound.len().saturating_sub(MOST_WRITTEN)..];
    let octets = sound.len() as u32 * 2;
    let mut file = Vec::with_capacity(44 + sound.len() * 2);
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&(36 + octets).to_le_bytes());
    file.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend_from_slice(&48_000_u32.to_le_bytes());
    file.extend_from_slice(&96_000_u32.to_le_bytes());
    file.extend_from_slice(b"\x02\0\x10\0data");
    file.extend_from_slice(&octets.to_le_bytes());
    for sample in sound {
        file.extend_from_slice(&((sample * 32_767.0) as i16).to_le_bytes());
    }
    std::fs::File::create(path)?.write_all(&file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_done_and_what_is_wrong_is_said_in_words() {
        let words = |line: &str| read(line.split_whitespace().map(String::from));

        let wanted = words("--out here --seconds 8").unwrap();
        assert_eq!(wanted.folder, Path::new("here"));
        assert_eq!((wanted.time.as_secs(), wanted.drift.as_secs()), (8, 60));
        let wrong = |line| words(line).err().unwrap();
        assert_eq!(wrong("--seconds 8"), "--out is needed");
        assert_eq!(wrong("--loud yes"), "--loud is unknown");
        assert_eq!(wrong("--out"), "--out needs a value");
    }
}
