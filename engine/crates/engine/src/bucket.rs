//! A bucket of tokens, filled by time.

use std::time::{Duration, Instant};

/// A bucket of tokens.
#[derive(Debug)]
pub(crate) struct Bucket {
    tokens: f32,
    most: f32,
    per_second: f32,
    filled_at: Option<Instant>,
}

impl Bucket {
    /// A full bucket.
    pub(crate) const fn new(most: f32, per_second: f32) -> Self {
        Self {
            tokens: most,
            most,
            per_second,
            filled_at: None,
        }
    }

    /// Take one token, if there is one.
    pub(crate) fn take(&mut self, now: Instant) -> bool {
        let idle = self
            .filled_at
            .map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        self.filled_at = Some(now);
        self.tokens = (self.tokens + idle.as_secs_f32() * self.per_second).min(self.most);
        let enough = self.tokens >= 1.0;
        if enough {
            self.tokens -= 1.0;
        }
        enough
    }
}
