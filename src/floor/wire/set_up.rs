//! The set-up code: what one scan tells a device that knows nothing yet. A short text of letters and digits that fits one
//! two-dimensional symbol, and that a person can also type: no sign that a keyboard layout could change, no pair of
//! characters that look alike, and a check, so that a damaged one is refused and never half believed.
//!
//! The text is [`PREFIX`], then bytes written with 32 characters ([`ALPHABET`], five bits each): the version, the fields
//! (tag, length, bytes; ascending tags, each once), and the first four bytes of a hash over all before. Spaces, dashes and
//! case do not matter. docs/protocol.md shows the tags.

mod base32;

use std::fmt;

/// What every set-up code begins with, and no other code of a warehouse.
pub const PREFIX: &str = "TALLYSETUP";

/// The characters of the text behind the prefix, and of one-time codes: without 0, 1, I and O.
pub const ALPHABET: &[u8; 32] = base32::ALPHABET;

/// Longest text that is looked at.
pub const TEXT_BYTES_MAX: usize = 1_024;

/// Longest address, in bytes.
pub const ADDRESS_BYTES_MAX: usize = 200;

/// Longest one-time code, site and profile, in bytes.
pub const NAME_BYTES_MAX: usize = 64;

/// Bytes of a pin: SHA-256 of the hub's public key.
pub const PIN_BYTES: usize = 32;

/// The form that this program writes, and the newest it reads.
const VERSION: u8 = 1;

/// Bytes of the check: a damaged text passes once in four thousand millions.
const CHECK_BYTES: usize = 4;

/// Characters of a one-time code as the hub makes them; those are packed.
const PACKED_CODE_CHARACTERS: usize = 16;

const ADDRESS: u8 = 1;
const ADDRESS_IPV4: u8 = 2;
const PIN: u8 = 3;
const CODE_PACKED: u8 = 4;
const CODE: u8 = 5;
const SITE: u8 = 6;
const PROFILE: u8 = 7;
const WIFI_NAME: u8 = 8;
const WIFI_PASSWORD: u8 = 9;

/// What a set-up code says.
#[derive(Clone, PartialEq, Eq)]
pub struct SetUpCode {
    /// Where the hub is, as `https://hub.example:7070`.
    pub address: String,
    /// The pin of its certificate; `None` for one that an authority vouches for.
    pub pin: Option<[u8; PIN_BYTES]>,
    /// The one-time code: letters and digits, upper case.
    pub code: String,
    /// The site the device will work in, for people: the hub's answer says the same. Empty where it is not told.
    pub site: String,
    /// The profile it will get, for people. Empty where there is none or it is not told.
    pub profile: String,
    /// The network over which it reaches the hub.
    pub wifi: Option<Wifi>,
}

/// A wireless network (WPA2 or WPA3 with a password, or an open one).
#[derive(Clone, PartialEq, Eq)]
pub struct Wifi {
    /// Its name (SSID), 1 to 32 bytes.
    pub name: String,
    /// Its password, 8 to 63 printable ASCII characters (IEEE 802.11, annex J.4); empty for an open network.
    pub password: String,
}

/// Why a text is no set-up code, or cannot be made one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetUpFault {
    /// It is something else.
    #[error("this is no set-up code")]
    Other,
    /// It was cut, mistyped or misread.
    #[error("the set-up code is damaged or incomplete; scan or type it once more")]
    Damaged,
    /// It is of a newer program.
    #[error(
        "the set-up code has the form {0}, and this program reads forms up to {VERSION}; install a newer one"
    )]
    Newer(u8),
    /// A field that cannot be so.
    #[error("the set-up code cannot be used: {0}")]
    Field(&'static str),
}

/// Whether a text wants to be a set-up code, whatever became of the rest of it.
pub fn is_meant(text: &str) -> bool {
    let mut letters = significant(text);
    PREFIX.chars().all(|wanted| letters.next() == Some(wanted))
}

/// A one-time code as it is compared: letters and digits, upper case.
pub fn plain_code(code: &str) -> String {
    code.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|character| character.to_ascii_uppercase())
        .collect()
}

