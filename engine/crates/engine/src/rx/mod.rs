//! The way in: what a datagram is, whose it is, and whether it may pass.
//!
//! Everything from strangers ends here without an answer and without work: the class by the first
//! octet (RFC 7983), the owner by one look into a map, the gate before anything is opened, then
//! the owner's allowance. Checks that change nothing are answered here (`consent`), and reports
//! are read (`reports`); what else passes goes to the shard that has the peer, in a bounded queue.
//!
//! Who owns what: the shards alone write the `Demux` (new peers, proven addresses, endings) and
//! open and close gates and consent lanes; the receive thread reads both and is the only one that
//! spends a `Line`'s allowances, and that opens its reports once the shard has handed the key
//! over. All note in it when its peer was heard.

mod allowance;
mod asking;
mod check;
mod classify;
mod consent;
mod demux;
mod gathering;
mod reports;
mod stun;

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

pub(crate) use asking::Asker;
pub(crate) use check::Check;
pub(crate) use classify::{Class, is_answer};
use classify::{check_ufrag, classify};
pub(crate) use consent::Consent;
use consent::Verdict;
pub(crate) use demux::{Demux, Line};
pub(crate) use gathering::{Gathering, MOMENT};
pub(crate) use reports::Reports;
pub(crate) use stun::Transaction;

use crate::clock::WallClock;
use crate::ids::PeerId;
use crate::net::{MAX_DATAGRAM, WayOut};
use crate::rtp::NtpTime;
use crate::shards::{MAX_SHARDS, Mailbox, shard_of};
use crate::stats::Stats;

/// Datagrams that may wait for one shard.
pub(crate) const MAX_WAITING: usize = 4096;

/// A datagram that may pass.
#[derive(Debug)]
pub(crate) struct Inbound {
    pub(crate) peer: PeerId,
    pub(crate) class: Class,
    pub(crate) from: SocketAddr,
    pub(crate) datagram: Box<[u8]>,
    pub(crate) at: Instant,
}

/// The demultiplexer as all threads hold it.
pub(crate) type SharedDemux = Arc<RwLock<Demux>>;

/// Sorts datagrams; the work of the receive thread.
pub(crate) struct Sorter {
    demux: SharedDemux,
    shards: Vec<Mailbox<Inbound>>,
    stats: Arc<Stats>,
    wall: WallClock,
    way_out: WayOut,
    /// Where a report is opened.
    report: Vec<u8>,
}

impl Sorter {
    pub(crate) fn new(
        demux: SharedDemux,
        shards: Vec<Mailbox<Inbound>>,
        stats: Arc<Stats>,
        wall: WallClock,
        way_out: WayOut,
    ) -> Self {
        Self {
            demux,
            shards,
            stats,
            wall,
            way_out,
            report: Vec::with_capacity(MAX_DATAGRAM),
        }
    }

    /// Pass on what may pass of a batch, and answer what is answered here.
    pub(crate) fn sort<'d>(
        &mut self,
        batch: impl Iterator<Item = (SocketAddr, &'d [u8])>,
        now: Instant,
    ) {
        let mut passed = [false; MAX_SHARDS];
        let demux = Arc::clone(&self.demux);
        let demux = demux.read().unwrap_or_else(PoisonError::into_inner);
        for (from, datagram) in batch {
            self.stats.packets_in.one();
            let Some((class, line)) = owner(&demux, from, datagram) else {
                self.stats.dropped_unknown.one();
                continue;
            };
            let proven = demux.holder(from) == Some(line.peer());
            let home = shard_of(line.peer(), self.shards.len());
            passed[home] |= self.pass(class, &line, proven, from, datagram, now);
        }
        // First: a peer that vanishes is answered no more, once the owner is told.
        self.way_out.flush();
        drop(demux);
        for (shard, _) in self.shards.iter().zip(passed).filter(|(_, passed)| *passed) {
            shard.ring();
        }
    }

    /// Give the peer's shard a datagram if it may pass and there is room; whether it was given.
    fn pass(
        &mut self,
        class: Class,
        line: &Line,
        proven: bool,
        from: SocketAddr,
        datagram: &[u8],
        now: Instant,
    ) -> bool {
        if class == Class::Rtp && !line.is_open() {
            self.stats.dropped_gate.one();
            return false;
        }
        if !line.allows(class, proven, now) {
            self.stats.dropped_flood.one();
            return false;
        }
        if class == Class::Stun && proven && self.settle(line, from, datagram, now) {
            return false;
        }
        // The shard wants to know only that a report came from an address that is not in use.
        if class == Class::Rtcp
            && (!self.open(line, datagram, now) || came_from_use(line, from, now))
        {
            return false;
        }
        let datagram = if class == Class::Rtcp {
            Box::default()
        } else {
            datagram.into()
        };
        let inbound = Inbound {
            peer: line.peer(),
            class,
            from,
            datagram,
            at: now,
        };
        let home = shard_of(line.peer(), self.shards.len());
        let passed = self.shards[home].put(inbound).is_ok();
        if !passed {
            self.stats.dropped_busy.one();
        }
        passed
    }

    /// Open a report and take what it says; whether it was authentic.
    fn open(&mut self, line: &Line, datagram: &[u8], now: Instant) -> bool {
        self.report.clear();
        self.report.extend_from_slice(datagram);
        let wall = NtpTime::from_unix(self.wall.since_1970(now));
        let is_authentic = line.report(&mut self.report, wall, now);
        if is_authentic {
            self.stats.reports_in.one();
        } else {
            self.stats.dropped_invalid.one();
        }
        is_authentic
    }

