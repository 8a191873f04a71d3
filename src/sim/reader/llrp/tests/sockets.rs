//! The same reader on real sockets of loopback: it listens, with TLS too, or connects by itself.

use std::time::Duration;

use tallyman_drivers::config::{LinkConfig, TcpClientConfig, TlsClientConfig};
use tallyman_drivers::driver;
use tallyman_drivers::link::{opener, tcp_server::TcpServerOpener};
use tokio::net::TcpListener;

use super::Tags;
use super::faults::Rig;
use crate::reader::llrp::{Fault, LlrpPlan, NetworkReader};

const TAGS: u32 = 12;
/// So that a test which would hang fails instead.
const HANGS: Duration = Duration::from_secs(60);

/// Tags are read, the reader dies in the middle of a report, and tags are read again.
async fn is_read_dies_and_is_read_again(reader: &NetworkReader, mut rig: Rig) {
    let story = async {
        rig.until("read", |rig| rig.has_all(TAGS)).await;
        reader.suffer(Fault::HangsUpInReport);
        rig.until("again", |_| reader.state().clients == 2).await;
        rig.until_read("read again").await;
    };
    tokio::time::timeout(HANGS, story).await.expect("it goes on");
}

#[tokio::test]
async fn a_reader_that_listens_is_connected_to() {
    let plan = LlrpPlan {
        in_pieces: true,
        ..LlrpPlan::default()
    };
    let reader = NetworkReader::listen(plan, Tags(TAGS)).await.unwrap();
    let link = LinkConfig::TcpClient(TcpClientConfig {
        address: reader.address().unwrap().to_string(),
    });
    let rig = Rig::begin(opener(&link, driver("llrp").unwrap()));
    is_read_dies_and_is_read_again(&reader, rig).await;
}

#[tokio::test]
async fn a_reader_with_tls_is_believed_by_its_certificate() {
    let reader = NetworkReader::listen_with_tls(LlrpPlan::default(), Tags(TAGS))
        .await
        .unwrap();
    let link = LinkConfig::TlsClient(TlsClientConfig {
        address: reader.address().unwrap().to_string(),
        certificate_sha256: reader.certificate_sha256().map(str::to_owned),
        ca_file: None,
        server_name: None,
    });
    let rig = Rig::begin(opener(&link, driver("llrp").unwrap()));
    is_read_dies_and_is_read_again(&reader, rig).await;
}

#[tokio::test]
async fn a_reader_that_connects_by_itself_is_taken() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let reader = NetworkReader::dial(listener.local_addr().unwrap(), LlrpPlan::default(), Tags(TAGS));
    let rig = Rig::begin(Box::new(TcpServerOpener::bound(listener)));
    is_read_dies_and_is_read_again(&reader, rig).await;
}
