//! An event as a Python object: one class, whose kinds use different fields.

use convivium_engine as engine;
use pyo3::prelude::*;

/// One thing that happened in the engine.
#[pyclass(frozen, get_all, module = "convivium_engine._engine")]
#[derive(Debug, Default)]
pub(crate) struct Event {
    kind: &'static str,
    token: u64,
    space: u64,
    peer: u64,
    source: u32,
    code: &'static str,
    text: String,
    room: u64,
    busy: u64,
    late: u64,
    lost: u64,
    counts: Vec<u32>,
}

impl From<engine::Event> for Event {
    fn from(event: engine::Event) -> Self {
        let empty = Self::default();
        match event {
            engine::Event::Answered { token, text } => Self {
                kind: "answered",
                token: token.0,
                text,
                ..empty
            },
            engine::Event::Refused { token, code, text } => Self {
                kind: "refused",
                token: token.0,
                code,
                text,
                ..empty
            },
            engine::Event::Done { token } => Self {
                kind: "done",
                token: token.0,
                ..empty
            },
            engine::Event::Connected { peer } => Self {
                kind: "connected",
                peer: peer.0,
                ..empty
            },
            engine::Event::ChannelReady { peer } => Self {
                kind: "channel_ready",
                peer: peer.0,
                ..empty
            },
            engine::Event::Closed { peer, why } => Self {
                kind: "closed",
                peer: peer.0,
                code: why.code(),
                ..empty
            },
            engine::Event::ClipEnded { space, source } => Self {
                kind: "clip_ended",
                space: space.0,
                source: source.0,
                ..empty
            },
            engine::Event::PacketTime { space, time } => Self {
                kind: "packet_time",
                space: space.0,
                code: time.code(),
                ..empty
            },
            engine::Event::Load(load) => Self {
                kind: "load",
                code: load.step.code(),
                room: load.room,
                busy: load.strain.busy,
                late: load.strain.late,
                lost: load.strain.lost,
                ..empty
            },
            engine::Event::Counted { space, counts } => Self {
                kind: "counted",
                space: space.0,
                counts,
                ..empty
            },
            engine::Event::Failed { thread } => Self {
                kind: "failed",
                text: thread.into(),
                ..empty
            },
            engine::Event::Lagged => Self {
                kind: "lagged",
                ..empty
            },
        }
    }
}
