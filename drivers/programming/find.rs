//! Which sheet: by driver, by the ids of a device, and with a site's file laid over.

use super::Sheet;
use super::check::{self, SheetError};
use crate::CATALOGUE;
use crate::contract::{Driver, devices};

/// The sheet of a driver as it is shipped.
///
/// # Errors
/// [`SheetError`] where the driver's `programming.toml` makes none; a test keeps that from being shipped.
pub fn sheet(driver: &Driver) -> Result<Sheet, SheetError> {
    let name = file_name(driver);
    check::sheet(driver, check::read(driver.programming_toml, &name)?, &name)
}

/// The sheet of a driver with a site's file laid over: what it says replaces what the driver's file says, step by
/// step and key by key; new steps and hosts are added. `name` is the site's file in messages and on the sheet.
///
/// # Errors
/// [`SheetError`] names the place in the site's file and what to write there.
pub fn sheet_with(driver: &Driver, site: &str, name: &str) -> Result<Sheet, SheetError> {
    let mut file = check::read(driver.programming_toml, &file_name(driver))?;
    file.lay_over(check::read(site, name)?);
    let sheet = check::sheet(driver, file, name)?;
    Ok(Sheet {
        site_file: Some(name.to_owned()),
        ..sheet
    })
}

fn file_name(driver: &Driver) -> String {
    format!("drivers/{}/programming.toml", driver.name)
}

/// The driver whose sheet helps a USB device: that of its maker, else that of a driver which knows the device.
/// Ids are four hexadecimal digits in any case; without a product the maker alone decides.
pub fn for_usb(vendor: &str, product: Option<&str>) -> Option<&'static Driver> {
    let is_makers = |driver: &&Driver| {
        sheet(driver).is_ok_and(|sheet| {
            let mut vendors = sheet.usb_vendors.iter();
            vendors.any(|known| known.eq_ignore_ascii_case(vendor))
        })
    };
    let knows = |driver: &&Driver| {
        devices(driver).is_ok_and(|known| {
            known.iter().any(|device| {
                let same = |known: &Option<String>, id: &str| {
                    known.as_ref().is_some_and(|known| known.eq_ignore_ascii_case(id))
                };
                same(&device.usb_vendor, vendor)
                    && product.is_none_or(|product| {
                        device.usb_product.is_none() || same(&device.usb_product, product)
                    })
            })
        })
    };
    CATALOGUE
        .iter()
        .find(is_makers)
        .or_else(|| CATALOGUE.iter().find(knows))
}
