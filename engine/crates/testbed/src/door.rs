//! The way into a space over HTTP, for many at once: offers go in, answers come out when they come.
//!
//! Each of those who are let in at once has a thread that waits for the server, so that whoever is
//! inside already goes on living meanwhile.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::http::{Answer, Credential, HttpError, Request, Server};

/// A server that asks to come again later is believed this often, and so long each time: its line is
/// a minute long.
const ATTEMPTS: u32 = 5;
const PATIENCE: Duration = Duration::from_secs(60);

/// Somebody's offer on its way to the server.
#[derive(Debug)]
struct Caller {
    number: usize,
    credential: Credential,
    offer: String,
}

/// Where a call is ended, and as whom.
pub type Call = (String, Credential);

/// What the door's threads do.
#[derive(Debug)]
enum Errand {
    LetIn(Caller),
    LetGo(Call),
}

/// A call that was answered.
#[derive(Debug)]
pub struct Admission {
    /// The server's answer (SDP text).
    pub answer: String,
    /// How the call is to be ended, if the server says it.
    pub call: Option<Call>,
}

/// An open door: it takes offers and gives answers until it is dropped.
#[derive(Debug)]
pub struct Door {
    errands: Sender<Errand>,
    admissions: Receiver<(usize, Result<Admission, HttpError>)>,
}

impl Door {
    /// The door of the space at `path` (`/api/v1/spaces/ID`), wide enough for `at_once` people.
    ///
    /// # Errors
    /// When there are no threads to be had.
    pub fn open(server: &Arc<Server>, path: &str, at_once: usize) -> std::io::Result<Self> {
        let (errands, waiting) = bounded(at_once);
        let (admit, admissions) = bounded(at_once);
        for _ in 0..at_once {
            let (server, path) = (Arc::clone(server), format!("{path}/call"));
            let (waiting, admit) = (waiting.clone(), admit.clone());
            thread::Builder::new()
                .name("door".into())
                .spawn(move || keep(&server, &path, &waiting, &admit))?;
        }
        Ok(Self {
            errands,
            admissions,
        })
    }

    /// Ask for a call. Waits if more than `at_once` are asked for and have not been answered.
    pub fn ask(&self, number: usize, credential: Credential, offer: String) {
        let caller = Caller {
            number,
            credential,
            offer,
        };
        // The threads end only after this door.
        let _ = self.errands.send(Errand::LetIn(caller));
    }

    /// Ask to end a call. Who is not let go stays until the server misses them.
    pub fn let_go(&self, call: Call) {
        let _ = self.errands.send(Errand::LetGo(call));
    }

    /// The next answer that has come, with the number it was asked under.
    #[must_use]
    pub fn admission(&self) -> Option<(usize, Result<Admission, HttpError>)> {
        self.admissions.try_recv().ok()
    }
}

/// Let one after another in and out, as long as there is a door.
fn keep(
    server: &Server,
    path: &str,
    waiting: &Receiver<Errand>,
    admit: &Sender<(usize, Result<Admission, HttpError>)>,
) {
    for errand in waiting {
        match errand {
            Errand::LetGo(call) => end(server, &call),
            Errand::LetIn(caller) => {
                let number = caller.number;
                let admission = call(server, path, &caller).map(|answer| admission(answer, caller));
                if admit.send((number, admission)).is_err() {
                    return;
                }
            }
        }
    }
}

fn end(server: &Server, (path, credential): &Call) {
    let _ = server.demand(&Request {
        method: "DELETE",
        path,
        credential,
        ticket: None,
        body: ("application/sdp", ""),
    });
}

/// Post an offer, again later if the server says so, with the ticket it gave: as the page does.
fn call(server: &Server, path: &str, caller: &Caller) -> Result<Answer, HttpError> {
    let mut ticket: Option<String> = None;
    let mut attempts = 0;
    loop {
        attempts += 1;
        let request = Request {
            method: "POST",
            path,
            credential: &caller.credential,
            ticket: ticket.as_deref(),
            body: ("application/sdp", &caller.offer),
        };
        let answer = server.ask(&request)?;
        let wait = answer
            .header("retry-after")
            .and_then(|seconds| seconds.parse().ok());
        match wait {
            _ if answer.status == 201 => return Ok(answer),
            Some(seconds) if attempts < ATTEMPTS && matches!(answer.status, 429 | 503) => {
                wait_outside(seconds);
            }
            _ => return Err(answer.refusal(&request)),
        }
        ticket = answer.ticket().map(str::to_owned).or(ticket);
    }
}

