//! The command line: one file per command, named as the command is. What others may rely on is in
//! docs/command-line.md.
//!
//! Machine output is JSON Lines on standard output; people's output of the daemons and all logs go to standard
//! error. Exit codes: 0 done, 1 the thing checked does not hold, 2 wrong arguments or configuration,
//! 3 interrupted.

pub mod agent;
#[cfg(feature = "hub")]
pub mod backup;
pub mod decode;
#[cfg(feature = "sim")]
pub mod demo;
pub mod devices;
pub mod doctor;
pub mod explain;
#[cfg(feature = "hub")]
pub mod hub;
#[cfg(feature = "hub")]
pub mod import;
pub mod keys;
#[cfg(feature = "hub")]
pub mod person;
pub mod print_test;
pub mod record;
pub mod replay;
pub mod set_up;
mod set_up_sheet;
pub mod shot;
pub mod status;
pub mod support_bundle;
#[cfg(feature = "hub")]
pub mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A scanning agent for Linux handhelds and dock readers in warehouses, and the hub it reports to.
#[derive(Parser)]
#[command(name = "tallyman", version, arg_required_else_help = true)]
#[command(after_help = "Try it without hardware:  tallyman demo")]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

/// Each variant is one file of this room; its arguments and help texts are there.
#[derive(Subcommand)]
enum Command {
    Agent(agent::Arguments),
    #[cfg(feature = "hub")]
    Hub(hub::Arguments),
    #[cfg(feature = "hub")]
    Import(import::Arguments),
    #[cfg(feature = "hub")]
    Verify(verify::Arguments),
    #[cfg(feature = "hub")]
    Backup(backup::Arguments),
    #[cfg(feature = "hub")]
    Person(person::Arguments),
    Decode(decode::Arguments),
    #[cfg(feature = "sim")]
    Demo(demo::Arguments),
    Replay(replay::Arguments),
    Record(record::Arguments),
    Devices(devices::Arguments),
    SetUp(set_up::Arguments),
    SetUpSheet(set_up_sheet::Arguments),
    Doctor(doctor::Arguments),
    Explain(explain::Arguments),
    Status(status::Arguments),
    SupportBundle(support_bundle::Arguments),
    Shot(shot::Arguments),
    Keys(keys::Arguments),
    PrintTest(print_test::Arguments),
}

/// Wrong arguments or configuration.
pub const EXIT_USAGE: u8 = 2;
/// Interrupted by a signal before the work was done.
pub const EXIT_INTERRUPTED: u8 = 3;

/// The command line as a value, for those who describe it.
pub fn command_line() -> clap::Command {
    <CommandLine as clap::CommandFactory>::command()
}

/// Reads the command line, runs the command and gives its exit code. An error is printed with its causes, each
/// on a line of its own, to standard error.
pub fn main() -> ExitCode {
    let command_line = CommandLine::parse();
    match run(command_line.command) {
        Ok(code) => code,
        Err(error) => {
            eprint!("{}", told(&error));
            ExitCode::from(EXIT_USAGE)
        }
    }
}

/// An error with its causes, each on a line of its own; a cause that the line above it says already is left out.
fn told(error: &anyhow::Error) -> String {
    let mut above = error.to_string();
    let mut text = format!("tallyman: {above}\n");
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        if !above.contains(&cause) {
            text.push_str(&format!("  because: {cause}\n"));
            above = cause;
        }
    }
    text
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Agent(arguments) => agent::run(arguments),
        #[cfg(feature = "hub")]
        Command::Hub(arguments) => hub::run(arguments),
        #[cfg(feature = "hub")]
        Command::Import(arguments) => import::run(arguments),
        #[cfg(feature = "hub")]
        Command::Verify(arguments) => verify::run(arguments),
        #[cfg(feature = "hub")]
        Command::Backup(arguments) => backup::run(arguments),
        #[cfg(feature = "hub")]
        Command::Person(arguments) => person::run(arguments),
        Command::Decode(arguments) => decode::run(arguments),
        #[cfg(feature = "sim")]
        Command::Demo(arguments) => demo::run(arguments),
        Command::Replay(arguments) => replay::run(arguments),
        Command::Record(arguments) => record::run(arguments),
        Command::Devices(arguments) => devices::run(arguments),
        Command::SetUp(arguments) => set_up::run(arguments),
        Command::SetUpSheet(arguments) => set_up_sheet::run(arguments),
        Command::Doctor(arguments) => doctor::run(arguments),
        Command::Explain(arguments) => explain::run(arguments),
        Command::Status(arguments) => status::run(arguments),
        Command::SupportBundle(arguments) => support_bundle::run(arguments),
        Command::Shot(arguments) => shot::run(arguments),
        Command::Keys(arguments) => keys::run(arguments),
        Command::PrintTest(arguments) => print_test::run(arguments),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        let inner = anyhow::anyhow!("no such file")
            .context("the store: no such file")
            .context("the hub stops");
        assert_eq!(
            told(&inner),
            "tallyman: the hub stops\n  because: the store: no such file\n"
        );
    }
}
