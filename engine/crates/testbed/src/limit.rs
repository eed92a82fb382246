//! The limit: what it costs to seal packets and send them when there is no server around it.
//!
//! One thread, one socket; for every listener a key of its own (AES-128-GCM by the library the
//! engine uses) and an address of its own. Each round seals one packet for everybody and sends 64
//! by one call. No server on this machine can do it for less; what the engine needs more is its own.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use crate::cpu::thread_time;
use crate::filter::Readers;
use crate::mmsg::{Arrivals, Departures, ManySocket};

/// Octets of an RTP header without contributing sources.
const HEADER: usize = 12;
/// Octets of an authentication tag.
const TAG: usize = 16;
/// A sink without packets rests this long.
const REST: Duration = Duration::from_millis(1);
/// Listeners lie from here on, one address each.
const FIRST_ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 1, 0, 0);

/// What is sent.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// How many keys and addresses.
    pub listeners: u32,
    /// Octets of a payload: 80 are 20 ms at 32 kbit/s, 240 are 60 ms, 480 are 120 ms.
    pub payload: usize,
    /// From one packet for everybody to the next; zero: as fast as it goes.
    pub interval: Duration,
    /// For how long.
    pub time: Duration,
    /// Whose packets the sink reads; what goes to the others the kernel drops at the sink's socket.
    pub readers: Readers,
}

/// What came out.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// Packets the kernel took.
    pub sent: u64,
    /// Packets the sink counted.
    pub received: u64,
    /// Packets that the kernel dropped at the sink.
    pub dropped: u64,
    /// Packets for everybody.
    pub rounds: u32,
    /// Processor time of the sending thread. On loopback that includes the delivery to the sink.
    pub cpu: Duration,
    /// From the first packet to the last.
    pub took: Duration,
}

impl Limit {
    /// Processor time of the sender for each packet, in nanoseconds.
    #[must_use]
    pub fn ns_per_packet(&self) -> f64 {
        self.cpu.as_nanos() as f64 / self.sent.max(1) as f64
    }

    /// The result as JSON.
    #[must_use]
    pub fn json(&self, load: &Load) -> String {
        format!(
            r#"{{"listeners": {}, "payload": {}, "rounds": {}, "sent": {}, "received": {}, "dropped": {}, "seconds": {:.3}, "cpu_s": {:.3}, "ns_per_packet": {:.1}, "packets_per_core_s": {:.0}}}"#,
            load.listeners,
            load.payload,
            self.rounds,
            self.sent,
            self.received,
            self.dropped,
            self.took.as_secs_f64(),
            self.cpu.as_secs_f64(),
            self.ns_per_packet(),
            1e9 / self.ns_per_packet(),
        )
    }
}

/// What keeps it from being measured.
#[derive(Debug, thiserror::Error)]
pub enum LimitError {
    /// No socket, no thread.
    #[error(transparent)]
    System(#[from] std::io::Error),
    /// The library makes no key.
    #[error("no key could be made")]
    Key,
    /// The sink's thread ended early.
    #[error("the sink failed")]
    Sink,
}

/// Send from this thread to a sink in another, and count.
///
/// # Errors
/// [`LimitError`] without sockets, threads or keys.
pub fn measure(load: &Load) -> Result<Limit, LimitError> {
    let sink = ManySocket::open(0)?;
    sink.keep(&load.readers, FIRST_ADDRESS)?;
    let source = ManySocket::open(0)?;
    let mut listeners = (0..load.listeners)
        .map(|number| Listener::new(number, sink.port()).ok_or(LimitError::Key))
        .collect::<Result<Vec<_>, _>>()?;
    let over = Arc::new(AtomicBool::new(false));
    let until = Arc::clone(&over);
    let counting = thread::Builder::new()
        .name("sink".into())
        .spawn(move || count(&sink, &until))?;
    let mut limit = send_all(load, &source, &mut listeners);
    over.store(true, Ordering::Release);
    (limit.received, limit.dropped) = counting.join().map_err(|_| LimitError::Sink)?;
    Ok(limit)
}

/// Count what comes, and what does not get through, until it is over and nothing comes any more.
fn count(sink: &ManySocket, over: &AtomicBool) -> (u64, u64) {
    let mut arrivals = Arrivals::default();
    let mut received = 0;
    loop {
        let ends = over.load(Ordering::Acquire);
        let came = arrivals.take(sink).unwrap_or(0);
        received += came as u64;
        if came == 0 {
            if ends {
                return (received, sink.dropped().unwrap_or(0).into());
            }
            sleep_until(now() + REST);
        }
    }
}

fn send_all(load: &Load, source: &ManySocket, listeners: &mut [Listener]) -> Limit {
    let payload = vec![0x5A; load.payload];
    let mut departures = Departures::default();
    let (began, used) = (now(), thread_time());
    let (mut sent, mut rounds) = (0, 0);
    while now() - began < load.time {
        for listener in &mut *listeners {
            if departures.is_full() {
                sent += departures.send(source) as u64;
            }
            departures.write(None, listener.to, |packet| {
                listener.seal(rounds, &payload, packet)
            });
        }
        sent += departures.send(source) as u64;
        rounds += 1;
        sleep_until(began + load.interval * rounds);
    }
    Limit {
        sent,
        received: 0,
        dropped: 0,
        rounds,
        cpu: thread_time().saturating_sub(used),
        took: now() - began,
    }
}

/// Who is sent to.
struct Listener {
    key: LessSafeKey,
    salt: [u8; 12],
    ssrc: u32,
    index: u64,
    to: SocketAddrV4,
}

impl Listener {
    fn new(number: u32, port: u16) -> Option<Self> {
        let mut key = [0x17; 16];
        key[..4].copy_from_slice(&number.to_be_bytes());
        let address = Ipv4Addr::from(u32::from(FIRST_ADDRESS) + number);
        Some(Self {
            key: LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).ok()?),
            salt: [0x2B; 12],
            ssrc: number,
            index: 0,
            to: SocketAddrV4::new(address, port),
        })
    }

    /// Write one packet as RFC 7714 has it; returns its length.
    fn seal(&mut self, round: u32, payload: &[u8], packet: &mut [u8]) -> Option<usize> {
        let index = self.index;
        self.index += 1;
        let length = HEADER + payload.len() + TAG;
        let (header, rest) = packet.get_mut(..length)?.split_at_mut(HEADER);
        header[..2].copy_from_slice(&[0x80, 111]);
        header[2..4].copy_from_slice(&(index as u16).to_be_bytes());
        header[4..8].copy_from_slice(&round.wrapping_mul(960).to_be_bytes());
        header[8..].copy_from_slice(&self.ssrc.to_be_bytes());
        let (body, tag) = rest.split_at_mut(payload.len());
        let (nonce, header) = (self.nonce(index), Aad::from(&*header));
        self.key
            .seal_out_of_place_scatter(nonce, header, payload, body, &[], tag)
            .ok()?;
        Some(length)
    }

    /// Zeros, SSRC, index; salted (RFC 7714, 8.1).
    fn nonce(&self, index: u64) -> Nonce {
        let mut nonce = self.salt;
        for (octet, ssrc) in nonce[2..6].iter_mut().zip(self.ssrc.to_be_bytes()) {
            *octet ^= ssrc;
        }
        for (octet, index) in nonce[6..].iter_mut().zip(&index.to_be_bytes()[2..]) {
            *octet ^= index;
        }
        Nonce::assume_unique_for_key(nonce)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "real cost is measured in real time"
)]
fn now() -> Instant {
    Instant::now()
}

