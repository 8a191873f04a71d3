"""A real hub on this host, as a site has one: TLS with a certificate of its own, an administrator, imported files.

It listens on a free port of loopback; the machine reaches it at `HOST` through QEMU's user network. What a person does in
a browser is done here on the same pages.
"""

import html
import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import ssl
import subprocess
import urllib.parse

from machine import HOST, PATIENCE_S, Failed

SAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../config/samples")
SITE = "main"
FORM = {"content-type": "application/x-www-form-urlencoded"}
ACCESS_KEY = "an access key that is long enough for a test"
PASSWORD = "several words are easy to remember"
CONFIG = """\
listen = "127.0.0.1:0"
store = "{folder}/hub.db"
access_key = "{key}"
host_names = ["{host}"]
[[sites]]
id = "{site}"
name = "Main warehouse"
codes = [
    {{ pattern = "LOC-<[A-Z0-9-]{{1,30}}>", kind = "location" }},
    {{ pattern = "TOTE-<[A-Z0-9-]{{1,30}}>", kind = "handling_unit" }},
]
[tls]
certificate_file = "{folder}/hub.pem"
key_file = "{folder}/hub.key"
[log]
form = "human"
"""

# A receipt that is never full, so that as many pieces as wanted can be scanned one after the other.
TASKS = "task,kind,reference,dock,line,item,quantity\nR-9001,receive,PO-9001,DOCK-1,1,TAPE-50,500\n"
RECEIPT = "]C0PO-9001"
PIECE = "]E09521101530087"
PLACE = "DOCK-1"
ITEM = "TAPE-50"


class Hub:
    """A running hub with the sample warehouse, and somebody who is signed in."""

    def __init__(self, program, folder, machine):
        self.program = program
        self.folder = folder
        self.machine = machine
        self.cookie = ""
        os.makedirs(folder)
        self.tool("hub", "--make-certificate", folder, "--name", HOST)
        with open(f"{folder}/hub.toml", "w", encoding="utf8") as file:
            file.write(CONFIG.format(folder=folder, key=ACCESS_KEY, host=HOST, site=SITE))
        self.trust = ssl.create_default_context(cafile=f"{folder}/hub.pem")
        with open(f"{folder}/hub.err", "w", encoding="utf8") as log:
            self.process = subprocess.Popen(
                [program, "hub", "--config", f"{folder}/hub.toml"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        try:
            self.port = int(machine.wait(self.said_port, "the hub's port"))
            self.import_samples()
            self.make_administrator()
        except BaseException:
            self.end()
            raise
        machine.say(f"a hub is ready at https://{HOST}:{self.port}")

    def tool(self, *words):
        """What a command of the program says."""
        return subprocess.run([self.program, *words], check=True, capture_output=True, text=True).stdout

    def said_port(self):
        """The port in the line with which the hub says that it is ready."""
        if self.process.poll() is not None:
            raise Failed("the hub has ended; see hub.err")
        with open(f"{self.folder}/hub.err", encoding="utf8") as log:
            found = re.search(r"The hub is ready: https://127\.0\.0\.1:(\d+)/", log.read())
        return found and found[1]

    def import_samples(self):
        """The files of a new site, in their order."""
        with open(f"{self.folder}/more-tasks.csv", "w", encoding="utf8") as file:
            file.write(TASKS)
        files = [(kind, f"{SAMPLES}/{kind}.csv") for kind in ("items", "locations", "stock", "tasks")]
        for kind, path in [*files, ("tasks", file.name)]:
            with open(path, "rb") as content:
                words = urllib.parse.urlencode({"site": SITE, "name": os.path.basename(path)})
                self.ask("POST", f"/v1/import/{kind}?{words}", content.read(), {"authorization": f"Bearer {ACCESS_KEY}"})

    def make_administrator(self):
        """The first person, who is signed in from then on."""
        names = {"name": "Anna K.", "login": "anna", "new_password": PASSWORD, "repeated": PASSWORD}
        self.submit("/first-administrator", key=ACCESS_KEY, **names)
        if not self.cookie:
            raise Failed("nobody is signed in")

    def set_up_code(self, name):
        """The text of a set-up code for one device, as the page shows it for a stick and its symbol holds it."""
        shown = self.submit(f"/site/{SITE}/devices", form_token=self.form_token(), name=name)
        return re.search(r"TALLYSETUP[0-9A-Z]+", shown)[0]

    def form_token(self):
        """What stands hidden in the forms of a page."""
        page = self.ask("GET", f"/site/{SITE}/devices")
        return html.unescape(re.search(r'name="form_token" value="([^"]+)"', page)[1])

    def submit(self, path, **fields):
        """Sends a form, and gives the page that follows."""
        return self.ask("POST", path, urllib.parse.urlencode(fields).encode(), FORM)

    def ask(self, method, path, body=None, headers=()):
        """A request to the hub under the name by which devices know it."""
        connection = http.client.HTTPSConnection(HOST, self.port, timeout=PATIENCE_S)
        # The host reaches it at its own loopback.
        line = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)
        connection.sock = self.trust.wrap_socket(line, server_hostname=HOST)
        connection.request(method, path, body, {**dict(headers), **({"cookie": self.cookie} if self.cookie else {})})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        if answer.status >= 400:
            raise Failed(f"{method} {path}: {answer.status} {text[:400]}")
        if cookie := answer.getheader("set-cookie"):
            self.cookie = cookie.split(";")[0]
        return text

    def rows(self, question, *values):
        """What the hub's store answers."""
        store = sqlite3.connect(f"file:{self.folder}/hub.db?mode=ro", uri=True)
        try:
            return store.execute(question, values).fetchall()
        finally:
            store.close()

    def confirmations(self):
        """The journal, in the order in which the hub took it: sequence number and confirmation of each."""
        rows = self.rows("SELECT seq, body FROM journal ORDER BY place")
        return [(seq, json.loads(body)) for seq, body in rows]

    def stock(self, place, item):
        """How many pieces of an item the hub has in a place."""
        question = "SELECT quantity_micro FROM balance WHERE account = 'location' AND place = ? AND item = ?"
        return sum(quantity for (quantity,) in self.rows(question, place, item)) / 1_000_000

    def check(self, count):
        """Whether the hub has just the first so many confirmations of the device, each once, and its books hold."""
        numbers = [seq for seq, _ in self.confirmations()]
        self.machine.check(numbers == list(range(1, count + 1)), f"the hub has confirmations 1 to {count}, each once")
        set_aside = self.rows("SELECT count(*) FROM journal WHERE quarantined <> ''")[0][0]
        forks = self.rows("SELECT count(*) FROM fork")[0][0]
        self.machine.check((set_aside, forks) == (0, 0), "none was set aside, and none came as two")
        proof = json.loads(self.tool("verify", "--store", f"{self.folder}/hub.db", "--json"))
        self.machine.check(not proof["findings"], "the hub's own check finds nothing")

    def end(self):
        """Ends it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
