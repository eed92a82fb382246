//! The lanes of a connection: what is sealed for a peer, and what is opened of it.
//!
//! A lane is the only owner of its indexes, so a nonce cannot come twice: `SendLane` counts up and
//! ends rather than wrap, whatever frames, lanes or restarts come and go.

use arrayvec::ArrayVec;

use super::cipher::{Cipher, Use, rtcp_sender};
use super::window::{LAST_INDEX, Window};
use super::{Keys, SrtpError};
use crate::rtp::{Header, ParsedHeader};

/// The most octets that sealing adds to a packet.
pub const MAX_OVERHEAD: usize = 20;

/// SRTCP indexes have 31 bits (RFC 3711, 3.4).
const LAST_RTCP_INDEX: u32 = (1 << 31) - 1;
/// Sources one peer may use in its life; browsers keep one.
const MAX_SOURCES: usize = 4;
/// How many packets that are not searched for earn one search for a lost roll-over counter, so that
/// forged packets cost about twice a plain refusal and not ten times as much.
const SEARCH_COST: u32 = 8;
/// Searches that may be made in vain before each has to be earned.
const MAX_SEARCHES: u32 = 16;

/// Everything sent to one peer: one SSRC, one key, indexes that only rise.
#[derive(Debug)]
pub struct SendLane {
    rtp: Cipher,
    rtcp: Cipher,
    ssrc: u32,
    next_index: u64,
    next_rtcp_index: u32,
    packets: u32,
    octets: u32,
}

impl SendLane {
    /// A lane that seals under `ssrc`, its first sequence number given.
    ///
    /// `first` should be random and below 2^15, so that a receiver that misses the first packets
    /// does not guess the roll-over counter wrong (RFC 3711, 3.3.1).
    ///
    /// # Errors
    /// [`SrtpError::Key`] when the keys do not fit their profile.
    pub fn new(keys: &Keys, ssrc: u32, first: u16) -> Result<Self, SrtpError> {
        Ok(Self {
            rtp: Cipher::new(keys.profile, &keys.local, Use::Rtp)?,
            rtcp: Cipher::new(keys.profile, &keys.local, Use::Rtcp)?,
            ssrc,
            next_index: u64::from(first),
            next_rtcp_index: 0,
            packets: 0,
            octets: 0,
        })
    }

    /// The synchronisation source of everything this lane seals.
    #[must_use]
    pub const fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// Packets and payload octets sealed so far, wrapping, as a sender report counts them
    /// (RFC 3550, 6.4.1).
    #[must_use]
    pub const fn sent(&self) -> (u32, u32) {
        (self.packets, self.octets)
    }

    /// Write and seal one RTP packet into `packet`; returns its length.
    ///
    /// # Errors
    /// [`SrtpError::Malformed`] when the buffer is too small, [`SrtpError::Key`] when the key has
    /// sealed 2^48 packets. The index is spent in any case.
    pub fn seal_rtp(
        &mut self,
        frame: &Header<'_>,
        payload: &[u8],
        packet: &mut [u8],
    ) -> Result<usize, SrtpError> {
        if self.next_index > LAST_INDEX {
            return Err(SrtpError::Key);
        }
        let index = self.next_index;
        self.next_index += 1;
        let header = frame
            .write(self.ssrc, index as u16, packet)
            .ok_or(SrtpError::Malformed)?;
        let length = self
            .rtp
            .seal_rtp(packet, header, payload, self.ssrc, index)?;
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(payload.len() as u32);
        Ok(length)
    }

    /// Seal the compound RTCP packet in `packet[..length]`; returns the new length.
    ///
    /// # Errors
    /// [`SrtpError::Malformed`] when the buffer has no room for 20 octets more,
    /// [`SrtpError::Key`] when the key has sealed 2^31 reports.
    pub fn seal_rtcp(&mut self, packet: &mut [u8], length: usize) -> Result<usize, SrtpError> {
        if self.next_rtcp_index > LAST_RTCP_INDEX {
            return Err(SrtpError::Key);
        }
        let index = self.next_rtcp_index;
        self.next_rtcp_index += 1;
        self.rtcp.seal_rtcp(packet, length, index)
    }
}

/// An RTP packet that proved authentic.
#[derive(Debug)]
pub struct Opened<'p> {
    /// Its header.
    pub header: ParsedHeader,
    /// Its payload without padding.
    pub payload: &'p [u8],
}

/// All voice received from one peer.
#[derive(Debug)]
pub struct ReceiveLane {
    rtp: Cipher,
    sources: ArrayVec<(u32, Window), MAX_SOURCES>,
    /// What is left for searches, counted in packets.
    search_credit: u32,
}

