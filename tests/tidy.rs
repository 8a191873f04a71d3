//! The house keeps itself tidy: which room may use which, what the pure rooms may depend on, no file that
//! nothing imports, no link that leads nowhere.
//!
//! Each rule is a test whose failure names the file and says what to do.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each room and what it may use of the house. `docs/architecture.md` says why.
const ARROWS: &[(&str, &str, &[&str])] = &[
    ("codes", "src/codes", &[]),
    ("drivers", "drivers", &["codes"]),
    ("floor", "src/floor", &["codes"]),
    ("platform", "src/platform", &[]),
    ("agent", "src/agent", &["codes", "drivers", "floor", "platform"]),
    ("hub", "src/hub", &["codes", "floor", "platform"]),
    (
        "sim",
        "src/sim",
        &["agent", "codes", "drivers", "floor", "hub", "platform"],
    ),
    (
        "cli",
        "src/cli",
        &["agent", "codes", "drivers", "floor", "hub", "platform", "sim"],
    ),
];

/// What the pure rooms may depend on outside the house, and nothing else: none of these does I/O or reads a
/// clock unasked.
const PURE: &[(&str, &[&str])] = &[
    ("src/codes", &["jiff", "thiserror"]),
    (
        "src/floor",
        &["blake3", "jiff", "serde", "serde_json", "thiserror"],
    ),
];

/// The files that talk to the kernel, where `unsafe` is allowed because each use is explained and tested.
const UNSAFE_ALLOWED: &[&str] = &[
    // Counts allocations, which only a global allocator can.
    "tests/bench/decode.rs",
    // Requests of ioctl(2), and memory that is shared with a panel.
    "src/agent/panel/kernel/console.rs",
    "src/agent/panel/kernel/drm.rs",
    "src/agent/panel/kernel/framebuffer.rs",
    "src/agent/panel/kernel/mapping.rs",
];

fn top() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every file below a folder of the house, build products and version control left out.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("a readable entry").path();
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default()
                .to_owned();
            if path.is_dir() {
                if !matches!(
                    name.as_str(),
                    "target" | ".git" | "node_modules" | "corpus" | "artifacts"
                ) {
                    folders.push(path);
                }
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn with_extension(extension: &str) -> Vec<PathBuf> {
    let mut files = files_below(&top());
    files.retain(|path| path.extension().is_some_and(|found| found == extension));
    files
}

fn relative(path: &Path) -> String {
    path.strip_prefix(top()).unwrap_or(path).display().to_string()
}

/// The names under `[dependencies]` of a manifest.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut inside = false;
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line == "[dependencies]";
        } else if inside && !line.starts_with('#') {
            let end = line.find(['.', ' ', '=']).unwrap_or(line.len());
            if end > 0 {
                names.insert(line[..end].to_owned());
            }
        }
    }
    names
}

#[test]
fn arrows_between_rooms_point_one_way() {
    for (room, folder, allowed) in ARROWS {
        let manifest = read(&top().join(folder).join("Cargo.toml"));
        for dependency in dependencies(&manifest) {
            if let Some(used) = dependency.strip_prefix("tallyman-") {
                assert!(
                    allowed.contains(&used),
                    "{folder}/Cargo.toml: `{room}` may not use `{used}`. Move what both need to a room that both \
                     may use, or change the arrows in docs/architecture.md and here."
                );
            }
        }
    }
}

#[test]
fn pure_rooms_depend_on_nothing_that_does_io() {
    for (folder, allowed) in PURE {
        for dependency in dependencies(&read(&top().join(folder).join("Cargo.toml"))) {
            assert!(
                dependency.starts_with("tallyman-") || allowed.contains(&dependency.as_str()),
                "{folder}/Cargo.toml: `{dependency}` is not on the list of what a pure room may use."
            );
        }
    }
}

#[test]
fn rooms_keep_their_doors_and_run_no_build_script() {
    for (_, folder, _) in ARROWS {
        let manifest = read(&top().join(folder).join("Cargo.toml"));
        for wanted in ["build = false", "autotests = false", "path = \"lib.rs\""] {
            assert!(manifest.contains(wanted), "{folder}/Cargo.toml lacks `{wanted}`.");
        }
    }
}

/// Where a module named in a file may live: beside it, or in the folder named after it.
fn module_files(declaring: &Path, module: &str) -> [PathBuf; 2] {
    let folder = declaring.parent().expect("a file has a folder");
    let stem = declaring
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or_default();
    let is_root =
        matches!(stem, "lib" | "mod" | "main") || folder.ends_with("tests") || folder.ends_with(stem);
    let base = if is_root {
        folder.to_path_buf()
    } else {
        folder.join(stem)
    };
    [
        base.join(format!("{module}.rs")),
        base.join(module).join("mod.rs"),
    ]
}

