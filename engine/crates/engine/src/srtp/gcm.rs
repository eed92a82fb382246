//! `AEAD_AES_128_GCM` and `AEAD_AES_256_GCM`: RFC 7714.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use super::cipher::{INDEX, RTCP_CLEAR, index_word, read_index, split};
use super::{Profile, SrtpError};

/// Octets of a tag (RFC 7714, 12).
const TAG: usize = 16;

/// Session key and salt.
pub(super) struct Gcm {
    key: LessSafeKey,
    salt: [u8; 12],
}

impl Gcm {
    pub(super) fn new(profile: Profile, key: &[u8], salt: &[u8]) -> Result<Self, SrtpError> {
        let algorithm = match profile {
            Profile::AeadAes256Gcm => &AES_256_GCM,
            _ => &AES_128_GCM,
        };
        Ok(Self {
            key: UnboundKey::new(algorithm, key)
                .map(LessSafeKey::new)
                .map_err(|_| SrtpError::Key)?,
            salt: salt.try_into().map_err(|_| SrtpError::Key)?,
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
        let length = header + payload.len() + TAG;
        let (header, rest) = split(packet, header, length)?;
        let (body, tag) = rest.split_at_mut(payload.len());
        let nonce = self.rtp_nonce(ssrc, index);
        self.key
            .seal_out_of_place_scatter(nonce, Aad::from(&*header), payload, body, &[], tag)
            .map_err(|_| SrtpError::Key)?;
        Ok(length)
    }

    pub(super) fn open_rtp<'p>(
        &self,
        packet: &'p mut [u8],
        header: usize,
        ssrc: u32,
        index: u64,
    ) -> Result<&'p mut [u8], SrtpError> {
        let length = packet.len();
        let (header, body) = split(packet, header, length)?;
        self.key
            .open_in_place(self.rtp_nonce(ssrc, index), Aad::from(&*header), body)
            .map_err(|_| SrtpError::Unauthentic)
    }

    /// Compound packet, tag, index (RFC 7714, 9.2).
    pub(super) fn seal_rtcp(
        &self,
        packet: &mut [u8],
        length: usize,
        ssrc: u32,
        index: u32,
    ) -> Result<usize, SrtpError> {
        let end = length + TAG + INDEX;
        let word = index_word(index);
        let (clear, rest) = split(packet, RTCP_CLEAR, end)?;
        let (body, rest) = rest.split_at_mut(length - RTCP_CLEAR);
        let (tag, tail) = rest.split_at_mut(TAG);
        let sealed = self
            .key
            .seal_in_place_separate_tag(self.rtcp_nonce(ssrc, index), aad(clear, word), body)
            .map_err(|_| SrtpError::Key)?;
        tag.copy_from_slice(sealed.as_ref());
        tail.copy_from_slice(&word);
        Ok(end)
    }

    pub(super) fn open_rtcp(
        &self,
        packet: &mut [u8],
        ssrc: u32,
    ) -> Result<(u32, usize), SrtpError> {
        let tail = packet
            .len()
            .checked_sub(INDEX)
            .ok_or(SrtpError::Malformed)?;
        let (index, word) = read_index(&packet[tail..])?;
        let (clear, body) = split(packet, RTCP_CLEAR, tail)?;
        let plain = self
            .key
            .open_in_place(self.rtcp_nonce(ssrc, index), aad(clear, word), body)
            .map_err(|_| SrtpError::Unauthentic)?;
        Ok((index, RTCP_CLEAR + plain.len()))
    }

    /// Two zero octets, SSRC, roll-over counter and sequence number, salted (RFC 7714, 8.1).
    fn rtp_nonce(&self, ssrc: u32, index: u64) -> Nonce {
        let mut nonce = [0; 12];
        nonce[2..6].copy_from_slice(&ssrc.to_be_bytes());
        nonce[6..].copy_from_slice(&index.to_be_bytes()[2..]);
        self.salted(nonce)
    }

