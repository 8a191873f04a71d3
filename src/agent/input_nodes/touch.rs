//! What a finger on a panel means: events of the kernel become a place of the picture. No device is touched here.
//!
//! Source: Linux, `Documentation/input/event-codes.rst` and `multi-touch-protocol.rst`. One finger counts, the first one.

use embedded_graphics::prelude::*;
use evdev::{AbsoluteAxisCode, EventType, KeyCode, SynchronizationCode};

use crate::panel::Rotation;

/// From where to where an axis reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// At the left or top edge.
    pub least: i32,
    /// At the right or bottom edge.
    pub most: i32,
}

impl Range {
    /// The pixel of a value, of so many.
    fn pixel(self, value: i32, pixels: u32) -> i32 {
        let wide = i64::from(self.most) - i64::from(self.least);
        let last = i64::from(pixels) - 1;
        if wide <= 0 || last < 0 {
            return 0;
        }
        let along = (i64::from(value) - i64::from(self.least)) * i64::from(pixels) / (wide + 1);
        along.clamp(0, last) as i32
    }
}

/// The axes of a touch panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Axes {
    /// Across.
    pub x: Range,
    /// Down.
    pub y: Range,
    /// The panel has only the axes of several fingers, not the single ones as well.
    pub only_several: bool,
}

/// A finger came and went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tap {
    /// Where it came, in the units of the axes.
    pub from: (i32, i32),
    /// Where it went.
    pub to: (i32, i32),
}

/// The first finger on a panel.
#[derive(Debug)]
pub struct Finger {
    axes: Axes,
    at: (i32, i32),
    slot: i32,
    is_down: bool,
    from: Option<(i32, i32)>,
    /// Events were lost: nothing counts until the next whole report.
    is_lost: bool,
}

impl Finger {
    /// No finger.
    pub fn new(axes: Axes) -> Self {
        Self {
            axes,
            at: (axes.x.least, axes.y.least),
            slot: 0,
            is_down: false,
            from: None,
            is_lost: false,
        }
    }

    /// An event. Gives a tap when the report that ends it is whole.
    pub fn event(&mut self, kind: EventType, code: u16, value: i32) -> Option<Tap> {
        match kind {
            EventType::KEY => {
                // What a finger presses, and what a pen or a virtual machine's tablet does.
                if [KeyCode::BTN_TOUCH.code(), KeyCode::BTN_LEFT.code()].contains(&code) {
                    self.is_down = value != 0;
                }
                None
            }
            EventType::ABSOLUTE => {
                self.moved(AbsoluteAxisCode(code), value);
                None
            }
            EventType::SYNCHRONIZATION => self.report(SynchronizationCode(code)),
            _ => None,
        }
    }

    fn moved(&mut self, axis: AbsoluteAxisCode, value: i32) {
        let several = self.axes.only_several;
        match axis {
            AbsoluteAxisCode::ABS_X if !several => self.at.0 = value,
            AbsoluteAxisCode::ABS_Y if !several => self.at.1 = value,
            AbsoluteAxisCode::ABS_MT_SLOT => self.slot = value,
            _ if self.slot != 0 || !several => {}
            AbsoluteAxisCode::ABS_MT_POSITION_X => self.at.0 = value,
            AbsoluteAxisCode::ABS_MT_POSITION_Y => self.at.1 = value,
            // -1: the finger went.
            AbsoluteAxisCode::ABS_MT_TRACKING_ID => self.is_down = value >= 0,
            _ => {}
        }
    }

    fn report(&mut self, code: SynchronizationCode) -> Option<Tap> {
        if code == SynchronizationCode::SYN_DROPPED {
            (self.is_lost, self.is_down, self.from) = (true, false, None);
            return None;
        }
        if code != SynchronizationCode::SYN_REPORT {
            return None;
        }
        if std::mem::take(&mut self.is_lost) {
            self.is_down = false;
            return None;
        }
        match (self.is_down, self.from) {
            (true, None) => {
                self.from = Some(self.at);
                None
            }
            (false, Some(from)) => {
                self.from = None;
                Some(Tap { from, to: self.at })
            }
            _ => None,
        }
    }

