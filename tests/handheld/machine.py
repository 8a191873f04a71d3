"""A handheld in software: a PC of QEMU's with USB controllers, whose shell takes orders from here.

Nothing here asserts a time. What is waited for is asked again and again, with the patience of a slow and busy host.
"""

import base64
import json
import os
import re
import shlex
import socket
import subprocess
import tempfile
import time

PATIENCE_S = 120
"""How long anything may take: emulation on a busy host is slow."""

LOOK_S = 0.05
"""How often what is waited for is looked at."""

HOST = "10.0.2.2"
"""Where the machine's network has the host. Its loopback answers there. (QEMU, System Emulation, user networking.)"""

ADDRESS = "10.0.2.15"
"""The machine's own address."""

FAILURES = [{"event": "none", "iotype": kind, "errno": 5, "once": False} for kind in ("write", "write-zeroes")]
BROKEN = {"driver": "blkdebug", "node-name": "broken", "image": "image", "inject-error": FAILURES}
"""A disk on which nothing can be written: input/output error, 5 (errno(3))."""


class Failed(Exception):
    """A scenario does not hold; the message says what."""


class Machine:
    """One machine. Its logs are in `folder`.

    `devices` are more devices of QEMU's. `network` gives it one, with the host at `HOST`; `disk_mib` a disk, `/dev/vda`;
    `date` is what its clock says at power on; with `sleeps` it can be suspended.
    """

    def __init__(self, folder, kernel, initramfs, devices=(), network=False, disk_mib=0, date="", sleeps=False):
        self.folder = folder
        self.began = time.monotonic()
        self.network = network
        self.disk = f"{folder}/disk" if disk_mib else ""
        self.date = date
        # A machine that QEMU starts without its BIOS does not come back from sleep.
        self.kernel_image = kernel.packed if sleeps else kernel.unpacked
        if disk_mib:
            make_disk(self.disk, disk_mib)
        self.steps = open(f"{folder}/steps.log", "w", encoding="utf8")
        # Paths of sockets are short by law.
        self.sockets = tempfile.TemporaryDirectory(prefix="handheld")
        with open(f"{folder}/initramfs", "wb") as file:
            file.write(initramfs)
        self.devices = devices
        self.process = None
        self.power_on()

    def power_on(self):
        """Starts it, and waits until it takes orders."""
        self.number = 0
        self.unread = b""
        self.process = subprocess.Popen(
            self.command(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=open(f"{self.folder}/qemu.log", "a", encoding="utf8"),
        )
        try:
            self.monitor = Monitor(self.connect("monitor"))
            self.orders = self.connect("orders")
            self.orders.settimeout(PATIENCE_S)
            self.sounds = self.connect("sounds")
            self.sounds.settimeout(PATIENCE_S)
            self.read_line()
            if self.network:
                self.shell(f"ip address add {ADDRESS}/24 dev eth0 && ip link set eth0 up")
        except BaseException:
            self.power_off()
            raise
        self.say("ready")

    def cut_power(self):
        """Pulls the battery: what the machine has not written to its disk is gone."""
        self.process.kill()
        self.process.wait()
        for end in (self.orders, self.sounds, self.monitor):
            end.close()
        self.say("the power is cut")

    def command(self):
        """The command line of QEMU."""

        def port(name):
            return f"socket,id={name},path={self.sockets.name}/{name},server=on,wait=off"

        words = f"""
            qemu-system-x86_64 -accel tcg,thread=multi -machine q35,i8042=off,vmport=off -cpu max,la57=off
            -smp 1 -m 512 -nodefaults -no-user-config -display none -vga none -no-reboot
            -kernel {self.kernel_image} -initrd {self.folder}/initramfs
            -chardev file,id=console,path={self.folder}/kernel.log,append=on -serial chardev:console
            -chardev {port("monitor")} -mon chardev=monitor,mode=control
            -chardev {port("orders")} -device virtio-serial-pci -device virtserialport,chardev=orders,name=orders
            -chardev {port("sounds")} -device virtserialport,chardev=sounds,name=sounds
            -device qemu-xhci,id=xhci,p2=8,p3=8
            -trace usb_serial_*,file={self.folder}/usb-serial.log
        """.split()
        kernel_words = "console=ttyS0 quiet loglevel=6 panic=-1 mitigations=off random.trust_cpu=on tsc=reliable no_timer_check"
        if self.network:
            words += ["-netdev", "user,id=network,restrict=off", "-device", "virtio-net-pci,netdev=network,romfile="]
        if self.disk:
            # The two ways to the image: the second one fails whatever is written (see `break_disk`).
            words += ["-blockdev", f"driver=file,node-name=image,filename={self.disk}"]
            words += ["-blockdev", json.dumps(BROKEN), "-blockdev", "driver=raw,node-name=disk,file=image"]
            words += ["-device", "virtio-blk-pci,drive=disk,werror=report,rerror=report"]
        if self.date:
            words += ["-rtc", f"base={self.date}"]
        more = [word for device in self.devices for word in ("-device", device)]
        return [*words, *more, "-append", kernel_words]

    def set_network(self, is_up):
        """Plugs the network's cable in, or pulls it."""
        self.monitor.ask("set_link", name="network", up=is_up)
        self.say("the network is there" if is_up else "the network is gone")

    def break_disk(self, is_broken):
        """From now on the disk fails everything that is written, or is whole again."""
        option = {"driver": "raw", "node-name": "disk", "file": "broken" if is_broken else "image"}
        self.monitor.ask("blockdev-reopen", options=[option])
        self.say("the disk fails what is written" if is_broken else "the disk is whole again")

    def connect(self, name):
        """A connection to one of QEMU's sockets, when it is there."""

        def attempt():
            if self.process.poll() is not None:
                with open(f"{self.folder}/qemu.log", encoding="utf8") as log:
                    raise Failed(f"QEMU ended: {log.read()}")
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.connect(f"{self.sockets.name}/{name}")
            except OSError:
                connection.close()
                return None
            return connection

        return self.wait(attempt, f"QEMU's {name}")

    def power_off(self):
        """Ends the machine for good, and no other."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.sockets.cleanup()
        os.unlink(f"{self.folder}/initramfs")

    def sleep(self):
        """Suspends it to RAM (S3), and waits until it sleeps. The order is answered by the machine that is awake again."""
        self.order("echo deep >/sys/power/mem_sleep && echo mem >/sys/power/state")
        self.monitor.event("SUSPEND", lambda data: True)
        self.say("asleep")

    def wake(self):
        """Wakes it, and waits until it takes orders."""
        self.monitor.ask("system_wakeup")
        self.monitor.event("WAKEUP", lambda data: True)
        status, said = self.answer()
        self.check(status == 0, f"awake again {said}".strip())

    # What happens, for people.

    def say(self, text):
        """Writes down a step of the scenario."""
        line = f"[{time.monotonic() - self.began:7.2f} s] {text}"
        print(f"{os.path.basename(self.folder)} {line}", flush=True)
        self.steps.write(line + "\n")
        self.steps.flush()

    def check(self, holds, text):
        """Writes down what holds; fails where it does not."""
        if not holds:
            raise Failed(text)
        self.say(f"ok: {text}")

    def wait(self, attempt, what):
        """Asks until there is an answer that is neither `None` nor `False`, and gives it."""
        until = time.monotonic() + PATIENCE_S
        while True:
            answer = attempt()
            if answer is not None and answer is not False:
                return answer
            if time.monotonic() > until:
                raise Failed(f"waited {PATIENCE_S} s in vain for {what}")
            time.sleep(LOOK_S)

    # The shell of the machine.

    def shell(self, command, may_fail=False):
        """What a command says. It is an error if it fails, unless it may."""
        status, answer = self.run(command)
        if status and not may_fail:
            raise Failed(f"`{command}` ended with {status}: {answer}")
        return answer

    def run(self, command):
        """The exit status of a command and what it says."""
        self.order(command)
        return self.answer()

    def order(self, command):
        """Gives an order, whose answer is asked for later."""
        self.number += 1
        # On one line, whatever is in it.
        order = base64.b64encode(command.encode()).decode()
        self.orders.sendall(f"{self.number} {order}\n".encode())

    def answer(self):
        """The exit status of the order that was given, and what it said."""
        # What a command said nothing to ends in a space.
        number, status, said = self.read_line().split(" ")
        if int(number) != self.number:
            raise Failed(f"the machine answers order {number} and was given order {self.number}")
        return int(status), base64.b64decode(said).decode("utf8", "replace").strip()

    def read_line(self):
        """The next line that the machine sends."""
        while b"\n" not in self.unread:
            self.receive()
        line, self.unread = self.unread.split(b"\n", 1)
        return line.decode()

    def receive(self):
        """Takes more of what the machine sends."""
        try:
            more = self.orders.recv(65536)
        except socket.timeout:
            raise Failed("the machine does not answer") from None
        if not more:
            raise Failed("the machine has ended; see kernel.log")
        self.unread += more

    def hear(self):
        """More of what programs write to the port for sounds."""
        try:
            more = self.sounds.recv(4096)
        except socket.timeout:
            raise Failed("nothing sounds") from None
        if not more:
            raise Failed("the machine has ended; see kernel.log")
        return more

    def write(self, path, text):
        """Makes a file in the machine."""
        self.shell(f"printf %s {shlex.quote(text)} > {path}")

    def start(self, command, log):
        """Starts a program that goes on, and gives its id. What it says goes to the files LOG.out and LOG.err, and its
        exit status in the end to LOG.status."""
        waits = f"{command} >{log}.out 2>{log}.err & echo $! >{log}.id; wait $!; echo $? >{log}.status"
        self.shell(f"rm -f {log}.out {log}.err {log}.id {log}.status")
        self.shell(f"setsid sh -c {shlex.quote(waits)} </dev/null >/dev/null 2>&1 &")
        return int(self.wait(lambda: self.run(f"cat {log}.id")[1].strip() or None, f"the start of {command}"))

    def ended(self, log):
        """Waits for a program that was started, and gives its exit status."""
        return int(self.wait(lambda: self.run(f"cat {log}.status 2>/dev/null")[1] or None, f"the end of {log}"))

    def keep(self, *paths):
        """Takes files of the machine into the folder of logs."""
        for path in paths:
            status, text = self.run(f"cat {path}")
            name = path.removeprefix("/run/").replace("/", "-")
            if status == 0:
                with open(f"{self.folder}/{name}", "w", encoding="utf8") as file:
                    file.write(text + "\n")

    # USB devices of QEMU's.

    def plug(self, driver, name, bus, **properties):
        """Plugs a device in."""
        self.monitor.ask("device_add", driver=driver, id=name, bus=bus, **properties)
        self.say(f"plugged in: {driver} {name}")

    def unplug(self, name):
        """Pulls a device out."""
        self.monitor.ask("device_del", id=name)
        self.monitor.event("DEVICE_DELETED", lambda data: data.get("device") == name)
        self.say(f"unplugged: {name}")

    def plug_serial(self, name):
        """Plugs a USB serial adapter in, and gives the socket that is the other end of its line."""
        path = f"{self.sockets.name}/{name}"
        address = {"type": "unix", "data": {"path": path}}
        backend = {"type": "socket", "data": {"addr": address, "server": True, "wait": False}}
        self.monitor.ask("chardev-add", id=f"line-{name}", backend=backend)
        line = socket.socket(socket.AF_UNIX)
        line.connect(path)
        line.settimeout(PATIENCE_S)
        self.plug("usb-serial", name, "xhci.0", chardev=f"line-{name}", **{"always-plugged": True})
        return line

    def unplug_serial(self, name, line):
        """Pulls a serial adapter out of its port."""
        self.unplug(name)
        line.close()
        self.monitor.ask("chardev-remove", id=f"line-{name}")

    def photograph(self, display):
        """What is seen on a display: its size, and the bytes of red, green and blue of each pixel."""
        path = f"{self.folder}/{display}.ppm"
        self.monitor.ask("screendump", filename=os.path.abspath(path), device=display)
        with open(path, "rb") as file:
            return ppm(file.read())

    def serial_trace(self):
        """What the serial adapters were asked for, as lines of QEMU's trace."""
        with open(f"{self.folder}/usb-serial.log", encoding="utf8") as file:
            return file.read()


class Monitor:
    """QEMU's own protocol: a question and its answer, and events between them."""

    def __init__(self, connection):
        connection.settimeout(PATIENCE_S)
        self.connection = connection
        self.lines = connection.makefile("rw", encoding="utf8")
        self.events = []
        self.lines.readline()
        self.ask("qmp_capabilities")

    def close(self):
        """The machine is off."""
        self.connection.close()

    def ask(self, command, **arguments):
        """Asks, and gives the answer."""
        self.lines.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.lines.flush()
        while True:
            answer = json.loads(self.lines.readline())
            if "event" in answer:
                self.events.append(answer)
            elif "error" in answer:
                raise Failed(f"{command}: {answer['error']['desc']}")
            else:
                return answer["return"]

    def event(self, name, is_it):
        """Waits for an event."""
        while True:
            for event in self.events:
                if event["event"] == name and is_it(event.get("data", {})):
                    self.events.remove(event)
                    return
            self.events.append(json.loads(self.lines.readline()))


def make_disk(path, mib):
    """An empty file system, all of it for the store: nothing is kept for root, and nothing is left to be done later."""
    with open(path, "wb") as file:
        file.truncate(mib << 20)
    subprocess.run(
        ["mkfs.ext4", "-q", "-m", "0", "-E", "lazy_itable_init=0,lazy_journal_init=0", path],
        check=True,
    )


def ppm(data):
    """The size of a picture in the portable pixmap form, and its bytes."""
    magic, width, height, _, pixels = re.match(rb"(P6)\s+(\d+)\s+(\d+)\s+(\d+)\s(.*)", data, re.DOTALL).groups()
    assert magic == b"P6"
    return (int(width), int(height)), pixels


def lines_that_match(text, pattern):
    """The lines of a text in which a pattern is found."""
    return [line for line in text.splitlines() if re.search(pattern, line)]
