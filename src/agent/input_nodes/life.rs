//! The one life of all input nodes: find, open, grab, read, lost, wait, find.

use std::sync::Arc;
use std::time::Duration;

use embedded_graphics::prelude::*;
use evdev::{EventType, SynchronizationCode};
use futures_util::future::BoxFuture;
use tallyman_codes::Moment;
use tallyman_drivers::link::Backoff;
use tallyman_floor::Key;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::device::{Events, InputNode, InputNodeError};
use super::keymap::{Keymap, code_name};
use super::keypad::{Keypad, KeypadOptions, Move};
use super::touch::{Finger, Tap};
use crate::panel::Rotation;
use crate::screen::Touch;
use crate::status::InputNodeReport;

/// Who is told of keys, and knows what lies on the screen.
pub trait Pressed: Send + Sync {
    /// The moment now.
    fn now(&self) -> Moment;

    /// Somebody is at the device, whatever they press.
    fn is_active(&self);

    /// Whether the screen cannot be seen: what is pressed then only wakes it.
    fn is_dark(&self) -> bool;

    /// A key was pressed. Waits until there is room for it.
    fn press(&self, key: Key, at: Moment) -> BoxFuture<'_, ()>;

    /// What the field at a place of the picture that is shown stands for.
    fn hit(&self, x: u32, y: u32) -> Option<Touch>;

    /// A field was touched: what lies over the view follows it.
    fn touched(&self, touch: Touch);

    /// The size of the picture that is shown, and how the panel is built in; `None` where nothing is.
    fn shown(&self) -> Option<(Size, Rotation)>;
}

/// What a node is used for.
#[derive(Debug, Clone)]
pub enum Use {
    /// Keys, with what they mean.
    Keys(Keymap, KeypadOptions),
    /// A finger on the panel.
    Touch,
}

/// One input node of the configuration.
pub struct Life {
    /// Its name in the configuration.
    pub name: String,
    /// What it is used for.
    pub used_for: Use,
    /// Who is told.
    pub pressed: Arc<dyn Pressed>,
    /// Chance, for the jitter of waits.
    pub chance: Box<dyn FnMut() -> u64 + Send + Sync>,
    /// Ends the wait before the next attempt.
    pub retry_now: Arc<Notify>,
    /// Closes the node, so that it is opened anew.
    pub reopen: Arc<Notify>,
    /// How it is doing.
    pub report: watch::Sender<InputNodeReport>,
    /// The end of the program.
    pub cancel: CancellationToken,
}

/// After so long an open node counts as one that works, and the first waits are short again.
const STOOD_US: u64 = 10_000_000;

impl Life {
    /// Lives until cancelled.
    pub async fn run(mut self) {
        let mut backoff = Backoff::default();
        let cancel = self.cancel.clone();
        loop {
            let begun = self.pressed.now();
            let ended = tokio::select! {
                () = cancel.cancelled() => return self.enter("stopped"),
                ended = self.once() => ended,
            };
            if let Err(error) = ended {
                self.fail(&error);
            }
            if self.pressed.now().since_us(begun) >= STOOD_US {
                backoff.reset();
            }
            self.enter("waiting");
            let wait_ms = backoff.next_ms(&mut self.chance);
            tokio::select! {
                () = cancel.cancelled() => return self.enter("stopped"),
                () = tokio::time::sleep(Duration::from_millis(wait_ms)) => {}
                () = self.retry_now.notified() => {}
            }
        }
    }

    /// One time that the node is open. `Ok`: it is to be opened anew.
    async fn once(&mut self) -> Result<(), InputNodeError> {
        let mut node = InputNode::open(&self.name)?;
        let reopen = Arc::clone(&self.reopen);
        match self.used_for.clone() {
            Use::Keys(map, options) => {
                node.must_have_keys()?;
                node.grab()?;
                self.opened(&node);
                let events = node.events()?;
                tokio::select! {
                    () = reopen.notified() => Ok(()),
                    ended = self.keys(events, Keypad::new(map, options)) => ended,
                }
            }
            Use::Touch => {
                let axes = node.axes()?;
                node.grab()?;
                self.opened(&node);
                let events = node.events()?;
                tokio::select! {
                    () = reopen.notified() => Ok(()),
                    ended = self.touches(events, Finger::new(axes)) => ended,
                }
            }
        }
    }

    async fn keys(&self, mut events: Events, mut keypad: Keypad) -> Result<(), InputNodeError> {
        let never = Duration::from_secs(86_400);
        loop {
            let stuck_in = keypad.stuck_in_us(self.pressed.now());
            let stuck_in = stuck_in.map_or(never, |us| Duration::from_micros(us.max(1_000)));
            let event = tokio::select! {
                event = events.next() => Some(event?),
                () = tokio::time::sleep(stuck_in) => None,
            };
            let now = self.pressed.now();
            match event {
                Some((EventType::KEY, code, value)) => {
                    let Some(moved) = Move::of_value(value) else {
                        continue;
                    };
                    let is_dark = self.pressed.is_dark();
                    if moved == Move::Down {
                        self.pressed.is_active();
                    }
                    // Nobody answers what cannot be seen.
                    let key = keypad.moved(code, moved, now).filter(|_| !is_dark);
                    self.stuck(&keypad);
                    if let Some(key) = key {
                        self.counted(keypad.bounces());
                        self.pressed.press(key, now).await;
                    }
                }
                Some((EventType::SYNCHRONIZATION, code, _))
                    if SynchronizationCode(code) == SynchronizationCode::SYN_DROPPED =>
                {
                    tracing::warn!(device = self.name, "key events were lost");
                    keypad.forget();
                }
                Some(_) => {}
                None => {
                    for code in keypad.newly_stuck(now) {
                        let key = code_name(code);
                        tracing::warn!(device = self.name, key, "a key is stuck: it is down for too long");
                    }
                    self.stuck(&keypad);
                }
            }
        }
    }

