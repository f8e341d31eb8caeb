//! Tokens of any body, made without the checks of a sealer: authentic ones whose life is out of range too.

use aes_gcm::{
    Aes256Gcm, KeyInit as _,
    aead::{Aead as _, Payload},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use serde_json::Value;
use sha2::Sha256;

use crate::hex;

/// Makes a token of `from` and its payload (§9, steps 7 to 9): sealed if there is a salt, otherwise signed. `None` if a
/// member is missing or has no place in a token.
pub(crate) fn forged(from: &Value, payload: &[u8]) -> Option<String> {
    let text = |name| from.get(name).and_then(Value::as_str);
    let digits = |name| hex::decode(text(name)?);
    let number = |name| from.get(name).and_then(Value::as_u64);
    let sealed = text("salt").is_some();
    let (kind, magic) = if sealed { (b'E', [0x0a, 0xb1, 0x35]) } else { (b'S', [0x0a, 0xb4, 0xb5]) };

    let mut info = [b"cretula-v1\0".as_slice(), &[kind]].concat();
    for field in [text("audience")?, text("purpose")?] {
        info.push(u8::try_from(field.len()).ok()?);
        info.extend(field.bytes());
    }
    let mut okm = [0; 64];
    Hkdf::<Sha256>::new(None, &digits("key")?).expand(&info, &mut okm).ok()?;
    let (working_key, key_id) = okm.split_at(32);

    let issued_at = number("issued_at").filter(|time| *time < 1 << 48)?.to_be_bytes();
    let ttl = u32::try_from(number("ttl")?).ok()?.to_be_bytes();
    let body = [&issued_at[2..], &ttl, payload].concat();
    let head = [&magic, key_id].concat();
    let bytes = if sealed {
        let (salt, iv) = (digits("salt")?, digits("iv")?);
        let subkey = mac(working_key, &[b"cretula-v1 token".as_slice(), &salt, &[1]].concat())?;
        let aad = [head, salt].concat();
        let iv = <[u8; 12]>::try_from(iv).ok()?;
        let cipher = Aes256Gcm::new_from_slice(&subkey).ok()?;
        let secret = cipher.encrypt(&iv.into(), Payload { msg: &body, aad: &aad }).ok()?;
        [aad, iv.to_vec(), secret].concat()
    } else {
        let message = [head, body].concat();
        let tag = mac(working_key, &message)?;
        [message, tag].concat()
    };
    Some(URL_SAFE_NO_PAD.encode(bytes))
}

fn mac(key: &[u8], message: &[u8]) -> Option<Vec<u8>> {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).ok()?;
    mac.update(message);
    Some(mac.finalize().into_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use cretula::{Key, Site, UnixTime, UnsealError};
    use serde_json::json;

    use super::forged;

    #[test]
    fn makes_tokens_that_open_as_far_as_their_life_is_in_range() {
        let now = || UnixTime::new(1_790_000_000).ok();
        let site = Site::new(Key::from_bytes(&[7; 32]).unwrap(), "shop.example").unwrap().clock(now);
        let (sealer, signer) = (site.sealer("session").build().unwrap(), site.signer("session").build().unwrap());
        let mut from = json!({ "key": "07".repeat(32), "audience": "shop.example", "purpose": "session" });
        from["issued_at"] = 1_790_000_000.into();
        for (ttl, opens) in [(1, true), (34_560_000, true), (0, false), (34_560_001, false)] {
            from["ttl"] = ttl.into();
            from.as_object_mut().unwrap().remove("salt");
            let opened = signer.verify(forged(&from, b"x").unwrap());
            assert_eq!(
                opened.map(|opened| opened.payload),
                if opens { Ok(vec![b'x']) } else { Err(UnsealError::Expired) }
            );
            from["salt"] = "01".repeat(12).into();
            from["iv"] = "02".repeat(12).into();
            let opened = sealer.unseal(forged(&from, b"x").unwrap());
            assert_eq!(
                opened.map(|opened| opened.payload),
                if opens { Ok(vec![b'x']) } else { Err(UnsealError::Expired) }
            );
        }
        from["ttl"] = (1_u64 << 32).into();
        assert_eq!(forged(&from, b""), None);
    }
}
