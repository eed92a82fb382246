//! The event queue to the owner: bounded, woken by an eventfd, drained in batches.
//!
//! Media threads push, one reader drains; the lock is held for moving a few pointers. When the
//! reader stands still the queue fills: ordinary events are then lost and `Lagged` says so, while
//! answers and closings have room of their own. That room suffices because unanswered commands
//! and peers are themselves counted and limited.

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::config::MAX_PEERS;
use crate::event::Event;
use crate::net::EventFd;
use crate::shards::MAX_SHARDS;

/// Events of any kind that may wait.
const ROOM: usize = 65_536;
/// Commands that may wait for their answer.
const MAX_UNANSWERED: usize = 16_384;
/// Threads that may fail, each once.
const THREADS: usize = 2 + MAX_SHARDS;
/// Answers, closings and failures that may wait beside them.
const RESERVED: usize = MAX_UNANSWERED + MAX_PEERS + THREADS;

/// A bounded queue of events.
#[derive(Debug)]
pub struct EventQueue {
    waiting: Mutex<Waiting>,
    unanswered: AtomicUsize,
    wake: EventFd,
}

#[derive(Debug, Default)]
struct Waiting {
    events: VecDeque<Event>,
    lagged: bool,
}

impl EventQueue {
    /// An empty queue.
    ///
    /// # Errors
    /// When the process has no file descriptor left.
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            waiting: Mutex::default(),
            unanswered: AtomicUsize::new(0),
            wake: EventFd::new()?,
        })
    }

    /// A file descriptor that is readable while there is something to drain.
    #[must_use]
    pub fn fd(&self) -> RawFd {
        self.wake.as_raw_fd()
    }

    /// Count a command that wants an answer; false when too many wait for theirs.
    pub(crate) fn expect_answer(&self) -> bool {
        self.unanswered
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| {
                (n < MAX_UNANSWERED).then_some(n + 1)
            })
            .is_ok()
    }

    /// A command that was counted was not sent after all.
    pub(crate) fn forget_answer(&self) {
        self.unanswered.fetch_sub(1, Ordering::Relaxed);
    }

    /// Put an event into the queue, or lose it when there is no room for its kind.
    pub(crate) fn push(&self, event: Event) {
        let mut waiting = self.lock();
        let room = if event.is_kept() {
            ROOM + RESERVED
        } else {
            ROOM
        };
        if waiting.events.len() < room && (event.is_kept() || !waiting.lagged) {
            waiting.events.push_back(event);
        } else {
            waiting.lagged = true;
        }
        if waiting.events.len() == 1 || waiting.lagged {
            self.wake.set();
        }
    }

    /// Take at most `limit` events, oldest first.
    pub fn drain(&self, limit: usize) -> Vec<Event> {
        let mut waiting = self.lock();
        let count = limit.min(waiting.events.len());
        let mut events: Vec<Event> = waiting.events.drain(..count).collect();
        let answers = events.iter().filter(|event| event.is_answer()).count();
        self.unanswered.fetch_sub(answers, Ordering::Relaxed);
        if waiting.events.is_empty() {
            if std::mem::take(&mut waiting.lagged) {
                events.push(Event::Lagged);
            }
            self.wake.clear();
        }
        events
    }

    /// The queue is whole after every statement, so a panic elsewhere leaves nothing half done.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{PeerId, Token};

    const READY: Event = Event::ChannelReady { peer: PeerId(1) };

    fn full() -> EventQueue {
        let queue = EventQueue::new().unwrap();
        (0..=ROOM).for_each(|_| queue.push(READY));
        queue
    }

    fn all(queue: &EventQueue) -> Vec<Event> {
        let mut events = Vec::new();
        loop {
            let batch = queue.drain(1000);
            if batch.is_empty() {
                return events;
            }
            events.extend(batch);
        }
    }

    #[test]
    fn a_full_queue_loses_ordinary_events_and_says_so_at_its_end() {
        let events = all(&full());

        assert_eq!(events.len(), ROOM + 1);
        assert_eq!(events.last(), Some(&Event::Lagged));
    }

    #[test]
    fn a_full_queue_still_takes_answers() {
        let queue = full();
        queue.push(Event::Done { token: Token(7) });

        assert!(all(&queue).contains(&Event::Done { token: Token(7) }));
    }

    #[test]
    fn the_descriptor_is_readable_until_everything_is_drained() {
        let queue = EventQueue::new().unwrap();
        assert!(!queue.wake.is_set());

        queue.push(READY);
        queue.push(READY);
        queue.drain(1);
        assert!(queue.wake.is_set());

        queue.drain(1);
        assert!(!queue.wake.is_set());
    }

    #[test]
    fn unanswered_commands_are_limited_until_their_answers_are_drained() {
        let queue = EventQueue::new().unwrap();
        assert!((0..MAX_UNANSWERED).all(|_| queue.expect_answer()));
        assert!(!queue.expect_answer());

        queue.push(Event::Done { token: Token(1) });
        queue.drain(1);
        assert!(queue.expect_answer());
    }
}
