//! What a network does to an exchange, seen from both of its ends.

use tallyman_platform::entropy::SeededEntropy;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;

/// What one connection brought, and whether it has ended.
type Seen = (Vec<u8>, bool);

/// Bytes of a request and of its answer.
const REQUEST: [u8; 8] = *b"request!";
const ANSWER: [u8; 8] = *b"answered";

/// A hub that answers each whole request, and remembers what it got on every connection.
struct Hub {
    address: SocketAddr,
    /// What each connection brought, and whether it has ended; in the order in which connections came.
    seen: watch::Receiver<Vec<Seen>>,
}

impl Hub {
    async fn open() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (sender, seen) = watch::channel(Vec::new());
        let sender = Arc::new(sender);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(Self::serve(connection, Arc::clone(&sender)));
            }
        });
        Self { address, seen }
    }

    async fn serve(mut connection: TcpStream, seen: Arc<watch::Sender<Vec<Seen>>>) {
        let mut place = 0;
        seen.send_modify(|seen| {
            place = seen.len();
            seen.push((Vec::new(), false));
        });
        let mut bytes = [0; 64];
        let mut whole = 0;
        while let Ok(count @ 1..) = connection.read(&mut bytes).await {
            seen.send_modify(|seen| seen[place].0.extend_from_slice(&bytes[..count]));
            whole += count;
            while whole >= REQUEST.len() {
                whole -= REQUEST.len();
                if connection.write_all(&ANSWER).await.is_err() {
                    break;
                }
            }
        }
        seen.send_modify(|seen| seen[place].1 = true);
    }

    /// Waits until the connections are as wanted, and gives what they brought.
    async fn seen_that(&self, wanted: impl FnMut(&Vec<Seen>) -> bool) -> Vec<Vec<u8>> {
        let mut seen = self.seen.clone();
        let seen = seen.wait_for(wanted).await.expect("the hub lives");
        seen.iter().map(|(bytes, _)| bytes.clone()).collect()
    }
}

/// One request on a connection of its own; everything that came back until the end or the whole answer.
async fn ask(network: &Network) -> Vec<u8> {
    let mut answer = Vec::new();
    let exchange = async {
        let mut connection = TcpStream::connect(network.address()).await?;
        connection.write_all(&REQUEST).await?;
        let mut bytes = [0; 64];
        while answer.len() < ANSWER.len() {
            match connection.read(&mut bytes).await? {
                0 => break,
                count => answer.extend_from_slice(&bytes[..count]),
            }
        }
        io::Result::Ok(())
    };
    let _ = exchange.await;
    answer
}

/// Everything is struck by the fault that `set` makes certain.
fn always(set: impl FnOnce(&mut Chances)) -> Chances {
    let mut chances = Chances::default();
    set(&mut chances);
    chances
}

async fn network(hub: &Hub, seed: u64) -> Network {
    Network::open_seeded(vec![hub.address], seed)
        .await
        .expect("a network")
}

#[tokio::test]
async fn it_carries_what_it_is_given() {
    let hub = Hub::open().await;
    let network = network(&hub, 1).await;
    assert_eq!(ask(&network).await, ANSWER);
    let counts = network.counts();
    assert_eq!((counts.connections, counts.exchanges), (1, 1));
    assert_eq!((counts.bytes_up, counts.bytes_down), (8, 8));
}

#[tokio::test]
async fn a_swallowed_answer_reached_the_hub() {
    let hub = Hub::open().await;
    let network = network(&hub, 1).await;
    network.swallow_answers(1);
    assert_eq!(ask(&network).await, b"");
    network.all_swallowed().await;
    assert_eq!(network.swallowed(), 1);
    assert_eq!(hub.seen_that(|seen| seen[0].1).await, [REQUEST]);
    assert_eq!(ask(&network).await, ANSWER, "the next one arrives");

    network.set_chances(always(|chances| chances.swallow_answer = 10_000));
    assert_eq!(ask(&network).await, b"");
    assert_eq!(hub.seen_that(|seen| seen[2].1).await[2], REQUEST);
    assert_eq!(network.counts().answers_swallowed, 1);
    network.set_chances(Chances::default());
    assert_eq!(ask(&network).await, ANSWER);
}

