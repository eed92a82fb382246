//! The mixer of one space: who is heard, the common mix, and the mix-minus of each active speaker.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::time::Instant;

use arrayvec::ArrayVec;

use super::clip::Clip;
use super::frame::{Frame, add};
use super::gain::AutomaticGain;
use super::lane::{Lane, WARM_UP};
use super::level::{VoiceActivity, level_db};
use super::packing::Packing;
use super::ramp::{RAMP, fade_in, fade_out};
use super::signs::{NOBODY, Signs};
use super::voice::Voice;
use super::{FrameSet, LaneFrame, MAX_HEARD, PacketTime, Packets, Reception, RtpAudio, TICK, Tick};
use crate::SourceId;
use crate::opus::{Content, Encoding, FRAME, OpusError};

/// So many voices' losses in one tick are made up by the model, 3 ms in all where they begin: a stall
/// of our own network takes something from everybody at once. The others' are made up the quick way.
const MOST_MODELLED: usize = 4;

/// How many voices' gains are kept while their gates are closed.
const MOST_REMEMBERED: usize = 64;

/// Mixes the voices of one space.
///
/// A source is mixed while its gate is open, or while a clip of it plays. Its ending is complete
/// with the next tick: the frames of that tick are the last that hold anything of it, even for a
/// decoder that looks for the copy of a frame in the one after.
#[derive(Debug)]
pub struct SpaceMixer {
    began: Instant,
    /// The number of the last tick, by the clock.
    tick: u64,
    signs: Signs,
    sources: BTreeMap<SourceId, Source>,
    content: Content,
    common: Lane,
    /// What everybody says in this tick, and what all but one say.
    sum: Frame,
    others: Frame,
    complexity: u8,
    packet_time: PacketTime,
    packing: Packing,
    spare_lanes: Vec<Lane>,
    /// What voices were raised by when their gates closed, in dB, the latest at the end: who comes
    /// back is as loud as before.
    gains: ArrayVec<(SourceId, f32), MOST_REMEMBERED>,
    /// The mix of the 80 ms before this tick, for lanes that come into use.
    past: [Frame; WARM_UP],
    /// How many ticks of it there are since something ended.
    unbroken: usize,
    /// The ends of voices that were broken off since the last tick: middle and side.
    tails: [[f32; RAMP]; 2],
    something_ended: bool,
}

/// Where the sound of a source comes from.
#[derive(Debug)]
enum Origin {
    Live(Box<Voice>),
    Played(Clip),
}

#[derive(Debug)]
struct Source {
    origin: Origin,
    content: Content,
    frame: Frame,
    level_db: f32,
    activity: VoiceActivity,
    gain: AutomaticGain,
    /// Somebody speaks here, or did 300 ms ago.
    active: bool,
    /// It is in the mix of this tick.
    heard: bool,
    /// The mix without it, while it is active.
    minus: Option<Lane>,
}

impl SpaceMixer {
    /// Make the mixer of a space that begins at `now`.
    ///
    /// # Errors
    /// `OpusError` without memory for an encoder.
    pub fn new(now: Instant) -> Result<Self, OpusError> {
        Ok(Self {
            began: now,
            tick: 0,
            signs: Signs::default(),
            sources: BTreeMap::new(),
            content: Content::Voices,
            common: Lane::new(Encoding::default())?,
            sum: Frame::silent(),
            others: Frame::silent(),
            complexity: Encoding::default().complexity,
            packet_time: PacketTime::default(),
            packing: Packing::new()?,
            spare_lanes: Vec::new(),
            gains: ArrayVec::new(),
            past: std::array::from_fn(|_| Frame::silent()),
            unbroken: 0,
            tails: [[0.0; RAMP]; 2],
            something_ended: false,
        })
    }

    /// Let a source be heard: what it sends from now on. Twice is the same as once.
    ///
    /// # Errors
    /// `OpusError` without memory for a decoder.
    pub fn open(&mut self, source: SourceId) -> Result<(), OpusError> {
        if !self.is_open(source) {
            self.begin(source, Origin::Live(Box::new(Voice::new(self.content)?)));
        }
        Ok(())
    }

