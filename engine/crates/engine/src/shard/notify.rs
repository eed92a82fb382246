//! One peer's data channel: a snapshot, then everything that follows it, or a snapshot again.
//!
//! A reader that is too slow never makes a queue grow: what it would have got is dropped, and
//! when its channel has drained it is given a fresh snapshot.

use std::sync::Arc;

use crate::rtc::Session;

/// More than this unacknowledged, and the reader is behind.
const BEHIND: usize = 32 * 1024;
/// A reader that was behind is ready again below this.
const DRAINED: usize = 4 * 1024;
/// Events kept between the question for a snapshot and the snapshot.
const MAX_KEPT: usize = 64;
/// Octets of them.
const MAX_KEPT_OCTETS: usize = 64 * 1024;

/// What to do after something happened to a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(crate) enum Next {
    /// Nothing.
    Nothing,
    /// Ask for a snapshot.
    Ask,
    /// Nothing; an event was dropped.
    Dropped,
}

/// Where events are written.
pub(crate) trait Writer {
    /// Octets written and not yet acknowledged.
    fn buffered(&mut self) -> usize;
    /// Take a message whole, or not at all.
    fn write(&mut self, message: &str) -> bool;
}

impl Writer for Session {
    fn buffered(&mut self) -> usize {
        Session::buffered(self)
    }

    fn write(&mut self, message: &str) -> bool {
        Session::write(self, message)
    }
}

/// The state of one channel.
#[derive(Debug, Default)]
pub(crate) enum Channel {
    /// Not open yet, or never.
    #[default]
    Closed,
    /// A snapshot was asked for; what came since is kept.
    Waiting(Kept),
    /// Events are written as they come.
    Live,
    /// Events are dropped until what was written has drained.
    Behind,
}

#[derive(Debug, Default)]
pub(crate) struct Kept {
    events: Vec<Arc<str>>,
    octets: usize,
    overflowed: bool,
}

impl Kept {
    fn keep(&mut self, event: &Arc<str>) -> Next {
        self.octets += event.len();
        if self.overflowed || self.events.len() == MAX_KEPT || self.octets > MAX_KEPT_OCTETS {
            self.overflowed = true;
            self.events.clear();
            return Next::Dropped;
        }
        self.events.push(Arc::clone(event));
        Next::Nothing
    }
}

impl Channel {
    /// The channel opened.
    pub(crate) fn opened(&mut self) -> Next {
        self.ask()
    }

    /// An event for this reader.
    pub(crate) fn event(&mut self, event: &Arc<str>, writer: &mut impl Writer) -> Next {
        match self {
            Self::Closed | Self::Behind => Next::Dropped,
            Self::Waiting(kept) => kept.keep(event),
            Self::Live if writer.buffered() <= BEHIND && writer.write(event) => Next::Nothing,
            Self::Live => {
                *self = Self::Behind;
                Next::Dropped
            }
        }
    }

    /// The snapshot that was asked for, or one that came unasked and replaces everything too.
    pub(crate) fn snapshot(&mut self, snapshot: &Arc<str>, writer: &mut impl Writer) -> Next {
        let kept = match self {
            Self::Waiting(kept) => std::mem::take(kept),
            Self::Live => Kept::default(),
            Self::Closed | Self::Behind => return Next::Dropped,
        };
        let written = writer.write(snapshot) && kept.events.iter().all(|event| writer.write(event));
        if !written {
            *self = Self::Behind;
            return Next::Dropped;
        }
        if kept.overflowed {
            return self.ask();
        }
        *self = Self::Live;
        Next::Nothing
    }

    /// Something was acknowledged, or time passed.
    pub(crate) fn drained(&mut self, writer: &mut impl Writer) -> Next {
        match self {
            Self::Behind if writer.buffered() <= DRAINED => self.ask(),
            _ => Next::Nothing,
        }
    }

    fn ask(&mut self) -> Next {
        *self = Self::Waiting(Kept::default());
        Next::Ask
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader that acknowledges only when told to.
    #[derive(Default)]
    struct Reader {
        got: Vec<String>,
        buffered: usize,
    }

    impl Writer for Reader {
        fn buffered(&mut self) -> usize {
            self.buffered
        }

        fn write(&mut self, message: &str) -> bool {
            if self.buffered + message.len() > 128 * 1024 {
                return false;
            }
            self.got.push(message.to_owned());
            self.buffered += message.len();
            true
        }
    }

    fn live(reader: &mut Reader) -> Channel {
        let mut channel = Channel::default();
        assert_eq!(channel.opened(), Next::Ask);
        assert_eq!(channel.snapshot(&"snapshot".into(), reader), Next::Nothing);
        channel
    }

    #[test]
    fn events_between_question_and_snapshot_follow_the_snapshot() {
        let mut reader = Reader::default();
        let mut channel = Channel::default();
        assert_eq!(channel.opened(), Next::Ask);
        let _ = channel.event(&"one".into(), &mut reader);
        let _ = channel.snapshot(&"snapshot".into(), &mut reader);
        let _ = channel.event(&"two".into(), &mut reader);

        assert_eq!(reader.got, ["snapshot", "one", "two"]);
    }

    #[test]
    fn a_slow_reader_loses_events_and_gets_a_fresh_snapshot_when_it_has_drained() {
        let mut reader = Reader::default();
        let mut channel = live(&mut reader);
        let big: Arc<str> = "x".repeat(BEHIND + 1).into();
        assert_eq!(channel.event(&big, &mut reader), Next::Nothing);
        assert_eq!(channel.event(&"lost".into(), &mut reader), Next::Dropped);
        assert_eq!(channel.drained(&mut reader), Next::Nothing);

        reader.buffered = 0;
        assert_eq!(channel.drained(&mut reader), Next::Ask);
        assert_eq!(
            channel.snapshot(&"fresh".into(), &mut reader),
            Next::Nothing
        );

        assert_eq!(reader.got.last().unwrap(), "fresh");
        assert!(!reader.got.contains(&"lost".to_owned()));
    }

    #[test]
    fn too_many_events_before_the_snapshot_ask_for_another_after_it() {
        let mut reader = Reader::default();
        let mut channel = Channel::default();
        let _ = channel.opened();
        for n in 0..=MAX_KEPT {
            let _ = channel.event(&n.to_string().into(), &mut reader);
        }

        assert_eq!(channel.snapshot(&"early".into(), &mut reader), Next::Ask);
        assert_eq!(channel.snapshot(&"late".into(), &mut reader), Next::Nothing);
        assert_eq!(reader.got, ["early", "late"]);
    }

    #[test]
    fn nothing_is_written_before_the_channel_is_open() {
        let mut reader = Reader::default();
        let mut channel = Channel::default();

        assert_eq!(channel.event(&"early".into(), &mut reader), Next::Dropped);
        assert_eq!(
            channel.snapshot(&"early".into(), &mut reader),
            Next::Dropped
        );
        assert!(reader.got.is_empty());
    }
}
