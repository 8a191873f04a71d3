//! Devices are found by who they are: over a made-up sysfs with two equal scanners, a keyboard and a UART.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use tallyman_drivers::config::UsbConfig;
use tallyman_drivers::contract::devices::Subsystem;
use tallyman_drivers::link::claims::claims;
use tallyman_drivers::link::nodes::nodes;
use tallyman_drivers::link::usb::{UsbOpener, matching};
use tallyman_drivers::link::{LinkError, Opener as _};

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

/// An interface: its number, its class, the types of its endpoints, and the kernel's driver.
type Offer<'a> = (u8, &'a str, &'a [(&'a str, &'a str)], Option<&'a str>);

/// The bulk pipes of most devices.
const BULK: &[(&str, &str)] = &[("81", "Bulk"), ("02", "Bulk")];

/// A USB device itself, at an address that no bus gives, with its interfaces.
fn plug_usb(sys: &Path, port: &str, ids: (&str, &str), address: &str, offers: &[Offer<'_>]) {
    let device = sys.join("devices/usb1").join(port);
    for (name, text) in [
        ("idVendor", ids.0),
        ("idProduct", ids.1),
        ("bDeviceClass", "00"),
        ("busnum", "1"),
        ("devnum", address),
    ] {
        write(&device.join(name), format!("{text}\n"));
    }
    fs::create_dir_all(sys.join("bus/usb/devices")).unwrap();
    symlink(&device, sys.join("bus/usb/devices").join(port)).unwrap();
    for (number, class, endpoints, driver) in offers {
        let interface = device.join(format!("{port}:1.{number}"));
        write(&interface.join("bInterfaceNumber"), format!("{number:02x}\n"));
        write(&interface.join("bInterfaceClass"), format!("{class}\n"));
        write(&interface.join("bInterfaceSubClass"), "02\n");
        for (address, kind) in *endpoints {
            let endpoint = interface.join(format!("ep_{address}"));
            write(&endpoint.join("bEndpointAddress"), format!("{address}\n"));
            write(&endpoint.join("type"), format!("{kind}\n"));
            write(&endpoint.join("wMaxPacketSize"), "0040\n");
        }
        if let Some(driver) = driver {
            let folder = sys.join("bus/usb/drivers").join(driver);
            fs::create_dir_all(&folder).unwrap();
            symlink(&folder, interface.join("driver")).unwrap();
        }
        let name = format!("{port}:1.{number}");
        symlink(&interface, sys.join("bus/usb/devices").join(name)).unwrap();
    }
}

fn opener(sys: &Path, config: UsbConfig) -> UsbOpener {
    UsbOpener::new(config, tallyman_drivers::driver("plain_text").unwrap()).below(sys)
}

fn usb(id: &str) -> UsbConfig {
    UsbConfig::new(id)
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

#[test]
fn a_device_without_a_node_is_read_directly_and_one_with_a_node_through_it() {
    let folder = tempfile::tempdir().unwrap();
    let sys = folder.path();
    plug_usb(sys, "1-1", ("05e0", "0600"), "201", &[(0, "ff", BULK, None)]);
    write(&sys.join("devices/usb1/bDeviceClass"), "09\n");
    symlink(sys.join("devices/usb1"), sys.join("bus/usb/devices/usb1")).unwrap();
    assert_eq!(nodes(sys).len(), 1, "hubs and interfaces are no devices");

    let found = opener(sys, usb("05e0:0600")).find().unwrap();
    assert_eq!(found.path.to_str(), Some("/dev/bus/usb/001/201"));
    let choice = opener(sys, usb("05e0:0600"))
        .choose(&found.usb_device.unwrap())
        .unwrap();
    let output = choice.output.unwrap();
    assert_eq!((choice.input.address, output.address), (0x81, 0x02));
    assert_eq!(choice.input.packet_bytes, 64);

    plug(sys, "1-1", ("05e0", "0600"), None, "tty", "ttyUSB0");
    let with_node = opener(sys, usb("05e0:0600")).find().unwrap();
    assert_eq!(with_node.path.to_str(), Some("/dev/ttyUSB0"));
    let direct = UsbConfig {
        interface: Some(0),
        ..usb("05e0:0600")
    };
    assert!(opener(sys, direct).find().unwrap().usb_device.is_some());
    let elsewhere = UsbConfig {
        port: Some("1-2".to_owned()),
        ..usb("05e0:0600")
    };
    assert!(matches!(
        opener(sys, elsewhere).find(),
        Err(LinkError::Absent { .. })
    ));
}

#[test]
fn an_interface_that_the_kernel_holds_is_named_with_its_driver() {
    let folder = tempfile::tempdir().unwrap();
    let sys = folder.path();
    let keyboard: Offer<'_> = (0, "03", &[("81", "Interrupt")], Some("usbhid"));
    plug_usb(sys, "1-1", ("05e0", "1200"), "201", &[keyboard]);
    plug_usb(
        sys,
        "1-2",
        ("05e0", "1701"),
        "202",
        &[(0, "ff", BULK, Some("usbserial"))],
    );
    for (id, message) in [
        (
            "05e0:1200",
            "USB device 05e0:1200 has no interface that sends bytes",
        ),
        (
            "05e0:1701",
            "interface 0 of USB device 05e0:1701 is held by the kernel's driver usbserial",
        ),
    ] {
        let opener = opener(sys, usb(id));
        let device = opener.find().unwrap().usb_device.unwrap();
        let error = opener.choose(&device).unwrap_err().to_string();
        assert!(error.starts_with(message), "{error}");
    }
    let detach = UsbConfig {
        detach: true,
        ..usb("05e0:1701")
    };
    let opener = opener(sys, detach);
    let device = opener.find().unwrap().usb_device.unwrap();
    assert!(opener.choose(&device).unwrap().detach);
}

#[test]
fn usb_devices_are_listed_where_nothing_else_takes_them() {
    let folder = tempfile::tempdir().unwrap();
    let sys = folder.path();
    // Known to be read directly; known with a serial port that this kernel does not make; of a maker of scanners;
    // of anybody; a known one with its port; a keyboard scanner.
    let free: &[Offer<'_>] = &[(0, "ff", BULK, None)];
    plug_usb(
        sys,
        "1-1",
        ("0c2e", "0700"),
        "201",
        &[(0, "00", &[("81", "Interrupt")], None)],
    );
    plug_usb(sys, "1-2", ("0c2e", "0720"), "202", &[(1, "0a", BULK, None)]);
    plug_usb(sys, "1-3", ("05f9", "ffff"), "203", free);
    plug_usb(sys, "1-4", ("1234", "5678"), "204", free);
    plug_usb(sys, "1-5", ("05e0", "0600"), "205", free);
    plug(sys, "1-5", ("05e0", "0600"), None, "tty", "ttyUSB0");
    plug_usb(sys, "1-6", ("04b4", "0100"), "206", free);
    let listed: Vec<(String, Vec<&str>)> = claims(nodes(sys))
        .into_iter()
        .map(|claim| (claim.node.path.display().to_string(), claim.drivers))
        .collect();
    assert_eq!(
        listed,
        [
            ("/dev/ttyUSB0".to_owned(), vec!["plain_text"]),
            ("/dev/bus/usb/001/201".to_owned(), vec!["plain_text"]),
            ("/dev/bus/usb/001/202".to_owned(), vec!["honeywell", "plain_text"]),
            ("/dev/bus/usb/001/203".to_owned(), vec!["plain_text"]),
        ]
    );
    let first = claims(nodes(sys)).remove(1);
    assert!(!first.may_open);
    assert_eq!(
        first.allow_with,
        [
            "SUBSYSTEM==\"usb\", ENV{DEVTYPE}==\"usb_device\", ATTRS{idVendor}==\"0c2e\", \
          ATTRS{idProduct}==\"0700\", GROUP=\"tallyman\", MODE=\"0660\""
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_node_that_comes_a_moment_after_its_device_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let sys = folder.path().to_path_buf();
    plug_usb(&sys, "1-1", ("05e0", "1701"), "201", &[(1, "0a", BULK, None)]);
    let error = opener(&sys, usb("05e0:1701")).open().await.err().unwrap();
    assert!(error.to_string().contains("/dev/bus/usb/001/201"), "{error}");

    let below = sys.clone();
    let kernel = tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_millis(700)).await;
        plug(&below, "1-1", ("05e0", "1701"), None, "tty", "tty-not-there");
    });
    let error = opener(&sys, usb("05e0:1701")).open().await.err().unwrap();
    assert!(error.to_string().contains("/dev/tty-not-there"), "{error}");
    kernel.await.unwrap();
}

#[test]
fn a_built_in_port_that_may_not_be_opened_has_its_udev_line_too() {
    let folder = tempfile::tempdir().unwrap();
    let sys = folder.path();
    let name = "ttyS-not-there";
    fs::create_dir_all(sys.join("devices/platform/serial")).unwrap();
    write(&sys.join("class/tty").join(name).join("type"), "4\n");
    symlink(
        sys.join("devices/platform/serial"),
        sys.join("class/tty").join(name).join("device"),
    )
    .unwrap();
    let found = claims(nodes(sys)).remove(0);
    assert!(!found.may_open);
    assert_eq!(found.allow_with.len(), 1);
    assert!(
        found.allow_with[0].starts_with("SUBSYSTEM==\"tty\", KERNEL==\"ttyS-not-there\", GROUP=\"tallyman\""),
        "{}",
        found.allow_with[0]
    );
}

#[test]
fn a_device_without_a_name_is_not_called_by_its_hubs() {
    let folder = tempfile::tempdir().unwrap();
    let sys = folder.path();
    plug(sys, "1-1", ("1a86", "7523"), None, "tty", "ttyUSB0");
    fs::remove_file(sys.join("devices/usb1/1-1/product")).unwrap();
    write(&sys.join("devices/usb1/idVendor"), "1d6b\n");
    write(&sys.join("devices/usb1/product"), "xHCI Host Controller\n");
    assert_eq!(nodes(sys)[0].product, "");
}
