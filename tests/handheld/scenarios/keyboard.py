"""A scanner that is a keyboard: grabbed, its text exact, nothing of it on the console, unplugged and back."""

import gadget
from program import Agent, Recording, device, devices

MODULES = ["usbhid", "hid_generic", "evdev", *gadget.MODULES]
PARAMETERS = {}

KEYBOARD = "05e0:1200"
TEXTS = ["4006381333931", "Ab-12/$%+ [x]", "]C10104006381333931", "UPPER lower 123", "#_{|}~<>?!"]

# The report descriptor of a keyboard (USB HID 1.11, appendix E.6, without its lights): modifiers, a byte of nothing,
# and six keys.
DESCRIPTOR = bytes.fromhex(
    "0501 0906 A101"
    "0507 19E0 29E7 1500 2501 7501 9508 8102"
    "9501 7508 8103"
    "9506 7508 1500 2565 0507 1900 2965 8100"
    "C0"
)
LEFT_SHIFT = 0x02
# USB HID Usage Tables, section 10: the keys of a US keyboard from usage 04 on, and their characters with Shift.
USAGES = "abcdefghijklmnopqrstuvwxyz1234567890\n\x1b\b\t -=[]\\\0;'`,./"
SHIFTED = dict(zip('!@#$%^&*()_+{}|:"<>?~', "1234567890-=[]\\;',./`"))


def run(machine):
    """The scenario."""
    console = Console(machine)
    keyboard = Keyboard(machine)
    keyboard.plug()
    (path,) = [path for path, line in devices(machine).items() if line["usb"] == KEYBOARD]
    listed = devices(machine)[path]
    machine.check(
        listed["drivers"] == ["keyboard_wedge"] and "in keyboard mode" in listed["advice"],
        f"`devices` says what {path} is: {listed['advice']}",
    )

    keyboard.type("NOT-GRABBED\n")
    console.wait_for("NOT-GRABBED")
    machine.say("control: what is not grabbed is on the console")

    arguments = f"{KEYBOARD} --driver keyboard_wedge --set idle_ms=0 --reads {len(TEXTS)}"
    recording = Recording(machine, arguments, "/run/keyboard")
    for text in TEXTS:
        keyboard.type(text + "\n")
    machine.check(recording.end() == 0, "the recording ends by itself")
    machine.check(recording.texts() == TEXTS, f"the texts are exact: {recording.texts()}")

    # Silence ends no code, however long the machine takes.
    agent = Agent(machine, device("wedge", "keyboard_wedge", f'usb = {{ id = "{KEYBOARD}" }}', "{ idle_ms = 0 }"))
    agent.wait_for("wedge", phase="open")
    keyboard.type("GRABBED-1\n")
    agent.wait_for("wedge", reads=1)
    keyboard.type("HALF-OF-A-")
    keyboard.unplug()
    lost = agent.wait_for("wedge", phase="waiting")
    machine.check(lost["last_error"] is not None, f"the agent says why it lost the scanner: {lost['last_error']}")
    keyboard.plug()
    agent.wait_for("wedge", phase="open")
    keyboard.type("GRABBED-2\n")
    after = agent.wait_for("wedge", reads=2)
    machine.check(after["garbage_bytes"] > 0, "the scanner is open again, and half a code was none")
    agent.stop()

    keyboard.type("RELEASED\n")
    console.wait_for("RELEASED")
    machine.check(
        console.lines() == ["NOT-GRABBED", "RELEASED"],
        "the console has what was typed before and after the grab, and nothing of what was scanned",
    )


class Keyboard(gadget.Gadget):
    """A keyboard whose keys are pressed by reports. Each is taken from it only when the host has the one before."""

    def __init__(self, machine):
        attributes = {"protocol": "1", "subclass": "1", "report_length": "8", "report_desc": DESCRIPTOR}
        super().__init__(machine, KEYBOARD, "hid.usb0", "keyboard", attributes)

    def plug(self):
        """Plugs it in, and waits until the kernel has made its node."""
        super().plug()
        self.machine.wait(
            lambda: any(line["usb"] == KEYBOARD for line in devices(self.machine).values()), "the input node"
        )

    def type(self, text):
        """Presses and releases the keys for a text, each by an order of its own.

        The kernel keeps 64 events of a keyboard for a reader, which are ten characters, and drops what is more. The
        machine has one processor: while it is given orders, the reader has its turns.
        """
        for character in text:
            base = SHIFTED.get(character, character.lower())
            modifiers = LEFT_SHIFT if base != character else 0
            reports = bytes([modifiers, 0, 0x04 + USAGES.index(base), 0, 0, 0, 0, 0]) + bytes(8)
            self.machine.shell(f"printf {gadget.printf(reports)} >/run/keys; dd if=/run/keys of=/dev/hidg0 bs=8 2>&1")


class Console:
    """What a person at the machine's console would have typed."""

    def __init__(self, machine):
        self.machine = machine
        machine.shell("chvt 1")
        machine.start("cat /dev/tty1", "/run/console")
        # A console that nobody has open forgets what is typed.
        machine.wait(lambda: "/dev/tty1" in machine.shell("ls -l /proc/[0-9]*/fd 2>/dev/null || true"), "the console to be read")

    def lines(self):
        """The lines typed."""
        return self.machine.shell("cat /run/console.out").split()

    def wait_for(self, line):
        """Waits for a line."""
        self.machine.wait(lambda: line in self.lines(), f"{line} on the console")
