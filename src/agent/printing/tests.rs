//! Labels as they are sent, and a printer that misbehaves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::seams::{PrinterNotice, PrinterState};

const SSCC: &str = "359012340000000421";

fn zpl(label: &Label) -> String {
    label
        .to_zpl(&Templates::load(None, Dpi::Dpi203).unwrap())
        .unwrap()
}

fn unit(unit: &str, text: &str) -> Label {
    Label::HandlingUnit {
        unit: unit.to_owned(),
        text: text.to_owned(),
    }
}

fn goods(code: &str, lot: Option<&str>, expiry: Option<&str>) -> Label {
    Label::Goods {
        item: "MILK".to_owned(),
        name: "Whole milk ^XZ 1 l".to_owned(),
        code: code.to_owned(),
        lot: lot.map(str::to_owned),
        expiry: expiry.map(|date| date.parse().unwrap()),
    }
}

#[test]
fn bars_say_what_the_label_is_about() {
    for (label, bars, text) in [
        (
            unit(SSCC, "PO-1"),
            ">;>800359012340000000421",
            "(00) 359012340000000421",
        ),
        // A wrong check digit is no SSCC.
        (
            unit("359012340000000420", ""),
            ">;359012340000000420",
            "359012340000000420",
        ),
        (unit("LPN-000042", ""), ">:LPN-000042", "LPN-000042"),
        (unit("A>B_1", ""), ">:A>0B_5F1", "A>B_5F1"),
        (
            goods("4006381333931", None, None),
            ">;>80104006381333931",
            "(01) 04006381333931",
        ),
        (
            goods("4006381333931", Some("L/7_a"), Some("2027-02-28")),
            ">;>801040063813339311727022810>6L/7_5Fa",
            "(01) 04006381333931 (17) 270228 (10) L/7_5Fa",
        ),
        // A lot that GS1 does not allow is read by people only.
        (
            goods("4006381333931", Some("Lé 7"), None),
            ">;>80104006381333931",
            "(01) 04006381333931",
        ),
        (goods("DRILL-1", Some("L7"), None), ">:DRILL-1", "DRILL-1"),
        (
            goods("4006381333930", None, None),
            ">:4006381333930",
            "4006381333930",
        ),
    ] {
        let zpl = zpl(&label);
        assert!(zpl.contains(&format!("^FH^FD{bars}^FS")), "{bars}: {zpl}");
        assert!(zpl.contains(&format!("^FH^FD{text}^FS")), "{text}: {zpl}");
        assert_eq!(
            (zpl.matches("^XZ").count(), zpl.matches("^XA").count()),
            (1, 1),
            "{zpl}"
        );
    }
}

#[test]
fn what_fits_no_bars_is_no_label() {
    let templates = Templates::load(None, Dpi::Dpi203).unwrap();
    for code in ["", "Ä", "a\u{1}b", &"9".repeat(49)] {
        assert!(unit(code, "").to_zpl(&templates).is_err(), "{code:?}");
        assert!(goods(code, None, None).to_zpl(&templates).is_err(), "{code:?}");
    }
    let long = zpl(&unit("L-1", &"x".repeat(500)));
    assert!(long.contains(&format!("^FD{}^FS", "x".repeat(60))), "{long}");
}

/// A printer on a port of its own, as a test wants it.
struct Printer {
    address: String,
    labels: Arc<AtomicUsize>,
    has_paper: Arc<AtomicBool>,
    hangs_up: Arc<AtomicUsize>,
    heard: Arc<Notify>,
}

impl Printer {
    async fn start(answers: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let printer = Self {
            address: listener.local_addr().unwrap().to_string(),
            labels: Arc::default(),
            has_paper: Arc::new(AtomicBool::new(true)),
            hangs_up: Arc::default(),
            heard: Arc::default(),
        };
        let (labels, has_paper) = (Arc::clone(&printer.labels), Arc::clone(&printer.has_paper));
        let (hangs_up, heard) = (Arc::clone(&printer.hangs_up), Arc::clone(&printer.heard));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                serve(stream, answers, &labels, &has_paper, &hangs_up, &heard).await;
            }
        });
        printer
    }

    fn config(&self) -> PrinterConfig {
        PrinterConfig {
            link: PrinterLink {
                tcp: Some(self.address.clone()),
                usb: None,
            },
            queue_max: 3,
            retry_ms: 10,
            ..PrinterConfig::default()
        }
    }

    async fn until_printed(&self, count: usize) {
        loop {
            let heard = self.heard.notified();
            if self.labels.load(Ordering::SeqCst) >= count {
                return;
            }
            heard.await;
        }
    }
}

