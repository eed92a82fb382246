//! One connection as WebRTC sees it: SDP, ICE-lite, DTLS, and SCTP for the data channel.
//!
//! Signalling is read and written here, and ICE-lite needs hardly more than that; DTLS is by dimpl
//! and SCTP by sctp-proto, which no other folder names. What the handshake is for, the SRTP keys,
//! are handed to the lane, which alone has them.

mod answer;
mod association;
mod dtls;
mod fragment;
mod offer;
mod session;
mod sieve;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use association::Written;
pub(crate) use dtls::Identity;
pub(crate) use fragment::Fragment;
pub(crate) use offer::Refusal;
pub(crate) use session::{Ending, Output, Session};
