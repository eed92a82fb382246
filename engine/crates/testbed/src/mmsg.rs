//! One UDP socket that is many people: each has an address of its own in 127.0.0.0/8.
//!
//! Linux answers for the whole of 127.0.0.0/8 on every machine, so whoever binds to any address
//! hears all of them. With `IP_PKTINFO` (ip(7)) the kernel says to which one a datagram came, and is
//! told from which one to send. Datagrams are taken and sent many at once.
//!
//! The one module of this crate with unsafe code. Nothing here keeps a pointer beyond the call it
//! was made for: headers are written anew for every call, only their memory is used again.
#![expect(
    unsafe_code,
    reason = "recvmmsg, sendmmsg and these options have no safe face"
)]

use std::io;
use std::mem;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::AsRawFd;
use std::ptr;

use socket2::{Domain, Protocol, Socket, Type};

use crate::filter::Readers;

/// Datagrams taken or sent by one call.
pub const BATCH: usize = 64;
/// Octets of the longest datagram that is taken or sent.
pub const LONGEST: usize = 1_500;
/// Octets that wait in the kernel: a burst to everybody, while this process has no core.
const KERNEL_BUFFER: i32 = 64 * 1024 * 1024;

/// A control message is a length, a level and a type, then what it says (cmsg(3)).
const CONTROL_HEAD: usize = size_of::<libc::cmsghdr>();
/// Room for an address and a time, with their heads.
const CONTROL: usize = 128;

/// Octets of the control message that says from which address to send: interface (any), address,
/// and one field the kernel does not read, aligned (ip(7)).
const SOURCE: usize = (CONTROL_HEAD + 12).next_multiple_of(size_of::<usize>());

/// Control messages, aligned as they have to be.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
struct Control<const N: usize>([u8; N]);

/// A socket on all addresses of this machine.
#[derive(Debug)]
pub struct ManySocket {
    socket: Socket,
    port: u16,
}

impl ManySocket {
    /// Bind to a port (0: a free one).
    ///
    /// # Errors
    /// Those of socket(2), bind(2) and setsockopt(2).
    #[expect(clippy::disallowed_methods, reason = "this module is an edge")]
    pub fn open(port: u16) -> io::Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
        set(&socket, libc::IPPROTO_IP, libc::IP_PKTINFO, 1)?;
        set(&socket, libc::SOL_SOCKET, libc::SO_TIMESTAMPNS, 1)?;
        // As the engine does: datagrams are never cut, so the kernel numbers none for fragments.
        set(
            &socket,
            libc::IPPROTO_IP,
            libc::IP_MTU_DISCOVER,
            libc::IP_PMTUDISC_PROBE,
        )?;
        // Beyond the limit only root may go; others get what the limit allows.
        set(
            &socket,
            libc::SOL_SOCKET,
            libc::SO_RCVBUFFORCE,
            KERNEL_BUFFER,
        )
        .or_else(|_| set(&socket, libc::SOL_SOCKET, libc::SO_RCVBUF, KERNEL_BUFFER))?;
        socket.bind(&SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port).into())?;
        let bound = socket.local_addr()?.as_socket();
        Ok(Self {
            port: bound.map_or(port, |address| address.port()),
            socket,
        })
    }

    /// Its port, the same for all addresses.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Let the kernel drop what these readers do not read; listeners lie from `first` on.
    ///
    /// # Errors
    /// Those of setsockopt(2).
    pub fn keep(&self, readers: &Readers, first: Ipv4Addr) -> io::Result<()> {
        if readers.are_all() {
            return Ok(());
        }
        let mut program = readers.program(first.into());
        let program = libc::sock_fprog {
            len: program.len() as libc::c_ushort,
            filter: program.as_mut_ptr(),
        };
        set(
            &self.socket,
            libc::SOL_SOCKET,
            libc::SO_ATTACH_FILTER,
            program,
        )
    }

    /// How many datagrams for this socket the kernel dropped since it was opened: those that are
    /// not to be read, and those it had no room for.
    ///
    /// # Errors
    /// Those of getsockopt(2).
    pub fn dropped(&self) -> io::Result<u32> {
        // The last of these is the drops (linux/sock_diag.h, SK_MEMINFO_DROPS).
        let mut counts = [0_u32; 9];
        let mut length = size_of_val(&counts) as libc::socklen_t;
        // SAFETY: the kernel writes at most `length` octets into the counts, which are integers.
        let done = unsafe {
            libc::getsockopt(
                self.socket.as_raw_fd(),
                libc::SOL_SOCKET,
                libc::SO_MEMINFO,
                counts.as_mut_ptr().cast(),
                &raw mut length,
            )
        };
        if done == 0 {
            Ok(counts[8])
        } else {
            Err(io::Error::last_os_error())
        }
    }
}