    /// The place of the picture at a place of the axes, for a picture of this size on a panel that is built in so.
    pub fn in_picture(&self, at: (i32, i32), picture: Size, rotation: Rotation) -> (u32, u32) {
        let panel = rotation.picture_size(picture);
        let on_panel = Point::new(
            self.axes.x.pixel(at.0, panel.width),
            self.axes.y.pixel(at.1, panel.height),
        );
        let place = rotation.in_picture(on_panel, panel);
        (place.x.max(0).unsigned_abs(), place.y.max(0).unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: u16 = AbsoluteAxisCode::ABS_X.0;
    const Y: u16 = AbsoluteAxisCode::ABS_Y.0;
    const MT_X: u16 = AbsoluteAxisCode::ABS_MT_POSITION_X.0;
    const MT_Y: u16 = AbsoluteAxisCode::ABS_MT_POSITION_Y.0;
    const SLOT: u16 = AbsoluteAxisCode::ABS_MT_SLOT.0;
    const ID: u16 = AbsoluteAxisCode::ABS_MT_TRACKING_ID.0;

    fn axes(only_several: bool) -> Axes {
        let range = Range {
            least: 0,
            most: 4_095,
        };
        Axes {
            x: range,
            y: range,
            only_several,
        }
    }

    /// Events as the kernel gives them.
    enum E {
        Abs(u16, i32),
        Touch(i32),
        Syn,
        Dropped,
    }

    fn taps(only_several: bool, events: &[E]) -> Vec<Tap> {
        let mut finger = Finger::new(axes(only_several));
        let tap = |event: &E| match *event {
            E::Abs(code, value) => finger.event(EventType::ABSOLUTE, code, value),
            E::Touch(value) => finger.event(EventType::KEY, KeyCode::BTN_TOUCH.code(), value),
            E::Syn => finger.event(EventType::SYNCHRONIZATION, 0, 0),
            E::Dropped => finger.event(EventType::SYNCHRONIZATION, 3, 0),
        };
        events.iter().filter_map(tap).collect()
    }

    #[test]
    fn a_finger_that_came_and_went_is_one_tap() {
        use E::{Abs, Dropped, Syn, Touch};
        let tap = |from, to| Tap { from, to };
        type Row<'a> = (&'a str, bool, &'a [E], &'a [Tap]);
        let table: [Row<'_>; 6] = [
            (
                "one finger",
                false,
                &[Abs(X, 10), Abs(Y, 20), Touch(1), Syn, Touch(0), Syn],
                &[tap((10, 20), (10, 20))],
            ),
            (
                "it slides; the kernel says only what changes",
                false,
                &[
                    Abs(X, 10),
                    Abs(Y, 20),
                    Touch(1),
                    Syn,
                    Abs(Y, 90),
                    Syn,
                    Touch(0),
                    Syn,
                    Touch(1),
                    Syn,
                    Touch(0),
                    Syn,
                ],
                &[tap((10, 20), (10, 90)), tap((10, 90), (10, 90))],
            ),
            (
                "a panel for several fingers that tells the first as a single one too",
                false,
                &[
                    Abs(ID, 5),
                    Abs(MT_X, 10),
                    Abs(MT_Y, 20),
                    Touch(1),
                    Abs(X, 10),
                    Abs(Y, 20),
                    Syn,
                    Abs(SLOT, 1),
                    Abs(MT_X, 99),
                    Syn,
                    Abs(ID, -1),
                    Abs(SLOT, 0),
                    Abs(ID, -1),
                    Touch(0),
                    Syn,
                ],
                &[tap((10, 20), (10, 20))],
            ),
            (
                "a panel for several fingers alone: the second one is nobody",
                true,
                &[
                    Abs(ID, 5),
                    Abs(MT_X, 10),
                    Abs(MT_Y, 20),
                    Syn,
                    Abs(SLOT, 1),
                    Abs(ID, 6),
                    Abs(MT_X, 99),
                    Syn,
                    Abs(ID, -1),
                    Syn,
                    Abs(SLOT, 0),
                    Abs(ID, -1),
                    Syn,
                ],
                &[tap((10, 20), (10, 20))],
            ),
            (
                "events were lost: no tap of two halves",
                false,
                &[Abs(X, 10), Touch(1), Syn, Dropped, Touch(1), Syn, Touch(0), Syn],
                &[],
            ),
            ("nobody touches", false, &[Abs(X, 10), Syn, Abs(Y, 4), Syn], &[]),
        ];
        for (what, only_several, events, wanted) in table {
            assert_eq!(taps(only_several, events), wanted, "{what}");
        }
    }

    #[test]
    fn a_place_is_scaled_and_turned_as_the_panel_is() {
        let picture = Size::new(240, 320);
        for (degrees, at, wanted) in [
            (0, (0, 0), (0, 0)),
            (0, (4_095, 4_095), (239, 319)),
            (0, (2_048, 1_024), (120, 80)),
            // The panel lies: its left edge is the picture's bottom.
            (90, (0, 0), (0, 319)),
            (90, (4_095, 0), (0, 0)),
            (90, (4_095, 4_095), (239, 0)),
            (180, (0, 0), (239, 319)),
            (270, (0, 0), (239, 0)),
            (270, (4_095, 0), (239, 319)),
            // Beyond the edges, as worn panels say.
            (0, (-50, 9_000), (0, 319)),
        ] {
            let rotation = Rotation::of_degrees(degrees).unwrap();
            let finger = Finger::new(axes(false));
            assert_eq!(
                finger.in_picture(at, picture, rotation),
                wanted,
                "{degrees} {at:?}"
            );
        }
    }

    #[test]
    fn axes_that_say_nothing_are_no_harm() {
        let none = Range { least: 7, most: 7 };
        assert_eq!(none.pixel(7, 240), 0);
        let all = Range {
            least: i32::MIN,
            most: i32::MAX,
        };
        assert_eq!(
            (
                all.pixel(i32::MIN, 240),
                all.pixel(i32::MAX, 240),
                all.pixel(3, 0)
            ),
            (0, 239, 0)
        );
    }
}
