//! Serial ports: UARTs, USB serial adapters, USB-COM scanners, and the pseudo terminals of tests and demo.

use futures_util::future::BoxFuture;
use tokio_serial::{SerialPort as _, SerialPortBuilderExt as _, SerialStream};

use super::{Link, LinkError, Opener};
use crate::config::{FlowControl, Line, Parity, SerialConfig};

/// Opens one serial port as configured.
#[derive(Debug)]
pub struct SerialOpener {
    config: SerialConfig,
}

impl SerialOpener {
    /// An opener for this port.
    pub fn new(config: SerialConfig) -> Self {
        Self { config }
    }
}

impl Opener for SerialOpener {
    fn open(&mut self) -> BoxFuture<'_, Result<Box<dyn Link>, LinkError>> {
        Box::pin(async { open(&self.config).map(|port| Box::new(port) as Box<dyn Link>) })
    }

    fn node(&self) -> Option<String> {
        Some(super::node_behind(std::path::Path::new(&self.config.path)))
    }
}

/// Opens a port: raw, for this program alone, with line settings and control lines as configured.
///
/// # Errors
/// [`LinkError`] says what is in the way.
pub fn open(config: &SerialConfig) -> Result<SerialStream, LinkError> {
    let mut port = tokio_serial::new(&config.path, config.baud)
        .data_bits(match config.data_bits {
            7 => tokio_serial::DataBits::Seven,
            _ => tokio_serial::DataBits::Eight,
        })
        .parity(match config.parity {
            Parity::None => tokio_serial::Parity::None,
            Parity::Even => tokio_serial::Parity::Even,
            Parity::Odd => tokio_serial::Parity::Odd,
        })
        .stop_bits(match config.stop_bits {
            2 => tokio_serial::StopBits::Two,
            _ => tokio_serial::StopBits::One,
        })
        .flow_control(match config.flow_control {
            FlowControl::None => tokio_serial::FlowControl::None,
            FlowControl::RtsCts => tokio_serial::FlowControl::Hardware,
            FlowControl::XonXoff => tokio_serial::FlowControl::Software,
        })
        .open_native_async()
        .map_err(|error| fault(&config.path, error))?;
    let fault = |error| fault(&config.path, error);
    match config.dtr {
        Line::Keep => {}
        level => control_line(port.write_data_terminal_ready(level == Line::On)).map_err(fault)?,
    }
    match (config.rts, config.flow_control) {
        // With hardware flow control the kernel drives RTS.
        (Line::Keep, _) | (_, FlowControl::RtsCts) => {}
        (level, _) => control_line(port.write_request_to_send(level == Line::On)).map_err(fault)?,
    }
    Ok(port)
}

impl Link for SerialStream {
    fn set_baud(&mut self, baud: u32) -> std::io::Result<()> {
        self.set_baud_rate(baud).map_err(std::io::Error::from)
    }
}

/// A pseudo terminal and some adapters have no control lines; that is no fault of theirs.
fn control_line(result: tokio_serial::Result<()>) -> tokio_serial::Result<()> {
    match result {
        Err(error) if has_no_control_lines(&error) => Ok(()),
        other => other,
    }
}

fn has_no_control_lines(error: &tokio_serial::Error) -> bool {
    // serialport keeps the kind and the text of ENOTTY and EINVAL, not the number.
    matches!(
        error.kind,
        tokio_serial::ErrorKind::InvalidInput
            | tokio_serial::ErrorKind::Unknown
            | tokio_serial::ErrorKind::Io(std::io::ErrorKind::Unsupported | std::io::ErrorKind::InvalidInput)
    ) || error.description.contains("ioctl")
}

fn fault(path: &str, error: tokio_serial::Error) -> LinkError {
    let kind = match error.kind {
        tokio_serial::ErrorKind::NoDevice => return no_device(path, error),
        tokio_serial::ErrorKind::Io(kind) => kind,
        tokio_serial::ErrorKind::InvalidInput => std::io::ErrorKind::InvalidInput,
        tokio_serial::ErrorKind::Unknown => std::io::ErrorKind::Other,
    };
    LinkError::of_node(path, std::io::Error::new(kind, error.description))
}

/// The library says "no device" for a node that is not there and for one that is taken.
fn no_device(path: &str, error: tokio_serial::Error) -> LinkError {
    let path = path.to_owned();
    match std::fs::metadata(&path) {
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => LinkError::Missing { path },
        _ if error.description.contains("usy") => LinkError::Busy { path },
        _ => LinkError::System {
            what: path,
            cause: std::io::Error::other(error.description),
        },
    }
}
