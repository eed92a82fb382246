//! The engine as a Python object.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use convivium_engine as engine;
use convivium_engine::mix::PacketTime;
use convivium_engine::opus::Content;
use convivium_engine::{PeerId, SourceId, SpaceId, Token};
use pyo3::prelude::*;

use crate::errors::{EngineError, raise};
use crate::event::Event;

/// A running engine: its threads start here and never take the interpreter's lock.
#[pyclass(frozen, module = "convivium_engine._engine")]
pub(crate) struct Engine(engine::Engine);

#[pymethods]
impl Engine {
    #[new]
    #[pyo3(
        signature = (*, bind = "0.0.0.0", port = 0, advertise = Vec::new(), counted = Vec::new()),
        text_signature = "(*, bind='0.0.0.0', port=0, advertise=(), counted=())"
    )]
    fn new(
        py: Python<'_>,
        bind: &str,
        port: u16,
        advertise: Vec<String>,
        counted: Vec<String>,
    ) -> PyResult<Self> {
        let config = engine::Config {
            bind: address(bind)?,
            port,
            advertise: advertise
                .into_iter()
                .map(|text| address(&text))
                .collect::<PyResult<_>>()?,
            counted,
        };
        py.detach(|| engine::Engine::start(&config))
            .map(Self)
            .map_err(|error| raise(&error))
    }

    #[getter]
    fn udp_port(&self) -> u16 {
        self.0.port()
    }

    /// The addresses written into answers.
    #[getter]
    fn advertised(&self) -> Vec<String> {
        self.0.advertised().iter().map(IpAddr::to_string).collect()
    }

    /// Becomes readable when `drain` has something to give.
    #[getter]
    fn event_fd(&self) -> i32 {
        self.0.controls().events().fd()
    }

    fn open_space(&self, space: u64) -> PyResult<()> {
        done(self.0.controls().open_space(SpaceId(space)))
    }

    fn close_space(&self, space: u64) -> PyResult<u64> {
        token(self.0.controls().close_space(SpaceId(space)))
    }

    #[pyo3(signature = (*, space, peer, source, offer, expected = false))]
    fn answer(
        &self,
        space: u64,
        peer: u64,
        source: u32,
        offer: String,
        expected: bool,
    ) -> PyResult<u64> {
        let controls = self.0.controls();
        let (space, peer, source) = (SpaceId(space), PeerId(peer), SourceId(source));
        token(if expected {
            controls.answer_expected(space, peer, source, offer)
        } else {
            controls.answer(space, peer, source, offer)
        })
    }

    fn restart(&self, peer: u64, fragment: String) -> PyResult<u64> {
        token(self.0.controls().restart(PeerId(peer), fragment))
    }

    #[pyo3(signature = (peer, *, open))]
    fn set_gate(&self, peer: u64, open: bool) -> PyResult<u64> {
        token(self.0.controls().set_gate(PeerId(peer), open))
    }

    fn close_peer(&self, peer: u64) -> PyResult<u64> {
        token(self.0.controls().close_peer(PeerId(peer)))
    }

    fn send(&self, py: Python<'_>, peers: Vec<u64>, message: &str) -> PyResult<()> {
        let peers = peers.into_iter().map(PeerId).collect();
        done(py.detach(|| self.0.controls().send(peers, message)))
    }

    fn send_snapshot(&self, py: Python<'_>, peer: u64, message: &str) -> PyResult<()> {
        done(py.detach(|| self.0.controls().send_snapshot(PeerId(peer), message)))
    }

    fn broadcast(&self, py: Python<'_>, space: u64, message: &str) -> PyResult<()> {
        done(py.detach(|| self.0.controls().broadcast(SpaceId(space), message)))
    }

    fn play(&self, space: u64, source: u32, packets: Vec<Vec<u8>>) -> PyResult<()> {
        let packets = packets.into_iter().map(Vec::into_boxed_slice).collect();
        done(
            self.0
                .controls()
                .play(SpaceId(space), SourceId(source), packets),
        )
    }

    fn stop_playing(&self, space: u64, source: u32) -> PyResult<()> {
        done(
            self.0
                .controls()
                .stop_playing(SpaceId(space), SourceId(source)),
        )
    }

    #[pyo3(signature = (space, *, music))]
    fn set_music(&self, space: u64, music: bool) -> PyResult<()> {
        let content = if music {
            Content::Music
        } else {
            Content::Voices
        };
        done(self.0.controls().set_content(SpaceId(space), content))
    }

    fn set_packet_time(&self, ms: Option<u32>) -> PyResult<()> {
        let time = match ms {
            None => None,
            Some(ms) => Some(PacketTime::of_ms(ms).ok_or_else(|| {
                EngineError::new_err(format!("packets of {ms} ms: there are 20, 40, 60 and 120"))
            })?),
        };
        done(self.0.controls().set_packet_time(time))
    }

    #[pyo3(signature = (limit = 512))]
    fn drain(&self, py: Python<'_>, limit: usize) -> Vec<Event> {
        let events = py.detach(|| self.0.controls().drain(limit));
        events.into_iter().map(Event::from).collect()
    }

    fn stats(&self) -> BTreeMap<&'static str, u64> {
        self.0.controls().stats().snapshot().into_iter().collect()
    }

    #[pyo3(signature = (timeout_ms = 1000))]
    fn stop(&self, py: Python<'_>, timeout_ms: u64) -> PyResult<()> {
        let stopped = py.detach(|| self.0.stop(Duration::from_millis(timeout_ms)));
        if !stopped {
            return Err(EngineError::new_err(
                "The engine's threads did not end in time.",
            ));
        }
        Ok(())
    }
}

fn address(text: &str) -> PyResult<IpAddr> {
    text.parse()
        .map_err(|_| EngineError::new_err(format!("{text} is not an IP address.")))
}

fn token(result: Result<Token, engine::EngineError>) -> PyResult<u64> {
    result.map(|token| token.0).map_err(|error| raise(&error))
}

fn done(result: Result<(), engine::EngineError>) -> PyResult<()> {
    result.map_err(|error| raise(&error))
}