/// A guest is from now on whoever the server's cookie says.
fn admission(answer: Answer, caller: Caller) -> Admission {
    let credential = match answer.cookie() {
        Some(cookie) => Credential::Cookie(cookie.to_owned()),
        None => caller.credential,
    };
    Admission {
        call: answer
            .header("location")
            .map(|path| (path.to_owned(), credential)),
        answer: answer.body,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the door is an edge: it waits in real time"
)]
fn wait_outside(seconds: u64) {
    thread::sleep(Duration::from_secs(seconds).min(PATIENCE));
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};

    use super::*;

    /// A server that answers each of its `answers` to one request, and not before all have come.
    fn server_of(answers: &'static [&'static str]) -> Arc<Server> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        thread::Builder::new()
            .spawn(move || {
                let come: Vec<TcpStream> = listener
                    .incoming()
                    .take(answers.len())
                    .map(Result::unwrap)
                    .collect();
                for (mut connection, answer) in come.into_iter().zip(answers) {
                    // Closing with octets unread would be a reset.
                    let _ = connection.read(&mut [0; 2_000]).unwrap();
                    connection.write_all(answer.as_bytes()).unwrap();
                }
            })
            .unwrap();
        Arc::new(Server::at(&url).unwrap())
    }

    fn next(door: &Door) -> (usize, Result<Admission, HttpError>) {
        door.admissions.recv_timeout(PATIENCE).unwrap()
    }

    #[test]
    fn as_many_ask_at_once_as_the_door_is_wide() {
        let ok = "HTTP/1.1 201 Created\r\nLocation: /c\r\nSet-Cookie: a=b; Path=/\r\n\r\nv=0";
        let answers = Box::leak(vec![ok; 3].into_boxed_slice());
        let door = Door::open(&server_of(answers), "/s", 3).unwrap();

        for number in 0..3 {
            door.ask(number, Credential::Nobody, "v=0".into());
        }

        let mut numbers: Vec<_> = (0..3).map(|_| next(&door).0).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [0, 1, 2]);
    }

    #[test]
    fn a_guest_may_end_the_call_with_the_cookie_it_was_given() {
        let ok = "HTTP/1.1 201 Created\r\nLocation: /c\r\nSet-Cookie: a=b; Path=/\r\n\r\nv=0";
        let door = Door::open(&server_of(Box::leak(Box::new([ok]))), "/s", 1).unwrap();

        door.ask(7, Credential::Nobody, "v=0".into());

        let (_, admission) = next(&door);
        let admission = admission.unwrap();
        let (path, credential) = admission.call.unwrap();
        assert_eq!((path.as_str(), admission.answer.as_str()), ("/c", "v=0"));
        assert!(matches!(credential, Credential::Cookie(cookie) if cookie == "a=b"));
    }

    #[test]
    fn who_goes_ends_the_call_as_whom_it_was_begun() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let door = Door::open(&Arc::new(Server::at(&url).unwrap()), "/s", 1).unwrap();

        door.let_go(("/c".into(), Credential::Token("t".into())));

        let mut asked = vec![0; 2_000];
        let length = listener.accept().unwrap().0.read(&mut asked).unwrap();
        let asked = String::from_utf8_lossy(&asked[..length]).into_owned();
        assert!(asked.starts_with("DELETE /c HTTP/1.1"), "{asked}");
        assert!(asked.contains("Authorization: Bearer t"), "{asked}");
    }

    #[test]
    fn who_is_sent_away_with_a_ticket_comes_again_with_it() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let door = Door::open(&Arc::new(Server::at(&url).unwrap()), "/s", 1).unwrap();

        door.ask(7, Credential::Nobody, "v=0".into());

        let busy = "HTTP/1.1 503 Busy\r\nRetry-After: 0\r\n\r\n";
        let in_line = [busy, r#"{"place":2,"ticket":"t1"}"#].concat();
        let asked: Vec<String> = [in_line.as_str(), busy, "HTTP/1.1 201 Created\r\n\r\nv=0"]
            .map(|answer| {
                let mut connection = listener.accept().unwrap().0;
                let mut asked = vec![0; 2_000];
                let length = connection.read(&mut asked).unwrap();
                connection.write_all(answer.as_bytes()).unwrap();
                String::from_utf8_lossy(&asked[..length]).into_owned()
            })
            .into();
        assert!(next(&door).1.is_ok());
        let shown = asked
            .iter()
            .map(|text| text.contains("Convivium-Ticket: t1\r\n"));
        assert_eq!(shown.collect::<Vec<_>>(), [false, true, true]);
    }

    #[test]
    fn a_refusal_is_told_to_whom_it_concerns() {
        let no = "HTTP/1.1 403 Forbidden\r\n\r\nno";
        let door = Door::open(&server_of(Box::leak(Box::new([no]))), "/s", 1).unwrap();

        door.ask(7, Credential::Nobody, "v=0".into());

        let (number, admission) = next(&door);
        assert_eq!(number, 7);
        assert!(matches!(
            admission,
            Err(HttpError::Refused { status: 403, .. })
        ));
    }
}
