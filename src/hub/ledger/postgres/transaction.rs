//! A transaction on a connection of a pool. One that is dropped before its end takes its connection with it, and the
//! server takes it back: a request that is given up, or a bug, leaves nothing open behind.

use deadpool_postgres::Object;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row, Statement};

use super::error::Refused;

/// Parameters of a statement.
pub(super) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// How a transaction sees the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Each statement sees what is committed, and rows are locked before they are changed.
    Write,
    /// One moment of the database, and nothing is changed.
    Read,
}

impl Mode {
    const fn begin(self) -> &'static str {
        match self {
            Self::Write => "BEGIN ISOLATION LEVEL READ COMMITTED",
            Self::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        }
    }
}

/// A transaction under way.
pub(super) struct Transaction {
    /// `None` after its end.
    connection: Option<Object>,
}

impl Transaction {
    /// Begins one.
    pub(super) async fn begin(connection: Object, mode: Mode) -> Result<Self, Refused> {
        let transaction = Self::on(connection);
        transaction.connection().batch_execute(mode.begin()).await?;
        Ok(transaction)
    }

    /// A transaction whose `BEGIN` is sent by its first statements.
    pub(super) const fn on(connection: Object) -> Self {
        Self {
            connection: Some(connection),
        }
    }

    fn connection(&self) -> &Object {
        let connection = self.connection.as_ref();
        connection.unwrap_or_else(|| unreachable!("a transaction is used after its end"))
    }

    /// The statement, prepared once for each connection.
    pub(super) async fn prepare(&self, sql: &'static str) -> Result<Statement, Error> {
        self.connection().prepare_cached(sql).await
    }

    /// Runs a prepared statement. It is sent when the answer is first waited for, before anything else happens.
    pub(super) async fn run(&self, statement: &Statement, values: Values<'_>) -> Result<Vec<Row>, Error> {
        self.connection().query(statement, values).await
    }

    /// Rows of a statement.
    pub(super) async fn query(&self, sql: &'static str, values: Values<'_>) -> Result<Vec<Row>, Error> {
        let statement = self.prepare(sql).await?;
        self.run(&statement, values).await
    }

    /// The only row, where there is one.
    pub(super) async fn find(&self, sql: &'static str, values: Values<'_>) -> Result<Option<Row>, Error> {
        let statement = self.prepare(sql).await?;
        self.connection().query_opt(&statement, values).await
    }

    /// The only row.
    pub(super) async fn one(&self, sql: &'static str, values: Values<'_>) -> Result<Row, Error> {
        let statement = self.prepare(sql).await?;
        self.connection().query_one(&statement, values).await
    }

    /// Rows, one by one: for more of them than should be in memory.
    pub(super) async fn stream(
        &self,
        sql: &'static str,
        values: Values<'_>,
    ) -> Result<tokio_postgres::RowStream, Error> {
        let statement = self.prepare(sql).await?;
        self.connection()
            .query_raw(&statement, values.iter().copied())
            .await
    }

    /// Runs a statement, and says how many rows it changed.
    pub(super) async fn execute(&self, sql: &'static str, values: Values<'_>) -> Result<u64, Error> {
        let statement = self.prepare(sql).await?;
        self.connection().execute(&statement, values).await
    }

    /// Statements without parameters or rows, as `SAVEPOINT`.
    pub(super) async fn command(&self, sql: &str) -> Result<(), Error> {
        self.connection().batch_execute(sql).await
    }

    /// Ends it. When this returns without an error, it has happened on disk.
    pub(super) async fn commit(mut self) -> Result<(), Refused> {
        self.command("COMMIT").await?;
        self.ended();
        Ok(())
    }

    /// Takes it back, and gives the connection back to its pool.
    pub(super) async fn roll_back(mut self) {
        if self.command("ROLLBACK").await.is_ok() {
            self.ended();
        }
    }

    /// Notes that a `COMMIT` sent among the last statements has been answered.
    pub(super) fn ended(&mut self) {
        drop(self.connection.take());
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            drop(Object::take(connection));
        }
    }
}