/// How many datagrams no socket of this machine (of its network namespace) had room for since it
/// started. What a socket's own count has beyond that was not to be read.
///
/// # Errors
/// Those of reading `/proc/net/snmp` (proc(5)).
pub fn overflows() -> io::Result<u64> {
    let counts = std::fs::read_to_string("/proc/net/snmp")?;
    overflows_of(&counts).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// Find them in its text: names in one line, and numbers in the next.
fn overflows_of(counts: &str) -> Option<u64> {
    let mut lines = counts.lines().filter(|line| line.starts_with("Udp:"));
    let (names, numbers) = (lines.next()?, lines.next()?);
    let place = names.split(' ').position(|name| name == "RcvbufErrors")?;
    numbers.split(' ').nth(place)?.parse().ok()
}

fn set<T: Copy>(socket: &Socket, level: i32, name: i32, value: T) -> io::Result<()> {
    // SAFETY: the option is a plain value, and its length is given.
    let done = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            level,
            name,
            ptr::from_ref(&value).cast(),
            size_of::<T>() as libc::socklen_t,
        )
    };
    if done == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// One datagram that came.
#[derive(Debug)]
pub struct Arrival<'b> {
    /// Whose it is.
    pub to: Ipv4Addr,
    /// Who sent it.
    pub from: SocketAddrV4,
    /// When the kernel had it, in nanoseconds since 1970.
    pub at_ns: u64,
    /// Its octets.
    pub octets: &'b mut [u8],
}

/// Room for the datagrams that one call takes.
pub struct Arrivals {
    buffers: Box<[[u8; LONGEST]]>,
    names: Box<[libc::sockaddr_in]>,
    controls: Box<[Control<CONTROL>]>,
    vectors: Vec<libc::iovec>,
    headers: Vec<libc::mmsghdr>,
}

impl Default for Arrivals {
    fn default() -> Self {
        Self {
            buffers: vec![[0; LONGEST]; BATCH].into_boxed_slice(),
            names: vec![name(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0)); BATCH].into(),
            controls: vec![Control([0; CONTROL]); BATCH].into_boxed_slice(),
            vectors: Vec::with_capacity(BATCH),
            headers: Vec::with_capacity(BATCH),
        }
    }
}

impl Arrivals {
    /// Take datagrams that are there; returns how many, 0 without a wait when there are none.
    ///
    /// A reader who sleeps in the kernel is woken by the sender, at the sender's cost. Who measures
    /// a sender must not do that: rest a millisecond whenever there is nothing.
    ///
    /// # Errors
    /// Those of recvmmsg(2).
    pub fn take(&mut self, socket: &ManySocket) -> io::Result<usize> {
        self.vectors.clear();
        self.headers.clear();
        for ((buffer, name), control) in self
            .buffers
            .iter_mut()
            .zip(&mut self.names)
            .zip(&mut self.controls)
        {
            self.vectors.push(libc::iovec {
                iov_base: buffer.as_mut_ptr().cast(),
                iov_len: LONGEST,
            });
            self.headers
                .push(header(ptr::from_mut(name), Some(&mut control.0)));
        }
        link(&mut self.headers, &mut self.vectors);
        // SAFETY: every header points to one name, one vector and one control buffer of the lengths
        // it says, every vector to one buffer of the length it says; all live in `self`.
        let count = unsafe {
            libc::recvmmsg(
                socket.socket.as_raw_fd(),
                self.headers.as_mut_ptr(),
                BATCH as libc::c_uint,
                libc::MSG_DONTWAIT,
                ptr::null_mut(),
            )
        };
        let count = usize::try_from(count).or_else(|_| nothing_came())?;
        self.headers.truncate(count);
        Ok(count)
    }

