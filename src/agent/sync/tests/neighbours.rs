//! Questions between portals as they go to and fro: what is lost is asked again while there is time.

use tallyman_floor::wire::v1::{
    HeardTagBody, NeighbourAnswers, NeighbourHeard, NeighbourQuestion, NeighbourQuestions,
};

use super::*;
use crate::seams::neighbours::NeighbourInquiry;

/// A device with a portal that has a neighbour elsewhere.
async fn device(hub: &Arc<FakeHub>) -> Device {
    hub.portals.told().portals = vec!["door-1".to_owned()];
    Device::start(hub, Arc::new(store_with(0).await), None, 7).await
}

fn now() -> Moment {
    // The clock of a device of these tests begins with it, at its first second, and they all go on from here.
    Moment::from_us(61_000_000)
}

fn inquiry(pass: u64) -> NeighbourInquiry {
    NeighbourInquiry {
        portal: "door-1".to_owned(),
        pass,
        neighbours: vec!["door-2".to_owned()],
        began: Moment::from_us(now().us - 7_000_000),
        ended: Moment::from_us(now().us - 2_000_000),
        by: now().plus_ms(3_000),
    }
}

fn heard(tags: &[&str]) -> NeighbourAnswers {
    let tags = tags.iter().map(|epc| HeardTagBody {
        epc: (*epc).to_owned(),
        best_centi_dbm: Some(-5_000),
        class: "sure".to_owned(),
        goes_on: false,
    });
    NeighbourAnswers {
        answers: vec![NeighbourHeard {
            portal: "door-2".to_owned(),
            knows_all: true,
            tags: tags.collect(),
        }],
        silent: Vec::new(),
    }
}

fn lost() -> Fault {
    Fault::Unreachable("a test".to_owned())
}

/// A minute later.
async fn later() {
    tokio::time::advance(std::time::Duration::from_secs(60)).await;
}

#[tokio::test(start_paused = true)]
async fn what_neighbours_heard_comes_back_though_requests_are_lost() {
    let hub = FakeHub::new();
    let device = device(&hub).await;
    later().await;
    hub.portals.inquiries.send_replace(vec![inquiry(4)]);
    hub.portals.change(|told| {
        told.answers
            .extend([Err(lost()), Err(lost()), Ok(heard(&["3034"]))])
    });
    hub.portals.until(|told| !told.heard.is_empty()).await;
    {
        let told = hub.portals.told();
        let (pass, heard) = &told.heard[0];
        assert_eq!(
            (*pass, heard[0].portal.as_str(), heard[0].knows_all),
            (4, "door-2", true)
        );
        assert_eq!(heard[0].tags[0].epc.as_slice(), [0x30, 0x34]);
        let times: Vec<_> = told
            .requests
            .iter()
            .map(|request| {
                (
                    request.pass,
                    request.began_ms_ago,
                    request.ended_ms_ago,
                    request.wait_ms,
                )
            })
            .collect();
        // A quarter of a second between the tries; an eighth of what is left is for the way back.
        assert_eq!(
            times,
            [
                (4, 7_000, 2_000, 2_625),
                (4, 7_250, 2_250, 2_407),
                (4, 7_500, 2_500, 2_188)
            ]
        );
    }
    // The same pass is not asked about again, another one is.
    hub.portals.inquiries.send_replace(vec![inquiry(4), inquiry(5)]);
    hub.portals
        .change(|told| told.answers.push_back(Ok(heard(&["30"]))));
    hub.portals.until(|told| told.heard.len() == 2).await;
    assert_eq!(hub.portals.told().requests.len(), 4);
    device.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_tag_that_cannot_be_read_makes_an_answer_that_does_not_know_all() {
    let hub = FakeHub::new();
    let device = device(&hub).await;
    later().await;
    hub.portals
        .change(|told| told.answers.push_back(Ok(heard(&["30", "no EPC"]))));
    hub.portals.inquiries.send_replace(vec![inquiry(1)]);
    hub.portals.until(|told| !told.heard.is_empty()).await;
    assert!(!hub.portals.told().heard[0].1[0].knows_all);
    device.stop().await;
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_when_the_time_is_up() {
    let hub = FakeHub::new();
    let device = device(&hub).await;
    later().await;
    hub.portals.change(|told| {
        told.answers
            .extend(std::iter::repeat_with(|| Err(lost())).take(40))
    });
    hub.portals.inquiries.send_replace(vec![inquiry(1)]);
    hub.portals.until(|told| told.requests.len() >= 12).await;
    later().await;
    device.stop().await;
    let told = hub.portals.told();
    assert_eq!(
        (told.requests.len(), told.heard.len()),
        (12, 0),
        "a quarter of a second each"
    );
}

#[tokio::test(start_paused = true)]
async fn questions_are_answered_once_each_and_in_their_own_time() {
    let hub = FakeHub::new();
    let device = device(&hub).await;
    later().await;
    let question = |number| NeighbourQuestion {
        number,
        portal: "door-1".to_owned(),
        by: "door-2".to_owned(),
        began_ms_ago: 5_000,
        ended_ms_ago: 1_000,
        wait_ms: 2_000,
    };
    let questions = |run: &str, numbers: &[u64]| NeighbourQuestions {
        run: run.to_owned(),
        questions: numbers.iter().copied().map(question).collect(),
    };
    hub.portals.change(|told| {
        told.reply_faults.push_back(lost());
        told.questions.extend([
            Ok(questions("first", &[3, 4])),
            Err(lost()),
            Ok(questions("first", &[])),
            Ok(questions("second", &[1])),
        ]);
    });
    hub.portals
        .until(|told| told.replies.len() >= 4 && told.watches.len() >= 5)
        .await;
    device.stop().await;
    let told = hub.portals.told();
    let seen: Vec<_> = told
        .watches
        .iter()
        .map(|watch| (watch.run.as_deref(), watch.after))
        .collect();
    assert_eq!(
        seen,
        [
            (None, 0),
            (Some("first"), 4),
            (Some("first"), 4),
            (Some("first"), 4),
            (Some("second"), 1)
        ]
    );
    let mut replies: Vec<_> = told
        .replies
        .iter()
        .map(|reply| (reply.run.as_str(), reply.number, reply.heard.portal.as_str()))
        .collect();
    replies.sort_unstable();
    replies.dedup();
    assert_eq!(
        replies,
        [
            ("first", 3, "door-1"),
            ("first", 4, "door-1"),
            ("second", 1, "door-1")
        ]
    );
}
