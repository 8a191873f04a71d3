//! The hub over HTTP: JSON both ways, long bodies compressed, every wait and every answer's size limited.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, DATE, RETRY_AFTER};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tallyman_floor::wire::picture::PICTURE_BYTES_MAX;
use tallyman_floor::wire::proof::{self, Proved, SIGNATURE_HEADER};
use tallyman_floor::wire::v1::{
    Batch, Challenge, ChallengeRequest, ClaimRequest, Claims, Delta, DeviceCursor, EnrolRequest, Enrolled,
    EpochGranted, EpochRequest, NeighbourAnswers, NeighbourQuestions, NeighbourReply, NeighbourRequest,
    Numbers, NumbersRequest, PortalWatch, Receipt, ReleaseRequest, ScreenUpload, StockAnswer, TokenGranted,
    TokenRequest, TraceUpload,
};
use tallyman_floor::{Inquiry, PictureId};
use tallyman_platform::device_key::DeviceKey;
use tallyman_platform::tls::{ServerTrust, Time, TrustError, client_config};

use crate::seams::{Credential, Fault, Token, Transport};

/// How long a connection may take to stand. A handheld at the edge of its radio needs seconds.
const CONNECT_MS: u64 = 10_000;

/// How long an answer may take after the request was sent, besides what the hub was asked to hold it.
const ANSWER_MS: u64 = 30_000;

/// Most bytes of an answer: a page of 1,000 tasks with their lines is below 4 MB.
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// From this length on a body is compressed: a batch shrinks to a fifth, what is shorter fits one packet anyway.
const COMPRESSED_BYTES_MIN: usize = 1 << 10;

/// From this length on it is compressed on a thread of its own, so that no scan waits for it.
const COMPRESSED_ASIDE_BYTES_MIN: usize = 16 << 10;

/// Most bytes of an error page that are read for its message.
const PROBLEM_BYTES_MAX: usize = 16 << 10;

/// A hub that cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HubAddressError {
    /// An address that is none.
    #[error(
        "`hub.url` cannot be {url}: {reason}; write it as https://hub.example or http://192.168.1.10:8080"
    )]
    Address {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nobody could be believed to be the hub.
    #[error("the hub at {url} cannot be told from others: {error}")]
    Trust {
        /// Its address.
        url: String,
        /// Why.
        error: TrustError,
    },
}

/// The way to a hub at an address.
#[derive(Debug, Clone)]
pub struct HttpTransport {
    client: Client,
    base: Url,
    /// The hub, or a proxy before it, has refused a compressed body.
    is_plain: Arc<AtomicBool>,
}

impl HttpTransport {
    /// Prepares the way; nothing is sent yet.
    ///
    /// # Errors
    /// [`HubAddressError`] where the text is no address of a hub, or TLS cannot be set up.
    pub fn new(url: &str, trust: &ServerTrust, time: Time) -> Result<Self, HubAddressError> {
        let refused = |reason: String| HubAddressError::Address {
            url: url.to_owned(),
            reason,
        };
        let mut base = Url::parse(url).map_err(|error| refused(error.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
            return Err(refused("it is no http or https address".to_owned()));
        }
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        tallyman_platform::tls::install_crypto_provider();
        let builder = Client::builder();
        let builder = if base.scheme() == "http" {
            // Certificates are not needed and may not be there: small handheld images have none.
            builder.tls_certs_only([])
        } else {
            let config = client_config(trust, time).map_err(|error| HubAddressError::Trust {
                url: url.to_owned(),
                error,
            })?;
            builder.tls_backend_preconfigured(config)
        };
        let client = builder
            .connect_timeout(Duration::from_millis(CONNECT_MS))
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("tallyman-agent/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| refused(told(&error)))?;
        Ok(Self {
            client,
            base,
            is_plain: Arc::default(),
        })
    }

    /// The hub's clock, as it stands in its answers (RFC 9110, 6.6.1); `None` where it does not say.
    pub async fn date(&self) -> Option<Timestamp> {
        let request = self.request(Method::GET, "v1/meta", [], None).ok()?;
        let answer = request.send().await.ok()?;
        let text = answer.headers().get(DATE)?.to_str().ok()?;
        let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text);
        date.ok()
    }

    fn request<'q>(
        &self,
        method: Method,
        path: &str,
        query: impl IntoIterator<Item = (&'q str, &'q str)>,
        token: Option<&Token>,
    ) -> Result<RequestBuilder, Fault> {
        let mut url = self
            .base
            .join(path)
            .map_err(|error| Fault::Unreachable(error.to_string()))?;
        for (key, value) in query {
            url.query_pairs_mut().append_pair(key, value);
        }
        let request = self.client.request(method, url);
        Ok(match token {
            Some(token) => request.header(AUTHORIZATION, format!("Bearer {}", token.secret())),
            None => request,
        })
    }

