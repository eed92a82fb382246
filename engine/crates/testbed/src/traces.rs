//! Speech through networks of all kinds and the mixer, in virtual time: what is left of it.
//!
//! What is heard is laid out in the speaker's own time, so that it can be compared with what came
//! through a calm network sample by sample, however long the jitter buffer waited.

use std::io;
use std::time::{Duration, Instant};

use convivium_engine::SourceId;
use convivium_engine::mix::{Reception, RtpAudio, SpaceMixer, TICK};
use convivium_engine::opus::{Decoder, Encoding, FRAME};

use crate::network::{Conditions, Network};
use crate::speaker::{Manner, Speaker};
use crate::speech::Recording;

const SOURCE: SourceId = SourceId(1);

/// 20 ms in samples.
const FRAME_TICKS: i64 = 960;

/// The way of every packet before the network does anything else to it.
const WAY: Duration = Duration::from_millis(10);

/// From the mixer's voice to what a listener decodes: the limiter's 5 ms and the codec's 6.5.
const BEHIND: usize = 240 + 312;

/// What was said in the last 400 ms may still be waiting when a trace ends: it is not judged.
const UNFINISHED: usize = 400 * 48;

/// A frame below this level (dBFS) is not speech; one that lost this much is not heard.
const SPEECH_DB: f32 = -45.0;
const MISSED_DB: f32 = 10.0;

/// One kind of network.
#[derive(Debug, Clone, Copy)]
pub struct Trace {
    /// A word for files and tables.
    pub name: &'static str,
    /// What the network is like at a time.
    pub weather: fn(Duration) -> Conditions,
    /// How much slower the speaker's clock runs than ours, in parts per million.
    pub slow_ppm: f64,
    /// What the speaker's encoder has been told of losses, 0 to 100 %: browsers follow the reports.
    pub expected_loss_percent: u8,
}

/// The calm network, with which all others are compared.
pub const CLEAN: Trace = trace("clean", |_| calm(), 0.0, 0);

/// Every network that is tried.
pub const TRACES: [Trace; 10] = [
    trace("gilbert-5", |_| gilbert(0.05), 0.0, 5),
    trace("gilbert-10", |_| gilbert(0.1), 0.0, 10),
    trace("gilbert-20", |_| gilbert(0.2), 0.0, 20),
    trace("gilbert-30", |_| gilbert(0.3), 0.0, 20),
    trace("jitter-50-40", |_| jitter(), 0.0, 0),
    trace("reordered", |_| reordered(), 0.0, 0),
    trace("wifi-spikes", wifi, 0.0, 0),
    trace("lte-hand-over", hand_over, 0.0, 0),
    trace("drift-slow", |_| calm(), 200.0, 0),
    trace("drift-fast", |_| calm(), -200.0, 0),
];

const fn trace(
    name: &'static str,
    weather: fn(Duration) -> Conditions,
    slow_ppm: f64,
    expected_loss_percent: u8,
) -> Trace {
    Trace {
        name,
        weather,
        slow_ppm,
        expected_loss_percent,
    }
}

fn calm() -> Conditions {
    Conditions {
        delay: WAY,
        ..Conditions::default()
    }
}

/// Losses in bursts of 1.5 packets on average.
fn gilbert(loss: f64) -> Conditions {
    Conditions {
        loss,
        burst: 1.5,
        ..calm()
    }
}

/// 50 ms on average, up to 40 more or less.
fn jitter() -> Conditions {
    Conditions {
        scattered: Duration::from_millis(80),
        ..calm()
    }
}

/// One in fifty comes 50 ms after its turn, one in twenty comes twice.
fn reordered() -> Conditions {
    Conditions {
        reordered: 0.02,
        doubled: 0.05,
        ..calm()
    }
}

/// Every two seconds nothing comes for 60, 120 or 180 ms, then everything at once.
fn wifi(now: Duration) -> Conditions {
    let spike = now.as_millis() % 2_000 >= 1_000 && now.as_millis() % 2_000 < 1_020;
    let stall = Duration::from_millis(60) * ((now.as_secs() / 2 % 3) as u32 + 1);
    Conditions {
        delay: if spike { WAY + stall } else { WAY },
        jitter: Duration::from_millis(2),
        ..calm()
    }
}

/// Every fifteen seconds 100 ms are lost, then 300 ms come late and at once.
fn hand_over(now: Duration) -> Conditions {
    let into = now.as_millis() % 15_000;
    Conditions {
        loss: if (5_000..5_100).contains(&into) {
            1.0
        } else {
            0.0
        },
        delay: if (5_100..5_120).contains(&into) {
            WAY + Duration::from_millis(300)
        } else {
            WAY
        },
        jitter: Duration::from_millis(4),
        ..calm()
    }
}

