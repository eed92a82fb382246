//! As much of HTTP/1.1 (RFC 9112) as it takes to ask our own server: one request per connection,
//! bodies of known length, no TLS.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A server that takes longer is not there.
const PATIENCE: Duration = Duration::from_secs(10);

/// What can go wrong with a request.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The address is not one this client can use.
    #[error("{0} is no address of the kind http://HOST:PORT")]
    Address(String),
    /// Nobody answers there, or the answer breaks off.
    #[error("the server does not answer: {0}")]
    Unreachable(#[from] std::io::Error),
    /// What came back is not HTTP.
    #[error("the answer is not understood")]
    Answer,
    /// The server said no.
    #[error("{method} {path} was refused with {status}: {body}")]
    Refused {
        /// What was asked for.
        method: &'static str,
        /// Where.
        path: String,
        /// The answer's status.
        status: u16,
        /// The answer's text.
        body: String,
    },
}

/// Who asks.
#[derive(Debug, Clone)]
pub enum Credential {
    /// Nobody the server knows.
    Nobody,
    /// The owner of a token.
    Token(String),
    /// `name=value`, as the server gave it to a guest.
    Cookie(String),
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Request<'r> {
    /// What is asked for.
    pub method: &'static str,
    /// Where.
    pub path: &'r str,
    /// As whom.
    pub credential: &'r Credential,
    /// What an earlier refusal gave, which keeps a place in line.
    pub ticket: Option<&'r str>,
    /// Media type and body.
    pub body: (&'r str, &'r str),
}

/// What came back.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    headers: Vec<(String, String)>,
    /// Its text.
    pub body: String,
}

/// A server that can be asked.
#[derive(Debug)]
pub struct Server {
    authority: String,
}

impl Server {
    /// The server at `url`.
    ///
    /// # Errors
    /// When the address is not of the kind `http://HOST:PORT`.
    pub fn at(url: &str) -> Result<Self, HttpError> {
        let authority = url
            .strip_prefix("http://")
            .map(|rest| rest.trim_end_matches('/'));
        match authority {
            Some(authority) if authority.contains(':') && !authority.contains('/') => Ok(Self {
                authority: authority.to_owned(),
            }),
            _ => Err(HttpError::Address(url.to_owned())),
        }
    }

    /// Ask; an answer other than 2xx is given like any other.
    ///
    /// # Errors
    /// When nobody answers, or not in HTTP.
    pub fn ask(&self, request: &Request<'_>) -> Result<Answer, HttpError> {
        let mut connection = TcpStream::connect(&self.authority)?;
        connection.set_read_timeout(Some(PATIENCE))?;
        connection.set_write_timeout(Some(PATIENCE))?;
        connection.write_all(self.text(request).as_bytes())?;
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer)?;
        Answer::read(&answer).ok_or(HttpError::Answer)
    }

    /// Ask; an answer other than 2xx is an error.
    ///
    /// # Errors
    /// As [`Server::ask`], and when the server refuses.
    pub fn demand(&self, request: &Request<'_>) -> Result<Answer, HttpError> {
        let answer = self.ask(request)?;
        if (200..300).contains(&answer.status) {
            return Ok(answer);
        }
        Err(answer.refusal(request))
    }

    fn text(&self, request: &Request<'_>) -> String {
        let Request {
            method,
            path,
            credential,
            ticket,
            body: (kind, body),
        } = request;
        let authority = &self.authority;
        let credential = match credential {
            Credential::Nobody => String::new(),
            Credential::Token(token) => format!("Authorization: Bearer {token}\r\n"),
            // With a cookie the server wants to see that its own page asks.
            Credential::Cookie(cookie) => {
                format!("Cookie: {cookie}\r\nOrigin: http://{authority}\r\n")
            }
        };
        let ticket = ticket.map_or_else(String::new, |ticket| {
            format!("Convivium-Ticket: {ticket}\r\n")
        });
        format!(
            "{method} {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n{credential}\
             {ticket}Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }
}

impl Answer {
    /// Read a whole answer; nothing if it is none.
    fn read(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.split("\r\n");
        let status = lines
            .next()?
            .strip_prefix("HTTP/1.1 ")?
            .get(..3)?
            .parse()
            .ok()?;
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        Some(Self {
            status,
            headers,
            body: body.to_owned(),
        })
    }

    /// The value of a header, named in small letters.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(given, _)| given == name);
        found.map(|(_, value)| value.as_str())
    }

    /// What a client keeps of the cookie it was given.
    #[must_use]
    pub fn cookie(&self) -> Option<&str> {
        self.header("set-cookie")?.split(';').next()
    }

    /// The ticket in the problem that this answer tells of; it is plain letters and digits.
    #[must_use]
    pub fn ticket(&self) -> Option<&str> {
        let (_, value) = self.body.split_once("\"ticket\":")?;
        value.trim_start().strip_prefix('"')?.split('"').next()
    }

    /// This answer as the error it is to whoever asked.
    #[must_use]
    pub fn refusal(self, request: &Request<'_>) -> HttpError {
        HttpError::Refused {
            method: request.method,
            path: request.path.to_owned(),
            status: self.status,
            body: self.body,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_without_tls_and_path_are_taken() {
        assert!(Server::at("http://127.0.0.1:8080/").is_ok());
        for wrong in [
            "https://127.0.0.1:8080",
            "127.0.0.1:8080",
            "http://a:1/b",
            "http://a",
        ] {
            assert!(Server::at(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_request_says_who_asks_and_how_much_follows() {
        let server = Server::at("http://127.0.0.1:8080").unwrap();
        let credential = Credential::Cookie("a=b".into());

        let text = server.text(&Request {
            method: "POST",
            path: "/x",
            credential: &credential,
            ticket: Some("t1"),
            body: ("text/plain", "öl"),
        });

        assert_eq!(
            text,
            "POST /x HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nConnection: close\r\nCookie: a=b\r\n\
             Origin: http://127.0.0.1:8080\r\nConvivium-Ticket: t1\r\n\
             Content-Type: text/plain\r\nContent-Length: 3\r\n\r\nöl"
        );
    }

    #[test]
    fn an_answer_is_taken_apart_and_anything_else_is_none() {
        let answer = Answer::read(
            b"HTTP/1.1 201 Created\r\nSet-Cookie: a=b; Path=/\r\nLOCATION: /c\r\n\r\nv=0\r\n\r\nx",
        )
        .unwrap();

        assert_eq!((answer.status, answer.body.as_str()), (201, "v=0\r\n\r\nx"));
        assert_eq!(
            (answer.cookie(), answer.header("location")),
            (Some("a=b"), Some("/c"))
        );
        assert_eq!(Answer::read(b"SSH-2.0\r\n\r\n"), None);
        assert_eq!(Answer::read(b"HTTP/1.1 2"), None);
    }
}
