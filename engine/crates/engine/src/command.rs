//! What the owner asks of the engine: plain data, queued, never waited for.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crossbeam_channel::TrySendError;

use crate::config::MAX_MESSAGE_OUT;
use crate::error::EngineError;
use crate::event::Event;
use crate::ids::{PeerId, SourceId, SpaceId, Token};
use crate::mix::PacketTime;
use crate::opus::Content;
use crate::queue::EventQueue;
use crate::shards::{Mailbox, shard_of};
use crate::stats::Stats;

/// Commands that may wait for one shard.
pub(crate) const MAX_WAITING: usize = 8192;

/// One command on its way.
#[derive(Debug, Clone)]
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
        /// Whether one of the places may be taken that are kept for those who speak.
        is_expected: bool,
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
    SetContent {
        space: SpaceId,
        content: Content,
    },
    SetPacketTime {
        time: Option<PacketTime>,
    },
}

impl Command {
    /// Which of so many shards carry this out; each its part.
    fn shards(&self, count: usize) -> std::ops::Range<usize> {
        match self {
            Self::Answer { peer, .. }
            | Self::Restart { peer, .. }
            | Self::SetGate { peer, .. }
            | Self::ClosePeer { peer, .. }
            | Self::SendSnapshot { peer, .. } => {
                let home = shard_of(*peer, count);
                home..home + 1
            }
            Self::OpenSpace { .. }
            | Self::CloseSpace { .. }
            | Self::Broadcast { .. }
            | Self::SetContent { .. }
            | Self::Send { .. } => 0..count,
            // They are passed on to the mixer, by one.
            Self::Play { .. } | Self::StopPlaying { .. } | Self::SetPacketTime { .. } => 0..1,
        }
    }
}

/// The owner's end of an engine: commands go in, events come out. No call waits.
///
/// Every call may fail with [`EngineError::Busy`] (nothing was done) or [`EngineError::Stopped`].
#[derive(Debug, Clone)]
pub struct Controls {
    /// Locked while a command is put into all it is for, or into none.
    shards: Arc<Mutex<Vec<Mailbox<Command>>>>,
    events: Arc<EventQueue>,
    stats: Arc<Stats>,
    tokens: Arc<AtomicU64>,
}

impl Controls {
    pub(crate) fn new(
        shards: Vec<Mailbox<Command>>,
        events: Arc<EventQueue>,
        stats: Arc<Stats>,
    ) -> Self {
        Self {
            shards: Arc::new(Mutex::new(shards)),
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
        self.tell(&Command::OpenSpace { space })
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
        self.answer_as(false, space, peer, source, offer)
    }

    /// As [`Controls::answer`], for somebody for whom a place is kept when the engine is full of
    /// others.
    ///
    /// # Errors
    /// See the type.
    pub fn answer_expected(
        &self,
        space: SpaceId,
        peer: PeerId,
        source: SourceId,
        offer: String,
    ) -> Result<Token, EngineError> {
        self.answer_as(true, space, peer, source, offer)
    }

    fn answer_as(
        &self,
        is_expected: bool,
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
            is_expected,
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
        self.tell(&Command::Send { peers, message })
    }

    /// Answer `ChannelReady` with a snapshot.
    ///
    /// # Errors
    /// See the type; [`EngineError::MessageTooLong`] above 64 KiB.
    pub fn send_snapshot(&self, peer: PeerId, message: &str) -> Result<(), EngineError> {
        let message = sendable(message)?;
        self.tell(&Command::SendSnapshot { peer, message })
    }

    /// Send one event to the data channels of all peers of a space.
    ///
    /// # Errors
    /// See the type; [`EngineError::MessageTooLong`] above 64 KiB.
    pub fn broadcast(&self, space: SpaceId, message: &str) -> Result<(), EngineError> {
        let message = sendable(message)?;
        self.tell(&Command::Broadcast { space, message })
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
        self.tell(&Command::Play {
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
        self.tell(&Command::StopPlaying { space, source })
    }

    /// Let voices be heard in a space, as at first, or music: in stereo, with four times the bits, and
    /// as loud as it was sent. What sounds goes over within some ticks, and who is connected stays so;
    /// who joins from now on is answered what to send. Nothing for a space there is not.
    ///
    /// # Errors
    /// See the type.
    pub fn set_content(&self, space: SpaceId, content: Content) -> Result<(), EngineError> {
        self.tell(&Command::SetContent { space, content })
    }

    /// Let packets of listeners be this long; `None`, as at first: as the audience asks. Speakers
    /// get packets of 20 ms in any case. `PacketTime` follows for each space in which it changes.
    ///
    /// # Errors
    /// See the type.
    pub fn set_packet_time(&self, time: Option<PacketTime>) -> Result<(), EngineError> {
        self.tell(&Command::SetPacketTime { time })
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
        self.tell(&command(token))
            .inspect_err(|_| self.events.forget_answer())?;
        Ok(token)
    }

    fn tell(&self, command: &Command) -> Result<(), EngineError> {
        let shards = self.shards.lock().unwrap_or_else(PoisonError::into_inner);
        let shards = &shards[command.shards(shards.len())];
        if !shards.iter().all(Mailbox::has_room) {
            return Err(EngineError::Busy);
        }
        for shard in shards {
            shard.put(command.clone()).map_err(|error| match error {
                TrySendError::Full(_) => EngineError::Busy,
                TrySendError::Disconnected(_) => EngineError::Stopped,
            })?;
            shard.ring();
        }
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
    use crossbeam_channel::Receiver;

    use super::*;
    use crate::bell::Bell;
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

    /// Controls of so many shards that nobody reads, and what each has been sent.
    fn shards(count: usize) -> (Controls, Vec<Receiver<Command>>) {
        let (mailboxes, inboxes) = (0..count)
            .map(|_| Mailbox::new(MAX_WAITING, &Bell::default()))
            .unzip();
        let events = Arc::new(EventQueue::new().unwrap());
        (Controls::new(mailboxes, events, Arc::default()), inboxes)
    }

    fn waiting(inboxes: &[Receiver<Command>]) -> Vec<usize> {
        inboxes.iter().map(Receiver::len).collect()
    }

    #[test]
    fn what_concerns_a_peer_goes_to_its_shard_and_what_concerns_a_space_to_all() {
        let (controls, inboxes) = shards(3);
        controls.set_gate(PeerId(4), true).unwrap();
        assert_eq!(waiting(&inboxes), [0, 1, 0]);

        controls.broadcast(SpaceId(1), "{}").unwrap();
        assert_eq!(waiting(&inboxes), [1, 2, 1]);

        controls.stop_playing(SpaceId(1), SourceId(1)).unwrap();
        assert_eq!(waiting(&inboxes), [2, 2, 1]);
    }

    #[test]
    fn a_command_that_one_shard_has_no_room_for_reaches_none() {
        let (controls, inboxes) = shards(2);
        for _ in 0..MAX_WAITING {
            controls.restart(PeerId(1), String::new()).unwrap();
        }
        let told = controls.open_space(SpaceId(1));
        assert!(matches!(told, Err(EngineError::Busy)));
        assert_eq!(waiting(&inboxes), [0, MAX_WAITING]);

        let _ = inboxes[1].try_recv();
        controls.open_space(SpaceId(1)).unwrap();
        assert_eq!(waiting(&inboxes), [1, MAX_WAITING]);
    }
}
