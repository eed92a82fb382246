//! When peers are due: a hashed timer wheel (Varghese and Lauck, 1987).
//!
//! What peers wait for takes seconds and may come 20 ms late, and there are tens of thousands of
//! them. So a deadline is a place in a list of all that share its 20 ms: it costs the same however
//! many others there are, and a thread wakes once for all of a list instead of once for each.

use std::time::{Duration, Instant};

use crate::ids::PeerId;

/// Deadlines this close together are one, met at its end.
const SLOT: Duration = Duration::from_millis(20);
/// Slots of one turn: 10.24 s. What is due later is looked at again then.
const SLOTS: u64 = 512;
/// Peers for whom a slot that was emptied keeps room. A crowd that came together is due together,
/// each time somewhere else in the wheel, and must not leave its room in every slot.
const KEPT: usize = 256;

/// The number of a slot, counted from the beginning of time.
pub(super) type Slot = u64;

/// Peers with the times at which they are to be looked at.
#[derive(Debug)]
pub(super) struct Wheel {
    began: Instant,
    /// The first slot that is not over.
    next: Slot,
    slots: Box<[Vec<PeerId>]>,
}

impl Wheel {
    /// A wheel without peers, for deadlines from `began` on.
    pub(super) fn new(began: Instant) -> Self {
        Self {
            began,
            next: 0,
            slots: vec![Vec::new(); SLOTS as usize].into(),
        }
    }

    /// In which slot a deadline is, or is looked at again.
    pub(super) fn slot_of(&self, due: Instant) -> Slot {
        let after = due.saturating_duration_since(self.began);
        let slot = after.as_nanos().div_ceil(SLOT.as_nanos()) as Slot;
        slot.clamp(self.next, self.next + SLOTS - 1)
    }

    /// Let a peer be looked at when this slot, as [`Wheel::slot_of`] gave it, is over.
    pub(super) fn put(&mut self, slot: Slot, peer: PeerId) {
        self.at(slot).push(peer);
    }

    /// When [`Wheel::take`] has somebody.
    pub(super) fn due(&self) -> Option<Instant> {
        self.first().map(|slot| self.end_of(slot))
    }

    /// Somebody whose slot is over, with that slot.
    pub(super) fn take(&mut self, now: Instant) -> Option<(Slot, PeerId)> {
        while let Some(slot) = self.first().filter(|slot| self.end_of(*slot) <= now) {
            self.next = slot;
            let peers = self.at(slot);
            let Some(peer) = peers.pop() else { continue };
            if peers.is_empty() {
                peers.shrink_to(KEPT);
            }
            return Some((slot, peer));
        }
        let over = now.saturating_duration_since(self.began).as_nanos() / SLOT.as_nanos();
        self.next = self.next.max(over as Slot + 1);
        None
    }

    /// The first slot with somebody in it.
    fn first(&self) -> Option<Slot> {
        let is_taken = |slot: &Slot| !self.slots[(slot % SLOTS) as usize].is_empty();
        (self.next..self.next + SLOTS).find(is_taken)
    }

    fn end_of(&self, slot: Slot) -> Instant {
        // In 64 bits: the wheel turns for years.
        self.began + Duration::from_millis(slot * SLOT.as_millis() as u64)
    }

    fn at(&mut self, slot: Slot) -> &mut Vec<PeerId> {
        &mut self.slots[(slot % SLOTS) as usize]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::clock::now;

    const MS: Duration = Duration::from_millis(1);

    fn put(wheel: &mut Wheel, due: Instant, number: u64) -> Slot {
        let slot = wheel.slot_of(due);
        wheel.put(slot, PeerId(number));
        slot
    }

    /// Everybody due by then.
    fn all(wheel: &mut Wheel, now: Instant) -> Vec<u64> {
        let mut all: Vec<_> = std::iter::from_fn(|| wheel.take(now))
            .map(|(_, peer)| peer.0)
            .collect();
        all.sort_unstable();
        all
    }

    #[test]
    fn deadlines_close_together_are_met_together() {
        let began = now();
        let mut wheel = Wheel::new(began);
        for number in 1..=20 {
            put(
                &mut wheel,
                began + 100 * MS + number * MS,
                u64::from(number),
            );
        }
        assert_eq!(wheel.due(), Some(began + 120 * MS));
        assert_eq!(all(&mut wheel, began + 119 * MS), []);
        assert_eq!(all(&mut wheel, began + 120 * MS).len(), 20);
        assert_eq!(wheel.due(), None);
    }

    #[test]
    fn what_lies_beyond_a_turn_is_looked_at_when_the_turn_is_over() {
        let began = now();
        let mut wheel = Wheel::new(began);
        put(&mut wheel, began + 60_000 * MS, 1);

        assert_eq!(wheel.due(), Some(began + SLOT * (SLOTS as u32 - 1)));
    }

    #[test]
    fn what_is_overdue_is_due_at_once() {
        let began = now();
        let mut wheel = Wheel::new(began);
        assert_eq!(all(&mut wheel, began + 1_000 * MS), []);
        put(&mut wheel, began + 10 * MS, 1);

        assert!(wheel.due().unwrap() <= began + 1_000 * MS + SLOT);
        assert_eq!(all(&mut wheel, began + 1_000 * MS + SLOT), [1]);
    }

    #[test]
    fn a_crowd_that_is_due_together_leaves_no_room_behind_it() {
        let began = now();
        let mut wheel = Wheel::new(began);
        for turn in 0..SLOTS as u32 {
            let due = began + SLOT * turn;
            for number in 0..1_000 {
                put(&mut wheel, due, number);
            }
            all(&mut wheel, due + SLOT);
        }

        assert!(wheel.slots.iter().all(|peers| peers.capacity() <= KEPT));
    }

    proptest! {
        /// Whatever is put when, it is met once, not early, and less than a slot late.
        #[test]
        fn everybody_is_met_once_and_in_time(
            puts in prop::collection::vec((0..9_000_u32, 0..400_u32), 1..200),
        ) {
            let began = now();
            let mut wheel = Wheel::new(began);
            let (mut time, mut waiting) = (began, Vec::new());
            for (number, (after, passes)) in (0..).zip(puts) {
                let due = time + after * MS;
                put(&mut wheel, due, number);
                waiting.push((number, due));
                time += passes * MS;
                let met = all(&mut wheel, time);
                let is_over = |due: &Instant| *due + SLOT <= time;
                prop_assert!(waiting.iter().all(|(one, due)| met.contains(one) || !is_over(due)));
                prop_assert!(waiting.iter().all(|(one, due)| !met.contains(one) || *due <= time));
                prop_assert_eq!(met.len(), met.iter().filter(|one| waiting.iter().any(|(two, _)| two == *one)).count());
                waiting.retain(|(one, _)| !met.contains(one));
            }
        }
    }
}
