//! What the command is told.

use std::time::Duration;

use convivium_testbed::arguments::number;
use convivium_testbed::crowd::Plan;

/// How it is told.
pub(crate) const USAGE: &str = "usage: convivium-crowd --url http://HOST:PORT --space ID \
[--listeners 1-100000] [--full 0-1000] [--seconds 1-3600] [--threads 1-4] [--at-once 1-64] \
[--joins-per-s 1-10000] [--sample-every 0-1000000] [--loss 0-0.9] [--churn-per-s 0-1000]";

/// What the command is to do.
#[derive(Debug, Clone)]
pub(crate) struct Arguments {
    /// Where the server answers, as `http://HOST:PORT`.
    pub(crate) url: String,
    /// The identifier of a live space.
    pub(crate) space: String,
    /// How long to count when all have come.
    pub(crate) time: Duration,
    /// Generator threads.
    pub(crate) threads: u32,
    /// Of all threads together.
    whole: Plan,
}

impl Arguments {
    /// Read the words after the command's name; what is wrong is said in words.
    pub(crate) fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut whole = Plan {
            listeners: 1_000,
            full: 0,
            thread: 0,
            at_once: 32,
            joins_per_s: 10_000.0,
            sample_every: 100,
            loss: 0.0,
            churn_per_s: 0.0,
        };
        let (mut url, mut space, mut seconds, mut threads) = (None, None, 10, 1);
        while let Some(name) = words.next() {
            let value = words
                .next()
                .ok_or_else(|| format!("{name} needs a value"))?;
            match name.as_str() {
                "--url" => url = Some(value),
                "--space" => space = Some(value),
                "--seconds" => seconds = number(&name, &value, 1, 3_600)?,
                "--threads" => threads = number(&name, &value, 1, 4)?,
                "--listeners" => whole.listeners = number(&name, &value, 1, 100_000)?,
                "--full" => whole.full = number(&name, &value, 0, 1_000)?,
                "--at-once" => whole.at_once = number(&name, &value, 1, 64)?,
                "--joins-per-s" => whole.joins_per_s = number(&name, &value, 1.0, 10_000.0)?,
                "--sample-every" => whole.sample_every = number(&name, &value, 0, 1_000_000)?,
                "--loss" => whole.loss = number(&name, &value, 0.0, 0.9)?,
                "--churn-per-s" => whole.churn_per_s = number(&name, &value, 0.0, 1_000.0)?,
                _ => return Err(format!("{name} is unknown")),
            }
        }
        Ok(Self {
            url: url.ok_or("--url is missing")?,
            space: space.ok_or("--space is missing")?,
            time: Duration::from_secs(seconds),
            threads,
            whole,
        })
    }

    /// What one of the threads does: its share of everything.
    pub(crate) fn plan(&self, thread: u32) -> Plan {
        let (threads, nth) = (self.threads as usize, thread as usize);
        let share = |all: usize| all / threads + usize::from(nth < all % threads);
        Plan {
            listeners: share(self.whole.listeners),
            full: share(self.whole.full),
            thread,
            at_once: share(self.whole.at_once).max(1),
            joins_per_s: self.whole.joins_per_s / f64::from(self.threads),
            churn_per_s: self.whole.churn_per_s / f64::from(self.threads),
            ..self.whole.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Arguments, String> {
        Arguments::read(line.split_whitespace().map(String::from))
    }

    #[test]
    fn threads_share_the_crowd_and_nobody_is_left_over() {
        let said = "--url http://a:1 --space s --listeners 10 --full 3 --threads 4 --loss 0.1";
        let read = read(said).unwrap();
        let plans: Vec<_> = (0..4).map(|thread| read.plan(thread)).collect();

        assert_eq!(plans.iter().map(|plan| plan.listeners).sum::<usize>(), 10);
        assert_eq!(plans.iter().map(|plan| plan.full).sum::<usize>(), 3);
        assert!(plans.iter().all(|plan| plan.at_once == 8));
        assert!(plans.iter().all(|plan| (plan.loss - 0.1).abs() < 1e-9));
    }

    #[test]
    fn what_is_wrong_is_said_in_words() {
        let wrong = |line: &str| read(line).unwrap_err();

        assert_eq!(wrong("--space s"), "--url is missing");
        assert_eq!(wrong("--url"), "--url needs a value");
        assert_eq!(wrong("--loud yes"), "--loud is unknown");
        assert_eq!(wrong("--loss 2"), "--loss wants a number from 0 to 0.9");
    }
}
