//! Settings of an engine, and the limits that hold for every engine.

use std::net::IpAddr;
use std::time::Duration;

/// How an engine starts. The default: any address, a free port, the machine's own addresses told.
#[derive(Debug, Clone)]
pub struct Config {
    /// Local address of the UDP socket.
    pub bind: IpAddr,
    /// Its port; 0 takes a free one.
    pub port: u16,
    /// Addresses written into answers; empty: the machine's own, loopback included.
    pub advertise: Vec<IpAddr>,
    /// Messages on data channels that are counted, at most 16 of at most 64 octets.
    pub counted: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            bind: IpAddr::from([0, 0, 0, 0]),
            port: 0,
            advertise: Vec::new(),
            counted: Vec::new(),
        }
    }
}

/// Peers of one engine; a connected one costs some 20 kB.
pub(crate) const MAX_PEERS: usize = 60_000;
/// Of those so many are kept for people who speak, or may.
pub(crate) const RESERVED_PEERS: usize = 500;
/// Addresses one peer may have proven at a time. Each costs the library a candidate.
pub(crate) const MAX_ADDRESSES: usize = 8;
/// Server addresses in one answer.
pub(crate) const MAX_ADVERTISED: usize = 8;
/// Octets of one message to a data channel.
pub(crate) const MAX_MESSAGE_OUT: usize = 64 * 1024;
/// A peer that has not connected by then ends.
pub(crate) const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// A peer of which nothing authentic was heard for this long ends.
pub(crate) const SILENCE_ENDS_AFTER: Duration = Duration::from_secs(15);
/// Each peer gets a report this often (RFC 3550, 6.2 recommends 5 s at the least).
pub(crate) const REPORT_EVERY: Duration = Duration::from_secs(5);
/// The same where nobody is heard.
pub(crate) const QUIET_REPORT_EVERY: Duration = Duration::from_secs(15);
/// The mixer's beat.
pub(crate) const TICK: Duration = Duration::from_millis(20);
/// Frames later than this are not sent any more: sound that late is no use to anyone.
pub(crate) const STALE_AFTER: Duration = Duration::from_millis(200);