/// Characters in groups of four, as people read and type them.
pub fn in_groups(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let groups: Vec<String> = characters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

impl SetUpCode {
    /// The text, which [`Self::read`] reads.
    ///
    /// # Errors
    /// [`SetUpFault::Field`] names what cannot be written.
    pub fn to_text(&self) -> Result<String, SetUpFault> {
        self.check()?;
        let mut bytes = vec![VERSION];
        match ipv4_bytes(&self.address) {
            Some(packed) => put(&mut bytes, ADDRESS_IPV4, &packed),
            None => put(&mut bytes, ADDRESS, self.address.as_bytes()),
        }
        if let Some(pin) = &self.pin {
            put(&mut bytes, PIN, pin);
        }
        let packed = (self.code.len() == PACKED_CODE_CHARACTERS).then(|| base32::read(&self.code));
        match packed.flatten() {
            Some(packed) => put(&mut bytes, CODE_PACKED, &packed),
            None => put(&mut bytes, CODE, self.code.as_bytes()),
        }
        for (tag, text) in [(SITE, &self.site), (PROFILE, &self.profile)] {
            if !text.is_empty() {
                put(&mut bytes, tag, text.as_bytes());
            }
        }
        if let Some(wifi) = &self.wifi {
            put(&mut bytes, WIFI_NAME, wifi.name.as_bytes());
            if !wifi.password.is_empty() {
                put(&mut bytes, WIFI_PASSWORD, wifi.password.as_bytes());
            }
        }
        let check = check_of(&bytes);
        bytes.extend_from_slice(&check);
        Ok(format!("{PREFIX}{}", base32::write(&bytes)))
    }

    /// The shorter form, for typing: without what the hub tells anyway, and without the network.
    ///
    /// # Errors
    /// See [`Self::to_text`].
    pub fn to_typed(&self) -> Result<String, SetUpFault> {
        let short = Self {
            site: String::new(),
            profile: String::new(),
            wifi: None,
            ..self.clone()
        };
        short.to_text()
    }

    /// Reads a text.
    ///
    /// # Errors
    /// [`SetUpFault`]; nothing of it may be believed then.
    pub fn read(text: &str) -> Result<Self, SetUpFault> {
        if !is_meant(text) {
            return Err(SetUpFault::Other);
        }
        if text.len() > TEXT_BYTES_MAX {
            return Err(SetUpFault::Damaged);
        }
        let body: String = significant(text).skip(PREFIX.len()).collect();
        let bytes = base32::read(&body).ok_or(SetUpFault::Damaged)?;
        let (told, check) = bytes
            .split_last_chunk::<CHECK_BYTES>()
            .ok_or(SetUpFault::Damaged)?;
        if check_of(told) != *check {
            return Err(SetUpFault::Damaged);
        }
        match told {
            [VERSION, fields @ ..] => Self::of_fields(fields),
            [0, ..] | [] => Err(SetUpFault::Damaged),
            [newer, ..] => Err(SetUpFault::Newer(*newer)),
        }
    }

    fn of_fields(mut rest: &[u8]) -> Result<Self, SetUpFault> {
        let mut found = Self {
            address: String::new(),
            pin: None,
            code: String::new(),
            site: String::new(),
            profile: String::new(),
            wifi: None,
        };
        let (mut wifi, mut password, mut last) = (None, String::new(), 0);
        while let [tag, length, after @ ..] = rest {
            let (value, behind) = after
                .split_at_checked(usize::from(*length))
                .ok_or(SetUpFault::Damaged)?;
            if *tag <= last {
                return Err(SetUpFault::Damaged);
            }
            (rest, last) = (behind, *tag);
            match *tag {
                ADDRESS => found.address = text(value)?,
                ADDRESS_IPV4 => found.address = ipv4_address(value)?,
                PIN => found.pin = Some(value.try_into().map_err(|_| SetUpFault::Damaged)?),
                CODE_PACKED => found.code = base32::write(value),
                CODE => found.code = text(value)?,
                SITE => found.site = text(value)?,
                PROFILE => found.profile = text(value)?,
                WIFI_NAME => wifi = Some(text(value)?),
                WIFI_PASSWORD => password = text(value)?,
                // What a later program adds, and this one can do without.
                _ => {}
            }
        }
        if !rest.is_empty() {
            return Err(SetUpFault::Damaged);
        }
        found.wifi = wifi.map(|name| Wifi { name, password });
        found.check()?;
        Ok(found)
    }

    /// Whether each field is one that a device may believe.
    fn check(&self) -> Result<(), SetUpFault> {
        let wrong = |what| Err(SetUpFault::Field(what));
        let host = ["https://", "http://"]
            .iter()
            .find_map(|scheme| self.address.strip_prefix(scheme));
        if !host.is_some_and(|host| !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_graphic())) {
            return wrong("its address is none: it has to be https:// or http:// and a host");
        }
        if self.address.len() > ADDRESS_BYTES_MAX {
            return wrong("its address is too long");
        }
        if self.code.is_empty() || self.code.len() > NAME_BYTES_MAX || plain_code(&self.code) != self.code {
            return wrong("its one-time code is none");
        }
        for name in [&self.site, &self.profile] {
            if name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control) {
                return wrong("its site or profile is no name");
            }
        }
        match &self.wifi {
            Some(wifi) if !wifi.is_one() => {
                wrong("its wireless network has a name or a password that none can have")
            }
            _ => Ok(()),
        }
    }
}

