//! How the printer is reached, and what is printed there.

use std::path::PathBuf;

use serde::Deserialize;

use super::template::{Dpi, TemplateError, Templates};

/// The port that label printers listen on for what is to be printed.
const PORT: u16 = 9100;

/// The label printer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrinterConfig {
    /// How it is reached.
    pub link: PrinterLink,
    /// Dots in an inch.
    pub dpi: u32,
    /// A folder with the site's own templates; empty for the shipped ones.
    pub templates: PathBuf,
    /// Labels that may wait.
    pub queue_max: usize,
    /// Milliseconds between two looks at a printer that does not print.
    pub retry_ms: u64,
}

/// The way to a printer. At most one of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrinterLink {
    /// Over a network: a host, and a port where it is not 9100.
    #[serde(default)]
    pub tcp: Option<String>,
    /// Over USB: the node of the kernel's driver for printers.
    #[serde(default)]
    pub usb: Option<PathBuf>,
}

/// Why the printer cannot be used as it is configured.
#[derive(Debug, thiserror::Error)]
pub enum PrinterConfigError {
    /// Two ways.
    #[error("`printer.link` names both `tcp` and `usb`; keep one of them")]
    TwoLinks,
    /// No address.
    #[error("`printer.link.tcp` is {0:?}; it must be a host, or a host and a port as \"192.168.1.50:9100\"")]
    Address(String),
    /// No path.
    #[error("`printer.link.usb` must be a whole path, as \"/dev/usb/lp0\"")]
    Path,
    /// Another print head.
    #[error("`printer.dpi` is {0}; it must be 203 or 300")]
    Dpi(u32),
    /// A figure outside its range.
    #[error("`{key}` is {value}; it must be from {from} to {to}")]
    Range {
        /// The key.
        key: &'static str,
        /// Its value.
        value: u64,
        /// The lowest allowed.
        from: u64,
        /// The highest allowed.
        to: u64,
    },
    /// A template.
    #[error(transparent)]
    Template(#[from] TemplateError),
}

impl Default for PrinterConfig {
    fn default() -> Self {
        Self {
            link: PrinterLink::default(),
            dpi: 203,
            templates: PathBuf::new(),
            queue_max: 50,
            retry_ms: 5_000,
        }
    }
}

/// A way to a printer that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// An address with its port.
    Tcp(String),
    /// A device node.
    Usb(PathBuf),
}

impl PrinterLink {
    /// Whether there is a printer at all.
    pub const fn is_some(&self) -> bool {
        self.tcp.is_some() || self.usb.is_some()
    }

    pub(super) fn way(&self) -> Result<Option<Way>, PrinterConfigError> {
        match (&self.tcp, &self.usb) {
            (None, None) => Ok(None),
            (Some(_), Some(_)) => Err(PrinterConfigError::TwoLinks),
            (Some(address), None) => Ok(Some(Way::Tcp(with_port(address)?))),
            (None, Some(path)) if path.is_absolute() => Ok(Some(Way::Usb(path.clone()))),
            (None, Some(_)) => Err(PrinterConfigError::Path),
        }
    }
}

fn with_port(address: &str) -> Result<String, PrinterConfigError> {
    let wrong = || PrinterConfigError::Address(address.to_owned());
    let is_plain = |host: &str| !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_graphic());
    // An IPv6 address without brackets has colons, and no port.
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
            (host.to_owned(), port.parse().map_err(|_| wrong())?)
        }
        Some(_) if address.parse::<std::net::Ipv6Addr>().is_ok() => (format!("[{address}]"), PORT),
        Some(_) => (address.to_owned(), PORT),
        None => (address.to_owned(), PORT),
    };
    if is_plain(&host) && port > 0 {
        Ok(format!("{host}:{port}"))
    } else {
        Err(wrong())
    }
}

impl PrinterConfig {
    /// Checks what the text's form does not, templates included.
    ///
    /// # Errors
    /// What is wrong, with its key.
    pub fn check(&self) -> Result<(), PrinterConfigError> {
        self.link.way()?;
        let range = |key, value: u64, from, to| {
            if (from..=to).contains(&value) {
                Ok(())
            } else {
                Err(PrinterConfigError::Range { key, value, from, to })
            }
        };
        range("printer.queue_max", self.queue_max as u64, 1, 1_000)?;
        range("printer.retry_ms", self.retry_ms, 500, 600_000)?;
        self.dpi()?;
        if self.link.is_some() {
            self.load_templates()?;
        }
        Ok(())
    }

    pub(super) fn dpi(&self) -> Result<Dpi, PrinterConfigError> {
        match self.dpi {
            203 => Ok(Dpi::Dpi203),
            300 => Ok(Dpi::Dpi300),
            other => Err(PrinterConfigError::Dpi(other)),
        }
    }

    pub(super) fn load_templates(&self) -> Result<Templates, PrinterConfigError> {
        let folder = (!self.templates.as_os_str().is_empty()).then_some(self.templates.as_path());
        Ok(Templates::load(folder, self.dpi()?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_an_address_with_a_port_or_a_whole_path() {
        let tcp = |address: &str| {
            PrinterLink {
                tcp: Some(address.to_owned()),
                usb: None,
            }
            .way()
        };
        for (address, wanted) in [
            ("192.168.1.50", "192.168.1.50:9100"),
            ("printer.example:6101", "printer.example:6101"),
            ("[fd00::7]:9100", "[fd00::7]:9100"),
            ("fd00::7", "[fd00::7]:9100"),
        ] {
            assert_eq!(
                tcp(address).unwrap(),
                Some(Way::Tcp(wanted.to_owned())),
                "{address}"
            );
        }
        for wrong in ["", ":9100", "a b", "printer:", "printer:0", "printer:99999"] {
            assert!(tcp(wrong).is_err(), "{wrong}");
        }
        let usb = |path: &str| {
            PrinterLink {
                tcp: None,
                usb: Some(path.into()),
            }
            .way()
        };
        assert_eq!(
            usb("/dev/usb/lp0").unwrap(),
            Some(Way::Usb("/dev/usb/lp0".into()))
        );
        assert!(usb("lp0").is_err());
        let both = PrinterLink {
            tcp: Some("a".to_owned()),
            usb: Some("/dev/usb/lp0".into()),
        };
        assert!(matches!(both.way(), Err(PrinterConfigError::TwoLinks)));
    }
}
