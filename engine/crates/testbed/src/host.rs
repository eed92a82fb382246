//! A server over HTTP as the host of a crowd.

use std::collections::HashMap;
use std::sync::Arc;

use crate::crowd::Host;
use crate::door::{Call, Door};
use crate::http::{Credential, Server};

/// Guests of one server.
#[derive(Debug)]
pub struct HttpHost {
    door: Door,
    /// How to end calls; remembered only where somebody will leave.
    calls: Option<HashMap<usize, Call>>,
}

impl HttpHost {
    /// The door of a space; `with_churn`: some will leave before the end.
    ///
    /// # Errors
    /// When there are no threads to be had.
    pub fn of(
        server: &Arc<Server>,
        space: &str,
        at_once: usize,
        with_churn: bool,
    ) -> std::io::Result<Self> {
        Ok(Self {
            door: Door::open(server, &format!("/api/v1/spaces/{space}"), at_once)?,
            calls: with_churn.then(HashMap::new),
        })
    }
}

impl Host for HttpHost {
    fn ask(&mut self, number: usize, offer: String) {
        self.door.ask(number, Credential::Nobody, offer);
    }

    fn answered(&mut self) -> Option<(usize, Result<String, String>)> {
        let (number, admission) = self.door.admission()?;
        let answer = admission.map(|admission| {
            if let (Some(calls), Some(call)) = (&mut self.calls, admission.call) {
                calls.insert(number, call);
            }
            admission.answer
        });
        Some((number, answer.map_err(|error| error.to_string())))
    }

    fn leave(&mut self, number: usize) {
        if let Some(call) = self.calls.as_mut().and_then(|calls| calls.remove(&number)) {
            self.door.let_go(call);
        }
    }

    fn forget(&mut self, number: usize) {
        if let Some(calls) = &mut self.calls {
            calls.remove(&number);
        }
    }
}
