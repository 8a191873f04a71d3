"""A scanner that is a keyboard: grabbed, its text exact, nothing of it on the console, unplugged and back."""

from program import Agent, Recording, device, devices

MODULES = ["usbhid", "hid_generic", "evdev"]
# The keyboard is asked each millisecond.
PARAMETERS = {"usbhid": "kbpoll=1"}

KEYBOARD = "0627:0001"
TEXTS = ["4006381333931", "Ab-12/$%+ [x]", "]C10104006381333931", "UPPER lower 123", "#_{|}~<>?!"]


def run(machine):
    """The scenario."""
    console = Console(machine)
    plug(machine)
    (path,) = [path for path, line in devices(machine).items() if line["usb"] == KEYBOARD]
    listed = devices(machine)[path]
    machine.check("keyboard" in listed["advice"], f"`devices` says what {path} is: {listed['advice']}")

    machine.type_keys("NOT-GRABBED\n")
    console.wait_for("NOT-GRABBED")
    machine.say("control: what is not grabbed is on the console")

    arguments = f"{KEYBOARD} --driver keyboard_wedge --set idle_ms=0 --reads {len(TEXTS)}"
    recording = Recording(machine, arguments, "/run/keyboard")
    for text in TEXTS:
        machine.type_keys(text + "\n")
    machine.check(recording.end() == 0, "the recording ends by itself")
    machine.check(recording.texts() == TEXTS, f"the texts are exact: {recording.texts()}")

    # Silence ends no code, however long the machine takes.
    agent = Agent(machine, device("wedge", "keyboard_wedge", f'usb = {{ id = "{KEYBOARD}" }}', "{ idle_ms = 0 }"))
    agent.wait_for("wedge", phase="open")
    machine.type_keys("GRABBED-1\n")
    agent.wait_for("wedge", reads=1)
    # Again where the keyboard went before its keys had come.
    machine.wait(lambda: loses_half_a_code(machine, agent), "half a code to be dropped")
    machine.type_keys("GRABBED-2\n")
    agent.wait_for("wedge", reads=2)
    machine.say("ok: the scanner is open again, and half a code was none")
    agent.stop()

    machine.type_keys("RELEASED\n")
    console.wait_for("RELEASED")
    machine.check(
        console.lines() == ["NOT-GRABBED", "RELEASED"],
        "the console has what was typed before and after the grab, and nothing of what was scanned",
    )


def loses_half_a_code(machine, agent):
    """Unplugs in the middle of a code and plugs in again; whether something was dropped."""
    machine.type_keys("HALF-OF-A-")
    machine.unplug("scanner")
    lost = agent.wait_for("wedge", phase="waiting")
    machine.check(lost["last_error"] is not None, f"the agent says why it lost the scanner: {lost['last_error']}")
    plug(machine)
    return agent.wait_for("wedge", phase="open")["garbage_bytes"] > 0


def plug(machine):
    """Plugs the keyboard in, and waits until the kernel has made its node."""
    machine.plug("usb-kbd", "scanner", "ehci.0")
    machine.wait(
        lambda: any(line["usb"] == KEYBOARD for line in devices(machine).values()), "the keyboard's input node"
    )


class Console:
    """What a person at the machine's console would have typed."""

    def __init__(self, machine):
        self.machine = machine
        machine.shell("chvt 1")
        machine.start("cat /dev/tty1", "/run/console")

    def lines(self):
        """The lines typed."""
        return self.machine.shell("cat /run/console.out").split()

    def wait_for(self, line):
        """Waits for a line."""
        self.machine.wait(lambda: line in self.lines(), f"{line} on the console")
