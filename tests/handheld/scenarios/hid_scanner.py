"""A scanner in HID point-of-sale mode on hidraw: known by its report descriptor, read, unplugged and back."""

import gadget
from program import Agent, Recording, device, devices

MODULES = ["usbhid", "hid_generic", *gadget.MODULES]
PARAMETERS = {}

# In no driver's list of devices.
SCANNER = "05e0:2100"

# USB HID Point of Sale Usage Tables 1.02: usage page 8C, usage 02, and one input report of 63 bytes: the symbology
# identifier (FB, FC, FD), the data (FE) and whether more follows (FF, one bit).
DESCRIPTOR = bytes.fromhex(
    "058C 0902 A101"
    "8502 1500 26FF00"
    "7508 9503 09FB 09FC 09FD 8102"
    "7508 9538 09FE 820201"
    "7501 9501 2501 09FF 8102"
    "7507 9501 8103"
    "C0"
)
DATA_BYTES = 0x38
REPORT_BYTES = 61


def report(code, more=False):
    """The report of one piece of a code, `]E0` and what follows it."""
    identifier, text = code[:3].encode(), code[3:].encode()
    return b"\x02" + identifier + text.ljust(DATA_BYTES, b"\0") + bytes([more])


def pieces(code):
    """The reports of a code of any length: each but the last says that more follows."""
    identifier, text = code[:3], code[3:]
    parts = [text[start : start + DATA_BYTES] for start in range(0, len(text), DATA_BYTES)]
    return [report(identifier + part, more=number < len(parts)) for number, part in enumerate(parts, start=1)]


def run(machine):
    """The scenario."""
    scanner = gadget.Gadget(
        machine,
        SCANNER,
        "hid.usb0",
        "scanner",
        {"protocol": "0", "subclass": "0", "report_length": str(REPORT_BYTES), "report_desc": DESCRIPTOR},
    )
    scanner.plug()
    machine.wait(lambda: "/dev/hidraw0" in devices(machine), "/dev/hidraw0")
    listed = devices(machine)["/dev/hidraw0"]
    machine.check(
        listed["usb"] == SCANNER and listed["drivers"] == ["hid_pos"] and listed["advice"] is None,
        "`devices` knows the scanner by its descriptor alone",
    )

    codes = [f"]E0{4006381333000 + number}" for number in range(50)]
    recording = Recording(machine, f"{SCANNER} --driver hid_pos --reads {len(codes)}", "/run/hid")
    send(machine, *map(report, codes))
    machine.check(recording.end() == 0, "the recording ends by itself")
    machine.check(recording.texts() == codes, f"{len(codes)} codes arrive in their order, with their identifiers")

    agent = Agent(machine, device("hid", "hid_pos", f'usb = {{ id = "{SCANNER}" }}'))
    agent.wait_for("hid", phase="open")
    send(machine, report("]C0WHOLE-1"))
    agent.wait_for("hid", reads=1)
    long = "]Q3" + "0" * DATA_BYTES
    # The second report is taken from the scanner only when the host has the first.
    send(machine, report(long, more=True), report(long, more=True))
    scanner.unplug()
    lost = agent.wait_for("hid", phase="waiting")
    machine.check(lost["last_error"] is not None, f"the agent says why it lost the scanner: {lost['last_error']}")
    scanner.plug()
    agent.wait_for("hid", phase="open")
    send(machine, report("]C0WHOLE-2"))
    after = agent.wait_for("hid", reads=2)
    machine.check(after["garbage_bytes"] > 0, "the scanner is open again, and the first piece of a code was none")
    agent.stop()


def send(machine, *reports):
    """Sends reports as the scanner, each by one write."""
    for one in reports:
        machine.shell(f"printf {gadget.printf(one)} >/dev/hidg0")
