//! What the command is told.

use std::time::Duration;

use convivium_testbed::arguments::{Place, number, pairs, unknown};
use convivium_testbed::crowd::Plan;

/// How it is told.
pub(crate) const USAGE: &str = "usage: convivium-crowd --url http://HOST:PORT --space ID \
[--listeners 1-100000,...] [--full 0-1000] [--full-every 0-1000] [--seconds 1-3600] [--stay-s 0-3600] [--threads 1-4] [--at-once 1-64] \
[--joins-per-s 1-10000] [--sample-every 0-1000000] [--read-every 1-1000000] [--loss 0-0.9] [--churn-per-s 0-1000] [--silent-every 0-1000]";

/// What the command is to do.
#[derive(Debug, Clone)]
pub(crate) struct Arguments {
    /// Where they go.
    pub(crate) place: Place,
    /// How many there are when it is counted, one crowd after another; each is the one before and
    /// more.
    pub(crate) sizes: Vec<usize>,
    /// How long to count when all have come.
    pub(crate) time: Duration,
    /// How long to listen on before more come.
    pub(crate) stay: Duration,
    /// Generator threads.
    pub(crate) threads: u32,
    /// Of all threads together.
    whole: Plan,
}

impl Arguments {
    /// Read the words after the command's name; what is wrong is said in words.
    pub(crate) fn read(words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut read = Self::default();
        for pair in pairs(words) {
            let (name, value) = pair?;
            if !read.place.take(&name, &value) {
                read.take(&name, &value)?;
            }
        }
        read.place = read.place.whole()?;
        read.whole.listeners = read.sizes[0];
        if !read
            .whole
            .full_every
            .is_multiple_of(read.whole.read_every as usize)
        {
            return Err("--full-every wants a multiple of --read-every".into());
        }
        Ok(read)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), String> {
        let whole = &mut self.whole;
        match name {
            "--seconds" => self.time = Duration::from_secs(number(name, value, 1, 3_600)?),
            "--stay-s" => self.stay = Duration::from_secs(number(name, value, 0, 3_600)?),
            "--threads" => self.threads = number(name, value, 1, 4)?,
            "--listeners" => self.sizes = rising(name, value)?,
            "--full" => whole.full = number(name, value, 0, 1_000)?,
            "--full-every" => whole.full_every = number(name, value, 0, 1_000)?,
            "--at-once" => whole.at_once = number(name, value, 1, 64)?,
            "--joins-per-s" => whole.joins_per_s = number(name, value, 1.0, 10_000.0)?,
            "--sample-every" => whole.sample_every = number(name, value, 0, 1_000_000)?,
            "--read-every" => whole.read_every = number(name, value, 1, 1_000_000)?,
            "--loss" => whole.loss = number(name, value, 0.0, 0.9)?,
            "--churn-per-s" => whole.churn_per_s = number(name, value, 0.0, 1_000.0)?,
            "--silent-every" => whole.silent_every = number(name, value, 0, 1_000)?,
            _ => return Err(unknown(name)),
        }
        Ok(())
    }

    /// One thread's share of so many.
    pub(crate) fn share(&self, all: usize, thread: u32) -> usize {
        let (threads, nth) = (self.threads as usize, thread as usize);
        all / threads + usize::from(nth < all % threads)
    }

    /// What one of the threads does: its share of everything.
    pub(crate) fn plan(&self, thread: u32) -> Plan {
        let share = |all| self.share(all, thread);
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

impl Default for Arguments {
    fn default() -> Self {
        let whole = Plan {
            listeners: 1_000,
            full: 0,
            full_every: 0,
            thread: 0,
            at_once: 32,
            joins_per_s: 10_000.0,
            sample_every: 100,
            read_every: 1,
            loss: 0.0,
            churn_per_s: 0.0,
            silent_every: 0,
        };
        Self {
            place: Place::default(),
            sizes: vec![1_000],
            time: Duration::from_secs(10),
            stay: Duration::ZERO,
            threads: 1,
            whole,
        }
    }
}

/// Sizes of crowds, each larger than the one before.
fn rising(name: &str, value: &str) -> Result<Vec<usize>, String> {
    let sizes = value.split(',');
    let sizes: Vec<_> = sizes
        .map(|size| number(name, size, 1, 100_000))
        .collect::<Result<_, _>>()?;
    if sizes.is_sorted_by(|one, next| one < next) {
        Ok(sizes)
    } else {
        Err(format!(
            "{name} wants each crowd larger than the one before"
        ))
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
        let said = "--url http://a:1 --space s --listeners 10 --full 3 --threads 4 --loss 0.1 --read-every 9";
        let read = read(said).unwrap();
        let plans: Vec<_> = (0..4).map(|thread| read.plan(thread)).collect();

        assert_eq!(plans.iter().map(|plan| plan.listeners).sum::<usize>(), 10);
        assert_eq!(plans.iter().map(|plan| plan.full).sum::<usize>(), 3);
        assert!(plans.iter().all(|plan| plan.at_once == 8));
        assert!(plans.iter().all(|plan| (plan.loss - 0.1).abs() < 1e-9));
        assert_eq!(
            (0..4).map(|thread| read.share(10, thread)).sum::<usize>(),
            10
        );
    }

    #[test]
    fn a_crowd_grows_from_one_size_to_the_next() {
        let read = |sizes| read(&format!("--url http://a:1 --space s --listeners {sizes}"));

        let said = read("100,1000").unwrap();
        assert_eq!(
            (said.sizes.as_slice(), said.plan(0).listeners),
            ([100, 1_000].as_slice(), 100)
        );
        let wrong = read("1000,100").unwrap_err();
        assert_eq!(
            wrong,
            "--listeners wants each crowd larger than the one before"
        );
        assert!(read("100,").is_err());
    }

    #[test]
    fn what_is_wrong_is_said_in_words() {
        let wrong = |line: &str| read(line).unwrap_err();

        assert_eq!(wrong("--space s"), "--url is missing");
        assert_eq!(wrong("--url"), "--url needs a value");
        assert_eq!(wrong("--loud yes"), "--loud is unknown");
        assert_eq!(
            wrong("--url http://a:1 --space s --full-every 9 --read-every 2"),
            "--full-every wants a multiple of --read-every"
        );
        assert_eq!(wrong("--loss 2"), "--loss wants a number from 0 to 0.9");
    }
}
