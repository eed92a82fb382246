//! What the visitors heard, in numbers.

use std::time::{Duration, Instant};

use convivium_testbed::ear::Listener;
use convivium_testbed::peer::HeardPacket;
use convivium_testbed::speaker::{Manner, Speaker};
use convivium_testbed::voice::Voice;

use crate::visit::{Visit, Visitor, samples};

const SECOND: usize = 48_000;

/// Below this a voice is not heard, in dBFS.
const AUDIBLE_DB: f32 = -45.0;

/// Ears cost time afterwards: this many visitors have them, the others only count packets.
const EARS: usize = 8;

/// What came out.
#[derive(Debug)]
pub(crate) struct Report {
    join_ms: Vec<usize>,
    /// Listeners, and how long it took until all had come.
    coming: (usize, Duration),
    /// Packets of all voices that left their mouths.
    spoken: usize,
    packets: usize,
    lost: usize,
    voices: Vec<HeardVoice>,
    /// The level of each voice of others at each ear, in dBFS.
    others_db: Vec<Vec<f32>>,
}

/// How one voice was heard by all who have ears.
#[derive(Debug)]
struct HeardVoice {
    number: usize,
    /// Ears that heard it in every whole second, of those that should have.
    heard_by: (usize, usize),
    /// From mouth to ear, for each packet.
    mouth_to_ear_ms: Vec<usize>,
    /// The same next to the mouth, without network and server: packets and codec alone.
    direct_ms: usize,
    /// In every second at every ear.
    gaps_ms: Vec<usize>,
    /// Its own level on its own lane, in dBFS.
    echo_db: f32,
}

/// One visitor's packets, decoded and laid out in time.
struct Recollection {
    listener: Listener,
    /// For each packet the sample at which it lies, and how much later it came than the quickest.
    lateness_ms: Vec<(usize, usize)>,
}

impl Report {
    /// Judge a visit in which `others` should be heard, too.
    pub(crate) fn of(visit: &Visit, others: &[Voice]) -> Self {
        let from = samples(visit.complete - visit.began).div_ceil(SECOND) + 1;
        let ears: Vec<_> = visit
            .visitors
            .iter()
            .take(EARS)
            .filter_map(|visitor| Some((visitor, Recollection::of(visitor, visit.began)?)))
            .collect();
        let mut join_ms: Vec<_> = visit
            .visitors
            .iter()
            .filter_map(|visitor| Some(samples(visitor.joined_in?) / 48))
            .collect();
        join_ms.sort_unstable();
        Self {
            join_ms,
            coming: (
                visit
                    .visitors
                    .iter()
                    .filter(|visitor| visitor.speaks.is_none())
                    .count(),
                visit.complete - visit.listeners_begin,
            ),
            spoken: visit.visitors.iter().map(|visitor| visitor.spoken).sum(),
            packets: visit
                .visitors
                .iter()
                .map(|visitor| visitor.heard.len())
                .sum(),
            lost: visit
                .visitors
                .iter()
                .map(|visitor| lost(&visitor.heard))
                .sum(),
            voices: (0..)
                .zip(&visit.visitors)
                .filter_map(|(number, visitor)| Some((number, visitor.speaks?)))
                .map(|(number, speech)| HeardVoice::judge(number, speech, &ears, from))
                .collect(),
            others_db: others
                .iter()
                .map(|voice| ears.iter().map(|(_, ear)| ear.level_db(*voice, from)))
                .map(Iterator::collect)
                .collect(),
        }
    }

    /// Every voice was heard by every ear but its own, without a second's silence; others at all.
    pub(crate) fn all_is_well(&self) -> bool {
        let heard =
            |levels: &Vec<f32>| !levels.is_empty() && levels.iter().all(|db| *db > AUDIBLE_DB);
        self.others_db.iter().all(heard)
            && self
                .voices
                .iter()
                .all(|voice| voice.heard_by.0 == voice.heard_by.1 && voice.echo_db < AUDIBLE_DB)
    }

    /// The report as JSON.
    pub(crate) fn json(&self) -> String {
        let voices: Vec<_> = self.voices.iter().map(HeardVoice::json).collect();
        format!(
            r#"{{"join_ms": {}, "joins_per_s": {:.1}, "spoken": {}, "packets": {}, "lost": {}, "voices": [{}], "others_db": {:.1?}}}"#,
            percentiles(&self.join_ms),
            self.coming.0 as f64 / self.coming.1.as_secs_f64(),
            self.spoken,
            self.packets,
            self.lost,
            voices.join(", "),
            self.others_db
        )
    }
}

impl HeardVoice {
    fn judge(
        number: usize,
        (voice, began): (Voice, usize),
        ears: &[(&Visitor, Recollection)],
        from: usize,
    ) -> Self {
        let mut judged = Self {
            number,
            heard_by: (0, 0),
            mouth_to_ear_ms: Vec::new(),
            direct_ms: direct_ms(voice).unwrap_or(0),
            gaps_ms: Vec::new(),
            echo_db: -127.0,
        };
        for (visitor, recollection) in ears {
            if visitor.speaks == Some((voice, began)) {
                judged.echo_db = recollection.level_db(voice, from);
            } else {
                judged.heard_by.1 += 1;
                judged.heard_by.0 += usize::from(judged.listen(voice, began, recollection, from));
            }
        }
        judged.mouth_to_ear_ms.sort_unstable();
        judged.gaps_ms.sort_unstable();
        judged
    }

