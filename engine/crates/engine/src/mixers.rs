//! The mixer thread's work: which spaces are mixed, whose packets feed which voice, and when it
//! can be said that a voice is gone. Time is an argument.
//!
//! Who owns what: this owns every `SpaceMixer`. It hears from the shards alone and tells them
//! alone; it never waits for them. What a mix sounds like is the business of `mix`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;

use crate::config::REPORT_EVERY;
use crate::feedback::{Feedback, Reported};
use crate::governor::{Effort, Governor, Load, Step, TICK_LATE_AFTER};
use crate::ids::{PeerId, SourceId, SpaceId, Token};
use crate::mix::{FrameSet, PacketTime, RtpAudio, SpaceMixer, Tick};
use crate::opus::{Content, Encoding, OpusError};
use crate::packet_times::PacketTimes;
use crate::shards::InEvery;
use crate::stats::Stats;

/// Messages that may wait for the mixer.
pub(crate) const MAX_WAITING: usize = 8192;

/// How hard encoders search for the best bits when there is no time: level 2 takes half as long
/// as level 5.
const QUICK: u8 = 2;

/// One opened voice packet.
#[derive(Debug)]
pub(crate) struct Speech {
    pub(crate) space: SpaceId,
    pub(crate) source: SourceId,
    pub(crate) peer: PeerId,
    pub(crate) ssrc: u32,
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    pub(crate) marker: bool,
    pub(crate) payload: Box<[u8]>,
    pub(crate) at: Instant,
}

/// What shards tell the mixer.
#[derive(Debug)]
pub(crate) enum ToMixer {
    OpenSpace(SpaceId, Arc<Feedback>),
    CloseSpace {
        space: SpaceId,
        token: Token,
    },
    Join(SpaceId),
    Leave {
        space: SpaceId,
        source: SourceId,
        peer: PeerId,
        token: Option<Token>,
    },
    Gate {
        space: SpaceId,
        source: SourceId,
        peer: PeerId,
        open: bool,
        token: Token,
    },
    Speech(Speech),
    Play {
        space: SpaceId,
        source: SourceId,
        packets: Vec<Box<[u8]>>,
    },
    StopPlaying {
        space: SpaceId,
        source: SourceId,
    },
    /// What is heard in a space from now on.
    SetContent(SpaceId, Content),
    /// How long packets of listeners are; `None`: as the audience asks.
    SetPacketTime(Option<PacketTime>),
}

/// What the mixer tells every shard.
#[derive(Debug, Clone)]
pub(crate) enum FromMixer {
    /// What everybody in a space hears next.
    Frames {
        space: SpaceId,
        frames: Arc<FrameSet>,
        mixed_at: Instant,
    },
    /// All frames told before this are the last with whatever the command ended.
    Settled(Token),
    /// A clip is over.
    ClipEnded { space: SpaceId, source: SourceId },
    /// Packets of a space's listeners are of another length from now on.
    PacketTime { space: SpaceId, time: PacketTime },
    /// What is left out changed, or how many more there is room for.
    Load(Load),
}

impl FromMixer {
    /// Whether the shard may miss it when it is behind.
    pub(crate) const fn is_frames(&self) -> bool {
        matches!(self, Self::Frames { .. })
    }
}

/// All spaces.
pub(crate) struct Mixers {
    spaces: FxHashMap<SpaceId, Space>,
    packet_times: PacketTimes,
    governor: Governor,
    told: Vec<FromMixer>,
    closings: InEvery,
    stats: Arc<Stats>,
    /// When it is looked again at what listeners report.
    next_look: Option<Instant>,
}

/// One space: mixed while there is somebody to hear it or a clip to end.
#[derive(Default)]
struct Space {
    mixer: Option<SpaceMixer>,
    /// Where its RTP clock starts: those who listen hear time go on, whatever happens to a mixer.
    began: Option<Instant>,
    peers: usize,
    content: Content,
    packet_time: PacketTime,
    complexity: u8,
    voices: FxHashMap<SourceId, Voice>,
    /// Who waits until nothing is sent any more of what was closed, and for how many ticks yet.
    settling: Vec<(u64, Token)>,
    /// What its listeners report, from each shard.
    feedback: Vec<Arc<Feedback>>,
    /// What they reported in the last few seconds.
    reported: Reported,
}

