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


class Failed(Exception):
    """A scenario does not hold; the message says what."""


class Machine:
    """One machine from power on to power off. Its logs are in `folder`."""

    def __init__(self, folder, kernel_image, initramfs, devices=()):
        self.folder = folder
        self.began = time.monotonic()
        self.steps = open(f"{folder}/steps.log", "w", encoding="utf8")
        # Paths of sockets are short by law.
        self.sockets = tempfile.TemporaryDirectory(prefix="handheld")
        with open(f"{folder}/initramfs", "wb") as file:
            file.write(initramfs)
        self.number = 0
        self.unread = b""
        self.devices = devices
        self.process = subprocess.Popen(
            self.command(kernel_image),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=open(f"{folder}/qemu.log", "w", encoding="utf8"),
        )
        try:
            self.monitor = Monitor(self.connect("monitor"))
            self.orders = self.connect("orders")
            self.orders.settimeout(PATIENCE_S)
            self.read_line()
        except BaseException:
            self.power_off()
            raise
        self.say("ready")

    def command(self, kernel_image):
        """The command line of QEMU."""

        def port(name):
            return f"socket,id={name},path={self.sockets.name}/{name},server=on,wait=off"

        words = f"""
            qemu-system-x86_64 -accel tcg,thread=multi -machine q35,i8042=off,vmport=off -cpu max,la57=off
            -smp 1 -m 512 -nodefaults -no-user-config -display none -vga none -no-reboot
            -kernel {kernel_image} -initrd {self.folder}/initramfs
            -chardev file,id=console,path={self.folder}/kernel.log -serial chardev:console
            -chardev {port("monitor")} -mon chardev=monitor,mode=control
            -chardev {port("orders")} -device virtio-serial-pci -device virtserialport,chardev=orders,name=orders
            -device qemu-xhci,id=xhci,p2=8,p3=8
            -trace usb_serial_*,file={self.folder}/usb-serial.log
        """.split()
        kernel_words = "console=ttyS0 quiet loglevel=6 panic=-1 mitigations=off random.trust_cpu=on tsc=reliable"
        more = [word for device in self.devices for word in ("-device", device)]
        return [*words, *more, "-append", kernel_words]

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
        """Ends the machine, and no other."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.sockets.cleanup()
        os.unlink(f"{self.folder}/initramfs")

    # What happens, for people.

    def say(self, text):
        """Writes down a step of the scenario."""
        line = f"[{time.monotonic() - self.began:7.2f} s] {text}"
        print(f"  {line}", flush=True)
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
        self.number += 1
        # On one line, whatever is in it.
        order = base64.b64encode(command.encode()).decode()
        self.orders.sendall(f"{self.number} {order}\n".encode())
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
        self.lines = connection.makefile("rw", encoding="utf8")
        self.events = []
        self.lines.readline()
        self.ask("qmp_capabilities")

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


def ppm(data):
    """The size of a picture in the portable pixmap form, and its bytes."""
    magic, width, height, _, pixels = re.match(rb"(P6)\s+(\d+)\s+(\d+)\s+(\d+)\s(.*)", data, re.DOTALL).groups()
    assert magic == b"P6"
    return (int(width), int(height)), pixels


def lines_that_match(text, pattern):
    """The lines of a text in which a pattern is found."""
    return [line for line in text.splitlines() if re.search(pattern, line)]
