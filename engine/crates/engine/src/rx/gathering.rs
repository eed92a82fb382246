//! When the receive thread waits a moment, so that datagrams gather and are read together.
//!
//! Being woken by a single datagram costs several times what a check costs. Where a thousand come in
//! a second, a pause of two milliseconds after each batch makes one waking of many; voice is a
//! millisecond later then, of the twenty after which it is mixed.

use std::time::{Duration, Instant};

/// How long it waits.
pub(crate) const MOMENT: Duration = Duration::from_millis(2);
/// Counted is over periods of this length.
const PERIOD: Duration = Duration::from_millis(20);
/// From so many in a period on it pays to wait.
const MANY: usize = 20;

/// Counts what arrives.
#[derive(Debug)]
pub(crate) struct Gathering {
    began: Instant,
    came: usize,
    pays: bool,
}

impl Gathering {
    pub(crate) const fn new(now: Instant) -> Self {
        Self {
            began: now,
            came: 0,
            pays: false,
        }
    }

    /// So many came now; whether to wait a moment before reading on.
    pub(crate) fn came(&mut self, count: usize, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.began);
        if passed >= PERIOD {
            // Of what came before a long silence nothing follows for the time after it.
            self.pays = self.came >= MANY && passed < 2 * PERIOD;
            self.came = 0;
            self.began = now;
        }
        self.came += count;
        self.pays
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::now;

    /// Whether it pays after so many batches of a datagram each, so far apart.
    fn after(batches: u32, apart: Duration) -> bool {
        let began = now();
        let mut gathering = Gathering::new(began);
        (1..=batches).fold(false, |_, n| gathering.came(1, began + apart * n))
    }

    #[test]
    fn it_pays_once_a_thousand_come_in_a_second() {
        assert!(after(40, Duration::from_micros(900)));
        assert!(!after(1_000, Duration::from_micros(1_200)));
        assert!(!after(10, Duration::from_micros(10)), "a handshake");
    }

    #[test]
    fn what_was_before_a_silence_does_not_count_after_it() {
        let began = now();
        let mut gathering = Gathering::new(began);
        assert!(!gathering.came(1_000, began));
        assert!(gathering.came(1, began + PERIOD));
        assert!(!gathering.came(1_000, began + 10 * PERIOD));
        assert!(!gathering.came(1, began + 20 * PERIOD));
    }
}
