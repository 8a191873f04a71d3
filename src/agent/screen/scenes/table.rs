//! The scenes: what is played, and which tasks there are.

/// One screen, and how it comes about.
pub(in crate::screen) struct Scene {
    /// What to call it; fit for a file name.
    pub name: &'static str,
    /// The tasks on the device, and what is said about them.
    pub tasks: &'static str,
    /// What the worker does, step by step.
    pub actions: &'static str,
}

const fn scene(name: &'static str, tasks: &'static str, actions: &'static str) -> Scene {
    Scene { name, tasks, actions }
}

const ALL: &str = "pick receive putaway replenish move pack load count return";

/// Every scene.
pub(in crate::screen) const SCENES: &[Scene] = &[
    scene("list_empty", "", ""),
    scene("list_all_kinds", ALL, "scan BADGE-8"),
    scene("list_held", "pick held count", ""),
    scene("log_in_pin", ALL, "scan BADGE-7; keys 471"),
    scene("log_in_wrong_pin", ALL, "scan BADGE-7; keys 4711 enter"),
    scene("take_over", "pick held", "keys 1"),
    scene(
        "maybe_done",
        "pick doubt",
        "keys 1; scan T-417; scan A-01-02; scan BOLT",
    ),
    scene("pick_tote", "pick", "keys 1"),
    scene("pick_place", "pick", "keys 1; scan T-417"),
    scene("pick_item", "pick", "keys 1; scan T-417; scan A-01-02"),
    scene(
        "pick_accepted",
        "pick",
        "keys 1; scan T-417; scan A-01-02; scan BOLT; scan BOLT",
    ),
    scene("pick_lease", "pick doubt", "keys 1; scan T-417; scan A-01-04"),
    scene(
        "pick_wrong_item",
        "pick",
        "keys 1; scan T-417; scan A-01-02; scan NUT",
    ),
    scene("pick_wrong_place", "pick", "keys 1; scan T-417; scan A-01-04"),
    scene(
        "pick_unknown",
        "pick",
        "keys 1; scan T-417; scan A-01-02; scan GHOST",
    ),
    scene(
        "pick_two_in_view",
        "pick",
        "keys 1; scan T-417; scan A-01-02; scan BOLT + NUT",
    ),
    scene(
        "pick_quantity",
        "enter",
        "keys 1; scan T-417; scan A-01-02; scan BOLT",
    ),
    scene(
        "pick_quantity_typed",
        "enter",
        "keys 1; scan T-417; scan A-01-02; scan BOLT; keys 3*3+1",
    ),
    scene(
        "pick_short_reason",
        "pick",
        "keys 1; scan T-417; scan A-01-02; scan BOLT; keys short",
    ),
    scene(
        "pick_problem",
        "pick",
        "keys 1; scan T-417; scan A-01-02; keys exception",
    ),
    scene(
        "pick_damaged",
        "pick",
        "keys 1; scan T-417; scan A-01-02; keys exception 1 1",
    ),
    scene(
        "pick_undone",
        "pick",
        "keys 1; scan T-417; scan A-01-02; scan BOLT; keys undo",
    ),
    scene(
        "pick_substitute",
        "pick",
        "keys 1; scan T-417; scan A-01-02; scan DRILL",
    ),
    scene(
        "pick_urgent",
        "pick",
        "keys 1; scan T-417; scan A-01-02; urgent; scan CASE",
    ),
    scene("pick_put_into", "cart", "keys 1; scan A-01-02; scan BOLT"),
    scene("pick_hand_over", "zone", "keys 1; scan A-01-02; scan BOLT"),
    scene("pick_check_digits", "pick", "keys 1; scan T-417; keys 47"),
    scene("type_label", "pick", "keys 1; scan T-417; keys type T-41"),
    scene(
        "menu",
        "pick",
        "scan BADGE-8; scan SO-1001; scan T-417; keys menu",
    ),
    scene(
        "hand_over_code",
        "pick",
        "keys 1; scan T-417; scan A-01-02; scan BOLT; keys menu 5",
    ),
    scene(
        "figures",
        "pick",
        "scan BADGE-8; scan SO-1001; scan T-417; scan A-01-02; scan CASE; keys menu 6",
    ),
    scene("look_up", "", LOOK_UP),
    scene("look_up_asking", "", LOOK_UP_ASKING),
    scene("look_up_rows", "", LOOK_UP_ROWS),
    scene("look_up_nothing", "", LOOK_UP_NOTHING),
    scene("look_up_offline", "", LOOK_UP_OFFLINE),
    scene("begin_move", "", "keys menu 1"),
    scene("receive_seal", "checked", "keys 1"),
    scene("receive_temperature", "checked", "keys 1; keys 4 7 1 1 enter"),
    scene("receive_any", "receive", "keys 1"),
    scene("receive_accepted", "receive", "keys 1; scan CASE"),
    scene("receive_lot", "receive", "keys 1; scan MILK"),
    scene(
        "receive_expiry",
        "receive",
        "keys 1; scan MILK; keys L X - 2 0 4 1 7 enter",
    ),
    scene(
        "receive_shelf_life",
        "receive",
        "keys 1; scan (01)MILK(10)L1(17)261130",
    ),
    scene("receive_serial", "receive", "keys 1; scan DRILL; keys SN-5"),
    scene("receive_weight", "receive", "keys 1; scan CHEESE"),
    scene(
        "receive_over",
        "receive",
        "keys 1; scan (01)DRILL(21)1; scan (01)DRILL(21)2; scan (01)DRILL(21)3; \
        scan (01)DRILL(21)4; scan (01)DRILL(21)5; scan (01)DRILL(21)6; scan (01)DRILL(21)7",
    ),
    scene("receive_unknown", "receive", "keys 1; scan GHOST"),
    scene("receive_link", "receive", "keys 1; scan GHOST; keys exception"),
    scene(
        "receive_link_pack",
        "receive",
        "keys 1; scan GHOST; keys exception; scan BOLT",
    ),
    scene(
        "receive_on_hold",
        "receive recall",
        "keys 1; scan (01)MILK(10)L1(17)281130",
    ),
    scene("portal_ready", "delivery", "keys 1; passing 0 0 done"),
    scene("portal_passing", "delivery", "keys 1; passing 43 3"),
    scene(
        "portal_passed",
        "delivery",
        "keys 1; passing 48 0 done; passed in",
    ),
    scene(
        "portal_checks",
        "delivery",
        "keys 1; passing 50 3 done; passed in",
    ),
    scene(
        "portal_wrong_way",
        "delivery",
        "keys 1; passing 48 0 done; passed out",
    ),
    scene(
        "portal_end",
        "delivery",
        "keys 1; passing 50 3 done; passed in; keys done",
    ),
    scene("receive_end", "receive", "keys 1; scan CASE; keys done"),
    scene("putaway_item", "putaway", "keys 1; scan DOCK-1"),
    scene("putaway_bring", "putaway", "keys 1; scan DOCK-1; scan CASE"),
    scene(
        "putaway_other_place",
        "putaway",
        "keys 1; scan DOCK-1; scan CASE; scan B-02-03",
    ),
    scene("replenish_place", "replenish", "keys 1"),
    scene(
        "replenish_in_hand",
        "replenish",
        "keys 1; scan R-04-01; scan CASE",
    ),
    scene("move_place", "move", "keys 1"),
    scene("move_in_hand", "move", "keys 1; scan A-01-02; scan BOLT"),
    scene("pack_carton", "pack", "keys 1; scan T-417"),
    scene("pack_item", "pack", "keys 1; scan T-417; scan T-900; scan BOLT"),
    scene(
        "pack_weight",
        "pack",
        "keys 1; scan T-417; scan T-900; scan BOLT; keys done",
    ),
    scene("load_vehicle", "load", "keys 1"),
    scene("load_pallet", "load", "keys 1; scan DOCK-1; scan T-801"),
    scene(
        "load_missing",
        "load",
        "keys 1; scan DOCK-1; scan T-801; keys done",
    ),
    scene(
        "load_stale_holds",
        "load stale",
        "keys 1; scan DOCK-1; scan T-801",
    ),
    scene("count_place", "count", "keys 1"),
    scene(
        "count_items",
        "count",
        "keys 1; scan A-02-05; scan BOLT; scan CASE; scan NUT",
    ),
    scene("count_empty", "inventory", "keys 1; scan A-02-05; keys done"),
    scene(
        "count_complete",
        "count",
        "keys 1; scan A-02-05; scan BOLT; keys done",
    ),
    scene(
        "count_swept",
        "count",
        "keys 1; scan A-02-05; scan BOLT; swept 212 5",
    ),
    scene(
        "count_swept_done",
        "count",
        "keys 1; scan A-02-05; swept 3912 0 done",
    ),
    scene(
        "count_too_close",
        "count",
        "keys 1; scan A-02-05; swept 12 204 done",
    ),
    scene(
        "count_unsure",
        "count",
        "keys 1; scan A-02-05; swept 212 5; keys done",
    ),
    scene(
        "count_tag_missing",
        "count",
        "keys 1; scan A-02-05; swept 12 0; scan (01)DRILL(21)900",
    ),
    scene("count_missing_asking", "count", MISSING_ASKING),
    scene("count_missing", "count", MISSING),
    scene("count_locate", "count", LOCATE),
    scene("count_found", "count", "keys 1; scan A-02-05; scan GHOST"),
    scene("return_item", "return", "keys 1"),
    scene("return_condition", "return", "keys 1; scan BOLT"),
    scene("return_bring", "return", "keys 1; scan BOLT; keys 2"),
    scene("inspect_place", "inspect", "keys 1"),
    scene("inspect_item", "inspect", "keys 1; scan A-01-02"),
    scene("inspect_condition", "inspect", "keys 1; scan A-01-02; scan BOLT"),
    scene(
        "inspect_reason",
        "inspect",
        "keys 1; scan A-01-02; scan BOLT; keys 3",
    ),
    scene(
        "task_complete",
        "move",
        "keys 1; scan A-01-02; scan BOLT; scan BOLT; scan BOLT; scan B-02-03",
    ),
];

/// A place is swept and closed, and what is missing there is asked for.
const MISSING_ASKING: &str = "keys 1; scan A-02-05; swept 12 0; keys done enter enter";

const MISSING: &str = "keys 1; scan A-02-05; swept 12 0; keys done enter enter; told missing";

const LOCATE: &str =
    "keys 1; scan A-02-05; swept 12 0; keys done enter enter; told missing; keys 2; heard 73";

const LOOK_UP: &str = "keys menu 4";
const LOOK_UP_ASKING: &str = "keys menu 4; scan BOLT";
const LOOK_UP_ROWS: &str = "keys menu 4; scan BOLT; told rows";
const LOOK_UP_NOTHING: &str = "keys menu 4; scan A-01-02; told nothing";
const LOOK_UP_OFFLINE: &str = "keys menu 4; scan BOLT; told no";
