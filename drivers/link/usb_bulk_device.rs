//! A USB device through libusb: found on its bus, an interface of it claimed, its serial line set up, its pipes
//! read and written.
//!
//! A context of its own for each open device: the library's global one panics on machines without USB.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusb::{Context, DeviceHandle, Direction, Error, Recipient, RequestType, UsbContext as _, request_type};

use super::usb_bulk::{Pipes, TRANSFER_MS, UsbBulk, Wire};
use super::usb_bulk_interface::{Choice, Endpoint, UsbDevice};
use super::{Link, LinkError};
use crate::contract::Packets;

/// How long the device may take to answer a request about its line, in milliseconds.
const REQUEST_MS: u64 = 1_000;
/// Stalls in a row after which a pipe counts as broken.
const STALLS_MAX: usize = 3;
/// USB CDC PSTN 1.2, section 6.3.10: the serial line's rate and form.
const SET_LINE_CODING: u8 = 0x20;
/// USB CDC PSTN 1.2, section 6.3.12: DTR is bit 0, RTS is bit 1.
const SET_CONTROL_LINE_STATE: u8 = 0x22;
const DTR_AND_RTS: u16 = 0b11;

/// How a device wants to be spoken to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Manners {
    /// How bytes stand in packets.
    pub(super) packets: Packets,
    /// What it must be given before it sends.
    pub(super) open_with: Vec<u8>,
    /// What it is given in the end.
    pub(super) close_with: Vec<u8>,
    /// Bits per second of the serial line, for communications devices.
    pub(super) baud: u32,
}

/// Opens the interface. Blocks for as long as the device takes to answer.
///
/// # Errors
/// [`LinkError`] says what is in the way.
pub(super) fn open(
    device: &UsbDevice,
    choice: &Choice,
    manners: &Manners,
) -> Result<Box<dyn Link>, LinkError> {
    let path = device.path();
    let fault = |error| fault(&path, error);
    let pipes = Interface {
        handle: find(device).and_then(|device| device.open()).map_err(fault)?,
        choice: *choice,
    };
    pipes.claim().map_err(fault)?;
    if let Some(line) = choice.line {
        set_line(&pipes.handle, line, manners.baud).map_err(fault)?;
    }
    if !manners.open_with.is_empty() {
        pipes
            .send(&manners.open_with)
            .map_err(|cause| system(&path, cause))?;
    }
    let wire = Wire {
        packets: manners.packets,
        packet_bytes: choice.input.packet_bytes,
        sends: choice.output.is_some(),
        close_with: manners.close_with.clone(),
    };
    let link = UsbBulk::start(Arc::new(pipes), &wire).map_err(|cause| system(&path, cause))?;
    Ok(Box::new(link))
}

fn find(device: &UsbDevice) -> rusb::Result<rusb::Device<Context>> {
    Context::new()?
        .devices()?
        .iter()
        .find(|found| (found.bus_number(), found.address()) == (device.bus, device.address))
        .ok_or(Error::NoDevice)
}

/// Sets 8N1 and the rate, then DTR and RTS: several scanners send nothing before that. A device without a real line
/// may refuse either.
fn set_line(handle: &DeviceHandle<Context>, interface: u8, baud: u32) -> rusb::Result<()> {
    let mut coding = baud.to_le_bytes().to_vec();
    // One stop bit, no parity, eight data bits.
    coding.extend([0, 0, 8]);
    let ask = |request, value, bytes: &[u8]| {
        let kind = request_type(Direction::Out, RequestType::Class, Recipient::Interface);
        let patience = Duration::from_millis(REQUEST_MS);
        match handle.write_control(kind, request, value, u16::from(interface), bytes, patience) {
            Ok(_) | Err(Error::Pipe) => Ok(()),
            Err(error) => Err(error),
        }
    };
    ask(SET_LINE_CODING, 0, &coding)?;
    ask(SET_CONTROL_LINE_STATE, DTR_AND_RTS, &[])
}

