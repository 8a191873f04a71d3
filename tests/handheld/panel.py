"""A panel on the virtual machine: what it must show, before, while and after the agent has it."""

import picture
from program import Agent

CONSOLE = "/dev/tty1"
"""The terminal that is seen."""


def play(machine, output, degrees, size):
    """The agent paints its screen on the panel `lcd`, and gives it back."""
    machine.shell("chvt 1")
    console = Console(machine)
    machine.wait(console.is_written, "the console's text on the panel")
    machine.say("control: without the agent the console writes on the panel")

    agent = Agent(machine, more=screen(output, degrees))
    panel = machine.wait(lambda: open_panel(agent), "the open panel")
    machine.check(panel["output"] == output, f"it is shown through {output}, {panel['node']}")
    wanted = size if degrees % 180 == 0 else size[::-1]
    machine.check((panel["width"], panel["height"]) == wanted, f"the picture has the panel's size, {wanted}")
    machine.wait(lambda: is_shown(machine, agent, degrees), "the picture on the panel")
    machine.check(True, f"each pixel is that of `tallyman shot`, turned by {degrees}")
    machine.check(not console.is_written(), "the console writes nothing on the panel")
    return agent, console


def give_back(machine, agent, console):
    """The agent ends, and the console has the panel."""
    agent.stop()
    machine.wait(console.is_written, "the console's text on the panel again")
    machine.check(True, "the console has the panel back")


def screen(output, degrees):
    """The configuration of a panel."""
    return f'[screen]\noutput = "{output}"\nrotation = {degrees}\n'


def open_panel(agent):
    """What the status says of the panel, when a picture is on it."""
    panel = (agent.status() or {}).get("panel")
    return panel if panel and panel["state"] == "open" and panel["pictures"] else None


def is_shown(machine, agent, degrees):
    """Whether the panel shows what `tallyman shot` gives. The clock of the status bar may go on between the two."""
    return machine.photograph("lcd") == picture.turned(*agent.shot(), degrees)


class Console:
    """Whether what is written to the console is seen."""

    def __init__(self, machine):
        self.machine = machine

    def is_written(self):
        """Whether the panel changes when the console clears and writes."""
        self.machine.shell(f"printf '\\033[?25l\\033[2J\\033[H' >{CONSOLE}")
        before = self.machine.photograph("lcd")
        self.machine.shell(f"printf 'written by the console' >{CONSOLE}")
        for _ in range(20):
            if self.machine.photograph("lcd") != before:
                return True
        return False
