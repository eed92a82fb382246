//! The media engine: carries every packet from one mouth to many ears.
//!
//! It knows no names, policies or money: only spaces, peers, gates and lanes. An [`Engine`] runs
//! on its own threads and is held by its [`Controls`]: commands go in, [`Event`]s come out, and no
//! call waits. A packet's way through it:
//!
//! `rx` (what is it, whose, may it pass) -> `shard` (opened under the peer's key) -> `mixers` and
//! `mix` (one frame set each 20 ms) -> `shard` (sealed for each peer) -> `net`.

mod assembly;
mod bell;
mod bucket;
mod clock;
mod command;
mod config;
mod engine;
mod error;
mod event;
mod feedback;
mod governor;
mod ids;
mod load;
pub mod mix;
mod mixers;
mod net;
pub mod opus;
mod packet_times;
mod queue;
mod rtc;
pub mod rtp;
mod rx;
mod shard;
mod shards;
pub mod srtp;
mod stats;
mod stepped;
mod sums;

pub use clock::WallClock;
pub use command::Controls;
pub use config::Config;
pub use engine::Engine;
pub use error::EngineError;
pub use event::{CloseReason, Event};
pub use governor::{Load, Step, Strain};
pub use ids::{PeerId, RtpTicks, SourceId, SpaceId, Token};
pub use queue::EventQueue;
pub use stats::{Count, Stats};
pub use stepped::{Sent, SteppedEngine};
