//! When to step down, and when up again. Pure: it is told what a second was like, and says what
//! holds from now on.
//!
//! Down after a few bad seconds, up after many calm ones. Whoever had to step down again soon after
//! stepping up waits twice as long the next time, so that a load at the border does not make it
//! swing.

use std::collections::VecDeque;

/// Judgements look back over so many seconds: of 50 frame sets a second one late one says nothing.
const SECONDS_SEEN: usize = 4;
/// So many bad judgements in a row, and it steps down.
const BAD_SECONDS: u32 = 3;
/// So many calm judgements in a row, and it steps up; at least, and at most.
const CALM_SECONDS: u32 = 20;
const MOST_CALM_SECONDS: u32 = 320;

/// Bad: a thread is busy for more than this share of its time, in thousandths.
const BUSY_BAD: u64 = 850;
/// Calm: no thread is busy for more.
const BUSY_CALM: u64 = 700;
/// Bad: more than one frame set in a hundred was late.
const LATE_BAD: u64 = 10;
/// Calm: no more than one in two hundred.
const LATE_CALM: u64 = 5;
/// Bad: more than one datagram in a thousand was not taken by the socket, or made too late.
const LOST_BAD: u64 = 1;

/// With fewer peers than this it is not they who keep the machine busy: nobody is told less often,
/// hears later, or is kept out.
const FEW_PEERS: u64 = 500;

/// What an engine with too much to do leaves out; each step holds with all before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Step {
    /// Nothing.
    #[default]
    None,
    /// The encoders search less for the best bits.
    Encoding,
    /// Events that can wait are told less often; the owner sees to it.
    Events,
    /// Packets of listeners are one length longer than the audience asks for.
    Packets,
    /// Nobody new is let in but those who may speak.
    Closed,
}

impl Step {
    const ALL: [Self; 5] = [
        Self::None,
        Self::Encoding,
        Self::Events,
        Self::Packets,
        Self::Closed,
    ];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Encoding => "encoding",
            Self::Events => "events",
            Self::Packets => "packets",
            Self::Closed => "closed",
        }
    }

    fn further(self) -> Self {
        Self::ALL[(self as usize + 1).min(Self::ALL.len() - 1)]
    }

    fn back(self) -> Self {
        Self::ALL[(self as usize).saturating_sub(1)]
    }
}

/// What one second was like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Second {
    /// The share of its time for which the busiest thread was busy, in thousandths.
    pub(super) busy: u64,
    /// Frame sets that were handed to the socket, and how many of them late.
    pub(super) sets: u64,
    pub(super) late: u64,
    /// Datagrams that were to be sent, and how many of them never were.
    pub(super) datagrams: u64,
    pub(super) lost: u64,
    /// Peers there are.
    pub(super) peers: u64,
}

/// What the last seconds were like, in thousandths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Strain {
    /// The busiest thread's time.
    pub busy: u64,
    /// Frame sets that were late.
    pub late: u64,
    /// Datagrams that were not sent.
    pub lost: u64,
}

impl Strain {
    const fn is_bad(self) -> bool {
        self.busy > BUSY_BAD || self.late > LATE_BAD || self.lost > LOST_BAD
    }

    const fn is_calm(self) -> bool {
        self.busy <= BUSY_CALM && self.late <= LATE_CALM && self.lost == 0
    }
}

/// Judges, and remembers how long it has been bad or calm.
#[derive(Debug)]
pub(super) struct Ladder {
    step: Step,
    seen: VecDeque<Second>,
    bad_for: u32,
    calm_for: u32,
    /// Calm judgements that are wanted before the next step up.
    patience: u32,
    /// Judgements since it last stepped up; a relapse is one that comes soon.
    since_up: u32,
}

impl Default for Ladder {
    fn default() -> Self {
        Self {
            step: Step::None,
            seen: VecDeque::with_capacity(SECONDS_SEEN),
            bad_for: 0,
            calm_for: 0,
            patience: CALM_SECONDS,
            since_up: u32::MAX,
        }
    }
}

impl Ladder {
    /// What holds now.
    pub(super) const fn step(&self) -> Step {
        self.step
    }

    /// What the last seconds were like.
    pub(super) fn strain(&self) -> Strain {
        let sum = |of: fn(&Second) -> u64| self.seen.iter().map(of).sum::<u64>();
        let seconds = self.seen.len().max(1) as u64;
        Strain {
            busy: sum(|second| second.busy) / seconds,
            late: thousandths(sum(|second| second.late), sum(|second| second.sets)),
            lost: thousandths(sum(|second| second.lost), sum(|second| second.datagrams)),
        }
    }

    /// Judge one more second: at most one step is taken.
    pub(super) fn judge(&mut self, second: Second) {
        if self.seen.len() == SECONDS_SEEN {
            self.seen.pop_front();
        }
        self.seen.push_back(second);
        self.since_up = self.since_up.saturating_add(1);
        let strain = self.strain();
        self.bad_for = if strain.is_bad() { self.bad_for + 1 } else { 0 };
        self.calm_for = if strain.is_calm() {
            self.calm_for + 1
        } else {
            0
        };
        let furthest = furthest_with(second.peers);
        if self.step > furthest {
            self.take(self.step.back());
        } else if self.bad_for >= BAD_SECONDS && self.step < furthest {
            self.step_down();
        } else if self.calm_for >= self.patience {
            self.step_up();
        }
    }

    fn step_down(&mut self) {
        if self.since_up <= self.patience {
            self.patience = (self.patience * 2).min(MOST_CALM_SECONDS);
        }
        self.take(self.step.further());
    }

    fn step_up(&mut self) {
        if self.step == Step::None {
            // It has held: what was is forgotten.
            self.patience = CALM_SECONDS;
            return;
        }
        self.since_up = 0;
        self.take(self.step.back());
    }

