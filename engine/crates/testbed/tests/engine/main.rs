//! The engine among people, in virtual time and over real sockets.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends where something is not as it should be"
)]

mod call;
mod channel;
mod consent;
mod crowd;
mod endurance;
mod fast_lane;
mod forger;
mod hostile;
mod mute;
mod packet_time;
mod reactions;
mod removal;
mod reports;
mod roaming;
mod roles;
mod socket;
mod support;
