//! A PostgreSQL server of a test's own: made from the installed binaries in a temporary folder, reached by a Unix socket
//! alone, and gone with the process that started it, however that ends.
//!
//! Shared by several test programs, which name this file in a `mod` line with a path.

use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The superuser of the server.
const ROLE: &str = "tallyman";

/// Where distributions put the binaries, a folder for each version.
const VERSIONS: &str = "/usr/lib/postgresql";

/// The same durability as in earnest, in a small size.
const SETTINGS: &str = "\
listen_addresses = ''
fsync = on
full_page_writes = on
synchronous_commit = on
wal_level = replica
max_connections = 300
shared_buffers = 64MB
max_wal_size = 512MB
jit = off
log_line_prefix = '%m [%p] %u@%d '
";

/// A running server.
pub struct Server {
    folder: PathBuf,
    bin: PathBuf,
    /// Stops the server and removes the folder when its standard input ends.
    _keeper: Child,
}

/// Who the server runs as: it refuses to be root.
#[derive(Clone, Copy)]
struct Account {
    user: u32,
    group: u32,
}

impl Server {
    /// The one server of this test program; `None`, said loudly, where PostgreSQL is not installed. Fails then where
    /// `CI` is set: there it has to be.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Server>> = OnceLock::new();
        SHARED.get_or_init(|| Self::start("")).as_ref()
    }

    /// Another server, with more settings.
    pub fn start(settings: &str) -> Option<Self> {
        let Some(bin) = binaries() else {
            // Not by a macro, whose output tests keep to themselves.
            let said =
                b"SKIPPED: no PostgreSQL. Install it (apt install postgresql) to run the tests on it.\n";
            let _ = std::io::stderr().write_all(said);
            assert!(std::env::var_os("CI").is_none(), "CI has to have PostgreSQL");
            return None;
        };
        let folder = make_folder();
        let server = Self {
            _keeper: keeper(&bin, &folder),
            folder,
            bin,
        };
        server.run(
            "initdb",
            &[
                "-D",
                "data",
                "-U",
                ROLE,
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
            ],
        );
        server.configure(settings);
        server.start_again();
        Some(server)
    }

    /// A server on a copy of this one's data folder, which `copy` has made in the folder it is given.
    pub fn from_copy(copy: impl FnOnce(&Path)) -> Self {
        let bin = binaries().expect("the first server had binaries");
        let folder = make_folder();
        copy(&folder.join("data"));
        let server = Self {
            _keeper: keeper(&bin, &folder),
            folder,
            bin,
        };
        server.configure("");
        server.start_again();
        server
    }

    fn configure(&self, settings: &str) {
        let socket = format!("unix_socket_directories = '{}'\n", self.folder.display());
        let file = self.folder.join("data/postgresql.auto.conf");
        std::fs::write(file, format!("{SETTINGS}{socket}{settings}")).expect("settings");
    }

    /// Starts the server, and waits until it takes connections.
    pub fn start_again(&self) {
        self.run("pg_ctl", &["-D", "data", "-l", "log", "-w", "-s", "start"]);
    }

    /// Ends the server as a power cut would, but for the disk.
    pub fn stop_at_once(&self) {
        self.run("pg_ctl", &["-D", "data", "-w", "-s", "-m", "immediate", "stop"]);
    }

    /// The folder of its data.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// A new, empty database, by its address.
    pub fn database(&self) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("t{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name} TEMPLATE template0"));
        self.address(&name)
    }

    /// The address of a database.
    pub fn address(&self, name: &str) -> String {
        self.address_as(name, ROLE)
    }

    /// The address of a database for another role.
    pub fn address_as(&self, name: &str, role: &str) -> String {
        let host = self.folder.display().to_string().replace('/', "%2F");
        format!("postgresql:///{name}?host={host}&user={role}")
    }

    /// Runs SQL as the superuser, and gives what it says: rows in lines, columns parted by `|`.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        let host = self.folder.display().to_string();
        self.run(
            "psql",
            &[
                "-h",
                &host,
                "-U",
                ROLE,
                "-d",
                database,
                "-X",
                "-A",
                "-t",
                "-q",
                "-v",
                "ON_ERROR_STOP=1",
                "-c",
                sql,
            ],
        )
    }

    /// Starts one of PostgreSQL's programs and leaves it running until it is dropped.
    pub fn leave_running(&self, program: &str, arguments: &[&str]) -> Running {
        let mut command = Command::new(self.bin.join(program));
        command
            .args(arguments)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        become_account(&mut command, account());
        Running(
            command
                .spawn()
                .unwrap_or_else(|error| panic!("{program}: {error}")),
        )
    }

    /// The folder of the server's socket, in which its programs run.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs one of PostgreSQL's programs in the server's folder, as the server's account; gives its output.
    pub fn run(&self, program: &str, arguments: &[&str]) -> String {
        let mut command = Command::new(self.bin.join(program));
        command
            .args(arguments)
            .current_dir(&self.folder)
            .env("PGTZ", "UTC");
        // `pg_ctl start` leaves a server behind that would hold a pipe open: what it says goes to a file.
        let said = self
            .folder
            .join(format!("said-{}", SAID.fetch_add(1, Ordering::Relaxed)));
        let file = std::fs::File::create(&said).expect("a file");
        command
            .stdin(Stdio::null())
            .stdout(file.try_clone().expect("a file"))
            .stderr(file);
        become_account(&mut command, account());
        let status = command
            .status()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        let output = std::fs::read_to_string(&said).unwrap_or_default();
        let _ = std::fs::remove_file(&said);
        assert!(
            status.success(),
            "{program} {arguments:?}: {status}\n{output}\n{}",
            std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
        );
        output.trim_end().to_owned()
    }
}

