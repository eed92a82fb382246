//! One peer: where it is, what it may do, what it is sent. Time is an argument.
//!
//! A peer owns its session, what opens its packets, and its proven addresses. What seals sound and
//! reports for it is its `Way`, which lies with the members of its space; the peer says when there is
//! one, where it ends, and when a report is due. What it reaches beyond itself (the demultiplexer, the outbox, the mixer, the event queue) is lent to it as `Outside`.

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError};
use std::time::Instant;

use arrayvec::ArrayVec;

use super::notify::{Channel, Next};
use super::outside::{Outside, random, random_octets};
use super::roam::{Allowed, Heard, Paths};
use super::way::Way;
use super::wheel::Slot;
use crate::bucket::Bucket;
use crate::config::{CONNECT_WITHIN, QUIET_REPORT_EVERY, REPORT_EVERY, SILENCE_ENDS_AFTER};
use crate::event::{CloseReason, Event};
use crate::feedback::Feedback;
use crate::ids::{PeerId, SourceId, SpaceId};
use crate::mixers::{Speech, ToMixer};
use crate::rtc::{Ending, Fragment, Output, Refusal, Session};
use crate::rtp::{Block, Reception};
use crate::rx::{Asker, Check, Consent, Line, Reports, Transaction, is_answer};
use crate::srtp::{Opened, ReceiveLane, ReportLane, SendLane};
use crate::sums;

/// Messages to be counted that may come at once.
const MAX_SAID: usize = 16;

/// One connection of one person.
#[derive(Debug)]
pub(super) struct Peer {
    id: PeerId,
    space: SpaceId,
    source: SourceId,
    session: Session,
    line: Arc<Line>,
    /// There once the peer is connected.
    receive: Option<ReceiveLane>,
    /// A way that begins, until it is taken.
    way: Option<Box<Way>>,
    /// Where the way ended when it was asked for last.
    way_ended: Option<SocketAddr>,
    is_report_due: bool,
    /// Places of messages to be counted, until they are taken.
    said: ArrayVec<u8, MAX_SAID>,
    may_say: Bucket,
    paths: Paths,
    /// Whether the first destination is still to be chosen, after a join or a restart.
    may_begin: bool,
    channel: Channel,
    reception: Option<Reception>,
    feedback: Arc<Feedback>,
    born: Instant,
    session_wakes: Instant,
    next_report: Instant,
    /// Where among the shard's deadlines it is found.
    pub(super) scheduled: Option<Slot>,
}

impl Peer {
    /// A peer that has an answer, its gate closed; checks under its name reach it from now on.
    pub(super) fn new(
        id: PeerId,
        space: SpaceId,
        source: SourceId,
        session: Session,
        feedback: Arc<Feedback>,
        outside: &Outside,
        now: Instant,
    ) -> Self {
        let line = Line::new(id, now);
        let mut demux = outside
            .demux
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        demux.add_ufrag(session.ufrag(), &line);
        drop(demux);
        Self {
            id,
            space,
            source,
            session,
            line,
            receive: None,
            way: None,
            way_ended: None,
            is_report_due: false,
            said: ArrayVec::new(),
            may_say: sums::allowance(),
            paths: Paths::default(),
            may_begin: true,
            channel: Channel::default(),
            reception: None,
            feedback,
            born: now,
            session_wakes: now,
            next_report: now,
            scheduled: None,
        }
    }

    pub(super) fn id(&self) -> PeerId {
        self.id
    }

    pub(super) fn space(&self) -> SpaceId {
        self.space
    }

    pub(super) fn source(&self) -> SourceId {
        self.source
    }

    /// Let voice packets through, or drop them unopened from now on.
    pub(super) fn set_open(&mut self, open: bool) {
        if let Some(receive) = self.receive.as_mut().filter(|_| open) {
            receive.lose_count();
        }
        self.line.set_open(open);
    }

    /// When something is due: the session's timer, a report, a snapshot, or an end.
    pub(super) fn deadline(&self) -> Instant {
        let (end, _) = self.end();
        let due = if self.receive.is_some() {
            end.min(self.next_report)
        } else {
            end
        };
        let due = due.min(self.session_wakes);
        let due = self.paths.due().map_or(due, |at| due.min(at));
        self.channel.due().map_or(due, |at| due.min(at))
    }

    /// When it ends unless something happens, and why.
    fn end(&self) -> (Instant, CloseReason) {
        if self.receive.is_some() {
            (
                self.line.last_heard() + SILENCE_ENDS_AFTER,
                CloseReason::Silent,
            )
        } else {
            (self.born + CONNECT_WITHIN, CloseReason::NeverConnected)
        }
    }

