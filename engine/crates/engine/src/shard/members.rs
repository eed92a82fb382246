//! Who is in a space, what each of them is due of a frame set, and the way to them.
//!
//! Dense, and apart from the peers: in packets of 120 ms five listeners in six have nothing due in
//! a tick, and to find that out nothing else of them is looked at.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::outside::Outside;
use super::pace::{Pace, Share};
use super::way::{SpaceClock, Way};
use crate::feedback::Feedback;
use crate::ids::{PeerId, SourceId};
use crate::mix::{FrameSet, PacketTime};
use crate::opus::{Content, MAX_JOINED};
use crate::sums::Sums;

/// The members of a space, and what its clock shows.
#[derive(Debug, Default)]
pub(super) struct Members {
    peers: Vec<Member>,
    /// Where in it each is.
    places: FxHashMap<PeerId, usize>,
    pub(super) clock: Option<SpaceClock>,
    /// What is to be sent to it.
    pub(super) content: Content,
    /// What was sent last, as long as the next takes its time.
    pub(super) quiet: Option<Arc<FrameSet>>,
    feedback: Arc<Feedback>,
    pub(super) sums: Sums,
    /// Who comes first the next time.
    first: usize,
    /// Which cohort is begun with.
    cohort: u64,
}

/// What sending to one peer of a space depends on.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) id: PeerId,
    pub(super) source: SourceId,
    /// Whether it may be heard, as its line says: speakers get each frame at once.
    is_open: bool,
    pace: Pace,
    pub(super) way: Option<Way>,
}

impl Members {
    /// The members of a space in the shard of this number, nobody so far, and where they will say what
    /// arrives.
    ///
    /// They are spread over the cohorts by their places. Numbers of peers would not do: they say in
    /// which shard somebody is, and each shard would have some cohorts only. Shards begin with
    /// different ones, for the sake of small spaces.
    pub(super) fn new(shard: usize, feedback: Arc<Feedback>) -> Self {
        Self {
            feedback,
            cohort: (shard * MAX_JOINED / 2) as u64,
            ..Self::default()
        }
    }

    pub(super) fn feedback(&self) -> Arc<Feedback> {
        Arc::clone(&self.feedback)
    }

    /// Let a peer belong to the space, its gate closed.
    pub(super) fn add(&mut self, id: PeerId, source: SourceId) {
        self.places.insert(id, self.peers.len());
        self.peers.push(Member {
            id,
            source,
            is_open: false,
            pace: Pace::new(self.cohort + self.peers.len() as u64),
            way: None,
        });
    }

    pub(super) fn remove(&mut self, id: PeerId) {
        let Some(place) = self.places.remove(&id) else {
            return;
        };
        self.peers.swap_remove(place);
        if let Some(moved) = self.peers.get(place) {
            self.places.insert(moved.id, place);
        }
    }

    /// Note whether a peer may be heard.
    pub(super) fn set_open(&mut self, id: PeerId, open: bool) {
        if let Some(member) = self.get_mut(id) {
            member.is_open = open;
        }
    }

    /// The member of this number.
    pub(super) fn get_mut(&mut self, id: PeerId) -> Option<&mut Member> {
        self.places.get(&id).map(|place| &mut self.peers[*place])
    }

    pub(super) fn ids(&self) -> Vec<PeerId> {
        self.peers.iter().map(|member| member.id).collect()
    }

    /// Everybody once, each time from another beginning. What the socket does not take is always
    /// the end, which must not be the same people's each time. The beginning moves by about 3/8 of
    /// the circle, so that whoever was at the end is soon far from it.
    pub(super) fn in_turn(&mut self) -> impl Iterator<Item = &mut Member> {
        let count = self.peers.len();
        let first = self.first % count.max(1);
        self.first = (first + count * 3 / 8 + 1) % count.max(1);
        let (later, sooner) = self.peers.split_at_mut(first);
        sooner.iter_mut().chain(later)
    }
}

impl Member {
    /// Take what is due of a frame set; nothing in most ticks of a large audience.
    pub(super) fn take(&mut self, frames: &FrameSet) -> Option<Share> {
        let time = if self.is_open || frames.has_lane_of(self.source) {
            PacketTime::Ms20
        } else {
            frames.packets.time
        };
        let share = self.pace.take(frames.tick, time);
        (share.joined || !share.single.is_empty()).then_some(share)
    }

    /// Send its share of a frame set, if there is a way.
    pub(super) fn hear(&mut self, frames: &FrameSet, share: &Share, outside: &mut Outside) {
        if let Some(way) = &mut self.way {
            way.hear(self.source, frames, share, outside);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn whoever_comes_at_the_end_does_not_stay_there() {
        for count in 1..=200 {
            let mut members = Members::default();
            for number in 0..count {
                members.add(PeerId(number), SourceId(1));
            }
            let mut in_a_row = vec![0; count as usize];
            for _ in 0..100 {
                let order: Vec<PeerId> = members.in_turn().map(|member| member.id).collect();
                assert_eq!(order.iter().collect::<HashSet<_>>().len(), in_a_row.len());
                // The socket takes three quarters.
                let (taken, dropped) = order.split_at((order.len() * 3).div_ceil(4));
                for id in taken {
                    in_a_row[id.0 as usize] = 0;
                }
                for id in dropped {
                    in_a_row[id.0 as usize] += 1;
                }
                assert!(in_a_row.iter().all(|lost| *lost <= 2), "{count} people");
            }
        }
    }

    #[test]
    fn each_shard_has_as_many_in_every_cohort() {
        for shard in 0..8 {
            let mut members = Members::new(shard, Arc::default());
            // Of eight shards this one has every eighth peer.
            for place in 0..60 {
                members.add(PeerId(place * 8 + shard as u64), SourceId(1));
            }
            let mut due = [0_usize; 12];
            for (tick, due) in due.iter_mut().enumerate() {
                for member in &mut members.peers {
                    let share = member.pace.take(tick as u64, PacketTime::Ms120);
                    *due += usize::from(share.joined);
                }
            }
            assert_eq!(due[6..], [10; 6], "shard {shard}");
        }
    }

    #[test]
    fn those_who_stay_are_found_whoever_goes() {
        let mut members = Members::default();
        for number in 0..10 {
            members.add(PeerId(number), SourceId(1));
        }
        for gone in [9, 0, 4, 4, 8] {
            members.remove(PeerId(gone));
        }
        members.set_open(PeerId(7), true);
        members.set_open(PeerId(4), true);

        let mut ids = members.ids();
        ids.sort();
        assert_eq!(ids, [1, 2, 3, 5, 6, 7].map(PeerId));
        let open = members.in_turn().filter(|member| member.is_open);
        assert_eq!(
            open.map(|member| member.id).collect::<Vec<_>>(),
            [PeerId(7)]
        );
    }

    #[test]
    fn an_empty_space_has_nobody_in_turn() {
        assert_eq!(Members::default().in_turn().count(), 0);
    }
}
