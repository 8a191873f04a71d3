"""Plays scenarios, each on a machine of its own and as many at a time as there are processors. Called by `run`."""

import argparse
import importlib
import os
import shutil
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

from hub import Hub
from image import Kernel, Program, initramfs
from machine import Failed, Machine

HERE = os.path.dirname(os.path.abspath(__file__))

COMMON_MODULES = ["virtio_pci", "virtio_console", "xhci_pci"]
"""What every machine needs: its port for orders, and its USB controller."""

LOG_LINES_SHOWN = 30
"""Lines of each log that are shown where a scenario does not hold."""


def main():
    """Plays what the command line names, or everything."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--busybox", required=True)
    parser.add_argument("--logs", required=True)
    parser.add_argument("scenarios", nargs="*")
    arguments = parser.parse_args()
    known = sorted(name[:-3] for name in os.listdir(f"{HERE}/scenarios") if name.endswith(".py"))
    wanted = arguments.scenarios or known
    if unknown := set(wanted) - set(known):
        sys.exit(f"There is no scenario {', '.join(sorted(unknown))}. There are {', '.join(known)}.")
    kernel = Kernel(arguments.kernel, arguments.busybox)
    program = Program(arguments.program)
    # A machine has one processor.
    with ThreadPoolExecutor(os.cpu_count()) as players:
        played = players.map(lambda name: play(name, kernel, program, arguments), wanted)
        results = [(name, *result) for name, result in zip(wanted, played)]
    print()
    for name, holds, seconds in results:
        print(f"{'PASS' if holds else 'FAIL'}  {name}  {seconds:.0f} s")
    print(f"The logs are in {arguments.logs}.")
    sys.exit(0 if all(holds for _, holds, _ in results) else 1)


def play(name, kernel, program, arguments):
    """Plays one scenario: whether it holds, and how long it took."""
    began = time.monotonic()
    scenario = importlib.import_module(f"scenarios.{name}")
    print(f"{name}: {scenario.__doc__.splitlines()[0]}", flush=True)
    folder = f"{arguments.logs}/{name}"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    machine = hub = None
    holds = False
    try:
        first = initramfs(kernel, arguments.busybox, program, modules_of(scenario), scenario.PARAMETERS)
        devices, parts = getattr(scenario, "DEVICES", []), getattr(scenario, "PARTS", {})
        machine = Machine(folder, kernel, first, devices, **parts)
        if getattr(scenario, "HUB", False):
            hub = Hub(arguments.program, f"{folder}/hub", machine)
            scenario.run(machine, hub)
        else:
            scenario.run(machine)
        holds = True
    except Failed as failure:
        print(f"{name} FAIL: {failure}", flush=True)
    except Exception:
        traceback.print_exc()
    finally:
        if hub:
            hub.end()
        if machine:
            keep_logs(machine)
            machine.power_off()
    if not holds:
        show_logs(folder)
    return holds, time.monotonic() - began


def keep_logs(machine):
    """Takes what the programs said out of the machine."""
    try:
        machine.keep(*machine.run("ls /run/life.*/agent-log.err /run/*.err /run/*.capture 2>/dev/null")[1].split())
    except (Failed, OSError) as failure:
        print(f"  the logs of the machine's programs are lost: {failure}", flush=True)


def show_logs(folder):
    """The ends of the logs, for who cannot look into the folder."""
    for name in sorted(os.listdir(folder)):
        if name.endswith((".err", "kernel.log", "qemu.log")):
            with open(f"{folder}/{name}", encoding="utf8", errors="replace") as file:
                lines = file.read().splitlines()[-LOG_LINES_SHOWN:]
            print(f"  --- {os.path.basename(folder)}/{name}", *lines, sep="\n  ", flush=True)


def modules_of(scenario):
    """The modules that are loaded at once, and those that the scenario loads itself."""
    return COMMON_MODULES + scenario.MODULES, getattr(scenario, "LATER", [])


if __name__ == "__main__":
    main()