    async fn touches(&self, mut events: Events, mut finger: Finger) -> Result<(), InputNodeError> {
        loop {
            let (kind, code, value) = events.next().await?;
            let Some(tap) = finger.event(kind, code, value) else {
                continue;
            };
            // Looked up before it counts as a sign of life: on a dark panel nothing lies, and the finger only wakes it.
            let touch = self.touched(&finger, tap);
            self.pressed.is_active();
            if let Some(touch) = touch {
                self.counted(0);
                self.pressed.touched(touch);
            }
            if let Some(Touch::Key(key)) = touch {
                self.pressed.press(key, self.pressed.now()).await;
            }
        }
    }

    /// The field on which a finger came and from which it went.
    fn touched(&self, finger: &Finger, tap: Tap) -> Option<Touch> {
        let (picture, rotation) = self.pressed.shown()?;
        let [(from_x, from_y), to] = [tap.from, tap.to].map(|at| finger.in_picture(at, picture, rotation));
        self.report.send_modify(|report| report.touched = Some(to));
        let (from, to) = (self.pressed.hit(from_x, from_y), self.pressed.hit(to.0, to.1));
        tracing::debug!(?tap, ?from, ?to, "a touch");
        from.filter(|_| from == to)
    }

    fn opened(&self, node: &InputNode) {
        tracing::info!(device = self.name, node = %node.path().display(), "the input device is open");
        self.report.send_modify(|report| {
            "open".clone_into(&mut report.phase);
            report.node = Some(node.path().display().to_string());
            report.last_error = None;
        });
    }

    fn counted(&self, bounces: u64) {
        self.report.send_modify(|report| {
            report.presses += 1;
            report.bounces = bounces;
        });
    }

    fn stuck(&self, keypad: &Keypad) {
        let stuck: Vec<String> = keypad.stuck().into_iter().map(code_name).collect();
        self.report.send_if_modified(|report| {
            let changed = report.stuck != stuck;
            report.stuck = stuck;
            changed
        });
    }

    fn enter(&self, phase: &str) {
        self.report.send_modify(|report| {
            phase.clone_into(&mut report.phase);
            report.stuck.clear();
        });
    }

    /// Keeps the reason, and logs it unless it is the same as before.
    fn fail(&self, error: &InputNodeError) {
        let reason = error.to_string();
        self.report.send_modify(|report| {
            if report.last_error.as_ref() != Some(&reason) {
                tracing::warn!(device = self.name, %reason, "the input device is lost and will be opened again");
                report.last_error = Some(reason);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    use super::super::touch::{Axes, Range};

    /// A screen whose left half is Enter and whose right half is Undo.
    struct Halves(Mutex<Vec<Key>>);

    impl Pressed for Halves {
        fn now(&self) -> Moment {
            Moment::from_us(0)
        }

        fn is_active(&self) {}

        fn is_dark(&self) -> bool {
            false
        }

        fn press(&self, key: Key, _: Moment) -> BoxFuture<'_, ()> {
            self.0.lock().unwrap().push(key);
            Box::pin(std::future::ready(()))
        }

        fn hit(&self, x: u32, _: u32) -> Option<Touch> {
            Some(Touch::Key(if x < 120 { Key::Enter } else { Key::Undo }))
        }

        fn touched(&self, _: Touch) {}

        fn shown(&self) -> Option<(Size, Rotation)> {
            Some((Size::new(240, 320), Rotation::Upright))
        }
    }

    fn life(name: &str) -> (Life, watch::Receiver<InputNodeReport>) {
        let (report, told) = watch::channel(InputNodeReport::default());
        let life = Life {
            name: name.to_owned(),
            used_for: Use::Touch,
            pressed: Arc::new(Halves(Mutex::default())),
            chance: Box::new(|| 0),
            retry_now: Arc::default(),
            reopen: Arc::default(),
            report,
            cancel: CancellationToken::new(),
        };
        (life, told)
    }

    #[test]
    fn a_finger_must_leave_the_field_it_came_to() {
        let (life, _) = life("panel");
        let range = Range { least: 0, most: 99 };
        let finger = Finger::new(Axes {
            x: range,
            y: range,
            only_several: false,
        });
        for (from, to, wanted) in [
            ((10, 10), (10, 10), Some(Key::Enter)),
            ((10, 10), (40, 90), Some(Key::Enter)),
            ((10, 10), (60, 10), None),
            ((60, 10), (99, 99), Some(Key::Undo)),
        ] {
            assert_eq!(
                life.touched(&finger, Tap { from, to }),
                wanted.map(Touch::Key),
                "{from:?} to {to:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_device_that_is_not_there_is_told_and_looked_for_until_the_end() {
        let (life, mut told) = life("/nowhere/event7");
        let (cancel, retry) = (life.cancel.clone(), Arc::clone(&life.retry_now));
        let living = tokio::spawn(life.run());
        let waits = |report: &InputNodeReport| {
            let error = report.last_error.as_deref().unwrap_or_default();
            report.phase == "waiting" && error.contains("/nowhere/event7")
        };
        told.wait_for(waits).await.unwrap();
        retry.notify_waiters();
        cancel.cancel();
        living.await.unwrap();
        assert_eq!(told.borrow().phase, "stopped");
    }
}