    /// Let a source be heard no longer, and forget what it sent.
    pub fn close(&mut self, source: SourceId) {
        if self.is_open(source) {
            self.end(source);
        }
    }

    /// Let a source speak `packets`, 20 ms of Opus each, instead of what it was speaking.
    ///
    /// # Errors
    /// `OpusError` without memory for a decoder.
    pub fn play(&mut self, source: SourceId, packets: Vec<Box<[u8]>>) -> Result<(), OpusError> {
        self.begin(source, Origin::Played(Clip::new(packets, self.content)?));
        Ok(())
    }

    /// Break off the clip that a source is speaking.
    pub fn stop_playing(&mut self, source: SourceId) {
        if !self.is_open(source) {
            self.end(source);
        }
    }

    /// Let this be heard from now on: voices, in mono and all equally loud; or music, in stereo and
    /// as loud as it was sent. What sounds goes over from one to the other within some ticks.
    pub fn set_content(&mut self, content: Content) {
        if self.content == content {
            return;
        }
        self.content = content;
        for source in self.sources.values_mut() {
            source.turn_to(content);
        }
    }

    /// Let the packets of listeners be this long from the next tick on.
    pub fn set_packet_time(&mut self, time: PacketTime) {
        self.packet_time = time;
    }

    /// Let what all hear be encoded for this share of packets lost on the way to them, 0 to 100 %.
    ///
    /// # Errors
    /// `OpusError` above 100.
    pub fn set_expected_loss(&mut self, percent: u8) -> Result<(), OpusError> {
        self.common.set_expected_loss(percent)
    }

    /// How a live voice has come through; nothing for a source that is not open.
    #[must_use]
    pub fn reception(&self, source: SourceId) -> Option<Reception> {
        match &self.sources.get(&source)?.origin {
            Origin::Live(voice) => Some(voice.reception()),
            Origin::Played(_) => None,
        }
    }

    /// Let encoders search so hard for the best bits, 0 to 10, from the next tick on; below the usual
    /// what is lost is made up the quick way, too.
    pub fn set_complexity(&mut self, complexity: u8) {
        if self.complexity == complexity {
            return;
        }
        self.complexity = complexity;
        let minus = self
            .sources
            .values_mut()
            .filter_map(|source| source.minus.as_mut());
        minus
            .chain(&mut self.spare_lanes)
            .chain([&mut self.common])
            .for_each(|lane| lane.set_complexity(complexity));
    }

    /// Take in a packet of a source that came at `now`; ignored unless the source is open.
    pub fn push(&mut self, source: SourceId, packet: &RtpAudio<'_>, now: Instant) {
        let now = self.samples_until(now);
        if let Some(Source {
            origin: Origin::Live(voice),
            ..
        }) = self.sources.get_mut(&source)
        {
            voice.push(packet, now);
        }
    }

    /// Mix the next 20 ms. To be called every `TICK`; a missed tick is left out, not made up for.
    pub fn tick(&mut self, now: Instant) -> Tick {
        self.tick = self.tick_at(now).max(self.tick + 1);
        let ended_clips = self.listen(self.samples_until(now));
        self.choose_heard();
        self.sum_up();
        self.assign_lanes();
        self.turn_a_lane();
        self.past.rotate_left(1);
        self.past[WARM_UP - 1].clone_from(&self.sum);
        self.unbroken += 1;
        self.add_endings();
        Tick {
            frames: self.encode(),
            ended_clips,
        }
    }

    fn is_open(&self, source: SourceId) -> bool {
        let origin = self.sources.get(&source).map(|source| &source.origin);
        matches!(origin, Some(Origin::Live(_)))
    }

    fn begin(&mut self, source: SourceId, origin: Origin) {
        self.end(source);
        let gain_db = match (&origin, self.content) {
            (Origin::Live(_), Content::Voices) => self.remembered_gain_db(source),
            (Origin::Played(_), _) | (_, Content::Music) => 0.0,
        };
        let source_of = Source::new(origin, self.content, gain_db);
        self.sources.insert(source, source_of);
    }

