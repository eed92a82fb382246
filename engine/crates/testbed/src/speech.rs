//! Speech to try things with: the voices of the demo, decoded.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use convivium_engine::opus::{Decoder, FRAME, MAX_PACKET_SAMPLES};

use crate::meter::loudness;

/// Pages of Ogg begin with these, 27 octets in all, then a table of lengths (RFC 3533, 6).
const CAPTURE: &[u8; 4] = b"OggS";
const PAGE_HEAD: usize = 27;

/// The first two packets of a stream are no sound (RFC 7845, 3).
const HEADS: usize = 2;

/// Somebody's speech, mono, 48 kHz, over and over.
#[derive(Debug, Clone)]
pub struct Recording(Arc<[f32]>);

impl Recording {
    /// Sound of our own making; it must not be empty.
    #[must_use]
    pub fn of(sound: &[f32]) -> Self {
        Self(sound.into())
    }

    /// Everything that one speaker of the demo says, clip after clip.
    ///
    /// # Errors
    /// When there are no clips of this speaker in the folder, or one of them cannot be read.
    pub fn of_speaker(folder: &Path, speaker: &str) -> io::Result<Self> {
        let mut sound = Vec::new();
        for path in clips(folder, speaker)? {
            sound.extend(decoded(&std::fs::read(path)?)?);
        }
        Ok(Self(sound.into()))
    }

    /// The same as loud as this, in LUFS; samples beyond full scale are possible.
    #[must_use]
    pub fn at_loudness(&self, lufs: f64) -> Self {
        let gain = 10_f64.powf((lufs - loudness(&self.0)) / 20.0) as f32;
        Self(self.0.iter().map(|sample| sample * gain).collect())
    }

    /// How many samples there are before it begins again.
    #[must_use]
    pub fn samples(&self) -> usize {
        self.0.len()
    }

    /// One sample of it.
    #[must_use]
    pub fn sample(&self, number: u64) -> f32 {
        self.0[(number % self.0.len() as u64) as usize]
    }
}

/// Where the demo keeps its voices in a clone.
#[must_use]
pub fn demo_voices() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../server/convivium/demo/voices")
}

fn clips(folder: &Path, speaker: &str) -> io::Result<Vec<PathBuf>> {
    let ending = format!("-{speaker}.opus");
    let mut clips = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(&ending) {
            clips.push(path);
        }
    }
    clips.sort();
    if clips.is_empty() {
        return Err(io::Error::other(format!(
            "no clips of {speaker} in the folder"
        )));
    }
    Ok(clips)
}

fn decoded(ogg: &[u8]) -> io::Result<Vec<f32>> {
    let mut decoder = Decoder::new().map_err(io::Error::other)?;
    let mut sound = Vec::new();
    let mut room = vec![0.0; MAX_PACKET_SAMPLES];
    for packet in packets(ogg)?.into_iter().skip(HEADS) {
        let samples = decoder
            .decode(&packet, &mut room)
            .map_err(io::Error::other)?;
        sound.extend_from_slice(&room[..samples]);
    }
    // Clips follow one another with a short breath.
    sound.resize(sound.len().next_multiple_of(FRAME) + 10 * FRAME, 0.0);
    Ok(sound)
}

/// The packets of an Ogg file with one stream.
fn packets(mut ogg: &[u8]) -> io::Result<Vec<Vec<u8>>> {
    let broken = || io::Error::other("this is no Ogg file");
    let mut packets = Vec::new();
    let mut packet = Vec::new();
    while !ogg.is_empty() {
        let (head, rest) = ogg.split_at_checked(PAGE_HEAD).ok_or_else(broken)?;
        if !head.starts_with(CAPTURE) {
            return Err(broken());
        }
        let (lengths, mut body) = rest
            .split_at_checked(head[PAGE_HEAD - 1].into())
            .ok_or_else(broken)?;
        for length in lengths {
            let (piece, after) = body.split_at_checked((*length).into()).ok_or_else(broken)?;
            packet.extend_from_slice(piece);
            body = after;
            if *length < u8::MAX {
                packets.push(std::mem::take(&mut packet));
            }
        }
        ogg = body;
    }
    Ok(packets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speaker_of_the_demo_speaks_for_a_while() {
        let juno = Recording::of_speaker(&demo_voices(), "juno").unwrap();

        assert!(juno.samples() > 10 * 48_000, "{}", juno.samples());
        let loudness = loudness(&juno.at_loudness(-30.0).0);
        assert!((loudness - -30.0).abs() < 0.1, "{loudness}");
    }

    #[test]
    fn what_is_no_recording_is_refused_in_words() {
        let nobody = Recording::of_speaker(&demo_voices(), "nobody").unwrap_err();
        assert_eq!(nobody.to_string(), "no clips of nobody in the folder");
        for broken in [
            &b"OggS"[..],
            &[0; 40],
            &[b"OggS".as_slice(), &[9; 23]].concat(),
        ] {
            assert_eq!(
                packets(broken).unwrap_err().to_string(),
                "this is no Ogg file"
            );
        }
    }
}