    /// Posts a message that proves nothing.
    async fn post<B: Serialize, A: DeserializeOwned>(&self, path: &str, body: &B) -> Result<A, Fault> {
        let body = written(body)?;
        parse(
            &self
                .post_body(self.request(Method::POST, path, [], None)?, body, 0)
                .await?,
        )
    }

    /// Posts a message that is signed with this key for this device.
    async fn post_signed<B: Serialize + Proved>(
        &self,
        path: &str,
        signed: Signed<'_>,
        body: &B,
    ) -> Result<Vec<u8>, Fault> {
        self.post_signed_held(path, signed, body, 0).await
    }

    /// The same, of a request that the hub was asked to hold for so long.
    async fn post_signed_held<B: Serialize + Proved>(
        &self,
        path: &str,
        signed: Signed<'_>,
        body: &B,
        held_ms: u64,
    ) -> Result<Vec<u8>, Fault> {
        let Signed { token, key, device } = signed;
        // What is signed is what the hub reads, whatever is done to it on the way.
        let bytes = written(body)?;
        let signature = key.sign(&proof::message(body, device, &bytes));
        let request = self.request(Method::POST, path, [], token)?;
        self.post_body(request.header(SIGNATURE_HEADER, signature), bytes, held_ms)
            .await
    }

    /// Asks something as a device; the hub was asked to hold it for so long.
    fn ask_as<'a, B, A>(
        &'a self,
        path: &'static str,
        by: &'a Credential,
        body: &'a B,
        held_ms: u64,
    ) -> BoxFuture<'a, Result<A, Fault>>
    where
        B: Serialize + Proved + Sync,
        A: DeserializeOwned,
    {
        Box::pin(async move {
            let answer = self.post_signed_held(path, Signed::by(by), body, held_ms);
            parse(&answer.await?)
        })
    }

    /// Tells something as a device, which is answered with nothing.
    fn tell_as<'a, B>(
        &'a self,
        path: &'static str,
        by: &'a Credential,
        body: &'a B,
    ) -> BoxFuture<'a, Result<(), Fault>>
    where
        B: Serialize + Proved + Sync,
    {
        Box::pin(async move { self.post_signed(path, Signed::by(by), body).await.map(drop) })
    }

    async fn post_body(
        &self,
        request: RequestBuilder,
        body: Vec<u8>,
        held_ms: u64,
    ) -> Result<Vec<u8>, Fault> {
        let request = request.header(CONTENT_TYPE, "application/json");
        let is_long = body.len() >= COMPRESSED_BYTES_MIN;
        let request = if is_long && !self.is_plain.load(Ordering::Relaxed) {
            request
                .header(CONTENT_ENCODING, "gzip")
                .body(compressed(body).await?)
        } else {
            request.body(body)
        };
        let answer = exchange(request, ANSWER_MS.saturating_add(held_ms)).await;
        if matches!(&answer, Err(Fault::Refused { status: 415, .. })) {
            // Sent again as it is, as everything after it.
            self.is_plain.store(true, Ordering::Relaxed);
        }
        answer
    }
}

/// Who signs a request, and the token that goes with it.
struct Signed<'a> {
    token: Option<&'a Token>,
    key: &'a DeviceKey,
    device: &'a str,
}

impl<'a> Signed<'a> {
    fn by(credential: &'a Credential) -> Self {
        Self {
            token: Some(&credential.token),
            key: &credential.key,
            device: &credential.device,
        }
    }
}

fn written<B: Serialize>(body: &B) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(body).map_err(|error| Fault::Nonsense(error.to_string()))
}