    /// The datagrams of the last call.
    pub fn datagrams(&mut self) -> impl Iterator<Item = Arrival<'_>> {
        self.headers
            .iter()
            .zip(&mut self.buffers)
            .zip(&self.names)
            .zip(&self.controls)
            .filter_map(|(((header, buffer), name), control)| {
                let said = Said::read(control.0.get(..header.msg_hdr.msg_controllen)?);
                Some(Arrival {
                    to: said.to?,
                    from: address(name),
                    at_ns: said.at_ns,
                    octets: buffer.get_mut(..header.msg_len as usize)?,
                })
            })
    }
}

/// Nothing is no error.
fn nothing_came() -> io::Result<usize> {
    match io::Error::last_os_error() {
        error
            if matches!(
                error.kind(),
                io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
            ) =>
        {
            Ok(0)
        }
        error => Err(error),
    }
}

/// Room for the datagrams that one call sends.
pub struct Departures {
    buffers: Box<[[u8; LONGEST]]>,
    lengths: Vec<usize>,
    names: Vec<libc::sockaddr_in>,
    controls: Vec<Option<Control<SOURCE>>>,
    vectors: Vec<libc::iovec>,
    headers: Vec<libc::mmsghdr>,
}

impl Default for Departures {
    fn default() -> Self {
        Self {
            buffers: vec![[0; LONGEST]; BATCH].into_boxed_slice(),
            lengths: Vec::with_capacity(BATCH),
            names: Vec::with_capacity(BATCH),
            controls: Vec::with_capacity(BATCH),
            vectors: Vec::with_capacity(BATCH),
            headers: Vec::with_capacity(BATCH),
        }
    }
}

impl Departures {
    /// Whether there is no room for another datagram before [`Departures::send`].
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.lengths.len() == BATCH
    }

    /// Write a datagram in place: `write` fills the buffer and says how much, or `None` to send
    /// nothing. Without `from` the kernel chooses the address. There must be room.
    pub fn write(
        &mut self,
        from: Option<Ipv4Addr>,
        to: SocketAddrV4,
        write: impl FnOnce(&mut [u8]) -> Option<usize>,
    ) {
        let Some(buffer) = self.buffers.get_mut(self.lengths.len()) else {
            return;
        };
        if let Some(length) = write(buffer).filter(|length| *length <= LONGEST) {
            self.lengths.push(length);
            self.names.push(name(to));
            self.controls.push(from.map(source));
        }
    }

    /// Send what was written; returns how many datagrams the kernel took. One it refuses costs the
    /// others nothing.
    pub fn send(&mut self, socket: &ManySocket) -> usize {
        self.vectors.clear();
        self.headers.clear();
        for (((buffer, length), name), control) in self
            .buffers
            .iter_mut()
            .zip(&self.lengths)
            .zip(&mut self.names)
            .zip(&mut self.controls)
        {
            self.vectors.push(libc::iovec {
                iov_base: buffer.as_mut_ptr().cast(),
                iov_len: *length,
            });
            let control = control.as_mut().map(|control| control.0.as_mut_slice());
            self.headers.push(header(ptr::from_mut(name), control));
        }
        link(&mut self.headers, &mut self.vectors);
        let taken = send_all(socket, &mut self.headers);
        self.lengths.clear();
        self.names.clear();
        self.controls.clear();
        taken
    }
}

/// sendmmsg(2) stops at the first datagram it cannot send: that one is skipped.
fn send_all(socket: &ManySocket, headers: &mut [libc::mmsghdr]) -> usize {
    let (mut next, mut taken) = (0, 0);
    while let Some(rest) = headers.get_mut(next..).filter(|rest| !rest.is_empty()) {
        // SAFETY: the caller's headers point to one name, one vector and one control buffer of the
        // lengths they say; the kernel only reads through them.
        let sent = unsafe {
            libc::sendmmsg(
                socket.socket.as_raw_fd(),
                rest.as_mut_ptr(),
                rest.len() as libc::c_uint,
                0,
            )
        };
        let sent = usize::try_from(sent).unwrap_or(0);
        taken += sent;
        next += sent.max(1);
    }
    taken
}