impl ReceiveLane {
    /// A lane that opens what the other side seals.
    ///
    /// # Errors
    /// [`SrtpError::Key`] when the keys do not fit their profile.
    pub fn new(keys: &Keys) -> Result<Self, SrtpError> {
        Ok(Self {
            rtp: Cipher::new(keys.profile, &keys.remote, Use::Rtp)?,
            sources: ArrayVec::new(),
            search_credit: MAX_SEARCHES * SEARCH_COST,
        })
    }

    /// Voice packets may have been dropped unopened, any number of them: the next ones may have a
    /// roll-over counter above the likely one.
    pub fn lose_count(&mut self) {
        for (_, window) in &mut self.sources {
            window.lose_count();
        }
    }

    /// Open an RTP packet in place.
    ///
    /// # Errors
    /// Every [`SrtpError`]; nothing is remembered of a packet that is refused.
    pub fn open_rtp<'p>(&mut self, packet: &'p mut [u8]) -> Result<Opened<'p>, SrtpError> {
        let header = ParsedHeader::parse(packet).ok_or(SrtpError::Malformed)?;
        let known = position(&self.sources, header.ssrc)?;
        let index = self.index_of(packet, &header, known)?;
        let body = self
            .rtp
            .open_rtp(packet, header.length, header.ssrc, index)?;
        accept(&mut self.sources, known, header.ssrc, index);
        let payload = header.without_padding(body).ok_or(SrtpError::Malformed)?;
        Ok(Opened { header, payload })
    }

    /// Which index to open a packet with: the likely one, or after a loss of count the one under
    /// which a copy opens.
    fn index_of(
        &mut self,
        packet: &[u8],
        header: &ParsedHeader,
        known: Option<usize>,
    ) -> Result<u64, SrtpError> {
        let fresh = Window::default();
        let window = known.map_or(&fresh, |at| &self.sources[at].1);
        let likely = window.guess(header.sequence);
        if window.is_uncertain() && self.search_credit < SEARCH_COST {
            self.search_credit += 1;
        } else if window.is_uncertain() {
            let mut copy = packet.to_vec();
            let found = window.guesses(header.sequence).find(|index| {
                copy.copy_from_slice(packet);
                self.rtp
                    .open_rtp(&mut copy, header.length, header.ssrc, *index)
                    .is_ok()
            });
            if let Some(index) = found {
                return Ok(index);
            }
            self.search_credit -= SEARCH_COST;
        }
        window.check(likely)?;
        Ok(likely)
    }
}

/// All reports received from one peer; apart from its voice, since another thread opens them.
#[derive(Debug)]
pub struct ReportLane {
    rtcp: Cipher,
    reporters: ArrayVec<(u32, Window), MAX_SOURCES>,
}

impl ReportLane {
    /// A lane that opens what the other side seals.
    ///
    /// # Errors
    /// [`SrtpError::Key`] when the keys do not fit their profile.
    pub fn new(keys: &Keys) -> Result<Self, SrtpError> {
        Ok(Self {
            rtcp: Cipher::new(keys.profile, &keys.remote, Use::Rtcp)?,
            reporters: ArrayVec::new(),
        })
    }

    /// Open an SRTCP packet in place; returns the compound packet.
    ///
    /// # Errors
    /// Every [`SrtpError`]; nothing is remembered of a packet that is refused.
    pub fn open_rtcp<'p>(&mut self, packet: &'p mut [u8]) -> Result<&'p [u8], SrtpError> {
        let sender = rtcp_sender(packet)?;
        let known = position(&self.reporters, sender)?;
        let (index, length) = self.rtcp.open_rtcp(packet)?;
        let index = u64::from(index);
        if let Some(at) = known {
            self.reporters[at].1.check(index)?;
        }
        accept(&mut self.reporters, known, sender, index);
        Ok(&packet[..length])
    }
}

/// Where a source's window is; `None` for a new source, an error when there is no room for one.
fn position(
    windows: &ArrayVec<(u32, Window), MAX_SOURCES>,
    ssrc: u32,
) -> Result<Option<usize>, SrtpError> {
    match windows.iter().position(|(known, _)| *known == ssrc) {
        None if windows.is_full() => Err(SrtpError::TooManySources),
        found => Ok(found),
    }
}