/// What came of a trace.
#[derive(Debug)]
pub struct Outcome {
    /// What was heard, in the speaker's time, but for the end that may still be waiting.
    pub heard: Vec<f32>,
    /// How the mixer got it.
    pub reception: Reception,
    /// For each tick: its time, how much longer sound waited than for its packet to be complete
    /// and to come the shortest way (ms), and what of it was made up (samples).
    pub ticks: Vec<(Duration, f32, u64)>,
    /// The packets of the common lane.
    pub packets: Vec<Box<[u8]>>,
}

/// Let somebody speak through this network for a while, with `lane_loss_percent` expected by the
/// mixer's encoder.
///
/// # Errors
/// When libopus fails.
pub fn run(
    trace: &Trace,
    said: &Recording,
    time: Duration,
    lane_loss_percent: u8,
) -> io::Result<Outcome> {
    let manner = Manner {
        slow_ppm: trace.slow_ppm,
        first_timestamp: 0,
        encoding: Encoding {
            complexity: 9,
            expected_loss_percent: trace.expected_loss_percent,
            ..Encoding::default()
        },
        ..Manner::default()
    };
    let mut speaker = Speaker::new(said.clone(), manner).map_err(io::Error::other)?;
    let mut network = Network::new(7, calm());
    let mut listener = Listener::new(time, lane_loss_percent, trace.slow_ppm)?;
    for tick in 1..=(time.as_millis() / TICK.as_millis()) as u32 {
        let now = TICK * tick;
        while let Some(spoken) = speaker.speak(now).map_err(io::Error::other)? {
            network.become_like((trace.weather)(spoken.at));
            let bytes = spoken.payload.len() as u32 + 40;
            network.send(spoken.at, bytes, spoken);
        }
        while let Some((arrival, spoken)) = network.arrived(now) {
            let packet = RtpAudio {
                sequence: spoken.sequence,
                timestamp: spoken.timestamp,
                marker: false,
                payload: &spoken.payload,
            };
            listener
                .mixer
                .push(SOURCE, &packet, listener.began + arrival);
        }
        listener.tick(now)?;
    }
    Ok(listener.outcome())
}

/// A mixer, and somebody who hears what it mixes.
struct Listener {
    mixer: SpaceMixer,
    began: Instant,
    /// How much slower than this clock the speaker's is.
    slow_ppm: f64,
    decoder: Decoder,
    sound: Vec<f32>,
    /// Where in the speaker's time the frame of each tick begins, if it is known.
    places: Vec<Option<i64>>,
    ticks: Vec<(Duration, f32, u64)>,
    packets: Vec<Box<[u8]>>,
    made_up: u64,
    last: Reception,
}

impl Listener {
    fn new(time: Duration, lane_loss_percent: u8, slow_ppm: f64) -> io::Result<Self> {
        #[expect(clippy::disallowed_methods, reason = "virtual time begins somewhere")]
        let began = Instant::now();
        let mut mixer = SpaceMixer::new(began).map_err(io::Error::other)?;
        mixer.open(SOURCE).map_err(io::Error::other)?;
        mixer
            .set_expected_loss(lane_loss_percent)
            .map_err(io::Error::other)?;
        Ok(Self {
            mixer,
            began,
            slow_ppm,
            decoder: Decoder::new().map_err(io::Error::other)?,
            sound: Vec::with_capacity(time.as_millis() as usize * 48),
            places: Vec::new(),
            ticks: Vec::new(),
            packets: Vec::new(),
            made_up: 0,
            last: Reception::default(),
        })
    }

    fn tick(&mut self, now: Duration) -> io::Result<()> {
        let mut frame = [0.0; FRAME];
        if let Some(frames) = self.mixer.tick(self.began + now).frames {
            let payload = &frames.common.payload;
            self.decoder
                .decode(payload, &mut frame)
                .map_err(io::Error::other)?;
            self.packets.push(payload.as_ref().into());
        }
        self.sound.extend_from_slice(&frame);
        self.last = self.mixer.reception(SOURCE).unwrap_or_default();
        let place = self.last.next.map(|next| next - FRAME_TICKS);
        if let Some(place) = place {
            let spoken = (place + FRAME_TICKS) as f64 * (1.0 + self.slow_ppm / 1e6);
            let complete = spoken as i64 + samples(WAY);
            let waited = (samples(now) - complete) as f32 / 48.0;
            let made_up = self.last.made_up - self.made_up;
            self.ticks.push((now, waited, made_up));
        }
        self.made_up = self.last.made_up;
        self.places.push(place);
        Ok(())
    }

