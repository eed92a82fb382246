//! What a crowd received, in numbers: per listener while it lasts, summed up at the end.
//!
//! Packets are counted by their sequence numbers, and their lateness is told by their RTP time:
//! how much later a packet came than the quickest one of the same listener would have.

use std::time::Duration;

/// A whole second in which nothing came is silence.
const SILENCE_NS: u64 = 1_000_000_000;
/// Where each 16th packet is read: twice as long as from one to the next at 120 ms.
const SPARSE_SILENCE_NS: u64 = 4_000_000_000;
/// Lateness is counted in steps of 0.1 ms up to 400 ms; what is later counts as that late.
const STEP_NS: u64 = 100_000;
const STEPS: usize = 4_000;

/// What one listener received since counting began.
#[derive(Debug, Default, Clone)]
pub struct Counter {
    /// Which beginning this counts from.
    round: u32,
    /// How many numbers lie from one packet that may come to the next; 0 and 1: all may.
    step: u16,
    /// Lowest and highest sequence number, wraps counted.
    numbers: Option<(u64, u64)>,
    received: u64,
    /// RTP time of the last packet: as it was sent, and with its wraps counted, in ticks.
    media: Option<(u32, i64)>,
    /// Arrival time less RTP time of the quickest packet, in ticks.
    quickest: Option<i64>,
    last_at_ns: u64,
}

impl Counter {
    /// A counter of those packets only whose number `step` divides.
    #[must_use]
    pub fn of_each(step: u16) -> Self {
        Self {
            step,
            ..Self::default()
        }
    }

    /// A packet came; `round` counts the beginnings of counting. Returns how late it was.
    pub fn count(&mut self, round: u32, sequence: u16, timestamp: u32, at_ns: u64) -> Duration {
        if self.round != round {
            // Whoever has just come was sent what was ready, as short as it was.
            (self.round, self.numbers, self.received) = (round, None, 0);
            self.quickest = None;
        }
        self.received += 1;
        self.last_at_ns = self.last_at_ns.max(at_ns);
        // Counting from one wrap on, a packet before the first has a number as well.
        let (lowest, highest) = self.numbers.unwrap_or((
            u64::from(sequence) + 0x1_0000,
            u64::from(sequence) + 0x1_0000,
        ));
        let ahead = sequence.wrapping_sub(highest as u16).cast_signed();
        let number = highest.saturating_add_signed(ahead.into());
        self.numbers = Some((lowest.min(number), highest.max(number)));
        self.late(timestamp, at_ns)
    }

    fn late(&mut self, timestamp: u32, at_ns: u64) -> Duration {
        let (before, media) = self.media.unwrap_or((timestamp, 0));
        let media = media + i64::from(timestamp.wrapping_sub(before).cast_signed());
        self.media = Some((timestamp, media));
        let transit = ticks(at_ns) - media;
        let quickest = self.quickest.map_or(transit, |known| known.min(transit));
        self.quickest = Some(quickest);
        Duration::from_micros((transit - quickest).unsigned_abs() * 1_000 / 48)
    }

    /// Packets that were sent to this listener, as far as it can know.
    fn expected(&self) -> u64 {
        let step = u64::from(self.step.max(1));
        self.numbers
            .map_or(0, |(lowest, highest)| (highest - lowest) / step + 1)
    }
}

/// A time of day on the RTP clock.
const fn ticks(ns: u64) -> i64 {
    (ns / 1_000 * 48 / 1_000).cast_signed()
}

/// How often each lateness occurred.
#[derive(Debug, Clone)]
pub struct Lateness(Box<[u64]>);

impl Default for Lateness {
    fn default() -> Self {
        Self(vec![0; STEPS + 1].into_boxed_slice())
    }
}

impl Lateness {
    /// A packet was this late.
    pub fn add(&mut self, late: Duration) {
        let step = late.as_nanos() / u128::from(STEP_NS);
        self.0[usize::try_from(step).map_or(STEPS, |step| step.min(STEPS))] += 1;
    }

