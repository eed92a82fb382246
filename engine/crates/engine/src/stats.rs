//! Counters since the start, written by the media threads and read by anyone.

use std::sync::atomic::{AtomicU64, Ordering};

/// A number that media threads change without waiting for anybody.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// One more.
    pub(crate) fn one(&self) {
        self.add(1);
    }

    /// So many more.
    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// One more, unless there are so many; whether it was counted.
    pub(crate) fn one_up_to(&self, most: usize) -> bool {
        let one_more = |count| (count < most as u64).then_some(count + 1);
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more)
            .is_ok()
    }

    /// So many fewer.
    pub(crate) fn less(&self, count: usize) {
        self.0.fetch_sub(count as u64, Ordering::Relaxed);
    }

    /// Exactly so many.
    pub(crate) fn set(&self, count: usize) {
        self.0.store(count as u64, Ordering::Relaxed);
    }

    /// The number now.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

macro_rules! counts {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// Every number the engine keeps of itself.
        #[derive(Debug, Default)]
        pub struct Stats {
            $($(#[doc = $doc])+ pub $name: Count,)+
        }

        impl Stats {
            /// Names and numbers now.
            #[must_use]
            pub fn snapshot(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($name), self.$name.get())),+]
            }
        }
    };
}

counts! {
    /// Peers that have not ended.
    peers,
    /// Spaces that are open.
    spaces,
    /// Datagrams received.
    packets_in,
    /// Checks answered where they arrived.
    checks_answered,
    /// Checks that a session had to judge.
    checks_judged,
    /// Reports opened.
    reports_in,
    /// Mean share of packets that listeners lost, as reported in the last few seconds, in millionths.
    reported_lost_ppm,
    /// Share of those reports that speak of any loss, in millionths.
    reported_lossy_ppm,
    /// Mean jitter in those reports, in microseconds.
    reported_jitter_us,
    /// Mean round trip by those reports, in microseconds.
    reported_round_trip_us,
    /// Times a peer was sent to another address than before.
    moves,
    /// Datagrams handed to the socket.
    packets_out,
    /// Datagrams the socket did not take.
    dropped_send,
    /// Datagrams of no kind we know, or of nobody we know.
    dropped_unknown,
    /// Voice packets dropped unopened behind a closed gate.
    dropped_gate,
    /// Datagrams above what one peer may send.
    dropped_flood,
    /// Datagrams lost between threads because one was behind.
    dropped_busy,
    /// Datagrams that were not authentic, doubled or malformed.
    dropped_invalid,
    /// Checks from more addresses than one peer may have.
    dropped_addresses,
    /// Frames made too late to be sent.
    dropped_stale,
    /// Frame sets that each shard handed to its socket, or had to drop.
    sets,
    /// Those of them that came to it 20 ms late or later.
    sets_late,
    /// Ticks of the mixers.
    ticks,
    /// Those of them that began 10 ms late or later.
    ticks_late,
    /// What is left out now for want of time: 0 nothing, 1 encoding, 2 events, 3 packets, 4 closed.
    governor_step,
    /// How often that was changed.
    governor_steps,
    /// The share of the last second for which the busiest thread was busy, in thousandths.
    busy_permille,
    /// How many more listeners there is room for.
    room,
    /// Voice packets opened and given to the mixer.
    voice_in,
    /// Messages that came in on data channels.
    messages_in,
    /// Deltas not sent because a data channel was behind.
    messages_dropped,
    /// Faults that ended one peer or started one mixer anew.
    faults,
}