    /// Two zero octets, SSRC, two zero octets, SRTCP index, salted (RFC 7714, 9.1).
    fn rtcp_nonce(&self, ssrc: u32, index: u32) -> Nonce {
        let mut nonce = [0; 12];
        nonce[2..6].copy_from_slice(&ssrc.to_be_bytes());
        nonce[8..].copy_from_slice(&index.to_be_bytes());
        self.salted(nonce)
    }

    fn salted(&self, mut nonce: [u8; 12]) -> Nonce {
        for (octet, salt) in nonce.iter_mut().zip(&self.salt) {
            *octet ^= salt;
        }
        Nonce::assume_unique_for_key(nonce)
    }
}

/// What stays readable, then the index with its flag (RFC 7714, 9.2).
fn aad(clear: &[u8], word: [u8; INDEX]) -> Aad<[u8; RTCP_CLEAR + INDEX]> {
    let mut aad = [0; RTCP_CLEAR + INDEX];
    aad[..RTCP_CLEAR].copy_from_slice(clear);
    aad[RTCP_CLEAR..].copy_from_slice(&word);
    Aad::from(aad)
}

#[cfg(test)]
mod tests {
    use super::super::hex;
    use super::*;

    /// The plaintext of the examples in RFC 7714, 16 and its packet's header.
    const HEADER: &str = "8040f17b8041f8d35501a0b2";
    const PAYLOAD: &str = "47616c6c696120657374206f6d6e69732064697669736120696e20706172746573207472
                           6573";
    const SALT: &str = "517569642070726f2071756f";
    const KEY_128: &str = "000102030405060708090a0b0c0d0e0f";
    const KEY_256: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    /// Seal the packet of RFC 7714, 16 under a session key.
    fn sealed(profile: Profile, key: &str) -> Vec<u8> {
        let gcm = Gcm::new(profile, &hex(key), &hex(SALT)).unwrap();
        let mut packet = hex(HEADER);
        packet.resize(100, 0);
        let length = gcm
            .seal_rtp(&mut packet, 12, &hex(PAYLOAD), 0x5501_A0B2, 0xF17B)
            .unwrap();
        packet.truncate(length);
        packet
    }

    #[test]
    fn seals_the_packet_of_rfc_7714_with_128_bits() {
        let expected = "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f
                        42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce";

        assert_eq!(sealed(Profile::AeadAes128Gcm, KEY_128), hex(expected));
    }

    #[test]
    fn seals_the_packet_of_rfc_7714_with_256_bits() {
        let expected = "8040f17b8041f8d35501a0b232b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3
                        b50b2a0276ffae0f1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13";

        assert_eq!(sealed(Profile::AeadAes256Gcm, KEY_256), hex(expected));
    }

    /// RFC 7714, 17: the compound packet of the examples, before and after.
    fn sealed_report(profile: Profile, key: &str) -> Vec<u8> {
        let gcm = Gcm::new(profile, &hex(key), &hex(SALT)).unwrap();
        let mut packet = hex(
            "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61
                              deadbeefdeadbeefdeadbeefdeadbeefdeadbeef",
        );
        let length = packet.len();
        packet.resize(100, 0);
        let length = gcm
            .seal_rtcp(&mut packet, length, 0x4D61_7273, 0x5D4)
            .unwrap();
        packet.truncate(length);
        packet
    }

    #[test]
    fn seals_the_report_of_rfc_7714_with_128_bits() {
        let expected = "81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1
                        730d6fda4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4";

        assert_eq!(
            sealed_report(Profile::AeadAes128Gcm, KEY_128),
            hex(expected)
        );
    }

    #[test]
    fn seals_the_report_of_rfc_7714_with_256_bits() {
        let expected = "81c8000d4d617273d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1
                        110555be8415f658c61de0476f1b6fad1d1eb30c4446839f57ff6f6cb26ac3be800005d4";

        assert_eq!(
            sealed_report(Profile::AeadAes256Gcm, KEY_256),
            hex(expected)
        );
    }
}
