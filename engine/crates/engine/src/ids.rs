//! The numbers by which things are called at the engine's face and inside it.
//!
//! The caller chooses the numbers of spaces, peers and sources; the engine counts tokens.

/// A space: what is mixed together. Never used twice in one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SpaceId(pub u64);

/// One connection of one person. Never used twice in one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PeerId(pub u64);

/// A voice in a space: the CSRC (RFC 3550, 5.1) under which it is heard, 1 to 2^32-1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub u32);

/// Ties an answer in the event queue to the command that asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Token(pub u64);

/// A time on the RTP clock of Opus: 48,000 ticks a second, wrapping (RFC 7587, 4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RtpTicks(pub u32);
