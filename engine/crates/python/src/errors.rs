//! The engine's refusals as Python exceptions.

use convivium_engine as engine;
use pyo3::PyErr;
use pyo3::create_exception;
use pyo3::exceptions::PyException;

create_exception!(
    convivium_engine._engine,
    EngineError,
    PyException,
    "Whatever the engine refuses at once; the text is written for an operator."
);
create_exception!(
    convivium_engine._engine,
    AddressTaken,
    EngineError,
    "Another process holds the UDP port."
);
create_exception!(
    convivium_engine._engine,
    EngineBusy,
    EngineError,
    "The command queue is full; nothing was done, and it may be tried again."
);

/// The exception for a refusal.
pub(crate) fn raise(error: &engine::EngineError) -> PyErr {
    let text = error.to_string();
    match error {
        engine::EngineError::AddressTaken { .. } => AddressTaken::new_err(text),
        engine::EngineError::Busy => EngineBusy::new_err(text),
        _ => EngineError::new_err(text),
    }
}