fn accept(
    windows: &mut ArrayVec<(u32, Window), MAX_SOURCES>,
    known: Option<usize>,
    ssrc: u32,
    index: u64,
) {
    let at = known.unwrap_or_else(|| {
        windows.push((ssrc, Window::default()));
        windows.len() - 1
    });
    windows[at].1.accept(index);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{DtlsRole, Profile};
    use super::*;

    const PROFILES: [Profile; 3] = [
        Profile::AeadAes256Gcm,
        Profile::AeadAes128Gcm,
        Profile::AesCm128HmacSha1,
    ];
    const HEADER: Header<'_> = Header {
        payload_type: 111,
        marker: false,
        timestamp: 0,
        csrc: &[1, 2],
    };

    /// The two ends of a connection.
    fn ends(profile: Profile, first: u16) -> (SendLane, ReceiveLane) {
        let material: Vec<u8> = (0..2 * (profile.key_len() + profile.salt_len()))
            .map(|n| n as u8)
            .collect();
        let server = Keys::split(profile, DtlsRole::Server, &material).unwrap();
        let client = Keys::split(profile, DtlsRole::Client, &material).unwrap();
        (
            SendLane::new(&server, 42, first).unwrap(),
            ReceiveLane::new(&client).unwrap(),
        )
    }

    /// The client's end for reports, of the same keys as [`ends`].
    fn report_lane(profile: Profile) -> ReportLane {
        let material: Vec<u8> = (0..2 * (profile.key_len() + profile.salt_len()))
            .map(|n| n as u8)
            .collect();
        let client = Keys::split(profile, DtlsRole::Client, &material).unwrap();
        ReportLane::new(&client).unwrap()
    }

    fn sealed(lane: &mut SendLane, payload: &[u8]) -> Vec<u8> {
        let mut packet = vec![0; 200];
        let length = lane.seal_rtp(&HEADER, payload, &mut packet).unwrap();
        packet.truncate(length);
        packet
    }

    #[test]
    fn what_one_end_seals_the_other_opens_in_every_profile() {
        for profile in PROFILES {
            let (mut send, mut receive) = ends(profile, 7);
            let mut packet = sealed(&mut send, b"voice");
            let opened = receive.open_rtp(&mut packet).unwrap();

            assert_eq!(
                (opened.payload, opened.header.sequence),
                (b"voice".as_slice(), 7)
            );
        }
    }

    #[test]
    fn a_changed_octet_anywhere_is_noticed_in_every_profile() {
        for profile in PROFILES {
            let (mut send, mut receive) = ends(profile, 7);
            let packet = sealed(&mut send, b"voice");
            for at in 0..packet.len() {
                let mut forged = packet.clone();
                forged[at] ^= 0x10;
                assert!(
                    receive.open_rtp(&mut forged).is_err(),
                    "{profile:?} octet {at}"
                );
            }
            assert!(receive.open_rtp(&mut packet.clone()).is_ok());
        }
    }

    #[test]
    fn a_packet_that_comes_again_is_refused() {
        let (mut send, mut receive) = ends(Profile::AeadAes128Gcm, 7);
        let packet = sealed(&mut send, b"voice");
        receive.open_rtp(&mut packet.clone()).unwrap();

        assert_eq!(
            receive.open_rtp(&mut packet.clone()).unwrap_err(),
            SrtpError::Replayed
        );
    }

    /// Packets dropped unopened behind a closed gate; each count is above half a wrap.
    const UNSEEN: [u64; 3] = [40_000, 70_000, 200_000];

    #[test]
    fn a_voice_is_found_again_after_many_packets_behind_a_closed_gate_in_every_profile() {
        for profile in PROFILES {
            for unseen in UNSEEN {
                let (mut send, mut receive) = ends(profile, 7);
                receive.open_rtp(&mut sealed(&mut send, b"one")).unwrap();
                send.next_index += unseen;
                receive.lose_count();

                for _ in 0..3 {
                    let mut packet = sealed(&mut send, b"two");
                    assert!(
                        receive.open_rtp(&mut packet).is_ok(),
                        "{profile:?} {unseen}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_voice_is_found_whose_first_packets_all_went_by_unseen() {
        for unseen in UNSEEN {
            let (mut send, mut receive) = ends(Profile::AeadAes128Gcm, 0x7FFF);
            send.next_index += unseen;

            assert!(receive.open_rtp(&mut sealed(&mut send, b"one")).is_ok());
            assert!(receive.open_rtp(&mut sealed(&mut send, b"two")).is_ok());
        }
    }

    #[test]
    fn a_packet_opened_before_a_loss_of_count_is_refused_after_it() {
        let (mut send, mut receive) = ends(Profile::AeadAes128Gcm, 7);
        let packet = sealed(&mut send, b"voice");
        receive.open_rtp(&mut packet.clone()).unwrap();
        receive.lose_count();

        assert!(receive.open_rtp(&mut packet.clone()).is_err());
    }

    #[test]
    fn forged_packets_move_no_window_and_only_delay_the_finding_of_a_voice() {
        for unseen in UNSEEN {
            let (mut send, mut receive) = ends(Profile::AeadAes128Gcm, 7);
            send.next_index += 0x1_0000;
            receive.open_rtp(&mut sealed(&mut send, b"one")).unwrap();
            receive.lose_count();
            send.next_index += unseen;
            let mut forged = sealed(&mut send, b"forged");
            *forged.last_mut().unwrap() ^= 1;
            for _ in 0..1000 {
                assert!(receive.open_rtp(&mut forged.clone()).is_err());
                assert_eq!(receive.sources[0].1.guess(8), 0x1_0008);
            }
            assert!(receive.search_credit <= SEARCH_COST);

            let found = (0..=SEARCH_COST)
                .filter(|_| receive.open_rtp(&mut sealed(&mut send, b"two")).is_ok())
                .count();
            assert!(found > 0, "{unseen}");
        }
    }

    #[test]
    fn a_report_is_opened_once_in_every_profile() {
        for profile in PROFILES {
            let (mut send, mut receive) = (ends(profile, 7).0, report_lane(profile));
            let mut packet = vec![0x80; 60];
            let length = send.seal_rtcp(&mut packet, 28).unwrap();
            packet.truncate(length);

            assert_eq!(
                receive.open_rtcp(&mut packet.clone()).unwrap(),
                vec![0x80; 28]
            );
            assert_eq!(
                receive.open_rtcp(&mut packet.clone()).unwrap_err(),
                SrtpError::Replayed
            );
        }
    }

    #[test]
    fn a_fifth_source_of_one_peer_is_refused() {
        let (_, mut receive) = ends(Profile::AeadAes128Gcm, 7);
        let material = (0..56).map(|n| n as u8).collect::<Vec<_>>();
        let keys = Keys::split(Profile::AeadAes128Gcm, DtlsRole::Server, &material).unwrap();
        let mut open = |ssrc| {
            let mut lane = SendLane::new(&keys, ssrc, 0).unwrap();
            receive.open_rtp(&mut sealed(&mut lane, b"voice")).map(drop)
        };

        assert!((1..=4).all(|ssrc| open(ssrc).is_ok()));
        assert_eq!(open(5), Err(SrtpError::TooManySources));
    }

    #[test]
    fn a_key_ends_rather_than_repeat_an_index() {
        let (mut send, _) = ends(Profile::AeadAes128Gcm, 7);
        send.next_index = LAST_INDEX;
        send.next_rtcp_index = LAST_RTCP_INDEX;
        sealed(&mut send, b"last");
        send.seal_rtcp(&mut [0; 60], 8).unwrap();

        assert_eq!(
            send.seal_rtp(&HEADER, b"", &mut [0; 60]),
            Err(SrtpError::Key)
        );
        assert_eq!(send.seal_rtcp(&mut [0; 60], 8), Err(SrtpError::Key));
    }

    proptest! {
        /// Whatever is sealed in whatever order, into buffers that suffice or not: no (SSRC,
        /// index) comes twice. The other end sees each index once, so it refuses none.
        #[test]
        fn no_nonce_comes_twice(
            first in 0_u16..0x8000,
            steps in prop::collection::vec((any::<bool>(), 0_usize..120), 1..200),
        ) {
            let (mut send, _) = ends(Profile::AeadAes128Gcm, first);
            let mut indexes = std::collections::HashSet::new();
            for (report, room) in steps {
                let mut packet = vec![0; room];
                if report {
                    if let Ok(length) = send.seal_rtcp(&mut packet, 28) {
                        let index = packet[length - 4..length].to_vec();
                        prop_assert!(indexes.insert((true, index)));
                    }
                } else if send.seal_rtp(&HEADER, b"voice", &mut packet).is_ok() {
                    prop_assert!(indexes.insert((false, packet[2..4].to_vec())));
                }
            }
        }

        /// Lost, late and doubled packets over many wraps: whatever is opened is what was sealed,
        /// and nothing is opened twice.
        #[test]
        fn what_is_opened_was_sealed_and_only_once(
            first: u16,
            order in prop::collection::vec((0_usize..40, any::<bool>()), 1..300),
        ) {
            let (mut send, mut receive) = ends(Profile::AesCm128HmacSha1, first);
            let mut sent = Vec::new();
            let mut opened = std::collections::HashSet::new();
            for (back, lost) in order {
                let number = sent.len() as u32;
                sent.push(sealed(&mut send, &number.to_be_bytes()));
                if lost {
                    continue;
                }
                let at = sent.len().saturating_sub(1 + back);
                if let Ok(packet) = receive.open_rtp(&mut sent[at].clone()) {
                    prop_assert_eq!(packet.payload, (at as u32).to_be_bytes());
                    prop_assert!(opened.insert(at));
                }
            }
        }

        #[test]
        fn any_octets_are_refused_without_a_panic(octets in prop::collection::vec(any::<u8>(), 0..200)) {
            for profile in PROFILES {
                let (_, mut receive) = ends(profile, 0);
                prop_assert!(receive.open_rtp(&mut octets.clone()).is_err());
                prop_assert!(report_lane(profile).open_rtcp(&mut octets.clone()).is_err());
            }
        }
    }
}