#[expect(
    clippy::disallowed_methods,
    reason = "real cost is measured in real time"
)]
fn sleep_until(time: Instant) {
    thread::sleep(time.saturating_duration_since(now()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::SPARSELY;

    const EVERYBODY: Readers = Readers { first: 0, every: 1 };

    #[test]
    fn everybody_is_sent_a_packet_each_round_and_the_sink_counts_them() {
        let load = Load {
            listeners: 100,
            payload: 80,
            interval: Duration::from_millis(20),
            time: Duration::from_millis(190),
            readers: EVERYBODY,
        };

        let limit = measure(&load).unwrap();

        assert!((2..=10).contains(&limit.rounds), "{limit:?}");
        assert_eq!(limit.sent, u64::from(limit.rounds) * 100);
        assert_eq!(limit.received, limit.sent);
        assert!(limit.cpu > Duration::ZERO);
    }

    #[test]
    fn what_the_sink_does_not_read_is_dropped_and_counted() {
        let load = Load {
            listeners: 100,
            payload: 80,
            interval: Duration::from_millis(1),
            time: Duration::from_millis(30),
            readers: Readers {
                first: 0,
                every: 10,
            },
        };

        let limit = measure(&load).unwrap();

        // Of ten listeners all, of ninety each sixteenth packet, the one numbered 0 among them.
        let rounds = u64::from(limit.rounds);
        let sparse = rounds.div_ceil(SPARSELY.into());
        assert_eq!(limit.received, 10 * rounds + 90 * sparse, "{limit:?}");
        assert_eq!(limit.received + limit.dropped, limit.sent, "{limit:?}");
    }

    #[test]
    fn a_packet_opens_with_its_own_key_and_with_no_other() {
        let mut packet = [0; 200];
        let mut one = Listener::new(1, 9).unwrap();
        let length = one.seal(0, &[7; 80], &mut packet).unwrap();
        let open = |listener: &Listener, mut sealed: Vec<u8>| {
            let (header, body) = sealed.split_at_mut(HEADER);
            let nonce = one.nonce(0);
            let opened = listener.key.open_in_place(nonce, Aad::from(&*header), body);
            opened.map(|payload| payload.to_vec())
        };

        assert_eq!(length, 12 + 80 + 16);
        assert_eq!(open(&one, packet[..length].to_vec()).unwrap(), [7; 80]);
        let other = Listener::new(2, 9).unwrap();
        assert!(open(&other, packet[..length].to_vec()).is_err());
    }

    #[test]
    fn the_cost_of_a_packet_is_the_time_through_the_number() {
        let limit = Limit {
            sent: 1_000,
            received: 999,
            dropped: 0,
            rounds: 10,
            cpu: Duration::from_millis(2),
            took: Duration::from_secs(1),
        };

        assert!((limit.ns_per_packet() - 2_000.0).abs() < 1e-9);
    }
}