/// An interface of an open device. Dropping it lets the interface go and closes the device.
struct Interface {
    handle: DeviceHandle<Context>,
    choice: Choice,
}

/// The kernel's driver gets back what was taken from it. All is let go before that: the driver of a communications
/// device wants both of its interfaces at once, and is asked through the one that sets the line.
impl Drop for Interface {
    fn drop(&mut self) {
        // A device that is gone gives nothing back, and what was not claimed is not let go: neither matters here.
        for number in self.numbers() {
            let _ = self.handle.release_interface(number);
        }
        for number in self.numbers().filter(|_| self.choice.detach) {
            let _ = self.handle.attach_kernel_driver(number);
        }
    }
}

impl Interface {
    /// The interfaces that are taken, the one that sets the line first.
    fn numbers(&self) -> impl Iterator<Item = u8> + use<> {
        self.choice.line.into_iter().chain([self.choice.interface])
    }

    fn claim(&self) -> rusb::Result<()> {
        for number in self.numbers() {
            if self.choice.detach {
                match self.handle.detach_kernel_driver(number) {
                    // Nobody has it.
                    Ok(()) | Err(Error::NotFound) => {}
                    Err(error) => return Err(error),
                }
            }
            self.handle.claim_interface(number)?;
        }
        Ok(())
    }

    /// Ends a stall; a pipe that had none does not mind.
    fn unstall(&self, endpoint: Endpoint) -> rusb::Result<()> {
        self.handle.clear_halt(endpoint.address)
    }

    /// One transfer. A stall is the device's way to say "not now": it is ended and the transfer tried again.
    fn transfer(
        &self,
        endpoint: Endpoint,
        mut once: impl FnMut(Duration) -> rusb::Result<usize>,
    ) -> io::Result<usize> {
        for _ in 0..STALLS_MAX {
            // When the time is over and bytes came all the same, the library's answer is their count.
            match once(Duration::from_millis(TRANSFER_MS)) {
                Ok(count) => return Ok(count),
                Err(Error::Timeout | Error::Interrupted) => return Ok(0),
                Err(Error::Pipe) => self.unstall(endpoint).map_err(of_transfer)?,
                Err(error) => return Err(of_transfer(error)),
            }
        }
        Err(of_transfer(Error::Pipe))
    }
}

impl Pipes for Interface {
    fn receive(&self, packet: &mut [u8]) -> io::Result<usize> {
        let Endpoint {
            address,
            is_interrupt,
            ..
        } = self.choice.input;
        self.transfer(self.choice.input, |patience| {
            if is_interrupt {
                self.handle.read_interrupt(address, packet, patience)
            } else {
                self.handle.read_bulk(address, packet, patience)
            }
        })
    }

    fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        let Some(output) = self.choice.output else {
            return Ok(bytes.len());
        };
        self.transfer(output, |patience| {
            if output.is_interrupt {
                self.handle.write_interrupt(output.address, bytes, patience)
            } else {
                self.handle.write_bulk(output.address, bytes, patience)
            }
        })
    }
}

fn of_transfer(error: Error) -> io::Error {
    let kind = match error {
        Error::NoDevice => io::ErrorKind::NotConnected,
        Error::Pipe => io::ErrorKind::BrokenPipe,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, error)
}

fn fault(path: &Path, error: Error) -> LinkError {
    let path_text = || path.to_string_lossy().into_owned();
    match error {
        Error::Access => LinkError::Denied { path: path_text() },
        Error::Busy => LinkError::Busy { path: path_text() },
        Error::NoDevice | Error::NotFound => LinkError::Missing { path: path_text() },
        // This is what the library says on a machine without USB.
        Error::Other => system(path, io::Error::other("there is no USB here")),
        error => system(path, io::Error::other(error)),
    }
}

fn system(path: &Path, cause: io::Error) -> LinkError {
    LinkError::System {
        what: path.to_string_lossy().into_owned(),
        cause,
    }
}
