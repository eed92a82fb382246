//! Real WebRTC clients for a server that calls: what `make bench-peers` lets into Janus.
//!
//! `webrtc-viewers 192.0.2.1`: each line `offer TEXT` on standard input is a server's SDP, with tabs
//! for its ends of lines; the answer is printed the same way, and the call connects at that address.
//! For each line `count` it prints how many are connected and how many packets all of them have
//! decrypted, as JSON. It ends with its input.
#![forbid(unsafe_code)]

use std::io::{self, BufRead, Write};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use convivium_testbed::peer::{Datagram, Happening, Peer, PeerError};

/// Lines that wait to be read.
const WAITING: usize = 16;
/// Sockets are looked at this often: what comes meanwhile waits in the kernel.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// What ends the command early.
#[derive(Debug, thiserror::Error)]
enum ViewError {
    #[error("no socket: {0}")]
    Socket(#[from] io::Error),
    #[error(transparent)]
    Peer(#[from] PeerError),
    #[error("{0} is neither an offer nor a count")]
    Line(String),
}

fn main() -> ExitCode {
    let address = std::env::args().nth(1).and_then(|word| word.parse().ok());
    let Some(address) = address else {
        eprintln!("usage: webrtc-viewers ADDRESS");
        return ExitCode::from(2);
    };
    match lines()
        .map_err(ViewError::from)
        .and_then(|lines| view(address, &lines))
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Read standard input in a thread of its own: nothing else may wait for it.
fn lines() -> io::Result<Receiver<String>> {
    let (sender, receiver) = sync_channel(WAITING);
    thread::Builder::new().name("input".into()).spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    })?;
    Ok(receiver)
}

fn view(address: IpAddr, lines: &Receiver<String>) -> Result<(), ViewError> {
    let mut viewers: Vec<Viewer> = Vec::new();
    loop {
        match lines.try_recv() {
            Ok(line) if line == "count" => {
                let connected = viewers.iter().filter(|one| one.is_connected).count();
                let packets: u64 = viewers.iter().map(|one| one.packets).sum();
                say(&format!(
                    r#"{{"connected": {connected}, "packets": {packets}}}"#
                ))?;
            }
            Ok(line) => {
                let offer = line.strip_prefix("offer ");
                let offer = offer.ok_or_else(|| ViewError::Line(line.clone()))?;
                let (viewer, answer) = Viewer::new(address, &offer.replace('\t', "\r\n"))?;
                viewers.push(viewer);
                say(&answer.replace("\r\n", "\t"))?;
            }
            Err(TryRecvError::Disconnected) => return Ok(()),
            Err(TryRecvError::Empty) => rest(),
        }
        for viewer in &mut viewers {
            viewer.live()?;
        }
    }
}

fn say(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

/// One client.
struct Viewer {
    peer: Peer,
    socket: UdpSocket,
    address: SocketAddr,
    is_connected: bool,
    packets: u64,
}

impl Viewer {
    fn new(address: IpAddr, offer: &str) -> Result<(Self, String), ViewError> {
        let socket = socket(address)?;
        let address = socket.local_addr()?;
        let (peer, answer) = Peer::answer(address, offer, now())?;
        let viewer = Self {
            peer,
            socket,
            address,
            is_connected: false,
            packets: 0,
        };
        Ok((viewer, answer))
    }

    /// Take what has come, send what is to be sent.
    fn live(&mut self) -> Result<(), ViewError> {
        let mut bytes = [0; 2_048];
        while let Ok((length, from)) = self.socket.recv_from(&mut bytes) {
            let datagram = Datagram {
                from,
                to: self.address,
                bytes: bytes[..length].to_vec(),
            };
            self.peer.receive(&datagram, now())?;
        }
        if now() >= self.peer.deadline() {
            self.peer.advance(now())?;
        }
        while let Some(datagram) = self.peer.outgoing() {
            // The server has addresses that this socket may not reach; ICE finds those it does.
            let _ = self.socket.send_to(&datagram.bytes, datagram.to);
        }
        while let Some(happening) = self.peer.happening() {
            match happening {
                Happening::Connected => self.is_connected = true,
                Happening::Heard(_) => self.packets += 1,
                _ => {}
            }
        }
        Ok(())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the command is an edge: it runs in real time"
)]
fn now() -> Instant {
    Instant::now()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the command is an edge: it runs in real time"
)]
fn rest() {
    thread::sleep(LOOK_EVERY);
}

#[expect(
    clippy::disallowed_methods,
    reason = "the command is an edge: it has real sockets"
)]
fn socket(address: IpAddr) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((address, 0))?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}
