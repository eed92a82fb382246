//! Several shards: which of them has a peer, and how they are told.
//!
//! A peer belongs to one shard for its whole life. What concerns a space is told to all of them,
//! and has happened when the last of them has met it.

use std::sync::{Mutex, PoisonError};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use rustc_hash::FxHashMap;

use crate::bell::Bell;
use crate::ids::{PeerId, Token};

/// The most shards there are: their threads also share the machine with two others and the owner.
pub(crate) const MAX_SHARDS: usize = 8;

/// Which of so many shards has this peer. Peers are numbered one by one, so each has its share.
pub(crate) const fn shard_of(peer: PeerId, shards: usize) -> usize {
    (peer.0 % shards as u64) as usize
}

/// The writing end of a bounded queue to one shard, and what wakes it.
#[derive(Debug)]
pub(crate) struct Mailbox<T> {
    queue: Sender<T>,
    bell: Bell,
}

impl<T> Mailbox<T> {
    /// A mailbox with so much room, and its reading end.
    pub(crate) fn new(room: usize, bell: &Bell) -> (Self, Receiver<T>) {
        let (queue, waiting) = bounded(room);
        let bell = bell.clone();
        (Self { queue, bell }, waiting)
    }

    /// Put something in, if there is room. The shard may sleep on until somebody rings.
    ///
    /// # Errors
    /// What was to be put in comes back.
    pub(crate) fn put(&self, letter: T) -> Result<(), TrySendError<T>> {
        self.queue.try_send(letter)
    }

    /// Whether there is room for one more.
    pub(crate) fn has_room(&self) -> bool {
        !self.queue.is_full()
    }

    /// Wake the shard.
    pub(crate) fn ring(&self) {
        self.bell.ring();
    }
}

/// Tells when something has happened in every shard.
#[derive(Debug)]
pub(crate) struct InEvery {
    shards: usize,
    /// In how many shards it has happened so far.
    counts: Mutex<FxHashMap<Token, usize>>,
}

impl InEvery {
    pub(crate) fn new(shards: usize) -> Self {
        Self {
            shards,
            counts: Mutex::default(),
        }
    }

    /// It has happened in one more; whether that was the last.
    pub(crate) fn happened(&self, token: Token) -> bool {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(token).or_default();
        *count += 1;
        let is_last = *count == self.shards;
        if is_last {
            counts.remove(&token);
        }
        is_last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_that_come_one_by_one_are_spread_evenly() {
        for shards in 1..=MAX_SHARDS {
            let mut peers = vec![0; shards];
            for number in 0..840 {
                peers[shard_of(PeerId(number), shards)] += 1;
            }
            assert!(peers.iter().all(|count| *count == 840 / shards));
        }
    }

    #[test]
    fn something_has_happened_when_the_last_shard_says_so_and_once() {
        let everywhere = InEvery::new(3);
        let said: Vec<bool> = [7, 7, 8, 7, 8, 8]
            .map(|token| everywhere.happened(Token(token)))
            .into();

        assert_eq!(said, [false, false, false, true, false, true]);
        assert!(everywhere.counts.lock().unwrap().is_empty());
    }
}
