//! One connection as WebRTC sees it: ICE-lite, DTLS, SCTP and SDP, all by str0m.
//!
//! This folder is the only place that names str0m or dimpl. It takes the SRTP keys out of the
//! handshake and sends no RTP or RTCP of its own: that is the own lane's work, under an SSRC that
//! is taken away from the library in the same breath in which it is made.
//!
//! Public is only how keys are taken out: synthetic clients, too, go on without the library.

mod fragment;
mod offer;
mod sdp_edit;
mod session;
mod tap;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use fragment::Fragment;
pub(crate) use offer::Refusal;
pub(crate) use session::{Ending, Output, Session, StunCheck, Written};
pub use tap::{Identity, Slot, tapped};