impl Transport for HttpTransport {
    fn enrol<'a>(
        &'a self,
        key: &'a DeviceKey,
        request: &'a EnrolRequest,
    ) -> BoxFuture<'a, Result<Enrolled, Fault>> {
        let signed = Signed {
            token: None,
            key,
            device: request.device.as_deref().unwrap_or_default(),
        };
        Box::pin(async move { parse(&self.post_signed("v1/enrol", signed, request).await?) })
    }

    fn challenge<'a>(&'a self, request: &'a ChallengeRequest) -> BoxFuture<'a, Result<Challenge, Fault>> {
        Box::pin(self.post("v1/device/challenge", request))
    }

    fn token<'a>(
        &'a self,
        key: &'a DeviceKey,
        request: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<TokenGranted, Fault>> {
        let signed = Signed {
            token: None,
            key,
            device: &request.device,
        };
        Box::pin(async move { parse(&self.post_signed("v1/device/token", signed, request).await?) })
    }

    fn confirmations<'a>(
        &'a self,
        by: &'a Credential,
        batch: &'a Batch,
    ) -> BoxFuture<'a, Result<Receipt, Fault>> {
        self.ask_as("v1/confirmations", by, batch, 0)
    }

    fn tasks<'a>(
        &'a self,
        by: &'a Credential,
        cursor: Option<&'a str>,
        wait_ms: u64,
    ) -> BoxFuture<'a, Result<Delta, Fault>> {
        Box::pin(async move {
            let wait = wait_ms.to_string();
            let query = cursor
                .map(|cursor| ("cursor", cursor))
                .into_iter()
                .chain([("wait_ms", wait.as_str())]);
            let request = self.request(Method::GET, "v1/tasks", query, Some(&by.token))?;
            parse(&exchange(request, ANSWER_MS.saturating_add(wait_ms)).await?)
        })
    }

    fn cursor<'a>(&'a self, by: &'a Credential) -> BoxFuture<'a, Result<DeviceCursor, Fault>> {
        Box::pin(async move {
            let request = self.request(Method::GET, "v1/device/cursor", [], Some(&by.token))?;
            parse(&exchange(request, ANSWER_MS).await?)
        })
    }

    fn epoch<'a>(
        &'a self,
        by: &'a Credential,
        request: &'a EpochRequest,
    ) -> BoxFuture<'a, Result<EpochGranted, Fault>> {
        self.ask_as("v1/device/epoch", by, request, 0)
    }

    fn traces<'a>(&'a self, by: &'a Credential, upload: &'a TraceUpload) -> BoxFuture<'a, Result<(), Fault>> {
        self.tell_as("v1/traces", by, upload)
    }

    fn screen<'a>(
        &'a self,
        by: &'a Credential,
        upload: &'a ScreenUpload,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        self.tell_as("v1/screen", by, upload)
    }

    fn stock<'a>(
        &'a self,
        by: &'a Credential,
        inquiry: &'a Inquiry,
    ) -> BoxFuture<'a, Result<StockAnswer, Fault>> {
        Box::pin(async move {
            let request = self.request(Method::GET, "v1/stock", inquiry.query(), Some(&by.token))?;
            parse(&exchange(request, ANSWER_MS).await?)
        })
    }

    fn picture<'a>(
        &'a self,
        by: &'a Credential,
        picture: &'a PictureId,
    ) -> BoxFuture<'a, Result<Vec<u8>, Fault>> {
        Box::pin(async move {
            let path = format!("v1/pictures/{picture}");
            let request = self.request(Method::GET, &path, [], Some(&by.token))?;
            exchange_within(request, ANSWER_MS, PICTURE_BYTES_MAX).await
        })
    }

    fn claim<'a>(
        &'a self,
        by: &'a Credential,
        request: &'a ClaimRequest,
    ) -> BoxFuture<'a, Result<Claims, Fault>> {
        self.ask_as("v1/claims", by, request, 0)
    }

    fn release<'a>(
        &'a self,
        by: &'a Credential,
        request: &'a ReleaseRequest,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        self.tell_as("v1/claims/release", by, request)
    }

    fn numbers<'a>(
        &'a self,
        by: &'a Credential,
        request: &'a NumbersRequest,
    ) -> BoxFuture<'a, Result<Numbers, Fault>> {
        self.ask_as("v1/numbers", by, request, 0)
    }

    fn neighbours<'a>(
        &'a self,
        by: &'a Credential,
        request: &'a NeighbourRequest,
    ) -> BoxFuture<'a, Result<NeighbourAnswers, Fault>> {
        self.ask_as("v1/portals/neighbours", by, request, request.wait_ms)
    }

    fn portal_questions<'a>(
        &'a self,
        by: &'a Credential,
        request: &'a PortalWatch,
    ) -> BoxFuture<'a, Result<NeighbourQuestions, Fault>> {
        self.ask_as("v1/portals/questions", by, request, request.wait_ms)
    }

    fn portal_answer<'a>(
        &'a self,
        by: &'a Credential,
        reply: &'a NeighbourReply,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        self.tell_as("v1/portals/answers", by, reply)
    }
}