/// A program that is ended when this is dropped.
pub struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

static SAID: AtomicU32 = AtomicU32::new(0);

/// The newest binaries that are installed.
fn binaries() -> Option<PathBuf> {
    let version = |path: &Path| -> Option<u32> { path.file_name()?.to_str()?.parse().ok() };
    let mut found: Vec<PathBuf> = std::fs::read_dir(VERSIONS)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| version(path).is_some_and(|version| version >= 13))
        .filter(|path| path.join("bin/initdb").exists() && path.join("bin/postgres").exists())
        .collect();
    found.sort_by_key(|path| version(path));
    found.pop().map(|path| path.join("bin"))
}

/// The account `postgres` where this is root; `None` for this process's own.
fn account() -> Option<Account> {
    // The owner of this process's folder in /proc is who it runs as.
    let own = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").expect("/proc"));
    if own != 0 {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").expect("/etc/passwd");
    let line = users
        .lines()
        .find(|line| line.starts_with("postgres:"))
        .expect("root runs the server as the user postgres, which the package makes");
    let mut fields = line
        .split(':')
        .skip(2)
        .map(|field| field.parse().expect("a number"));
    Some(Account {
        user: fields.next().expect("a user"),
        group: fields.next().expect("a group"),
    })
}

fn become_account(command: &mut Command, account: Option<Account>) {
    if let Some(account) = account {
        command.uid(account.user).gid(account.group);
    }
}

/// A folder with a short name, for the path of a socket has at most 107 bytes.
fn make_folder() -> PathBuf {
    let folder = tempfile::Builder::new()
        .prefix("tmpg")
        .tempdir()
        .expect("a folder")
        .keep();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).expect("permissions");
    if let Some(account) = account() {
        chown(&folder, Some(account.user), Some(account.group)).expect("the folder's owner");
    }
    folder
}

/// A process that outlives this one by a moment: its standard input ends with this one, and then it cleans up.
fn keeper(bin: &Path, folder: &Path) -> Child {
    let mut command = Command::new("sh");
    let script = "cat >/dev/null; \"$1/pg_ctl\" -D \"$2/data\" -m immediate -s stop; rm -rf \"$2\"";
    command.args(["-c", script, "keeper"]).arg(bin).arg(folder);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // A Ctrl-C is for the tests; this has to stay.
        .process_group(0);
    become_account(&mut command, account());
    command.spawn().expect("a shell")
}
