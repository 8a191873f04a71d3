"""The screen through DRM on a card that must be told what changed: pixel for pixel, past the console, and given back."""

import panel

MODULES = ["virtio_gpu"]
PARAMETERS = {}
SIZE = (240, 320)
DEVICES = [f"virtio-gpu-pci,id=lcd,xres={SIZE[0]},yres={SIZE[1]}"]


def run(machine):
    """The scenario."""
    agent, console = panel.play(machine, "drm", 0, SIZE)
    panel.give_back(machine, agent, console)