/// A body as gzip (RFC 1952), in the quickest of its levels.
async fn compressed(body: Vec<u8>) -> Result<Vec<u8>, Fault> {
    let failed =
        |error: &dyn std::fmt::Display| Fault::Nonsense(format!("a batch cannot be compressed: {error}"));
    if body.len() < COMPRESSED_ASIDE_BYTES_MIN {
        return gzip(&body).map_err(|error| failed(&error));
    }
    let compressed = tokio::task::spawn_blocking(move || gzip(&body)).await;
    compressed
        .map_err(|error| failed(&error))?
        .map_err(|error| failed(&error))
}

fn gzip(body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    encoder.write_all(body)?;
    encoder.finish()
}

/// Sends a request and takes the body of a good answer.
async fn exchange(request: RequestBuilder, answer_ms: u64) -> Result<Vec<u8>, Fault> {
    exchange_within(request, answer_ms, ANSWER_BYTES_MAX).await
}

/// The same, with an answer of no more than so many bytes.
async fn exchange_within(
    request: RequestBuilder,
    answer_ms: u64,
    bytes_max: usize,
) -> Result<Vec<u8>, Fault> {
    let talk = async {
        let response = request.send().await.map_err(|error| unreachable(&error))?;
        let status = response.status();
        if status.is_success() {
            return body(response, bytes_max).await;
        }
        let retry_after_ms = retry_after_ms(&response);
        // The status says enough where its page cannot be read.
        let page = body(response, PROBLEM_BYTES_MAX).await.unwrap_or_default();
        Err(refusal(status, retry_after_ms, &page))
    };
    match tokio::time::timeout(Duration::from_millis(answer_ms), talk).await {
        Ok(answer) => answer,
        Err(_) => Err(Fault::Timeout(answer_ms)),
    }
}

