//! One peer's data channel over SCTP (RFC 8831): one stream of text messages, ordered and reliable,
//! its number agreed upon beforehand.
//!
//! The other side begins the association. Nothing is kept for it before its first packet came.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::time::Instant;

use arrayvec::ArrayVec;
use sctp_proto::{
    AssociationHandle, Chunks, DatagramEvent, Endpoint, EndpointConfig, Event, Payload,
    PayloadProtocolIdentifier, ServerConfig, StreamEvent, Transmit, TransportConfig,
};

use super::answer::MAX_MESSAGE_IN;
use super::dtls::MTU;
use super::sieve::Sieve;

/// Octets that may wait for one peer, retransmissions included.
const MAX_BUFFERED: usize = 128 * 1024;
/// Octets of messages that may be here in part: of which nobody sends many.
const MAX_RECEIVED: u32 = 8 * MAX_MESSAGE_IN;
/// Streams that the other side may use; it needs one.
const MAX_STREAMS: usize = 16;
/// The number both sides give the channel (RFC 8832 is not used).
const STREAM: u16 = 0;
/// What DTLS and SCTP add to a message: record, seal, common header, chunk header.
const OVERHEAD: u32 = 80;
/// Below DTLS there are no addresses; the library wants one.
const SOMEWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 5000);

/// What all associations have in common.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    endpoint: Arc<EndpointConfig>,
    server: Arc<ServerConfig>,
}

/// Nothing in them changes once they are made, so a panic leaves nothing half done.
impl UnwindSafe for Settings {}
impl RefUnwindSafe for Settings {}

impl Default for Settings {
    /// Who is there is decided by ICE and by what is heard, so a packet is sent again as often as
    /// it takes.
    fn default() -> Self {
        let mut endpoint = EndpointConfig::new();
        endpoint.max_payload_size(MTU as u32 - OVERHEAD);
        let transport = TransportConfig::default()
            .with_max_init_retransmits(None)
            .with_max_data_retransmits(None)
            .with_max_receive_message_size(MAX_MESSAGE_IN)
            .with_max_receive_buffer_size(MAX_RECEIVED);
        let mut server = ServerConfig::new();
        server.transport = Arc::new(transport);
        Self {
            endpoint: Arc::new(endpoint),
            server: Arc::new(server),
        }
    }
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// It is on its way.
    Taken,
    /// Too much waits already; later there may be room.
    NoRoom,
    /// The channel takes nothing any more, or never such a message.
    Gone,
}

/// Octets of the longest message that may mean something to the engine.
pub(crate) const SHORT: usize = 64;
/// Messages that are here at once and may mean something: what comes beyond them at once does not.
const MAX_HEARD: usize = 16;

/// A message that came in; empty if it was longer.
pub(crate) type ShortMessage = ArrayVec<u8, SHORT>;

/// What an association gives out.
#[derive(Debug)]
pub(super) enum Step {
    /// A packet for the other side.
    Send(Vec<u8>),
    /// The channel takes messages.
    Opened,
    /// The other side closed the channel.
    Closed,
    /// A message came in.
    Message(ShortMessage),
    /// The other side ended the association, or used more streams than it may.
    Lost,
}

/// One peer's end.
#[derive(Debug)]
pub(super) struct Association {
    settings: Settings,
    /// Octets of the largest message that the other side takes.
    max_message: u32,
    running: Option<Box<Running>>,
}

#[derive(Debug)]
struct Running {
    endpoint: Endpoint,
    handle: AssociationHandle,
    association: sctp_proto::Association,
    /// The channel was opened and not closed.
    is_open: bool,
    packets: VecDeque<Vec<u8>>,
    heard: VecDeque<ShortMessage>,
    sieve: Sieve,
}

impl Association {
    /// One that waits for the other side to begin.
    pub(super) fn new(settings: Settings, max_message: u32) -> Self {
        Self {
            settings,
            max_message,
            running: None,
        }
    }

    /// Take a packet.
    pub(super) fn receive(&mut self, packet: Vec<u8>, now: Instant) {
        if let Some(running) = &mut self.running {
            running.receive(packet, now);
        } else {
            self.running = Running::begin(&self.settings, self.max_message, packet, now);
        }
    }

    /// Let time pass.
    pub(super) fn advance(&mut self, now: Instant) {
        if let Some(running) = &mut self.running {
            running.association.handle_timeout(now);
            running.settle();
        }
    }

    /// When time has to pass for it.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.running.as_ref()?.association.poll_timeout()
    }

    /// The next thing to do, after every other call until there is none.
    pub(super) fn step(&mut self, now: Instant) -> Option<Step> {
        self.running.as_mut()?.step(now)
    }

    /// Octets that wait, not yet acknowledged.
    pub(super) fn buffered(&mut self) -> usize {
        self.running
            .as_mut()
            .map_or(0, |running| running.buffered())
    }

    /// Send a text message.
    pub(super) fn write(&mut self, message: &str) -> Written {
        let Some(running) = self.running.as_mut().filter(|running| running.is_open) else {
            return Written::Gone;
        };
        if running.buffered() + message.len() > MAX_BUFFERED {
            return Written::NoRoom;
        }
        // An empty message is an octet of which the other side is told that it is none
        // (RFC 8831, 6.6).
        let (text, kind) = match message {
            "" => ("\0", PayloadProtocolIdentifier::StringEmpty),
            text => (text, PayloadProtocolIdentifier::String),
        };
        if !running.sieve.wrote() {
            // It fails only if it is closed already.
            let _ = running.association.close();
            return Written::Gone;
        }
        let written = running
            .association
            .stream(STREAM)
            .and_then(|mut stream| stream.write_with_ppi(text.as_bytes(), kind));
        if written.is_ok() {
            Written::Taken
        } else {
            Written::Gone
        }
    }
}