    fn remembered_gain_db(&self, source: SourceId) -> f32 {
        let gain = self.gains.iter().find(|(of, _)| *of == source);
        gain.map_or(0.0, |(_, gain_db)| *gain_db)
    }

    /// Remember the gain of a voice, not that of a clip or of music; who was away longest is
    /// forgotten.
    fn remember_gain(&mut self, id: SourceId, source: &Source) {
        if matches!(source.origin, Origin::Played(_)) || self.content == Content::Music {
            return;
        }
        self.gains.retain(|(of, _)| *of != id);
        if self.gains.is_full() {
            self.gains.remove(0);
        }
        self.gains.push((id, source.gain.gain_db()));
    }

    fn end(&mut self, id: SourceId) {
        let Some(source) = self.sources.remove(&id) else {
            return;
        };
        self.remember_gain(id, &source);
        self.break_off(&source);
        self.something_ended = true;
        self.past.iter_mut().for_each(Frame::clear);
        self.unbroken = 0;
        self.spare_lanes.extend(source.minus);
    }

    /// Let the last sample of a source that is mixed no longer die away within 5 ms: a step would click.
    fn break_off(&mut self, source: &Source) {
        let last = [source.frame.middle.last(), source.frame.side().last()];
        for (tails, last) in self.tails.iter_mut().zip(last) {
            let mut tail = [last.copied().unwrap_or(0.0); RAMP];
            fade_out(&mut tail);
            add(tails, &tail);
        }
    }

    fn samples_until(&self, now: Instant) -> i64 {
        let micros = now.saturating_duration_since(self.began).as_micros();
        i64::try_from(micros * 48 / 1_000).unwrap_or(i64::MAX)
    }

    fn tick_at(&self, now: Instant) -> u64 {
        let half = TICK / 2;
        let ticks =
            (now.saturating_duration_since(self.began) + half).as_micros() / TICK.as_micros();
        u64::try_from(ticks).unwrap_or(u64::MAX)
    }

    /// Take 20 ms from every source; those whose clip is over are removed.
    fn listen(&mut self, now: i64) -> Vec<SourceId> {
        let mut over = Vec::new();
        let has_time = self.complexity >= Encoding::default().complexity;
        let mut models = if has_time { MOST_MODELLED } else { 0 };
        for (id, source) in &mut self.sources {
            if !source.listen(now, models > 0) {
                over.push(*id);
            }
            models = models.saturating_sub(source.has_guessed().into());
        }
        for id in &over {
            self.end(*id);
        }
        over
    }

    /// Choose the sources of this mix, at most 15: those who speak already, then the loudest.
    fn choose_heard(&mut self) {
        if self.sources.len() <= MAX_HEARD {
            self.sources
                .values_mut()
                .for_each(|source| source.let_be_heard(true));
            return;
        }
        let mut order: Vec<_> = self.sources.values_mut().collect();
        order.sort_by(|one, other| other.precedence(one));
        for (place, source) in order.into_iter().enumerate() {
            source.let_be_heard(place < MAX_HEARD);
        }
    }

    fn sum_up(&mut self) {
        self.sum.clear();
        for source in self.sources.values() {
            self.sum.add(&source.frame);
        }
    }

    /// Give a lane to each source that begins to speak, and take it from those who have finished.
    fn assign_lanes(&mut self) {
        let encoding = Encoding {
            complexity: self.complexity,
            ..Encoding::of(self.content)
        };
        self.spare_lanes
            .retain(|lane| lane.content() == encoding.content);
        for source in self.sources.values_mut() {
            let speaks = source.active && source.heard;
            if speaks && source.minus.is_none() {
                let lane = self.spare_lanes.pop();
                let lane = lane.map_or_else(|| Lane::new(encoding), Ok);
                source.minus = lane.and_then(|lane| lane.warmed_up(&self.past)).ok();
            } else if !speaks {
                // The voice has been absent from both lanes for 300 ms: their encoders agree.
                self.spare_lanes.extend(source.minus.take());
            }
        }
    }

