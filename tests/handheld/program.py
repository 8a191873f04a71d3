"""The program in the machine: the agent, and the commands that look at devices."""

import base64
import json
import shlex

import picture
from machine import Failed

CONFIG = """\
name = "virtual"
[hub]
url = "{hub}"
[store]
path = "{store}/agent.db"
[control]
socket = "{folder}/agent.sock"
[log]
level = "debug,h2=info,hyper_util=info,rustls=info"
form = "human"
"""


NOBODY = "http://127.0.0.1:9"
"""A hub that nobody is: a handheld works without one."""


def device(name, driver, link, settings="{}"):
    """A device of the agent's configuration; `link` and `settings` as in TOML."""
    return f'[[device]]\nname = "{name}"\ndriver = "{driver}"\nlink = {{ {link} }}\nsettings = {settings}\n'


class Agent:
    """A running agent."""

    def __init__(self, machine, *devices, user="root", more="", hub=NOBODY, store=None):
        self.machine = machine
        self.user = user
        # A life of its own, whatever ran before.
        self.folder = machine.shell("mktemp -d /run/life.XXXXXX")
        self.log = f"{self.folder}/agent-log"
        config = CONFIG.format(folder=self.folder, hub=hub, store=store or self.folder)
        machine.write(f"{self.folder}/agent.toml", config + more + "".join(devices))
        machine.shell(f"chown -R {user} {self.folder}")
        self.start()

    def start(self):
        """Starts it, also once more after it has ended."""
        self.id = self.machine.start(self.command("exec tallyman agent"), self.log)
        self.machine.wait(self.status, "the agent's first answer")

    def command(self, words):
        """A command about this agent, as its user."""
        return as_user(self.user, f"{words} --config {self.folder}/agent.toml")

    def status(self):
        """The answer of `tallyman status --json`, or `None` while there is none."""
        if self.machine.run(f"test -e {self.log}.status")[0] == 0:
            raise Failed(f"the agent has ended: {self.said()}")
        # The exit status says whether every scanner is open.
        _, text = self.machine.run(self.command("tallyman status --json") + " 2>/dev/null")
        return json.loads(text) if text else None

    def device(self, name):
        """What the status says of a device."""
        (found,) = [device for device in self.status()["devices"] if device["name"] == name]
        return found

    def wait_for(self, name, **members):
        """Waits until members of a device's status have these values, and gives the status."""

        def attempt():
            found = self.device(name)
            return found if all(found[key] == value for key, value in members.items()) else None

        try:
            return self.machine.wait(attempt, f"{name} with {members}")
        except Failed:
            self.machine.say(f"the status of {name} is {self.device(name)}")
            raise

    def wait_until(self, holds, what):
        """Waits until the status is as wanted, and gives it."""
        return self.machine.wait(lambda: is_so(self.status(), holds), what)

    def shown(self):
        """What the screen shows, as data: `view`, and the `fields` that can be touched."""
        return json.loads(self.machine.shell(self.command("tallyman shot --json")))

    def says(self):
        """The words of the screen's answer to what was done last."""
        message = self.shown()["view"]["message"]
        return " ".join(message["sentences"]) if message else ""

    def doctor(self):
        """The findings of `tallyman doctor`, by what they are about."""
        _, text = self.machine.run(self.command("tallyman doctor --json") + " 2>/dev/null")
        return {finding["what"]: finding for finding in map(json.loads, text.splitlines())}

    def input_node(self, name):
        """What the status says of a keypad or touch panel."""
        (found,) = [node for node in self.status()["input_nodes"] if node["name"] == name]
        return found

    def shot(self):
        """The picture of `tallyman shot`: its size, and its bytes."""
        file = f"{self.folder}/shot.png"
        shoot = self.command(f"tallyman shot {file}") + f" >/dev/null 2>&1 && base64 -w 0 {file}"
        # On a busy host the command may not wait for as long as painting takes.
        text = self.machine.wait(lambda: self.machine.run(shoot)[1] or None, "a shot")
        return picture.png(base64.b64decode(text))

    def stop(self):
        """Ends the agent as a service manager does."""
        self.machine.shell(f"kill -TERM {self.id}")
        status = self.machine.ended(self.log)
        self.machine.check(status == 0, "the agent ends in order when it is told to")

    def said(self):
        """What the agent logged."""
        return self.machine.shell(f"cat {self.log}.err")


def is_so(status, holds):
    """A status that is as wanted, or `None`."""
    return status if status and holds(status) else None


class Recording:
    """A running `tallyman record`: every read is told with its text."""

    def __init__(self, machine, arguments, log):
        self.machine = machine
        self.log = log
        self.command = f"tallyman record {arguments} --out {log}.capture"
        self.id = machine.start(self.command, log)
        machine.wait(self.has_begun, f"the begin of {self.command}")

    def has_begun(self):
        """Whether the device is open. Where it was not there yet, or had a key down, it is tried again."""
        if "Recording" in self.said():
            return True
        if self.is_over():
            self.id = self.machine.start(self.command, self.log)
        return False

    def said(self):
        """What the command said so far."""
        return self.machine.shell(f"cat {self.log}.err")

    def is_over(self):
        """Whether the command has ended."""
        return self.machine.run(f"test -e {self.log}.status")[0] == 0

    def end(self):
        """Waits for the command's own end; gives its exit status."""
        return self.machine.ended(self.log)

    def interrupt(self):
        """Ends it as a person does."""
        self.machine.shell(f"kill -INT {self.id}")
        return self.end()

    def texts(self):
        """The codes read so far, in their order, each behind its symbology identifier where it has one."""
        lines = [json.loads(line) for line in self.said().splitlines() if line.startswith("{")]
        codes = [line["barcode"] for line in lines if "barcode" in line]
        return [(code["symbology"] or "") + code["text"] for code in codes]


def as_user(user, command):
    """A command as another user runs it."""
    return f"su -s /bin/sh -c {shlex.quote(command)} {user}"


def devices(machine, user="root", everything=False):
    """What `tallyman devices` lists for a user, by path; everything, or what may be a scanner."""
    command = as_user(user, "tallyman devices --jsonl" + (" --all" if everything else ""))
    lines = [json.loads(line) for line in machine.shell(command).splitlines()]
    return {line["path"]: line for line in lines}