async fn body(mut response: Response, bytes_max: usize) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(&error))? {
        if bytes.len() + chunk.len() > bytes_max {
            return Err(Fault::Nonsense(format!("it is longer than {bytes_max} bytes")));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn parse<A: DeserializeOwned>(bytes: &[u8]) -> Result<A, Fault> {
    serde_json::from_slice(bytes).map_err(|error| Fault::Nonsense(error.to_string()))
}

fn refusal(status: StatusCode, retry_after_ms: Option<u64>, page: &[u8]) -> Fault {
    let words = status.canonical_reason().unwrap_or("an unknown status");
    Fault::of_status(status.as_u16(), words, retry_after_ms, page)
}

/// `Retry-After` in its form of seconds (RFC 9110, 10.2.3). A date is ignored: the device's clock may be wrong.
fn retry_after_ms(response: &Response) -> Option<u64> {
    let seconds: u64 = response
        .headers()
        .get(RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()?;
    Some(seconds.saturating_mul(1_000))
}

fn unreachable(error: &reqwest::Error) -> Fault {
    if error.is_timeout() {
        return Fault::Timeout(CONNECT_MS);
    }
    Fault::Unreachable(told(error))
}

/// The error with its causes: reqwest's own text seldom says what is wrong.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text.push_str(": ");
        text.push_str(&next.to_string());
        cause = next.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    fn plain(url: &str) -> Result<HttpTransport, HubAddressError> {
        let time: Time = Arc::new(|| panic!("nobody asks for the time without TLS"));
        HttpTransport::new(url, &ServerTrust::default(), time)
    }

    #[test]
    fn an_address_that_is_none_is_told() {
        for url in ["", "hub", "ftp://hub/", "http://"] {
            let error = plain(url).unwrap_err().to_string();
            assert!(
                error.contains("`hub.url`") && error.contains("https://hub.example"),
                "{error}"
            );
        }
        let transport = plain("http://127.0.0.1:1/site").unwrap();
        assert_eq!(
            transport.base.join("v1/enrol").unwrap().as_str(),
            "http://127.0.0.1:1/site/v1/enrol"
        );
    }

    #[test]
    fn a_refusal_says_what_the_hub_said() {
        let page = br#"{"code":"code_used","message":"The code was used. Make a new one."}"#;
        assert_eq!(
            refusal(StatusCode::CONFLICT, None, page),
            Fault::Refused {
                status: 409,
                code: Some("code_used".to_owned()),
                message: "The code was used. Make a new one.".to_owned()
            }
        );
        assert_eq!(
            refusal(StatusCode::UNAUTHORIZED, None, b"<html>"),
            Fault::Unauthorised {
                status: 401,
                code: None,
                message: "Unauthorized".to_owned()
            }
        );
        let busy = refusal(StatusCode::SERVICE_UNAVAILABLE, Some(2_000), b"");
        assert_eq!(
            busy,
            Fault::Busy {
                retry_after_ms: Some(2_000)
            }
        );
        assert_eq!(refusal(StatusCode::UPGRADE_REQUIRED, None, b""), Fault::Outdated);
    }

    /// Takes one request, answers it with this status line, and gives its head and body.
    async fn one_request(listener: &tokio::net::TcpListener, status: &str) -> (String, Vec<u8>) {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = Vec::new();
        let (head, length) = loop {
            let mut piece = [0; 4_096];
            let count = stream.read(&mut piece).await.unwrap();
            assert!(count > 0, "the request ends in its head");
            bytes.extend_from_slice(&piece[..count]);
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = String::from_utf8(bytes[..end].to_vec()).unwrap().to_lowercase();
                bytes.drain(..end + 4);
                let length = head
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length: "));
                let length: usize = length.unwrap().parse().unwrap();
                break (head, length);
            }
        };
        while bytes.len() < length {
            let mut piece = [0; 4_096];
            let count = stream.read(&mut piece).await.unwrap();
            assert!(count > 0, "the request ends in its body");
            bytes.extend_from_slice(&piece[..count]);
        }
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        stream.write_all(answer.as_bytes()).await.unwrap();
        (head, bytes)
    }

    fn traces(count: usize) -> TraceUpload {
        let entry = |number| tallyman_floor::wire::v1::TraceEntry {
            number,
            input: serde_json::value::RawValue::from_string("{\"scan\":\"4006381333931\"}".to_owned())
                .unwrap(),
        };
        TraceUpload {
            device: "dev-7".to_owned(),
            entries: (0..count as u64).map(entry).collect(),
        }
    }

    #[tokio::test]
    async fn long_bodies_are_compressed_until_somebody_refuses_them() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let transport = plain(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let by = crate::testing::credential();
        // Entries, the answer, whether the body comes compressed. The third is compressed aside.
        for (entries, status, is_compressed) in [
            (3, "204 No Content", false),
            (100, "204 No Content", true),
            (2_000, "204 No Content", true),
            (100, "415 Unsupported Media Type", true),
            (100, "204 No Content", false),
        ] {
            let upload = traces(entries);
            let plain = serde_json::to_vec(&upload).unwrap();
            let (sent, (head, body)) =
                tokio::join!(transport.traces(&by, &upload), one_request(&listener, status));
            assert_eq!(sent.is_ok(), status.starts_with("204"), "{sent:?}");
            assert_eq!(
                head.contains("content-encoding: gzip"),
                is_compressed,
                "{entries} entries, {head}"
            );
            let body = if is_compressed {
                assert!(body.len() * 4 < plain.len());
                let mut text = Vec::new();
                std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&body[..]), &mut text).unwrap();
                text
            } else {
                body
            };
            assert_eq!(body, plain);
            // What is signed is the body before it was compressed.
            let signature = head
                .lines()
                .find_map(|line| line.strip_prefix("tallyman-signature: "));
            let signed = proof::message(&upload, "dev-7", &plain);
            assert_eq!(signature, Some(by.key.sign(&signed).as_str()));
        }
    }
}
