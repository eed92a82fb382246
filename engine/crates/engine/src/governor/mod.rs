//! The governor: before an engine with too much to do stutters for everybody it leaves something
//! out, by name and one step at a time, and takes it up again when it has time. Time is an argument.
//!
//! It judges each second by what the engine counts of itself (how late frames came to the sockets,
//! what the sockets did not take) and by how busy its threads were. What a step means is seen to by
//! those who do the work: the mixers, and the owner, who is told.

mod ladder;
mod room;

use std::sync::Arc;
use std::time::Duration;

use ladder::{Ladder, Second};
pub use ladder::{Step, Strain};
use room::{Room, Sending};

use crate::mix::PacketTime;
use crate::stats::Stats;

/// How often a second is judged.
pub(crate) const JUDGE_EVERY: Duration = Duration::from_secs(1);
/// A frame set that reaches the socket so late has missed its turn: the next one is due.
pub(crate) const LATE_AFTER: Duration = Duration::from_millis(20);

/// When a tick that begins so long after it was due counts as late: half of what there is between
/// two, and as much as one in a hundred may be.
pub(crate) const TICK_LATE_AFTER: Duration = Duration::from_millis(10);
/// The owner is told of room that has changed by more than one part in so many.
const NOTICEABLE: u64 = 20;

/// It is told again after so many seconds, news or not: an event may have been lost.
const TELL_EVERY: u32 = 30;

/// What the threads did in a second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Effort {
    /// The share of its time for which the busiest was busy, in thousandths.
    pub(crate) busy: u64,
    /// Threads that send to listeners, and what they used of processors, in us.
    pub(crate) senders: u64,
    pub(crate) sending_us: u64,
}

/// What the owner is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// What is left out.
    pub step: Step,
    /// Why.
    pub strain: Strain,
    /// How many more listeners there is room for; an estimate.
    pub room: u64,
}

/// Judges one engine.
#[derive(Debug)]
pub(crate) struct Governor {
    ladder: Ladder,
    room: Room,
    before: Counted,
    told: Option<(Step, u64)>,
    /// Seconds since then.
    silent_for: u32,
    stats: Arc<Stats>,
}

/// What the engine had counted.
#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    sets: u64,
    late: u64,
    sent: u64,
    unsent: u64,
}

impl Governor {
    pub(crate) fn new(stats: Arc<Stats>) -> Self {
        Self {
            ladder: Ladder::default(),
            room: Room::default(),
            before: Counted::default(),
            told: None,
            silent_for: 0,
            stats,
        }
    }

    /// What is left out now.
    pub(crate) const fn step(&self) -> Step {
        self.ladder.step()
    }

    /// Judge the second that is over; something to tell when the step changed, or noticeably the room.
    ///
    /// longest: how long packets of listeners may become.
    pub(crate) fn judge(&mut self, effort: Effort, longest: PacketTime) -> Option<Load> {
        let now = Counted::of(&self.stats);
        let second = now.since(&self.before, effort.busy, self.stats.peers.get());
        self.before = now;
        let before = self.step();
        self.ladder.judge(second);
        self.room.learn(Sending {
            threads: effort.senders,
            used_us: effort.sending_us,
            packets: second.datagrams,
        });
        let room = self.room_beside(second.peers, longest);
        self.count(effort, before, room);
        self.silent_for += 1;
        self.is_news(room).then(|| {
            self.told = Some((self.step(), room));
            self.silent_for = 0;
            Load {
                step: self.step(),
                strain: self.ladder.strain(),
                room,
            }
        })
    }

    /// An engine that lets people hear later already has no room for more.
    fn room_beside(&self, peers: u64, longest: PacketTime) -> u64 {
        if self.step() >= Step::Packets {
            return 0;
        }
        self.room.beside(peers, longest)
    }

    fn is_news(&self, room: u64) -> bool {
        self.silent_for >= TELL_EVERY
            || self.told.is_none_or(|(step, told)| {
                step != self.step() || room.abs_diff(told) > told / NOTICEABLE
            })
    }

    fn count(&self, effort: Effort, before: Step, room: u64) {
        let step = self.step();
        self.stats.busy_permille.set(effort.busy as usize);
        self.stats.room.set(room as usize);
        self.stats.governor_step.set(step as usize);
        self.stats.governor_steps.add(u64::from(step != before));
    }
}

impl Counted {
    fn of(stats: &Stats) -> Self {
        Self {
            sets: stats.sets.get(),
            late: stats.sets_late.get(),
            sent: stats.packets_out.get(),
            unsent: stats.dropped_send.get(),
        }
    }

    fn since(&self, before: &Self, busy: u64, peers: u64) -> Second {
        let lost = self.unsent - before.unsent;
        Second {
            busy,
            sets: self.sets - before.sets,
            late: self.late - before.late,
            datagrams: self.sent - before.sent + lost,
            lost,
            peers,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Effort = Effort {
        busy: 100,
        senders: 2,
        sending_us: 100_000,
    };
    const STRAINED: Effort = Effort { busy: 990, ..IDLE };

    fn governor(peers: usize) -> Governor {
        let stats = Arc::new(Stats::default());
        stats.peers.set(peers);
        Governor::new(stats)
    }

    fn judge(governor: &mut Governor, effort: Effort, seconds: usize) -> Vec<Load> {
        (0..seconds)
            .filter_map(|_| governor.judge(effort, PacketTime::Ms120))
            .collect()
    }

    #[test]
    fn an_engine_at_rest_says_twice_a_minute_how_many_it_has_room_for() {
        let mut governor = governor(0);
        let told = judge(&mut governor, IDLE, 60);

        assert_eq!(told.len(), 2);
        assert_eq!(told[0].step, Step::None);
        assert!(told[0].room > 10_000, "{told:?}");
        assert_eq!(governor.stats.room.get(), told[0].room);
    }

    #[test]
    fn a_few_who_come_are_no_news_and_many_are() {
        let mut governor = governor(0);
        let before = judge(&mut governor, IDLE, 1)[0].room;
        governor.stats.peers.set(100);
        assert!(judge(&mut governor, IDLE, 1).is_empty());
        governor.stats.peers.set(5_000);

        assert_eq!(judge(&mut governor, IDLE, 1)[0].room, before - 5_000);
    }

    #[test]
    fn each_step_is_told_with_its_reason_and_counted() {
        let mut governor = governor(5_000);
        let told = judge(&mut governor, STRAINED, 20);
        let steps: Vec<Step> = told.iter().map(|load| load.step).collect();

        assert_eq!(
            steps,
            [
                Step::None,
                Step::Encoding,
                Step::Events,
                Step::Packets,
                Step::Closed
            ]
        );
        assert!(told.iter().all(|load| load.strain.busy == 990));
        assert_eq!(told[3].room, 0);
        assert_eq!(governor.stats.governor_step.get(), 4);
        assert_eq!(governor.stats.governor_steps.get(), 4);
    }

    #[test]
    fn what_was_late_or_not_sent_is_a_reason_too() {
        for strain in ["late", "unsent"] {
            let mut governor = governor(5_000);
            for _ in 0..4 {
                governor.stats.sets.add(50);
                governor.stats.packets_out.add(10_000);
                if strain == "late" {
                    governor.stats.sets_late.add(3);
                } else {
                    governor.stats.dropped_send.add(100);
                }
                governor.judge(IDLE, PacketTime::Ms120);
            }
            assert_eq!(governor.step(), Step::Encoding, "{strain}");
        }
    }
}
