"""A device whose clock says 1970 and then jumps: it works, says so, and the order of its confirmations is not by the clock."""

from hub import ITEM, PIECE, PLACE, RECEIPT
from worker import SerialScanner, Worker

MODULES = ["ftdi_sio", "virtio_net"]
PARAMETERS = {}
PARTS = {"network": True, "date": "1970-01-01T00:00:00"}
HUB = True

YEARS = ["2031", "1970", "1999"]
"""What the clock says before one piece each."""


def run(machine, hub):
    """The scenario."""
    machine.check(machine.shell("date -u +%Y") == "1970", "the machine's clock says 1970")
    worker = Worker(machine, SerialScanner(machine))
    findings = worker.agent.doctor()
    machine.check(findings["clock"]["grade"] == "wrong", f"`doctor` says so: {findings['clock']['text']}")
    # The hub's certificate is not valid yet, by this clock; the device knows it by its key.
    worker.enrol(hub, "PO-9001")
    findings = worker.agent.doctor()
    machine.check(findings["time"]["grade"] != "good", f"and by how much: {findings['time']['text']}")
    worker.scans(RECEIPT, "good")
    for year in YEARS:
        machine.shell(f"date -u -s {year}-06-01 >/dev/null")
        worker.scans(PIECE, "good")
    worker.synced()
    count = len(YEARS)
    hub.check(count)
    machine.check(hub.stock(PLACE, ITEM) == count, f"the hub has {count} pieces in {PLACE}")
    bodies = [body for _, body in hub.confirmations()]
    machine.check([body["wall"][:4] for body in bodies] == YEARS, f"each has the time of the device's clock: {YEARS}")
    since_boot = [body["boottime_us"] for body in bodies]
    machine.check(
        since_boot == sorted(since_boot) and len({body["boot"] for body in bodies}) == 1,
        "and the time since the machine's start, by which they are in order",
    )
    worker.agent.stop()