    /// Let one lane more be made for what is heard now: all at once would take too long. What
    /// decoders are given first has to go on from what they had, so nothing may just have ended.
    fn turn_a_lane(&mut self) {
        if self.unbroken < WARM_UP {
            return;
        }
        let minus = self
            .sources
            .values_mut()
            .filter_map(|source| source.minus.as_mut());
        let turns = std::iter::once(&mut self.common)
            .chain(minus)
            .find(|lane| lane.content() != self.content);
        if let Some(lane) = turns
            && let Ok(turned) = lane.turned_to(self.content, &self.past)
        {
            *lane = turned;
        }
    }

    fn add_endings(&mut self) {
        let [middle, side] = &mut self.tails;
        add(self.sum.middle.as_mut_slice(), middle);
        if side[0] != 0.0 {
            add(self.sum.widen(), side);
        }
        self.tails.as_flattened_mut().fill(0.0);
        if std::mem::take(&mut self.something_ended) {
            self.common.cut();
            self.sources
                .values_mut()
                .filter_map(|source| source.minus.as_mut())
                .for_each(Lane::cut);
        }
    }

    /// Encode every lane; nothing if all are silent and no sign of life is due.
    fn encode(&mut self) -> Option<FrameSet> {
        let was_silent = self.common.is_silent();
        let payload = self.common.encode(&self.sum);
        let minus = self.encode_minus();
        if !self.common.is_silent() || !minus.is_empty() {
            self.signs.sounded(self.tick);
        } else if !self.signs.is_due(self.tick, self.packet_time.frames()) {
            return None;
        }
        let marker = was_silent && !self.common.is_silent();
        let quiet = self.signs.is_quiet();
        let common = LaneFrame {
            payload,
            csrc: if quiet {
                [NOBODY].into_iter().collect()
            } else {
                self.heard_by(None)
            },
        };
        let packets = self.pack(marker, &common);
        Some(FrameSet {
            tick: self.tick,
            timestamp: timestamp(self.tick),
            marker,
            common,
            minus,
            packets,
            quiet,
        })
    }

    /// Keep a frame for longer packets, and make those that end with it. Silence is not kept.
    fn pack(&mut self, marker: bool, common: &LaneFrame) -> Packets {
        if self.common.is_silent() {
            self.packing.clear();
            return Packets::alone(self.packet_time, self.tick, common);
        }
        self.packing
            .pack(self.packet_time, self.tick, marker, common)
    }

    fn encode_minus(&mut self) -> ArrayVec<(SourceId, LaneFrame), MAX_HEARD> {
        let mut frames = ArrayVec::new();
        for (id, source) in &mut self.sources {
            if let Some(lane) = &mut source.minus {
                self.others.become_rest(&self.sum, &source.frame);
                frames.push((
                    *id,
                    LaneFrame {
                        payload: lane.encode(&self.others),
                        csrc: ArrayVec::new(),
                    },
                ));
            }
        }
        for (id, frame) in &mut frames {
            frame.csrc = self.heard_by(Some(*id));
        }
        frames
    }

    /// The sources that `listener` hears speak.
    fn heard_by(&self, listener: Option<SourceId>) -> ArrayVec<u32, MAX_HEARD> {
        self.sources
            .iter()
            .filter(|(id, source)| source.active && source.heard && Some(**id) != listener)
            .map(|(id, _)| id.0)
            .collect()
    }
}

impl Source {
    fn new(origin: Origin, content: Content, gain_db: f32) -> Self {
        Self {
            origin,
            content,
            frame: Frame::silent(),
            level_db: f32::NEG_INFINITY,
            activity: VoiceActivity::new(),
            gain: AutomaticGain::new(gain_db),
            active: false,
            heard: false,
            minus: None,
        }
    }

