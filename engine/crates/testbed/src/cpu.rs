//! What this thread has used of a processor.

use std::time::Duration;

/// Processor time of the calling thread, user and system, as the scheduler counts it; zero where
/// the kernel does not say (proc(5), `/proc/thread-self/schedstat`).
#[must_use]
pub fn thread_time() -> Duration {
    let said = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = said.split(' ').next().and_then(|first| first.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_counted() {
        let before = thread_time();
        while thread_time() < before + Duration::from_millis(20) {
            std::hint::black_box((0..100_000_u64).sum::<u64>());
        }
    }
}
