//! Looks for a stick with a set-up code while the device belongs to no hub: sticks are plugged in after the start.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::seams::Identity;
use crate::set_up::Desk;

/// How often it is looked. A device that waits to be set up stands with somebody who waits as well, and rests no battery.
const EVERY: Duration = Duration::from_secs(3);

/// Looks until the device has an identity, or until cancelled: a code that is taken makes the agent start anew.
pub(super) async fn look(
    desk: Arc<Desk>,
    mut identity: watch::Receiver<Option<Identity>>,
    cancel: CancellationToken,
) {
    if !desk.looks_at_sticks() {
        return;
    }
    let mut every = tokio::time::interval(EVERY);
    let taken = desk.subscribe();
    while !*taken.borrow() {
        tokio::select! {
            () = cancel.cancelled() => return,
            // An error means that the floor loop has ended.
            changed = identity.changed() => if changed.is_err() || identity.borrow().is_some() { return },
            _ = every.tick() => {}
        }
        let desk = Arc::clone(&desk);
        // A stick can take its time.
        if tokio::task::spawn_blocking(move || desk.look_at_stick())
            .await
            .is_err()
        {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use tallyman_floor::wire::set_up::SetUpCode;

    use super::*;
    use crate::config::AgentConfig;

    /// A device that nobody has set up, and the folder where its sticks come.
    fn bare_device(folder: &std::path::Path) -> (Arc<Desk>, std::path::PathBuf) {
        let (file, sticks) = (folder.join("agent.toml"), folder.join("media"));
        std::fs::create_dir(&sticks).unwrap();
        let text = format!(
            "[store]\npath = \"{}\"\n[set_up]\nfolder = \"{}\"\n",
            folder.join("agent.db").display(),
            sticks.display()
        );
        std::fs::write(&file, text).unwrap();
        let config = AgentConfig::load(Some(&file), &|_| None).unwrap();
        (Arc::new(Desk::of(&config)), sticks)
    }

    #[tokio::test(start_paused = true)]
    async fn a_stick_that_comes_after_the_start_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let (desk, sticks) = bare_device(folder.path());
        let (_identity, seen) = watch::channel(None);
        let looking = tokio::spawn(look(Arc::clone(&desk), seen, CancellationToken::new()));
        tokio::time::sleep(10 * EVERY).await;
        assert!(!*desk.subscribe().borrow(), "there is no stick");
        let code = SetUpCode {
            address: "https://hub:7070".to_owned(),
            pin: None,
            code: "K7QM2XRPABCDEFGH".to_owned(),
            site: "main".to_owned(),
            profile: String::new(),
            wifi: None,
        };
        std::fs::write(sticks.join("tallyman-set-up.txt"), code.to_text().unwrap()).unwrap();
        desk.subscribe().wait_for(|taken| *taken).await.unwrap();
        looking.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn who_belongs_to_a_hub_looks_at_no_stick() {
        let folder = tempfile::tempdir().unwrap();
        let (desk, _) = bare_device(folder.path());
        let (identity, seen) = watch::channel(None);
        let looking = tokio::spawn(look(desk, seen, CancellationToken::new()));
        identity.send_replace(Some(Identity {
            device: "dev-7".to_owned(),
            site: "main".to_owned(),
            epoch: 1,
        }));
        looking.await.unwrap();
    }
}