    /// Let it be heard as this. The gain that a voice had goes, and is found anew after music.
    fn turn_to(&mut self, content: Content) {
        self.content = content;
        self.gain = AutomaticGain::new(self.gain.gain_db());
        match &mut self.origin {
            Origin::Live(voice) => voice.turn_to(content),
            Origin::Played(clip) => clip.turn_to(content),
        }
    }

    /// Take the next 20 ms, by a model of speech if something of it is missing; false if there is
    /// nothing more to come.
    fn listen(&mut self, now: i64, with_model: bool) -> bool {
        let more = match &mut self.origin {
            Origin::Live(voice) => {
                // A model of speech would make music talk.
                voice.let_model(with_model && self.content == Content::Voices);
                voice.give(now, &mut self.frame);
                true
            }
            Origin::Played(clip) => clip.give(&mut self.frame),
        };
        self.level_db = level_db(self.frame.middle.as_slice(), self.frame.side());
        self.active = self.activity.observe(self.level_db, self.content);
        match self.content {
            Content::Voices => self.gain.apply(&mut self.frame),
            Content::Music => self.gain.let_go(&mut self.frame),
        }
        more
    }

    fn has_guessed(&self) -> bool {
        matches!(&self.origin, Origin::Live(voice) if voice.has_guessed())
    }

    fn let_be_heard(&mut self, heard: bool) {
        for plane in self.frame.planes_mut() {
            match (self.heard, heard) {
                (false, true) => fade_in(plane),
                (true, false) => fade_out(plane),
                (true, true) => {}
                (false, false) => plane.fill(0.0),
            }
            if !heard {
                plane[RAMP..].fill(0.0);
            }
        }
        self.heard = heard;
    }

    fn precedence(&self, other: &Self) -> Ordering {
        let speaks = |source: &Self| source.heard && source.active;
        speaks(self)
            .cmp(&speaks(other))
            .then(self.level_db.total_cmp(&other.level_db))
    }
}

/// The RTP time of a tick, wrapping.
#[expect(clippy::cast_possible_truncation, reason = "RTP time wraps at 32 bits")]
const fn timestamp(tick: u64) -> u32 {
    tick.wrapping_mul(FRAME as u64) as u32
}

#[cfg(test)]
mod tests {
    use convivium_testbed::meter::true_peak_db;
    use convivium_testbed::speech::{Recording, demo_voices};

    use super::*;
    use crate::opus::{Decoder, Encoder, Encoding, MAX_FRAME_BYTES};

    const AMA: SourceId = SourceId(1);
    const BEN: SourceId = SourceId(2);

    #[expect(clippy::disallowed_methods, reason = "virtual time begins somewhere")]
    fn beginning() -> Instant {
        Instant::now()
    }

    #[expect(clippy::cast_precision_loss, reason = "sample numbers are small")]
    fn hum(frames: usize) -> Vec<Box<[u8]>> {
        let mut encoder = Encoder::new(Encoding::default()).unwrap();
        let mut packet = [0; MAX_FRAME_BYTES];
        (0..frames)
            .map(|number| {
                let sound: [f32; FRAME] =
                    std::array::from_fn(|n| 0.2 * ((number * FRAME + n) as f32 * 0.06).sin());
                encoder.encode(&sound, &mut packet).unwrap().into()
            })
            .collect()
    }

    /// Run ticks 1 to `count`, letting `act` happen before each.
    fn run(count: u32, mut act: impl FnMut(&mut SpaceMixer, u32)) -> Vec<Tick> {
        let began = beginning();
        let mut mixer = SpaceMixer::new(began).unwrap();
        (1..=count)
            .map(|tick| {
                act(&mut mixer, tick);
                mixer.tick(began + TICK * tick)
            })
            .collect()
    }