impl Running {
    /// Begin with the first packet; whatever does not begin an association is dropped.
    fn begin(
        settings: &Settings,
        max_message: u32,
        packet: Vec<u8>,
        now: Instant,
    ) -> Option<Box<Self>> {
        let server = Arc::clone(&settings.server);
        let sieve = Sieve::new(&packet);
        let mut endpoint = Endpoint::new(Arc::clone(&settings.endpoint), Some(server));
        let event = endpoint.handle(now, SOMEWHERE, None, None, packet.into());
        let Some((handle, DatagramEvent::NewAssociation(mut association))) = event else {
            return None;
        };
        association.set_max_send_message_size(max_message);
        // Each would be kept for ever; the first one's packets still come to it.
        endpoint.reject_new_associations();
        Some(Box::new(Self {
            endpoint,
            handle,
            association,
            is_open: false,
            packets: VecDeque::new(),
            heard: VecDeque::new(),
            sieve,
        }))
    }

    fn receive(&mut self, packet: Vec<u8>, now: Instant) {
        if !self.sieve.passes(&packet, self.is_open) {
            return;
        }
        let event = self
            .endpoint
            .handle(now, SOMEWHERE, None, None, packet.into());
        // A second association is not taken: who has lost the answer to the beginning begins again.
        if let Some((_, DatagramEvent::AssociationEvent(event))) = event {
            self.association.handle_event(event);
        }
        if self.association.stream_ids().len() > MAX_STREAMS {
            // It fails only if it is closed already.
            let _ = self.association.close();
        }
        self.settle();
    }

    /// Let the endpoint know what the association tells it.
    fn settle(&mut self) {
        while let Some(event) = self.association.poll_endpoint_event() {
            if let Some(event) = self.endpoint.handle_event(self.handle, event) {
                self.association.handle_event(event);
            }
        }
    }

    fn step(&mut self, now: Instant) -> Option<Step> {
        loop {
            if let Some(packet) = self.packets.pop_front() {
                self.sieve.sent(&packet);
                return Some(Step::Send(packet));
            }
            if let Some(message) = self.heard.pop_front() {
                return Some(Step::Message(message));
            }
            let next = self
                .endpoint
                .poll_transmit()
                .or_else(|| self.association.poll_transmit(now));
            if let Some(transmit) = next {
                self.packets = packets_of(transmit);
                continue;
            }
            let event = self.association.poll()?;
            if let Some(step) = self.told(&event) {
                return Some(step);
            }
        }
    }

    fn told(&mut self, event: &Event) -> Option<Step> {
        match event {
            Event::Connected => self.open(),
            Event::AssociationLost { .. } | Event::HandshakeFailed { .. } => {
                self.is_open = false;
                Some(Step::Lost)
            }
            Event::Stream(StreamEvent::Readable { id }) => {
                self.read(*id);
                None
            }
            Event::Stream(
                StreamEvent::Finished { id: STREAM } | StreamEvent::Stopped { id: STREAM, .. },
            ) => {
                let was_open = std::mem::take(&mut self.is_open);
                was_open.then_some(Step::Closed)
            }
            _ => None,
        }
    }

    /// The association stands: the channel may be there already, if the other side was quick.
    fn open(&mut self) -> Option<Step> {
        let opened = self
            .association
            .open_stream(STREAM, PayloadProtocolIdentifier::String);
        self.is_open = matches!(
            opened,
            Ok(_) | Err(sctp_proto::Error::ErrStreamAlreadyExist)
        );
        self.is_open.then_some(Step::Opened)
    }

    /// Take what came off a stream. What is said on others than the channel is not even counted.
    fn read(&mut self, id: u16) {
        while let Ok(Some(message)) = self
            .association
            .stream(id)
            .and_then(|mut stream| stream.read())
        {
            if id == STREAM && self.heard.len() < MAX_HEARD {
                self.heard.push_back(short(&message));
            }
        }
    }

    fn buffered(&mut self) -> usize {
        self.association
            .stream(STREAM)
            .and_then(|stream| stream.buffered_amount())
            .unwrap_or(0)
    }
}

/// A message as far as it may mean something.
fn short(message: &Chunks) -> ShortMessage {
    let mut text = [0; SHORT];
    let length = message.read(&mut text).unwrap_or(0);
    text[..length].iter().copied().collect()
}

fn packets_of(transmit: Transmit) -> VecDeque<Vec<u8>> {
    match transmit.payload {
        Payload::RawEncode(packets) => packets.into_iter().map(Vec::from).collect(),
        Payload::PartialDecode(_) => VecDeque::new(),
    }
}
