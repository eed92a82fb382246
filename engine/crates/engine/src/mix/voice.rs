//! One live voice: takes its packets whenever they come, gives 20 ms of sound whenever asked.
//!
//! Between words the voice rests, and each word begins as long after its first packet as the
//! network's delays ask for. Within a word, what is missing is recovered or made up, and the delay
//! is corrected by leaving out or repeating periods. Times are in samples.

use super::delay::{DelayEstimate, MARGIN};
use super::frame::Frame;
use super::jitter::{Arrival, JitterBuffer, Packet};
use super::level::level_db;
use super::ramp::{RAMP, fade_in, fade_out};
use super::sound::{Decoding, Sound};
use super::stretch::{self, Cut};
use super::{Reception, RtpAudio};
use crate::opus::{Content, FRAME, MAX_PACKET_SAMPLES, OpusError, PacketShape};

const FRAME_TICKS: i64 = 960;

/// Packets shorter than 10 ms are nobody's, and would cost more than they carry.
const SHORTEST_PACKET: usize = 480;

/// libopus makes up sound in steps of 2.5 ms.
const STEP: i64 = 120;

/// A loss longer than 100 ms is not made up: the voice falls silent.
const LONGEST_BRIDGE: i64 = 5 * FRAME_TICKS;

/// The delay may lie below the target by its margin before it is corrected, and above by this: the
/// two bounds are more than a tick apart, since packets are fetched in ticks.
const ABOVE: i64 = 720;

/// Music may wait longer, 60 ms, before anything of it is left out.
const ABOVE_IN_MUSIC: i64 = 2_880;

/// Beyond 200 ms above the target, sound is dropped instead of hurried.
const HOPELESS: i64 = 9_600;

/// A packet more than a second earlier or later than all others is of another clock.
const OTHER_CLOCK: i64 = 48_000;

/// Cuts in a sounding voice come at most every third frame; twice a second if there is no hurry.
const FRAMES_BETWEEN_CUTS: u8 = 3;
const FRAMES_BETWEEN_CALM_CUTS: u8 = 25;

/// Less than 10 ms is not worth a cut in a sounding voice.
const WORTH_A_CUT: usize = 480;

/// Below this level (dBFS) a cut is not heard, wherever it is made; music may be as soft as speech's
/// pauses are.
const QUIET_DB: f32 = -46.0;
const QUIET_MUSIC_DB: f32 = -70.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing is being said: the next packet begins a word.
    Resting,
    /// The next sample to be fetched has this number.
    Speaking(i64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    Keep,
    /// Packets wait longer than they need.
    Hurry,
    /// This many samples lie decoded between packets and ear, for nothing.
    TidyUp(usize),
    /// Packets come nearly too late.
    Linger,
}

/// Jitter buffer, decoder and pace of one voice.
#[derive(Debug)]
pub(super) struct Voice {
    packets: JitterBuffer,
    delay: DelayEstimate,
    content: Content,
    decoding: Decoding,
    /// Decoded and not yet given.
    sound: Sound,
    phase: Phase,
    /// The next packet is the first of a word.
    begins: bool,
    /// The last packet said that silence follows.
    silence_announced: bool,
    /// Made up while no later packet was there; the gap, if one shows, is shorter by this.
    bridged: i64,
    frames_since_cut: u8,
    packet_samples: i64,
    /// Something of the last frame was made up.
    guessed: bool,
    reception: Reception,
}

impl Voice {
    /// A voice of which nothing has been heard.
    pub(super) fn new(content: Content) -> Result<Self, OpusError> {
        Ok(Self {
            packets: JitterBuffer::new(),
            delay: DelayEstimate::new(),
            content,
            decoding: Decoding::of(content)?,
            sound: Sound::with_room(2 * MAX_PACKET_SAMPLES),
            phase: Phase::Resting,
            begins: true,
            silence_announced: false,
            bridged: 0,
            frames_since_cut: 0,
            packet_samples: FRAME_TICKS,
            guessed: false,
            reception: Reception::default(),
        })
    }

    /// Let it be heard as this from soon on, without a step.
    pub(super) fn turn_to(&mut self, content: Content) {
        self.content = content;
        self.decoding.turn_to(content);
    }

    /// Take in a packet that came at `now`; what is no Opus packet of 10 to 120 ms is ignored.
    pub(super) fn push(&mut self, packet: &RtpAudio<'_>, now: i64) {
        let shape = PacketShape::read(packet.payload);
        let Some(shape) = shape.filter(|shape| shape.samples >= SHORTEST_PACKET) else {
            return;
        };
        let (arrival, timestamp) = self.packets.insert(packet, shape);
        if arrival == Arrival::Ignored {
            return;
        }
        if arrival == Arrival::Restarted {
            self.begin_anew();
        }
        if self.delay.lateness(now, timestamp).abs() > OTHER_CLOCK {
            self.begin_anew();
            self.delay.observe(now, self.packets.restart(packet, shape));
            return;
        }
        self.delay.observe(now, timestamp);
        if arrival == Arrival::AfterGap && shape.carries_previous {
            self.delay
                .observe_copy(now, timestamp - ticks(shape.samples));
        }
    }