/// Where a voice comes from.
#[derive(Debug, Default)]
struct Voice {
    /// Whose packets are taken, and their SSRC once one came. A person may have two connections;
    /// the gate opened last speaks.
    feeder: Option<(PeerId, Option<u32>)>,
    playing: bool,
}

impl Mixers {
    /// Mixers that hear from so many shards.
    pub(crate) fn new(shards: usize, stats: Arc<Stats>) -> Self {
        Self {
            spaces: FxHashMap::default(),
            packet_times: PacketTimes::default(),
            governor: Governor::new(Arc::clone(&stats)),
            told: Vec::new(),
            closings: InEvery::new(shards),
            stats,
            next_look: None,
        }
    }

    /// What there is to tell the shards, oldest first.
    pub(crate) fn told(&mut self) -> impl Iterator<Item = FromMixer> {
        self.told.drain(..)
    }

    /// Something from a shard.
    pub(crate) fn hear(&mut self, message: ToMixer, now: Instant) {
        match message {
            ToMixer::OpenSpace(space, feedback) => {
                let space = self.spaces.entry(space).or_default();
                space.feedback.push(feedback);
            }
            ToMixer::CloseSpace { space, token } => self.close_space(space, token),
            ToMixer::Join(space) => self.with(space, |space| {
                space.peers += 1;
                Ok(())
            }),
            ToMixer::Leave {
                space,
                source,
                peer,
                token,
            } => {
                self.leave(space, source, peer, token);
            }
            ToMixer::Gate {
                space,
                source,
                peer,
                open: true,
                token,
            } => {
                self.with(space, |space| space.open(source, peer, now));
                self.told.push(FromMixer::Settled(token));
            }
            ToMixer::Gate {
                space,
                source,
                peer,
                open: false,
                token,
            } => {
                self.close_gate(space, source, peer, token);
            }
            ToMixer::Speech(speech) => self.with(speech.space, |space| space.speak(&speech)),
            ToMixer::Play {
                space,
                source,
                packets,
            } => {
                self.play(space, source, packets, now);
            }
            ToMixer::StopPlaying { space, source } => {
                self.with(space, |space| {
                    space.stop_playing(source);
                    Ok(())
                });
            }
            ToMixer::SetContent(space, content) => self.with(space, |space| {
                space.content = content;
                Ok(())
            }),
            ToMixer::SetPacketTime(time) => self.packet_times.fix(time),
        }
    }

    /// Judge the second that is over, and leave out from now on what there is no time for.
    pub(crate) fn judge(&mut self, effort: Effort) {
        let load = self.governor.judge(effort, self.packet_times.longest());
        self.told.extend(load.map(FromMixer::Load));
        self.packet_times
            .strain(self.governor.step() >= Step::Packets);
    }

    /// Mix the next 20 ms of every space.
    pub(crate) fn tick(&mut self, now: Instant) {
        let audience = self.spaces.values().map(|space| space.peers).sum();
        self.packet_times.follow(audience);
        if self.next_look.is_none_or(|at| now >= at) {
            self.next_look = Some(now + REPORT_EVERY);
            self.look_at_reports();
        }
        let is_quick = self.governor.step() >= Step::Encoding;
        for (id, space) in &mut self.spaces {
            let time = self.packet_times.of_space(space.peers, space.content);
            space.set_packet_time(*id, time, &mut self.told);
            space.complexity = if is_quick {
                QUICK
            } else {
                Encoding::default().complexity
            };
            space.tick(*id, now, &mut self.told, &self.stats);
        }
    }

    /// A tick began so long after it was due.
    pub(crate) fn count_tick(&self, late: Duration) {
        self.stats.ticks.one();
        if late >= TICK_LATE_AFTER {
            self.stats.ticks_late.one();
        }
    }

    /// Take what listeners reported since the last time.
    fn look_at_reports(&mut self) {
        let mut all = Reported::default();
        for space in self.spaces.values_mut() {
            space.reported = Reported::default();
            for feedback in &space.feedback {
                space.reported += feedback.take();
            }
            all += space.reported;
        }
        let stats = &self.stats;
        for (gauge, mean) in [
            (&stats.reported_lost_ppm, all.lost_ppm()),
            (&stats.reported_lossy_ppm, all.lossy_ppm()),
            (&stats.reported_jitter_us, all.jitter_us()),
            (&stats.reported_round_trip_us, all.round_trip_us()),
        ] {
            gauge.set(mean.unwrap_or(0) as usize);
        }
    }

