//! System calls that the standard library lacks: many datagrams at once, eventfd, interfaces.
//!
//! One of the two modules with unsafe code. Every block says why it is sound; nothing here keeps
//! a pointer beyond the call it was made for.
#![expect(
    unsafe_code,
    reason = "recvmmsg, sendmmsg, eventfd and getifaddrs have no safe face"
)]

use std::fs::File;
use std::io::{self, Read, Write};
use std::mem;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;
use std::time::Duration;

use arrayvec::ArrayVec;
use socket2::{SockAddr, SockAddrStorage};

use super::Outbox;
use super::outbox::BATCH as OUTBOX;

/// Datagrams taken from the kernel at once.
const BATCH: usize = 64;
/// Octets kept of one datagram; whatever is longer is no media and is dropped.
const LONGEST: usize = 2048;

/// Buffers for one batch of received datagrams.
pub(crate) struct ReceiveBatch {
    buffers: Box<[[u8; LONGEST]]>,
    addresses: Box<[libc::sockaddr_storage]>,
    received: Vec<(usize, bool, libc::socklen_t)>,
}

impl Default for ReceiveBatch {
    fn default() -> Self {
        // SAFETY: all zeros is a valid socket address storage, of an unspecified family.
        let empty: libc::sockaddr_storage = unsafe { mem::zeroed() };
        Self {
            buffers: vec![[0; LONGEST]; BATCH].into_boxed_slice(),
            addresses: vec![empty; BATCH].into_boxed_slice(),
            received: Vec::with_capacity(BATCH),
        }
    }
}

impl ReceiveBatch {
    /// Wait for datagrams as long as the socket's timeout says, and take all that are there.
    ///
    /// # Errors
    /// Those of recvmmsg(2): `WouldBlock` when the time is over.
    pub(crate) fn receive(&mut self, socket: BorrowedFd<'_>) -> io::Result<()> {
        self.received.clear();
        let mut vectors: ArrayVec<libc::iovec, BATCH> = self
            .buffers
            .iter_mut()
            .map(|buffer| libc::iovec {
                iov_base: buffer.as_mut_ptr().cast(),
                iov_len: LONGEST,
            })
            .collect();
        let mut headers: ArrayVec<libc::mmsghdr, BATCH> = vectors
            .iter_mut()
            .zip(&mut self.addresses)
            .map(|(vector, address)| header(vector, ptr::from_mut(address).cast(), SOCKADDR_LEN))
            .collect();
        // SAFETY: every header points to one vector and one address, every vector to one buffer
        // of the length it names; all of them live until the call returns.
        let count = unsafe {
            libc::recvmmsg(
                socket.as_raw_fd(),
                headers.as_mut_ptr(),
                BATCH as libc::c_uint,
                libc::MSG_WAITFORONE,
                ptr::null_mut(),
            )
        };
        let count = usize::try_from(count).map_err(|_| io::Error::last_os_error())?;
        self.received.extend(headers[..count].iter().map(|header| {
            let cut = header.msg_hdr.msg_flags & libc::MSG_TRUNC != 0;
            (header.msg_len as usize, cut, header.msg_hdr.msg_namelen)
        }));
        Ok(())
    }

    /// How many came with the last batch.
    pub(crate) fn len(&self) -> usize {
        self.received.len()
    }

    /// Whether more may have been there.
    pub(crate) fn is_full(&self) -> bool {
        self.len() == BATCH
    }

    /// The datagrams of the last batch with where they came from.
    pub(crate) fn datagrams(&self) -> impl Iterator<Item = (SocketAddr, &[u8])> {
        self.received
            .iter()
            .enumerate()
            .filter(|(_, (_, cut, _))| !cut)
            .filter_map(|(at, (length, _, address_length))| {
                let storage = self.addresses[at];
                // SAFETY: the kernel wrote an address of this length into the storage.
                let address = unsafe {
                    SockAddr::new(
                        mem::transmute::<libc::sockaddr_storage, SockAddrStorage>(storage),
                        *address_length,
                    )
                };
                Some((
                    canonical(address.as_socket()?),
                    self.buffers[at].get(..*length)?,
                ))
            })
    }
}

