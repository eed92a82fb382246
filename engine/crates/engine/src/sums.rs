//! What of an audience is counted instead of told one by one: messages that many send alike.
//!
//! The owner says which texts count. The engine compares, counts, and tells sums: however many tap at
//! once, twice a second.

use std::time::Duration;

use crate::bucket::Bucket;

/// How many texts may be counted.
pub(crate) const MAX_COUNTED: usize = 16;
/// How long sums are gathered before they are told.
pub(crate) const TOLD_EVERY: Duration = Duration::from_millis(500);
/// Messages of one peer that count at once, and each second after that.
const MESSAGES: (f32, f32) = (10.0, 2.0);

/// The texts that are counted, each under its place.
pub(crate) type Counted = [Box<[u8]>];

/// Which of the texts a message is.
pub(crate) fn place_of(message: &[u8], counted: &Counted) -> Option<usize> {
    counted.iter().position(|text| **text == *message)
}

/// How many messages of one peer are counted.
pub(crate) const fn allowance() -> Bucket {
    let (at_once, per_second) = MESSAGES;
    Bucket::new(at_once, per_second)
}

/// How often each text came in a space since it was told.
#[derive(Debug, Default)]
pub(crate) struct Sums([u32; MAX_COUNTED]);

impl Sums {
    /// One more of the text at this place.
    pub(crate) fn add(&mut self, place: usize) {
        if let Some(count) = self.0.get_mut(place) {
            *count = count.saturating_add(1);
        }
    }

    /// The sums of the first so many texts, if any is above 0; they begin anew.
    pub(crate) fn take(&mut self, count: usize) -> Option<Vec<u32>> {
        let sums = std::mem::take(&mut self.0);
        sums.iter()
            .any(|sum| *sum > 0)
            .then(|| sums.into_iter().take(count).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_told_once_and_only_if_there_are_any() {
        let mut sums = Sums::default();
        assert_eq!(sums.take(3), None);
        for place in [0, 2, 2, MAX_COUNTED] {
            sums.add(place);
        }

        assert_eq!(sums.take(3), Some(vec![1, 0, 2]));
        assert_eq!(sums.take(3), None);
    }

    #[test]
    fn a_message_counts_only_if_it_is_the_text_to_the_octet() {
        let counted: Vec<Box<[u8]>> = vec![b"yes"[..].into(), b"no"[..].into()];

        assert_eq!(place_of(b"no", &counted), Some(1));
        for other in ["", "n", "no ", "NO"] {
            assert_eq!(place_of(other.as_bytes(), &counted), None);
        }
    }
}