    /// Do something with a space, if there is one. Libopus without memory is counted; a panic
    /// costs this space its mixer, which is made anew, and nothing else.
    fn with(&mut self, id: SpaceId, act: impl FnOnce(&mut Space) -> Result<(), OpusError>) {
        let Some(space) = self.spaces.get_mut(&id) else {
            return;
        };
        match catch_unwind(AssertUnwindSafe(|| act(space))) {
            Ok(Ok(())) => {}
            Ok(Err(_)) => self.stats.faults.one(),
            Err(_) => space.fail(id, &mut self.told, &self.stats),
        }
    }

    /// Play a clip; one that cannot begin is over at once.
    fn play(&mut self, space: SpaceId, source: SourceId, packets: Vec<Box<[u8]>>, now: Instant) {
        let mut began = false;
        self.with(space, |space| {
            space.play(source, packets, now)?;
            began = true;
            Ok(())
        });
        if !began {
            self.told.push(FromMixer::ClipEnded { space, source });
        }
    }

    /// When every shard has closed the space, no frame of it is made any more.
    fn close_space(&mut self, space: SpaceId, token: Token) {
        if !self.closings.happened(token) {
            return;
        }
        if let Some(mut closed) = self.spaces.remove(&space) {
            closed.end_clips(space, &mut self.told);
            closed.rest(&mut self.told);
        }
        self.told.push(FromMixer::Settled(token));
    }

    fn leave(&mut self, space: SpaceId, source: SourceId, peer: PeerId, token: Option<Token>) {
        self.with(space, |space| {
            space.peers = space.peers.saturating_sub(1);
            space.close(source, peer);
            Ok(())
        });
        if let Some(token) = token {
            self.settle(space, token);
        }
    }

    fn close_gate(&mut self, space: SpaceId, source: SourceId, peer: PeerId, token: Token) {
        self.with(space, |space| {
            space.close(source, peer);
            Ok(())
        });
        self.settle(space, token);
    }

    /// Answer when no later frame holds anything of what was closed: at once when nothing is
    /// mixed, else after the next tick, whose frames are the last to hold its ending.
    fn settle(&mut self, space: SpaceId, token: Token) {
        match self.spaces.get_mut(&space) {
            Some(space) if space.mixer.is_some() => {
                space.settling.push((space.packet_time.frames(), token));
            }
            _ => self.told.push(FromMixer::Settled(token)),
        }
    }
}

impl Space {
    /// Take the packets of this peer for a voice, and nobody else's.
    fn open(&mut self, source: SourceId, peer: PeerId, now: Instant) -> Result<(), OpusError> {
        let voice = self.voices.entry(source).or_default();
        if voice.feeder.is_some_and(|(feeder, _)| feeder == peer) {
            return Ok(());
        }
        voice.feeder = Some((peer, None));
        if voice.playing {
            // It is heard when the clip is over.
            return Ok(());
        }
        let mixer = self.mixer(now)?;
        mixer.close(source);
        mixer.open(source)
    }

    /// Take no more packets of this peer; what is left of them is dropped.
    fn close(&mut self, source: SourceId, peer: PeerId) {
        let Some(voice) = self.voices.get_mut(&source) else {
            return;
        };
        if voice.feeder.is_some_and(|(feeder, _)| feeder == peer) {
            voice.feeder = None;
            if let Some(mixer) = &mut self.mixer {
                mixer.close(source);
            }
        }
    }

    fn speak(&mut self, speech: &Speech) -> Result<(), OpusError> {
        let (
            Some(mixer),
            Some(Voice {
                feeder: Some((peer, ssrc)),
                playing: false,
            }),
        ) = (&mut self.mixer, self.voices.get_mut(&speech.source))
        else {
            return Ok(());
        };
        if *peer != speech.peer {
            return Ok(());
        }
        if ssrc
            .replace(speech.ssrc)
            .is_some_and(|before| before != speech.ssrc)
        {
            // Another microphone: its sequence numbers mean nothing to the old buffer.
            mixer.close(speech.source);
            mixer.open(speech.source)?;
        }
        let packet = RtpAudio {
            sequence: speech.sequence,
            timestamp: speech.timestamp,
            marker: speech.marker,
            payload: &speech.payload,
        };
        mixer.push(speech.source, &packet, speech.at);
        Ok(())
    }

