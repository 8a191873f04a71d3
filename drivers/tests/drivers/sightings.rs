//! Where a reader is pumped its reads become sightings: the program is not flooded, and a stop holds at once.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tallyman_codes::{DeviceName, EpcBytes, Moment, Tag};
use tallyman_drivers::contract::{Decoder, Output, Outputs};
use tallyman_drivers::link::{
    DeviceHandle, Link, LinkError, Opener, Phase, Report, Surroundings, TokioClock, supervise_with,
};
use tallyman_drivers::{Command, Inventory};
use tokio::io::{AsyncWriteExt as _, DuplexStream};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// A reader that reports the tag of each byte's number.
struct Tags;

impl Decoder for Tags {
    fn push(&mut self, bytes: &[u8], _at: Moment, out: &mut Outputs) {
        for byte in bytes {
            out.push(Output::Tag(Tag {
                epc: EpcBytes::new(&[0x30, *byte]).unwrap(),
                antenna: Some(1),
                ..Tag::default()
            }));
        }
    }
    fn finish(&mut self, _out: &mut Outputs) {}
    fn reset(&mut self, _out: &mut Outputs) {}
    fn command(&mut self, command: Command, _at: Moment, out: &mut Outputs) -> bool {
        // Says that the command arrived, so that a test need not wait for it by the clock.
        let running = matches!(command, Command::StartInventory(_));
        out.push(Output::Inventory { running });
        true
    }
}

struct Pipe(Option<DuplexStream>);

impl Opener for Pipe {
    fn open(&mut self) -> BoxFuture<'_, Result<Box<dyn Link>, LinkError>> {
        let pipe = self.0.take();
        Box::pin(async {
            match pipe {
                Some(pipe) => Ok(Box::new(pipe) as Box<dyn Link>),
                None => std::future::pending().await,
            }
        })
    }
}

struct Rig {
    device: DuplexStream,
    reports: mpsc::Receiver<Report>,
    handle: DeviceHandle,
}

fn rig(room: usize) -> Rig {
    let (device, host) = tokio::io::duplex(64 * 1024);
    let (sender, reports) = mpsc::channel(room);
    let (handle, life) = supervise_with(
        DeviceName::new("reader"),
        Box::new(|_| Ok(Box::new(Tags) as Box<dyn Decoder>)),
        Box::new(Pipe(Some(host))),
        Surroundings {
            reports: sender,
            clock: Arc::new(TokioClock::start()),
            entropy: Box::new(|| 0),
            cancel: CancellationToken::new(),
        },
    );
    tokio::spawn(life);
    Rig {
        device,
        reports,
        handle,
    }
}

impl Rig {
    /// The next window: each tag's number and how often it was read.
    async fn window(&mut self) -> Vec<(u8, u32)> {
        match self.reports.recv().await.unwrap().output {
            Output::Sightings(window) => window
                .sightings
                .iter()
                .map(|sighting| (sighting.epc[1], sighting.reads))
                .collect(),
            other => panic!("sightings, not {other:?}"),
        }
    }

    async fn told(&mut self, command: Command) {
        let running = matches!(command, Command::StartInventory(_));
        self.handle.commands.send(command).await.unwrap();
        let report = self.reports.recv().await.unwrap();
        assert_eq!(report.output, Output::Inventory { running });
    }
}

#[tokio::test(start_paused = true)]
async fn a_tag_that_is_read_a_thousand_times_is_one_report() {
    let mut rig = rig(64);
    let reads: Vec<u8> = (0..3_000).map(|n| (n % 3) as u8).collect();
    rig.device.write_all(&reads).await.unwrap();
    assert_eq!(rig.window().await, [(0, 1_000), (1, 1_000), (2, 1_000)]);
}

#[tokio::test(start_paused = true)]
async fn while_the_program_is_behind_the_window_becomes_longer() {
    let mut rig = rig(1);
    let mut state = rig.handle.state.clone();
    rig.device.write_all(&[1]).await.unwrap();
    // The first window fills the only place.
    state.wait_for(|state| state.reads == 1).await.unwrap();
    for bytes in [3, 5] {
        rig.device.write_all(&[2, 3]).await.unwrap();
        state.wait_for(|state| state.bytes == bytes).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
    assert_eq!(rig.window().await, [(1, 1)]);
    assert_eq!(rig.window().await, [(2, 2), (3, 2)]);
}

#[tokio::test(start_paused = true)]
async fn what_is_queued_at_the_stop_is_dropped_until_the_next_start() {
    let mut rig = rig(64);
    let mut state = rig.handle.state.clone();
    state.wait_for(|state| state.phase == Phase::Open).await.unwrap();
    rig.told(Command::StopInventory).await;
    rig.device.write_all(&[7; 10_000]).await.unwrap();
    state.wait_for(|state| state.bytes == 10_000).await.unwrap();
    rig.told(Command::StartInventory(Inventory::default())).await;
    rig.device.write_all(&[8]).await.unwrap();
    assert_eq!(rig.window().await, [(8, 1)]);
}
