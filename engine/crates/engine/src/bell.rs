//! What wakes the shard's thread: whoever has put something into one of its queues rings.
//!
//! A thread that waits for several channels at once spins before it sleeps, on each of them and
//! twice, and is woken by the first datagram of a batch. A bell costs one atomic operation while
//! the thread is awake, and is rung once for a batch.

use std::sync::{Arc, OnceLock};
use std::thread::Thread;

/// Wakes one thread; rings unheard until it is given one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bell(Arc<OnceLock<Thread>>);

impl Bell {
    /// Wake this thread from now on. It must look into its queues after this and before it sleeps
    /// for the first time, and again after every sleep.
    pub(crate) fn wakes(&self, thread: &Thread) {
        let _ = self.0.set(thread.clone());
    }

    /// Wake the thread, or keep it from falling asleep once.
    pub(crate) fn ring(&self) {
        if let Some(thread) = self.0.get() {
            thread.unpark();
        }
    }
}
