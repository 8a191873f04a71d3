//! Goods come back: the condition says what becomes of them.

use crate::house::{BOLT, House, NUT, pieces};

const RETURN: &str = "task,kind,reference,dock,dispositions,line,item,quantity
B-1,return,RMA-1,DOCK-1,as new=available>A-03; broken=damaged>DOCK-1,1,BOLT,3
";

#[tokio::test]
async fn returned_goods_go_where_their_condition_says_also_without_the_network() {
    let house = House::open().await;
    house.plan(RETURN).await;
    let mut receiver = house.device("returns").await;
    receiver.scans(&["]C0RMA-1"], "go").await;
    receiver.scans(&[BOLT], "ask").await;
    assert_eq!(receiver.press("1").await, "accept", "{}", receiver.screen());
    house.network().cut();
    receiver.scans(&["]C0LOC-A-03"], "go").await;
    for _ in 0..2 {
        receiver.scans(&[BOLT], "ask").await;
        assert_eq!(receiver.press("2").await, "accept", "{}", receiver.screen());
    }
    // Nobody announced nuts: they are asked about, and taken back all the same.
    receiver.scans(&[NUT], "ask").await;
    assert_eq!(receiver.press("enter").await, "ask", "{}", receiver.screen());
    assert_eq!(receiver.press("1").await, "accept", "{}", receiver.screen());
    assert_eq!(receiver.press("done").await, "accept", "{}", receiver.screen());
    house.network().mend();

    house.synced(&[&receiver]).await;
    assert_eq!(
        house.stock("location", "A-03").await,
        pieces(&[("BOLT", 1), ("NUT", 1)])
    );
    assert_eq!(house.stock("location", "DOCK-1").await, pieces(&[("BOLT", 2)]));
    assert_eq!(
        house.stock("customer", "").await,
        pieces(&[("BOLT", -3), ("NUT", -1)])
    );
    assert_eq!(house.stock_of_status("damaged").await, pieces(&[("BOLT", 2)]));
    assert_eq!(house.task_state("B-1").await, "done");
    assert_eq!(house.open_exceptions().await, ["found_goods"]);
    house.close(vec![receiver]).await;
}