    fn take(&mut self, step: Step) {
        self.step = step;
        self.bad_for = 0;
        self.calm_for = 0;
    }
}

const fn furthest_with(peers: u64) -> Step {
    if peers < FEW_PEERS {
        Step::Encoding
    } else {
        Step::Closed
    }
}

fn thousandths(part: u64, whole: u64) -> u64 {
    (part * 1_000).checked_div(whole).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CROWD: u64 = 10_000;

    fn second(busy: u64, late: u64, lost: u64) -> Second {
        Second {
            busy,
            sets: 50,
            late,
            datagrams: 100_000,
            lost,
            peers: CROWD,
        }
    }

    const CALM: Second = Second {
        busy: 300,
        sets: 50,
        late: 0,
        datagrams: 100_000,
        lost: 0,
        peers: CROWD,
    };

    /// The steps that hold after each of so many equal seconds.
    fn through(ladder: &mut Ladder, second: Second, count: usize) -> Vec<Step> {
        (0..count)
            .map(|_| {
                ladder.judge(second);
                ladder.step()
            })
            .collect()
    }

    #[test]
    fn every_kind_of_strain_leads_down_all_steps_in_order() {
        for bad in [second(900, 0, 0), second(300, 2, 0), second(300, 0, 1_000)] {
            let mut steps = through(&mut Ladder::default(), bad, 20);
            steps.dedup();

            assert_eq!(steps, Step::ALL, "{bad:?}");
        }
    }

    #[test]
    fn the_first_step_takes_three_seconds_and_not_two() {
        let mut ladder = Ladder::default();
        let steps = through(&mut ladder, second(900, 0, 0), 3);

        assert_eq!(steps, [Step::None, Step::None, Step::Encoding]);
    }

    #[test]
    fn one_late_frame_now_and_then_is_nothing() {
        let mut ladder = Ladder::default();
        for number in 0..200 {
            ladder.judge(second(300, u64::from(number % 4 == 0), 0));
        }

        assert_eq!(ladder.step(), Step::None);
    }

    #[test]
    fn it_recovers_step_by_step_after_twenty_calm_seconds_each() {
        let mut ladder = Ladder::default();
        through(&mut ladder, second(900, 0, 0), 20);
        let mut steps = through(&mut ladder, CALM, 4 * 20 + 10);
        assert_eq!(steps[15], Step::Closed, "not at once");
        steps.dedup();
        let mut back = Step::ALL;
        back.reverse();

        assert_eq!(steps, back);
    }

    #[test]
    fn whoever_is_neither_strained_nor_calm_stays_where_they_are() {
        let mut ladder = Ladder::default();
        through(&mut ladder, second(900, 0, 0), 6);
        let held = ladder.step();

        assert_eq!(held, Step::Events);
        let steps = through(&mut ladder, second(800, 0, 0), 1_000);
        assert!(steps.iter().all(|step| *step == held));
    }

    #[test]
    fn few_people_are_never_told_less_heard_later_or_kept_out() {
        let few = Second {
            peers: FEW_PEERS - 1,
            ..second(990, 50, 9_000)
        };
        let mut ladder = Ladder::default();
        assert_eq!(through(&mut ladder, few, 100)[99], Step::Encoding);

        through(&mut ladder, second(990, 0, 0), 20);
        assert_eq!(ladder.step(), Step::Closed);
        let steps = through(&mut ladder, few, 3);
        assert_eq!(steps, [Step::Packets, Step::Events, Step::Encoding]);
    }

    /// A machine that is overloaded with every step but the last before `enough`, and calm from it on.
    fn steps_taken(enough: Step, seconds: usize) -> usize {
        let mut ladder = Ladder::default();
        let mut taken = 0;
        for _ in 0..seconds {
            let before = ladder.step();
            ladder.judge(if before < enough {
                second(900, 0, 0)
            } else {
                CALM
            });
            taken += usize::from(ladder.step() != before);
        }
        taken
    }

    #[test]
    fn a_load_at_the_border_makes_it_swing_ever_more_rarely() {
        let first = steps_taken(Step::Events, 300);
        let hour = steps_taken(Step::Events, 3_600);

        assert!(first <= 10, "{first} steps in five minutes");
        assert!(hour <= 30, "{hour} steps in an hour");
    }

    prop_compose! {
        fn any_second()(
            busy in 0..1_000_u64,
            late in 0..10_u64,
            lost in 0..500_u64,
            peers in prop_oneof![0..1_000_u64, Just(CROWD)],
        ) -> Second {
            Second { peers, ..second(busy, late, lost) }
        }
    }

    proptest! {
        /// Whatever happens, it takes one step at a time, and none down sooner than allowed.
        #[test]
        fn no_step_is_skipped_and_none_taken_in_haste(seconds in prop::collection::vec(any_second(), 1..400)) {
            let mut ladder = Ladder::default();
            let mut since_down = u32::MAX;
            for second in seconds {
                let before = ladder.step();
                ladder.judge(second);
                let after = ladder.step();
                prop_assert!(after as usize <= before as usize + 1);
                prop_assert!(before as usize <= after as usize + 1);
                since_down = since_down.saturating_add(1);
                if after > before {
                    prop_assert!(since_down >= BAD_SECONDS);
                    since_down = 0;
                }
            }
        }

        /// After anything at all, it finds its way back when it is calm.
        #[test]
        fn it_always_recovers(seconds in prop::collection::vec(any_second(), 1..400)) {
            let mut ladder = Ladder::default();
            for second in seconds {
                ladder.judge(second);
            }
            through(&mut ladder, CALM, 5 * MOST_CALM_SECONDS as usize);

            prop_assert_eq!(ladder.step(), Step::None);
        }
    }
}
