//! The database held against what the devices wrote, in plain SQL.

use super::super::figures::check_figures;
use super::super::server::Server;
use super::Handheld;

/// Holds the database against what the devices wrote, and against itself.
pub(super) fn audit(server: &Server, database: &str, devices: &[&Handheld]) {
    check_figures(server, database);
    for device in devices {
        let wrote: Vec<String> = device
            .journal
            .iter()
            .skip(1)
            .map(|(seq, hash, body)| format!("{seq}|{hash}|{}", body.len()))
            .collect();
        let found = server.sql(
            database,
            &format!(
                "SELECT seq, encode(hash, 'hex'), length(body) FROM tallyman.journal
                 WHERE device = '{}' AND epoch = {} ORDER BY place",
                device.enrolled.device, device.enrolled.epoch
            ),
        );
        let found: Vec<&str> = found.lines().collect();
        assert_eq!(found, wrote, "the journal of {}", device.enrolled.device);
    }
}
