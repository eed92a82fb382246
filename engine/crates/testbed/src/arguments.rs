//! What commands of this crate share in reading what they are told: names, each with a value.

use std::fmt::Display;
use std::process::ExitCode;
use std::str::FromStr;

/// Names with their values, as long as they are well-formed; what is wrong is said in words.
pub fn pairs(
    mut words: impl Iterator<Item = String>,
) -> impl Iterator<Item = Result<(String, String), String>> {
    std::iter::from_fn(move || {
        let name = words.next()?;
        let value = words.next();
        Some(match value {
            Some(value) => Ok((name, value)),
            None => Err(format!("{name} needs a value")),
        })
    })
}

/// Say that there is nothing of this name.
#[must_use]
pub fn unknown(name: &str) -> String {
    format!("{name} is unknown")
}

/// Say what is wrong, and how the command wants to be told.
#[must_use]
pub fn refuse(wrong: &str, usage: &str) -> ExitCode {
    eprintln!("{wrong}\n{usage}");
    ExitCode::from(2)
}

/// Where a space is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// Where the server answers, as `http://HOST:PORT`.
    pub url: String,
    /// The identifier of a live space.
    pub space: String,
}

impl Place {
    /// Take a value if it is a part of this; whether it was.
    pub fn take(&mut self, name: &str, value: &str) -> bool {
        match name {
            "--url" => value.clone_into(&mut self.url),
            "--space" => value.clone_into(&mut self.space),
            _ => return false,
        }
        true
    }

    /// The place, if it was told whole.
    ///
    /// # Errors
    /// When a part is missing.
    pub fn whole(self) -> Result<Self, String> {
        for (name, value) in [("--url", &self.url), ("--space", &self.space)] {
            if value.is_empty() {
                return Err(format!("{name} is missing"));
            }
        }
        Ok(self)
    }
}

/// Read a number within bounds; what is wrong is said in words.
///
/// # Errors
/// When it is none, or out of bounds.
#[expect(
    clippy::needless_pass_by_value,
    reason = "bounds are literals where they are given"
)]
pub fn number<N: FromStr + PartialOrd + Display>(
    name: &str,
    value: &str,
    least: N,
    most: N,
) -> Result<N, String> {
    let number = value.parse().ok();
    let number = number.filter(|number| (&least..=&most).contains(&number));
    number.ok_or_else(|| format!("{name} wants a number from {least} to {most}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_taken_within_its_bounds_only() {
        assert_eq!(number("--n", "3", 1, 3), Ok(3));
        assert_eq!(number("--n", "0.5", 0.0, 1.0), Ok(0.5));
        for wrong in ["0", "4", "x", ""] {
            assert_eq!(
                number("--n", wrong, 1, 3).unwrap_err(),
                "--n wants a number from 1 to 3"
            );
        }
    }

    #[test]
    fn a_name_without_a_value_is_wrong() {
        let words = ["--a", "1", "--b"].map(String::from);
        let read: Vec<_> = pairs(words.into_iter()).collect();

        assert_eq!(read[0], Ok(("--a".into(), "1".into())));
        assert_eq!(read[1], Err("--b needs a value".into()));
        assert_eq!(read.len(), 2);
    }

    #[test]
    fn a_place_is_whole_or_not_taken() {
        let mut place = Place::default();
        assert!(place.take("--space", "s"));
        assert!(!place.take("--seconds", "3"));
        assert_eq!(place.clone().whole().unwrap_err(), "--url is missing");

        assert!(place.take("--url", "http://a:1"));
        assert_eq!(place.whole().unwrap().space, "s");
    }
}
