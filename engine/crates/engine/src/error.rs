//! What the engine refuses at once. Refusals that come later are events.

use thiserror::Error;

/// Why the engine did not start, or did not take a command; the text is for an operator.
#[derive(Debug, Error)]
pub enum EngineError {
    /// Another process holds the UDP port.
    #[error("UDP port {port} on {address} is taken by another process.")]
    AddressTaken {
        /// The local address that was asked for.
        address: std::net::IpAddr,
        /// The port that was asked for.
        port: u16,
    },
    /// The socket could not be made for another reason.
    #[error("The UDP socket could not be opened: {0}.")]
    Socket(#[source] std::io::Error),
    /// A thread or its eventfd could not be made.
    #[error("The engine's threads could not be started: {0}.")]
    Start(#[source] std::io::Error),
    /// There is no address to tell clients.
    #[error("This machine has no address that could be advertised; name one.")]
    NoAddress,
    /// The cryptographic library does not work.
    #[error("The cryptographic library does not work on this machine.")]
    Cryptography,
    /// The command queue is full, or answers are not being fetched.
    #[error("The engine is busy; nothing was done.")]
    Busy,
    /// More messages should be counted than can be.
    #[error("At most 16 different messages can be counted.")]
    TooManyCounted,
    /// A message is longer than 64 KiB.
    #[error("The message has more than 64 KiB.")]
    MessageTooLong,
    /// The engine was stopped.
    #[error("The engine is stopped.")]
    Stopped,
}
