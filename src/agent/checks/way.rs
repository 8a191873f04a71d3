//! The way to the hub: whether it answers, and where not, at which step the way ends.

use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::Url;
use tallyman_floor::wire::v1::ChallengeRequest;
use tallyman_platform::clock::SystemClock;
use tallyman_platform::tls::{Certificate, client_config, shake_hands};

use super::{Finding, Grade};
use crate::calendar::Calendar;
use crate::config::AgentConfig;
use crate::seams::{Fault, Transport as _};
use crate::sync::HttpTransport;
use crate::wiring::http_transport;

/// A certificate that ends sooner is told: time enough for somebody to renew it.
const ENDS_SOON: SignedDuration = SignedDuration::from_hours(21 * 24);

/// Clocks that differ by more are told. Nothing is lost by it; times that people read are wrong.
const CLOCK_OFF: SignedDuration = SignedDuration::from_mins(2);

/// Asks the hub for something to sign, for nobody: a hub that answers is there. Where it does not, the way is walked step by
/// step.
pub(super) async fn check(config: &AgentConfig, patience: Duration) -> Vec<Finding> {
    let what = "hub";
    let calendar = match SystemClock::new() {
        Ok(clock) => Calendar::new(Arc::new(clock)),
        Err(error) => return vec![Finding::new(what, Grade::Wrong, error.to_string())],
    };
    let transport = match http_transport(config, &calendar) {
        Ok(transport) => transport,
        Err(error) => return vec![Finding::new(what, Grade::Wrong, error.to_string())],
    };
    let nobody = ChallengeRequest {
        device: "nobody".to_owned(),
    };
    let patience_ms = u64::try_from(patience.as_millis()).unwrap_or(u64::MAX);
    let asked = tokio::time::timeout(patience, transport.challenge(&nobody)).await;
    match asked.unwrap_or(Err(Fault::Timeout(patience_ms))) {
        Err(Fault::Busy { .. }) | Ok(_) => {
            let text = format!("{} answers", config.hub.url);
            let mut findings = vec![Finding::new(what, Grade::Good, text)];
            findings.extend(clock(&transport, &calendar, patience).await);
            if let Ok(Some(shown)) = walked(config, &calendar, patience).await {
                findings.push(ending(&shown, calendar.known_time().now));
            }
            findings
        }
        // It is there, and answers in its own words.
        Err(fault @ (Fault::Unauthorised { .. } | Fault::Refused { .. })) => {
            vec![Finding::new(what, Grade::Wrong, fault.to_string())]
        }
        Err(fault) => {
            let text = match walked(config, &calendar, patience).await {
                Ok(_) => fault.to_string(),
                Err(step) => step,
            };
            vec![Finding::new(what, Grade::Wrong, text)]
        }
    }
}

/// Walks the way: name, port, TLS. Gives the certificate that was shown, or at which step the way ends and what to do.
async fn walked(
    config: &AgentConfig,
    calendar: &Calendar,
    patience: Duration,
) -> Result<Option<Certificate>, String> {
    let url = Url::parse(&config.hub.url).map_err(|error| error.to_string())?;
    let host = url.host_str().unwrap_or_default().to_owned();
    let port = url.port_or_known_default().unwrap_or_default();
    let addresses = resolved(&host, port, patience).await?;
    let stream = connected(&host, port, addresses, patience).await?;
    if url.scheme() != "https" {
        return Ok(None);
    }
    let trust = config.hub.trust().map_err(|error| error.to_string())?;
    let time = {
        let calendar = calendar.clone();
        Arc::new(move || calendar.known_time())
    };
    let client = client_config(&trust, time).map_err(|error| error.to_string())?;
    let name = host.trim_matches(['[', ']']).to_owned();
    let shaken = tokio::task::spawn_blocking(move || {
        let mut stream = stream;
        shake_hands(&mut stream, &name, client)
    });
    match shaken.await {
        Ok(shown) => shown.map_err(|error| format!("{host}:{port} is reached, and {error}")),
        Err(error) => Err(error.to_string()),
    }
}

async fn resolved(host: &str, port: u16, patience: Duration) -> Result<Vec<SocketAddr>, String> {
    let plain = host.trim_matches(['[', ']']);
    let asked = tokio::time::timeout(patience, tokio::net::lookup_host((plain, port))).await;
    let told = match asked {
        Ok(Ok(addresses)) => {
            let addresses: Vec<_> = addresses.collect();
            if !addresses.is_empty() {
                return Ok(addresses);
            }
            "it has no address".to_owned()
        }
        Ok(Err(error)) => error.to_string(),
        Err(_) => "no name server answers".to_owned(),
    };
    Err(format!(
        "the name {host} leads nowhere ({told}): check how `hub.url` is written, and the network's name server \
         (/etc/resolv.conf); an address does without"
    ))
}

