//! What the owner asks of the engine: plain data, queued, never waited for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_channel::{Sender, TrySendError};

use crate::bell::Bell;
use crate::config::MAX_MESSAGE_OUT;
use crate::error::EngineError;
use crate::event::Event;
use crate::ids::{PeerId, SourceId, SpaceId, Token};
use crate::mix::PacketTime;
use crate::queue::EventQueue;
use crate::stats::Stats;

/// Commands that may wait for the shard.
pub(crate) const MAX_WAITING: usize = 8192;

/// One command on its way.
#[derive(Debug)]
pub(crate) enum Command {
    OpenSpace {
        space: SpaceId,
    },
    CloseSpace {
        space: SpaceId,
        token: Token,
    },
    Answer {
        space: SpaceId,
        peer: PeerId,
        source: SourceId,
        offer: String,
        token: Token,
    },
    Restart {
        peer: PeerId,
        fragment: String,
        token: Token,
    },
    SetGate {
        peer: PeerId,
        open: bool,
        token: Token,
    },
    ClosePeer {
        peer: PeerId,
        token: Token,
    },
    Send {
        peers: Vec<PeerId>,
        message: Arc<str>,
    },
    SendSnapshot {
        peer: PeerId,
        message: Arc<str>,
    },
    Broadcast {
        space: SpaceId,
        message: Arc<str>,
    },
    Play {
        space: SpaceId,
        source: SourceId,
        packets: Vec<Box<[u8]>>,
    },
    StopPlaying {
        space: SpaceId,
        source: SourceId,
    },
    SetPacketTime {
        time: Option<PacketTime>,
    },
}

/// The owner's end of an engine: commands go in, events come out. No call waits.
///
/// Every call may fail with [`EngineError::Busy`] (nothing was done) or [`EngineError::Stopped`].
#[derive(Debug, Clone)]
pub struct Controls {
    commands: Sender<Command>,
    bell: Bell,
    events: Arc<EventQueue>,
    stats: Arc<Stats>,
    tokens: Arc<AtomicU64>,
}

impl Controls {
    pub(crate) fn new(
        commands: Sender<Command>,
        bell: Bell,
        events: Arc<EventQueue>,
        stats: Arc<Stats>,
    ) -> Self {
        Self {
            commands,
            bell,
            events,
            stats,
            tokens: Arc::new(AtomicU64::new(1)),
        }
    }

    /// Make a space; twice is the same as once.
    ///
    /// # Errors
    /// See the type.
    pub fn open_space(&self, space: SpaceId) -> Result<(), EngineError> {
        self.tell(Command::OpenSpace { space })
    }

    /// End a space with all its peers. `Done` when no packet of it is sent any more.
    ///
    /// # Errors
    /// See the type.
    pub fn close_space(&self, space: SpaceId) -> Result<Token, EngineError> {
        self.ask(|token| Command::CloseSpace { space, token })
    }

    /// Make a peer of an offer, its gate closed. `Answered` or `Refused`.
    ///
    /// # Errors
    /// See the type.
    pub fn answer(
        &self,
        space: SpaceId,
        peer: PeerId,
        source: SourceId,
        offer: String,
    ) -> Result<Token, EngineError> {
        self.ask(|token| Command::Answer {
            space,
            peer,
            source,
            offer,
            token,
        })
    }

    /// Restart a peer's ICE. `Answered` or `Refused`.
    ///
    /// # Errors
    /// See the type.
    pub fn restart(&self, peer: PeerId, fragment: String) -> Result<Token, EngineError> {
        self.ask(|token| Command::Restart {
            peer,
            fragment,
            token,
        })
    }

    /// Let a peer be heard, or not. `Done` after a closing means: no packet sent from now on
    /// contains anything the peer said.
    ///
    /// # Errors
    /// See the type.
    pub fn set_gate(&self, peer: PeerId, open: bool) -> Result<Token, EngineError> {
        self.ask(|token| Command::SetGate { peer, open, token })
    }

    /// End a peer. `Done` after the last packet to it, and the last that contains its voice.
    ///
    /// # Errors
    /// See the type.
    pub fn close_peer(&self, peer: PeerId) -> Result<Token, EngineError> {
        self.ask(|token| Command::ClosePeer { peer, token })
    }