    /// Listen second by second; true if the voice was there in each.
    fn listen(
        &mut self,
        voice: Voice,
        began: usize,
        recollection: &Recollection,
        from: usize,
    ) -> bool {
        let ear = &recollection.listener.ear;
        let whole_seconds = from..ear.sound().len() / SECOND;
        let mut always = !whole_seconds.is_empty();
        for second in whole_seconds {
            let span = second * SECOND..(second + 1) * SECOND;
            let Some(hearing) = ear.listen_for(voice, began, span.clone()) else {
                always = false;
                continue;
            };
            let came = recollection
                .lateness_ms
                .iter()
                .filter(|(at, _)| span.contains(at));
            self.mouth_to_ear_ms
                .extend(came.map(|(_, late)| hearing.delay_ms + late));
            self.gaps_ms
                .push(hearing.gaps.iter().map(|gap| gap.len() / 48).sum());
        }
        always
    }

    fn json(&self) -> String {
        format!(
            r#"{{"voice": {}, "heard_by": {}, "of": {}, "mouth_to_ear_ms": {}, "direct_ms": {}, "gaps_ms_per_s": {}, "echo_db": {:.1}}}"#,
            self.number,
            self.heard_by.0,
            self.heard_by.1,
            percentiles(&self.mouth_to_ear_ms),
            self.direct_ms,
            percentiles(&self.gaps_ms),
            self.echo_db
        )
    }
}

impl Recollection {
    /// Lay out what a visitor heard: where the RTP time of each packet says, as early as the
    /// quickest allows. Nothing if it heard nothing.
    fn of(visitor: &Visitor, began: Instant) -> Option<Self> {
        let first = visitor.heard.first()?;
        let placed: Vec<_> = visitor
            .heard
            .iter()
            .map(|packet| {
                let ticks = packet.timestamp.wrapping_sub(first.timestamp).cast_signed();
                (samples(packet.at - began), i64::from(ticks), packet)
            })
            .collect();
        let transit = |at: usize, ticks| i64::try_from(at).map_or(0, |at| at - ticks);
        let quickest = placed
            .iter()
            .map(|(at, ticks, _)| transit(*at, *ticks))
            .min()?;
        let mut listener = Listener::new().ok()?;
        let mut lateness_ms = Vec::new();
        for (at, ticks, packet) in placed {
            let place = usize::try_from(quickest + ticks).ok()?;
            // What is no Opus packet is as good as lost: the ear will notice.
            let _ = listener.hear(place, &packet.payload);
            lateness_ms.push((place, at.saturating_sub(place) / 48));
        }
        Some(Self {
            listener,
            lateness_ms,
        })
    }

    fn level_db(&self, voice: Voice, from: usize) -> f32 {
        self.listener.ear.level_db(voice, from * SECOND..usize::MAX)
    }
}

/// How late an ear next to the mouth hears this voice, in whole milliseconds; nothing if it cannot.
fn direct_ms(voice: Voice) -> Option<usize> {
    let mut speaker = Speaker::new(voice, Manner::default()).ok()?;
    let mut listener = Listener::new().ok()?;
    while let Some(spoken) = speaker.speak(Duration::from_secs(2)).ok()? {
        listener.hear(samples(spoken.at), &spoken.payload).ok()?;
    }
    let hearing = listener
        .ear
        .listen_for(voice, 0, SECOND / 2..SECOND * 3 / 2)?;
    Some(hearing.delay_ms)
}

/// Packets that never came, by the gaps in their numbers.
fn lost(heard: &[HeardPacket]) -> usize {
    let numbers = heard.iter().map(|packet| packet.sequence);
    let span = numbers
        .clone()
        .max()
        .zip(numbers.min())
        .map_or(0, |(last, first)| last - first + 1);
    usize::try_from(span).map_or(0, |span| span.saturating_sub(heard.len()))
}

/// Middle, 95th percentile and highest of sorted numbers, as JSON.
fn percentiles(sorted: &[usize]) -> String {
    let at = |percent: usize| {
        let place = (sorted.len() * percent).div_ceil(100).max(1) - 1;
        sorted.get(place).map_or("null".into(), usize::to_string)
    };
    format!(
        r#"{{"p50": {}, "p95": {}, "max": {}}}"#,
        at(50),
        at(95),
        at(100)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_numbers_that_occurred() {
        let sorted: Vec<_> = (1..=100).collect();

        assert_eq!(
            percentiles(&sorted),
            r#"{"p50": 50, "p95": 95, "max": 100}"#
        );
        assert_eq!(percentiles(&[7]), r#"{"p50": 7, "p95": 7, "max": 7}"#);
        assert_eq!(
            percentiles(&[]),
            r#"{"p50": null, "p95": null, "max": null}"#
        );
    }

    #[test]
    fn next_to_the_mouth_a_voice_is_late_by_one_packet_and_the_codec() {
        let late = direct_ms(Voice::new(0)).unwrap();

        assert!((20..=35).contains(&late), "{late}");
    }

    #[test]
    fn a_voice_that_one_ear_missed_is_not_well() {
        let voice = |heard, echo_db| HeardVoice {
            number: 0,
            heard_by: (heard, 2),
            mouth_to_ear_ms: vec![80, 90],
            direct_ms: 30,
            gaps_ms: vec![0],
            echo_db,
        };
        let well = |voice, others_db| {
            Report {
                join_ms: vec![5],
                coming: (1, Duration::from_secs(1)),
                spoken: 9,
                packets: 9,
                lost: 0,
                voices: vec![voice],
                others_db,
            }
            .all_is_well()
        };

        assert!(well(voice(2, -90.0), vec![]));
        assert!(!well(voice(1, -90.0), vec![]));
        assert!(!well(voice(2, -20.0), vec![]));
        assert!(well(voice(2, -90.0), vec![vec![-20.0, -22.0]]));
        assert!(!well(voice(2, -90.0), vec![vec![-20.0, -60.0]]));
        assert!(!well(voice(2, -90.0), vec![vec![]]), "nobody had an ear");
    }
}