impl Wifi {
    /// Whether a network can have this name and this password.
    pub fn is_one(&self) -> bool {
        let password = self.password.as_bytes();
        let is_name = (1..=32).contains(&self.name.len()) && !self.name.chars().any(char::is_control);
        let is_password =
            (8..=63).contains(&password.len()) && password.iter().all(|byte| (0x20..0x7F).contains(byte));
        is_name && (password.is_empty() || is_password)
    }
}

/// Without what must not be logged.
impl fmt::Debug for SetUpCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("SetUpCode");
        shown.field("address", &self.address).field("site", &self.site);
        shown.field("profile", &self.profile).field("wifi", &self.wifi);
        shown.finish_non_exhaustive()
    }
}

/// Without the password.
impl fmt::Debug for Wifi {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Wifi")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The characters that count, upper case.
fn significant(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars()
        .filter(|character| !character.is_whitespace() && *character != '-')
        .map(|character| character.to_ascii_uppercase())
}

fn put(bytes: &mut Vec<u8>, tag: u8, value: &[u8]) {
    // Every value was checked to be shorter than a length can say.
    let length = u8::try_from(value.len()).unwrap_or(u8::MAX);
    bytes.extend_from_slice(&[tag, length]);
    bytes.extend_from_slice(&value[..usize::from(length)]);
}

fn text(value: &[u8]) -> Result<String, SetUpFault> {
    let text = std::str::from_utf8(value).map_err(|_| SetUpFault::Damaged)?;
    Ok(text.to_owned())
}

fn check_of(bytes: &[u8]) -> [u8; CHECK_BYTES] {
    let hash = blake3::derive_key("tallyman set-up code v1", bytes);
    std::array::from_fn(|place| hash[place])
}

/// An address that is a scheme, four numbers and a port: seven bytes instead of up to 28.
fn ipv4_bytes(address: &str) -> Option<[u8; 7]> {
    let (scheme, host) = match address.strip_prefix("https://") {
        Some(host) => (1, host),
        None => (0, address.strip_prefix("http://")?),
    };
    let socket: std::net::SocketAddrV4 = host.parse().ok()?;
    let ([a, b, c, d], [high, low]) = (socket.ip().octets(), socket.port().to_be_bytes());
    let bytes = [scheme, a, b, c, d, high, low];
    // Only where it comes back as it was.
    (ipv4_address(&bytes).ok()? == address).then_some(bytes)
}

fn ipv4_address(bytes: &[u8]) -> Result<String, SetUpFault> {
    let [scheme @ (0 | 1), a, b, c, d, high, low] = *bytes else {
        return Err(SetUpFault::Damaged);
    };
    let scheme = if scheme == 1 { "https" } else { "http" };
    let port = u16::from_be_bytes([high, low]);
    Ok(format!("{scheme}://{a}.{b}.{c}.{d}:{port}"))
}

#[cfg(test)]
mod tests;
