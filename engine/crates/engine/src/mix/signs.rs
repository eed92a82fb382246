//! Signs of life: what a silent space sends, and how often.
//!
//! At first a sign every 360 ms, since most silences are short and listeners expect a packet within
//! 400 ms. A space that stays silent names the source nobody has, which says that the next packet
//! may be two seconds away, and gives a sign every 1.8 s: a packet costs the same whatever is in it.
//! Longer packets divide listeners into cohorts, of which each tick serves one; so do signs.

/// Ticks between signs at first.
const SOON: u64 = 18;
/// How many come so: for two seconds.
const MANY_SOON: u32 = 6;
/// How many say that it is quiet before they come rarely: whoever lost all of them calls anew.
const MANY_TOLD: u32 = 3;
/// Ticks between signs later: within two seconds, and ticks may be late.
const LATER: u64 = 90;

/// The source that nobody is (docs/protocol.md, 1): nobody is heard, and it is quiet for now.
pub(super) const NOBODY: u32 = 0;

/// Counts the signs of a silence.
#[derive(Debug, Default)]
pub(super) struct Signs {
    /// The first tick of the last sign, or the last tick with sound.
    last: Option<u64>,
    given: u32,
}

impl Signs {
    /// There was sound in this tick.
    pub(super) const fn sounded(&mut self, tick: u64) {
        self.last = Some(tick);
        self.given = 0;
    }

    /// Whether a tick without sound gives a sign, which takes one tick of each of so many cohorts.
    pub(super) fn is_due(&mut self, tick: u64, cohorts: u64) -> bool {
        let Some(last) = self.last else {
            self.last = Some(tick);
            return true;
        };
        let passed = tick - last;
        if self.given > 0 && passed < cohorts {
            return true;
        }
        let is_rare = self.given >= MANY_SOON - 1 + MANY_TOLD;
        let is_due = passed >= if is_rare { LATER } else { SOON };
        if is_due {
            self.last = Some(tick);
            self.given = self.given.saturating_add(1);
        }
        is_due
    }

    /// Whether the next sign may take its time.
    pub(super) const fn is_quiet(&self) -> bool {
        self.given >= MANY_SOON
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ticks of so many that gave a sign.
    fn signs(cohorts: u64, ticks: u64) -> Vec<u64> {
        let mut signs = Signs::default();
        signs.sounded(0);
        (1..ticks)
            .filter(|tick| signs.is_due(*tick, cohorts))
            .collect()
    }

    #[test]
    fn signs_come_often_at_first_and_then_within_two_seconds() {
        assert_eq!(signs(1, 300), [18, 36, 54, 72, 90, 108, 126, 144, 234]);
    }

    #[test]
    fn more_than_one_sign_says_that_it_is_quiet_before_they_are_rare() {
        let mut signs = Signs::default();
        signs.sounded(0);
        let quiet: Vec<u64> = (1..=234)
            .filter(|tick| signs.is_due(*tick, 1) && signs.is_quiet())
            .collect();

        assert_eq!(quiet, [108, 126, 144, 234]);
    }

    #[test]
    fn each_cohort_has_a_tick_of_each_sign() {
        assert_eq!(signs(3, 42), [18, 19, 20, 36, 37, 38]);
    }

    #[test]
    fn after_sound_they_are_often_again() {
        let mut signs = Signs::default();
        assert!(signs.is_due(1, 1), "who comes first gets one at once");
        (2..300).for_each(|tick| {
            signs.is_due(tick, 1);
        });
        assert!(signs.is_quiet());
        signs.sounded(300);

        assert!(!signs.is_quiet());
        assert!((301..318).all(|tick| !signs.is_due(tick, 1)));
        assert!(signs.is_due(318, 1));
    }
}