    /// A STUN request under this peer's name, or an answer from one of its addresses. Only an
    /// authentic request makes an address known, and only from a known address is anything else
    /// listened to.
    pub(super) fn check(
        &mut self,
        from: SocketAddr,
        datagram: &[u8],
        outside: &mut Outside,
        now: Instant,
    ) {
        if let Some(asked) = self.paths.asked(from).filter(|_| is_answer(datagram)) {
            self.answered(from, &asked, datagram, outside, now);
            return;
        }
        outside.stats.checks_judged.one();
        let key = self.session.key_of_checks();
        let Some(check) = Check::authentic(from, datagram, self.session.ufrag(), &key) else {
            outside.stats.dropped_invalid.one();
            return;
        };
        if self.paths.knows(from) && !outside.holds(from, self.id) {
            // Another peer has proven it meanwhile.
            self.paths.forget(from);
        }
        if !self.paths.knows(from) {
            if !self.paths.know(from, now) {
                outside.stats.dropped_addresses.one();
                return;
            }
            outside.prove_address(from, &self.line);
        }
        self.line.heard_at(now);
        if self.receive.is_some() && self.paths.destination() != Some(from) {
            self.check_elsewhere(from, &check, outside, now);
            return;
        }
        if check.use_candidate && self.may_begin {
            self.may_begin = false;
            self.paths.begin_at(from);
            self.session.reach();
        }
        outside.send(from, &check.answer);
    }

    /// An authentic check of a connected peer from an address that is not in use.
    fn check_elsewhere(
        &mut self,
        from: SocketAddr,
        check: &Check,
        outside: &mut Outside,
        now: Instant,
    ) {
        let allowed = self.paths.ask(from, now, random_octets);
        if let Allowed::Both(transaction) | Allowed::Question(transaction) = &allowed {
            self.ask(from, transaction, outside);
        }
        match allowed {
            Allowed::Answer | Allowed::Both(_) => outside.send(from, &check.answer),
            Allowed::Question(_) => {}
            Allowed::Nothing => outside.stats.dropped_flood.one(),
        }
        let what = if check.use_candidate {
            Heard::Nomination
        } else {
            Heard::Check
        };
        self.heard_elsewhere(from, what, outside, now);
    }

    /// Something authentic came from an address that is not in use: it may become so.
    fn heard_elsewhere(&mut self, from: SocketAddr, what: Heard, outside: &Outside, now: Instant) {
        let used = self.line.last_used();
        if self.paths.heard(from, what, used, now) {
            self.moved(outside);
        }
    }

    /// Something authentic came that is not a check.
    pub(super) fn heard_from(&mut self, from: SocketAddr, outside: &Outside, now: Instant) {
        if self.paths.destination() == Some(from) {
            self.line.used_at(now);
        } else {
            self.line.heard_at(now);
            self.heard_elsewhere(from, Heard::Media, outside, now);
        }
    }

    fn ask(&self, to: SocketAddr, transaction: &Transaction, outside: &mut Outside) {
        outside.send(to, &self.asker().question(transaction));
    }

    fn asker(&self) -> Asker {
        let theirs = self.session.theirs();
        Asker::new(self.session.ufrag(), &theirs.ufrag, &theirs.password)
    }

    /// An answer to a question of ours: the peer receives where it says it is.
    fn answered(
        &mut self,
        from: SocketAddr,
        asked: &Transaction,
        datagram: &[u8],
        outside: &Outside,
        now: Instant,
    ) {
        if !self.asker().is_answer(asked, datagram) {
            outside.stats.dropped_invalid.one();
            return;
        }
        self.line.heard_at(now);
        if self.paths.answered(from, self.line.last_used(), now) {
            self.moved(outside);
        }
    }

    /// The destination is another one.
    fn moved(&mut self, outside: &Outside) {
        outside.stats.moves.one();
        self.open_consent_lane();
    }

    /// Once connected, let checks that change nothing be answered where they arrive. The lane ends
    /// with the name it answers to: at a restart, or when the peer vanishes.
    fn open_consent_lane(&self) {
        let address = self.paths.destination().filter(|_| self.receive.is_some());
        let Some(address) = address else { return };
        let (ours, theirs) = (self.session.ufrag(), &self.session.theirs().ufrag);
        self.line.answer_checks(Consent {
            address,
            username: format!("{ours}:{theirs}").into(),
            key: self.session.key_of_checks(),
        });
    }

    /// A datagram for the session.
    pub(super) fn receive(&mut self, datagram: &[u8], now: Instant) -> Result<(), CloseReason> {
        self.session
            .receive(datagram, now)
            .map_or(Ok(()), |ending| Err(ended(ending)))
    }

