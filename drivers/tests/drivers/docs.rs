//! `docs/devices.md` is made from the rows, the device lists and the captures. `UPDATE=1 cargo test` writes it.

use std::fmt::Write as _;

use tallyman_drivers::capture::Origin;
use tallyman_drivers::contract::devices::Subsystem;
use tallyman_drivers::contract::{Device, devices, udev};
use tallyman_drivers::programming::sheet;
use tallyman_drivers::{CATALOGUE, Driver};

use crate::support::{golden, room, samples_of};

#[test]
fn the_device_table_is_what_the_drivers_say() {
    golden(&room().join("../docs/devices.md"), &page());
}

#[test]
fn the_udev_rules_are_what_the_drivers_say() {
    let known: Vec<Device> = CATALOGUE
        .iter()
        .flat_map(|driver| devices(driver).unwrap())
        .collect();
    let text = udev::rules(&known);
    for device in known.iter().filter(|device| device.usb_vendor.is_some()) {
        for line in udev::rule(
            device.subsystem,
            device.usb_vendor.as_ref().unwrap(),
            device.usb_product.as_deref(),
        ) {
            assert!(text.contains(&line), "{line}");
        }
    }
    golden(&room().join("../packaging/udev/60-tallyman.rules"), &text);
}

fn page() -> String {
    let mut page = String::from(
        "# Devices\n\nThis page is generated from the drivers; change `drivers/*/devices.toml` and run \
         `UPDATE=1 cargo test -p tallyman-drivers`.\n\n## Drivers\n\n\
         How far a driver can be believed follows from its captures: *recorded* from a device, a *manual example*, \
         or *composed* by an encoder of our own after the manual. \"Beep\" says whether the scanner's own beep can \
         be switched off and follow the verdict; where it cannot, only the program's sound says that a scan is \
         stored. The [set-up sheet](set-up-sheets.md) has the scanner's programming codes, or says what to look up.\n\n\
         | driver | speaks with | reached by | captures | grade | beep | set-up sheet |\n|---|---|---|---|---|---|---|\n",
    );
    for driver in CATALOGUE {
        let links: Vec<&str> = driver.links.iter().map(|link| link.as_str()).collect();
        let samples = samples_of(driver);
        let grade = samples
            .iter()
            .map(|sample| sample.capture.header.origin)
            .max()
            .unwrap_or(Origin::Composed);
        let _ = writeln!(
            page,
            "| [`{name}`](../drivers/{name}/README.md) | {} | {} | {} | {} | {} | {} |",
            driver.summary,
            links.join(", "),
            samples.len(),
            grade.as_str(),
            if driver.beeps_on_command {
                "follows the verdict"
            } else {
                "not trusted"
            },
            if sheet(driver)
                .unwrap()
                .steps
                .iter()
                .any(|step| step.code.is_some())
            {
                "codes"
            } else {
                "what to look up"
            },
            name = driver.name,
        );
    }
    page.push_str(
        "\n## Known devices\n\nA device that is missing here may work all the same: any scanner that sends text on \
         a serial line does.\n\n| maker | model | USB id | appears as | driver | settings | source |\n\
         |---|---|---|---|---|---|---|\n",
    );
    let mut rows: Vec<(&Driver, Device)> = CATALOGUE
        .iter()
        .flat_map(|driver| {
            devices(driver)
                .unwrap()
                .into_iter()
                .map(move |device| (driver, device))
        })
        .collect();
    rows.sort_by_key(|(driver, device)| {
        (
            device.vendor == "Any",
            device.vendor.to_lowercase(),
            device.model.clone(),
            driver.name,
        )
    });
    for (driver, device) in &rows {
        let _ = writeln!(page, "{}", row(driver, device));
    }
    page
}

fn row(driver: &Driver, device: &Device) -> String {
    let usb = match (&device.usb_vendor, &device.usb_product) {
        (Some(vendor), Some(product)) => format!("`{vendor}:{product}`"),
        (Some(vendor), None) => format!("`{vendor}:*`"),
        _ => String::new(),
    };
    let subsystem = match device.subsystem {
        Subsystem::Tty => "serial port",
        Subsystem::Hidraw => "hidraw",
        Subsystem::Input => "keyboard",
        Subsystem::Usb => "USB",
        Subsystem::Net => "network",
    };
    let mut model = device.model.clone();
    if !device.notes.is_empty() {
        let _ = write!(model, ". {}", device.notes);
    }
    let settings: Vec<String> = device
        .settings
        .iter()
        .map(|setting| format!("`{setting}`"))
        .collect();
    format!(
        "| {} | {model} | {usb} | {subsystem} | `{}` | {} | {} |",
        device.vendor,
        driver.name,
        settings.join(" "),
        device.source
    )
}
