"""The device sleeps (S3) while its scanner is unplugged and comes back under another node: scanner and panel are there again."""

import panel
from worker import ADAPTER, SCANNER, SerialScanner, Worker
from hub import PIECE, RECEIPT

MODULES = ["bochs", "ftdi_sio", "virtio_net"]
PARAMETERS = {}
SIZE = (240, 320)
DEVICES = [f"bochs-display,id=lcd,xres={SIZE[0]},yres={SIZE[1]}"]
PARTS = {"network": True, "sleeps": True}
HUB = True


def run(machine, hub):
    """The scenario."""
    worker = Worker(machine, SerialScanner(machine), more=panel.screen("framebuffer", 0))
    agent = worker.agent
    worker.enrol(hub, "PO-9001")
    worker.scans(RECEIPT, "good")
    worker.scans(PIECE, "good")
    machine.wait(lambda: panel.is_shown(machine, agent, 0), "the picture on the panel")
    before = agent.device(SCANNER)
    # Somebody else keeps the old node, so that its name is taken when the scanner returns.
    machine.shell(f"sleep 100000 >/dev/null 2>&1 <{before['node']} &")

    machine.sleep()
    worker.scanner.unplug()
    worker.scanner.plug()
    machine.wake()
    pictures = agent.status()["panel"]["pictures"]
    after = machine.wait(lambda: elsewhere(agent, before["node"]), "the scanner's return")
    machine.check(True, f"the scanner was {before['node']} and is {after['node']}, by its USB id {ADAPTER}")
    worker.scans(PIECE, "good")
    machine.check(agent.status()["outbox"]["last_seq"] == 2, "the next scan counts")
    machine.wait(lambda: agent.status()["panel"]["pictures"] > pictures, "a new picture")
    machine.wait(lambda: panel.is_shown(machine, agent, 0), "the picture on the panel")
    machine.check(True, "the panel shows it")
    worker.synced()
    hub.check(2)
    agent.stop()


def elsewhere(agent, node):
    """The scanner's status, once it is open under another node."""
    found = agent.device(SCANNER)
    return found if found["phase"] == "open" and found["node"] != node else None