#[tokio::test]
async fn a_cut_ends_open_connections_and_refuses_new_ones_until_mended() {
    let hub = Hub::open().await;
    let network = network(&hub, 1).await;
    let mut open = TcpStream::connect(network.address()).await.expect("connected");
    open.write_all(&REQUEST).await.expect("sent");
    let mut answer = [0; 8];
    open.read_exact(&mut answer).await.expect("an answer");
    network.cut();
    assert!(open.read_u8().await.is_err());
    assert_eq!(ask(&network).await, b"");
    network.mend();
    assert_eq!(ask(&network).await, ANSWER);
    assert_eq!(network.cuts(), 1);
}

#[tokio::test]
async fn a_held_connection_is_carried_when_it_is_released() {
    let hub = Hub::open().await;
    let network = network(&hub, 1).await;
    network.hold();
    let mut device = TcpStream::connect(network.address()).await.expect("taken");
    device.write_all(&REQUEST).await.expect("sent");
    while network.counts().connections == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(network.counts().exchanges, 0);
    network.release();
    let mut answer = [0; 8];
    device.read_exact(&mut answer).await.expect("an answer");
    assert_eq!(answer, ANSWER);
}

#[tokio::test]
async fn a_request_is_cut_after_some_of_its_bytes_and_is_counted_only_then() {
    let hub = Hub::open().await;
    let network = network(&hub, 5).await;
    network.set_chances(always(|chances| chances.cut_request = 10_000));
    let (mut cut, mut whole) = (0, 0);
    for connection in 0..64 {
        let answer = ask(&network).await;
        let seen = hub
            .seen_that(|seen| seen.get(connection).is_some_and(|(_, has_ended)| *has_ended))
            .await;
        let came = &seen[connection];
        assert!(REQUEST.starts_with(came), "{came:?}");
        if came.len() < REQUEST.len() {
            cut += 1;
            assert_eq!(answer, b"");
        } else {
            whole += 1;
            assert_eq!(answer, ANSWER);
        }
    }
    assert!(cut > 5 && whole > 5, "{cut} cut, {whole} whole");
    assert_eq!(network.counts().requests_cut, cut);
}

#[tokio::test]
async fn an_answer_is_cut_after_some_of_its_bytes() {
    let hub = Hub::open().await;
    let network = network(&hub, 5).await;
    network.set_chances(always(|chances| chances.cut_answer = 10_000));
    let mut cut = 0;
    for _ in 0..64 {
        let answer = ask(&network).await;
        assert!(ANSWER.starts_with(&answer), "{answer:?}");
        assert!(!answer.is_empty(), "at least one byte arrives");
        cut += u64::from(answer.len() < ANSWER.len());
    }
    assert!(cut > 5, "{cut} cut");
    assert_eq!(network.counts().answers_cut, cut);
}

#[tokio::test]
async fn a_request_is_sent_twice_and_answered_once() {
    let first = Hub::open().await;
    let second = Hub::open().await;
    let network = Network::open_seeded(vec![first.address, second.address], 1)
        .await
        .expect("a network");
    network.set_chances(always(|chances| chances.duplicate = 10_000));
    assert_eq!(ask(&network).await, ANSWER);
    let at = |seen: &Vec<Seen>| {
        seen.first()
            .is_some_and(|(bytes, _)| bytes.len() == REQUEST.len())
    };
    assert_eq!(first.seen_that(at).await, [REQUEST]);
    assert_eq!(
        second.seen_that(at).await,
        [REQUEST],
        "the copy takes the next turn"
    );
    assert_eq!(network.counts().duplicated, 1);
}

#[tokio::test]
async fn a_half_closed_connection_ends_for_the_hub_alone() {
    let hub = Hub::open().await;
    // The seed's first place is within the request.
    let network = network(&hub, 3).await;
    network.set_chances(always(|chances| chances.half_close = 10_000));
    let mut struck = 0;
    for connection in 0..32 {
        let mut device = TcpStream::connect(network.address()).await.expect("connected");
        device.write_all(&REQUEST).await.expect("sent");
        let mut bytes = [0; 64];
        let count = device.read(&mut bytes).await.expect("an end, or an answer");
        drop(device);
        let seen = hub
            .seen_that(|seen| seen.get(connection).is_some_and(|(_, has_ended)| *has_ended))
            .await;
        let is_struck = seen[connection].len() < REQUEST.len();
        assert_eq!(is_struck, count == 0, "{seen:?}");
        struck += u64::from(is_struck);
    }
    assert!(struck > 3, "{struck}");
    assert_eq!(network.counts().half_closed, struck);
}

