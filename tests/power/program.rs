//! The program under test with the recorder preloaded, and a folder in memory to record in.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::disk::{Disk, Honesty};
use super::image::{Fate, Image};
use super::trace::Record;

/// A folder of its own, in memory where the machine has such a place: images are written by the thousand.
pub fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let mut builder = tempfile::Builder::new();
    // Short: a socket's path has 107 bytes at most.
    builder.prefix("tm");
    let folder = if memory.is_dir() {
        builder.tempdir_in(memory)
    } else {
        builder.tempdir()
    };
    folder.expect("a folder")
}

/// What is recorded, and how.
pub struct Recorder<'a> {
    /// The folder for the recorder itself.
    pub tools: &'a Path,
    /// The folder whose changes are written down.
    pub recorded: &'a Path,
    /// What the files that they are written to are called, but for a number at their end.
    pub record: &'a Path,
    /// How much faster waits pass in the program.
    pub haste: u32,
    /// Other libraries of the tests that are preloaded before the recorder.
    pub libraries: &'a [&'a str],
    /// Variables for them and for the program.
    pub variables: &'a [(&'a str, &'a Path)],
}

/// A script that runs the program with the recorder.
pub fn recorded_program(recorder: &Recorder<'_>) -> PathBuf {
    let tools = recorder.tools;
    let sources = recorder
        .libraries
        .iter()
        .copied()
        .chain(["tests/power/recorder.c"]);
    let libraries: Vec<String> = sources
        .map(|source| build(tools, source).display().to_string())
        .collect();
    let mut text = format!("#!/bin/sh\nexport TALLYMAN_POWER_HASTE={}\n", recorder.haste);
    let own = [
        ("TALLYMAN_POWER_FOLDER", recorder.recorded),
        ("TALLYMAN_POWER_RECORD", recorder.record),
    ];
    for (name, value) in own.iter().chain(recorder.variables) {
        text.push_str(&format!("export {name}='{}'\n", value.display()));
    }
    // Last, so that it is preloaded into the program alone.
    text.push_str(&format!(
        "LD_PRELOAD='{}' exec '{}' \"$@\"\n",
        libraries.join(":"),
        env!("CARGO_BIN_EXE_tallyman")
    ));
    let script = tools.join("recorded.sh");
    std::fs::write(&script, text).expect("a script");
    std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).expect("a runnable script");
    script
}

fn build(tools: &Path, source: &str) -> PathBuf {
    let name = Path::new(source).file_stem().expect("a name");
    let library = tools.join(name).with_extension("so");
    let status = Command::new("cc")
        .args(["-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o"])
        .arg(&library)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(source))
        .arg("-ldl")
        .status()
        .expect("a C compiler");
    assert!(status.success(), "{source} does not build");
    library
}

/// Nothing was missed: the files are, byte for byte, what the recording makes of them.
pub fn assert_complete(records: &[Record], recorded: &Path, is_followed: fn(&str) -> bool) {
    let mut disk = Disk::new(Honesty::Honest, is_followed);
    for record in records {
        disk.take(&record.act);
    }
    let replayed = Image::of(&disk, &Fate::KEPT);
    let mut found = Image::default();
    read_into(&mut found, recorded, "", is_followed);
    assert_eq!(
        found.files.keys().collect::<Vec<_>>(),
        replayed.files.keys().collect::<Vec<_>>(),
        "the recorder missed a name"
    );
    for (place, content) in &found.files {
        let same = replayed.files[place]
            .iter()
            .zip(content)
            .take_while(|(one, other)| one == other);
        assert!(
            replayed.files[place] == *content,
            "the recorder missed a write to {place}: {} bytes of {} are the same",
            same.count(),
            content.len()
        );
    }
}

fn read_into(image: &mut Image, folder: &Path, place: &str, is_followed: fn(&str) -> bool) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().into_string().expect("a name in UTF-8");
        let below = if place.is_empty() {
            name
        } else {
            format!("{place}/{name}")
        };
        let kind = entry.file_type().expect("a kind");
        if !is_followed(&below) {
            continue;
        }
        if kind.is_dir() {
            read_into(image, &entry.path(), &below, is_followed);
            image.folders.insert(below);
        } else if kind.is_file() {
            image
                .files
                .insert(below, std::fs::read(entry.path()).expect("a file"));
        }
    }
}
