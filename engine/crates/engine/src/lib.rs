//! The media engine: carries every packet from one mouth to many ears.
//!
//! It knows no names, policies or money: only spaces, peers, gates and lanes.

mod ids;
pub mod mix;
pub mod opus;

pub use ids::{PeerId, RtpTicks, SourceId, SpaceId, Token};
