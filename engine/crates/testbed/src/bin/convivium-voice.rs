//! A voice for programs that have none, and an ear for those that cannot tell what they hear.
//!
//! `convivium-voice speak NUMBER opus|pcm` prints one turn of a voice, 6.4 s, after which it begins
//! again: a line for each 20 ms, in hexadecimal. `convivium-voice hear NUMBER` reads lines `opus HEX`
//! and `pcm HEX`, one sound after the other, and prints how loud the voice is in them, in dBFS.
//! An `opus` line is a packet; a `pcm` line is sound of 16 bit, least octet first, mono, at 48 kHz.
#![forbid(unsafe_code)]

use std::fmt::Write as _;
use std::io::{BufRead, Write as _};
use std::process::ExitCode;

use convivium_engine::opus::FRAME;
use convivium_testbed::arguments::number;
use convivium_testbed::ear::Listener;
use convivium_testbed::voice::{PERIOD, VOICES, Voice};

const USAGE: &str = "usage: convivium-voice speak NUMBER opus|pcm, or convivium-voice hear NUMBER";

/// Packets of one turn.
const PACKETS: u64 = PERIOD / FRAME as u64;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let told = match words[..] {
        ["speak", voice, "opus"] => voice_of(voice).and_then(packets),
        ["speak", voice, "pcm"] => voice_of(voice).map(sound),
        ["hear", voice] => voice_of(voice)
            .and_then(|voice| loudness_db(voice, std::io::stdin().lock().lines()))
            .map(|level| vec![format!("{level:.1}")]),
        _ => Err(USAGE.into()),
    };
    match told {
        Ok(lines) => print(&lines),
        Err(wrong) => {
            eprintln!("{wrong}");
            ExitCode::from(2)
        }
    }
}

fn print(lines: &[String]) -> ExitCode {
    // Whoever has read enough may close the pipe.
    let printed = writeln!(std::io::stdout(), "{}", lines.join("\n"));
    ExitCode::from(u8::from(printed.is_err()))
}

fn voice_of(word: &str) -> Result<Voice, String> {
    let voice = number("NUMBER", word, 0, VOICES as usize - 1)?;
    Ok(Voice::new(u32::try_from(voice).unwrap_or(0)))
}

/// A turn as Opus packets.
fn packets(voice: Voice) -> Result<Vec<String>, String> {
    let frames = u32::try_from(PACKETS).unwrap_or(0);
    let packets = voice.packets(frames).map_err(|error| error.to_string())?;
    Ok(packets.iter().map(|packet| hexadecimal(packet)).collect())
}

/// A turn as 16-bit sound.
fn sound(voice: Voice) -> Vec<String> {
    (0..PACKETS)
        .map(|packet| voice.frame(packet * FRAME as u64))
        .map(|frame| {
            hexadecimal(
                frame
                    .map(|sample| to_16_bit(sample).to_le_bytes())
                    .as_flattened(),
            )
        })
        .collect()
}

/// The level of a voice in what these lines hold, in dBFS.
fn loudness_db(
    voice: Voice,
    lines: impl Iterator<Item = std::io::Result<String>>,
) -> Result<f32, String> {
    let mut listener = Listener::new().map_err(|error| error.to_string())?;
    for line in lines {
        let line = line.map_err(|error| error.to_string())?;
        let at = listener.ear.sound().len();
        match line.split_once(' ') {
            Some(("opus", packet)) => listener
                .hear(at, &octets(packet)?)
                .map_err(|error| error.to_string())?,
            Some(("pcm", sound)) => listener.ear.hear(at, &from_16_bit(&octets(sound)?)),
            _ => return Err("a line begins with opus or pcm".into()),
        }
    }
    Ok(listener.ear.level_db(voice, 0..usize::MAX))
}

#[expect(clippy::cast_possible_truncation, reason = "between -1 and 1")]
fn to_16_bit(sample: f32) -> i16 {
    (sample * 32_767.0) as i16
}

fn from_16_bit(octets: &[u8]) -> Vec<f32> {
    let (samples, _) = octets.as_chunks();
    samples
        .iter()
        .map(|sample| f32::from(i16::from_le_bytes(*sample)) / 32_768.0)
        .collect()
}

fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        let _ = write!(text, "{octet:02x}");
        text
    })
}

fn octets(text: &str) -> Result<Vec<u8>, String> {
    let wrong = || "what follows is no hexadecimal number".to_owned();
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return Err(wrong());
    }
    let octet = |pair: &[u8; 2]| {
        let digits = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(digits, 16).ok()
    };
    pairs
        .iter()
        .map(|pair| octet(pair).ok_or_else(wrong))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard_db(kind: &str, lines: &[String], voice: u32) -> f32 {
        let lines = lines.iter().map(|line| Ok(format!("{kind} {line}")));
        loudness_db(Voice::new(voice), lines).unwrap()
    }

    #[test]
    fn what_is_spoken_is_heard_and_told_from_other_voices() {
        let voice = Voice::new(7);
        for (kind, spoken) in [("opus", packets(voice).unwrap()), ("pcm", sound(voice))] {
            assert_eq!(spoken.len(), 320);
            let part = &spoken[40..120];
            assert!((heard_db(kind, part, 7) + 20.0).abs() < 0.5, "{kind}");
            assert!(heard_db(kind, part, 3) < -50.0, "{kind}");
        }
    }

    #[test]
    fn what_is_no_sound_is_refused_in_words() {
        let told = |line: &str| loudness_db(Voice::new(0), std::iter::once(Ok(line.into())));

        assert!(told("opus 1").unwrap_err().contains("hexadecimal"));
        assert!(told("opus é").unwrap_err().contains("hexadecimal"));
        assert!(told("wave 00").unwrap_err().contains("opus or pcm"));
        assert!(voice_of("15").is_err());
    }
}
