"""The screen on the kernel's framebuffer, turned by a quarter: pixel for pixel, past the console, and given back."""

import panel

MODULES = ["bochs"]
PARAMETERS = {}
SIZE = (320, 240)
DEVICES = [f"bochs-display,id=lcd,xres={SIZE[0]},yres={SIZE[1]}"]


def run(machine):
    """The scenario."""
    agent, console = panel.play(machine, "framebuffer", 90, SIZE)
    panel.give_back(machine, agent, console)