    fn play(
        &mut self,
        source: SourceId,
        packets: Vec<Box<[u8]>>,
        now: Instant,
    ) -> Result<(), OpusError> {
        self.mixer(now)?.play(source, packets)?;
        self.voices.entry(source).or_default().playing = true;
        Ok(())
    }

    fn stop_playing(&mut self, source: SourceId) {
        if let Some(mixer) = &mut self.mixer {
            mixer.stop_playing(source);
        }
        self.played(source);
    }

    /// A clip is over; whoever has the gate open is heard again.
    fn played(&mut self, source: SourceId) {
        let Some(voice) = self.voices.get_mut(&source) else {
            return;
        };
        voice.playing = false;
        if let (Some(_), Some(mixer)) = (voice.feeder, &mut self.mixer) {
            // Without memory for a decoder it stays silent until its gate is opened again.
            let _ = mixer.open(source);
        }
    }

    /// The mixer of this space, made if there is none.
    fn mixer(&mut self, now: Instant) -> Result<&mut SpaceMixer, OpusError> {
        let mixer = if let Some(mixer) = self.mixer.take() {
            mixer
        } else {
            // A mixer that takes over from a broken one goes on with its clock.
            let began = *self.began.get_or_insert(now);
            let mut mixer = SpaceMixer::new(began)?;
            mixer.set_content(self.content);
            for (source, voice) in &self.voices {
                if voice.feeder.is_some() {
                    mixer.open(*source)?;
                }
            }
            mixer
        };
        Ok(self.mixer.insert(mixer))
    }

    /// Mix the next 20 ms, or rest when there is nobody to hear it and no clip to end.
    fn tick(&mut self, id: SpaceId, now: Instant, told: &mut Vec<FromMixer>, stats: &Stats) {
        self.voices
            .retain(|_, voice| voice.feeder.is_some() || voice.playing);
        if self.peers == 0 && !self.voices.values().any(|voice| voice.playing) {
            self.rest(told);
            return;
        }
        let (content, time, complexity) = (self.content, self.packet_time, self.complexity);
        let mixed = self.mixer(now).ok().and_then(|mixer| {
            mixer.set_content(content);
            mixer.set_packet_time(time);
            mixer.set_complexity(complexity);
            catch_unwind(AssertUnwindSafe(|| mixer.tick(now))).ok()
        });
        let Some(Tick {
            frames,
            ended_clips,
        }) = mixed
        else {
            self.fail(id, told, stats);
            return;
        };
        told.extend(frames.map(|frames| FromMixer::Frames {
            space: id,
            frames: Arc::new(frames),
            mixed_at: now,
        }));
        for source in ended_clips {
            self.played(source);
            told.push(FromMixer::ClipEnded { space: id, source });
        }
        self.tell_settled(told);
    }

    /// Let packets of listeners be this long from the next tick on.
    fn set_packet_time(&mut self, id: SpaceId, time: PacketTime, told: &mut Vec<FromMixer>) {
        if self.packet_time == time {
            return;
        }
        self.packet_time = time;
        for (ticks, _) in &mut self.settling {
            *ticks = time.frames().max(*ticks);
        }
        told.push(FromMixer::PacketTime { space: id, time });
    }

    /// Answer those after whose command as many ticks have passed as a packet has frames: in
    /// packets of 120 ms the frame with a voice's ending leaves for some listeners five ticks later.
    fn tell_settled(&mut self, told: &mut Vec<FromMixer>) {
        for (ticks, _) in &mut self.settling {
            *ticks -= 1;
        }
        let settled = self.settling.extract_if(.., |(ticks, _)| *ticks == 0);
        told.extend(settled.map(|(_, token)| FromMixer::Settled(token)));
    }

    /// What a packet broke is thrown away with all it held; the next tick begins anew.
    fn fail(&mut self, id: SpaceId, told: &mut Vec<FromMixer>, stats: &Stats) {
        stats.faults.one();
        self.rest(told);
        self.end_clips(id, told);
        self.voices.retain(|_, voice| voice.feeder.is_some());
    }