    /// A voice packet: opened here, mixed elsewhere.
    pub(super) fn voice(
        &mut self,
        from: SocketAddr,
        mut datagram: Box<[u8]>,
        outside: &Outside,
        now: Instant,
    ) {
        // The gate may have been closed while the packet waited.
        if !self.line.is_open() {
            outside.stats.dropped_gate.one();
            return;
        }
        let Some(receive) = &mut self.receive else {
            return;
        };
        let Ok(Opened { header, payload }) = receive.open_rtp(&mut datagram) else {
            outside.stats.dropped_invalid.one();
            return;
        };
        self.heard_from(from, outside, now);
        if header.payload_type != self.session.negotiated().payload_type || payload.is_empty() {
            outside.stats.dropped_invalid.one();
            return;
        }
        let known = self
            .reception
            .take()
            .filter(|reception| reception.ssrc() == header.ssrc);
        let mut reception = known.unwrap_or_else(|| Reception::new(&header, now));
        reception.arrived(&header, now);
        self.reception = Some(reception);
        outside.stats.voice_in.one();
        outside.speak(ToMixer::Speech(Speech {
            space: self.space,
            source: self.source,
            peer: self.id,
            ssrc: header.ssrc,
            sequence: header.sequence,
            timestamp: header.timestamp,
            marker: header.marker,
            payload: payload.into(),
            at: now,
        }));
    }

    /// Do what time has made due: end, report, let the session act.
    pub(super) fn advance(
        &mut self,
        outside: &mut Outside,
        now: Instant,
    ) -> Result<(), CloseReason> {
        let (end, why) = self.end();
        if now >= end {
            return Err(why);
        }
        if self.receive.is_some() && now >= self.next_report {
            self.is_report_due = true;
            self.next_report = now + REPORT_EVERY;
            self.forget_quiet_addresses(outside, now);
        }
        while let Some((to, transaction)) = self.paths.ask_again(now) {
            self.ask(to, &transaction, outside);
        }
        if now < self.session_wakes {
            return Ok(());
        }
        self.session
            .advance(now)
            .map_or(Ok(()), |ending| Err(ended(ending)))
    }

    fn forget_quiet_addresses(&mut self, outside: &Outside, now: Instant) {
        while let Some(address) = self.paths.forget_quiet(now) {
            outside.forget_address(address, self.id);
        }
    }

    /// Restart ICE: the peer is known by other names; sound goes on to where it went.
    pub(super) fn restart(&mut self, fragment: &str, outside: &Outside) -> Result<String, Refusal> {
        let fragment = Fragment::parse(fragment)?;
        let before = self.session.ufrag().to_owned();
        let answer = self.session.restart(&fragment)?;
        if self.session.ufrag() != before {
            self.renamed(&before, outside);
        }
        Ok(answer)
    }

    /// The session has new credentials: be known by them, and by no address but the one in use.
    fn renamed(&mut self, before: &str, outside: &Outside) {
        let mut demux = outside
            .demux
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        demux.remove_ufrag(before);
        demux.add_ufrag(self.session.ufrag(), &self.line);
        let kept = self.paths.destination();
        for address in self.paths.addresses().filter(|a| Some(*a) != kept) {
            demux.remove_address(address, self.id);
        }
        drop(demux);
        self.paths.forget_others();
        self.may_begin = true;
        self.open_consent_lane();
    }

    /// An event for the data channel.
    pub(super) fn tell(&mut self, event: &Arc<str>, outside: &Outside) {
        let next = self.channel.event(event, &mut self.session);
        self.follow(next, outside);
    }

    /// The snapshot the data channel waits for.
    pub(super) fn tell_snapshot(&mut self, snapshot: &Arc<str>, outside: &Outside) {
        let next = self.channel.snapshot(snapshot, &mut self.session);
        self.follow(next, outside);
    }

    fn follow(&self, next: Next, outside: &Outside) {
        match next {
            Next::Nothing => {}
            Next::Ask => outside.events.push(Event::ChannelReady { peer: self.id }),
            Next::Dropped => outside.stats.messages_dropped.one(),
        }
    }

    /// Do all the session wants done, if anything happened to it. To be called after everything
    /// that may have changed it.
    pub(super) fn drive(&mut self, outside: &mut Outside, now: Instant) -> Result<(), CloseReason> {
        while self.session.has_changed() {
            match self.session.poll(now) {
                Output::Send(datagram) => {
                    if let Some(to) = self.paths.destination() {
                        outside.send(to, &datagram);
                    }
                }
                Output::Connected => self.connected(outside, now)?,
                Output::ChannelOpen => {
                    let next = self.channel.opened(now);
                    self.follow(next, outside);
                }
                Output::ChannelClosed => self.channel.closed(),
                Output::Message(message) => self.said(&message, outside, now),
                Output::Ended(ending) => return Err(ended(ending)),
                Output::Wait(until) => self.session_wakes = until,
            }
        }
        let next = self.channel.drained(&mut self.session, now);
        self.follow(next, outside);
        Ok(())
    }

