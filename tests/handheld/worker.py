"""Somebody with a device in the hand: pulls the trigger, and hears the answers outside the machine."""

import json

from program import Agent, device

ADAPTER = "0403:6001"
SCANNER = "scanner"

CONFIG = """
[intake]
# Hands are quicker here than in life.
duplicate_ms = 0
[sound]
output = "lines"
path = "/dev/virtio-ports/sounds"
"""


class SerialScanner:
    """A scanner on a USB serial adapter."""

    # Silence ends no code, however long the machine takes.
    CONFIG = device(SCANNER, "plain_text", f'usb = {{ id = "{ADAPTER}" }}', '{ suffix = "cr", idle_ms = 0 }')

    def __init__(self, machine):
        self.machine = machine
        self.line = None

    def plug(self):
        """Plugs it in."""
        self.line = self.machine.plug_serial(SCANNER)

    def unplug(self):
        """Pulls it out."""
        self.machine.unplug_serial(SCANNER, self.line)

    def send(self, codes):
        """Sends codes, one after the other."""
        self.line.sendall("".join(f"{code}\r" for code in codes).encode())


class Worker:
    """An agent, its scanner, and who works with them. What sounds leaves the machine at once, and is heard also of one whose
    power was cut then. The device knows no hub but the one that is in its store."""

    def __init__(self, machine, scanner, more="", store=None):
        self.machine = machine
        self.scanner = scanner
        self.unheard = b""
        scanner.plug()
        self.agent = Agent(machine, scanner.CONFIG, more=CONFIG + more, hub="", store=store)
        self.agent.wait_for(SCANNER, phase="open")

    def enrol(self, hub, document):
        """Sets the device up with a code of the hub's page, by one scan. `document` is of a task that it must have then."""
        self.scan("]Q1" + hub.set_up_code("virtual"))
        self.agent.wait_until(lambda status: status["link"]["state"] == "online", "the link to the hub")
        # It started anew with what it was told.
        self.agent.wait_for(SCANNER, phase="open")
        self.machine.wait(lambda: document in json.dumps(self.agent.shown()["view"]), f"{document} on the screen")
        self.machine.check(True, "the device is set up by one scan, and has its tasks")

    def scan(self, *codes):
        """Sends codes, one after the other, without waiting for answers."""
        self.scanner.send(codes)

    def hear(self):
        """The next answer that sounds. News of the hub is calm, and answers nothing."""
        while True:
            while b"\n" not in self.unheard:
                self.unheard += self.machine.hear()
            line, self.unheard = self.unheard.split(b"\n", 1)
            outcome = json.loads(line)["sound"]
            if outcome != "calm":
                return outcome

    def scans(self, code, outcome, count=1):
        """Scans so often, and each time hears this outcome."""
        for _ in range(count):
            self.scan(code)
            heard = self.hear()
            if heard != outcome:
                self.machine.check(False, f"{code} sounds {outcome}, and not {heard}: {self.agent.says()}")

    def synced(self):
        """Waits until the hub has everything; gives the status."""
        return self.agent.wait_until(
            lambda status: status["outbox"]["waiting"] == 0 and status["link"]["state"] == "online", "an empty outbox"
        )