    /// Let a model of speech make up what is missing from now on, or only repeat what was.
    pub(super) fn let_model(&mut self, on: bool) {
        // It cannot fail: libopus takes either. A voice that is only repeated is still one.
        let _ = self.decoding.let_model(on);
    }

    /// Whether something was made up for the last frame that was given.
    pub(super) const fn has_guessed(&self) -> bool {
        self.guessed
    }

    /// Give the next 20 ms; false if there is only silence in them.
    pub(super) fn give(&mut self, now: i64, frame: &mut Frame) -> bool {
        self.guessed = false;
        self.begin_if_due(now);
        let pace = self.pace(now);
        self.fetch_a_frame();
        self.keep(pace);
        self.sound.give(frame)
    }

    /// How the voice came through so far.
    pub(super) fn reception(&self) -> Reception {
        let next = match self.phase {
            Phase::Resting => None,
            Phase::Speaking(position) => Some(position + self.bridged - ticks(self.sound.len())),
        };
        Reception {
            next,
            ..self.reception
        }
    }

    fn begin_anew(&mut self) {
        self.rest();
        self.delay = DelayEstimate::new();
    }

    /// Begin a word when its first packet has waited long enough.
    fn begin_if_due(&mut self, now: i64) {
        while self.phase == Phase::Resting {
            let Some((packet, _)) = self.packets.peek() else {
                return;
            };
            // A frame needs more than one packet if packets are shorter.
            let more = (FRAME_TICKS - ticks(packet.shape.samples)).max(0);
            let waited = self.delay.lateness(now, packet.timestamp) - more;
            if waited < self.delay.target() - MARGIN {
                return;
            }
            if waited > self.delay.target() + HOPELESS {
                self.drop_next();
            } else {
                self.phase = Phase::Speaking(packet.timestamp);
            }
        }
    }

    fn drop_next(&mut self) {
        if let Some(packet) = self.packets.take() {
            self.packets.recycle(packet);
        }
    }

    /// What to do about the delay, judged by how long the last packet of this frame has waited.
    fn pace(&mut self, now: i64) -> Pace {
        let left_over = self.sound.len();
        let Phase::Speaking(position) = self.phase else {
            return Pace::Keep;
        };
        if left_over >= FRAME {
            return Pace::Keep;
        }
        let packets_before = (FRAME_TICKS - ticks(left_over) - 1) / self.packet_samples;
        let last = position + packets_before * self.packet_samples;
        let excess = self.delay.lateness(now, last) - self.delay.target();
        if excess > HOPELESS {
            self.rest();
            self.begin_if_due(now);
            Pace::Keep
        } else if excess > self.most_above() {
            Pace::Hurry
        } else if excess < -MARGIN {
            Pace::Linger
        } else {
            Pace::TidyUp(left_over)
        }
    }

    const fn most_above(&self) -> i64 {
        match self.content {
            Content::Voices => ABOVE,
            Content::Music => ABOVE_IN_MUSIC,
        }
    }

    fn fetch_a_frame(&mut self) {
        while self.sound.len() < FRAME {
            let Phase::Speaking(position) = self.phase else {
                return;
            };
            self.fetch(position);
        }
    }

    /// Decode, recover or make up what comes at `position`, or find that nothing does.
    fn fetch(&mut self, position: i64) {
        let Some((next, follows)) = self.packets.peek() else {
            return self.wait();
        };
        let gap = (next.timestamp - position).max(0);
        let missing = (gap - self.bridged).max(0) / STEP * STEP;
        if follows && gap > 0 {
            // No packet is missing: the sender was silent in between (DTX).
            self.rest();
        } else if missing == 0 {
            self.decode_next();
        } else if missing > LONGEST_BRIDGE {
            self.rest();
        } else if missing <= FRAME_TICKS && next.shape.carries_previous {
            self.recover_before_next(samples(missing));
        } else {
            let now_missing = missing.min(FRAME_TICKS);
            self.make_up(samples(now_missing));
            self.phase = Phase::Speaking(position + gap.min(self.bridged) + now_missing);
            self.bridged = 0;
        }
    }

    fn decode_next(&mut self) {
        let Some(packet) = self.packets.take() else {
            return;
        };
        self.decode(&packet);
        self.phase = Phase::Speaking(packet.timestamp + ticks(packet.shape.samples));
        self.packet_samples = ticks(packet.shape.samples);
        self.silence_announced = packet.shape.is_silence;
        self.bridged = 0;
        self.packets.recycle(packet);
    }

