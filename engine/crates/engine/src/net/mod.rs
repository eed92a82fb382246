//! The edge: sockets, system calls, addresses. Everything behind it sees datagrams and addresses.

mod advertise;
mod outbox;
mod sys;
mod udp;
mod way_out;

pub(crate) use advertise::own_addresses;
#[cfg(test)]
pub(crate) use outbox::Nowhere;
pub(crate) use outbox::{Link, MAX_DATAGRAM, Outbox};
pub(crate) use sys::{EventFd, ReceiveBatch, SendBatch};
pub(crate) use udp::{UdpLink, open_sockets};
pub(crate) use way_out::WayOut;
