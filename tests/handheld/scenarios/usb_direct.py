"""Scanners that no driver of the kernel makes a node of, read and written through USB directly."""

import gadget
from machine import lines_that_match
from program import Agent, Recording, device, devices

MODULES = [*gadget.MODULES, "usbmon"]
LATER = ["cdc_acm"]
PARAMETERS = {}

# Ids of scanners that send as they are, behind a count, and with a dialogue; and of one that the kernel knows.
PLAIN = "0c2e:0730"
COUNTED = "05e0:0600"
HONEYWELL = "0c2e:0720"
CDC = "05e0:1701"

BURST = [f"DIRECT-{number:05d}" for number in range(2000)]
# A code that fills a packet of 512 bytes with its suffix: the device must say that nothing follows.
WHOLE_PACKET = "P" * 511
# What the honeywell driver asks when the link opens, an answer with which it is content, and a code with metadata.
QUESTION = b"\x16M\rBEPBEP?;DECHDR?."
ANSWER = b"BEPBEP0\x06;DECHDR1\x06."
MESSAGE = b"\x16\xfe\x1c\x00\x00\x00\rMSGGET0014dE0\x1d4006381333931\r"


def run(machine):
    """The scenario."""
    plain = gadget.Gadget(machine, PLAIN, "gser.usb0", "plain")
    plain.plug()
    machine.wait(lambda: by_id(machine, PLAIN), "the device")
    listed = by_id(machine, PLAIN)
    machine.check(
        listed["kind"] == "usb" and listed["drivers"] == ["plain_text"] and listed["may_open"],
        f"`devices` lists {listed['path']} with a driver",
    )
    burst(machine)
    unplugged(machine, plain)
    plain.remove()
    counted(machine)
    written(machine)
    communications(machine)


def burst(machine):
    """A burst arrives whole, although the program does not run while it is sent."""
    recording = Recording(
        machine, f"{PLAIN} --set suffix=cr --set idle_ms=0 --reads {len(BURST) + 2}", "/run/direct"
    )
    machine.shell(f"kill -STOP {recording.id}")
    machine.write("/run/burst", "".join(f"{code}\r" for code in BURST))
    sender = machine.start("sh -c 'cat /run/burst >/dev/ttyGS0'", "/run/sender")
    machine.wait(
        lambda: machine.run(f"cat /proc/{sender}/wchan")[1] == "wait_woken", "the scanner to wait for the program"
    )
    machine.shell(f"kill -CONT {recording.id}")
    machine.check(machine.ended("/run/sender") == 0, "the scanner gets rid of everything")
    gadget.send(machine, f"{WHOLE_PACKET}\r".encode())
    gadget.send(machine, b"LAST\r")
    machine.check(recording.end() == 0, "the recording ends by itself")
    machine.check(
        recording.texts() == [*BURST, WHOLE_PACKET, "LAST"],
        f"{len(BURST)} codes in a burst and one that fills a packet arrive in their order",
    )


def unplugged(machine, scanner):
    """Unplugged in the middle of a code, and back."""
    agent = Agent(machine, plain_text(f'id = "{PLAIN}"'))
    agent.wait_for("scanner", phase="open")
    gadget.send(machine, b"WHOLE-1\rHALF-OF-A-")
    agent.wait_for("scanner", reads=1)
    scanner.unplug()
    lost = agent.wait_for("scanner", phase="waiting")
    machine.check(lost["last_error"] is not None, f"the agent says why it lost the scanner: {lost['last_error']}")
    scanner.plug()
    agent.wait_for("scanner", phase="open")
    gadget.send(machine, b"WHOLE-2\r")
    after = agent.wait_for("scanner", reads=2)
    machine.check(after["garbage_bytes"] == 10, "the half code is dropped and counted, and nothing else is")
    agent.stop()


def counted(machine):
    """The count before the bytes of each packet is no part of a code."""
    scanner = gadget.Gadget(machine, COUNTED, "gser.usb0", "counted")
    scanner.plug()
    machine.wait(lambda: by_id(machine, COUNTED), "the device")
    recording = Recording(machine, f"{COUNTED} --set idle_ms=0 --reads 1", "/run/counted")
    # The second packet is longer than its count.
    gadget.send(machine, b"\x0740063\x38\x31")
    gadget.send(machine, b"\x07333931\rgarbage")
    machine.check(recording.end() == 0, "the recording ends by itself")
    machine.check(recording.texts() == ["4006381333931"], "counted packets are read as what they hold")
    scanner.remove()


