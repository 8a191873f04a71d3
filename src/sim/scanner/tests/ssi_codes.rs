//! The way of codes from the virtual Zebra scanner to the driver `zebra_ssi`: packets, repetitions, queue.

use tallyman_drivers::{Command, Signal};

use super::ssi::{EAN, OTHER_EAN, ready, ssi};
use super::world::World;
use crate::scanner::ssi::parameters::HOST_RESPONSE_TIMEOUT;
use crate::scanner::{Beep, Manner, Manners, Scanner as _, Travel};

#[test]
fn codes_arrive_once_or_the_scanner_says_that_they_did_not() {
    let good = Manners::good;
    let every = |travel| good().codes(travel);
    // What goes wrong with the first code, how often it arrives, and whether the scanner takes it for delivered. The
    // second code must arrive in any case but the last ones.
    let table = [
        ("nothing", good(), 1, true),
        ("the code lost", good().code(0, Travel::Lost), 1, true),
        ("the code damaged", good().code(0, Travel::Damaged), 1, true),
        ("the code sent twice", good().code(0, Travel::Doubled), 1, true),
        (
            "lost twice",
            good().code(0, Travel::Lost).code(1, Travel::Lost),
            1,
            true,
        ),
        (
            "damaged twice",
            good().code(0, Travel::Damaged).code(1, Travel::Damaged),
            1,
            true,
        ),
        (
            "its acknowledgement lost",
            good().acknowledgement(2, Travel::Lost),
            1,
            true,
        ),
        (
            "its acknowledgement damaged",
            good().acknowledgement(2, Travel::Damaged),
            1,
            true,
        ),
        (
            "all three lost",
            good()
                .code(0, Travel::Lost)
                .code(1, Travel::Lost)
                .code(2, Travel::Lost),
            0,
            false,
        ),
        (
            "all acknowledgements lost",
            (2..5).fold(good(), |manners, number| {
                manners.acknowledgement(number, Travel::Lost)
            }),
            1,
            false,
        ),
        ("the line is cut", every(Travel::Lost), 0, false),
        ("the line is noisy", every(Travel::Damaged), 0, false),
    ];
    for (what, manners, arrivals, is_delivered) in table {
        let mut world = ready(manners);
        world.scan(EAN);
        world.run_ms(10_000);
        assert_eq!(world.texts(), vec![EAN; arrivals], "{what}: {:#?}", world.trace);
        let tally = world.scanner.tally();
        assert_eq!(
            (tally.delivered, tally.undelivered),
            (u64::from(is_delivered), u64::from(!is_delivered)),
            "{what}"
        );
        let gave_up = world.scanner.face().last_beep() == Some(Beep::GaveUp);
        assert_eq!(gave_up, !is_delivered, "{what}: four low beeps");
        world.scan(OTHER_EAN);
        world.run_ms(10_000);
        world.assert_once_or_given_up(what);
    }
}

#[test]
fn every_symbol_arrives_with_its_identifier() {
    // What is printed, and what the program reads where that differs.
    for (printed, read) in [
        ("]E04006381333931", ""),
        ("]E00012345678905", ""),
        ("]E496385074", ""),
        ("]C0LOC-A-01", ""),
        ("]C1010952110153000117271231\u{1d}10L1", ""),
        ("]d20109521101530001", ""),
        ("]d1HELLO", ""),
        ("]Q3010952110153000110L1", ""),
        ("]Q1HELLO", ""),
        ("]e00109521101530001", ""),
        ("]e0010952110153000110L1", ""),
        ("]A0HELLO", ""),
        ("]A4Hello", ""),
        ("]I119521101530008", ""),
        ("]L0HELLO", ""),
        ("]z0HELLO", ""),
        ("HELLO", "]C0HELLO"),
    ] {
        let read = if read.is_empty() { printed } else { read };
        let mut world = ready(Manners::good());
        world.scan(printed);
        assert_eq!(world.texts(), [read], "{printed}");
    }
}

#[test]
fn long_codes_come_in_packets_and_never_half() {
    let long = |letter: char| {
        let text: String = (0..600)
            .map(|place| if place % 7 == 0 { letter } else { 'x' })
            .collect();
        format!("]Q1{text}")
    };
    let good = Manners::good;
    let damaged =
        |from: u64| (from..from + 3).fold(good(), |manners, number| manners.code(number, Travel::Damaged));
    let lost =
        |from: u64| (from..from + 3).fold(good(), |manners, number| manners.code(number, Travel::Lost));
    // What goes wrong with the first code's packets, and how many of two codes arrive.
    for (what, manners, arrive) in [
        ("nothing", good(), 2),
        ("the second packet lost", good().code(1, Travel::Lost), 2),
        ("the last packet damaged", good().code(2, Travel::Damaged), 2),
        (
            "the first acknowledgement lost",
            good().acknowledgement(2, Travel::Lost),
            2,
        ),
        ("the first packet lost for good", lost(0), 1),
        ("the last packet lost for good", lost(2), 1),
        ("the second packet damaged for good", damaged(1), 1),
    ] {
        let mut world = ready(manners);
        world.scan(&long('A'));
        world.scan("]Q1SHORT");
        world.run_ms(60_000);
        world.assert_once_or_given_up(what);
        assert_eq!(world.reads.len(), arrive, "{what}");
    }
}