    /// Send one event to the data channels of these peers.
    ///
    /// # Errors
    /// See the type; [`EngineError::MessageTooLong`] above 64 KiB.
    pub fn send(&self, peers: Vec<PeerId>, message: &str) -> Result<(), EngineError> {
        let message = sendable(message)?;
        self.tell(Command::Send { peers, message })
    }

    /// Answer `ChannelReady` with a snapshot.
    ///
    /// # Errors
    /// See the type; [`EngineError::MessageTooLong`] above 64 KiB.
    pub fn send_snapshot(&self, peer: PeerId, message: &str) -> Result<(), EngineError> {
        let message = sendable(message)?;
        self.tell(Command::SendSnapshot { peer, message })
    }

    /// Send one event to the data channels of all peers of a space.
    ///
    /// # Errors
    /// See the type; [`EngineError::MessageTooLong`] above 64 KiB.
    pub fn broadcast(&self, space: SpaceId, message: &str) -> Result<(), EngineError> {
        let message = sendable(message)?;
        self.tell(Command::Broadcast { space, message })
    }

    /// Let a source speak 20 ms Opus packets, one each tick; `ClipEnded` follows.
    ///
    /// # Errors
    /// See the type.
    pub fn play(
        &self,
        space: SpaceId,
        source: SourceId,
        packets: Vec<Box<[u8]>>,
    ) -> Result<(), EngineError> {
        self.tell(Command::Play {
            space,
            source,
            packets,
        })
    }

    /// End a source's clip before its end.
    ///
    /// # Errors
    /// See the type.
    pub fn stop_playing(&self, space: SpaceId, source: SourceId) -> Result<(), EngineError> {
        self.tell(Command::StopPlaying { space, source })
    }

    /// Let packets of listeners be this long; `None`, as at first: as the audience asks. Speakers
    /// get packets of 20 ms in any case. `PacketTime` follows for each space in which it changes.
    ///
    /// # Errors
    /// See the type.
    pub fn set_packet_time(&self, time: Option<PacketTime>) -> Result<(), EngineError> {
        self.tell(Command::SetPacketTime { time })
    }

    /// Take at most `limit` events.
    #[must_use]
    pub fn drain(&self, limit: usize) -> Vec<Event> {
        self.events.drain(limit)
    }

    /// The queue the events come from.
    #[must_use]
    pub fn events(&self) -> &EventQueue {
        &self.events
    }

    /// Counters since the start, and gauges.
    #[must_use]
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    fn ask(&self, command: impl FnOnce(Token) -> Command) -> Result<Token, EngineError> {
        if !self.events.expect_answer() {
            return Err(EngineError::Busy);
        }
        let token = Token(self.tokens.fetch_add(1, Ordering::Relaxed));
        self.tell(command(token))
            .inspect_err(|_| self.events.forget_answer())?;
        Ok(token)
    }

    fn tell(&self, command: Command) -> Result<(), EngineError> {
        self.commands
            .try_send(command)
            .map_err(|error| match error {
                TrySendError::Full(_) => EngineError::Busy,
                TrySendError::Disconnected(_) => EngineError::Stopped,
            })?;
        self.bell.ring();
        Ok(())
    }
}

fn sendable(message: &str) -> Result<Arc<str>, EngineError> {
    if message.len() > MAX_MESSAGE_OUT {
        return Err(EngineError::MessageTooLong);
    }
    Ok(Arc::from(message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shard::tests::some_peers;

    #[test]
    fn a_message_has_64_kib_and_no_octet_more() {
        let controls = some_peers(1).controls;
        let most = "x".repeat(64 * 1024);
        let refused = |message: &str| {
            [
                controls.send(vec![PeerId(1)], message),
                controls.send_snapshot(PeerId(1), message),
                controls.broadcast(SpaceId(1), message),
            ]
            .iter()
            .all(|told| matches!(told, Err(EngineError::MessageTooLong)))
        };

        assert!(refused(&format!("{most}x")));
        assert!(!refused(&most));
    }
}