    #[test]
    fn a_silent_space_says_that_it_is_before_its_signs_become_rare() {
        let ticks = run(1_000, |mixer, tick| {
            if tick == 500 {
                mixer.play(AMA, hum(1)).unwrap();
            }
        });

        let signs: Vec<_> = (0..1_000)
            .filter_map(|n| Some((n, ticks[n].frames.as_ref()?)))
            .collect();
        assert_eq!(signs[0].0, 0);
        for pair in signs.windows(2) {
            let most = if pair[0].1.quiet { 95 } else { 20 };
            assert!(pair[1].0 - pair[0].0 <= most, "after tick {}", pair[0].0);
        }
        for (_, frames) in &signs {
            let says_so = frames.common.csrc.as_slice() == [NOBODY];
            assert_eq!(says_so, frames.quiet);
        }
        let quiet = signs.iter().filter(|(_, frames)| frames.quiet).count();
        assert!((6..14).contains(&quiet), "{quiet} rare ones in 20 s");
        let first = signs[0].1;
        assert_eq!((first.common.payload.len(), first.marker), (1, false));
    }

    #[test]
    fn of_a_sign_each_cohort_of_a_crowd_has_a_tick_of_its_own() {
        let ticks = run(400, |mixer, _| mixer.set_packet_time(PacketTime::Ms120));
        let signs: Vec<_> = (210..400)
            .filter_map(|n| Some((n, ticks[n].frames.as_ref()?)))
            .collect();

        assert_eq!(signs.len(), 12);
        assert!(signs[..6].is_sorted_by(|one, next| one.0 + 1 == next.0));
        for (_, frames) in signs {
            let packets = &frames.packets;
            assert_eq!(packets.time, PacketTime::Ms120);
            assert_eq!((packets.recent.len(), packets.joined.len()), (0, 1));
            assert_eq!(packets.joined[0].frame.csrc.as_slice(), [NOBODY]);
        }
    }

    #[test]
    fn timestamps_follow_the_clock_through_silence_and_missed_ticks() {
        let began = beginning();
        let mut mixer = SpaceMixer::new(began).unwrap();
        let mut stamp = |tick: u32| {
            mixer
                .tick(began + TICK * tick)
                .frames
                .map(|frames| frames.timestamp)
        };

        let stamps = [1, 30, 60, 60, 90].map(&mut stamp);

        assert_eq!(
            stamps,
            [Some(960), Some(28_800), Some(57_600), None, Some(86_400)]
        );
    }

    #[test]
    fn a_clip_is_heard_by_all_but_itself_and_its_end_is_told_once() {
        let ticks = run(100, |mixer, tick| {
            if tick == 10 {
                mixer.play(AMA, hum(50)).unwrap();
            }
        });

        let sounding = ticks[20].frames.as_ref().unwrap();
        assert_eq!(sounding.common.csrc.as_slice(), [AMA.0]);
        assert!(sounding.common.payload.len() > 20);
        assert_eq!(sounding.lane_of(AMA).csrc.as_slice(), []);
        assert_eq!(sounding.lane_of(AMA).payload.len(), 1);
        assert_eq!(sounding.lane_of(BEN).csrc.as_slice(), [AMA.0]);
        let ends: Vec<_> = (0..100)
            .filter(|n| !ticks[*n].ended_clips.is_empty())
            .collect();
        assert_eq!(ends, [59]);
        assert_eq!(ticks[59].ended_clips, [AMA]);
    }

    #[test]
    fn every_lane_is_encoded_with_the_effort_that_is_asked_for_now() {
        let payloads = |asked: [u8; 3]| {
            let ticks = run(40, |mixer, tick| match tick {
                1 => mixer.set_complexity(asked[0]),
                2 => mixer.play(AMA, hum(60)).unwrap(),
                20 => mixer.set_complexity(asked[1]),
                30 => mixer.set_complexity(asked[2]),
                _ => {}
            });
            ticks
                .iter()
                .filter_map(|tick| tick.frames.as_ref())
                .map(|frames| {
                    (
                        frames.common.payload.len(),
                        frames.lane_of(AMA).payload.len(),
                    )
                })
                .collect::<Vec<_>>()
        };
        let quick = payloads([0; 3]);

        assert_ne!(quick, payloads([5; 3]));
        assert_eq!(payloads([0, 5, 0])[..18], quick[..18]);
        assert_ne!(payloads([0, 5, 0])[18..], quick[18..]);
    }