/// Octets of the largest socket address.
const SOCKADDR_LEN: libc::socklen_t = size_of::<libc::sockaddr_storage>() as libc::socklen_t;

fn header(
    vector: &mut libc::iovec,
    name: *mut libc::c_void,
    name_length: libc::socklen_t,
) -> libc::mmsghdr {
    // SAFETY: all zeros is a valid header: no name, no vectors, no control data.
    let mut header: libc::mmsghdr = unsafe { mem::zeroed() };
    header.msg_hdr.msg_name = name;
    header.msg_hdr.msg_namelen = name_length;
    header.msg_hdr.msg_iov = vector;
    header.msg_hdr.msg_iovlen = 1;
    header
}

/// An IPv4 address that a dual-stack socket shows as IPv6 is an IPv4 address.
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// How long a full kernel buffer is waited for: a tenth of what there is between two frames.
const PATIENCE: Duration = Duration::from_millis(2);

/// Of sockets that share a port, let the one that was bound first get whatever arrives.
///
/// # Errors
/// Those of setsockopt(2); none of the sockets may be connected.
pub(crate) fn receive_on_first(socket: BorrowedFd<'_>) -> io::Result<()> {
    /// A program of one instruction: the number of the socket is 0 (socket(7)).
    const RETURN_CONSTANT: u16 = (libc::BPF_RET | libc::BPF_K) as u16;
    let mut number_zero = libc::sock_filter {
        code: RETURN_CONSTANT,
        jt: 0,
        jf: 0,
        k: 0,
    };
    let program = libc::sock_fprog {
        len: 1,
        filter: &raw mut number_zero,
    };
    set_option(
        socket,
        (libc::SOL_SOCKET, libc::SO_ATTACH_REUSEPORT_CBPF),
        &program,
    )
}

/// Send datagrams whole or not at all, whatever anybody says about the path (ip(7)): all are short
/// enough for any. For others the kernel keeps numbers for their fragments, by the host they go to,
/// which is a tenth of the cost of sending.
///
/// # Errors
/// Those of setsockopt(2).
pub(crate) fn send_whole(socket: BorrowedFd<'_>) -> io::Result<()> {
    let name = (libc::IPPROTO_IP, libc::IP_MTU_DISCOVER);
    set_option(socket, name, &libc::IP_PMTUDISC_PROBE)
}

/// Set a socket option, given its level and name, to what the kernel knows it as.
fn set_option<T>(
    socket: BorrowedFd<'_>,
    (level, name): (libc::c_int, libc::c_int),
    value: &T,
) -> io::Result<()> {
    // SAFETY: the kernel copies so many octets of the value, and what a value points to, before the
    // call returns; the callers' values live longer than it.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            level,
            name,
            ptr::from_ref(value).cast(),
            size_of::<T>() as libc::socklen_t,
        )
    };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Addresses for one batch of sent datagrams.
#[derive(Default)]
pub(crate) struct SendBatch {
    addresses: Vec<SockAddr>,
    /// The last wait was in vain. A network that is stuck must not cost every batch a wait.
    waited_in_vain: bool,
}

