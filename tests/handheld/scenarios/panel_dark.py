"""A panel while nobody is there: it is off; a key wakes it and does nothing else, and the next one counts."""

import gadget
import panel
from program import Agent
from scenarios.keys_and_touch import KEYPAD, KEYPAD_DESCRIPTOR, ONE, Node, is_open

MODULES = ["virtio_gpu", "usbhid", "hid_generic", "evdev", *gadget.MODULES]
PARAMETERS = {"dummy_hcd": "num=2"}
SIZE = (240, 320)
DEVICES = [f"virtio-gpu-pci,id=lcd,xres={SIZE[0]},yres={SIZE[1]}"]


def run(machine):
    """The scenario."""
    keypad = Node(machine, KEYPAD, "keypad", "hid.usb0", KEYPAD_DESCRIPTOR, 8)
    keypad.plug()
    machine.wait(keypad.is_there, "the keypad's input node")
    agent = Agent(machine, more=f'{panel.screen("drm", 0)}dark_after_s = 5\n[keys]\ndevice = ["{KEYPAD}"]\n')
    machine.wait(lambda: is_open(agent, KEYPAD), "the open keypad")
    machine.wait(lambda: state(agent) == "dark", "the dark panel")
    machine.wait(lambda: is_off(machine), "the panel's own darkness")
    machine.check(True, "while nobody is there the panel is off")
    presses = agent.input_node(KEYPAD)["presses"]
    keypad.type(ONE)
    machine.wait(lambda: state(agent) == "open", "the panel's return")
    machine.wait(lambda: not is_off(machine), "a picture on the panel")
    machine.check(agent.input_node(KEYPAD)["presses"] == presses, "the key that wakes it does nothing else")
    # Where the host is so busy that it is dark again, this one wakes it too, and another one counts.
    machine.wait(lambda: pressed(agent, keypad, presses), "a key that counts")
    machine.check(True, "a key on a panel that can be seen counts")
    agent.stop()


def pressed(agent, keypad, before):
    """Whether a key was counted that is pressed now."""
    keypad.type(ONE)
    return agent.input_node(KEYPAD)["presses"] > before


def state(agent):
    """What the panel does."""
    return agent.status()["panel"]["state"]


def is_off(machine):
    """Whether nothing is on the panel: QEMU writes a white sentence on black then, and the screen is dark on white."""
    _, pixels = machine.photograph("lcd")
    return sum(pixels) < len(pixels) * 128