    #[test]
    fn the_first_sound_after_silence_is_marked() {
        let ticks = run(200, |mixer, tick| {
            if tick == 10 || tick == 120 {
                mixer.play(AMA, hum(40)).unwrap();
            }
        });

        let marked: Vec<_> = (0..200)
            .filter(|n| {
                ticks[*n]
                    .frames
                    .as_ref()
                    .is_some_and(|frames| frames.marker)
            })
            .collect();
        assert_eq!(marked, [9, 119]);
    }

    /// What is made up for fifteen voices that say the same and lose the same.
    fn made_up_for_fifteen(complexity: u8) -> Vec<[u32; FRAME]> {
        let began = beginning();
        let mut mixer = SpaceMixer::new(began).unwrap();
        mixer.set_complexity(complexity);
        let sources: Vec<_> = (1..=15).map(SourceId).collect();
        for source in &sources {
            mixer.open(*source).unwrap();
        }
        for (tick, payload) in (1_u16..).zip(&hum(15)) {
            let now = began + TICK * u32::from(tick);
            let packet = RtpAudio {
                sequence: tick,
                timestamp: u32::from(tick) * 960,
                marker: false,
                payload,
            };
            for source in &sources {
                mixer.push(*source, &packet, now);
            }
            mixer.tick(now);
        }
        for tick in 16..20 {
            mixer.tick(began + TICK * tick);
            if mixer.sources.values().all(Source::has_guessed) {
                break;
            }
        }
        let frames = mixer.sources.into_values();
        frames
            .map(|source| source.frame.middle.map(f32::to_bits))
            .collect()
    }

    #[test]
    fn what_all_lose_at_once_is_modelled_for_few_and_for_none_without_time() {
        let usual = Encoding::default().complexity;

        let alike = |frames: &[[u32; FRAME]]| {
            let first = frames.iter().filter(|frame| **frame == frames[0]).count();
            let last = frames.iter().filter(|frame| **frame == frames[14]).count();
            (first, last)
        };

        assert_eq!(alike(&made_up_for_fifteen(usual)), (MOST_MODELLED, 11));
        assert_eq!(alike(&made_up_for_fifteen(usual - 1)), (15, 15));
    }

    #[test]
    fn at_most_fifteen_are_heard_and_who_speaks_already_keeps_the_word() {
        let speech = hum(20);
        let ticks = run(10, |mixer, tick| {
            if tick <= 2 {
                for source in 1..=14 {
                    mixer
                        .play(SourceId(source + 14 * (tick - 1)), speech.clone())
                        .unwrap();
                }
            }
        });

        let frames = ticks[9].frames.as_ref().unwrap();
        assert_eq!(frames.common.csrc.len(), MAX_HEARD);
        assert!((1..=14).all(|source| frames.common.csrc.contains(&source)));
        assert_eq!(frames.minus.len(), MAX_HEARD);
    }

    #[test]
    fn a_clip_does_not_outlast_its_being_stopped_or_replaced() {
        let ticks = run(20, |mixer, tick| match tick {
            1 => mixer.play(AMA, hum(50)).unwrap(),
            5 => mixer.play(AMA, hum(3)).unwrap(),
            15 => mixer.stop_playing(AMA),
            _ => {}
        });

        let ended: Vec<_> = (0..20).filter(|n| ticks[*n].ended_clips == [AMA]).collect();
        assert_eq!(ended, [7]);
    }

    /// The speech of one of the demo's voices as loud as a microphone takes it, from a second on.
    fn shouting(speaker: &str, from_second: u64, frames: u64) -> Vec<Box<[u8]>> {
        let speech = Recording::of_speaker(&demo_voices(), speaker).unwrap();
        let speech = speech.at_loudness(-6.0);
        let mut encoder = Encoder::new(Encoding::default()).unwrap();
        let mut packet = [0; MAX_FRAME_BYTES];
        (from_second * 50..from_second * 50 + frames)
            .map(|frame| {
                let sound: [f32; FRAME] = std::array::from_fn(|n| {
                    let sample = speech.sample(frame * FRAME as u64 + n as u64);
                    sample.clamp(-1.0, 1.0)
                });
                encoder.encode(&sound, &mut packet).unwrap().into()
            })
            .collect()
    }

