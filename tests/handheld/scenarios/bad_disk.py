"""The store's disk is full, then fails: no good sound and the reason on the screen; with room, or whole again, the work goes on."""

from hub import ITEM, PIECE, PLACE, RECEIPT
from scenarios.power_cut import mount
from worker import SerialScanner, Worker

MODULES = ["ftdi_sio", "virtio_net", "virtio_blk", "crc32c_generic", "ext4"]
PARAMETERS = {}
PARTS = {"network": True, "disk_mib": 64}
HUB = True

TRIES = 200
"""Pieces that may still find room in the store's own files when nothing is free any more."""


def run(machine, hub):
    """The scenario."""
    machine.shell("mkdir /data")
    mount(machine)
    worker = Worker(machine, SerialScanner(machine), store="/data")
    worker.enrol(hub, "PO-9001")
    worker.scans(RECEIPT, "good")
    worker.scans(PIECE, "good", count=3)
    worker.synced()
    pieces = full(machine, worker)
    pieces = failing(machine, worker, pieces)
    worker.synced()
    hub.check(pieces)
    machine.check(hub.stock(PLACE, ITEM) == pieces, f"the hub has {pieces} pieces in {PLACE}")
    worker.agent.stop()


def full(machine, worker):
    """Nothing is free on the disk, and then something is. Gives how many pieces were counted until then."""
    machine.run("dd if=/dev/zero of=/data/filler bs=64k; dd if=/dev/zero of=/data/filler-of-the-rest bs=512")
    machine.say("the disk is full")
    outcomes = []
    while "storage_failure" not in outcomes and len(outcomes) < TRIES:
        worker.scan(PIECE)
        outcomes.append(worker.hear())
    *before, last = outcomes
    machine.check(
        last == "storage_failure" and set(before) <= {"good"},
        f"a piece for which there is no room is refused with the sound for it, after {len(before)} that had room",
    )
    said = worker.agent.says()
    status = worker.agent.status()
    machine.check("is full" in said and "not counted" in said, f"and with words: {said}")
    machine.check(status["store"]["health"] == "full" and not status["outbox"]["safe"], "`status` says it too")
    counted = status["outbox"]["last_seq"]
    machine.check(counted == 3 + len(before), "what was refused is not counted")
    machine.check(worker.agent.doctor()["disk"]["grade"] == "wrong", "`doctor` finds the full disk")
    worker.scans(PIECE, "storage_failure")
    machine.shell("rm /data/filler*")
    worker.scans(PIECE, "good")
    status = worker.agent.status()
    machine.check(status["store"]["health"] == "good", "with room again it goes on by itself")
    return counted + 1


def failing(machine, worker, pieces):
    """Nothing can be written. Gives how many pieces were counted in the end."""
    machine.break_disk(True)
    worker.scans(PIECE, "storage_failure")
    status = machine.ended(worker.agent.log)
    machine.check(status == 1, "the agent ends in order, so that its next start looks at what is stored")
    said = worker.agent.said()
    machine.check("the disk that holds /data/agent.db has failed" in said, f"it says why: {said.splitlines()[-1]}")
    machine.check("panicked" not in said, "nothing panicked")
    machine.break_disk(False)
    # What journalled under a failing disk is read-only until it is mounted anew.
    machine.shell("umount /data")
    mount(machine)
    worker.agent.start()
    worker.agent.wait_for("scanner", phase="open")
    machine.check(worker.agent.status()["outbox"]["last_seq"] == pieces, "started again, it has what had sounded and no more")
    worker.scans(PIECE, "good")
    return pieces + 1
