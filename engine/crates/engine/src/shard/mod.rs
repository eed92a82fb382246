//! A shard: owns its share of the peers, and everything sent to them. Time is an argument.
//!
//! Who owns what: a shard owns its peers (session, lanes, addresses) and an outbox of its own, and
//! writes what the demultiplexer knows of them. It hears of datagrams from the receive thread, of
//! frames from the mixer and of commands from the owner, each by a bounded queue, and answers the
//! owner through the event queue. Shards know nothing of one another: every space is in all of
//! them, with those of its peers who live there.
//!
//! A peer that fails, even by a panic, ends alone.

mod members;
mod notify;
mod outside;
mod pace;
mod peer;
mod roam;
mod way;
mod wheel;

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};
use std::time::Instant;

use rustc_hash::FxHashMap;

use members::{Member, Members};
pub(crate) use outside::{Beginnings, Outside};
use pace::Share;
use peer::Peer;
use wheel::Wheel;

use crate::command::Command;
use crate::config::{MAX_PEERS, RESERVED_PEERS, STALE_AFTER};
use crate::event::{CloseReason, Event};
use crate::governor::LATE_AFTER;
use crate::ids::{PeerId, SourceId, SpaceId, Token};
use crate::mix::FrameSet;
use crate::mixers::{FromMixer, ToMixer};
use crate::opus::Content;
use crate::rtc::{Identity, Refusal, Session};
use crate::rx::{Class, Inbound};
use crate::sums::TOLD_EVERY;

/// Data channels that are written to before the shard looks for frames again: about half a
/// millisecond.
const TOLD_AT_ONCE: usize = 32;
/// Peers for whom time passes before the shard looks for frames again: about two milliseconds.
const DUE_AT_ONCE: usize = 64;

/// Some of the peers, all spaces, and the deadlines of the peers.
pub(crate) struct Shard {
    number: usize,
    identity: Arc<Identity>,
    candidates: Vec<SocketAddr>,
    /// Boxed: a peer is 1.7 kB, and a map that grows moves what it holds.
    peers: FxHashMap<PeerId, Box<Peer>>,
    spaces: FxHashMap<SpaceId, Members>,
    deadlines: Wheel,
    telling: Option<Telling>,
    /// When sums of what was counted are told.
    sums_due: Option<Instant>,
    most_peers: usize,
    reserved_peers: usize,
    outside: Outside,
    /// When the frames were mixed that are on their way to the socket.
    on_their_way: Vec<Instant>,
}

/// An event on its way to many.
struct Telling {
    message: Arc<str>,
    /// Who has not been told yet.
    left: Vec<PeerId>,
}

impl Shard {
    pub(crate) fn new(
        number: usize,
        identity: Arc<Identity>,
        candidates: Vec<SocketAddr>,
        outside: Outside,
    ) -> Self {
        Self {
            number,
            identity,
            candidates,
            peers: FxHashMap::default(),
            spaces: FxHashMap::default(),
            deadlines: Wheel::new(outside.wall.read_at()),
            telling: None,
            sums_due: None,
            most_peers: MAX_PEERS,
            reserved_peers: RESERVED_PEERS,
            outside,
            on_their_way: Vec::new(),
        }
    }

    /// Let the numbers of peers that connect from now on begin so.
    pub(crate) fn begin_at(&mut self, beginnings: fn() -> Beginnings) {
        self.outside.beginnings = beginnings;
    }

    /// What there is of peers in any of the maps, the demultiplexer's included.
    pub(crate) fn left_of_peers(&self) -> usize {
        let demux = self.outside.demux.read();
        let known = demux.unwrap_or_else(PoisonError::into_inner).len();
        let members = self.spaces.values().map(|members| members.ids().len());
        self.peers.len() + members.sum::<usize>() + known
    }

