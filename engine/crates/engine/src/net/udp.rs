//! The one UDP socket: opened here, read by the receive thread, written by the shard.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};

use super::{Link, Outbox, SendBatch};
use crate::error::EngineError;

/// Octets the kernel may hold in each direction; it gives what its limits allow.
const KERNEL_BUFFER: usize = 4 * 1024 * 1024;
/// How often a receive thread without datagrams looks whether it should stop.
const LOOK_UP_EVERY: Duration = Duration::from_millis(100);

/// Open the socket.
///
/// # Errors
/// [`EngineError::AddressTaken`] or [`EngineError::Socket`].
#[expect(clippy::disallowed_methods, reason = "the edge opens the socket")]
pub(crate) fn open_socket(bind: IpAddr, port: u16) -> Result<(Arc<Socket>, u16), EngineError> {
    let open = || -> io::Result<(Socket, u16)> {
        let address = SocketAddr::new(bind, port);
        let socket = Socket::new(
            Domain::for_address(address),
            Type::DGRAM,
            Some(Protocol::UDP),
        )?;
        socket.set_recv_buffer_size(KERNEL_BUFFER)?;
        socket.set_send_buffer_size(KERNEL_BUFFER)?;
        socket.set_read_timeout(Some(LOOK_UP_EVERY))?;
        socket.bind(&address.into())?;
        let port = socket
            .local_addr()?
            .as_socket()
            .map_or(port, |address| address.port());
        Ok((socket, port))
    };
    match open() {
        Ok((socket, port)) => {
            warn_if_small(&socket);
            Ok((Arc::new(socket), port))
        }
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(EngineError::AddressTaken {
            address: bind,
            port,
        }),
        Err(error) => Err(EngineError::Socket(error)),
    }
}

/// Tell the operator when the kernel gave far less room for sending than was asked for: once, at the
/// start, and on standard error, as the engine keeps no log of its own.
fn warn_if_small(socket: &Socket) {
    // Linux says twice what it gives, for its own records beside the data (socket(7)).
    let granted = socket.send_buffer_size().unwrap_or(0) / 2;
    if is_small(granted) {
        eprintln!(
            "convivium: the kernel holds {granted} octets of packets to send where \
             {KERNEL_BUFFER} were asked for; in large spaces sound may be lost. \
             Raise net.core.wmem_max."
        );
    }
}

const fn is_small(granted: usize) -> bool {
    granted < KERNEL_BUFFER / 4
}

/// The sending side of the socket.
pub(crate) struct UdpLink {
    socket: Arc<Socket>,
    batch: SendBatch,
}

impl UdpLink {
    pub(crate) fn new(socket: Arc<Socket>) -> Self {
        Self {
            socket,
            batch: SendBatch::default(),
        }
    }
}

impl Link for UdpLink {
    fn send(&mut self, outbox: &Outbox) -> usize {
        self.batch.send(self.socket.as_fd(), outbox)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_limit_of_a_kernel_is_small_and_what_was_asked_is_not() {
        assert!(is_small(212_992));
        assert!(!is_small(KERNEL_BUFFER));
    }
}