    /// The lateness in milliseconds that `share` of all packets did not exceed; nothing without any.
    #[must_use]
    pub fn percentile_ms(&self, share: f64) -> Option<f64> {
        let all: u64 = self.0.iter().sum();
        let rank = ((all as f64 * share).ceil() as u64).max(1);
        let mut seen = 0;
        let step = self.0.iter().position(|count| {
            seen += count;
            seen >= rank
        })?;
        Some(step as f64 / 10.0)
    }

    fn merge(&mut self, other: &Self) {
        for (own, others) in self.0.iter_mut().zip(&*other.0) {
            *own += others;
        }
    }
}

/// What a crowd received.
#[derive(Debug, Default, Clone)]
pub struct Tally {
    /// Listeners at the end: by full peers, and by keys alone.
    pub full: u64,
    /// See `full`.
    pub light: u64,
    /// How many of them are read whole; of the others each 16th packet is.
    pub whole: u64,
    /// Calls that were refused or did not connect, or ended early.
    pub failed: u64,
    /// Why the first of them failed.
    pub failure: Option<String>,
    /// Who left while others stayed.
    pub left: u64,
    /// Packets sent to them, by the sequence numbers.
    pub expected: u64,
    /// Packets that came.
    pub received: u64,
    /// Packets of those expected that were thrown away here on purpose.
    pub withheld: u64,
    /// Listeners who heard nothing in the last second.
    pub silent: u64,
    /// How late the packets were.
    pub lateness: Lateness,
    /// Packets of light listeners that were opened.
    pub opened: u64,
    /// Packets of light listeners that could not be opened.
    pub not_opened: u64,
    /// Consent checks sent by light listeners, and answers to them.
    pub checks: (u64, u64),
    /// Datagrams that the kernel dropped at this process's sockets.
    pub dropped: u64,
    /// Datagrams that no socket of this machine had room for: of those dropped, those that were to
    /// be read, unless the server was the one who had no room.
    pub overflowed: u64,
    /// Listeners with ears, and those of them who heard a voice in every whole second.
    pub ears: (u64, u64),
    /// Who came since it was last counted, and how long that took.
    pub joined: u64,
    /// See `joined`.
    pub joining: Duration,
    /// How long was counted.
    pub counting: Duration,
    /// Processor time of each generator thread while it was counted.
    pub cpu: Vec<Duration>,
}

impl Tally {
    /// Take in what one listener received in this round of counting.
    pub fn take(&mut self, counter: &Counter, round: u32) {
        if counter.round == round {
            self.expected += counter.expected();
            self.received += counter.received;
        }
    }

    /// The same of somebody who is still there: by now a packet should just have come.
    pub fn take_last(&mut self, counter: &Counter, round: u32, now_ns: u64) {
        self.take(counter, round);
        let silent_for = now_ns.saturating_sub(counter.last_at_ns);
        let silence = if counter.step > 1 {
            SPARSE_SILENCE_NS
        } else {
            SILENCE_NS
        };
        self.silent += u64::from(silent_for > silence);
        self.whole += u64::from(counter.step <= 1);
    }

    /// Packets that were sent and did not come, those withheld on purpose not counted.
    #[must_use]
    pub const fn lost(&self) -> u64 {
        self.expected
            .saturating_sub(self.received)
            .saturating_sub(self.withheld)
    }

    /// Datagrams that came and were not to be read.
    #[must_use]
    pub const fn unread(&self) -> u64 {
        self.dropped.saturating_sub(self.overflowed)
    }

    /// Add what another thread counted at the same time.
    pub fn merge(&mut self, other: Self) {
        self.full += other.full;
        self.light += other.light;
        self.whole += other.whole;
        self.failed += other.failed;
        self.failure = self.failure.take().or(other.failure);
        self.left += other.left;
        self.expected += other.expected;
        self.received += other.received;
        self.withheld += other.withheld;
        self.silent += other.silent;
        self.lateness.merge(&other.lateness);
        self.opened += other.opened;
        self.not_opened += other.not_opened;
        self.checks.0 += other.checks.0;
        self.checks.1 += other.checks.1;
        self.dropped += other.dropped;
        self.overflowed = self.overflowed.max(other.overflowed);
        self.ears.0 += other.ears.0;
        self.ears.1 += other.ears.1;
        self.joined += other.joined;
        self.joining = self.joining.max(other.joining);
        self.counting = self.counting.max(other.counting);
        self.cpu.extend(other.cpu);
    }

