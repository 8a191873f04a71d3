"""USB devices of our own making: the kernel's gadgets on its dummy host controller, with any ids.

A gadget and its host are the same kernel here. What the gadget's side writes into its node is what a scanner sends.
See Linux, Documentation/usb/gadget_configfs.rst.
"""

MODULES = ["dummy_hcd", "usb_f_hid", "usb_f_serial", "usb_f_acm"]
GADGETS = "/sys/kernel/config/usb_gadget"


class Gadget:
    """A USB device with one function, plugged in by `plug` as often as wanted."""

    def __init__(self, machine, usb_id, function, name, attributes=(), serial_number="SN1"):
        self.machine = machine
        self.name = name
        self.function = function
        vendor, product = usb_id.split(":")
        folder = f"{GADGETS}/{name}"
        machine.shell(
            f"""
            mountpoint -q /sys/kernel/config || mount -t configfs configfs /sys/kernel/config
            mkdir -p {folder}/strings/0x409 {folder}/configs/c.1 {folder}/functions/{function}
            cd {folder}
            echo 0x{vendor} >idVendor
            echo 0x{product} >idProduct
            echo {serial_number} >strings/0x409/serialnumber
            echo Virtual >strings/0x409/manufacturer
            echo 'Virtual scanner' >strings/0x409/product
            """
        )
        for attribute, text in dict(attributes).items():
            # In one write, which is how the kernel takes a descriptor.
            path = f"{folder}/functions/{function}/{attribute}"
            machine.shell(f"printf {printf(text)} >/run/attribute; cat /run/attribute >{path}")
        machine.shell(f"ln -s {folder}/functions/{function} {folder}/configs/c.1/")

    def plug(self):
        """Plugs it into the first free port of the dummy host."""
        self.machine.shell(f"ls /sys/class/udc | head -1 >{GADGETS}/{self.name}/UDC")
        self.machine.say(f"plugged in: gadget {self.name}")

    def unplug(self):
        """Pulls it out."""
        self.machine.shell(f"echo >{GADGETS}/{self.name}/UDC")
        self.machine.say(f"unplugged: gadget {self.name}")


    def remove(self):
        """Pulls it out for good, so that another may use its node."""
        self.unplug()
        self.machine.shell(
            f"""
            cd {GADGETS}/{self.name}
            rm configs/c.1/{self.function}
            rmdir functions/{self.function}
            """
        )


def send(machine, data):
    """Sends bytes as a gadget with a serial function."""
    machine.shell(f"stty -F /dev/ttyGS0 raw -echo; printf {printf(data)} >/dev/ttyGS0")


def printf(data):
    """Bytes as a word of the shell that its `printf` turns into these bytes."""
    data = data if isinstance(data, bytes) else data.encode()
    return "'" + "".join(f"\\x{byte:02x}" for byte in data) + "'"
