//! Configuration: the shipped defaults, then the file, then the environment, into one checked type.
//!
//! Each layer is a TOML text. They are laid over each other key by key before the type is filled, so that a
//! file only holds what differs. Whatever is wrong is told with its place: file, line and column, or the
//! environment variable, and the key; for a key that nobody knows, the nearest one that is known.
//!
//! The type should carry `#[serde(deny_unknown_fields)]` on every struct: without it a misspelt key is
//! silently nothing.

mod explain;
mod layer;
mod secret;

use std::ffi::OsString;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use layer::Layers;
pub use secret::Secret;

/// Most bytes of a configuration file; what is longer is something else by mistake.
pub const FILE_BYTES_MAX: u64 = 1 << 20;

/// Where a configuration comes from.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// The shipped configuration: every key with its default.
    pub defaults: &'a str,
    /// The file, if any.
    pub file: File<'a>,
    /// The environment variables that may set a key.
    pub variables: &'a [Variable],
    /// Looks a variable up: `&|name| std::env::var_os(name)`, or a test's own.
    pub environment: &'a dyn Fn(&str) -> Option<OsString>,
}

/// The file of a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum File<'a> {
    /// There is none.
    None,
    /// It is read where it exists: the usual place, which nobody named.
    IfPresent(&'a Path),
    /// It must exist: somebody named it.
    Required(&'a Path),
}

/// An environment variable that sets one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Its name, such as `TALLYMAN_HUB_URL`.
    pub name: &'static str,
    /// The key, with dots between: `hub.url`.
    pub key: &'static str,
    /// How its text is read.
    pub value: VariableValue,
}

/// How the text of an environment variable is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VariableValue {
    /// As it stands: for keys that hold text.
    Text,
    /// As a TOML value: for numbers, `true`, `false`, lists.
    Toml,
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file that was named does not exist.
    #[error(
        "there is no configuration file at {}. Create it (an empty file takes every default), or name another one.",
        .path.display()
    )]
    Missing {
        /// The file.
        path: PathBuf,
    },

    /// The file cannot be read.
    #[error("the configuration file {} cannot be read: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },

    /// The file is no text of a sensible size.
    #[error("{} is no configuration file: {reason}", .path.display())]
    NoText {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        reason: &'static str,
    },

    /// The text is no TOML, or a key or value does not fit.
    #[error("{place}: {message}")]
    Invalid {
        /// `FILE:LINE:COLUMN` (both counted from 1, columns in characters), or the environment variable.
        place: String,
        /// The key and what is wrong with it.
        message: String,
    },
}

/// Reads and checks a configuration.
///
/// # Errors
///
/// [`ConfigError`]; the first problem found.
pub fn load<T: DeserializeOwned>(sources: &Sources<'_>) -> Result<T, ConfigError> {
    load_over(sources, None)
}

/// The same with a text between the defaults and the file, and what it is called.
///
/// # Errors
///
/// As [`load`].
pub fn load_over<T: DeserializeOwned>(
    sources: &Sources<'_>,
    between: Option<(&Path, String)>,
) -> Result<T, ConfigError> {
    let mut layers = Layers::over_defaults(sources.defaults.to_owned());
    if let Some((name, text)) = between {
        layers.add_file(name, text);
    }
    if let Some((path, text)) = read(sources.file)? {
        layers.add_file(path, text);
    }
    for variable in sources.variables {
        if let Some(value) = (sources.environment)(variable.name) {
            let text = layer::of_variable(variable, value)?;
            layers.add_variable(variable.name, text);
        }
    }
    layers.fill(sources.variables)
}

/// Checks a text as [`load`] does a file, without defaults or environment.
///
/// # Errors
///
/// [`ConfigError::Invalid`], with `name` in the place of the file.
pub fn parse<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, ConfigError> {
    Layers::alone(name, text.to_owned()).fill(&[])
}

fn read(file: File<'_>) -> Result<Option<(&Path, String)>, ConfigError> {
    let (path, required) = match file {
        File::None => return Ok(None),
        File::IfPresent(path) => (path, false),
        File::Required(path) => (path, true),
    };
    let opened = match std::fs::File::open(path) {
        Ok(opened) => opened,
        Err(error) if error.kind() == io::ErrorKind::NotFound && !required => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(ConfigError::Missing {
                path: path.to_path_buf(),
            });
        }
        Err(source) => {
            return Err(ConfigError::Unreadable {
                path: path.to_path_buf(),
                source,
            });
        }
    };
    let mut bytes = Vec::new();
    opened
        .take(FILE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(|source| ConfigError::Unreadable {
            path: path.to_path_buf(),
            source,
        })?;
    let no_text = |reason| ConfigError::NoText {
        path: path.to_path_buf(),
        reason,
    };
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(no_text("it is larger than 1 MiB"));
    }
    let text = String::from_utf8(bytes).map_err(|_| no_text("it is not UTF-8 text"))?;
    Ok(Some((path, text)))
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
