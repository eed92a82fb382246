//! Whose datagram it is: one look into a map, however many peers there are.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::allowance::Allowances;
use super::classify::Class;
use super::consent::{Consent, Verdict};
use super::reports::{Reports, SenderReport};
use crate::ids::PeerId;
use crate::rtp::NtpTime;

/// What the receive thread knows of one peer.
#[derive(Debug)]
pub(crate) struct Line {
    peer: PeerId,
    open: AtomicBool,
    allowances: Mutex<Allowances>,
    consent: Mutex<Option<Consent>>,
    reports: Mutex<Option<Box<Reports>>>,
    born: Instant,
    /// When something authentic came last: microseconds after `born`.
    heard: AtomicU64,
    /// When it came last from the address in use.
    used: AtomicU64,
}

impl Line {
    /// A line with a closed gate and no consent lane.
    pub(crate) fn new(peer: PeerId, now: Instant) -> Arc<Self> {
        Arc::new(Self {
            peer,
            open: AtomicBool::new(false),
            allowances: Mutex::default(),
            consent: Mutex::default(),
            reports: Mutex::default(),
            born: now,
            heard: AtomicU64::new(0),
            used: AtomicU64::new(0),
        })
    }

    pub(crate) fn peer(&self) -> PeerId {
        self.peer
    }

    /// Let voice packets pass, or drop them unopened from now on.
    pub(crate) fn set_open(&self, open: bool) {
        self.open.store(open, Ordering::Release);
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire)
    }

    /// Something authentic came. Both threads say so, each of what it has opened.
    pub(crate) fn heard_at(&self, now: Instant) {
        self.heard.fetch_max(self.age(now), Ordering::Relaxed);
    }

    /// Something authentic came from the address in use.
    pub(crate) fn used_at(&self, now: Instant) {
        self.used.fetch_max(self.age(now), Ordering::Relaxed);
        self.heard_at(now);
    }

    /// When something authentic came last.
    pub(crate) fn last_heard(&self) -> Instant {
        self.born + Duration::from_micros(self.heard.load(Ordering::Relaxed))
    }

    /// When something authentic came last from the address in use.
    pub(crate) fn last_used(&self) -> Instant {
        self.born + Duration::from_micros(self.used.load(Ordering::Relaxed))
    }

    fn age(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.born).as_micros() as u64
    }

    /// Let the receive thread answer checks like these, as long as their name is known.
    pub(crate) fn answer_checks(&self, consent: Consent) {
        *self.consent.lock().unwrap_or_else(PoisonError::into_inner) = Some(consent);
    }

    /// What the consent lane makes of a check; without a lane it is the session's.
    pub(super) fn judge(&self, from: SocketAddr, datagram: &[u8]) -> Verdict {
        let consent = self.consent.lock().unwrap_or_else(PoisonError::into_inner);
        consent
            .as_ref()
            .map_or(Verdict::Undecided, |consent| consent.judge(from, datagram))
    }

    /// Whether a peer with a consent lane is in use at this address.
    pub(super) fn is_used_at(&self, address: SocketAddr) -> bool {
        let consent = self.consent.lock().unwrap_or_else(PoisonError::into_inner);
        consent
            .as_ref()
            .is_some_and(|consent| consent.address == address)
    }

    /// Let the receive thread open the peer's reports from now on.
    pub(crate) fn take_reports(&self, reports: Reports) {
        *self.reports.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(reports));
    }

    /// Open a report in place; false if it is none of the peer's.
    pub(super) fn report(&self, report: &mut [u8], wall: NtpTime, now: Instant) -> bool {
        let mut reports = self.reports.lock().unwrap_or_else(PoisonError::into_inner);
        reports
            .as_mut()
            .is_some_and(|reports| reports.take(report, wall, now).is_ok())
    }

    /// The last sender report of the peer.
    pub(crate) fn sender_report(&self) -> Option<SenderReport> {
        let reports = self.reports.lock().unwrap_or_else(PoisonError::into_inner);
        reports.as_ref()?.sender()
    }

    /// Only the receive thread spends allowances, so the lock is never waited for.
    pub(super) fn allows(&self, class: Class, proven: bool, now: Instant) -> bool {
        let mut allowances = self
            .allowances
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        allowances.take(class, proven, now)
    }
}

/// Addresses and user fragments with the peers they belong to.
///
/// Both keys are chosen by strangers; the maps' hash is keyed at random, so they cannot choose
/// such as collide.
#[derive(Debug, Default)]
pub(crate) struct Demux {
    addresses: HashMap<SocketAddr, Arc<Line>>,
    ufrags: HashMap<Box<str>, Arc<Line>>,
}

impl Demux {
    /// Addresses and user fragments.
    pub(crate) fn len(&self) -> usize {
        self.addresses.len() + self.ufrags.len()
    }

    /// Whose checks carry this name.
    pub(super) fn by_ufrag(&self, ufrag: &str) -> Option<Arc<Line>> {
        self.ufrags.get(ufrag).cloned()
    }

    /// Who has proven to be at this address.
    pub(crate) fn by_address(&self, address: SocketAddr) -> Option<Arc<Line>> {
        self.addresses.get(&address).cloned()
    }

    /// Which peer has proven to be at this address.
    pub(crate) fn holder(&self, address: SocketAddr) -> Option<PeerId> {
        self.addresses.get(&address).map(|line| line.peer)
    }

    /// Let checks with this name reach the peer.
    pub(crate) fn add_ufrag(&mut self, ufrag: &str, line: &Arc<Line>) {
        self.ufrags.insert(ufrag.into(), Arc::clone(line));
    }

    /// Drop checks with this name from now on.
    pub(crate) fn remove_ufrag(&mut self, ufrag: &str) {
        self.ufrags.remove(ufrag);
    }

    /// Let everything from this address reach the peer; whoever proved it last has it.
    pub(crate) fn add_address(&mut self, address: SocketAddr, line: &Arc<Line>) {
        self.addresses.insert(address, Arc::clone(line));
    }

    /// Drop everything from this address, unless another peer has proven it since.
    pub(crate) fn remove_address(&mut self, address: SocketAddr, peer: PeerId) {
        if self
            .addresses
            .get(&address)
            .is_some_and(|line| line.peer == peer)
        {
            self.addresses.remove(&address);
        }
    }
}
