//! An audit of a hub's database in plain SQL: it shares nothing with what posts, and nothing with `verify`.
//!
//! Shared by several test programs, which name this file in a `mod` line with a path, beside `server`.

use super::server::Server;

/// Figures that have to be zero, each with the statement that counts what is wrong.
const ZEROS: &[(&str, &str)] = &[
    (
        "records missing, doubled or out of their device's order",
        "SELECT count(*) FROM (
             SELECT seq, row_number() OVER (PARTITION BY site, device, epoch ORDER BY seq) AS nth,
                    row_number() OVER (PARTITION BY site, device, epoch ORDER BY place) AS taken
             FROM tallyman.journal) AS record
         WHERE seq <> nth OR seq <> taken",
    ),
    (
        "marks that are not where the journal ends",
        "SELECT count(*) FROM tallyman.device_epoch AS mark
         WHERE applied_seq <> (SELECT count(*) FROM tallyman.journal
             WHERE (site, device, epoch) = (mark.site, mark.device, mark.epoch)) OR stable_seq > applied_seq",
    ),
    (
        "the ledger's sum",
        "SELECT coalesce(sum(abs(over)), 0) FROM
             (SELECT sum(quantity_micro) AS over FROM tallyman.entry GROUP BY site, item, lot) AS sums",
    ),
    (
        "facts whose entries do not balance, or move another quantity than they say",
        "SELECT count(*) FROM (
             SELECT convert_from(body, 'UTF8')::jsonb AS fact, quarantined,
                    (SELECT coalesce(sum(quantity_micro), 0) FROM tallyman.entry
                     WHERE entry.site = journal.site AND entry.journal = journal.place) AS over,
                    (SELECT coalesce(sum(quantity_micro) FILTER (WHERE quantity_micro > 0), 0) FROM tallyman.entry
                     WHERE entry.site = journal.site AND entry.journal = journal.place) AS moved
             FROM tallyman.journal) AS posted
         WHERE over <> 0
            OR (quarantined = '' AND fact->>'act' IN ('received', 'picked', 'reversed')
                AND moved <> (fact->'goods'->>'quantity_micro')::bigint)
            OR (quarantined <> '' AND moved <> 0)",
    ),
    (
        "balances that are not the sum of their entries",
        "SELECT count(*) FROM (
             SELECT site, account, place, item, lot, serial, status, owner, sum(quantity_micro) AS total
             FROM tallyman.entry GROUP BY 1, 2, 3, 4, 5, 6, 7, 8) AS summed
         FULL JOIN tallyman.balance USING (site, account, place, item, lot, serial, status, owner)
         WHERE coalesce(total, 0) <> coalesce(quantity_micro, 0)",
    ),
    (
        "numbers given away and not used, or used and not given away",
        "SELECT count(*) FROM tallyman.site
         WHERE (journal_last, entry_last, exception_last) <> (
             (SELECT count(*) FROM tallyman.journal WHERE journal.site = site.site),
             (SELECT count(*) FROM tallyman.entry WHERE entry.site = site.site),
             (SELECT count(*) FROM tallyman.exception WHERE exception.site = site.site))",
    ),
    (
        "changes with a number beyond the counter, or with the number of another",
        "SELECT count(*) FROM (
             SELECT site, change_seq FROM tallyman.task UNION ALL SELECT site, change_seq FROM tallyman.item
             UNION ALL SELECT site, change_seq FROM tallyman.location) AS change
         JOIN tallyman.site USING (site)
         WHERE change.change_seq > site.change_seq
            OR 1 < (SELECT count(*) FROM (
                    SELECT site, change_seq FROM tallyman.task UNION ALL SELECT site, change_seq FROM tallyman.item
                    UNION ALL SELECT site, change_seq FROM tallyman.location) AS other
                WHERE other.site = change.site AND other.change_seq = change.change_seq)",
    ),
];

/// Holds the database against itself.
pub fn check_figures(server: &Server, database: &str) {
    for (what, sql) in ZEROS {
        assert_eq!(server.sql(database, sql), "0", "{what}");
    }
}
