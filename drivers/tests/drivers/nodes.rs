//! Devices are found by who they are: over a made-up sysfs with two equal scanners, a keyboard and a UART.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use tallyman_drivers::config::UsbConfig;
use tallyman_drivers::contract::devices::Subsystem;
use tallyman_drivers::link::nodes::nodes;
use tallyman_drivers::link::usb::matching;

/// A descriptor of page 8C, usage 02, shortened to what tells it.
const SCANNER: [u8; 8] = [0x05, 0x8C, 0x09, 0x02, 0xA1, 0x01, 0xC0, 0xC0];

fn write(path: &Path, text: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A USB device with one interface that has a node of a class.
fn plug(sys: &Path, port: &str, ids: (&str, &str), serial: Option<&str>, class: &str, node: &str) {
    let device = sys.join("devices/usb1").join(port);
    write(&device.join("idVendor"), format!("{}\n", ids.0));
    write(&device.join("idProduct"), format!("{}\n", ids.1));
    write(&device.join("product"), "Scanner\n");
    if let Some(serial) = serial {
        write(&device.join("serial"), serial);
    }
    let interface = device.join(format!("{port}:1.0"));
    fs::create_dir_all(&interface).unwrap();
    fs::create_dir_all(sys.join("class").join(class).join(node)).unwrap();
    symlink(
        &interface,
        sys.join("class").join(class).join(node).join("device"),
    )
    .unwrap();
}

fn usb(id: &str) -> UsbConfig {
    UsbConfig {
        id: id.to_owned(),
        serial_number: None,
        port: None,
        baud: 9_600,
    }
}

fn paths(sys: &Path, config: &UsbConfig, subsystems: &[Subsystem]) -> Vec<String> {
    matching(nodes(sys), config, subsystems)
        .iter()
        .map(|node| node.path.display().to_string())
        .collect()
}

#[test]
fn a_device_is_known_by_its_ids_serial_number_and_port_whatever_its_node() {
    let folder = tempfile::tempdir().unwrap();
    let sys = folder.path();
    plug(sys, "1-1", ("05e0", "1701"), Some("S1"), "tty", "ttyACM0");
    plug(sys, "1-2", ("05e0", "1701"), Some("S2"), "tty", "ttyACM1");
    fs::create_dir_all(sys.join("class/tty/tty0")).unwrap();
    let any = usb("05e0:1701");
    assert_eq!(
        paths(sys, &any, &[Subsystem::Tty]),
        ["/dev/ttyACM0", "/dev/ttyACM1"]
    );
    let second = UsbConfig {
        serial_number: Some("S2".to_owned()),
        ..any.clone()
    };
    assert_eq!(paths(sys, &second, &[Subsystem::Tty]), ["/dev/ttyACM1"]);
    let at_port = UsbConfig {
        port: Some("1-1".to_owned()),
        ..any.clone()
    };
    assert_eq!(paths(sys, &at_port, &[Subsystem::Tty]), ["/dev/ttyACM0"]);

    // It goes, and comes back as another node.
    fs::remove_dir_all(sys.join("class/tty/ttyACM1")).unwrap();
    assert!(paths(sys, &second, &[Subsystem::Tty]).is_empty());
    fs::create_dir_all(sys.join("class/tty/ttyACM7")).unwrap();
    symlink(
        sys.join("devices/usb1/1-2/1-2:1.0"),
        sys.join("class/tty/ttyACM7/device"),
    )
    .unwrap();
    assert_eq!(paths(sys, &second, &[Subsystem::Tty]), ["/dev/ttyACM7"]);
    assert_eq!(nodes(sys).len(), 2, "a terminal without device is no scanner");
}

#[test]
fn of_two_hid_interfaces_the_scanner_is_taken_and_the_keyboard_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let sys = folder.path();
    plug(sys, "1-3", ("0c2e", "0b87"), None, "hidraw", "hidraw0");
    let second = sys.join("devices/usb1/1-3/1-3:1.1");
    write(&second.join("report_descriptor"), SCANNER);
    fs::create_dir_all(sys.join("class/hidraw/hidraw1")).unwrap();
    symlink(&second, sys.join("class/hidraw/hidraw1/device")).unwrap();
    assert_eq!(
        paths(sys, &usb("0c2e:0b87"), &[Subsystem::Tty, Subsystem::Hidraw]),
        ["/dev/hidraw1"]
    );

    plug(sys, "1-4", ("05e0", "1200"), None, "input", "event5");
    write(
        &sys.join("devices/usb1/1-4/1-4:1.0/capabilities/key"),
        "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe\n",
    );
    let keyboard = nodes(sys)
        .into_iter()
        .find(|node| node.path.ends_with("event5"))
        .unwrap();
    assert!(keyboard.types_text);
    assert_eq!(keyboard.path.to_str(), Some("/dev/input/event5"));
}

#[test]
fn a_hid_device_that_is_not_on_usb_has_its_ids_too() {
    let folder = tempfile::tempdir().unwrap();
    let sys = folder.path();
    let device = sys.join("devices/virtual/misc/uhid/0005:05E0:1300.0001");
    write(
        &device.join("uevent"),
        "HID_ID=0005:000005E0:00001300\nHID_NAME=Zebra CS60\nHID_UNIQ=SN7\n",
    );
    write(&device.join("report_descriptor"), SCANNER);
    fs::create_dir_all(sys.join("class/hidraw/hidraw3")).unwrap();
    symlink(&device, sys.join("class/hidraw/hidraw3/device")).unwrap();
    let found = nodes(sys);
    let identity = found[0].usb.as_ref().unwrap();
    assert_eq!(
        (identity.vendor.as_str(), identity.product.as_str()),
        ("05e0", "1300")
    );
    assert_eq!(identity.serial_number.as_deref(), Some("SN7"));
    assert_eq!(found[0].product, "Zebra CS60");
    assert!(found[0].is_hid_scanner());
}
