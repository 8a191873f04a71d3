//! A person's browser: a session, its cookie, and forms that carry its token.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;

use super::bench::{Bench, text};
use crate::access::session::{FORM_TOKEN, Token};
use crate::access::source::Source;
use crate::access::table::TABLE;
use crate::ledger::audit::{AuditFilter, AuditRow};
use crate::ledger::people::{NewPerson, PersonAnswer, PersonSetting, Role, SiteScope};
use crate::ledger::sessions::NewSession;
use crate::source::Peer;

/// The password of everybody whom a test adds by the door.
pub(super) const PASSWORD: &str = "correct horse battery";

/// What stands for a password's hash where nobody signs in with it.
const NO_HASH: &str = "not hashed";

/// A browser, signed in or not.
#[derive(Clone)]
pub(super) struct Browser {
    pub(super) token: Option<Token>,
    cookie: String,
    /// Where it is; empty for nowhere in particular.
    pub(super) address: &'static str,
}

impl Browser {
    pub(super) fn of_nobody() -> Self {
        Self {
            token: None,
            cookie: String::new(),
            address: "",
        }
    }

    pub(super) fn at(address: &'static str) -> Self {
        Self {
            address,
            ..Self::of_nobody()
        }
    }

    /// A session of somebody, begun without a password.
    pub(super) async fn of(bench: &Bench, login: &str) -> Self {
        let stored = bench
            .hub
            .ledger()
            .person_at_door(login.to_owned())
            .await
            .unwrap()
            .unwrap();
        let token = Token::new(&bench.hub);
        let session = NewSession {
            token_hash: token.hash(),
            login: login.to_owned(),
            password: stored.password,
            password_anew: String::new(),
            source: String::new(),
            browser: "a test".to_owned(),
            now: bench.hub.now(),
            began_after: jiff::Timestamp::MIN,
        };
        assert!(bench.hub.ledger().begin_session(session).await.unwrap());
        Self::with(token, bench)
    }

    fn with(token: Token, bench: &Bench) -> Self {
        let source = Source {
            is_secure: false,
            ..Source::default()
        };
        let cookie = token.cookie(&bench.hub, &source);
        Self {
            token: Some(token),
            cookie: cookie.split(';').next().unwrap().to_owned(),
            address: "",
        }
    }

    /// Signs in by the form; the answer, and the browser as it is then.
    pub(super) async fn sign_in(&self, bench: &Bench, login: &str, password: &str) -> (Response, Self) {
        let fields = [("login", login), ("password", password)];
        let response = self.send(bench, "/sign-in", &fields).await;
        let browser = self.after(&response);
        (response, browser)
    }

    /// This browser after an answer that may set its cookie.
    pub(super) fn after(&self, response: &Response) -> Self {
        let mut browser = self.clone();
        if let Some(cookie) = response.headers().get(header::SET_COOKIE) {
            browser.cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
            let mut headers = axum::http::HeaderMap::new();
            headers.insert(header::COOKIE, browser.cookie.parse().unwrap());
            let source = Source {
                is_secure: browser.cookie.starts_with("__Host-"),
                ..Source::default()
            };
            browser.token = Token::shown(&headers, &source);
        }
        browser
    }

    pub(super) fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "127.0.0.1:7070");
        if !self.cookie.is_empty() {
            request = request.header(header::COOKIE, &self.cookie);
        }
        if !self.address.is_empty() {
            let address: SocketAddr = format!("{}:4711", self.address).parse().unwrap();
            request = request.extension(ConnectInfo(Peer(address)));
        }
        request
    }

    pub(super) async fn get(&self, bench: &Bench, path: &str) -> Response {
        bench
            .ask(self.request("GET", path).body(Body::empty()).unwrap())
            .await
    }

    /// The status of a page.
    pub(super) async fn status(&self, bench: &Bench, path: &str) -> StatusCode {
        self.get(bench, path).await.status()
    }

    /// A page that is there.
    pub(super) async fn page(&self, bench: &Bench, path: &str) -> String {
        let response = self.get(bench, path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        text(response).await
    }

    /// The form token, as a page of this session shows it.
    pub(super) fn form_token(&self) -> String {
        self.token
            .as_ref()
            .map_or(String::new(), |token| token.form_key([9; 32]).shown())
    }

    /// Sends a form with its token.
    pub(super) async fn post(&self, bench: &Bench, path: &str, fields: &[(&str, &str)]) -> Response {
        let token = self.form_token();
        let mut fields = fields.to_vec();
        fields.push((FORM_TOKEN, &token));
        self.send(bench, path, &fields).await
    }

    /// Sends exactly these fields.
    pub(super) async fn send(&self, bench: &Bench, path: &str, fields: &[(&str, &str)]) -> Response {
        let pair = |(name, value): &(&str, &str)| format!("{name}={}", encoded(value));
        let body = fields.iter().map(pair).collect::<Vec<_>>().join("&");
        let request = self
            .request("POST", path)
            .header(header::ORIGIN, "http://127.0.0.1:7070")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap();
        bench.ask(request).await
    }
}

fn encoded(value: &str) -> String {
    value.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

impl Bench {
    /// Adds somebody who never signs in by the form.
    pub(super) async fn person(&self, login: &str, role: Role, sites: &str) {
        self.person_with(login, role, sites, NO_HASH.to_owned()).await;
    }

    /// Adds somebody whose password is [`PASSWORD`].
    pub(super) async fn person_at_the_door(&self, login: &str, role: Role, sites: &str) {
        let hash = crate::access::password::hash(PASSWORD, &[3; 16]).unwrap();
        self.person_with(login, role, sites, hash).await;
    }

    async fn person_with(&self, login: &str, role: Role, sites: &str, password: String) {
        let setting = PersonSetting {
            login: login.to_owned(),
            name: format!("Mx {login}"),
            role,
            sites: SiteScope::from_text(sites),
            badge: String::new(),
            language: String::new(),
            disabled: false,
        };
        let person = NewPerson {
            setting,
            password,
            only_as_first: false,
            now: self.hub.now(),
        };
        assert_eq!(
            self.hub.ledger().add_person(person).await.unwrap(),
            PersonAnswer::Done
        );
    }

    /// The whole audit trail, oldest first.
    pub(super) async fn trail(&self) -> Vec<AuditRow> {
        let everything = AuditFilter {
            rows_max: 10_000,
            ..AuditFilter::default()
        };
        let mut rows = self.hub.ledger().audit(everything).await.unwrap();
        rows.reverse();
        rows
    }

    /// The trail in short: actor, action, subject, outcome.
    pub(super) async fn trail_in_short(&self) -> Vec<String> {
        let short = |row: AuditRow| format!("{} {} {} {}", row.actor, row.action, row.subject, row.outcome);
        self.trail().await.into_iter().map(short).collect()
    }
}

/// The paths of the table that are pages: what a browser opens.
pub(super) fn pages_of_the_table() -> impl Iterator<Item = &'static str> {
    let pages = TABLE
        .iter()
        .filter(|row| row.method == "GET" && !row.is_for_programs());
    pages
        .map(|row| row.path)
        .filter(|path| !path.starts_with("/assets") && !path.ends_with("/events"))
}
