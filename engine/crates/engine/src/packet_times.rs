//! How long the packets of listeners are: the larger the audience, the longer.
//!
//! The kernel's time for each packet is the limit of an engine, whatever is in the packet. Longer
//! packets sound later, by their length less 20 ms, and a lost one is a longer gap: nobody gets
//! them before they are needed.

use crate::mix::PacketTime;
use crate::opus::Content;

/// From how many listeners of the engine on packets are how long: about 70 % of what two cores
/// send at the length before.
const STEPS: [(usize, PacketTime); 3] = [
    (8_000, PacketTime::Ms40),
    (16_000, PacketTime::Ms60),
    (24_000, PacketTime::Ms120),
];

/// A step back is taken at this share of its audience, in percent: an audience that comes and goes
/// around a step does not change it each time.
const BACK_AT_PERCENT: usize = 80;

/// Spaces of fewer people cost little, and talk more: their packets stay short.
const SMALL_SPACE: usize = 500;

/// Music has 320 octets in 20 ms: three times that is what any path carries in one datagram, and a
/// packet that is sent in two parts saves nothing.
const LONGEST_OF_MUSIC: PacketTime = PacketTime::Ms60;

/// What holds for all spaces.
#[derive(Debug, Default)]
pub(crate) struct PacketTimes {
    fixed: Option<PacketTime>,
    by_audience: PacketTime,
    /// One length longer than the audience asks for.
    strained: bool,
}

impl PacketTimes {
    /// Let all packets be this long; `None`: as the audience asks.
    pub(crate) const fn fix(&mut self, time: Option<PacketTime>) {
        self.fixed = time;
    }

    /// Follow the number of all listeners.
    pub(crate) fn follow(&mut self, audience: usize) {
        let asked = longest_from(audience);
        let kept = longest_from(audience * 100 / BACK_AT_PERCENT);
        self.by_audience = self.by_audience.clamp(asked, kept);
    }

    /// Let packets be one length longer than the audience asks for, or not.
    pub(crate) const fn strain(&mut self, strained: bool) {
        self.strained = strained;
    }

    /// How long packets are in a space with this many people.
    pub(crate) fn of_space(&self, people: usize, content: Content) -> PacketTime {
        let time = match self.fixed {
            Some(time) => time,
            None if people < SMALL_SPACE => PacketTime::Ms20,
            None if self.strained => self.by_audience.longer(),
            None => self.by_audience,
        };
        match content {
            Content::Voices => time,
            Content::Music => time.min(LONGEST_OF_MUSIC),
        }
    }

    /// How long they may become.
    pub(crate) const fn longest(&self) -> PacketTime {
        match self.fixed {
            Some(time) => time,
            None => PacketTime::Ms120,
        }
    }
}

fn longest_from(audience: usize) -> PacketTime {
    let reached = STEPS.iter().rev().find(|(from, _)| audience >= *from);
    reached.map_or(PacketTime::Ms20, |(_, time)| *time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(audiences: &[usize]) -> PacketTime {
        let mut times = PacketTimes::default();
        for audience in audiences {
            times.follow(*audience);
        }
        times.of_space(SMALL_SPACE, Content::Voices)
    }

    #[test]
    fn packets_grow_with_the_audience() {
        assert_eq!(after(&[0]), PacketTime::Ms20);
        assert_eq!(after(&[7_999]), PacketTime::Ms20);
        assert_eq!(after(&[8_000]), PacketTime::Ms40);
        assert_eq!(after(&[16_000]), PacketTime::Ms60);
        assert_eq!(after(&[50_000]), PacketTime::Ms120);
    }

    #[test]
    fn a_step_back_waits_until_a_fifth_have_left() {
        assert_eq!(after(&[8_000, 7_000]), PacketTime::Ms40);
        assert_eq!(after(&[8_000, 6_399]), PacketTime::Ms20);
        assert_eq!(after(&[50_000, 20_000]), PacketTime::Ms120);
        assert_eq!(after(&[50_000, 19_000]), PacketTime::Ms60);
        assert_eq!(after(&[50_000, 0]), PacketTime::Ms20);
    }

    #[test]
    fn small_spaces_beside_a_large_one_keep_short_packets() {
        let mut times = PacketTimes::default();
        times.follow(30_000);

        assert_eq!(
            times.of_space(SMALL_SPACE - 1, Content::Voices),
            PacketTime::Ms20
        );
        assert_eq!(times.of_space(29_000, Content::Voices), PacketTime::Ms120);
    }

    #[test]
    fn a_strained_engine_takes_one_length_more_where_many_listen() {
        for (audience, time) in [
            (1_000, PacketTime::Ms40),
            (8_000, PacketTime::Ms60),
            (16_000, PacketTime::Ms120),
            (50_000, PacketTime::Ms120),
        ] {
            let mut times = PacketTimes::default();
            times.follow(audience);
            times.strain(true);
            assert_eq!(times.of_space(SMALL_SPACE, Content::Voices), time);
            assert_eq!(
                times.of_space(SMALL_SPACE - 1, Content::Voices),
                PacketTime::Ms20
            );
        }
    }

    #[test]
    fn packets_of_music_are_no_longer_than_a_datagram_holds() {
        let mut times = PacketTimes::default();
        let mut pairs = Vec::new();
        for audience in [0, 8_000, 16_000, 24_000] {
            times.follow(audience);
            let of = |content| times.of_space(SMALL_SPACE, content).code();
            pairs.push((of(Content::Voices), of(Content::Music)));
        }
        times.fix(Some(PacketTime::Ms120));
        pairs.push(("120", times.of_space(1, Content::Music).code()));

        let expected = [
            ("20", "20"),
            ("40", "40"),
            ("60", "60"),
            ("120", "60"),
            ("120", "60"),
        ];
        assert_eq!(pairs, expected);
    }

    #[test]
    fn what_the_owner_fixes_holds_for_all() {
        let mut times = PacketTimes::default();
        times.fix(Some(PacketTime::Ms60));
        times.follow(50_000);
        times.strain(true);
        assert_eq!(times.of_space(1, Content::Voices), PacketTime::Ms60);
        assert_eq!(times.longest(), PacketTime::Ms60);

        times.fix(None);
        assert_eq!(times.of_space(1, Content::Voices), PacketTime::Ms20);
        assert_eq!(times.longest(), PacketTime::Ms120);
    }
}
