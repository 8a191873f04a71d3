//! The way to the database: its address, TLS, and connections that are bounded, checked when they are made, and made
//! again when they break.

use std::path::Path;
use std::str::FromStr as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tallyman_platform::entropy::{Entropy as _, SystemEntropy};
use tokio::time::Instant;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres::{Client, Config};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::OpenPostgresError;
use super::life::Life;
use super::transaction::{Mode, Transaction};
use crate::config::DatabaseConfig;
use crate::ledger::LedgerError;

/// After the first connection that failed, the next is tried within so many milliseconds; each failure doubles it.
const RETRY_BASE_MS: u64 = 100;
/// The most it comes to: short enough that a database that is back is used at once, as people see it.
const RETRY_CAP_MS: u64 = 3_000;

/// An address that was understood, with how to encrypt the way to it.
#[derive(Clone)]
pub(super) struct Address {
    config: Config,
    tls: MakeRustlsConnect,
    settings: String,
}

impl Address {
    /// Reads the configured address. `writes`: of several hosts the one that takes writes is meant, and no standby.
    pub(super) fn of(database: &DatabaseConfig, writes: bool) -> Result<Self, OpenPostgresError> {
        // Certificates are always checked in full, so the two modes of libpq that ask for that are the same here.
        let url = database
            .url
            .expose()
            .replace("sslmode=verify-full", "sslmode=require")
            .replace("sslmode=verify-ca", "sslmode=require");
        let mut config = Config::from_str(&url).map_err(OpenPostgresError::Address)?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(OpenPostgresError::NoHost);
        }
        let is_near = |host: &Host| match host {
            Host::Unix(_) => true,
            Host::Tcp(name) => {
                name == "localhost"
                    || name
                        .parse::<std::net::IpAddr>()
                        .is_ok_and(|address| address.is_loopback())
            }
        };
        // Whoever wants a way over the network without TLS says so.
        if !url.contains("sslmode=") && !config.get_hosts().iter().all(is_near) {
            config.ssl_mode(SslMode::Require);
        }
        if writes {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        if config.get_application_name().is_none() {
            config.application_name("tallyman hub");
        }
        config.connect_timeout(Duration::from_millis(database.connect_timeout_ms.into()));
        Ok(Self {
            config,
            tls: MakeRustlsConnect::new(client_config(&database.ca_file)?),
            settings: settings(database),
        })
    }

    /// Hosts and database, without the user and the password.
    pub(super) fn shown(&self) -> String {
        let host = |host: &Host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(path) => path.display().to_string(),
        };
        let hosts: Vec<String> = self.config.get_hosts().iter().map(host).collect();
        format!(
            "database {} on {}",
            self.config.get_dbname().unwrap_or("of the user's name"),
            hosts.join(", ")
        )
    }

    /// One connection outside of any pool.
    pub(super) async fn connect(&self) -> Result<Client, OpenPostgresError> {
        let unreachable = |source| OpenPostgresError::Unreachable {
            shown: self.shown(),
            source,
        };
        let (client, connection) = self.config.connect(self.tls.clone()).await.map_err(unreachable)?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to the database ended");
            }
        });
        client.batch_execute(&self.settings).await.map_err(unreachable)?;
        Ok(client)
    }

    /// A connection that hands its notifications on.
    pub(super) async fn connect_listening(
        &self,
    ) -> Result<
        (
            Client,
            tokio_postgres::Connection<
                tokio_postgres::Socket,
                <MakeRustlsConnect as tokio_postgres::tls::MakeTlsConnect<tokio_postgres::Socket>>::Stream,
            >,
        ),
        tokio_postgres::Error,
    > {
        self.config.connect(self.tls.clone()).await
    }

    fn pool(&self, size: usize, mode: Mode, life: Option<&Arc<Life>>) -> Result<Pool, OpenPostgresError> {
        let manager = Manager::from_config(
            self.config.clone(),
            self.tls.clone(),
            ManagerConfig {
                recycling_method: RecyclingMethod::Fast,
            },
        );
        let mut settings = self.settings.clone();
        if mode == Mode::Write {
            settings.push_str(BY_KEY_ALONE);
        }
        let life = life.cloned();
        let prepare = Hook::async_fn(move |client, _| {
            let (settings, life) = (settings.clone(), life.clone());
            Box::pin(async move {
                client
                    .batch_execute(&settings)
                    .await
                    .map_err(HookError::Backend)?;
                // A connection that was made anew may lead to another server, or to one that was restored.
                match life {
                    Some(life) => life.check(client).await.map_err(HookError::Backend),
                    None => Ok(()),
                }
            })
        });
        let patience = self.config.get_connect_timeout().copied();
        Pool::builder(manager)
            .max_size(size.max(1))
            .wait_timeout(patience)
            .create_timeout(patience.map(|patience| 2 * patience))
            .recycle_timeout(patience)
            .runtime(Runtime::Tokio1)
            .post_create(prepare)
            .build()
            .map_err(|error| OpenPostgresError::Pool(error.to_string()))
    }
}

