//! The street door: one command, `tallyman`. What each subcommand does is in the `cli` room.

fn main() -> std::process::ExitCode {
    tallyman_cli::main()
}
