"""Nodes that the user may not open: listed with the udev line that allows it, and opened as soon as it is allowed."""

import gadget
from program import Agent, as_user, device, devices

MODULES = ["ftdi_sio", "usbhid", "hid_generic", *gadget.MODULES]
PARAMETERS = {}

FTDI = "0403:6001"
DIRECT = "0c2e:0700"
USER = "worker"


def run(machine):
    """The scenario."""
    line = machine.plug_serial("scanner")
    gadget.Gadget(machine, DIRECT, "gser.usb0", "direct").plug()
    wanted = {FTDI, DIRECT}
    machine.wait(lambda: wanted <= {line["usb"] for line in devices(machine, USER).values()}, "both devices")
    listed = devices(machine, USER)
    (direct_path,) = [path for path, line in listed.items() if line["usb"] == DIRECT]
    for path, subsystem, usb_id in [("/dev/ttyUSB0", "tty", FTDI), (direct_path, "usb", DIRECT)]:
        vendor, product = usb_id.split(":")
        (rule,) = listed[path]["allow_with"]
        machine.check(
            not listed[path]["may_open"]
            and rule.startswith(f'SUBSYSTEM=="{subsystem}"')
            and f'ATTRS{{idVendor}}=="{vendor}", ATTRS{{idProduct}}=="{product}"' in rule
            and 'GROUP="tallyman", MODE="0660"' in rule,
            f"{path} may not be opened, and is listed with {rule}",
        )
    (rule,) = listed["/dev/ttyS0"]["allow_with"]
    machine.check('KERNEL=="ttyS0"' in rule, f"a port without USB is listed with {rule}")
    text = machine.shell(as_user(USER, "tallyman devices"))
    machine.check("may not be opened by this user" in text and "60-tallyman.rules" in text, "people are told as well")

    agent = Agent(
        machine,
        device("port", "plain_text", f'usb = {{ id = "{FTDI}" }}'),
        device("direct", "plain_text", f'usb = {{ id = "{DIRECT}" }}'),
        user=USER,
    )
    for name in ["port", "direct"]:
        refused = agent.wait_for(name, phase="waiting")
        machine.check("install the udev rules" in refused["last_error"], f"{name}: {refused['last_error']}")
    # What the line makes udev do, of which the machine has none.
    machine.shell(f"chgrp tallyman /dev/ttyUSB0 {direct_path}; chmod 0660 /dev/ttyUSB0 {direct_path}")
    for name in ["port", "direct"]:
        agent.wait_for(name, phase="open")
    line.sendall(b"ALLOWED\r")
    agent.wait_for("port", reads=1)
    gadget.send(machine, b"ALLOWED\r")
    agent.wait_for("direct", reads=1)
    listed = devices(machine, USER)
    machine.check(
        listed["/dev/ttyUSB0"]["may_open"] and listed[direct_path]["may_open"],
        "with the line's group and mode both are open, and listed so",
    )
    agent.stop()