async fn connected(
    host: &str,
    port: u16,
    addresses: Vec<SocketAddr>,
    patience: Duration,
) -> Result<TcpStream, String> {
    let connecting = tokio::task::spawn_blocking(move || {
        let mut last = None;
        for address in addresses {
            match TcpStream::connect_timeout(&address, patience) {
                Ok(stream) => {
                    stream.set_read_timeout(Some(patience))?;
                    stream.set_write_timeout(Some(patience))?;
                    return Ok(stream);
                }
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(|| std::io::ErrorKind::AddrNotAvailable.into()))
    });
    let answer = connecting.await.map_err(|error| error.to_string())?;
    answer.map_err(|error| match error.kind() {
        std::io::ErrorKind::ConnectionRefused => format!(
            "{host} is there, and nothing listens at port {port}: start the hub, or correct the port; a hub whose `listen` is \
             127.0.0.1 answers on its own machine alone"
        ),
        _ => format!(
            "nothing answers at {host}, port {port} ({error}): check cable or Wi-Fi, and firewalls between here and the hub"
        ),
    })
}

/// Holds this device's clock against the hub's.
async fn clock(transport: &HttpTransport, calendar: &Calendar, patience: Duration) -> Option<Finding> {
    let hub = tokio::time::timeout(patience, transport.date()).await.ok()??;
    Some(compared(calendar.clock().wall(), hub))
}

fn compared(here: Timestamp, hub: Timestamp) -> Finding {
    let what = "time";
    let off = here.duration_since(hub);
    if off.abs() <= CLOCK_OFF {
        return Finding::new(what, Grade::Good, "the clock agrees with the hub's");
    }
    let seconds = off.abs().as_secs().unsigned_abs();
    let side = if off.is_positive() { "ahead of" } else { "behind" };
    let text = format!(
        "the clock is {} {side} the hub's. Nothing is lost or put in a wrong order by it, but times are wrong: let a time \
         server set both (timedatectl set-ntp true)",
        crate::status::span(seconds)
    );
    Finding::new(what, Grade::Warning, text)
}

fn ending(shown: &Certificate, now: Timestamp) -> Finding {
    let what = "certificate";
    let left = shown.not_after.duration_since(now);
    let day = shown.not_after.strftime("%Y-%m-%d");
    if left > ENDS_SOON {
        return Finding::new(what, Grade::Good, format!("the hub's is valid until {day}"));
    }
    let text = format!(
        "the hub's ends on {day}; from then on no device gets through. Renew it on the hub: the same key keeps the pin, and \
         the files are read again by themselves"
    );
    Finding::new(what, Grade::Warning, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(3);

    fn at(url: String) -> AgentConfig {
        let mut config = AgentConfig::default();
        config.hub.url = url;
        config
    }

    #[tokio::test]
    async fn each_step_of_the_way_says_where_it_ends() {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = closed.local_addr().unwrap().port();
        drop(closed);
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let hangs_up = silent.local_addr().unwrap().port();
        tokio::spawn(async move { while silent.accept().await.is_ok() {} });
        for (url, wanted) in [
            ("http://no-such-name.invalid:1".to_owned(), "leads nowhere"),
            (format!("http://127.0.0.1:{port}"), "nothing listens at port"),
            (
                format!("https://127.0.0.1:{hangs_up}"),
                "the connection broke while TLS was agreed on",
            ),
        ] {
            let mut config = at(url.clone());
            // Some system has no certificates of authorities, and that would be told first.
            config.hub.certificate_pin = "00".repeat(32);
            let findings = check(&config, PATIENCE).await;
            assert_eq!(findings[0].grade, Grade::Wrong, "{findings:?}");
            assert!(findings[0].text.contains(wanted), "{url}: {findings:?}");
        }
    }

    #[test]
    fn clocks_are_compared() {
        let hub: Timestamp = "2026-11-30T08:00:00Z".parse().unwrap();
        for (here, grade, wanted) in [
            ("2026-11-30T08:01:00Z", Grade::Good, "agrees"),
            ("2026-11-30T07:50:00Z", Grade::Warning, "10 min behind the hub's"),
            (
                "2026-12-02T08:00:00Z",
                Grade::Warning,
                "2 days ahead of the hub's",
            ),
        ] {
            let finding = compared(here.parse().unwrap(), hub);
            assert_eq!(finding.grade, grade, "{finding:?}");
            assert!(finding.text.contains(wanted), "{finding:?}");
        }
    }

    #[test]
    fn a_certificate_that_ends_is_told_in_time() {
        let shown = Certificate {
            pin: "00".repeat(32).parse().unwrap(),
            not_before: "2026-01-01T00:00:00Z".parse().unwrap(),
            not_after: "2027-01-01T00:00:00Z".parse().unwrap(),
        };
        for (now, grade) in [
            ("2026-06-01T00:00:00Z", Grade::Good),
            ("2026-12-20T00:00:00Z", Grade::Warning),
        ] {
            assert_eq!(ending(&shown, now.parse().unwrap()).grade, grade, "{now}");
        }
    }
}
