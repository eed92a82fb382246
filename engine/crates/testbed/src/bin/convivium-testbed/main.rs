//! Tries a running server: lets synthetic people into a space, listens, and prints what they heard.
//!
//! `convivium-testbed --url http://127.0.0.1:8080 --space ID --speaker TOKEN --listeners 10`
//! Listeners come as guests, one after another or so many `--at-once`. Each `--speaker` is a token with the scopes read, write and speak, of
//! somebody who may speak there. Each `--hear` is the number of a voice that somebody else speaks with. Prints JSON, one line when all have come and one with what was
//! heard; exits with 1 if somebody was not heard by everybody.
#![forbid(unsafe_code)]

mod arguments;
mod report;
mod visit;

use std::process::ExitCode;

use arguments::Arguments;
use convivium_testbed::arguments::refuse;
use report::Report;
use visit::Visit;

fn main() -> ExitCode {
    let arguments = match Arguments::read(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(wrong) => return refuse(&wrong, arguments::USAGE),
    };
    match Visit::pay(&arguments) {
        Ok(visit) => {
            let report = Report::of(&visit, &arguments.hear);
            println!("{}", report.json());
            ExitCode::from(u8::from(!report.all_is_well()))
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
