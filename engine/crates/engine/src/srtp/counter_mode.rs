//! `AES_CM_128_HMAC_SHA1_80`: RFC 3711, 4.1.1 and 4.2, for clients that speak nothing newer.

use aws_lc_rs::cipher::{AES_128, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use aws_lc_rs::iv::FixedLength;

use super::SrtpError;
use super::cipher::{INDEX, RTCP_CLEAR, index_word, read_index, split};

/// Octets of the truncated tag (RFC 3711, 4.2.1).
const TAG: usize = 10;

/// Session key and salt, and the key of the tags.
pub(super) struct CounterMode {
    key: EncryptingKey,
    salt: [u8; 14],
    authentication: hmac::Key,
}

impl CounterMode {
    pub(super) fn new(key: &[u8], salt: &[u8], secret: &[u8]) -> Result<Self, SrtpError> {
        Ok(Self {
            key: UnboundCipherKey::new(&AES_128, key)
                .and_then(EncryptingKey::ctr)
                .map_err(|_| SrtpError::Key)?,
            salt: salt.try_into().map_err(|_| SrtpError::Key)?,
            authentication: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret),
        })
    }

    pub(super) fn seal_rtp(
        &self,
        packet: &mut [u8],
        header: usize,
        payload: &[u8],
        ssrc: u32,
        index: u64,
    ) -> Result<usize, SrtpError> {
        let end = header + payload.len();
        let length = end + TAG;
        let (_, rest) = split(packet, header, length)?;
        let body = &mut rest[..payload.len()];
        body.copy_from_slice(payload);
        self.encrypt(body, ssrc, index)?;
        let tag = self.rtp_tag(&packet[..end], index);
        packet[end..length].copy_from_slice(&tag.as_ref()[..TAG]);
        Ok(length)
    }

    pub(super) fn open_rtp<'p>(
        &self,
        packet: &'p mut [u8],
        header: usize,
        ssrc: u32,
        index: u64,
    ) -> Result<&'p mut [u8], SrtpError> {
        let end = packet.len().checked_sub(TAG).ok_or(SrtpError::Malformed)?;
        verify(&self.rtp_tag(&packet[..end], index), &packet[end..])?;
        let (_, body) = split(packet, header, end)?;
        self.encrypt(body, ssrc, index)?;
        Ok(body)
    }

    /// Compound packet, index, tag (RFC 3711, 3.4).
    pub(super) fn seal_rtcp(
        &self,
        packet: &mut [u8],
        length: usize,
        ssrc: u32,
        index: u32,
    ) -> Result<usize, SrtpError> {
        let tail = length + INDEX;
        let end = tail + TAG;
        let (_, rest) = split(packet, RTCP_CLEAR, end)?;
        self.encrypt(&mut rest[..length - RTCP_CLEAR], ssrc, u64::from(index))?;
        packet[length..tail].copy_from_slice(&index_word(index));
        let tag = hmac::sign(&self.authentication, &packet[..tail]);
        packet[tail..end].copy_from_slice(&tag.as_ref()[..TAG]);
        Ok(end)
    }

    pub(super) fn open_rtcp(
        &self,
        packet: &mut [u8],
        ssrc: u32,
    ) -> Result<(u32, usize), SrtpError> {
        let end = packet.len().checked_sub(TAG).ok_or(SrtpError::Malformed)?;
        let tail = end.checked_sub(INDEX).ok_or(SrtpError::Malformed)?;
        verify(
            &hmac::sign(&self.authentication, &packet[..end]),
            &packet[end..],
        )?;
        let (index, _) = read_index(&packet[tail..end])?;
        let (_, body) = split(packet, RTCP_CLEAR, tail)?;
        self.encrypt(body, ssrc, u64::from(index))?;
        Ok((index, tail))
    }

    /// Encrypt or decrypt: the counter begins at salt * 2^16 XOR SSRC * 2^64 XOR index * 2^16
    /// (RFC 3711, 4.1.1).
    fn encrypt(&self, body: &mut [u8], ssrc: u32, index: u64) -> Result<(), SrtpError> {
        let mut block = [0; 16];
        block[..14].copy_from_slice(&self.salt);
        for (octet, ssrc) in block[4..8].iter_mut().zip(ssrc.to_be_bytes()) {
            *octet ^= ssrc;
        }
        for (octet, index) in block[8..14].iter_mut().zip(&index.to_be_bytes()[2..]) {
            *octet ^= index;
        }
        self.key
            .less_safe_encrypt(body, EncryptionContext::Iv128(FixedLength::from(block)))
            .map(drop)
            .map_err(|_| SrtpError::Key)
    }

    /// The tag covers the packet and the roll-over counter, which is not sent (RFC 3711, 4.2).
    fn rtp_tag(&self, packet: &[u8], index: u64) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.authentication);
        context.update(packet);
        context.update(&index.to_be_bytes()[2..6]);
        context.sign()
    }
}

fn verify(tag: &hmac::Tag, sent: &[u8]) -> Result<(), SrtpError> {
    verify_slices_are_equal(&tag.as_ref()[..TAG], sent).map_err(|_| SrtpError::Unauthentic)
}

#[cfg(test)]
mod tests {
    use super::super::hex;
    use super::*;

    /// RFC 3711, B.2: the keystream of a session key and salt; an index and SSRC of zero leave
    /// the salt alone to begin the counter.
    #[test]
    fn makes_the_keystream_of_rfc_3711() {
        let key = hex("2B7E151628AED2A6ABF7158809CF4F3C");
        let salt = hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD");
        let cipher = CounterMode::new(&key, &salt, &[0; 20]).unwrap();
        let mut stream = [0; 48];
        cipher.encrypt(&mut stream, 0, 0).unwrap();

        assert_eq!(
            stream.to_vec(),
            hex(
                "E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB
                 41E95B3BB0A2E8DD477901E4FCA894C0"
            )
        );
    }
}
