//! Which packet indexes were seen: RFC 3711, 3.3.1 (guessing the roll-over counter) and 3.3.2.

use super::SrtpError;

/// How far back a late packet is still accepted, in packets (RFC 3711, 3.3.2 asks for at least 64).
const SPAN: u64 = 128;

/// Roll-overs tried above the likely one when packets went by unseen: at 50 packets a second more
/// than two hours behind a closed gate.
const MAX_ROLLOVERS_MISSED: u64 = 8;
/// RTP indexes have 48 bits (RFC 3711, 3.3.1).
pub(super) const LAST_INDEX: u64 = (1 << 48) - 1;

/// A sliding window over the indexes of one source.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// Whether the roll-over counter is known: no packet went by unseen since the last accepted.
    certain: bool,
    /// The highest index accepted; `None` before the first.
    highest: Option<u64>,
    /// Bit n is set when `highest - n` was accepted.
    seen: u128,
}

impl Window {
    /// The index that a sequence number most likely stands for.
    pub(super) fn guess(&self, sequence: u16) -> u64 {
        let Some(highest) = self.highest else {
            return u64::from(sequence);
        };
        let (rollovers, last) = (highest >> 16, i64::from(highest as u16));
        let ahead = i64::from(sequence) - last;
        let rollovers = if ahead < -0x8000 {
            rollovers + 1
        } else if ahead > 0x8000 {
            rollovers.saturating_sub(1)
        } else {
            rollovers
        };
        (rollovers << 16) | u64::from(sequence)
    }

    /// Packets may have gone by unseen: until the next one is accepted the roll-over counter is
    /// uncertain.
    pub(super) fn lose_count(&mut self) {
        self.certain = false;
    }

    /// Whether the roll-over counter may be another than the likely one.
    pub(super) fn is_uncertain(&self) -> bool {
        !self.certain
    }

    /// The indexes that a sequence number may stand for after packets went by unseen, the
    /// likeliest first; none that was accepted.
    pub(super) fn guesses(&self, sequence: u16) -> impl Iterator<Item = u64> {
        let likely = self.guess(sequence);
        (0..=MAX_ROLLOVERS_MISSED)
            .map(move |missed| likely + (missed << 16))
            .filter(|index| *index <= LAST_INDEX && self.check(*index).is_ok())
    }

    /// Whether a packet of this index may still be opened.
    pub(super) fn check(&self, index: u64) -> Result<(), SrtpError> {
        let Some(highest) = self.highest else {
            return Ok(());
        };
        match highest.checked_sub(index) {
            None => Ok(()),
            Some(age) if age < SPAN && self.seen & (1 << age) == 0 => Ok(()),
            Some(_) => Err(SrtpError::Replayed),
        }
    }

    /// Note an index whose packet proved authentic.
    pub(super) fn accept(&mut self, index: u64) {
        self.certain = true;
        let Some(highest) = self.highest else {
            self.highest = Some(index);
            self.seen = 1;
            return;
        };
        if index > highest {
            let shift = index - highest;
            self.seen = if shift < SPAN { self.seen << shift } else { 0 } | 1;
            self.highest = Some(index);
        } else if highest - index < SPAN {
            self.seen |= 1 << (highest - index);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn window(indexes: &[u64]) -> Window {
        let mut window = Window::default();
        for &index in indexes {
            window.accept(index);
        }
        window
    }

    #[test]
    fn a_packet_is_accepted_once() {
        let window = window(&[100, 102]);

        assert_eq!(window.check(102), Err(SrtpError::Replayed));
        assert_eq!(window.check(101), Ok(()));
        assert_eq!(window.check(100), Err(SrtpError::Replayed));
        assert_eq!(window.check(103), Ok(()));
    }

    #[test]
    fn a_packet_older_than_the_window_is_refused() {
        let window = window(&[1000]);

        assert_eq!(window.check(1000 - SPAN), Err(SrtpError::Replayed));
        assert_eq!(window.check(1001 - SPAN), Ok(()));
    }

    #[test]
    fn the_rollover_counter_is_guessed_on_both_sides_of_a_wrap() {
        assert_eq!(window(&[0xFFFF]).guess(0), 0x1_0000);
        assert_eq!(window(&[0x1_0000]).guess(0xFFFF), 0xFFFF);
        assert_eq!(window(&[0x3_0010]).guess(0x0011), 0x3_0011);
    }

    proptest! {
        /// Whatever is lost, late or doubled: no index is accepted twice.
        #[test]
        fn nothing_is_accepted_twice(steps in prop::collection::vec(0_u64..400, 1..300)) {
            let mut window = Window::default();
            let mut accepted = std::collections::HashSet::new();
            for index in steps {
                if window.check(index).is_ok() {
                    window.accept(index);
                    prop_assert!(accepted.insert(index));
                }
            }
        }
    }
}
