//! The engine as a Python module: converts, releases the interpreter's lock, calls.
//!
//! No decision is taken here. `_engine.pyi` is the interface; stubtest holds the two together.

mod engine;
mod errors;
mod event;

/// The compiled half of the package `convivium_engine`.
#[pyo3::pymodule(gil_used = false)]
mod _engine {
    #[pymodule_export]
    use crate::engine::Engine;
    #[pymodule_export]
    use crate::errors::{AddressTaken, EngineBusy, EngineError};
    #[pymodule_export]
    use crate::event::Event;
}