    /// When [`Shard::advance`] is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadlines.due().into_iter().chain(self.sums_due).min()
    }

    /// Let time pass: what is due happens, to so many that sound need not wait. Who is left is
    /// due at once.
    pub(crate) fn advance(&mut self, now: Instant) {
        if self.sums_due.take_if(|due| *due <= now).is_some() {
            self.tell_sums();
        }
        for _ in 0..DUE_AT_ONCE {
            let Some((slot, id)) = self.deadlines.take(now) else {
                break;
            };
            let Some(peer) = self
                .peers
                .get_mut(&id)
                .filter(|peer| peer.scheduled == Some(slot))
            else {
                continue;
            };
            peer.scheduled = None;
            if peer.deadline() > now {
                // It was heard of since: nothing of it is due any more.
                self.schedule(id);
                continue;
            }
            self.with_peer(id, now, |peer, outside| peer.advance(outside, now));
        }
    }

    /// Tell the owner how often what is counted came, in which spaces it did.
    fn tell_sums(&mut self) {
        for (space, members) in &mut self.spaces {
            if let Some(counts) = members.sums.take(self.outside.counted.len()) {
                let space = *space;
                self.outside.events.push(Event::Counted { space, counts });
            }
        }
    }

    /// Hand over what was written. To be called when there is nothing else to do at once.
    pub(crate) fn flush(&mut self) {
        self.outside.flush();
    }

    /// The frames heard of are with the socket now.
    pub(crate) fn sent(&mut self, now: Instant) {
        for mixed_at in self.on_their_way.drain(..) {
            self.outside.stats.sets.one();
            if now.saturating_duration_since(mixed_at) >= LATE_AFTER {
                self.outside.stats.sets_late.one();
            }
        }
    }

    /// A datagram that passed the way in.
    pub(crate) fn receive(&mut self, inbound: Inbound) {
        let Inbound {
            peer,
            class,
            from,
            datagram,
            at,
        } = inbound;
        if class == Class::Stun && !self.outside.may_claim(from, peer, at) {
            self.outside.stats.dropped_addresses.one();
            return;
        }
        self.with_peer(peer, at, |peer, outside| match class {
            Class::Stun => {
                peer.check(from, &datagram, outside, at);
                Ok(())
            }
            Class::Dtls => peer.receive(&datagram, at),
            Class::Rtp => {
                peer.voice(from, datagram, outside, at);
                Ok(())
            }
            Class::Rtcp => {
                peer.heard_from(from, outside, at);
                Ok(())
            }
        });
    }

    /// Something from the mixer.
    pub(crate) fn hear(&mut self, message: FromMixer, now: Instant) {
        match message {
            FromMixer::Frames {
                space,
                frames,
                mixed_at,
            } => {
                self.fan_out(space, &frames, mixed_at, now);
            }
            FromMixer::Settled(token) => {
                // What was mixed before has to be with the sockets before anybody relies on this.
                self.outside.flush();
                self.outside.settled(token);
            }
            FromMixer::ClipEnded { space, source } if self.is_first() => {
                self.outside.events.push(Event::ClipEnded { space, source });
            }
            FromMixer::PacketTime { space, time } if self.is_first() => {
                self.outside.events.push(Event::PacketTime { space, time });
            }
            FromMixer::Load(load) if self.is_first() => {
                self.outside.events.push(Event::Load(load));
            }
            FromMixer::ClipEnded { .. } | FromMixer::PacketTime { .. } | FromMixer::Load(_) => {}
        }
    }

    fn fan_out(&mut self, space: SpaceId, frames: &Arc<FrameSet>, mixed_at: Instant, now: Instant) {
        let Some(members) = self.spaces.get_mut(&space) else {
            return;
        };
        members.clock = Some((frames.timestamp, mixed_at));
        members.quiet = frames.quiet.then(|| Arc::clone(frames));
        self.on_their_way.push(mixed_at);
        if now.saturating_duration_since(mixed_at) > STALE_AFTER {
            self.outside.stats.dropped_stale.one();
            return;
        }
        self.with_members(space, frames, |member, share, outside| {
            member.hear(frames, share, outside);
        });
    }

    /// Serve everybody in a space who is due something; whoever panics ends, and nobody else notices.
    fn with_members(
        &mut self,
        space: SpaceId,
        frames: &FrameSet,
        serve: impl Fn(&mut Member, &Share, &mut Outside),
    ) {
        let Some(members) = self.spaces.get_mut(&space) else {
            return;
        };
        let outside = &mut self.outside;
        let mut broken = Vec::new();
        for member in members.in_turn() {
            let Some(share) = member.take(frames) else {
                continue;
            };
            if catch_unwind(AssertUnwindSafe(|| serve(member, &share, outside))).is_err() {
                broken.push(member.id);
            }
        }
        for id in broken {
            self.outside.stats.faults.one();
            self.end(id, CloseReason::Fault);
        }
    }

    /// Whether an event is on its way to many; commands after it wait, so that everybody is told
    /// everything in order.
    pub(crate) fn is_telling(&self) -> bool {
        self.telling.is_some()
    }

    /// Tell some of those who are still to be told.
    pub(crate) fn tell_some(&mut self, now: Instant) {
        let Some(mut telling) = self.telling.take() else {
            return;
        };
        let rest = telling.left.len().saturating_sub(TOLD_AT_ONCE);
        for id in telling.left.drain(rest..) {
            self.with_peer(id, now, |peer, outside| {
                peer.tell(&telling.message, outside);
                Ok(())
            });
        }
        self.telling = Some(telling).filter(|telling| !telling.left.is_empty());
    }

    /// Tell everybody that it is over, as far as the time suffices: they know at once what they
    /// would else conclude from silence.
    pub(crate) fn say_goodbye(&mut self, until: Instant, now: impl Fn() -> Instant) {
        for mut peer in std::mem::take(&mut self.peers).into_values() {
            if now() >= until {
                break;
            }
            self.dismiss(&mut peer);
        }
        self.flush();
    }

    fn tell(&mut self, left: Vec<PeerId>, message: Arc<str>, now: Instant) {
        self.telling = Some(Telling { message, left });
        self.tell_some(now);
    }

    /// A command of the owner. What was on its way is told first.
    pub(crate) fn obey(&mut self, command: Command, now: Instant) {
        while self.is_telling() {
            self.tell_some(now);
        }
        match command {
            Command::OpenSpace { space } => self.open_space(space),
            Command::CloseSpace { space, token } => self.close_space(space, token),
            Command::Answer {
                space,
                peer,
                source,
                offer,
                is_expected,
                token,
            } => {
                let room = if is_expected { 0 } else { self.reserved_peers };
                let answered = self.answer(space, peer, source, &offer, room, now);
                self.reply(token, answered);
            }
            Command::Restart {
                peer,
                fragment,
                token,
            } => {
                let answered = self.restart(peer, &fragment, now);
                self.reply(token, answered);
            }
            Command::SetGate { peer, open, token } => self.set_gate(peer, open, token),
            Command::ClosePeer { peer, token } => self.close_peer(peer, token),
            Command::Send { peers, message } => self.tell(peers, message, now),
            Command::SendSnapshot { peer, message } => {
                self.with_peer(peer, now, |peer, outside| {
                    peer.tell_snapshot(&message, outside);
                    Ok(())
                });
            }
            Command::Broadcast { space, message } => {
                let peers = self
                    .spaces
                    .get(&space)
                    .map(Members::ids)
                    .unwrap_or_default();
                self.tell(peers, message, now);
            }
            Command::Play {
                space,
                source,
                packets,
            } => {
                self.outside.arrange(ToMixer::Play {
                    space,
                    source,
                    packets,
                });
            }
            Command::StopPlaying { space, source } => {
                self.outside.arrange(ToMixer::StopPlaying { space, source });
            }
            Command::SetContent { space, content } => self.set_content(space, content),
            Command::SetPacketTime { time } => {
                self.outside.arrange(ToMixer::SetPacketTime(time));
            }
        }
    }

    fn open_space(&mut self, space: SpaceId) {
        self.spaces.entry(space).or_insert_with(|| {
            let feedback = Arc::default();
            self.outside
                .arrange(ToMixer::OpenSpace(space, Arc::clone(&feedback)));
            Members::new(self.number, feedback)
        });
        self.count_spaces();
    }

    fn set_content(&mut self, space: SpaceId, content: Content) {
        if let Some(members) = self.spaces.get_mut(&space) {
            members.content = content;
            // Every shard says so: the last to be asked is the last to say it.
            self.outside.arrange(ToMixer::SetContent(space, content));
        }
    }

    fn close_space(&mut self, space: SpaceId, token: Token) {
        for id in self.spaces.remove(&space).iter().flat_map(Members::ids) {
            if let Some(mut peer) = self.take(id) {
                self.dismiss(&mut peer);
            }
        }
        self.outside.arrange(ToMixer::CloseSpace { space, token });
        self.count_spaces();
    }

    fn answer(
        &mut self,
        space: SpaceId,
        id: PeerId,
        source: SourceId,
        offer: &str,
        kept_free: usize,
        now: Instant,
    ) -> Result<String, Refused> {
        let members = self.spaces.get_mut(&space).ok_or(Refused::UnknownSpace)?;
        if self.peers.contains_key(&id) {
            return Err(Refused::PeerExists);
        }
        if !self
            .outside
            .stats
            .peers
            .one_up_to(self.most_peers - kept_free)
        {
            return Err(Refused::Busy);
        }
        let (candidates, content) = (&self.candidates, members.content);
        let accept = || Session::accept(&self.identity, candidates, offer, content, now);
        let accepted = catch_unwind(accept).unwrap_or_else(|_| {
            self.outside.stats.faults.one();
            Err(Refusal::Bad("it upset the server".into()))
        });
        let (session, answer) = accepted.inspect_err(|_| self.outside.stats.peers.less(1))?;
        let feedback = members.feedback();
        let peer = Peer::new(id, space, source, session, feedback, &self.outside, now);
        self.peers.insert(id, Box::new(peer));
        members.add(id, source);
        self.outside.arrange(ToMixer::Join(space));
        self.with_peer(id, now, |_, _| Ok(()));
        Ok(answer)
    }

    fn restart(&mut self, id: PeerId, fragment: &str, now: Instant) -> Result<String, Refused> {
        let mut answered = Err(Refused::UnknownPeer);
        self.with_peer(id, now, |peer, outside| {
            answered = peer.restart(fragment, outside).map_err(Refused::Offer);
            Ok(())
        });
        answered
    }

    fn reply(&self, token: Token, answered: Result<String, Refused>) {
        self.outside.events.push(match answered {
            Ok(text) => Event::Answered { token, text },
            Err(refused) => Event::Refused {
                token,
                code: refused.code(),
                text: refused.to_string(),
            },
        });
    }

    fn set_gate(&mut self, id: PeerId, open: bool, token: Token) {
        let Some(peer) = self.peers.get_mut(&id) else {
            self.reply(token, Err(Refused::UnknownPeer));
            return;
        };
        peer.set_open(open);
        let (space, source) = (peer.space(), peer.source());
        if let Some(members) = self.spaces.get_mut(&space) {
            members.set_open(id, open);
        }
        self.outside.arrange(ToMixer::Gate {
            space,
            source,
            peer: id,
            open,
            token,
        });
    }

    fn close_peer(&mut self, id: PeerId, token: Token) {
        if let Some(mut peer) = self.take(id) {
            self.dismiss(&mut peer);
            self.forget(&peer, Some(token));
        } else {
            self.outside.events.push(Event::Done { token });
        }
    }

    /// Say goodbye to a peer that has to go, and listen to it no longer.
    fn dismiss(&mut self, peer: &mut Peer) {
        let outside = &mut self.outside;
        let said = catch_unwind(AssertUnwindSafe(|| peer.say_goodbye(outside)));
        if said.is_err() {
            self.outside.stats.faults.one();
        }
        peer.vanish(&self.outside);
    }

    /// Do something with a peer, then what its session wants done, and note its next deadline.
    /// Whatever goes wrong ends this peer and nothing else.
    fn with_peer(
        &mut self,
        id: PeerId,
        now: Instant,
        act: impl FnOnce(&mut Peer, &mut Outside) -> Result<(), CloseReason>,
    ) {
        let Some(peer) = self.peers.get_mut(&id) else {
            return;
        };
        let outside = &mut self.outside;
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            act(peer, outside)?;
            peer.drive(outside, now)
        }));
        match outcome {
            Ok(Ok(())) => {
                self.follow(id, now);
                self.schedule(id);
            }
            Ok(Err(why)) => self.end(id, why),
            Err(_) => {
                self.outside.stats.faults.one();
                self.end(id, CloseReason::Fault);
            }
        }
    }

    /// Let the way to a peer be as the peer says.
    fn follow(&mut self, id: PeerId, now: Instant) {
        let Some(peer) = self.peers.get_mut(&id) else {
            return;
        };
        let (begun, turned, reports) = (peer.take_way(), peer.take_turn(), peer.take_due_report());
        let said = peer.take_said();
        if begun.is_none() && !turned && !reports && said.is_empty() {
            return;
        }
        let Some(members) = self.spaces.get_mut(&peer.space()) else {
            return;
        };
        for place in said {
            members.sums.add(usize::from(place));
            self.sums_due.get_or_insert(now + TOLD_EVERY);
        }
        let (clock, quiet) = (members.clock, members.quiet.clone());
        let Some(member) = members.get_mut(id) else {
            return;
        };
        let has_begun = begun.is_some();
        if let Some(begun) = begun {
            member.way = Some(*begun);
        }
        let Some(way) = &mut member.way else { return };
        way.to = peer.way_ends();
        if let Some((frames, clock)) = quiet.as_deref().filter(|_| has_begun).zip(clock) {
            // The next sign of life may be two seconds away.
            way.greet(frames, clock, &mut self.outside, now);
        }
        if reports {
            way.report(clock, peer.block(now), &mut self.outside, now);
            if quiet.is_some() {
                peer.report_later(now);
            }
        }
    }

    fn schedule(&mut self, id: PeerId) {
        let Some(peer) = self.peers.get_mut(&id) else {
            return;
        };
        let slot = self.deadlines.slot_of(peer.deadline());
        if peer.scheduled.is_none_or(|scheduled| slot < scheduled) {
            peer.scheduled = Some(slot);
            self.deadlines.put(slot, id);
        }
    }

    /// A peer ended by itself.
    fn end(&mut self, id: PeerId, why: CloseReason) {
        if let Some(peer) = self.take(id) {
            peer.vanish(&self.outside);
            self.forget(&peer, None);
            self.outside.events.push(Event::Closed { peer: id, why });
        }
    }

    /// Take a peer out of the shard, to end it.
    fn take(&mut self, id: PeerId) -> Option<Box<Peer>> {
        let peer = self.peers.remove(&id);
        self.outside.stats.peers.less(usize::from(peer.is_some()));
        peer
    }

    /// Take a peer out of its space; the mixer answers the token when its voice is gone too.
    fn forget(&mut self, peer: &Peer, token: Option<Token>) {
        let (space, source, id) = (peer.space(), peer.source(), peer.id());
        if let Some(members) = self.spaces.get_mut(&space) {
            members.remove(id);
        }
        self.outside.arrange(ToMixer::Leave {
            space,
            source,
            peer: id,
            token,
        });
    }

    /// The first of the shards says what concerns none of their peers.
    const fn is_first(&self) -> bool {
        self.number == 0
    }

    fn count_spaces(&self) {
        if self.is_first() {
            self.outside.stats.spaces.set(self.spaces.len());
        }
    }
}

