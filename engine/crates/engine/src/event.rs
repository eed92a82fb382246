//! What the engine tells its owner.

use crate::governor::Load;
use crate::ids::{PeerId, SourceId, SpaceId, Token};
use crate::mix::PacketTime;

/// One thing that happened. An event with a token answers a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An offer or a restart worked; the text is for the client.
    Answered {
        /// Of which command.
        token: Token,
        /// An SDP answer, or a fragment.
        text: String,
    },
    /// A command did not work.
    Refused {
        /// Which command.
        token: Token,
        /// A stable code.
        code: &'static str,
        /// What is wrong, for the author of a client.
        text: String,
    },
    /// A command is carried out to its end.
    Done {
        /// Which command.
        token: Token,
    },
    /// A peer's handshake is over: it hears the space.
    Connected {
        /// Which peer.
        peer: PeerId,
    },
    /// A peer's data channel waits for a snapshot.
    ChannelReady {
        /// Which peer.
        peer: PeerId,
    },
    /// A peer ended by itself; nobody asked for it.
    Closed {
        /// Which peer.
        peer: PeerId,
        /// Why.
        why: CloseReason,
    },
    /// A clip was played to its end.
    ClipEnded {
        /// In which space.
        space: SpaceId,
        /// By which source.
        source: SourceId,
    },
    /// Packets of a space's listeners are of another length from now on.
    PacketTime {
        /// In which space.
        space: SpaceId,
        /// How long.
        time: PacketTime,
    },
    /// What is left out for want of time changed, or noticeably how many more listeners there is
    /// room for; at most once a second.
    Load(Load),
    /// Messages of a space that are counted came, so often since the last time.
    Counted {
        /// In which space.
        space: SpaceId,
        /// For each text that is counted, in their order; not all are 0.
        counts: Vec<u32>,
    },
    /// A thread of the engine ended by a fault: it does its work no more, and is of no use.
    Failed {
        /// Which thread.
        thread: &'static str,
    },
    /// Events were lost before this one: read everything again.
    Lagged,
}

impl Event {
    /// Whether it must not be lost: commands wait for it, or a peer or the engine would be believed
    /// alive.
    pub(crate) const fn is_kept(&self) -> bool {
        matches!(
            self,
            Self::Answered { .. }
                | Self::Refused { .. }
                | Self::Done { .. }
                | Self::Closed { .. }
                | Self::Failed { .. }
        )
    }

    /// Whether it answers a command.
    pub(crate) const fn is_answer(&self) -> bool {
        matches!(
            self,
            Self::Answered { .. } | Self::Refused { .. } | Self::Done { .. }
        )
    }
}

/// Why a peer ended by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// It said goodbye.
    Left,
    /// It did not connect within 10 s.
    NeverConnected,
    /// Nothing was heard of it for 15 s.
    Silent,
    /// Its certificate is not the one it announced.
    Untrusted,
    /// Its handshake agreed on no SRTP profile of ours.
    NoCommonProfile,
    /// It broke a protocol.
    Failed,
    /// A fault of the engine, which ended this peer only.
    Fault,
}

impl CloseReason {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::NeverConnected => "never_connected",
            Self::Silent => "silent",
            Self::Untrusted => "untrusted",
            Self::NoCommonProfile => "no_common_profile",
            Self::Failed => "failed",
            Self::Fault => "fault",
        }
    }
}
