"""A keypad and a touch panel: keys and places are exact, nothing reaches the console, a stuck key is told, both come back."""

import json

import gadget
import panel
from program import Agent, devices
from scenarios.keyboard import Console

MODULES = ["bochs", "usbhid", "hid_generic", "evdev", *gadget.MODULES]
PARAMETERS = {"dummy_hcd": "num=2"}
SIZE = (320, 240)
DEVICES = [f"bochs-display,id=lcd,xres={SIZE[0]},yres={SIZE[1]}"]

SOUNDS = "/run/sounds"
KEYPAD = "05e0:1200"
TOUCH = "0eef:0001"

# The report descriptor of a keyboard (USB HID 1.11, appendix E.6, without its lights).
KEYPAD_DESCRIPTOR = bytes.fromhex(
    "0501 0906 A101"
    "0507 19E0 29E7 1500 2501 7501 9508 8102"
    "9501 7508 8103"
    "9506 7508 1500 2565 0507 1900 2965 8100"
    "C0"
)
# A touch screen for one finger (USB HID Usage Tables, section 16): a finger that touches, and where, 0 to 4095.
TOUCH_DESCRIPTOR = bytes.fromhex(
    "050D 0904 A101 0922 A100"
    "0942 1500 2501 7501 9501 8102 9507 8103"
    "0501 0930 1500 26FF0F 3500 46FF0F 7510 9501 8102 0931 8102"
    "C0 C0"
)
# Usages of the keypad: 1, Enter, and one that its keymap does not have (F5).
ONE, ENTER, OTHER = 0x1E, 0x28, 0x3E


def run(machine):
    """The scenario."""
    keypad = Node(machine, KEYPAD, "keypad", "hid.usb0", KEYPAD_DESCRIPTOR, 8)
    touch = Node(machine, TOUCH, "touch", "hid.usb1", TOUCH_DESCRIPTOR, 5)
    keypad.plug()
    touch.plug()
    console = Console(machine)
    machine.wait(lambda: keypad.is_there() and touch.is_there(), "the input nodes")
    keypad.type(ONE, ENTER)
    console.wait_for("1")
    machine.say("control: without the agent the keys are on the console")
    more = f"""{panel.screen("framebuffer", 90)}
[keys]
device = ["{KEYPAD}"]
stuck_s = 1
[sound]
output = "lines"
path = "{SOUNDS}"
[touch]
device = "{TOUCH}"
"""
    agent = Agent(machine, more=more)
    machine.wait(lambda: is_open(agent, KEYPAD) and is_open(agent, TOUCH), "both open")
    machine.wait(lambda: panel.open_panel(agent), "the open panel")

    # Not enrolled: what is typed is a set-up code, and one that is none is answered by the sound for what does not count.
    keypad.type(ONE, OTHER, ENTER)
    machine.wait(lambda: sounds(machine) == ["bad"], "the answer to what was typed")
    machine.check(True, "what was typed is answered")
    presses = agent.input_node(KEYPAD)["presses"]
    machine.check(presses == 2, "two keys of the keymap were pressed, and the third means nothing")

    keypad.press(ENTER)
    machine.wait(lambda: agent.input_node(KEYPAD)["stuck"] == ["KEY_ENTER"], "the stuck key")
    keypad.release()
    machine.wait(lambda: agent.input_node(KEYPAD)["stuck"] == [], "the key that was let go")
    machine.check(True, "a stuck key is told, by its name, until it is let go")

    # The panel's left edge is the picture's bottom; its last pixels are 239 and 319.
    for at, wanted in [((0, 0), [0, 319]), ((4095, 0), [0, 0]), ((4095, 4095), [239, 0]), ((2048, 2048), [120, 159])]:
        touch.tap(at)
        machine.wait(lambda: agent.input_node(TOUCH)["touched"] == wanted, f"the finger at {wanted}")
    machine.check(True, "fingers are where the turned picture has them")

    keypad.unplug()
    machine.wait(lambda: agent.input_node(KEYPAD)["phase"] == "waiting", "the lost keypad")
    keypad.plug()
    machine.wait(lambda: is_open(agent, KEYPAD), "the keypad's return")
    presses = agent.input_node(KEYPAD)["presses"]
    keypad.type(ONE)
    machine.wait(lambda: agent.input_node(KEYPAD)["presses"] == presses + 1, "a press after the return")
    machine.check(True, "unplugged and back, the keypad is the same")
    agent.stop()

    keypad.type(ONE, ONE, ENTER)
    console.wait_for("11")
    machine.check(console.lines() == ["1", "11"], "the console has what was pressed before and after, and nothing else")


def sounds(machine):
    """The outcomes that sounded."""
    return [json.loads(line)["sound"] for line in machine.run(f"cat {SOUNDS}")[1].splitlines()]


def is_open(agent, name):
    """Whether an input node is open."""
    return agent.input_node(name)["phase"] == "open"


class Node(gadget.Gadget):
    """A gadget with reports. Each is taken from it only when the host has the one before."""

    def __init__(self, machine, usb_id, name, function, descriptor, length):
        attributes = {"protocol": "0", "subclass": "0", "report_length": str(length), "report_desc": descriptor}
        super().__init__(machine, usb_id, function, name, attributes)
        # The kernel numbers the nodes of gadgets as they are made.
        self.node = function.replace("hid.usb", "/dev/hidg")
        self.length = length
        self.usb_id = usb_id
        # A port each: two gadgets cannot share one.
        self.port = self.node.replace("/dev/hidg", "dummy_udc.")

    def plug(self):
        """Plugs it into a port of its own."""
        self.machine.shell(f"echo {self.port} >{gadget.GADGETS}/{self.name}/UDC")
        self.machine.say(f"plugged in: gadget {self.name}")

    def is_there(self):
        """Whether the kernel has made an input node of it."""
        nodes = devices(self.machine, everything=True).values()
        return any(node["usb"] == self.usb_id and "/input/" in node["path"] for node in nodes)

    def type(self, *usages):
        """Keys go down and up again."""
        for usage in usages:
            self.press(usage)
            self.release()

    def report(self, data):
        """Gives one report to the host."""
        path = f"/run/{self.name}"
        self.machine.shell(
            f"printf {gadget.printf(data)} >{path}; dd if={path} of={self.node} bs={self.length} 2>&1"
        )

    def press(self, usage):
        """A key goes down."""
        self.report(bytes([0, 0, usage, 0, 0, 0, 0, 0]))

    def release(self):
        """All keys are up."""
        self.report(bytes(8))

    def tap(self, at):
        """A finger comes and goes."""
        place = b"".join(value.to_bytes(2, "little") for value in at)
        self.report(b"\x01" + place)
        self.report(b"\x00" + place)
