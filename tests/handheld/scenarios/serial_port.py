"""A scanner on a USB serial adapter: line settings, a burst, unplugged in a code, back as another node."""

from machine import lines_that_match
from program import Agent, Recording, device, devices

MODULES = ["ftdi_sio"]
PARAMETERS = {}

FTDI = "0403:6001"
# Silence ends no code, however long the machine takes.
NO_IDLE = "{ suffix = \"cr\", idle_ms = 0 }"
BURST = [f"BURST-{number:05d}" for number in range(1200)]


def run(machine):
    """The scenario."""
    line = machine.plug_serial("scanner")
    machine.wait(lambda: "/dev/ttyUSB0" in devices(machine), "/dev/ttyUSB0")
    listed = devices(machine)["/dev/ttyUSB0"]
    machine.check(
        listed["usb"] == FTDI and listed["drivers"] == ["plain_text"] and listed["may_open"],
        "`devices` lists the port with its USB id and a driver",
    )
    line_settings(machine, line)
    burst(machine, line)
    line = half_a_code(machine, line)
    line.close()


def line_settings(machine, line):
    """What is configured reaches the adapter."""
    link = """serial = { path = "/dev/ttyUSB0", baud = 19200, data_bits = 7, parity = "even", stop_bits = 2,
               dtr = "on", rts = "off" }"""
    agent = Agent(machine, device("scanner", "plain_text", link.replace("\n", " ")))
    agent.wait_for("scanner", phase="open")
    line.sendall(b"4006381333931\r")
    agent.wait_for("scanner", reads=1)
    agent.stop()
    trace = machine.serial_trace()
    # FTDI's SET_MODEM_CTRL: the high byte says which line is meant, the low byte its level.
    for what, pattern in {
        "19200 baud": r"usb_serial_set_baud .* 19200",
        "even parity, 7 data bits, 2 stop bits": r"usb_serial_set_data .* parity E, data bits 7, stop bits 2",
        "DTR on": r"usb_serial_handle_control .* control 0x4001, value 0x101\b",
        "RTS off": r"usb_serial_handle_control .* control 0x4001, value 0x200\b",
    }.items():
        machine.check(lines_that_match(trace, pattern), f"the adapter is told {what}")


def burst(machine, line):
    """A burst arrives whole and in order."""
    recording = Recording(machine, f"{FTDI} --set suffix=crlf --set idle_ms=0 --reads {len(BURST)}", "/run/burst")
    line.sendall("".join(f"{code}\r\n" for code in BURST).encode())
    machine.check(recording.end() == 0, "the recording ends by itself")
    machine.check(recording.texts() == BURST, f"{len(BURST)} codes in a burst arrive in their order")


def half_a_code(machine, line):
    """Half a code at an unplugging is no code, and the device is the same on another node."""
    agent = Agent(machine, device("scanner", "plain_text", f'usb = {{ id = "{FTDI}" }}', NO_IDLE))
    agent.wait_for("scanner", phase="open")
    line.sendall(b"WHOLE-1\rHALF-OF-A-")
    agent.wait_for("scanner", reads=1)
    # Somebody else keeps the old node, so that its name is taken when the device returns.
    holder = machine.shell("sleep 100000 >/dev/null 2>&1 </dev/ttyUSB0 & echo $!")
    machine.wait(
        lambda: machine.run(f"readlink /proc/{holder}/fd/0")[1] == "/dev/ttyUSB0", "the old node held by somebody else"
    )
    machine.unplug_serial("scanner", line)
    lost = agent.wait_for("scanner", phase="waiting")
    machine.check(lost["last_error"] is not None, f"the agent says why it lost the scanner: {lost['last_error']}")
    line = machine.plug_serial("scanner")
    agent.wait_for("scanner", phase="open")
    machine.say("the scanner is open again")
    machine.check(
        machine.shell("ls /dev/ttyUSB*") == "/dev/ttyUSB1", "the scanner has come back as /dev/ttyUSB1"
    )
    line.sendall(b"WHOLE-2\r")
    after = agent.wait_for("scanner", reads=2)
    machine.check(after["garbage_bytes"] == 10, "the half code is dropped and counted, and nothing else is")
    agent.stop()
    machine.check("events cannot be heard" not in agent.said(), "the kernel's device events are heard")
    return line