impl SendBatch {
    /// Send what the outbox holds; returns how many datagrams the kernel took.
    ///
    /// sendmmsg stops at the first datagram it cannot send: that one is skipped, so that one
    /// unreachable listener costs nobody else a packet. When the kernel's buffer is full it is
    /// waited for once, 2 ms at most; then the rest is dropped: late sound is worth nothing.
    pub(crate) fn send(&mut self, socket: BorrowedFd<'_>, outbox: &Outbox) -> usize {
        self.addresses.clear();
        self.addresses
            .extend(outbox.datagrams().map(|(to, _)| SockAddr::from(to)));
        let mut vectors: ArrayVec<libc::iovec, OUTBOX> = outbox
            .datagrams()
            .map(|(_, datagram)| libc::iovec {
                iov_base: datagram.as_ptr().cast_mut().cast(),
                iov_len: datagram.len(),
            })
            .collect();
        let mut headers: ArrayVec<libc::mmsghdr, OUTBOX> = vectors
            .iter_mut()
            .zip(&self.addresses)
            .map(|(vector, address)| {
                header(vector, address.as_ptr().cast_mut().cast(), address.len())
            })
            .collect();
        send_all(
            headers.len(),
            &mut self.waited_in_vain,
            |next| send_some(socket, &mut headers[next..]),
            || takes_more(socket, PATIENCE),
        )
    }
}

/// Send datagrams by number: `send_from` takes some from that number on and says how many,
/// `takes_more` waits for room. Returns how many were taken.
fn send_all(
    count: usize,
    waited_in_vain: &mut bool,
    mut send_from: impl FnMut(usize) -> io::Result<usize>,
    takes_more: impl Fn() -> bool,
) -> usize {
    let (mut next, mut taken, mut waited) = (0, 0, false);
    while next < count {
        match send_from(next) {
            Ok(sent) if sent > 0 => {
                next += sent;
                taken += sent;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                if waited || *waited_in_vain || !takes_more() {
                    *waited_in_vain = true;
                    return taken;
                }
                waited = true;
            }
            _ => next += 1,
        }
    }
    *waited_in_vain = false;
    taken
}

/// One call of sendmmsg(2).
fn send_some(socket: BorrowedFd<'_>, headers: &mut [libc::mmsghdr]) -> io::Result<usize> {
    // SAFETY: the caller's headers point to one vector and one address each, every vector to one
    // datagram of the length it names; all live until the call returns, and the kernel only reads
    // through them although the type says otherwise.
    let sent = unsafe {
        libc::sendmmsg(
            socket.as_raw_fd(),
            headers.as_mut_ptr(),
            headers.len() as libc::c_uint,
            libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL,
        )
    };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}

/// Whether a socket has room for datagrams, or has within this time.
fn takes_more(socket: BorrowedFd<'_>, patience: Duration) -> bool {
    let mut poll = libc::pollfd {
        fd: socket.as_raw_fd(),
        events: libc::POLLOUT,
        revents: 0,
    };
    // SAFETY: one structure, as the count says.
    let ready = unsafe { libc::poll(&raw mut poll, 1, patience.as_millis() as libc::c_int) };
    ready == 1 && poll.revents & libc::POLLOUT != 0
}

/// A counter of the kernel that makes a file descriptor readable (eventfd(2)).
#[derive(Debug)]
pub(crate) struct EventFd(File);

impl EventFd {
    pub(crate) fn new() -> io::Result<Self> {
        // SAFETY: the call takes no pointer.
        let fd = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the descriptor is new and nobody else's.
        Ok(Self(File::from(unsafe { OwnedFd::from_raw_fd(fd) })))
    }

    /// Make it readable. It cannot fail but for a counter that is full, and then it is readable.
    pub(crate) fn set(&self) {
        let _ = (&self.0).write(&1_u64.to_ne_bytes());
    }

    /// Make it unreadable.
    pub(crate) fn clear(&self) {
        let _ = (&self.0).read(&mut [0; 8]);
    }

    #[cfg(test)]
    pub(crate) fn is_set(&self) -> bool {
        let mut poll = libc::pollfd {
            fd: self.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        };
        // SAFETY: one structure, as the count says.
        unsafe { libc::poll(&raw mut poll, 1, 0) == 1 }
    }
}