#[test]
fn the_rest_of_a_long_code_that_comes_too_late_is_no_code() {
    let text = "x".repeat(400);
    let manners = Manners::good().code(1, Travel::Lost).code(2, Travel::Lost);
    let scanner = ssi(manners).programmed(HOST_RESPONSE_TIMEOUT, 99);
    let mut world = World::set_up("zebra_ssi", scanner);
    world.scan(&format!("]Q1{text}"));
    world.run_ms(60_000);
    world.assert_once_or_given_up("a scanner that waits 9.9 s");
    assert_eq!(world.texts(), [""; 0], "half a code");
}

#[test]
fn codes_wait_in_the_scanner_while_one_is_not_acknowledged() {
    let mut world = ready(Manners::good().acknowledgement(2, Travel::Lost));
    for number in 0..20 {
        world.scan(&format!("]C0{number}"));
    }
    assert_eq!(world.texts(), ["]C00"]);
    assert_eq!((world.scanner.holds(), world.scanner.tally().ignored), (16, 4));
    world.run_ms(2_000);
    assert_eq!(world.reads.len(), 16);
    assert_eq!(world.scanner.holds(), 0);
}

#[test]
fn the_host_can_empty_the_queue_and_hold_the_trigger() {
    let mut world = ready(Manners::good().acknowledgement(2, Travel::Lost));
    world.scan("]C0A");
    world.scan("]C0B");
    let flush = [0x04, 0xD2, 0x04, 0x00, 0xFF, 0x26];
    world.at_scanner(|scanner, at| scanner.hear(&flush, at));
    world.run_ms(10_000);
    assert_eq!(world.texts(), ["]C0A"]);
    assert_eq!(world.scanner.tally().undelivered, 2, "by its own account");

    world.command(Command::Disable);
    world.run_ms(100);
    world.scan("]C0C");
    world.command(Command::Enable);
    world.run_ms(100);
    world.scan("]C0D");
    assert_eq!(world.texts(), ["]C0A", "]C0D"]);
    assert_eq!(world.scanner.tally().ignored, 1);
}

#[test]
fn a_code_between_a_command_and_its_answer_is_read_at_once() {
    let mut world = ready(Manners::good().answers(Manner::Late(500)));
    world.command(Command::Signal(Signal::Good));
    world.scan(EAN);
    assert_eq!(world.texts(), [EAN]);
    world.run_ms(10_000);
    assert_eq!(world.notice_codes(), [""; 0]);
    assert_eq!(world.scanner.face().beeps_all(), 1);
}

/// SSI numbers no packets. Two equal codes in a row, the second of which comes marked as sent again, cannot be told
/// from one whose acknowledgement was lost; the driver then prefers silence to a piece that is counted twice. The worker
/// hears nothing and scans again.
#[test]
fn of_two_equal_codes_the_second_is_never_counted_by_mistake() {
    for (what, manners, arrivals) in [
        ("nothing", Manners::good(), 2),
        (
            "the second sent twice",
            Manners::good().code(1, Travel::Doubled),
            2,
        ),
        (
            "the first's acknowledgement lost",
            Manners::good().acknowledgement(2, Travel::Lost),
            2,
        ),
        ("the second lost once", Manners::good().code(1, Travel::Lost), 1),
        (
            "the second damaged once",
            Manners::good().code(1, Travel::Damaged),
            1,
        ),
    ] {
        let mut world = ready(manners);
        for _ in 0..2 {
            world.scan(EAN);
            world.run_ms(10_000);
        }
        assert_eq!(world.texts(), vec![EAN; arrivals], "{what}");
    }
}

/// Whoever takes the reads must tell: the driver of a new connection knows nothing of the one before.
#[test]
fn what_is_sent_again_over_a_new_connection_says_so() {
    let mut world = ready(Manners::good().acknowledgement(2, Travel::Lost));
    world.scan(EAN);
    world.restart_driver();
    world.run_ms(10_000);
    world.scan(OTHER_EAN);
    assert_eq!(world.texts(), [EAN, EAN, OTHER_EAN]);
    assert_eq!(world.again, [false, true, false]);
    assert_eq!(world.scanner.tally().delivered, 2);

    // A first transmission that nobody heard says it too.
    let mut world = ready(Manners::good().code(0, Travel::Lost));
    world.scan(EAN);
    world.run_ms(10_000);
    assert_eq!((world.texts(), world.again), (vec![EAN.to_owned()], vec![true]));
}
