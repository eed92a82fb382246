//! The engine as a Python module: converts, releases the interpreter's lock, calls.
//!
//! No decision is taken here. `_engine.pyi` beside it is the interface; stubtest holds the two together.

/// The compiled half of the package `convivium_engine`.
#[pyo3::pymodule(gil_used = false)]
mod _engine {}