    /// No clip is heard any more, and whoever let it be played is told.
    fn end_clips(&mut self, id: SpaceId, told: &mut Vec<FromMixer>) {
        for (source, voice) in &mut self.voices {
            if std::mem::take(&mut voice.playing) {
                told.push(FromMixer::ClipEnded {
                    space: id,
                    source: *source,
                });
            }
        }
    }

    /// Without a mixer nothing of anybody is left to be heard.
    fn rest(&mut self, told: &mut Vec<FromMixer>) {
        self.mixer = None;
        told.extend(
            self.settling
                .drain(..)
                .map(|(_, token)| FromMixer::Settled(token)),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mix::TICK;

    const SPACE: SpaceId = SpaceId(1);
    const AMA: SourceId = SourceId(100);
    const PEER: PeerId = PeerId(1);
    /// Opus in CELT mode, 20 ms, with nothing in it.
    const SILENCE: [u8; 3] = [0xF8, 0xFF, 0xFE];

    #[expect(clippy::disallowed_methods, reason = "virtual time begins somewhere")]
    fn beginning() -> Instant {
        Instant::now()
    }

    /// A space with one peer in it.
    fn one_peer(now: Instant) -> Mixers {
        let mut mixers = Mixers::new(1, Arc::default());
        mixers.hear(ToMixer::OpenSpace(SPACE, Arc::default()), now);
        mixers.hear(ToMixer::Join(SPACE), now);
        mixers
    }

    fn play(frames: usize) -> ToMixer {
        ToMixer::Play {
            space: SPACE,
            source: AMA,
            packets: vec![Box::from(SILENCE); frames],
        }
    }

    fn gate(open: bool, token: u64) -> ToMixer {
        ToMixer::Gate {
            space: SPACE,
            source: AMA,
            peer: PEER,
            open,
            token: Token(token),
        }
    }

    fn speech(ssrc: u32, at: Instant) -> ToMixer {
        ToMixer::Speech(Speech {
            space: SPACE,
            source: AMA,
            peer: PEER,
            ssrc,
            sequence: 1,
            timestamp: 1,
            marker: false,
            payload: Box::from(SILENCE),
            at,
        })
    }

    /// The number of ticks until the clip has ended, at most 100.
    fn ticks_to_the_end(mixers: &mut Mixers, mut now: Instant) -> Option<usize> {
        (1..=100).find(|_| {
            now += TICK;
            mixers.tick(now);
            mixers
                .told()
                .any(|told| matches!(told, FromMixer::ClipEnded { source: AMA, .. }))
        })
    }

    #[test]
    fn a_gate_that_opens_lets_the_clip_of_its_source_end() {
        let now = beginning();
        let mut mixers = one_peer(now);
        mixers.hear(play(10), now);
        mixers.hear(gate(true, 1), now);

        assert_eq!(ticks_to_the_end(&mut mixers, now), Some(11));
    }

    #[test]
    fn another_microphone_lets_the_clip_of_its_source_end() {
        let now = beginning();
        let mut mixers = one_peer(now);
        mixers.hear(gate(true, 1), now);
        mixers.hear(speech(7, now), now);
        mixers.hear(play(10), now);
        mixers.hear(speech(8, now), now);

        assert_eq!(ticks_to_the_end(&mut mixers, now), Some(11));
    }

    #[test]
    fn time_goes_on_in_the_mixer_that_takes_over_from_a_broken_one() {
        let began = beginning();
        let mut mixers = one_peer(began);
        let mut timestamps = Vec::new();
        for tick in 1..=100 {
            if tick == 50 {
                mixers.spaces.get_mut(&SPACE).unwrap().mixer = None;
            }
            mixers.tick(began + tick * TICK);
            timestamps.extend(mixers.told().filter_map(|told| match told {
                FromMixer::Frames { frames, .. } => Some(frames.timestamp),
                _ => None,
            }));
        }

        assert!(timestamps.len() > 3);
        assert!(
            timestamps.is_sorted_by(|before, after| before < after),
            "{timestamps:?}"
        );
    }

    #[test]
    fn a_tick_counts_as_late_from_ten_milliseconds_on() {
        let mixers = Mixers::new(1, Arc::default());
        for late_ms in [0, 9, 10, 25] {
            mixers.count_tick(Duration::from_millis(late_ms));
        }

        let stats = &mixers.stats;
        assert_eq!((stats.ticks.get(), stats.ticks_late.get()), (4, 2));
    }

    #[test]
    fn a_clip_for_a_space_that_is_gone_is_over_at_once() {
        let mut mixers = Mixers::new(1, Arc::default());
        mixers.hear(play(10), beginning());

        let told: Vec<_> = mixers.told().collect();
        assert!(matches!(
            told[..],
            [FromMixer::ClipEnded {
                space: SPACE,
                source: AMA
            }]
        ));
    }

    /// Judge so many seconds in which a thread was so busy, with a tick after each.
    fn spend(mixers: &mut Mixers, busy: u64, seconds: u32, now: &mut Instant) -> Vec<FromMixer> {
        let effort = Effort {
            busy,
            ..Effort::default()
        };
        let mut told = Vec::new();
        for _ in 0..seconds {
            mixers.judge(effort);
            *now += TICK;
            mixers.tick(*now);
            told.extend(mixers.told().filter(|told| !told.is_frames()));
        }
        told
    }

    #[test]
    fn a_strained_engine_leaves_out_one_thing_after_the_other_and_takes_all_up_again() {
        let mut now = beginning();
        let mut mixers = one_peer(now);
        for _ in 0..1_000 {
            mixers.hear(ToMixer::Join(SPACE), now);
        }
        mixers.stats.peers.set(1_001);
        let told = spend(&mut mixers, 990, 20, &mut now);
        let shown: Vec<String> = told
            .iter()
            .map(|told| match told {
                FromMixer::Load(load) => load.step.code().into(),
                FromMixer::PacketTime { time, .. } => format!("{} ms", time.code()),
                other => format!("{other:?}"),
            })
            .collect();
        assert_eq!(
            shown,
            ["none", "encoding", "events", "packets", "40 ms", "closed"]
        );
        assert_eq!(mixers.spaces[&SPACE].complexity, QUICK);

        let told = spend(&mut mixers, 100, 100, &mut now);
        let is_short = |told: &FromMixer| matches!(told, FromMixer::PacketTime { time, .. } if *time == PacketTime::Ms20);
        assert!(told.iter().any(is_short));
        assert!(mixers.spaces[&SPACE].complexity > QUICK);
    }

    #[test]
    fn a_space_is_mixed_until_the_last_shard_has_closed_it() {
        let now = beginning();
        let mut mixers = Mixers::new(2, Arc::default());
        for _ in 0..2 {
            mixers.hear(ToMixer::OpenSpace(SPACE, Arc::default()), now);
        }
        mixers.hear(play(10), now);
        let close = || ToMixer::CloseSpace {
            space: SPACE,
            token: Token(1),
        };
        mixers.hear(close(), now);
        assert_eq!(mixers.told().count(), 0);
        // A peer of the other shard, which has not heard yet that the space is closed.
        mixers.hear(ToMixer::Join(SPACE), now);
        mixers.hear(close(), now);

        let told: Vec<_> = mixers.told().collect();
        assert!(matches!(
            told[..],
            [
                FromMixer::ClipEnded { source: AMA, .. },
                FromMixer::Settled(Token(1))
            ]
        ));
        assert!(mixers.spaces.is_empty());
    }

    #[test]
    fn a_panic_between_two_ticks_costs_one_space_its_mixer_and_nothing_else() {
        let now = beginning();
        let mut mixers = one_peer(now);
        mixers.hear(gate(true, 1), now);
        mixers.hear(gate(false, 2), now);
        mixers.hear(play(10), now);
        assert_eq!(mixers.told().count(), 1, "the closing waits for a tick");
        mixers.with(SPACE, |_| panic!("planted in a test"));

        let told: Vec<_> = mixers.told().collect();
        assert!(matches!(
            told[..],
            [
                FromMixer::Settled(Token(2)),
                FromMixer::ClipEnded { source: AMA, .. }
            ]
        ));
        assert_eq!(mixers.stats.faults.get(), 1);
        mixers.tick(now + TICK);
        assert!(mixers.told().any(|told| told.is_frames()), "it goes on");
    }
}
