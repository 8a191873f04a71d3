//! What sweeps and passes have in common: a table of heads, and a table of the tags of each.

use rusqlite::Connection;

/// Forgets the heads that the condition names, with their tags. A head's own column, in both tables, is called as its table.
pub(super) fn forget_where(
    connection: &Connection,
    heads: &str,
    tags: &str,
    condition: &str,
    parameters: impl rusqlite::Params + Clone,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(&format!(
            "DELETE FROM {tags} WHERE {heads} IN (SELECT {heads} FROM {heads} WHERE {condition})"
        ))?
        .execute(parameters.clone())?;
    connection
        .prepare_cached(&format!("DELETE FROM {heads} WHERE {condition}"))?
        .execute(parameters)
        .map(drop)
}
