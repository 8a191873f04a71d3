"""The battery is pulled in mid-scan: what sounded is on disk, the work goes on where it was, and the hub gets each once."""

from hub import ITEM, PIECE, PLACE, RECEIPT
from worker import SerialScanner, Worker

MODULES = ["ftdi_sio", "virtio_net", "virtio_blk", "crc32c_generic", "ext4"]
PARAMETERS = {}
PARTS = {"network": True, "disk_mib": 64}
HUB = True

BURST = 40
"""Pieces that are scanned without a look at the screen."""

HEARD = 12
"""So many of them have sounded when the power goes."""


def run(machine, hub):
    """The scenario."""
    # Nothing goes to the disk but what is synced.
    machine.shell("echo 0 >/proc/sys/vm/dirty_writeback_centisecs; mkdir /data")
    mount(machine)
    worker = Worker(machine, SerialScanner(machine), store="/data")
    worker.enrol(hub, "PO-9001")
    # From here on the device is alone with its disk.
    machine.set_network(False)
    worker.scans(RECEIPT, "good")
    machine.shell("dd if=/dev/zero of=/data/not-synced bs=4k count=64 2>&1")
    worker.scan(*[PIECE] * BURST)
    heard = [worker.hear() for _ in range(HEARD)]
    machine.cut_power()
    machine.check(set(heard) == {"good"}, f"{HEARD} of {BURST} pieces had sounded, all good")

    machine.power_on()
    machine.shell("mkdir /data")
    mount(machine)
    size = machine.run("stat -c %s /data/not-synced")[1]
    machine.check(size != str(64 * 4096), "control: what was written and not synced is lost")
    # No code and no hub's address: what the device knows is on its disk.
    worker = Worker(machine, SerialScanner(machine), store="/data")
    kept = worker.agent.status()["outbox"]["last_seq"]
    machine.check(HEARD <= kept <= BURST, f"every sounded piece is there: {kept} are")
    worker.scans(PIECE, "good")
    status = worker.synced()
    machine.check(status["outbox"]["last_seq"] == kept + 1, "the receipt goes on without being opened again")
    hub.check(kept + 1)
    machine.check(hub.stock(PLACE, ITEM) == kept + 1, f"the hub has {kept + 1} pieces in {PLACE}")
    worker.agent.stop()


def mount(machine):
    """Mounts the disk at /data."""
    machine.shell("mount -t ext4 -o noatime /dev/vda /data")