async fn serve(
    mut stream: TcpStream,
    answers: bool,
    labels: &AtomicUsize,
    has_paper: &AtomicBool,
    hangs_up: &AtomicUsize,
    heard: &Notify,
) {
    let mut pending = String::new();
    let mut bytes = [0; 4_096];
    while let Ok(read @ 1..) = stream.read(&mut bytes).await {
        pending.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
        while let Some(end) = pending
            .find("~HS\r\n")
            .map(|at| at + 5)
            .or(pending.find("^XZ\n").map(|at| at + 4))
        {
            let end = pending.find("^XZ\n").map_or(end, |label| end.min(label + 4));
            let part: String = pending.drain(..end).collect();
            if part.starts_with("^XA") {
                let left = hangs_up.load(Ordering::SeqCst);
                if left > 0 {
                    // Taken or not: nobody is told.
                    hangs_up.store(left - 1, Ordering::SeqCst);
                    return;
                }
                labels.fetch_add(1, Ordering::SeqCst);
            } else if answers {
                let out = u8::from(!has_paper.load(Ordering::SeqCst));
                let answer = format!(
                    "\x02030,{out},0,1245,000,0,0,0,000,0,0,0\x03\r\n\x02001,0,0,0,1,2,6,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n"
                );
                let _ = stream.write_all(answer.as_bytes()).await;
            }
            heard.notify_waiters();
        }
    }
}

/// A device's printing, running.
struct Running {
    printing: Printing,
    notices: mpsc::Receiver<PrinterNotice>,
    cancel: CancellationToken,
}

impl Running {
    fn start(config: &PrinterConfig) -> Self {
        let (told, notices) = mpsc::channel(8);
        let (printing, worker) = Printing::new(config, told).unwrap().unwrap();
        Self::with(printing, worker, notices)
    }

    fn with(printing: Printing, worker: PrintWorker, notices: mpsc::Receiver<PrinterNotice>) -> Self {
        let cancel = CancellationToken::new();
        tokio::spawn(worker.run(cancel.clone()));
        Self {
            printing,
            notices,
            cancel,
        }
    }

    async fn told(&mut self) -> PrinterNotice {
        self.notices.recv().await.unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

#[tokio::test]
async fn labels_wait_for_paper_and_are_printed_in_the_end() {
    let printer = Printer::start(true).await;
    printer.has_paper.store(false, Ordering::SeqCst);
    let mut device = Running::start(&printer.config());
    device.printing.put(&unit(SSCC, ""));
    assert_eq!(device.told().await, PrinterNotice::Waits(PrinterState::PaperOut));
    let status = device.printing.status();
    assert_eq!(
        (status.state, status.waiting, status.printed),
        (PrinterState::PaperOut, 1, 0)
    );
    device.printing.put(&unit("LPN-1", ""));
    assert_eq!(
        device.told().await,
        PrinterNotice::Waits(PrinterState::PaperOut),
        "told with each label"
    );
    printer.has_paper.store(true, Ordering::SeqCst);
    assert_eq!(device.told().await, PrinterNotice::Prints);
    printer.until_printed(2).await;
}

#[tokio::test]
async fn a_printer_that_is_away_costs_the_oldest_labels_and_nobody_waits() {
    let printer = Printer::start(true).await;
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut config = printer.config();
    config.link.tcp = Some(gone.local_addr().unwrap().to_string());
    drop(gone);
    let mut device = Running::start(&config);
    device.printing.put(&unit("LPN-1", ""));
    assert_eq!(
        device.told().await,
        PrinterNotice::Waits(PrinterState::Unreachable)
    );
    for number in 2..=4 {
        device.printing.put(&unit(&format!("LPN-{number}"), ""));
    }
    let mut told = Vec::new();
    for _ in 2..=4 {
        told.push(device.told().await);
    }
    assert_eq!(told.last(), Some(&PrinterNotice::TooMany), "{told:?}");
    let status = device.printing.status();
    assert_eq!((status.waiting, status.dropped), (3, 1));
    assert!(status.last_fault.is_some());
    device.printing.put(&unit("Ä", ""));
    assert_eq!(device.told().await, PrinterNotice::Unprintable);
}

#[tokio::test]
async fn a_label_whose_way_breaks_is_sent_again() {
    let printer = Printer::start(true).await;
    printer.hangs_up.store(2, Ordering::SeqCst);
    let device = Running::start(&printer.config());
    device.printing.put(&unit(SSCC, ""));
    printer.until_printed(1).await;
}

#[tokio::test]
async fn a_printer_that_answers_nothing_prints_all_the_same() {
    let printer = Printer::start(false).await;
    let (told, notices) = mpsc::channel(8);
    let (printing, mut worker) = Printing::new(&printer.config(), told).unwrap().unwrap();
    worker.patience = std::time::Duration::from_millis(1);
    let device = Running::with(printing, worker, notices);
    for number in 1..=3 {
        device.printing.put(&unit(&format!("LPN-{number}"), ""));
    }
    printer.until_printed(3).await;
}

#[tokio::test]
async fn a_node_of_the_kernel_is_written_to_and_need_not_answer() {
    let folder = tempfile::tempdir().unwrap();
    let node = folder.path().join("lp0");
    let config = PrinterConfig {
        link: PrinterLink {
            tcp: None,
            usb: Some(node.clone()),
        },
        ..PrinterConfig::default()
    };
    let mut device = Running::start(&PrinterConfig {
        retry_ms: 10,
        ..config
    });
    device.printing.put(&unit(SSCC, ""));
    assert_eq!(
        device.told().await,
        PrinterNotice::Waits(PrinterState::Unreachable),
        "it is not made"
    );
    std::fs::write(&node, "").unwrap();
    assert_eq!(device.told().await, PrinterNotice::Prints);
    let written = std::fs::read_to_string(&node).unwrap();
    assert!(written.contains(">;>800359012340000000421"), "{written}");
}