    /// Everybody came and heard, every packet that was tried could be opened, nothing was lost on the way.
    #[must_use]
    pub const fn all_is_well(&self) -> bool {
        self.failed == 0
            && self.silent == 0
            && self.not_opened == 0
            && self.lost() == 0
            && self.ears.0 == self.ears.1
    }

    /// The report as JSON.
    #[must_use]
    pub fn json(&self) -> String {
        let cpu: Vec<_> = self
            .cpu
            .iter()
            .map(|time| format!("{:.3}", time.as_secs_f64()))
            .collect();
        let late = |share| {
            let late = self.lateness.percentile_ms(share);
            late.map_or("null".into(), |late| format!("{late:.1}"))
        };
        let fields = [
            ("full", self.full.to_string()),
            ("light", self.light.to_string()),
            ("whole", self.whole.to_string()),
            ("failed", self.failed.to_string()),
            ("failure", quoted(self.failure.as_deref())),
            ("left", self.left.to_string()),
            ("joined", self.joined.to_string()),
            ("joining_s", format!("{:.3}", self.joining.as_secs_f64())),
            ("joins_per_s", format!("{:.1}", self.joins_per_s())),
            ("counting_s", format!("{:.3}", self.counting.as_secs_f64())),
            ("expected", self.expected.to_string()),
            ("received", self.received.to_string()),
            ("withheld", self.withheld.to_string()),
            ("lost", self.lost().to_string()),
            ("unread", self.unread().to_string()),
            ("overflowed", self.overflowed.to_string()),
            ("silent", self.silent.to_string()),
            ("late_p50_ms", late(0.5)),
            ("late_p99_ms", late(0.99)),
            ("opened", self.opened.to_string()),
            ("not_opened", self.not_opened.to_string()),
            ("checks", self.checks.0.to_string()),
            ("checks_answered", self.checks.1.to_string()),
            ("ears", self.ears.0.to_string()),
            ("ears_that_heard", self.ears.1.to_string()),
            ("generator_cpu_s", format!("[{}]", cpu.join(", "))),
        ];
        let fields = fields.map(|(name, value)| format!(r#""{name}": {value}"#));
        format!("{{{}}}", fields.join(", "))
    }

    fn joins_per_s(&self) -> f64 {
        self.joined as f64 / self.joining.as_secs_f64().max(1e-3)
    }
}

/// A text in JSON; control characters are left out.
fn quoted(text: Option<&str>) -> String {
    let Some(text) = text else {
        return "null".into();
    };
    let text: String = text.chars().filter(|one| !one.is_control()).collect();
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME_NS: u64 = 20_000_000;
    const START_NS: u64 = 1_795_000_000_000_000_000;

    /// Count packets given by number and lateness in milliseconds; number 0 is the first.
    fn counted(packets: &[(u64, u64)]) -> (Counter, Vec<u128>) {
        let mut counter = Counter::default();
        let late = packets.iter().map(|(number, late_ms)| {
            let at_ns = START_NS + number * FRAME_NS + late_ms * 1_000_000;
            let sequence = 65_534_u16.wrapping_add(*number as u16);
            let timestamp = u32::MAX.wrapping_add(*number as u32 * 960);
            counter.count(1, sequence, timestamp, at_ns).as_millis()
        });
        let late = late.collect();
        (counter, late)
    }

    #[test]
    fn missing_numbers_are_expected_over_the_wrap() {
        let (counter, _) = counted(&[(0, 0), (1, 0), (4, 0), (3, 0)]);
        let mut tally = Tally::default();
        tally.take(&counter, 1);

        assert_eq!((tally.expected, tally.received, tally.lost()), (5, 4, 1));
    }

    #[test]
    fn where_each_sixteenth_is_read_the_others_are_not_missed() {
        let mut counter = Counter::of_each(16);
        for number in [65_504, 65_520, 0, 48] {
            counter.count(1, number, 0, START_NS);
        }
        let mut tally = Tally::default();
        tally.take_last(&counter, 1, START_NS + SPARSE_SILENCE_NS);

        // 16 and 32 are.
        assert_eq!((tally.expected, tally.received), (6, 4));
        assert_eq!((tally.silent, tally.whole), (0, 0));
        tally.take_last(&counter, 1, START_NS + SPARSE_SILENCE_NS + 1);
        assert_eq!(tally.silent, 1);
    }

    #[test]
    fn what_was_dropped_for_lack_of_room_was_to_be_read() {
        let one = Tally {
            dropped: 70,
            overflowed: 3,
            ..Tally::default()
        };
        let mut both = one.clone();
        both.merge(one);

        // Both looked at the same count of the machine.
        assert_eq!((both.unread(), both.overflowed), (137, 3));
    }

    #[test]
    fn a_packet_is_late_by_the_rtp_clock_against_the_quickest() {
        let (_, late) = counted(&[(0, 3), (1, 0), (2, 5), (3, 0)]);

        assert_eq!(late, [0, 0, 5, 0]);
    }

    #[test]
    fn who_counts_from_a_new_beginning_forgets_the_packets_and_which_was_quickest() {
        let (mut counter, _) = counted(&[(0, 0), (5, 0)]);
        let mut next = |number: u64, late_ms: u64| {
            let at_ns = START_NS + number * FRAME_NS + late_ms * 1_000_000;
            counter.count(2, number as u16 - 2, number as u32 * 960 - 1, at_ns)
        };

        let late = [next(6, 7).as_millis(), next(7, 9).as_millis()];

        let mut tally = Tally::default();
        tally.take(&counter, 2);
        assert_eq!((tally.expected, tally.received), (2, 2));
        assert_eq!(late, [0, 2]);
    }

    #[test]
    fn a_listener_who_heard_nothing_for_a_second_is_silent() {
        let (counter, _) = counted(&[(0, 0)]);
        let mut tally = Tally::default();

        tally.take_last(&counter, 1, START_NS + SILENCE_NS);
        assert_eq!(tally.silent, 0);
        tally.take_last(&counter, 1, START_NS + SILENCE_NS + 1);
        assert_eq!(tally.silent, 1);
        assert!(!tally.all_is_well());
    }

    #[test]
    fn lateness_is_told_by_nearest_rank() {
        let mut lateness = Lateness::default();
        assert_eq!(lateness.percentile_ms(0.5), None);
        for ms in 1..=100 {
            lateness.add(Duration::from_millis(ms));
        }

        assert_eq!(lateness.percentile_ms(0.5), Some(50.0));
        assert_eq!(lateness.percentile_ms(0.99), Some(99.0));
        lateness.add(Duration::from_secs(9));
        assert_eq!(lateness.percentile_ms(1.0), Some(400.0));
    }

    #[test]
    fn packets_withheld_on_purpose_are_not_lost() {
        let tally = Tally {
            expected: 10,
            received: 7,
            withheld: 2,
            ..Tally::default()
        };

        assert_eq!(tally.lost(), 1);
    }

    #[test]
    fn what_two_threads_counted_is_added_and_their_times_are_not() {
        let one = Tally {
            light: 30,
            joined: 30,
            received: 5,
            expected: 6,
            joining: Duration::from_secs(2),
            cpu: vec![Duration::from_millis(1_500)],
            ..Tally::default()
        };
        let mut both = one.clone();
        both.merge(one);

        let json = both.json();
        assert!(
            json.contains(r#""light": 60, "whole": 0, "failed": 0, "failure": null"#),
            "{json}"
        );
        assert!(json.contains(r#""joins_per_s": 30.0"#), "{json}");
        assert!(json.contains(r#""lost": 2"#), "{json}");
        assert!(
            json.contains(r#""generator_cpu_s": [1.500, 1.500]"#),
            "{json}"
        );
    }

    #[test]
    fn words_of_a_failure_stay_words_in_json() {
        assert_eq!(quoted(Some("a \"b\"\\\n")), r#""a \"b\"\\""#);
    }
}
