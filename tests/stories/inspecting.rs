//! Goods are looked at where they lie: released, or blocked with a status and a reason.

use tallyman_floor::Quantity;
use tallyman_hub::ImportKind;

use crate::house::{BOLT, House, MILK, MILK_WITH_LOT, NUT, pieces};

/// What came in waits on hold for its release; bolts in stock are looked over.
const STOCK: &str = "location,item,quantity,status,lot,expiry\nA-03,MILK,4,hold,L42,2029-12-31\n";
const INSPECTIONS: &str = "task,kind,reference,status,line,item,quantity,location,lot
Q-1,inspect,QC-1,hold,1,MILK,4,A-03,L42
Q-2,inspect,QC-2,,1,BOLT,2,A-01,
Q-2,,,,2,NUT,3,A-02,
";
const REASONS: &str = "code,word\nblocked,papers\nblocked,quality\n";

async fn open() -> House {
    let house = House::open().await;
    house.import(ImportKind::Stock, STOCK).await;
    house.import(ImportKind::Reasons, REASONS).await;
    house.plan(INSPECTIONS).await;
    house
}

#[tokio::test]
async fn goods_on_hold_are_released_or_blocked_also_without_the_network() {
    let house = open().await;
    let mut inspector = house.device("quality").await;
    inspector.scans(&["]C0QC-1"], "go").await;
    inspector.scans(&[MILK, "]C0LOC-A-01"], "reject").await;
    inspector.scans(&["]C0LOC-A-03"], "go").await;
    inspector.scans(&[NUT], "reject").await;
    inspector.scans(&[MILK_WITH_LOT], "ask").await;
    assert_eq!(inspector.press("1").await, "accept", "{}", inspector.screen());

    house.network().cut();
    inspector.scans(&[MILK_WITH_LOT], "ask").await;
    assert_eq!(inspector.press("1").await, "accept", "{}", inspector.screen());
    inspector.scans(&[MILK_WITH_LOT], "ask").await;
    assert_eq!(inspector.press("3").await, "ask", "{}", inspector.screen());
    assert_eq!(inspector.press("1").await, "accept", "{}", inspector.screen());
    // That one was not broken after all: it stays on hold, for its papers.
    assert_eq!(inspector.press("undo").await, "accept", "{}", inspector.screen());
    inspector.scans(&[MILK_WITH_LOT], "ask").await;
    assert_eq!(inspector.press("2").await, "ask", "{}", inspector.screen());
    assert_eq!(inspector.press("1").await, "accept", "{}", inspector.screen());
    inspector.scans(&[MILK_WITH_LOT], "ask").await;
    assert_eq!(inspector.press("3").await, "ask", "{}", inspector.screen());
    assert_eq!(inspector.press("4").await, "accept", "{}", inspector.screen());
    assert_eq!(inspector.press("done").await, "accept", "{}", inspector.screen());
    house.network().mend();

    house.synced(&[&inspector]).await;
    assert_eq!(house.stock("location", "A-03").await, pieces(&[("MILK", 4)]));
    assert_eq!(house.stock_of_status("hold").await, pieces(&[("MILK", 1)]));
    assert_eq!(house.stock_of_status("damaged").await, pieces(&[("MILK", 1)]));
    assert_eq!(house.stock("status_change", "").await["MILK"], Quantity::ZERO);
    assert_eq!(house.task_state("Q-1").await, "done");
    assert_eq!(house.open_exceptions().await, ["blocked", "damaged"]);
    house.close(vec![inspector]).await;
}

#[tokio::test]
async fn more_is_there_than_was_said_and_less_elsewhere() {
    let house = open().await;
    let mut inspector = house.device("quality").await;
    inspector.scans(&["]C0QC-2", "]C0LOC-A-01"], "go").await;
    inspector.scans(&[BOLT], "ask").await;
    assert_eq!(inspector.press("1").await, "accept", "{}", inspector.screen());
    // Two more, where one is left: that is asked, after what came of looking at them.
    assert_eq!(inspector.press("2").await, "ask", "{}", inspector.screen());
    assert_eq!(inspector.press("enter").await, "ask", "{}", inspector.screen());
    assert_eq!(inspector.press("1").await, "ask", "{}", inspector.screen());
    assert_eq!(inspector.press("enter").await, "accept", "{}", inspector.screen());
    assert_eq!(
        inspector.press("exception").await,
        "ask",
        "{}",
        inspector.screen()
    );
    assert_eq!(inspector.press("4").await, "ask", "{}", inspector.screen());
    assert_eq!(inspector.press("3").await, "accept", "{}", inspector.screen());
    assert_eq!(inspector.press("done").await, "accept", "{}", inspector.screen());

    house.synced(&[&inspector]).await;
    // Goods that are in order stay as they are, and what nobody looked at, too.
    assert_eq!(house.stock("location", "A-01").await, pieces(&[("BOLT", 20)]));
    assert_eq!(house.stock("location", "A-02").await, pieces(&[("NUT", 20)]));
    assert_eq!(house.stock_of_status("damaged").await, pieces(&[]));
    assert_eq!(house.task_state("Q-2").await, "done");
    assert_eq!(
        house.open_exceptions().await,
        ["found_goods", "place_not_reachable"]
    );
    house.close(vec![inspector]).await;
}

#[tokio::test]
async fn two_devices_look_at_the_same_goods_and_a_supervisor_is_told() {
    let house = open().await;
    let mut first = house.device("first").await;
    let mut second = house.device("second").await;
    house.network().cut();
    for inspector in [&mut first, &mut second] {
        inspector.scans(&["]C0QC-2", "]C0LOC-A-01"], "go").await;
        for _ in 0..2 {
            inspector.scans(&[BOLT], "ask").await;
            assert_eq!(inspector.press("3").await, "ask", "{}", inspector.screen());
            assert_eq!(inspector.press("1").await, "accept", "{}", inspector.screen());
        }
    }
    house.network().mend();

    house.synced(&[&first, &second]).await;
    // Both say that two are broken: both are believed, and somebody has to look.
    assert_eq!(house.stock("location", "A-01").await, pieces(&[("BOLT", 20)]));
    assert_eq!(house.stock_of_status("damaged").await, pieces(&[("BOLT", 4)]));
    let told = house.open_exceptions().await;
    let count = |kind: &str| told.iter().filter(|told| *told == kind).count();
    assert_eq!((count("damaged"), count("found_goods")), (4, 2), "{told:?}");
    house.close(vec![first, second]).await;
}
