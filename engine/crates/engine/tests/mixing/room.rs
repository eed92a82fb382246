//! A room in virtual time: speakers behind lossy networks, one mixer, and ears on every lane.

use std::time::{Duration, Instant};

use convivium_engine::SourceId;
use convivium_engine::mix::{FrameSet, RtpAudio, SpaceMixer, TICK};
use convivium_testbed::ear::{Ear, Listener, StereoListener};
use convivium_testbed::network::{Conditions, Network};
use convivium_testbed::speaker::{Manner, Said, Speaker, Spoken};
use convivium_testbed::voice::Voice;

/// Samples in one second.
pub(crate) const SECOND: usize = 48_000;

/// How long the way from speaker to server takes when nothing disturbs it.
pub(crate) const WAY_MS: usize = 30;

/// A network that only takes its time.
pub(crate) const CALM: Conditions = Conditions {
    delay: Duration::from_millis(WAY_MS as u64),
    jitter: Duration::ZERO,
    loss: 0.0,
    burst: 1.0,
    reordered: 0.0,
    doubled: 0.0,
    rate: 0,
    scattered: Duration::ZERO,
};

pub(crate) const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// The moment at which virtual time begins.
#[expect(clippy::disallowed_methods, reason = "virtual time begins somewhere")]
pub(crate) fn beginning() -> Instant {
    Instant::now()
}

/// Somebody at the microphone, and the network in between.
struct Seat {
    source: SourceId,
    speaker: Speaker,
    network: Network<Spoken>,
}

/// Somebody who listens: on the lane of `source`, or on the common one.
struct Chair {
    source: Option<SourceId>,
    listener: Listener,
    /// The contributing sources of each tick that had a frame.
    csrc: Vec<(u32, Vec<u32>)>,
}

/// The room.
pub(crate) struct Room {
    pub(crate) mixer: SpaceMixer,
    began: Instant,
    tick: u32,
    seats: Vec<Seat>,
    chairs: Vec<Chair>,
    /// What was sent in each tick, the first at 0.
    pub(crate) sent: Vec<Option<FrameSet>>,
}

impl Room {
    pub(crate) fn new() -> Self {
        let began = beginning();
        Self {
            mixer: SpaceMixer::new(began).unwrap(),
            began,
            tick: 0,
            seats: Vec::new(),
            chairs: Vec::new(),
            sent: Vec::new(),
        }
    }

    /// Let voice and source `number` sit down, their gate open, with an ear of their own.
    pub(crate) fn seat(
        &mut self,
        number: u32,
        manner: Manner,
        conditions: Conditions,
    ) -> &mut Speaker {
        self.seat_saying(number, Voice::new(number), manner, conditions)
    }

    /// Let source `number` sit down and say something else than its tones.
    pub(crate) fn seat_saying(
        &mut self,
        number: u32,
        said: impl Into<Said>,
        manner: Manner,
        conditions: Conditions,
    ) -> &mut Speaker {
        let source = SourceId(number);
        self.mixer.open(source).unwrap();
        self.chair(Some(source));
        self.take_seat(source, Speaker::new(said, manner).unwrap(), conditions)
    }

    /// Let another device send as source `number`.
    pub(crate) fn another_speaker(
        &mut self,
        number: u32,
        manner: Manner,
        conditions: Conditions,
    ) -> &mut Speaker {
        let speaker = Speaker::new(Voice::new(number), manner).unwrap();
        self.take_seat(SourceId(number), speaker, conditions)
    }

    fn take_seat(
        &mut self,
        source: SourceId,
        speaker: Speaker,
        conditions: Conditions,
    ) -> &mut Speaker {
        self.seats.push(Seat {
            source,
            speaker,
            network: Network::new(source.0.into(), conditions),
        });
        &mut self.seats.last_mut().unwrap().speaker
    }

    /// Let somebody in who only listens; their place among the chairs is given back.
    pub(crate) fn listen(&mut self) -> usize {
        self.chair(None);
        self.chairs.len() - 1
    }

    fn chair(&mut self, source: Option<SourceId>) {
        let listener = Listener::new().unwrap();
        self.chairs.push(Chair {
            source,
            listener,
            csrc: Vec::new(),
        });
    }

    /// Change the weather on the way from a speaker.
    pub(crate) fn weather(&mut self, number: u32, conditions: Conditions) {
        let seat = self.seats.iter_mut().find(|seat| seat.source.0 == number);
        seat.unwrap().network.become_like(conditions);
    }

    /// Let time pass until this many milliseconds after the beginning.
    pub(crate) fn run_until(&mut self, milliseconds: u32) {
        while TICK * (self.tick + 1) <= Duration::from_millis(milliseconds.into()) {
            self.step();
        }
    }

    pub(crate) fn ear(&self, chair: usize) -> &Ear {
        &self.chairs[chair].listener.ear
    }

    /// The ear of the speaker with this number.
    pub(crate) fn ear_of(&self, number: u32) -> &Ear {
        self.ear(self.chair_of(number))
    }

    /// What both ears of somebody hear from a tick on: of the speaker with this number, or of a
    /// listener.
    pub(crate) fn both_ears_from(&self, first: usize, number: Option<u32>) -> StereoListener {
        let mut listener = StereoListener::new().unwrap();
        for (tick, frames) in self.sent.iter().enumerate().skip(first) {
            if let Some(frames) = frames {
                let lane = number.map_or(&frames.common, |number| frames.lane_of(SourceId(number)));
                // What is sent in a tick is heard after it, as by every chair.
                listener.hear((tick + 1) * 960, &lane.payload).unwrap();
            }
        }
        listener
    }

    /// The contributing sources a chair was told of at this time or soon after.
    pub(crate) fn csrc(&self, chair: usize, milliseconds: u32) -> &[u32] {
        let told = self.chairs[chair]
            .csrc
            .iter()
            .find(|(tick, _)| tick * 20 >= milliseconds);
        &told.unwrap().1
    }

    /// The contributing sources the speaker with this number was told of.
    pub(crate) fn csrc_of(&self, number: u32, milliseconds: u32) -> &[u32] {
        self.csrc(self.chair_of(number), milliseconds)
    }

    fn chair_of(&self, number: u32) -> usize {
        let source = Some(SourceId(number));
        self.chairs
            .iter()
            .position(|chair| chair.source == source)
            .unwrap()
    }

    fn step(&mut self) {
        self.tick += 1;
        let now = TICK * self.tick;
        for seat in &mut self.seats {
            while let Some(spoken) = seat.speaker.speak(now).unwrap() {
                let bytes = u32::try_from(spoken.payload.len()).unwrap() + 40;
                seat.network.send(spoken.at, bytes, spoken);
            }
            while let Some((arrival, spoken)) = seat.network.arrived(now) {
                let packet = RtpAudio {
                    sequence: spoken.sequence,
                    timestamp: spoken.timestamp,
                    marker: false,
                    payload: &spoken.payload,
                };
                self.mixer.push(seat.source, &packet, self.began + arrival);
            }
        }
        let tick = self.mixer.tick(self.began + now);
        if let Some(frames) = &tick.frames {
            self.deliver(frames);
        }
        self.sent.push(tick.frames);
    }

    fn deliver(&mut self, frames: &FrameSet) {
        let at = self.tick as usize * 960;
        for chair in &mut self.chairs {
            let lane = chair
                .source
                .map_or(&frames.common, |source| frames.lane_of(source));
            chair.listener.hear(at, &lane.payload).unwrap();
            chair.csrc.push((self.tick, lane.csrc.to_vec()));
        }
    }
}
