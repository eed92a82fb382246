//! What commands of this crate share in reading what they are told.

use std::fmt::Display;
use std::str::FromStr;

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
}
