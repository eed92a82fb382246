//! RTP and RTCP packets: what stands where (RFC 3550). No keys, no timing, no meaning of payloads.

mod header;
mod reception;
mod rtcp;

pub use header::{Header, MAX_CSRC, MAX_HEADER, ParsedHeader};
pub use reception::Reception;
pub use rtcp::{
    Block, MAX_REPORT, NtpTime, Report, SenderInfo, read_block, read_sender_info, write_report,
};
