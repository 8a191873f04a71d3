"""The machine's kernel and first file system, made of Debian's kernel package, a busybox and the program."""

import lzma
import os
import re
import struct
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))


class Kernel:
    """An unpacked kernel package."""

    def __init__(self, folder, busybox):
        self.folder = folder
        (self.version,) = os.listdir(f"{folder}/lib/modules")
        self.modules_folder = f"{folder}/lib/modules/{self.version}"
        if not os.path.exists(f"{self.modules_folder}/modules.dep"):
            subprocess.run([busybox, "depmod", "-b", folder, self.version], check=True)
        self.depends = {}
        with open(f"{self.modules_folder}/modules.dep") as lines:
            for line in lines:
                path, _, needs = line.partition(":")
                self.depends[module_name(path)] = (path, needs.split())
        with open(f"{self.modules_folder}/modules.builtin") as lines:
            self.builtin = {module_name(line.strip()) for line in lines}
        # As the package has it, which a BIOS starts, and as QEMU starts it soonest.
        self.packed = f"{folder}/boot/vmlinuz-{self.version}"
        self.unpacked = self.unpack()

    def unpack(self):
        """The kernel unpacked, where it is packed by xz, else as it is.

        The place of the packed kernel is in the header of the image (Linux, Documentation/x86/boot.rst:
        setup_sects, payload_offset, payload_length). Unpacking it in the emulated machine would cost seconds.
        """
        unpacked = f"{self.folder}/boot/vmlinux-{self.version}"
        if os.path.exists(unpacked):
            return unpacked
        with open(self.packed, "rb") as file:
            image = file.read()
        sectors = image[0x1F1]
        offset, length = struct.unpack_from("<II", image, 0x248)
        payload = image[(sectors + 1) * 512 + offset :][:length]
        if not payload.startswith(b"\xfd7zXZ\0"):
            return self.packed
        # The payload ends with four bytes of its own, behind the packed stream.
        kernel = lzma.LZMADecompressor().decompress(payload)
        with open(unpacked + ".new", "wb") as file:
            file.write(kernel)
        os.rename(unpacked + ".new", unpacked)
        return unpacked

    def in_order(self, names):
        """The modules of these names and what they need, each after what it needs, as paths below the folder."""
        paths = []

        def add(path):
            if path not in paths:
                paths.append(path)

        for name in map(module_name, names):
            if name in self.builtin:
                continue
            path, needs = self.depends[name]
            # The list names what is needed last first.
            for need in reversed(needs):
                add(need)
            add(path)
        return paths


def module_name(path):
    """The name of a module, as the kernel shows it: `usb_f_hid` for `…/usb_f_hid.ko`."""
    return os.path.basename(path).split(".ko")[0].replace("-", "_")


def initramfs(kernel, busybox, program, modules, parameters):
    """The first file system, as the kernel takes it.

    `modules` are two lists of names: those that the machine loads at once, and those that are only there, for
    `insmod /lib/modules/NAME.ko`. `parameters` are of modules, by name.
    """
    at_once, later = map(kernel.in_order, modules)
    files = {
        "init": (0o755, contents(f"{HERE}/guest_init")),
        "bin/busybox": (0o755, contents(busybox)),
        "etc/passwd": (0o644, b"root::0:0::/run:/bin/sh\nworker::1000:1000::/run:/bin/sh\n"),
        "etc/group": (0o644, b"root::0:\ntallyman::900:worker\nworker::1000:\n"),
    }
    lines = []
    for path in dict.fromkeys(at_once + later):
        name = module_name(path)
        files[f"lib/modules/{name}.ko"] = (0o644, contents(f"{kernel.modules_folder}/{path}"))
        if path in at_once:
            lines.append(f"/lib/modules/{name}.ko {parameters.get(name, '')}\n")
    files["etc/modules"] = (0o644, "".join(lines).encode())
    files.update(program.files)
    return archive(files)


def contents(path):
    """The bytes of a file."""
    with open(path, "rb") as file:
        return file.read()


class Program:
    """The program as it is in the machine, with its shared libraries."""

    def __init__(self, path):
        self.files = {library.lstrip("/"): (0o755, contents(library)) for library in libraries(path)}
        self.files["bin/tallyman"] = (0o755, stripped(path))


def stripped(program):
    """The program without what only a debugger needs."""
    scratch = f"{program}.handheld"
    subprocess.run(["strip", "-s", "-o", scratch, program], check=True)
    try:
        return contents(scratch)
    finally:
        os.unlink(scratch)


def libraries(program):
    """The shared libraries of a program, none for a static one."""
    told = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    return re.findall(r"(/\S+) \(0x", told)


def archive(files):
    """A cpio archive of the "new ASCII" form (Linux, Documentation/driver-api/early-userspace/buffer-format.rst)."""
    folders = {"dev", "proc", "sys", "run", "tmp"}
    for path in files:
        parts = path.split("/")[:-1]
        folders.update("/".join(parts[: count + 1]) for count in range(len(parts)))
    entries = [(path, 0o040755, b"") for path in sorted(folders)]
    entries += [(path, 0o100000 | mode, data) for path, (mode, data) in sorted(files.items())]
    out = bytearray()
    for number, (path, mode, data) in enumerate([*entries, ("TRAILER!!!", 0, b"")], start=1):
        name = path.encode() + b"\0"
        fields = [number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0]
        out += b"070701" + b"".join(b"%08X" % field for field in fields) + name
        out += bytes(-len(out) % 4) + data
        out += bytes(-len(out) % 4)
    return bytes(out)