impl AsRawFd for EventFd {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

/// The addresses of all interfaces that are up.
pub(super) fn interface_addresses() -> io::Result<Vec<IpAddr>> {
    let mut list: *mut libc::ifaddrs = ptr::null_mut();
    // SAFETY: the call writes one pointer, which is given back below.
    if unsafe { libc::getifaddrs(&raw mut list) } != 0 {
        return Err(io::Error::last_os_error());
    }
    let mut addresses = Vec::new();
    let mut next = list;
    // SAFETY: the list is the kernel library's; each entry points to the next or to nothing.
    while let Some(entry) = unsafe { next.as_ref() } {
        if entry.ifa_flags & libc::IFF_UP as libc::c_uint != 0 {
            // SAFETY: an entry's address is a socket address of the family it names, or null.
            addresses.extend(unsafe { ip_address(entry.ifa_addr) });
        }
        next = entry.ifa_next;
    }
    // SAFETY: it came from getifaddrs and nothing points into it any more.
    unsafe { libc::freeifaddrs(list) };
    Ok(addresses)
}

/// # Safety
/// `address` is null or points to a socket address of the family it names.
unsafe fn ip_address(address: *const libc::sockaddr) -> Option<IpAddr> {
    // SAFETY: by the contract.
    let family = i32::from(unsafe { address.as_ref() }?.sa_family);
    match family {
        libc::AF_INET => {
            // SAFETY: the family says which structure it is.
            let address = unsafe { address.cast::<libc::sockaddr_in>().read_unaligned() };
            Some(IpAddr::from(address.sin_addr.s_addr.to_ne_bytes()))
        }
        libc::AF_INET6 => {
            // SAFETY: the family says which structure it is.
            let address = unsafe { address.cast::<libc::sockaddr_in6>().read_unaligned() };
            Some(IpAddr::from(address.sin6_addr.s6_addr))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixDatagram;

    use super::*;

    /// Send ten datagrams into a buffer with room for four that empties in the first `waits`
    /// waits; returns how many were taken and how often was waited.
    fn send_ten(waits: u32, waited_in_vain: &mut bool) -> (usize, u32) {
        let (room, waited) = (Cell::new(4), Cell::new(0));
        let send = |next: usize| match room.replace(0) {
            0 => Err(io::ErrorKind::WouldBlock.into()),
            room => Ok(room.min(10 - next)),
        };
        let takes_more = || {
            waited.set(waited.get() + 1);
            room.set(if waited.get() <= waits { 4 } else { 0 });
            waited.get() <= waits
        };
        let taken = send_all(10, waited_in_vain, send, takes_more);
        (taken, waited.get())
    }

    #[test]
    fn a_full_buffer_is_waited_for_once_in_a_batch() {
        assert_eq!(send_ten(9, &mut false), (8, 1));
    }

    #[test]
    fn a_buffer_that_stays_full_is_waited_for_once_until_a_batch_goes_through() {
        let mut waited_in_vain = false;
        assert_eq!(send_ten(0, &mut waited_in_vain), (4, 1));
        assert_eq!(send_ten(0, &mut waited_in_vain), (4, 0));

        let whole = send_all(10, &mut waited_in_vain, |_| Ok(10), || false);
        assert_eq!((whole, waited_in_vain), (10, false));
    }

    #[test]
    fn a_datagram_that_cannot_be_sent_costs_the_others_nothing() {
        let send = |next| match next {
            3 => Err(io::ErrorKind::HostUnreachable.into()),
            _ => Ok(1),
        };

        assert_eq!(send_all(10, &mut false, send, || false), 9);
    }

    #[test]
    fn a_socket_takes_more_when_its_buffer_has_room_and_not_before() {
        let (socket, reader) = UnixDatagram::pair().unwrap();
        socket.set_nonblocking(true).unwrap();
        assert!(takes_more(socket.as_fd(), PATIENCE));
        while socket.send(&[0; 1000]).is_ok() {}
        assert!(!takes_more(socket.as_fd(), PATIENCE));

        reader.set_nonblocking(true).unwrap();
        while reader.recv(&mut [0; 1000]).is_ok() {}
        assert!(takes_more(socket.as_fd(), PATIENCE));
    }
}