    /// Answer or drop a check from a proven address; whether nothing is left to do about it.
    fn settle(&mut self, line: &Line, from: SocketAddr, datagram: &[u8], now: Instant) -> bool {
        match line.judge(from, datagram) {
            Verdict::Granted(answer) => {
                line.used_at(now);
                self.way_out.send(from, &answer);
                self.stats.checks_answered.one();
            }
            Verdict::Forged => self.stats.dropped_invalid.one(),
            Verdict::Undecided => return false,
        }
        true
    }
}

/// Note that something authentic came; whether it came from the address in use.
fn came_from_use(line: &Line, from: SocketAddr, now: Instant) -> bool {
    let is_used = line.is_used_at(from);
    if is_used {
        line.used_at(now);
    }
    is_used
}

/// Whose datagram it is: a check's by the name in it, anything else's by a proven address.
fn owner(demux: &Demux, from: SocketAddr, datagram: &[u8]) -> Option<(Class, Arc<Line>)> {
    let class = classify(datagram)?;
    let line = match class {
        Class::Stun if !is_answer(datagram) => demux.by_ufrag(check_ufrag(datagram)?),
        Class::Stun | Class::Dtls | Class::Rtp | Class::Rtcp => demux.by_address(from),
    }?;
    Some((class, line))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::thread;
    use std::time::Duration;

    use super::*;
    use crate::bell::Bell;
    use crate::clock::now;
    use crate::net::Nowhere;

    fn nowhere() -> WayOut {
        WayOut::new(Box::new(Nowhere), Arc::default())
    }

    /// One that knows nobody.
    pub(crate) fn sorter() -> Sorter {
        let (shard, _) = Mailbox::new(1, &Bell::default());
        let wall = WallClock::read();
        Sorter::new(
            SharedDemux::default(),
            vec![shard],
            Arc::default(),
            wall,
            nowhere(),
        )
    }

    #[test]
    fn a_batch_rings_once_something_of_it_passed() {
        let stranger = SocketAddr::from(([192, 0, 2, 1], 4000));
        let mut demux = Demux::default();
        demux.add_ufrag("known", &Line::new(PeerId(1), now()));
        let bell = Bell::default();
        bell.wakes(&thread::current());
        let (shard, passed) = Mailbox::new(MAX_WAITING, &bell);
        let mut sorter = Sorter::new(
            Arc::new(RwLock::new(demux)),
            vec![shard],
            Arc::default(),
            WallClock::read(),
            nowhere(),
        );
        let check = classify::tests::request("known:theirs");
        let long = Duration::from_secs(60);
        let began = now();
        sorter.sort(std::iter::once((stranger, &*check)), began);
        thread::park_timeout(long);

        assert_eq!(passed.len(), 1);
        assert!(now() - began < long);
    }

    #[test]
    fn a_report_is_read_here_and_the_shard_hears_only_of_one_from_elsewhere() {
        let [used, other] = [1, 2].map(|n| SocketAddr::from(([192, 0, 2, n], 4000)));
        let (reports, mut peer, feedback) = reports::tests::ends();
        let (mut demux, line) = (Demux::default(), Line::new(PeerId(1), now()));
        line.take_reports(reports);
        line.answer_checks(consent::tests::consent_at(used));
        demux.add_address(used, &line);
        demux.add_address(other, &line);
        let (shard, passed) = Mailbox::new(MAX_WAITING, &Bell::default());
        let stats = Arc::new(Stats::default());
        let mut sorter = Sorter::new(
            Arc::new(RwLock::new(demux)),
            vec![shard],
            Arc::clone(&stats),
            WallClock::read(),
            nowhere(),
        );
        let later = now() + Duration::from_secs(1);
        let report = reports::tests::sealed(&mut peer, 0, 0);
        let mut forged = reports::tests::sealed(&mut peer, 0, 0);
        forged[9] ^= 1;
        for datagram in [&report, &report, &forged] {
            sorter.sort(std::iter::once((used, &**datagram)), later);
        }
        assert_eq!(passed.len(), 0);
        assert_eq!(feedback.take().reports, 1);
        assert!(line.last_used() > now());
        assert_eq!(
            (stats.reports_in.get(), stats.dropped_invalid.get()),
            (1, 2)
        );

        let report = reports::tests::sealed(&mut peer, 0, 0);
        sorter.sort(std::iter::once((other, &*report)), later);
        let heard = passed.try_recv().unwrap();
        assert_eq!((heard.class, heard.from), (Class::Rtcp, other));
        assert!(heard.datagram.is_empty());
    }

    #[test]
    fn a_members_own_address_does_not_open_another_members_allowance_of_checks() {
        let addresses = [1, 2].map(|n| SocketAddr::from(([192, 0, 2, n], 4000)));
        let mut demux = Demux::default();
        for (address, (peer, name)) in addresses.iter().zip([(1, "victim"), (2, "member")]) {
            let line = Line::new(PeerId(peer), now());
            demux.add_ufrag(name, &line);
            demux.add_address(*address, &line);
        }
        let (shard, passed) = Mailbox::new(MAX_WAITING, &Bell::default());
        let mut sorter = Sorter::new(
            Arc::new(RwLock::new(demux)),
            vec![shard],
            Arc::default(),
            WallClock::read(),
            nowhere(),
        );
        let check = classify::tests::request("victim:theirs");
        let [victim, member] = addresses;
        let at = now();
        sorter.sort(std::iter::repeat_n((member, &*check), 1000), at);
        sorter.sort(std::iter::once((victim, &*check)), at);

        assert_eq!(passed.try_iter().last().unwrap().from, victim);
    }
}
