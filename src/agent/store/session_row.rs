//! The worker's session: one row, written with every step.
//!
//! What can be taken back repeats itself, so the text is packed: a fifth of it is left, on one page of the file instead of
//! four. A row of a store from before that holds the text as it is.

use std::borrow::Cow;
use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use rusqlite::{Connection, OptionalExtension as _, params};
use tallyman_floor::wire::chain::ChainHash;

/// Bytes of a session at most, unpacked: what is longer is damage.
const BYTES_MAX: u64 = 16 << 20;

/// What a zlib stream begins with (RFC 1950, section 2.2), and no JSON text does.
const PACKED: u8 = 0x78;

const OWN: &str = "SELECT packed, hash FROM session";

/// Writes the session.
pub(super) fn put(connection: &Connection, session: &str) -> rusqlite::Result<()> {
    let packed = pack(session);
    let packed = packed.as_deref().unwrap_or(session.as_bytes());
    connection
        .prepare_cached(
            "INSERT INTO session (only, packed, hash) VALUES (1, ?1, ?2)
             ON CONFLICT (only) DO UPDATE SET packed = excluded.packed, hash = excluded.hash",
        )?
        .execute(params![packed, hash_of(session).as_bytes()])
        .map(drop)
}

/// Reads the session: `None` where there is none, `Some(None)` where it is damaged.
pub(super) fn get(connection: &Connection) -> rusqlite::Result<Option<Option<String>>> {
    Ok(row(connection, OWN)?.map(read))
}

/// What can be read of the session in a damaged file, which may be one from before the session had a row of its own.
pub(super) fn salvage(connection: &Connection) -> Option<String> {
    const OF_BEFORE: &str = "SELECT CAST(body AS BLOB), hash FROM state WHERE name = 'session'";
    let own = row(connection, OWN);
    let row = own.or_else(|_| row(connection, OF_BEFORE));
    row.ok().flatten().and_then(read)
}

/// The text and its hash as they are stored.
type Row = (Vec<u8>, Vec<u8>);

fn row(connection: &Connection, select: &str) -> rusqlite::Result<Option<Row>> {
    connection
        .query_row(select, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

fn read((packed, hash): Row) -> Option<String> {
    unpack(&packed).filter(|text| hash == hash_of(text).as_bytes())
}

fn pack(session: &str) -> std::io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::with_capacity(1024), Compression::fast());
    encoder.write_all(session.as_bytes())?;
    encoder.finish()
}

fn unpack(packed: &[u8]) -> Option<String> {
    let mut text = Cow::Borrowed(packed);
    if packed.first() == Some(&PACKED) {
        let mut unpacked = Vec::new();
        let mut decoder = ZlibDecoder::new(packed).take(BYTES_MAX);
        decoder.read_to_end(&mut unpacked).ok()?;
        text = Cow::Owned(unpacked);
    }
    String::from_utf8(text.into_owned()).ok()
}

/// As of the rows of `state`, of which the session was one.
fn hash_of(session: &str) -> ChainHash {
    ChainHash::of_record(ChainHash::START, "session", 0, 0, session.as_bytes())
}
