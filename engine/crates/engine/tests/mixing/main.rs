//! What people hear of each other, judged by the ear of the testbed in virtual time.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod comfort;
mod gates;
mod hearing;
mod lanes;
mod loudness;
mod music;
mod room;