    fn decode(&mut self, packet: &Packet) {
        let samples = packet.shape.samples;
        let (decoding, sound) = (&mut self.decoding, &mut self.sound);
        match decoding.decode(&packet.payload, samples, sound) {
            Ok(()) => self.reception.decoded += samples as u64,
            Err(_) => self.make_up(samples),
        }
        if std::mem::take(&mut self.begins) {
            let first = self.sound.len() - samples;
            self.sound
                .planes_mut()
                .for_each(|plane| fade_in(&mut plane[first..]));
        }
    }

    /// Fill the gap before the next packet from the copy it carries.
    fn recover_before_next(&mut self, missing: usize) {
        let Some((next, _)) = self.packets.peek() else {
            return;
        };
        let (decoding, sound) = (&mut self.decoding, &mut self.sound);
        let recovered = decoding.recover(&next.payload, missing, sound);
        self.phase = Phase::Speaking(next.timestamp);
        self.bridged = 0;
        match recovered {
            Ok(()) => self.reception.recovered += missing as u64,
            Err(_) => self.make_up(missing),
        }
    }

    /// Nothing has come: silence was announced, or nobody knows whether the next is lost or late.
    fn wait(&mut self) {
        if self.silence_announced || self.bridged >= LONGEST_BRIDGE {
            self.rest();
        } else {
            self.make_up(FRAME);
            self.bridged += FRAME_TICKS;
        }
    }

    /// Let the voice go on as it was; libopus lets it fade.
    fn make_up(&mut self, samples: usize) {
        self.guessed = true;
        self.reception.made_up += samples as u64;
        if self.decoding.conceal(samples, &mut self.sound).is_err() {
            self.sound.extend_silent(samples);
        }
    }

    /// Fall silent within 5 ms.
    fn rest(&mut self) {
        if self.phase == Phase::Resting {
            return;
        }
        self.make_up(RAMP);
        let tail = self.sound.len() - RAMP;
        self.sound
            .planes_mut()
            .for_each(|plane| fade_out(&mut plane[tail..]));
        self.phase = Phase::Resting;
        self.begins = true;
        self.silence_announced = false;
        self.bridged = 0;
    }

    fn keep(&mut self, pace: Pace) {
        self.frames_since_cut = self.frames_since_cut.saturating_add(1);
        if pace == Pace::Hurry {
            self.fetch_ahead();
        }
        let Some(cut) = self.possible_cut() else {
            return;
        };
        let spare = self.sound.len() - FRAME;
        let changed = match pace {
            Pace::Hurry => stretch::shorten(&mut self.sound, spare, cut),
            Pace::TidyUp(left_over) if self.may_tidy_up(left_over, cut) => {
                stretch::shorten(&mut self.sound, spare.min(left_over), cut)
            }
            Pace::Linger => stretch::lengthen(&mut self.sound, cut),
            Pace::TidyUp(_) | Pace::Keep => 0,
        };
        if changed > 0 {
            self.frames_since_cut = 0;
        }
    }

    /// Decode one packet more than the frame needs, if it is there.
    fn fetch_ahead(&mut self) {
        let Phase::Speaking(position) = self.phase else {
            return;
        };
        if let Some((next, true)) = self.packets.peek()
            && next.timestamp == position
            && self.sound.len() < FRAME + stretch::REACH
        {
            self.decode_next();
        }
    }

    const fn may_tidy_up(&self, left_over: usize, cut: Cut) -> bool {
        let calm = self.frames_since_cut >= FRAMES_BETWEEN_CALM_CUTS;
        match cut {
            Cut::Quiet => true,
            Cut::Voiced => calm && left_over >= WORTH_A_CUT,
            Cut::Music => false,
        }
    }

    fn possible_cut(&self) -> Option<Cut> {
        let middle = self.sound.middle().get(..FRAME)?;
        let side = self.sound.side().get(..FRAME).unwrap_or_default();
        let (quiet_db, cut) = match self.content {
            Content::Voices => (QUIET_DB, Cut::Voiced),
            Content::Music => (QUIET_MUSIC_DB, Cut::Music),
        };
        if level_db(middle, side) < quiet_db {
            return Some(Cut::Quiet);
        }
        (self.frames_since_cut >= FRAMES_BETWEEN_CUTS).then_some(cut)
    }
}

