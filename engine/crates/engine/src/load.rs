//! What the threads use of the machine's processors: the edge reads it from the kernel.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::engine::SHARD_NAMES;
use crate::governor::Effort;

/// The threads of an engine, each with what the kernel says of it (proc(5), `schedstat`).
#[derive(Debug, Clone, Default)]
pub(crate) struct Threads(Arc<Mutex<Vec<Thread>>>);

#[derive(Debug)]
struct Thread {
    sends: bool,
    /// Stays this thread's file, whoever reads it.
    account: File,
    used: Duration,
}

impl Threads {
    /// Count what the calling thread uses from now on. Where the kernel keeps no account of it,
    /// it counts as idle.
    pub(crate) fn add_this(&self, name: &str) {
        let Ok(account) = File::open("/proc/thread-self/schedstat") else {
            return;
        };
        let mut threads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        threads.push(Thread {
            sends: SHARD_NAMES.contains(&name),
            used: used(&account).unwrap_or_default(),
            account,
        });
    }
}

/// Looks at all threads now and then, and tells what they did since it looked before.
#[derive(Debug)]
pub(crate) struct Meter {
    threads: Threads,
    looked: Instant,
}

impl Meter {
    pub(crate) const fn new(threads: Threads, now: Instant) -> Self {
        Self {
            threads,
            looked: now,
        }
    }

    /// What the threads did since the last look.
    pub(crate) fn look(&mut self, now: Instant) -> Effort {
        let passed = now.saturating_duration_since(self.looked).as_micros();
        self.looked = now;
        let mut threads = self
            .threads
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut effort = Effort::default();
        for thread in threads.iter_mut() {
            let Some(used) = used(&thread.account) else {
                continue;
            };
            let since = used.saturating_sub(thread.used).as_micros();
            thread.used = used;
            let busy = since * 1_000 / passed.max(1);
            effort.busy = effort.busy.max(u64::try_from(busy).unwrap_or(u64::MAX));
            if thread.sends {
                effort.senders += 1;
                effort.sending_us += u64::try_from(since).unwrap_or(u64::MAX);
            }
        }
        effort
    }
}

/// Processor time of a thread, user and system; `None` when it has ended.
fn used(account: &File) -> Option<Duration> {
    let mut said = [0; 64];
    let length = account.read_at(&mut said, 0).ok()?;
    let text = std::str::from_utf8(&said[..length]).ok()?;
    text.split(' ')
        .next()?
        .parse()
        .ok()
        .map(Duration::from_nanos)
}

#[cfg(test)]
mod tests {
    use crossbeam_channel::bounded;

    use super::*;
    use crate::clock::now;

    #[test]
    fn what_another_thread_used_is_counted_until_it_ends() {
        let (threads, began) = (Threads::default(), now());
        let mut meter = Meter::new(threads.clone(), began);
        let (done, is_done) = bounded::<()>(0);
        let (end, ended) = bounded::<()>(0);
        let worker = std::thread::Builder::new().spawn(move || {
            threads.add_this("convivium-shard-1");
            let until = used(&File::open("/proc/thread-self/schedstat").unwrap()).unwrap()
                + Duration::from_millis(20);
            while used(&File::open("/proc/thread-self/schedstat").unwrap()).unwrap() < until {}
            done.send(()).unwrap();
            ended.recv().unwrap();
        });
        is_done.recv().unwrap();
        let effort = meter.look(began + Duration::from_millis(100));
        end.send(()).unwrap();
        worker.unwrap().join().unwrap();

        assert_eq!(effort.senders, 1);
        assert!(effort.sending_us >= 19_000, "{effort:?}");
        assert!(effort.busy >= 190, "{effort:?}");
        // The kernel forgets a thread a moment after it was joined.
        let is_forgotten = |_| {
            std::thread::yield_now();
            meter.look(began + Duration::from_secs(1)) == Effort::default()
        };
        assert!((0..1_000_000).any(is_forgotten));
    }
}