/// Why a command was refused later than at once.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error(transparent)]
    Offer(#[from] Refusal),
    #[error("There is no such space.")]
    UnknownSpace,
    #[error("There is no such peer.")]
    UnknownPeer,
    #[error("There is a peer of this number.")]
    PeerExists,
    #[error("The server is full.")]
    Busy,
}

impl Refused {
    const fn code(&self) -> &'static str {
        match self {
            Self::Offer(refusal) => refusal.code(),
            Self::UnknownSpace => "unknown_space",
            Self::UnknownPeer => "unknown_peer",
            Self::PeerExists => "bad_offer",
            Self::Busy => "busy",
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::Duration;

    use super::*;
    use crate::assembly::{Assembly, Network, assemble};
    use crate::clock::{WallClock, now};
    use crate::config::CONNECT_WITHIN;
    use crate::net::Nowhere;

    /// An engine with a space and two peers that have their answers.
    fn two_peers() -> Assembly {
        some_peers(2)
    }

    /// An engine of so many shards, reached by nobody.
    fn engine_of(shards: usize) -> Assembly {
        let network = Network {
            candidates: vec![SocketAddr::from(([10, 0, 0, 1], 4000))],
            answers: Box::new(Nowhere),
            sound: (0..shards).map(|_| Box::new(Nowhere) as _).collect(),
        };
        let wall = WallClock::new(now(), Duration::ZERO);
        assemble(Identity::generate().unwrap(), network, &[], wall).unwrap()
    }

    /// An engine with a space and peers that have their answers.
    pub(crate) fn some_peers(count: u64) -> Assembly {
        let mut parts = engine_of(1);
        let shard = &mut parts.shards[0].shard;
        shard.obey(Command::OpenSpace { space: SpaceId(1) }, now());
        for n in 1..=count {
            let answer = Command::Answer {
                space: SpaceId(1),
                peer: PeerId(n),
                source: SourceId(n as u32),
                offer: crate::rtc::tests::offer(now()),
                is_expected: false,
                token: Token(n),
            };
            shard.obey(answer, now());
        }
        parts
    }

    /// The only shard.
    fn shard_of(parts: &mut Assembly) -> &mut Shard {
        &mut parts.shards[0].shard
    }

    /// The first frames of an empty space.
    fn frames() -> FrameSet {
        let mut mixer = crate::mix::SpaceMixer::new(now()).unwrap();
        (0..50).find_map(|_| mixer.tick(now()).frames).unwrap()
    }

    #[test]
    fn a_panic_in_one_peer_ends_that_peer_only() {
        let mut parts = two_peers();
        assert_eq!(parts.controls.drain(10).len(), 2);
        shard_of(&mut parts).with_peer(PeerId(1), now(), |_, _| panic!("planted in a test"));

        let closed = Event::Closed {
            peer: PeerId(1),
            why: CloseReason::Fault,
        };
        assert_eq!(parts.controls.drain(10), [closed]);
        assert_eq!(
            shard_of(&mut parts).peers.keys().collect::<Vec<_>>(),
            [&PeerId(2)]
        );
        assert_eq!(parts.controls.stats().faults.get(), 1);
    }

    #[test]
    fn a_panic_while_sound_is_handed_out_ends_that_peer_only() {
        let mut parts = two_peers();
        assert_eq!(parts.controls.drain(10).len(), 2);
        let served = std::cell::Cell::new(0);
        shard_of(&mut parts).with_members(SpaceId(1), &frames(), |member, _, _| {
            assert_ne!(member.source, SourceId(1), "planted in a test");
            served.set(served.get() + 1);
        });

        let closed = Event::Closed {
            peer: PeerId(1),
            why: CloseReason::Fault,
        };
        assert_eq!(parts.controls.drain(10), [closed]);
        assert_eq!(served.get(), 1);
    }

    #[test]
    fn an_event_for_many_goes_out_in_parts_and_everybody_gets_all_in_order() {
        let many = TOLD_AT_ONCE as u64 + 1;
        let mut parts = some_peers(many);
        let broadcast = |text: &str| Command::Broadcast {
            space: SpaceId(1),
            message: text.into(),
        };
        // No channel is open, so that each message is counted as dropped.
        let told = |parts: &Assembly| parts.controls.stats().messages_dropped.get();
        shard_of(&mut parts).obey(broadcast("one"), now());
        assert_eq!(told(&parts), TOLD_AT_ONCE as u64);

        shard_of(&mut parts).obey(broadcast("two"), now());
        assert_eq!(told(&parts), many + TOLD_AT_ONCE as u64);

        shard_of(&mut parts).tell_some(now());
        assert_eq!(told(&parts), 2 * many);
        assert!(!shard_of(&mut parts).is_telling());
    }

    #[test]
    fn a_crowd_whose_time_has_come_is_served_in_parts() {
        let mut parts = some_peers(DUE_AT_ONCE as u64 + 1);
        // A slot of the wheel later, so that it is the time of everybody.
        let late = now() + CONNECT_WITHIN + Duration::from_millis(20);
        let _ = parts.controls.drain(usize::MAX);
        shard_of(&mut parts).advance(late);
        let ended = parts.controls.drain(usize::MAX).len();
        assert!((1..=DUE_AT_ONCE).contains(&ended), "{ended}");

        while let Some(due) = shard_of(&mut parts).deadline() {
            shard_of(&mut parts).advance(due.max(late));
        }
        assert_eq!(
            ended + parts.controls.drain(usize::MAX).len(),
            DUE_AT_ONCE + 1
        );
    }

    fn one_more(number: u64, is_expected: bool) -> Command {
        Command::Answer {
            space: SpaceId(1),
            peer: PeerId(number),
            source: SourceId(3),
            offer: crate::rtc::tests::offer(now()),
            is_expected,
            token: Token(number),
        }
    }

    #[test]
    fn the_last_places_are_for_those_who_are_expected() {
        let mut parts = two_peers();
        let shard = shard_of(&mut parts);
        (shard.most_peers, shard.reserved_peers) = (3, 1);
        for (number, is_expected) in [(3, false), (4, true), (5, true)] {
            shard.obey(one_more(number, is_expected), now());
        }
        let events = parts.controls.drain(10);
        let is_answered: Vec<bool> = events[2..]
            .iter()
            .map(|event| matches!(event, Event::Answered { .. }))
            .collect();

        assert_eq!(is_answered, [false, true, false], "{events:?}");
    }

    #[test]
    fn a_full_engine_refuses_offers_until_somebody_goes() {
        let mut parts = two_peers();
        let shard = shard_of(&mut parts);
        (shard.most_peers, shard.reserved_peers) = (2, 0);
        let answer = |token| one_more(token, false);
        let _ = parts.controls.drain(10);
        shard_of(&mut parts).obey(answer(3), now());
        shard_of(&mut parts).end(PeerId(1), CloseReason::Left);
        shard_of(&mut parts).obey(answer(4), now());

        let events = parts.controls.drain(10);
        let busy = |event: &Event| matches!(event, Event::Refused { code: "busy", .. });
        assert!(busy(&events[0]), "{events:?}");
        assert!(matches!(
            events[2],
            Event::Answered {
                token: Token(4),
                ..
            }
        ));
    }

    #[test]
    fn goodbyes_are_said_for_so_long_and_no_longer() {
        let mut parts = some_peers(10);
        let (began, said) = (now(), std::cell::Cell::new(0));
        // Each takes a millisecond.
        let clock = || began + Duration::from_millis(said.replace(said.get() + 1));
        shard_of(&mut parts).say_goodbye(began + Duration::from_millis(4), clock);

        assert_eq!(said.get(), 5);
    }

    #[test]
    fn what_the_mixer_has_settled_is_answered_when_every_shard_has_met_it() {
        let mut parts = engine_of(2);
        let token = Token(1);
        parts.shards[1].shard.hear(FromMixer::Settled(token), now());
        assert_eq!(parts.controls.drain(10), []);

        parts.shards[0].shard.hear(FromMixer::Settled(token), now());
        assert_eq!(parts.controls.drain(10), [Event::Done { token }]);
    }

    #[test]
    fn frames_that_come_too_late_are_not_sent() {
        let mut parts = two_peers();
        let late = FromMixer::Frames {
            space: SpaceId(1),
            frames: Arc::new(frames()),
            mixed_at: now(),
        };
        let shard = shard_of(&mut parts);
        shard.hear(late, now() + STALE_AFTER + Duration::from_secs(1));
        shard.sent(now() + STALE_AFTER);

        let stats = parts.controls.stats();
        assert_eq!(stats.dropped_stale.get(), 1);
        assert_eq!((stats.sets.get(), stats.sets_late.get()), (1, 1));
    }
}