#[expect(
    clippy::cast_possible_wrap,
    reason = "counts of samples are below 12,000"
)]
const fn ticks(samples: usize) -> i64 {
    samples as i64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "0 to 4,800"
)]
const fn samples(ticks: i64) -> usize {
    ticks as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opus::{Encoder, Encoding, MAX_FRAME_BYTES};

    /// One second of a hum, in packets of 20 ms.
    #[expect(clippy::cast_precision_loss, reason = "sample numbers are small")]
    fn hum() -> Vec<Vec<u8>> {
        let mut encoder = Encoder::new(Encoding::default()).unwrap();
        let mut packet = [0; MAX_FRAME_BYTES];
        (0..50)
            .map(|number| {
                let sound: [f32; FRAME] =
                    std::array::from_fn(|n| 0.2 * ((number * FRAME + n) as f32 * 0.06).sin());
                encoder.encode(&sound, &mut packet).unwrap().to_vec()
            })
            .collect()
    }

    /// Let a voice whose packets come this much more than 20 ms apart speak for 30 s; gives back in
    /// how many frames something had to be made up.
    fn made_up(more: i64) -> usize {
        let mut voice = Voice::new(Content::Voices).unwrap();
        let mut frame = Frame::silent();
        let mut packets = (0..).zip(hum().into_iter().cycle()).peekable();
        let mut made_up = 0;
        for tick in 1..1_500 {
            let now = tick * FRAME_TICKS;
            while let Some((number, payload)) =
                packets.next_if(|(number, _)| i64::from(*number) * (FRAME_TICKS + more) <= now)
            {
                #[expect(clippy::cast_possible_truncation, reason = "below 2,000")]
                let sequence = number as u16;
                let timestamp = number * 960;
                let payload = &payload;
                let packet = RtpAudio {
                    sequence,
                    timestamp,
                    marker: false,
                    payload,
                };
                voice.push(&packet, i64::from(number) * (FRAME_TICKS + more));
            }
            voice.give(now, &mut frame);
            made_up += usize::from(voice.bridged > 0);
        }
        made_up
    }

    #[test]
    fn a_word_begins_and_breaks_off_without_a_step() {
        let mut voice = Voice::new(Content::Voices).unwrap();
        let mut given = Vec::new();
        let mut frame = Frame::silent();
        // The hum is met in the middle, and goes on a second later without a packet between.
        let packets = (0_u16..).zip(hum().into_iter().skip(10).take(20));
        for (sequence, payload) in packets {
            let pause = if sequence < 10 { 0 } else { 48_000 };
            let timestamp = u32::from(sequence) * 960 + pause;
            let packet = RtpAudio {
                sequence,
                timestamp,
                marker: false,
                payload: &payload,
            };
            voice.push(&packet, i64::from(timestamp) + FRAME_TICKS);
            for tick in 0..if sequence == 10 { 20 } else { 1 } {
                let now = i64::from(timestamp) + (3 + tick) * FRAME_TICKS;
                voice.give(now, &mut frame);
                given.extend_from_slice(frame.middle.as_slice());
            }
        }

        let loudest = given
            .iter()
            .fold(0.0_f32, |most, sample| most.max(sample.abs()));
        let steepest = given
            .windows(2)
            .map(|pair| (pair[1] - pair[0]).abs())
            .fold(0.0, f32::max);
        // The hum itself rises by 0.012 a sample.
        assert!(loudest > 0.15, "{loudest}");
        assert!(steepest < 0.02, "{steepest}");
    }

    /// How often the network's calm after a storm lets soft sound be cut.
    fn cuts_in_soft_sound(content: Content) -> usize {
        let mut encoder = Encoder::new(Encoding::default()).unwrap();
        let mut payload = [0; MAX_FRAME_BYTES];
        let (mut voice, mut frame) = (Voice::new(content).unwrap(), Frame::silent());
        let mut noise = 1_u32;
        let mut cuts = 0;
        for number in 0..1_000_u16 {
            // -57 dBFS: in a voice, that is a pause.
            let sound: [f32; FRAME] = std::array::from_fn(|_| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                0.0025 * ((noise >> 8) as f32 / 8_388_608.0 - 1.0)
            });
            let packet = RtpAudio {
                sequence: number,
                timestamp: u32::from(number) * 960,
                marker: false,
                payload: encoder.encode(&sound, &mut payload).unwrap(),
            };
            let late = if number < 100 {
                i64::from(number % 4) * 700
            } else {
                0
            };
            let now = i64::from(number + 1) * FRAME_TICKS;
            voice.push(&packet, now + late);
            voice.give(now + FRAME_TICKS - 1, &mut frame);
            cuts += usize::from(voice.frames_since_cut == 0);
        }
        cuts
    }

    #[test]
    fn soft_music_is_not_cut_where_a_voice_would_be() {
        assert!(cuts_in_soft_sound(Content::Voices) > 0);
        assert_eq!(cuts_in_soft_sound(Content::Music), 0);
    }

    #[test]
    fn a_slow_clock_is_followed_before_anything_is_missing() {
        // 1,000 ppm: in 30 s the speaker is 30 ms behind, more than there was to spare.
        assert_eq!(made_up(1), 0);
    }

    #[test]
    fn what_a_sender_leaves_out_is_made_up() {
        assert!(made_up(480) > 100);
    }
}
