//! A certificate that the hub makes for itself, for sites without an authority: devices pin its key.

use tallyman_platform::tls::{Certificate, Pin};

/// A certificate of the hub's own.
#[derive(Debug)]
pub struct OwnCertificate {
    /// The certificate, PEM.
    pub certificate: String,
    /// Its private key, PEM.
    pub key: String,
    /// What devices pin.
    pub pin: Pin,
}

/// Years for which such a certificate is valid: what devices believe is its key.
const OWN_YEARS: i16 = 20;

/// Makes a certificate for these names (host names or addresses), with a fresh key of the system's chance.
///
/// # Errors
/// What is wrong with the names.
pub fn make_certificate(names: &[String], now: jiff::Timestamp) -> Result<OwnCertificate, String> {
    let failed = |error: rcgen::Error| error.to_string();
    let key = rcgen::KeyPair::generate().map_err(failed)?;
    let mut params = rcgen::CertificateParams::new(names).map_err(failed)?;
    let name = names.first().map_or("tallyman", String::as_str);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, format!("Tallyman hub {name}"));
    let day = |date: jiff::civil::Date| {
        let number = |part: i8| u8::try_from(part).unwrap_or(1);
        rcgen::date_time_ymd(date.year().into(), number(date.month()), number(date.day()))
    };
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let yesterday = today.yesterday().map_err(|error| error.to_string())?;
    params.not_before = day(yesterday);
    // The first of the month: there is one in every year.
    let end = jiff::civil::Date::new(today.year().saturating_add(OWN_YEARS), today.month(), 1);
    params.not_after = day(end.map_err(|error| error.to_string())?);
    let certificate = params.self_signed(&key).map_err(failed)?;
    let read = Certificate::read(certificate.der()).ok_or("the certificate cannot be read")?;
    Ok(OwnCertificate {
        certificate: certificate.pem(),
        key: key.serialize_pem(),
        pin: read.pin,
    })
}