    /// Start both lanes. Keys alone do not suffice: before this the other side's certificate was
    /// not compared with its fingerprint.
    fn connected(&mut self, outside: &Outside, now: Instant) -> Result<(), CloseReason> {
        let keys = self
            .session
            .take_keys()
            .ok_or(CloseReason::NoCommonProfile)?;
        // A peer that takes no sound still gets reports, under an SSRC of its own.
        let ssrc = self.session.negotiated().ssrc.unwrap_or_else(random);
        let begins = (outside.beginnings)();
        let fault = |_| CloseReason::Fault;
        let lane = SendLane::new(&keys, ssrc, begins.sequence).map_err(fault)?;
        self.receive = Some(ReceiveLane::new(&keys).map_err(fault)?);
        let reports = ReportLane::new(&keys).map_err(fault)?;
        let feedback = Arc::clone(&self.feedback);
        self.line
            .take_reports(Reports::new(reports, ssrc, feedback));
        self.way = Some(Box::new(Way {
            to: None,
            lane,
            payload_type: self.session.negotiated().payload_type,
            takes_sound: self.session.negotiated().ssrc.is_some(),
            clock_begins: begins.clock,
        }));
        self.paths.connected();
        self.line.used_at(now);
        self.open_consent_lane();
        // Staggered, so that a crowd that came together does not get its reports together.
        self.next_report = now + REPORT_EVERY.mul_f64(f64::from(random()) / f64::from(u32::MAX));
        outside.events.push(Event::Connected { peer: self.id });
        Ok(())
    }

    /// A way that has begun.
    pub(super) fn take_way(&mut self) -> Option<Box<Way>> {
        self.way.take()
    }

    /// Whether the way ends elsewhere than when this was asked last.
    pub(super) fn take_turn(&mut self) -> bool {
        let ends = self.way_ends();
        std::mem::replace(&mut self.way_ended, ends) != ends
    }

    /// Where the way ends.
    pub(super) fn way_ends(&self) -> Option<SocketAddr> {
        self.paths.destination().filter(|_| self.receive.is_some())
    }

    /// Whether a report has become due since this was asked last.
    pub(super) fn take_due_report(&mut self) -> bool {
        std::mem::take(&mut self.is_report_due)
    }

    /// Take more time until the next report: of silence there is little to say.
    pub(super) fn report_later(&mut self, now: Instant) {
        self.next_report = now + QUIET_REPORT_EVERY;
    }

    /// What a report says now of what arrived.
    pub(super) fn block(&mut self, now: Instant) -> Option<Block> {
        let said = self.line.sender_report();
        let reception = self.reception.as_mut()?;
        if let Some(said) = said.filter(|said| said.ssrc == reception.ssrc()) {
            reception.reported(said.middle, said.at);
        }
        Some(reception.block(now))
    }

    /// A message came in: some are counted, of each peer so many.
    fn said(&mut self, message: &[u8], outside: &Outside, now: Instant) {
        outside.stats.messages_in.one();
        let place = sums::place_of(message, &outside.counted);
        if let Some(place) = place.filter(|_| self.may_say.take(now)) {
            // When there is no room more came at once than anybody taps.
            let _ = self.said.try_push(place as u8);
        }
    }

    /// The places of messages that came since this was asked last.
    pub(super) fn take_said(&mut self) -> ArrayVec<u8, MAX_SAID> {
        self.said.take()
    }

    /// Tell the other side that it is over.
    pub(super) fn say_goodbye(&mut self, outside: &mut Outside) {
        if let Some(to) = self.paths.destination() {
            for datagram in self.session.say_goodbye() {
                outside.send(to, &datagram);
            }
        }
    }

    /// Be gone from the demultiplexer: from now on nothing of this peer is listened to, and
    /// nothing it sends is answered.
    pub(super) fn vanish(&self, outside: &Outside) {
        self.line.set_open(false);
        let mut demux = outside
            .demux
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        demux.remove_ufrag(self.session.ufrag());
        for address in self.paths.addresses() {
            demux.remove_address(address, self.id);
        }
    }
}

fn ended(ending: Ending) -> CloseReason {
    match ending {
        Ending::Left => CloseReason::Left,
        Ending::Untrusted => CloseReason::Untrusted,
        Ending::NoCommonProfile => CloseReason::NoCommonProfile,
        Ending::Failed => CloseReason::Failed,
    }
}
