//! Writing EPC URIs: pure identity, tag and raw (EPC Tag Data Standard, sections 6 and 12).

use std::fmt::{self, Write};

use super::classic::ClassicEpc;
use super::identity::{Identity, Kind, Part};
use super::pc::ControlFields;

/// The pure identity URI, as `urn:epc:id:sgtin:0614141.812345.6789`.
impl fmt::Display for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.kind.uri_start())?;
        formatter.write_char(':')?;
        write_parts(formatter, self)
    }
}

/// The tag URI, as `urn:epc:tag:sgtin-96:3.0614141.812345.6789`.
pub(super) fn tag_uri(scheme: &str, control: ControlFields, epc: &ClassicEpc) -> String {
    let mut uri = format!("urn:epc:tag:{control}{scheme}:");
    // Writing to a string cannot fail.
    if let Some(filter) = epc.filter {
        let _ = write!(uri, "{filter}.");
    }
    let _ = write_parts(&mut uri, &epc.identity);
    uri
}

/// The parts of an identity as every URI of it has them: joined with dots, special characters escaped.
fn write_parts(out: &mut impl Write, identity: &Identity) -> fmt::Result {
    write_part(out, identity, &identity.issuer)?;
    if let Some(reference) = &identity.reference {
        out.write_char('.')?;
        write_part(out, identity, reference)?;
    }
    if let Some((piece, total)) = identity.pieces {
        write!(out, ".{piece:02}.{total:02}")?;
    }
    if let Some(serial) = &identity.serial {
        out.write_char('.')?;
        write_part(out, identity, serial)?;
    }
    if identity.kind == Kind::AnySgtin {
        out.write_str(".*")?;
    }
    Ok(())
}

fn write_part(out: &mut impl Write, identity: &Identity, part: &Part) -> fmt::Result {
    for byte in part.text().as_str().bytes() {
        if is_escaped(identity.kind, byte) {
            write!(out, "%{byte:02X}")?;
        } else {
            out.write_char(char::from(byte))?;
        }
    }
    Ok(())
}

/// Whether a character is written as `%HH`: those that a URI gives a meaning. `#` exists in 6-bit texts alone.
fn is_escaped(kind: Kind, byte: u8) -> bool {
    b"\"%&/<>?".contains(&byte) || (byte == b'#' && matches!(kind, Kind::Cpi | Kind::Adi))
}
