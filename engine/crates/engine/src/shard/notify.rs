//! One peer's data channel: a snapshot, then everything that follows it, or a snapshot again.
//!
//! A reader that is too slow never makes a queue grow: what it would have got is dropped, and
//! when its channel has drained it is given a fresh snapshot, at most one a second. A channel that
//! cannot take messages any more is never asked for again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::rtc::{Session, Written};

/// More than this unacknowledged, and the reader is behind.
const BEHIND: usize = 32 * 1024;
/// A reader that was behind is ready again below this.
const DRAINED: usize = 4 * 1024;
/// Events kept between the question for a snapshot and the snapshot.
const MAX_KEPT: usize = 64;
/// Octets of them.
const MAX_KEPT_OCTETS: usize = 64 * 1024;
/// A snapshot is dear, and a reader decides how often it is behind.
const BETWEEN_SNAPSHOTS: Duration = Duration::from_secs(1);

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
    fn write(&mut self, message: &str) -> Written;
}

impl Writer for Session {
    fn buffered(&mut self) -> usize {
        Session::buffered(self)
    }

    fn write(&mut self, message: &str) -> Written {
        Session::write(self, message)
    }
}

/// One peer's channel.
#[derive(Debug, Default)]
pub(crate) struct Channel {
    state: State,
    /// When a snapshot was asked for last.
    asked: Option<Instant>,
    /// When the next may be asked for, if nothing else keeps it.
    due: Option<Instant>,
}

#[derive(Debug, Default)]
enum State {
    /// Not open yet, or never.
    #[default]
    Closed,
    /// A snapshot was asked for; what came since is kept.
    Waiting(Kept),
    /// Events are written as they come.
    Live,
    /// Events are dropped until what was written has drained.
    Behind,
    /// It was open and takes nothing any more.
    Gone,
}

#[derive(Debug, Default)]
struct Kept {
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
    pub(crate) fn opened(&mut self, now: Instant) -> Next {
        match self.state {
            State::Closed => self.ask(now),
            _ => Next::Nothing,
        }
    }

    /// The other side closed the channel.
    pub(crate) fn closed(&mut self) {
        self.state = State::Gone;
        self.due = None;
    }

    /// When [`Channel::drained`] has to be called though nothing happens.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// An event for this reader.
    pub(crate) fn event(&mut self, event: &Arc<str>, writer: &mut impl Writer) -> Next {
        match &mut self.state {
            State::Closed | State::Behind | State::Gone => Next::Dropped,
            State::Waiting(kept) => kept.keep(event),
            State::Live => {
                self.state = if writer.buffered() <= BEHIND {
                    after(writer.write(event))
                } else {
                    State::Behind
                };
                self.result()
            }
        }
    }

    /// The snapshot that was asked for, or one that came unasked and replaces everything too.
    pub(crate) fn snapshot(&mut self, snapshot: &Arc<str>, writer: &mut impl Writer) -> Next {
        let kept = match &mut self.state {
            State::Waiting(kept) => std::mem::take(kept),
            State::Live => Kept::default(),
            State::Closed | State::Behind | State::Gone => return Next::Dropped,
        };
        self.state = std::iter::once(snapshot)
            .chain(&kept.events)
            .map(|message| after(writer.write(message)))
            .find(|state| !matches!(state, State::Live))
            .unwrap_or(State::Live);
        let result = self.result();
        if kept.overflowed && matches!(self.state, State::Live) {
            self.state = State::Behind;
        }
        result
    }

    /// Something was acknowledged, or time passed.
    pub(crate) fn drained(&mut self, writer: &mut impl Writer, now: Instant) -> Next {
        self.due = None;
        if !matches!(self.state, State::Behind) || writer.buffered() > DRAINED {
            return Next::Nothing;
        }
        let may_ask = self.asked.map(|asked| asked + BETWEEN_SNAPSHOTS);
        if let Some(at) = may_ask.filter(|at| now < *at) {
            self.due = Some(at);
            return Next::Nothing;
        }
        self.ask(now)
    }

    fn ask(&mut self, now: Instant) -> Next {
        self.asked = Some(now);
        self.state = State::Waiting(Kept::default());
        Next::Ask
    }

