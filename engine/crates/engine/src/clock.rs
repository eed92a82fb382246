//! The clock: the only place that reads it. Everything else is told the time.

use std::time::{Duration, Instant, SystemTime};

/// The time by which everything in the engine is ordered.
#[expect(clippy::disallowed_methods, reason = "the edge reads the clock")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// A moment on both clocks, so that reports can tell the time of day.
#[derive(Debug, Clone, Copy)]
pub struct WallClock {
    at: Instant,
    since_1970: Duration,
}

impl WallClock {
    /// A wall clock that showed `since_1970` at the moment `at`.
    #[must_use]
    pub const fn new(at: Instant, since_1970: Duration) -> Self {
        Self { at, since_1970 }
    }

    /// The machine's clocks, read now.
    #[expect(clippy::disallowed_methods, reason = "the edge reads the clock")]
    pub(crate) fn read() -> Self {
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Self::new(now(), since_1970.unwrap_or_default())
    }

    /// When the clocks were read.
    pub(crate) const fn read_at(&self) -> Instant {
        self.at
    }

    /// The time of day at a moment.
    #[must_use]
    pub fn since_1970(&self, now: Instant) -> Duration {
        self.since_1970 + now.saturating_duration_since(self.at)
    }
}
