//! The one UDP port: opened here, read by the receive thread, written by all shards.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};

use super::sys::{receive_on_first, send_whole};
use super::{Link, Outbox, SendBatch};
use crate::error::EngineError;

/// Octets the kernel may hold in each direction; it gives what its limits allow.
const KERNEL_BUFFER: usize = 4 * 1024 * 1024;
/// How often a receive thread without datagrams looks whether it should stop.
const LOOK_UP_EVERY: Duration = Duration::from_millis(100);

/// Sockets of one port.
pub(crate) struct Sockets {
    pub(crate) port: u16,
    /// Gets whatever arrives.
    pub(crate) first: Socket,
    /// For those who only send: what one hands over, and how far the kernel is with it, concerns no
    /// other.
    pub(crate) sending: Vec<Socket>,
}

/// Open a port, with so many sockets for sending beside the one that receives.
///
/// # Errors
/// [`EngineError::AddressTaken`] or [`EngineError::Socket`].
pub(crate) fn open_sockets(
    bind: IpAddr,
    port: u16,
    sending: usize,
) -> Result<Sockets, EngineError> {
    let open = || -> io::Result<Sockets> {
        // Bound alone, so that a port which anybody has is found taken.
        let first = new_socket(bind)?;
        first.bind(&SocketAddr::new(bind, port).into())?;
        first.set_reuse_port(true)?;
        let address = first.local_addr()?;
        let sending = (0..sending)
            .map(|_| {
                let socket = new_socket(bind)?;
                socket.set_reuse_port(true)?;
                socket.bind(&address)?;
                Ok(socket)
            })
            .collect::<io::Result<Vec<_>>>()?;
        if !sending.is_empty() {
            receive_on_first(first.as_fd())?;
        }
        Ok(Sockets {
            port: address.as_socket().map_or(port, |address| address.port()),
            first,
            sending,
        })
    };
    match open() {
        Ok(sockets) => {
            warn_if_small(&sockets.first);
            Ok(sockets)
        }
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(EngineError::AddressTaken {
            address: bind,
            port,
        }),
        Err(error) => Err(EngineError::Socket(error)),
    }
}

#[expect(clippy::disallowed_methods, reason = "the edge opens sockets")]
fn new_socket(bind: IpAddr) -> io::Result<Socket> {
    let domain = Domain::for_address(SocketAddr::new(bind, 0));
    let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_recv_buffer_size(KERNEL_BUFFER)?;
    socket.set_send_buffer_size(KERNEL_BUFFER)?;
    socket.set_read_timeout(Some(LOOK_UP_EVERY))?;
    send_whole(socket.as_fd())?;
    Ok(socket)
}

/// Tell the operator when the kernel gave far less room than was asked for: once, at the start, and
/// on standard error, as the engine keeps no log of its own.
fn warn_if_small(socket: &Socket) {
    let rooms = [
        (
            socket.send_buffer_size(),
            "to send",
            "in large spaces",
            "wmem_max",
        ),
        (
            socket.recv_buffer_size(),
            "that came",
            "while somebody floods the port",
            "rmem_max",
        ),
    ];
    for (room, which, when, limit) in rooms {
        // Linux says twice what it gives, for its own records beside the data (socket(7)).
        let granted = room.unwrap_or(0) / 2;
        if is_small(granted) {
            eprintln!(
                "convivium: the kernel holds {granted} octets of packets {which} where \
                 {KERNEL_BUFFER} were asked for; {when} sound may be lost. Raise net.core.{limit}."
            );
        }
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
    use std::mem::MaybeUninit;
    use std::net::Ipv4Addr;

    use super::*;

    /// Any address of this machine only.
    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn whatever_arrives_arrives_at_the_first_socket() {
        let sockets = open_sockets(HERE, 0, 3).unwrap();
        let to = SocketAddr::new(HERE, sockets.port).into();
        for _ in 0..50 {
            let stranger = new_socket(HERE).unwrap();
            stranger.send_to(b"x", &to).unwrap();
        }

        let mut buffer = [MaybeUninit::uninit(); 8];
        for _ in 0..50 {
            sockets.first.recv(&mut buffer).unwrap();
        }
    }

    #[test]
    fn all_send_from_the_same_port() {
        let sockets = open_sockets(HERE, 0, 2).unwrap();
        let listener = open_sockets(HERE, 0, 0).unwrap();
        let to = SocketAddr::new(HERE, listener.port).into();
        for socket in sockets.sending.iter().chain([&sockets.first]) {
            socket.send_to(b"x", &to).unwrap();
            let mut buffer = [MaybeUninit::uninit(); 8];
            let (_, from) = listener.first.recv_from(&mut buffer).unwrap();
            assert_eq!(from.as_socket().unwrap().port(), sockets.port);
        }
    }

    #[test]
    fn a_port_of_one_engine_is_taken_for_another() {
        let one = open_sockets(HERE, 0, 2).unwrap();
        let other = open_sockets(HERE, one.port, 2);

        assert!(matches!(other, Err(EngineError::AddressTaken { .. })));
    }

    #[test]
    fn the_usual_limit_of_a_kernel_is_small_and_what_was_asked_is_not() {
        assert!(is_small(212_992));
        assert!(!is_small(KERNEL_BUFFER));
    }
}