fn header(name: *mut libc::sockaddr_in, control: Option<&mut [u8]>) -> libc::mmsghdr {
    // SAFETY: all zeros is a valid header: no name, no vectors, no control data.
    let mut header: libc::mmsghdr = unsafe { mem::zeroed() };
    header.msg_hdr.msg_name = name.cast();
    header.msg_hdr.msg_namelen = size_of::<libc::sockaddr_in>() as libc::socklen_t;
    if let Some(control) = control {
        header.msg_hdr.msg_control = control.as_mut_ptr().cast();
        header.msg_hdr.msg_controllen = control.len() as _;
    }
    header
}

/// Give every header its vector, once all vectors lie where they stay.
fn link(headers: &mut [libc::mmsghdr], vectors: &mut [libc::iovec]) {
    for (header, vector) in headers.iter_mut().zip(vectors) {
        header.msg_hdr.msg_iov = vector;
        header.msg_hdr.msg_iovlen = 1;
    }
}

fn name(address: SocketAddrV4) -> libc::sockaddr_in {
    libc::sockaddr_in {
        sin_family: libc::AF_INET as libc::sa_family_t,
        sin_port: address.port().to_be(),
        sin_addr: libc::in_addr {
            s_addr: u32::from_ne_bytes(address.ip().octets()),
        },
        sin_zero: [0; 8],
    }
}

fn address(name: &libc::sockaddr_in) -> SocketAddrV4 {
    let ip = Ipv4Addr::from(name.sin_addr.s_addr.to_ne_bytes());
    SocketAddrV4::new(ip, u16::from_be(name.sin_port))
}

fn source(from: Ipv4Addr) -> Control<SOURCE> {
    let mut control = Control([0; SOURCE]);
    let word = size_of::<usize>();
    control.0[..word].copy_from_slice(&(CONTROL_HEAD + 12).to_ne_bytes());
    control.0[word..word + 4].copy_from_slice(&libc::IPPROTO_IP.to_ne_bytes());
    control.0[word + 4..word + 8].copy_from_slice(&libc::IP_PKTINFO.to_ne_bytes());
    control.0[CONTROL_HEAD + 4..CONTROL_HEAD + 8].copy_from_slice(&from.octets());
    control
}

/// What the kernel says about a datagram.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    to: Option<Ipv4Addr>,
    at_ns: u64,
}

impl Said {
    /// Walk through control messages; what is cut off or unknown is passed over.
    fn read(mut control: &[u8]) -> Self {
        let word = size_of::<usize>();
        let mut said = Self::default();
        while let Some((head, rest)) = control.split_at_checked(CONTROL_HEAD) {
            let length = usize::from_ne_bytes(head[..word].try_into().unwrap_or_default());
            let number = |at: usize| i32::from_ne_bytes(octets(head, at).unwrap_or_default());
            let Some(body) = length.checked_sub(CONTROL_HEAD).and_then(|n| rest.get(..n)) else {
                return said;
            };
            said.note(number(word), number(word + 4), body);
            let next = body.len().next_multiple_of(word);
            control = rest.get(next..).unwrap_or_default();
        }
        said
    }

    fn note(&mut self, level: i32, kind: i32, body: &[u8]) {
        match (level, kind) {
            (libc::IPPROTO_IP, libc::IP_PKTINFO) => {
                self.to = octets::<4>(body, 8).map(Ipv4Addr::from);
            }
            (libc::SOL_SOCKET, libc::SCM_TIMESTAMPNS) => {
                let seconds = octets(body, 0).map_or(0, u64::from_ne_bytes);
                let rest = octets(body, 8).map_or(0, u64::from_ne_bytes);
                self.at_ns = seconds.saturating_mul(1_000_000_000).saturating_add(rest);
            }
            _ => {}
        }
    }
}

