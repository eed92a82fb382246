//! The edge: sockets, system calls, addresses. Everything behind it sees datagrams and addresses.

mod advertise;
mod outbox;
mod sys;
mod udp;

pub(crate) use advertise::own_addresses;
pub(crate) use outbox::{Link, Outbox};
pub(crate) use sys::{EventFd, ReceiveBatch, SendBatch};
pub(crate) use udp::{UdpLink, open_socket};