    #[test]
    fn eleven_who_shout_at_once_do_not_clip() {
        let began = beginning();
        let mut mixer = SpaceMixer::new(began).unwrap();
        let mut decoder = Decoder::new().unwrap();
        for number in 0..11_u32 {
            let speaker = ["juno", "bo", "tamsin", "ravi"][number as usize % 4];
            let speech = shouting(speaker, u64::from(number), 150);
            mixer.play(SourceId(number + 1), speech).unwrap();
        }
        let (mut loudest, mut limited, mut heard) = (0.0_f32, Vec::new(), Vec::new());
        for tick in 1..=150 {
            let frames = mixer.tick(began + TICK * tick).frames.unwrap();
            loudest = mixer
                .sum
                .middle
                .iter()
                .fold(loudest, |most, sample| most.max(sample.abs()));
            limited.extend_from_slice(mixer.common.limited());
            let mut frame = [0.0; FRAME];
            decoder.decode(&frames.common.payload, &mut frame).unwrap();
            heard.extend_from_slice(&frame);
        }

        let peak = true_peak_db(&limited);
        let (clipped, peak_heard) = (clipped(&heard), true_peak_db(&heard));
        println!("sum {loudest:.1}, limited {peak:.2} dB, heard {peak_heard:.2} dB, {clipped}");
        assert!(loudest > 2.0, "{loudest} is no shouting");
        assert!(peak <= -1.0, "{peak} dB of full scale");
        assert!(peak > -2.0, "turned down too far: {peak} dB");
        assert_eq!(clipped, 0);
    }

    /// Samples that a decoder had to cut off.
    fn clipped(sound: &[f32]) -> usize {
        sound.iter().filter(|sample| sample.abs() >= 1.0).count()
    }

    #[test]
    fn whoever_is_let_in_or_gives_way_does_so_without_a_step() {
        let mut source = Source::new(
            Origin::Played(Clip::new(Vec::new(), Content::Voices).unwrap()),
            Content::Voices,
            0.0,
        );
        let mut sound = vec![0.0];
        for heard in [true, true, false, false] {
            source.frame.middle.fill(0.5);
            source.let_be_heard(heard);
            sound.extend_from_slice(source.frame.middle.as_slice());
        }

        let steepest = sound
            .windows(2)
            .map(|pair| (pair[1] - pair[0]).abs())
            .fold(0.0, f32::max);
        assert!(steepest < 0.01, "{steepest}");
        assert!((sound[FRAME] - 0.5).abs() < 1e-6);
        assert!(sound[4 * FRAME].abs() < 1e-6);
    }

    #[test]
    fn the_order_of_the_voices_changes_the_mix_by_rounding_only() {
        let sum_of = |order: [u32; 5]| {
            let mut mixer = SpaceMixer::new(beginning()).unwrap();
            for (place, voice) in (0..).zip(order) {
                mixer.play(SourceId(place + 1), Vec::new()).unwrap();
                let source = mixer.sources.get_mut(&SourceId(place + 1)).unwrap();
                #[expect(clippy::cast_precision_loss, reason = "small numbers")]
                let level = 1.0 / (voice as f32 + 3.0);
                source.frame.middle.fill(level);
            }
            mixer.sum_up();
            mixer.sum.middle
        };

        let (one, other) = (sum_of([1, 2, 3, 4, 5]), sum_of([5, 3, 1, 2, 4]));

        assert!(
            one.iter()
                .zip(other.iter())
                .all(|(one, other)| (one - other).abs() < 1e-6)
        );
        assert!((one[0] - 0.8845).abs() < 1e-3, "{}", one[0]);
    }
}
