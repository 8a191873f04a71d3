"""Beeper and battery: the tones of an outcome reach the kernel's beeper and end; a battery's figures are in the status."""

import struct

from program import Agent
from scenarios.keys_and_touch import ENTER, KEYPAD, KEYPAD_DESCRIPTOR, ONE, Node, is_open
import gadget

MODULES = ["pcspkr", "usbhid", "hid_generic", "evdev", *gadget.MODULES]
PARAMETERS = {"dummy_hcd": "num=2"}

# The tones of an outcome that does not count (docs/handheld.md): low, twice.
BAD = [196, 0, 196, 0]
EV_SND, SND_TONE = 0x12, 0x02
SUPPLY = "/run/supplies/cell"


def run(machine):
    """The scenario."""
    keypad = Node(machine, KEYPAD, "keypad", "hid.usb0", KEYPAD_DESCRIPTOR, 8)
    keypad.plug()
    machine.wait(keypad.is_there, "the keypad's input node")
    # The machine has no battery; the folder has what the kernel shows of one.
    files = {"type": "Battery", "capacity": "62", "status": "Discharging", "voltage_now": "3812000", "temp": "254"}
    machine.shell(f"mkdir -p {SUPPLY}")
    for name, text in files.items():
        machine.write(f"{SUPPLY}/{name}", text)
    more = f"""
[keys]
device = ["{KEYPAD}"]
[sound]
beeper = "PC Speaker"
[power]
path = "/run/supplies"
"""
    agent = Agent(machine, more=more)
    machine.wait(lambda: is_open(agent, KEYPAD), "the open keypad")
    node = machine.shell("grep -l 'PC Speaker' /sys/class/input/event*/device/name").split("/")[4]
    # Whoever reads the node sees what is written to it.
    machine.start(f"cat /dev/input/{node}", "/run/tones")
    # Not enrolled: what is typed is a set-up code, and this is none.
    keypad.type(ONE, ENTER)
    machine.wait(lambda: tones(machine) == BAD, f"the tones {BAD}")
    machine.check(True, "the beeper sounds the outcome's tones, and is off in the end")

    battery = machine.wait(lambda: agent.status()["battery"], "the battery")
    machine.check(
        (battery["name"], battery["percent"], battery["voltage_mv"], battery["temperature_tenths"])
        == ("cell", 62, 3812, 254),
        f"the status has the battery's figures: {battery}",
    )
    agent.stop()


def tones(machine):
    """The tones that the beeper was told, in hertz; 0 is off."""
    text = machine.run("hexdump -v -e '24/1 \"%02x\" \"\\n\"' /run/tones.out")[1]
    events = [struct.unpack("<16xHHi", bytes.fromhex(line)) for line in text.split() if len(line) == 48]
    return [value for kind, code, value in events if (kind, code) == (EV_SND, SND_TONE)]