#[tokio::test]
async fn a_black_hole_and_a_refusal_carry_nothing() {
    let hub = Hub::open().await;
    let network = network(&hub, 1).await;
    network.set_chances(always(|chances| {
        chances.black_hole = 10_000;
        chances.black_hole_ms_max = 3;
    }));
    assert_eq!(ask(&network).await, b"");
    network.set_chances(always(|chances| chances.refuse = 10_000));
    assert_eq!(ask(&network).await, b"");
    network.set_chances(always(|chances| {
        chances.delay = 10_000;
        chances.delay_ms_max = 3;
    }));
    assert_eq!(ask(&network).await, ANSWER, "late is not lost");
    let seen = hub
        .seen_that(|seen| seen.len() == 3 && seen[0].1 && seen[1].1)
        .await;
    assert_eq!((seen[0].len(), seen[1].len()), (0, 0));
    let counts = network.counts();
    assert_eq!((counts.black_holes, counts.refused, counts.delayed), (1, 1, 1));
}

#[tokio::test]
async fn hubs_take_turns_and_one_that_is_gone_is_passed_over() {
    let (first, second) = (Hub::open().await, Hub::open().await);
    let gone = {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        listener.local_addr().expect("an address")
    };
    let network = Network::open_seeded(vec![first.address, second.address], 1)
        .await
        .expect("a network");
    for _ in 0..6 {
        assert_eq!(ask(&network).await, ANSWER);
    }
    let counted = |hub: &Hub| hub.seen.borrow().len();
    assert_eq!((counted(&first), counted(&second)), (3, 3));
    network.lead_to(vec![gone, second.address]);
    for _ in 0..4 {
        assert_eq!(ask(&network).await, ANSWER);
    }
    assert_eq!((counted(&first), counted(&second)), (3, 7));
    network.lead_to(Vec::new());
    assert_eq!(ask(&network).await, b"");
}

#[test]
fn each_fault_is_drawn_as_often_as_it_should_be_and_the_same_seed_draws_the_same() {
    let chances = Chances {
        delay: 100,
        cut_request: 200,
        cut_answer: 300,
        swallow_answer: 400,
        half_close: 500,
        duplicate: 600,
        black_hole: 700,
        refuse: 800,
        delay_ms_max: 10,
        black_hole_ms_max: 20,
    };
    let draws = |seed| {
        let mut chance = SeededEntropy::new(seed);
        (0..100_000)
            .map(|_| chances.draw(&mut chance))
            .collect::<Vec<_>>()
    };
    let drawn = draws(7);
    assert_eq!(drawn, draws(7));
    let share = |is: fn(&Fault) -> bool| drawn.iter().flatten().filter(|fault| is(fault)).count();
    for (wanted, found) in [
        (1_000, share(|fault| matches!(fault, Fault::Delay(..=10)))),
        (
            2_000,
            share(|fault| matches!(fault, Fault::CutRequest(1..=65_536))),
        ),
        (
            3_000,
            share(|fault| matches!(fault, Fault::CutAnswer(1..=65_536))),
        ),
        (4_000, share(|fault| matches!(fault, Fault::SwallowAnswer))),
        (
            5_000,
            share(|fault| matches!(fault, Fault::HalfClose(1..=65_536))),
        ),
        (6_000, share(|fault| matches!(fault, Fault::Duplicate))),
        (7_000, share(|fault| matches!(fault, Fault::BlackHole(..=20)))),
        (8_000, share(|fault| matches!(fault, Fault::Refuse))),
        (64_000, drawn.iter().filter(|fault| fault.is_none()).count()),
    ] {
        // Six standard deviations of the largest share are about 900.
        assert!(found.abs_diff(wanted) < 900, "{found} of {wanted}");
    }
}