    fn result(&self) -> Next {
        match self.state {
            State::Live => Next::Nothing,
            _ => Next::Dropped,
        }
    }
}

/// The state of a channel after a message became this.
const fn after(written: Written) -> State {
    match written {
        Written::Taken => State::Live,
        Written::NoRoom => State::Behind,
        Written::Gone => State::Gone,
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
        gone: bool,
    }

    impl Writer for Reader {
        fn buffered(&mut self) -> usize {
            self.buffered
        }

        fn write(&mut self, message: &str) -> Written {
            if self.gone {
                return Written::Gone;
            }
            if self.buffered + message.len() > 128 * 1024 {
                return Written::NoRoom;
            }
            self.got.push(message.to_owned());
            self.buffered += message.len();
            Written::Taken
        }
    }

    #[expect(clippy::disallowed_methods, reason = "virtual time begins somewhere")]
    fn beginning() -> Instant {
        Instant::now()
    }

    fn live(reader: &mut Reader) -> Channel {
        let mut channel = Channel::default();
        assert_eq!(channel.opened(beginning()), Next::Ask);
        assert_eq!(channel.snapshot(&"snapshot".into(), reader), Next::Nothing);
        channel
    }

    #[test]
    fn events_between_question_and_snapshot_follow_the_snapshot() {
        let mut reader = Reader::default();
        let mut channel = Channel::default();
        assert_eq!(channel.opened(beginning()), Next::Ask);
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
        assert_eq!(
            channel.drained(&mut reader, beginning() + BETWEEN_SNAPSHOTS),
            Next::Nothing
        );

        reader.buffered = 0;
        assert_eq!(
            channel.drained(&mut reader, beginning() + BETWEEN_SNAPSHOTS),
            Next::Ask
        );
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
        let _ = channel.opened(beginning());
        for n in 0..=MAX_KEPT {
            let _ = channel.event(&n.to_string().into(), &mut reader);
        }

        let _ = channel.snapshot(&"early".into(), &mut reader);
        assert_eq!(
            channel.drained(&mut reader, beginning() + BETWEEN_SNAPSHOTS),
            Next::Ask
        );
        assert_eq!(channel.snapshot(&"late".into(), &mut reader), Next::Nothing);
        assert_eq!(reader.got, ["early", "late"]);
    }

    #[test]
    fn events_that_are_too_long_together_are_not_kept_for_the_snapshot() {
        let mut reader = Reader::default();
        let mut channel = Channel::default();
        let _ = channel.opened(beginning());
        let half: Arc<str> = "x".repeat(MAX_KEPT_OCTETS / 2).into();
        assert_eq!(channel.event(&half, &mut reader), Next::Nothing);
        assert_eq!(channel.event(&half, &mut reader), Next::Nothing);

        assert_eq!(channel.event(&"x".into(), &mut reader), Next::Dropped);
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

    #[test]
    fn a_snapshot_is_asked_for_at_most_once_a_second() {
        let began = beginning();
        let mut reader = Reader::default();
        let mut channel = Channel::default();
        assert_eq!(channel.opened(began), Next::Ask);
        let huge: Arc<str> = "x".repeat(128 * 1024 + 1).into();
        assert_eq!(channel.snapshot(&huge, &mut reader), Next::Dropped);

        let too_early = began + BETWEEN_SNAPSHOTS / 2;
        assert_eq!(channel.drained(&mut reader, too_early), Next::Nothing);
        assert_eq!(channel.due(), Some(began + BETWEEN_SNAPSHOTS));
        assert_eq!(
            channel.drained(&mut reader, began + BETWEEN_SNAPSHOTS),
            Next::Ask
        );
        assert_eq!(channel.due(), None);
    }

    #[test]
    fn a_channel_that_takes_nothing_any_more_is_never_asked_for_again() {
        let mut reader = Reader::default();
        let mut channel = live(&mut reader);
        reader.gone = true;
        assert_eq!(channel.event(&"lost".into(), &mut reader), Next::Dropped);

        let later = beginning() + 10 * BETWEEN_SNAPSHOTS;
        assert_eq!(channel.drained(&mut reader, later), Next::Nothing);
        assert_eq!(channel.opened(later), Next::Nothing);
    }
}