def written(machine):
    """What a driver writes goes out."""
    scanner = gadget.Gadget(machine, HONEYWELL, "gser.usb0", "honeywell")
    scanner.plug()
    # On one opening: what a line is set to may be forgotten when nobody has it open.
    machine.start("sh -c 'exec </dev/ttyGS0; stty raw -echo; cat'", "/run/asked")
    machine.wait(lambda: "-icanon" in machine.shell("stty -a -F /dev/ttyGS0"), "a line without an editor")
    agent = Agent(machine, device("scanner", "honeywell", f'usb = {{ id = "{HONEYWELL}" }}'))
    machine.wait(lambda: QUESTION.hex() in machine.shell("xxd -p -c 256 /run/asked.out"), "the driver's question")
    machine.say("ok: the driver's question has gone out as it is in the manual")
    gadget.send(machine, ANSWER)
    gadget.send(machine, MESSAGE)
    read = agent.wait_for("scanner", reads=1)
    machine.check(read["garbage_bytes"] == 0, "the dialogue goes both ways, and a code with metadata is read")
    agent.stop()
    scanner.remove()


def communications(machine):
    """A serial device of the standard class: without the kernel's driver, and taken from it."""
    scanner = gadget.Gadget(machine, CDC, "acm.usb0", "cdc")
    machine.shell("mount -t debugfs debugfs /sys/kernel/debug")
    machine.start("cat /sys/kernel/debug/usb/usbmon/0u", "/run/usbmon")
    scanner.plug()
    agent = Agent(machine, plain_text(f'id = "{CDC}", baud = 115200'))
    agent.wait_for("scanner", phase="open")
    gadget.send(machine, b"WITHOUT-DRIVER\r")
    agent.wait_for("scanner", reads=1)
    agent.stop()
    asked = machine.shell("cat /run/usbmon.out")
    # USB CDC PSTN 1.2, sections 6.3.10 and 6.3.12: 115200 baud, one stop bit, no parity, 8 data bits; DTR and RTS.
    machine.check(lines_that_match(asked, "s 21 20 0000 0000 0007 7 = 00c20100 000008"), "its line is set: 115200 8N1")
    machine.check(lines_that_match(asked, "s 21 22 0003 0000 0000 0"), "its control lines are set")

    machine.shell("insmod /lib/modules/cdc_acm.ko")
    machine.wait(lambda: "/dev/ttyACM0" in devices(machine), "/dev/ttyACM0")
    machine.check(by_id(machine, CDC)["kind"] == "serial", "with the kernel's driver it is listed by its port alone")
    agent = Agent(machine, plain_text(f'id = "{CDC}", interface = 1'))
    held = agent.wait_for("scanner", phase="waiting")
    machine.check("held by the kernel's driver cdc_acm" in held["last_error"], held["last_error"])
    agent.stop()

    agent = Agent(machine, plain_text(f'id = "{CDC}", detach = true'))
    agent.wait_for("scanner", phase="open")
    machine.check(machine.run("test -e /dev/ttyACM0")[0] != 0, "where configured it is taken from the kernel's driver")
    gadget.send(machine, b"DETACHED\r")
    agent.wait_for("scanner", reads=1)
    agent.stop()
    machine.wait(lambda: machine.run("test -e /dev/ttyACM0")[0] == 0, "/dev/ttyACM0 to return")
    machine.say("ok: the kernel's driver has it again when the agent has ended")


def plain_text(link):
    """A device of plain text whose codes no silence ends, however long the machine takes."""
    return device("scanner", "plain_text", f"usb = {{ {link} }}", '{ suffix = "cr", idle_ms = 0 }')


def by_id(machine, usb_id):
    """What `devices` lists for these ids, or `None`."""
    return next((line for line in devices(machine).values() if line["usb"] == usb_id), None)
