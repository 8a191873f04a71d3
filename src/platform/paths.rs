//! Where things lie: under systemd where the unit says, as root in the system's folders, otherwise in the
//! user's own.

use std::ffi::OsString;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::files;

/// The folders of one installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// Configuration files.
    pub config: PathBuf,
    /// What must survive: stores and keys.
    pub state: PathBuf,
    /// What lives as long as the process: sockets.
    pub runtime: PathBuf,
}

/// Writable by anyone in the group, or by anyone.
const WRITABLE_BY_OTHERS: u32 = 0o022;

impl Paths {
    /// The folders of an installed package: `/etc/tallyman`, `/var/lib/tallyman`, `/run/tallyman`.
    pub fn system() -> Paths {
        Paths {
            config: "/etc/tallyman".into(),
            state: "/var/lib/tallyman".into(),
            runtime: "/run/tallyman".into(),
        }
    }

    /// The folders of this process.
    pub fn of_this_process() -> Paths {
        Paths::choose(
            |name| std::env::var_os(name),
            rustix::process::geteuid().is_root(),
        )
    }

    /// The folders for this environment. In order: what systemd made for the unit (`STATE_DIRECTORY` and its
    /// like, systemd.exec(5)), the system's folders for root, the XDG folders (Base Directory Specification
    /// 0.8), and the defaults below `HOME`. A user without a home gets the system's folders, whose refusal
    /// then names them; so does the package's account, whose home is the system's state folder.
    pub fn choose(environment: impl Fn(&str) -> Option<OsString>, is_root: bool) -> Paths {
        // A relative path in such a variable must be ignored, says the XDG specification.
        let absolute = |name: &str| {
            environment(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        // systemd lists several folders with colons between; ours is the first.
        let from_systemd = |name: &str| {
            let list = environment(name)?;
            std::env::split_paths(&list)
                .next()
                .filter(|path| path.is_absolute())
        };
        let system = Paths::system();
        // The account of the package has its home there: its commands use what its service uses.
        let home = absolute("HOME").filter(|home| !is_root && *home != system.state);
        let own = |variable: &str, below_home: &str| {
            let home = home.as_ref()?;
            let base = absolute(variable).unwrap_or_else(|| home.join(below_home));
            Some(base.join("tallyman"))
        };
        let state = from_systemd("STATE_DIRECTORY")
            .or_else(|| own("XDG_STATE_HOME", ".local/state"))
            .unwrap_or(system.state);
        let own_runtime = || {
            let _home = home.as_ref()?;
            // Without a session there is no runtime folder; the state folder is private as well.
            Some(absolute("XDG_RUNTIME_DIR").map_or_else(|| state.join("run"), |base| base.join("tallyman")))
        };
        Paths {
            config: from_systemd("CONFIGURATION_DIRECTORY")
                .or_else(|| own("XDG_CONFIG_HOME", ".config"))
                .unwrap_or(system.config),
            runtime: from_systemd("RUNTIME_DIRECTORY")
                .or_else(own_runtime)
                .unwrap_or(system.runtime),
            state,
        }
    }
}

/// Makes sure that `folder` exists and nobody else can change what is in it. New folders, those above it
/// included, are for the owner alone (0700) and on disk when this returns.
///
/// # Errors
///
/// What the system says; and `PermissionDenied` with a text that says what to do, where the folder exists and
/// belongs to another user, or others may write into it.
pub fn create_private(folder: &Path) -> io::Result<()> {
    files::create_folder(folder, 0o700)?;
    let metadata = folder.metadata()?;
    let denied = |text: String| Err(io::Error::new(io::ErrorKind::PermissionDenied, text));
    let user = rustix::process::geteuid().as_raw();
    if metadata.uid() != user && user != 0 {
        return denied(format!(
            "{} belongs to user {}, and this program runs as user {user}. Run it as that user, or `chown` the folder.",
            folder.display(),
            metadata.uid()
        ));
    }
    if metadata.mode() & WRITABLE_BY_OTHERS != 0 {
        return denied(format!(
            "others may write into {}. Run `chmod go-w {0}`.",
            folder.display()
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn chosen(variables: &[(&str, &str)], is_root: bool) -> [String; 3] {
        let environment = |name: &str| {
            variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| OsString::from(value))
        };
        let Paths {
            config,
            state,
            runtime,
        } = Paths::choose(environment, is_root);
        [config, state, runtime].map(|path| path.to_str().unwrap().to_owned())
    }

    #[test]
    fn folders_for_every_environment() {
        let home = ("HOME", "/home/ann");
        for (variables, is_root, expected) in [
            (
                vec![],
                true,
                ["/etc/tallyman", "/var/lib/tallyman", "/run/tallyman"],
            ),
            (
                vec![home],
                true,
                ["/etc/tallyman", "/var/lib/tallyman", "/run/tallyman"],
            ),
            (
                vec![],
                false,
                ["/etc/tallyman", "/var/lib/tallyman", "/run/tallyman"],
            ),
            (
                vec![("HOME", "/var/lib/tallyman")],
                false,
                ["/etc/tallyman", "/var/lib/tallyman", "/run/tallyman"],
            ),
            (
                vec![home],
                false,
                [
                    "/home/ann/.config/tallyman",
                    "/home/ann/.local/state/tallyman",
                    "/home/ann/.local/state/tallyman/run",
                ],
            ),
            (
                vec![
                    home,
                    ("XDG_STATE_HOME", "/s"),
                    ("XDG_CONFIG_HOME", "relative"),
                    ("XDG_RUNTIME_DIR", "/run/user/7"),
                ],
                false,
                [
                    "/home/ann/.config/tallyman",
                    "/s/tallyman",
                    "/run/user/7/tallyman",
                ],
            ),
            (
                vec![
                    home,
                    ("STATE_DIRECTORY", "/var/lib/tallyman-2:/var/lib/other"),
                    ("RUNTIME_DIRECTORY", "/run/tallyman-2"),
                    ("CONFIGURATION_DIRECTORY", "/etc/tallyman-2"),
                ],
                false,
                ["/etc/tallyman-2", "/var/lib/tallyman-2", "/run/tallyman-2"],
            ),
        ] {
            assert_eq!(
                chosen(&variables, is_root),
                expected,
                "{variables:?}, root: {is_root}"
            );
        }
    }

    #[test]
    fn a_private_folder_is_made_with_those_above_it_and_made_again() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("a/b");
        for _ in 0..2 {
            create_private(&folder).unwrap();
        }
        for made in [&folder, &place.path().join("a")] {
            assert_eq!(made.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        }
    }

    #[test]
    fn a_folder_that_others_may_write_into_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("open");
        std::fs::create_dir(&folder).unwrap();
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
        let error = create_private(&folder).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        assert!(error.to_string().contains("chmod go-w"), "{error}");
    }

    #[test]
    fn a_file_in_the_way_is_an_error() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("file");
        std::fs::write(&path, b"").unwrap();
        create_private(&path).unwrap_err();
    }
}
