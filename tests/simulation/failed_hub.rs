//! A hub whose disk has failed.

use tallyman_hub::{Hub, HubConfig, Seams, Threads};
use tallyman_platform::entropy::SeededEntropy;
use tallyman_sim::world::clock::VirtualClock;
use tallyman_sim::world::disk::Disk as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::disk::PreloadedDisk;

/// It ends by itself and says why; started again, it stores.
pub fn ends_and_starts_again() {
    assert!(
        PreloadedDisk::is_there(),
        "this is run by another test, with a library preloaded"
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        PreloadedDisk.add(0, folder.path());
        let store = folder.path().join("hub.db");
        let open = || Hub::open(HubConfig::default(), &store, seams());
        let hub = open().await.expect("a hub");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let serving = tokio::spawn({
            let hub = hub.clone();
            async move { hub.serve(listener, CancellationToken::new()).await }
        });
        hub.create_enrolment_code("main", "dock").await.expect("a code");
        PreloadedDisk.fail_after(0, 0);
        hub.create_enrolment_code("main", "dock")
            .await
            .expect_err("the disk fails");
        let ended = serving
            .await
            .expect("no panic")
            .expect_err("a hub that stores nothing ends");
        assert!(ended.to_string().contains("has failed"), "{ended}");
        drop(hub);
        PreloadedDisk.mend(0);
        let hub = open().await.expect("the hub starts again");
        hub.create_enrolment_code("main", "dock")
            .await
            .expect("it stores again");
    });
}

fn seams() -> Seams {
    let begins = "2026-11-25T06:00:00Z".parse().expect("a moment");
    Seams {
        clock: VirtualClock::boot("boot", begins),
        entropy: Box::new(SeededEntropy::new(7)),
        threads: Threads::None,
    }
}