fn octets<const N: usize>(body: &[u8], at: usize) -> Option<[u8; N]> {
    body.get(at..at + N)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    /// So often is looked for what was sent over loopback.
    const LOOKS: u32 = 1_000_000;

    /// Take datagrams until there are `count`; gives what is known of each.
    fn taken(socket: &ManySocket, count: usize) -> Vec<(Ipv4Addr, SocketAddrV4, Vec<u8>)> {
        let mut arrivals = Arrivals::default();
        let mut taken = Vec::new();
        for _ in 0..LOOKS {
            if taken.len() == count {
                break;
            }
            arrivals.take(socket).unwrap();
            let came = arrivals.datagrams();
            taken.extend(came.map(|one| (one.to, one.from, one.octets.to_vec())));
        }
        taken
    }

    #[test]
    fn each_of_many_addresses_sends_and_is_sent_to() {
        let one = ManySocket::open(0).unwrap();
        let other = ManySocket::open(0).unwrap();
        let person = |n: u8| Ipv4Addr::new(127, 9, 0, n);
        let mut departures = Departures::default();
        for n in 0..BATCH as u8 {
            let to = SocketAddrV4::new(person(100 + n), other.port());
            assert!(!departures.is_full());
            departures.write(Some(person(n)), to, |buffer| {
                buffer[0] = n;
                Some(1)
            });
        }
        assert!(departures.is_full());
        assert_eq!(departures.send(&one), BATCH);

        let taken = taken(&other, BATCH);
        assert_eq!(taken.len(), BATCH);
        for (to, from, octets) in taken {
            assert_eq!(to, person(100 + octets[0]));
            assert_eq!(from, SocketAddrV4::new(person(octets[0]), one.port()));
        }
    }

    #[test]
    fn a_datagram_that_cannot_be_sent_costs_the_others_nothing() {
        let one = ManySocket::open(0).unwrap();
        let other = ManySocket::open(0).unwrap();
        let mut departures = Departures::default();
        // Nobody may send from an address that is not this machine's.
        for from in [Ipv4Addr::new(192, 0, 2, 1), Ipv4Addr::new(127, 9, 0, 1)] {
            let to = SocketAddrV4::new(Ipv4Addr::new(127, 9, 0, 2), other.port());
            departures.write(Some(from), to, |_| Some(1));
        }

        assert_eq!(departures.send(&one), 1);
    }

    #[test]
    fn where_nothing_is_there_is_no_wait_and_no_error() {
        let socket = ManySocket::open(0).unwrap();

        assert_eq!(Arrivals::default().take(&socket).unwrap(), 0);
    }

    #[test]
    fn the_kernel_says_when_a_datagram_came() {
        let socket = ManySocket::open(0).unwrap();
        let mut departures = Departures::default();
        let own = Ipv4Addr::new(127, 9, 0, 1);
        departures.write(Some(own), SocketAddrV4::new(own, socket.port()), |_| {
            Some(1)
        });
        departures.send(&socket);
        let mut arrivals = Arrivals::default();
        let taken = (0..LOOKS).any(|_| arrivals.take(&socket).unwrap() == 1);
        assert!(taken);

        let at_ns = arrivals.datagrams().next().unwrap().at_ns;

        let long_ago = Duration::from_secs(1_700_000_000);
        assert!(Duration::from_nanos(at_ns) > long_ago);
    }

    #[test]
    fn overflows_are_found_by_their_name() {
        let counts = "Ip: Forwarding RcvbufErrors\nIp: 1 2\n\
            Udp: InDatagrams InErrors RcvbufErrors SndbufErrors\nUdp: 9 8 7 6\nUdpLite: A\n";

        assert_eq!(overflows_of(counts), Some(7));
        assert_eq!(overflows_of("Udp: InDatagrams\nUdp: 9\n"), None);
        assert!(overflows().is_ok());
    }

    proptest! {
        #[test]
        fn any_control_data_is_read_without_a_panic(octets in prop::collection::vec(any::<u8>(), 0..CONTROL)) {
            let _ = Said::read(&octets);
        }
    }
}