/// The files that the `mod` lines of one file name.
fn modules_of(path: &Path) -> BTreeSet<PathBuf> {
    let mut imported = BTreeSet::new();
    let mut next_path: Option<String> = None;
    for line in read(path).lines().map(str::trim) {
        if let Some(named) = line
            .strip_prefix("#[path = \"")
            .and_then(|rest| rest.strip_suffix("\"]"))
        {
            next_path = Some(named.to_owned());
            continue;
        }
        let words = ["pub ", "pub(crate) ", "pub(super) "]
            .iter()
            .find_map(|visibility| line.strip_prefix(visibility))
            .unwrap_or(line);
        let Some(module) = words.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';')) else {
            continue;
        };
        match next_path.take() {
            Some(named) => {
                // A test may name a file that others share, in a folder above its own.
                let file = path.parent().expect("a folder").join(named);
                imported.insert(fs::canonicalize(&file).unwrap_or(file));
            }
            None => imported.extend(module_files(path, module)),
        }
    }
    imported
}

/// The test and bench files that a manifest names.
fn targets_of(manifest: &Path) -> Vec<PathBuf> {
    let folder = manifest.parent().expect("a folder");
    read(manifest)
        .lines()
        .filter_map(|line| line.strip_prefix("path = \"")?.strip_suffix('"'))
        // A room may name a file above its folder.
        .map(|named| fs::canonicalize(folder.join(named)).expect("a file that a manifest names"))
        .collect()
}

#[test]
fn every_source_file_is_imported() {
    let targets: BTreeSet<PathBuf> = files_below(&top())
        .iter()
        .filter(|path| path.ends_with("Cargo.toml"))
        .flat_map(|path| targets_of(path))
        .collect();
    let sources = with_extension("rs");
    let imported: BTreeSet<PathBuf> = sources.iter().flat_map(|path| modules_of(path)).collect();
    for path in &sources {
        let name = relative(path);
        let is_door = name.ends_with("lib.rs") || name == "src/main.rs" || name.starts_with("tests/fuzz/");
        assert!(
            is_door || imported.contains(path) || targets.contains(path),
            "{name}: nothing imports this file. Name it in a `mod` line, or remove it."
        );
    }
}

#[test]
fn every_source_file_says_what_it_is_for() {
    for path in with_extension("rs") {
        let text = read(&path);
        let first = text.lines().next().unwrap_or_default();
        assert!(
            first.starts_with("//! ") || first.starts_with("#!["),
            "{}: open the file with a `//!` sentence that says what it is for.",
            relative(&path)
        );
    }
}

#[test]
fn unsafe_code_stays_in_the_files_that_talk_to_the_kernel() {
    // Put together here, so that this file does not find itself.
    let allow = ["allow(", "unsafe_code)"].concat();
    for path in with_extension("rs") {
        let name = relative(&path);
        if read(&path).contains(&allow) {
            assert!(
                UNSAFE_ALLOWED.contains(&name.as_str()),
                "{name} allows unsafe code. Use a library, or add the file to the list with a reason."
            );
        }
    }
}

#[test]
fn links_in_the_documents_lead_somewhere() {
    let mut broken = BTreeMap::new();
    for path in with_extension("md") {
        let folder = path.parent().expect("a folder").to_path_buf();
        let text = read(&path);
        for piece in text.split("](").skip(1) {
            let Some(target) = piece.split(')').next() else {
                continue;
            };
            let file = target.split('#').next().unwrap_or_default();
            let is_web = file.contains("://") || file.starts_with("mailto:");
            if !file.is_empty() && !is_web && !folder.join(file).exists() {
                broken.insert(relative(&path), target.to_owned());
            }
        }
    }
    assert!(broken.is_empty(), "links that lead nowhere: {broken:?}");
}

#[test]
fn no_test_waits_by_the_clock() {
    let sleep = ["sleep(Duration", "::"].concat();
    for path in files_below(&top().join("tests")) {
        if path.extension().is_some_and(|extension| extension == "rs") {
            let text = read(&path);
            assert!(
                !text.contains(&sleep),
                "{}: wait for an event, not for the clock.",
                relative(&path)
            );
        }
    }
}

#[test]
fn a_manifest_is_read_as_cargo_reads_it() {
    let manifest = "[package]\nname = \"x\"\n[dependencies]\na.workspace = true\nb = \"1\"\n# c\n\n\
                    [dev-dependencies]\nd = \"1\"\n";
    assert_eq!(dependencies(manifest).into_iter().collect::<Vec<_>>(), ["a", "b"]);
}