    /// Lay out what was heard where the speaker said it.
    fn outcome(self) -> Outcome {
        let mut heard = vec![0.0; self.sound.len().saturating_sub(UNFINISHED)];
        for (tick, place) in self.places.iter().enumerate() {
            let from = tick * FRAME + BEHIND;
            let place = place.and_then(|place| usize::try_from(place).ok());
            let frames = place.and_then(|place| {
                heard
                    .get_mut(place..place + FRAME)
                    .zip(self.sound.get(from..from + FRAME))
            });
            if let Some((heard, sound)) = frames {
                heard.copy_from_slice(sound);
            }
        }
        Outcome {
            heard,
            reception: self.last,
            ticks: self.ticks,
            packets: self.packets,
        }
    }
}

/// The share of the frames with speech in `clean` that are not missing in `heard`, 0 to 1.
#[must_use]
pub fn audible(clean: &[f32], heard: &[f32]) -> f64 {
    let (mut speech, mut missed) = (0.0, 0.0);
    for (clean, heard) in clean.chunks(FRAME).zip(heard.chunks(FRAME)) {
        let level = level_db(clean);
        if level > SPEECH_DB {
            speech += 1.0;
            missed += f64::from(u8::from(level_db(heard) < level - MISSED_DB));
        }
    }
    1.0 - missed / f64::max(speech, 1.0)
}

fn level_db(sound: &[f32]) -> f32 {
    let energy: f32 = sound.iter().map(|sample| sample * sample).sum();
    10.0 * (energy / sound.len().max(1) as f32).max(1e-12).log10()
}

fn samples(time: Duration) -> i64 {
    time.as_micros() as i64 * 48 / 1_000
}

/// What reaches a listener over a lossy way from the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repair {
    /// The copies within packets, as the encoder made them.
    Fec,
    /// Each packet brings the one before it along, whole (RFC 2198): twice the octets.
    Red,
    /// Whatever is missing is asked for once (RFC 4585) and comes a round trip later, unless it is
    /// lost again; a listener waits that long for everything.
    Nack,
}

/// What a listener makes of a lane of which this share of packets is lost, in bursts of 1.2.
///
/// # Errors
/// When libopus fails.
pub fn downlink(packets: &[Box<[u8]>], loss: f64, repair: Repair) -> io::Result<Vec<f32>> {
    let came = arrivals(packets.len(), loss, repair);
    let mut decoder = Decoder::new().map_err(io::Error::other)?;
    let mut sound = Vec::with_capacity(packets.len() * FRAME);
    for (number, packet) in packets.iter().enumerate() {
        let mut frame = [0.0; FRAME];
        let next = packets
            .get(number + 1)
            .filter(|_| came.get(number + 1) == Some(&true));
        match next {
            _ if came[number] => decoder.decode(packet, &mut frame),
            Some(_) if repair == Repair::Red => decoder.decode(packet, &mut frame),
            Some(next) if repair == Repair::Fec => decoder.recover(next, &mut frame),
            _ => decoder.conceal(&mut frame),
        }
        .map_err(io::Error::other)?;
        sound.extend_from_slice(&frame);
    }
    Ok(sound)
}

