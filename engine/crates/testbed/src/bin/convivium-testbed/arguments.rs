//! What the command is told.

use std::time::Duration;

use convivium_testbed::arguments::{Place, number, pairs, unknown};
use convivium_testbed::voice::{VOICES, Voice};

/// How it is told.
pub(crate) const USAGE: &str = "usage: convivium-testbed --url http://HOST:PORT --space ID \
[--speaker TOKEN]... [--first-voice 0-14] [--hear VOICE]... [--listeners 0-1000] [--at-once 1-64] [--seconds 3-7200]";

/// What the command is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Arguments {
    /// Where they go.
    pub(crate) place: Place,
    /// Tokens of those who speak.
    pub(crate) speakers: Vec<String>,
    /// The number of the first one's voice: no other command's speaker there should have it.
    pub(crate) first_voice: u32,
    /// Voices of others, which whoever listens should hear as well.
    pub(crate) hear: Vec<Voice>,
    /// Guests who listen.
    pub(crate) listeners: usize,
    /// How many of them come at once.
    pub(crate) at_once: usize,
    /// How long to listen when all have come.
    pub(crate) time: Duration,
}

impl Arguments {
    /// Read the words after the command's name; what is wrong is said in words.
    pub(crate) fn read(words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut read = Self {
            place: Place::default(),
            speakers: Vec::new(),
            first_voice: 0,
            hear: Vec::new(),
            listeners: 1,
            at_once: 1,
            time: Duration::from_secs(10),
        };
        for pair in pairs(words) {
            let (name, value) = pair?;
            match name.as_str() {
                "--speaker" => read.speakers.push(value),
                "--first-voice" => read.first_voice = number(&name, &value, 0, 14)?,
                "--hear" => {
                    let voice = number(&name, &value, 0, VOICES - 1)?;
                    read.hear.push(Voice::new(voice));
                }
                "--listeners" => read.listeners = number(&name, &value, 0, 1_000)?,
                "--at-once" => read.at_once = number(&name, &value, 1, 64)?,
                "--seconds" => read.time = Duration::from_secs(number(&name, &value, 3, 7_200)?),
                _ if read.place.take(&name, &value) => {}
                _ => return Err(unknown(&name)),
            }
        }
        read.place = read.place.whole()?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Arguments, String> {
        Arguments::read(line.split_whitespace().map(String::from))
    }

    #[test]
    fn what_is_said_is_done_and_what_is_not_has_a_default() {
        let read =
            read("--url http://a:1 --space s --speaker x --speaker y --hear 4 --listeners 7")
                .unwrap();

        assert_eq!(read.speakers, ["x", "y"]);
        assert_eq!(read.hear, [Voice::new(4)]);
        assert_eq!((read.listeners, read.at_once, read.first_voice), (7, 1, 0));
        assert_eq!(read.time, Duration::from_secs(10));
    }

    #[test]
    fn many_may_come_at_once() {
        let at_once = |number| read(&format!("--url http://a:1 --space s --at-once {number}"));

        assert_eq!(at_once(32).unwrap().at_once, 32);
        assert!(at_once(0).is_err() && at_once(65).is_err());
    }

    #[test]
    fn what_is_wrong_is_said_in_words() {
        let wrong = |line: &str| read(line).unwrap_err();

        assert_eq!(wrong("--space s"), "--url is missing");
        assert_eq!(wrong("--url"), "--url needs a value");
        assert_eq!(wrong("--loud yes"), "--loud is unknown");
        assert_eq!(wrong("--hear 15"), "--hear wants a number from 0 to 14");
        assert_eq!(
            wrong("--seconds 1"),
            "--seconds wants a number from 3 to 7200"
        );
    }
}