/// What every connection is set to, whatever the server's or the role's own settings are.
fn settings(database: &DatabaseConfig) -> String {
    format!(
        "SET search_path = tallyman, pg_catalog;
         SET statement_timeout = {};
         SET lock_timeout = {};
         SET idle_in_transaction_session_timeout = {};
         SET default_transaction_isolation = 'read committed';
         -- What devices are told is on disk has to be: asynchronous commits lose what they answered.
         SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
        database.statement_timeout_ms, database.lock_timeout_ms, database.statement_timeout_ms
    )
}

/// What connections that write are set to besides: their statements look up rows by key, and no other plan is wanted of
/// them. The planner would choose others for a table that it knows nothing of yet, as after the first import, and one
/// batch would walk over a whole site.
pub(crate) const BY_KEY_ALONE: &str = "; SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off; \
                            SET enable_mergejoin = off; SET enable_material = off";

/// Server certificates are checked against this file, or against the system's where it is empty.
fn client_config(ca_file: &Path) -> Result<rustls::ClientConfig, OpenPostgresError> {
    tallyman_platform::tls::install_crypto_provider();
    let mut roots = rustls::RootCertStore::empty();
    if ca_file.as_os_str().is_empty() {
        let found = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(found.certs);
    } else {
        let unusable = |cause: String| OpenPostgresError::Certificates {
            file: ca_file.to_path_buf(),
            cause,
        };
        let certificates =
            CertificateDer::pem_file_iter(ca_file).map_err(|error| unusable(error.to_string()))?;
        for certificate in certificates {
            let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
            roots
                .add(certificate)
                .map_err(|error| unusable(error.to_string()))?;
        }
        if roots.is_empty() {
            return Err(unusable("it holds no certificate".to_owned()));
        }
    }
    Ok(rustls::ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth())
}

/// The connections of a process: those that write and those that only read, so that pages never keep devices waiting.
pub(super) struct Pools {
    writing: Pool,
    reading: Pool,
    outage: Mutex<Outage>,
}

/// How many of so many connections write.
pub(super) const fn writers(connections_max: usize) -> usize {
    connections_max.saturating_sub(1).div_ceil(2)
}

/// Connections that failed, one after the other.
#[derive(Debug, Default)]
struct Outage {
    failures: u32,
    /// Until when none is tried.
    until: Option<Instant>,
}

impl Pools {
    /// Half of the connections write, half read, and one listens.
    pub(super) fn open(
        address: &Address,
        connections_max: usize,
        life: Option<&Arc<Life>>,
    ) -> Result<Self, OpenPostgresError> {
        let writers = writers(connections_max);
        let readers = connections_max.saturating_sub(1 + writers);
        Ok(Self {
            writing: address.pool(writers, Mode::Write, life)?,
            reading: address.pool(readers, Mode::Read, life)?,
            outage: Mutex::default(),
        })
    }

    /// A connection for a transaction.
    pub(super) async fn connection(&self, mode: Mode) -> Result<Object, LedgerError> {
        let pool = match mode {
            Mode::Write => &self.writing,
            Mode::Read => &self.reading,
        };
        if pool.status().available == 0 {
            self.check_outage()?;
        }
        match pool.get().await {
            Ok(connection) => {
                *self.outage() = Outage::default();
                Ok(connection)
            }
            Err(error) => Err(self.failed(&error)),
        }
    }

    /// Begins a transaction.
    pub(super) async fn begin(&self, mode: Mode) -> Result<Transaction, super::error::Refused> {
        Transaction::begin(self.connection(mode).await?, mode).await
    }

    fn outage(&self) -> std::sync::MutexGuard<'_, Outage> {
        self.outage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// While a database is away, a request is told so at once, and only now and then one tries.
    fn check_outage(&self) -> Result<(), LedgerError> {
        let mut outage = self.outage();
        match outage.until {
            Some(until) if Instant::now() < until => Err(away("it was away a moment ago")),
            Some(_) => {
                // This request tries; those that come meanwhile do not.
                outage.rest();
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn failed(&self, error: &PoolError) -> LedgerError {
        match error {
            // All connections are at work: the database is slow, not away.
            PoolError::Timeout(deadpool_postgres::TimeoutType::Wait) => {
                LedgerError::Unavailable("every connection to the database is busy".to_owned())
            }
            other => {
                let mut outage = self.outage();
                outage.failures = outage.failures.saturating_add(1);
                outage.rest();
                drop(outage);
                tracing::warn!(error = %cause_of(other), "the database cannot be reached");
                away(cause_of(other))
            }
        }
    }
}

impl Outage {
    fn rest(&mut self) {
        let wait_ms = SystemEntropy.full_jitter(RETRY_BASE_MS, self.failures, RETRY_CAP_MS);
        self.until = Some(Instant::now() + Duration::from_millis(wait_ms));
    }
}

fn away(why: impl std::fmt::Display) -> LedgerError {
    LedgerError::Unavailable(format!(
        "the database cannot be reached: {why}. Nothing was stored; it may be tried again."
    ))
}

fn cause_of(error: &PoolError) -> String {
    match error {
        PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
            super::told(error)
        }
        other => other.to_string(),
    }
}