/// Which packets are there when their turn comes.
fn arrivals(packets: usize, loss: f64, repair: Repair) -> Vec<bool> {
    let lossy = Conditions {
        loss,
        burst: 1.2,
        ..Conditions::default()
    };
    let mut came = vec![false; packets];
    let asked = if repair == Repair::Nack { 2 } else { 1 };
    for attempt in 0..asked {
        let mut network = Network::new(11 + attempt, lossy);
        for number in 0..packets {
            network.send(Duration::ZERO, 100, number);
        }
        while let Some((_, number)) = network.arrived(Duration::MAX) {
            came[number] = true;
        }
    }
    came
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speech::demo_voices;

    const SHORT: Duration = Duration::from_secs(8);

    fn speech() -> Recording {
        Recording::of_speaker(&demo_voices(), "bo")
            .unwrap()
            .at_loudness(-20.0)
    }

    /// The 95th of a hundred ticks' waits, in ms.
    fn waited_ms(outcome: &Outcome) -> f32 {
        let mut waits: Vec<_> = outcome.ticks.iter().map(|(_, waited, _)| *waited).collect();
        waits.sort_by(f32::total_cmp);
        waits[waits.len() * 95 / 100]
    }

    #[test]
    fn what_is_lost_in_hard_networks_is_hardly_missed() {
        let said = speech();
        let clean = run(&CLEAN, &said, SHORT, 10).unwrap();
        for (name, least, longest_ms) in [
            ("gilbert-5", 0.99, 60.0),
            ("gilbert-10", 0.985, 60.0),
            ("gilbert-20", 0.96, 60.0),
            ("gilbert-30", 0.96, 70.0),
            ("jitter-50-40", 0.99, 120.0),
            ("reordered", 0.985, 90.0),
            ("wifi-spikes", 0.985, 230.0),
            ("lte-hand-over", 0.975, 340.0),
        ] {
            let trace = TRACES.iter().find(|trace| trace.name == name).unwrap();

            let outcome = run(trace, &said, SHORT, 10).unwrap();

            let audible = audible(&clean.heard, &outcome.heard);
            let waited = waited_ms(&outcome);
            println!(
                "{name}: {audible:.4} audible, waited {waited:.0} ms, {:?}",
                outcome.reception
            );
            assert!(audible >= least, "{name}: {audible:.4}");
            assert!(waited <= longest_ms, "{name}: {waited} ms");
        }
    }

    #[test]
    fn one_lost_packet_in_twenty_takes_less_than_one_frame_in_two_hundred() {
        let (said, minute) = (speech(), Duration::from_secs(60));
        let clean = run(&CLEAN, &said, minute, 10).unwrap();

        let outcome = run(&TRACES[0], &said, minute, 10).unwrap();

        let audible = audible(&clean.heard, &outcome.heard);
        assert!(audible >= 0.995, "{}: {audible:.4}", TRACES[0].name);
    }

    #[test]
    fn a_calm_network_takes_nothing_and_a_dead_one_everything() {
        let said = speech();
        let clean = run(&CLEAN, &said, Duration::from_secs(3), 10).unwrap();

        assert_eq!(clean.reception.recovered, 0);
        assert!(waited_ms(&clean) < 40.0, "{}", waited_ms(&clean));
        let close = |one: f64, other: f64| (one - other).abs() < 1e-9;
        assert!(close(audible(&clean.heard, &clean.heard), 1.0));
        assert!(close(
            audible(&clean.heard, &vec![0.0; clean.heard.len()]),
            0.0
        ));
    }

    #[test]
    fn drifting_clocks_are_followed() {
        let said = speech();
        for name in ["drift-slow", "drift-fast"] {
            let trace = TRACES.iter().find(|trace| trace.name == name).unwrap();

            let outcome = run(trace, &said, Duration::from_secs(60), 10).unwrap();

            assert!(
                waited_ms(&outcome) < 45.0,
                "{name}: {}",
                waited_ms(&outcome)
            );
            assert_eq!(outcome.reception.recovered, 0, "{name}");
        }
    }

    #[test]
    fn sound_waits_no_longer_however_far_clocks_part() {
        let said = speech();
        // Five minutes of the worst clocks in one: they part by 60 ms.
        for slow_ppm in [1_000.0, -1_000.0] {
            let hurried = trace("hurried", |_| calm(), slow_ppm, 0);

            let outcome = run(&hurried, &said, Duration::from_secs(60), 10).unwrap();

            let waited = outcome.ticks.iter().skip(250).map(|tick| tick.1);
            let (least, most) = waited.fold((f32::MAX, f32::MIN), |(least, most), ms| {
                (least.min(ms), most.max(ms))
            });
            assert!(
                least > 0.0 && most < 60.0,
                "{slow_ppm}: {least} to {most} ms"
            );
            assert_eq!(outcome.reception.made_up, 0, "{slow_ppm}");
        }
    }

    #[test]
    fn a_listener_gets_back_what_a_repair_can_bring() {
        let lane = |expected| run(&CLEAN, &speech(), SHORT, expected).unwrap().packets;
        let (bare, with_copies) = (lane(0), lane(10));
        let left = |packets: &[Box<[u8]>], repair| {
            let whole = downlink(packets, 0.0, repair).unwrap();
            audible(&whole, &downlink(packets, 0.2, repair).unwrap())
        };

        let made_up = left(&bare, Repair::Fec);
        for (packets, repair) in [
            (&with_copies, Repair::Fec),
            (&bare, Repair::Red),
            (&bare, Repair::Nack),
        ] {
            let repaired = left(packets, repair);
            println!("{repair:?}: {repaired:.4} instead of {made_up:.4}");
            assert!(
                repaired > made_up + 0.005,
                "{repair:?}: {repaired:.4}, {made_up:.4}"
            );
        }
    }
}
