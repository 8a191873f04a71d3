"""A bare device is set up by one scan and works, with the network and without, by scans, touches and learned keys."""

import re

import gadget
import panel
from program import device
from scenarios import hid_scanner
from scenarios.keys_and_touch import ENTER, KEYPAD, KEYPAD_DESCRIPTOR, ONE, OTHER, TOUCH, TOUCH_DESCRIPTOR, Node, is_open
from worker import SCANNER, Worker

MODULES = ["bochs", "virtio_net", "usbhid", "hid_generic", "evdev", *gadget.MODULES]
PARAMETERS = {"dummy_hcd": "num=3"}
SIZE = (320, 240)
DEVICES = [f"bochs-display,id=lcd,xres={SIZE[0]},yres={SIZE[1]}"]
PARTS = {"network": True}
HUB = True

KEYMAP = "/run/keypad.toml"
MORE = f"""{panel.screen("framebuffer", 90)}
[keys]
device = ["{KEYPAD}"]
map = "{KEYMAP}"
[touch]
device = "{TOUCH}"
"""

# A pick of the sample warehouse: three pairs of gloves and five lamps.
ORDER, TASK = "ORDER-5002", "P-2002"
GLOVES, GLOVES_AT = "]E09521101530032", "A-03-01"
LAMP, LAMPS_AT = "]E09521101530063", "B-01-02"
GLOVES_BEFORE, LAMPS_BEFORE = 40, 64


class HidScanner(Node):
    """A scanner in HID point-of-sale mode: a code that is longer than a report comes in several."""

    CONFIG = device(SCANNER, "hid_pos", f'usb = {{ id = "{hid_scanner.SCANNER}" }}')

    def __init__(self, machine):
        super().__init__(machine, hid_scanner.SCANNER, SCANNER, "hid.usb2", hid_scanner.DESCRIPTOR, hid_scanner.REPORT_BYTES)

    def send(self, codes):
        """Sends codes, one after the other."""
        for code in codes:
            self.report(b"".join(hid_scanner.pieces(code)))


def run(machine, hub):
    """The scenario."""
    keypad = Node(machine, KEYPAD, "keypad", "hid.usb0", KEYPAD_DESCRIPTOR, 8)
    touch = Node(machine, TOUCH, "touch", "hid.usb1", TOUCH_DESCRIPTOR, 5)
    scanner = HidScanner(machine)
    keypad.plug()
    touch.plug()
    machine.wait(lambda: keypad.is_there() and touch.is_there(), "the input nodes")
    learn(machine, keypad)
    worker = Worker(machine, scanner, more=MORE)
    agent = worker.agent
    worker.enrol(hub, ORDER)
    machine.wait(lambda: is_open(agent, KEYPAD) and is_open(agent, TOUCH), "keypad and touch panel")

    finger = Finger(worker, touch)
    finger.touches(choice_of(agent, ORDER), "good")
    machine.check(agent.status()["task"] == TASK, f"a touch on the field of {ORDER} opens it")
    worker.scans("]C0TOTE-17", "good")
    worker.scans(f"]C0LOC-{GLOVES_AT}", "good")
    worker.scans(GLOVES, "good")
    worker.synced()
    hub.check(1)

    machine.set_network(False)
    worker.scans(GLOVES, "good", count=2)
    worker.scans(f"]C0LOC-{LAMPS_AT}", "good")
    worker.scans(LAMP, "good", count=3)
    status = agent.wait_until(lambda status: status["link"]["state"] == "offline", "the lost link")
    said = status["outbox"]["sentence"]
    machine.check(re.fullmatch(r"5 waiting, oldest \d+ \w+, all safe", said), f"without the network: {said}")
    machine.check(len(hub.confirmations()) == 1, "control: the hub has heard of none of them")

    # What there is no room for on a small panel is one touch away.
    if not finger.sees("undo"):
        finger.taps("sheet:keys")
        machine.wait(lambda: finger.sees("undo"), "the sheet with all keys")
        machine.wait(lambda: panel.is_shown(machine, agent, 90), "the sheet on the panel")
        machine.check(True, "a touch brings the keys there was no room for, and `tallyman shot` shows them")
    finger.touches("undo", "good")
    keypad.type(OTHER)
    machine.check(worker.hear() == "good", "the key that was learned takes a piece back, as the touch on its field did")
    worker.scans(LAMP, "good", count=4)

    machine.set_network(True)
    worker.synced()
    hub.check(12)
    machine.check(hub.stock(GLOVES_AT, "GLOVE-M") == GLOVES_BEFORE - 3, "three pairs of gloves are gone from their place")
    machine.check(hub.stock(LAMPS_AT, "LAMP-E27") == LAMPS_BEFORE - 5, "five lamps are gone from theirs")
    agent.stop()


def learn(machine, keypad):
    """Learns the keypad, as the guide says, and gives a key a meaning."""
    machine.start(f"tallyman keys --learn {KEYPAD}", "/run/learning")
    machine.wait(lambda: "listening to" in machine.shell("cat /run/learning.err"), "`tallyman keys --learn`")
    keypad.type(ONE, ENTER, OTHER, ONE)
    machine.wait(lambda: "KEY_F5" in machine.shell("cat /run/learning.out"), "the rows of the keys")
    machine.shell("kill -INT $(cat /run/learning.id)")
    machine.check(machine.ended("/run/learning") == 0, "`tallyman keys --learn` ends when it is told to")
    rows = machine.shell("cat /run/learning.out")
    meant = re.findall(r'^(KEY_\w+) = "(\w*)"', rows, re.MULTILINE)
    machine.check(
        meant == [("KEY_1", "1"), ("KEY_ENTER", "enter"), ("KEY_F5", "")],
        f"it gives a row for each key, once: {meant}",
    )
    machine.write(KEYMAP, rows.replace('KEY_F5 = ""', 'KEY_F5 = "undo"') + "\n")


def choice_of(agent, label):
    """The key of the choice with this label on the screen."""
    (key,) = [choice["key"] for choice in agent.shown()["view"]["question"]["choices"] if label in choice["label"]]
    return key


class Finger:
    """A finger on a panel that is turned by a quarter: its left edge is the picture's bottom."""

    def __init__(self, worker, touch):
        self.worker = worker
        self.agent = worker.agent
        self.touch = touch

    def field(self, name):
        """Where the screen has the field for a key or sheet."""
        return next((field for field in self.agent.shown()["fields"] if field["touch"] == name), None)

    def sees(self, name):
        """Whether there is one."""
        return self.field(name) is not None

    def taps(self, name):
        """Touches the middle of it."""
        field = self.field(name)
        across = field["x"] + field["width"] // 2
        down = field["y"] + field["height"] // 2
        # The axes of the panel reach from 0 to 4095.
        self.touch.tap((4095 - down * 4096 // SIZE[0], across * 4096 // SIZE[1]))

    def touches(self, name, outcome):
        """Touches it, and hears this outcome."""
        self.taps(name)
        heard = self.worker.hear()
        self.worker.machine.check(heard == outcome, f"a touch on the field {name} sounds {outcome}")
