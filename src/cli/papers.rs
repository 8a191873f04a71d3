//! Writes the man pages and shell completions of the command line into a folder: `papers FOLDER`. They come with the
//! packages, and follow from the same declarations as `--help`, for the same set of features.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap_complete::Shell;

/// The command, as people type it.
const COMMAND: &str = "tallyman";

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("papers: name the folder to write to");
        return ExitCode::from(tallyman_cli::EXIT_USAGE);
    };
    match write(&folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("papers: {}: {error}", folder.display());
            ExitCode::FAILURE
        }
    }
}

/// One page for each command and subcommand in `man1`, and one file for each shell in `completions`.
fn write(folder: &Path) -> io::Result<()> {
    let (pages, completions) = (folder.join("man1"), folder.join("completions"));
    for made in [&pages, &completions] {
        std::fs::create_dir_all(made)?;
    }
    let command = tallyman_cli::command_line().disable_help_subcommand(true);
    clap_mangen::generate_to(command.clone(), &pages)?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        clap_complete::generate_to(shell, &mut command.clone(), COMMAND, &completions)?;
    }
    Ok(())
}
