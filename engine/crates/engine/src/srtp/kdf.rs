//! Session keys out of master keys: the AES counter mode PRF of RFC 3711, 4.3.3, with a key
//! derivation rate of zero. The GCM profiles use the same function (RFC 7714, 11).

use aws_lc_rs::cipher::{AES_128, AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use zeroize::Zeroizing;

use super::{MasterKey, Profile, SrtpError};

/// What a derived key is for (RFC 3711, 4.3.1 and 4.3.2).
#[derive(Debug, Clone, Copy)]
pub(super) enum Label {
    RtpEncryption = 0,
    RtpAuthentication = 1,
    RtpSalt = 2,
    RtcpEncryption = 3,
    RtcpAuthentication = 4,
    RtcpSalt = 5,
}

/// Derive `length` octets for one purpose.
pub(super) fn derive(
    profile: Profile,
    master: &MasterKey,
    label: Label,
    length: usize,
) -> Result<Zeroizing<Vec<u8>>, SrtpError> {
    let algorithm = match profile {
        Profile::AeadAes256Gcm => &AES_256,
        Profile::AeadAes128Gcm | Profile::AesCm128HmacSha1 => &AES_128,
    };
    // A salt of 96 bits is followed by zeros; the label meets its octet 7 (RFC 7714, 11).
    let mut block = [0; 16];
    block[..master.salt.len()].copy_from_slice(&master.salt);
    block[7] ^= label as u8;

    let mut stream = Zeroizing::new(vec![0; length]);
    UnboundCipherKey::new(algorithm, &master.key)
        .and_then(EncryptingKey::ctr)
        .and_then(|key| {
            key.less_safe_encrypt(
                &mut stream,
                EncryptionContext::Iv128(FixedLength::from(block)),
            )
        })
        .map_err(|_| SrtpError::Key)?;
    Ok(stream)
}

#[cfg(test)]
mod tests {
    use super::super::hex;
    use super::*;

    /// RFC 3711, B.3: the session keys of the given master key.
    #[test]
    fn derives_the_keys_of_rfc_3711() {
        let master = MasterKey::new(
            Profile::AesCm128HmacSha1,
            &hex("E1F97A0D3E018BE0D64FA32C06DE4139"),
            &hex("0EC675AD498AFEEBB6960B3AABE6"),
        )
        .unwrap();
        let derived = |label, length| {
            derive(Profile::AesCm128HmacSha1, &master, label, length)
                .unwrap()
                .to_vec()
        };

        assert_eq!(
            derived(Label::RtpEncryption, 16),
            hex("C61E7A93744F39EE10734AFE3FF7A087")
        );
        assert_eq!(
            derived(Label::RtpSalt, 14),
            hex("30CBBC08863D8C85D49DB34A9AE1")
        );
        assert_eq!(
            derived(Label::RtpAuthentication, 94),
            hex(
                "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCE
                 E049646C43D9327AD175578EF72270986371C10C9A369AC2F94A8C5FBCDDDC25
                 6D6E919A48B610EF17C2041E474035766B68642C59BBFC2F34DB60DBDFB2"
            )
        );
    }
}
