//! What the engine is tried with: synthetic people, a lossy network in virtual time, and an ear.

pub mod arguments;
pub mod cpu;
pub mod crowd;
pub mod door;
pub mod ear;
pub mod filter;
pub mod handshake;
pub mod host;
pub mod hostile;
pub mod http;
pub mod light;
pub mod limit;
pub mod meter;
pub mod mmsg;
pub mod network;
pub mod peer;
pub mod speaker;
pub mod speech;
pub mod tally;
mod tap;
pub mod traces;
pub mod voice;
pub mod world;
