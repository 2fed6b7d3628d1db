//! Which engine and which device a run asks for, as words in files and on command lines.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An engine, by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum EngineKind {
    /// `native`: plain Rust, on a CPU.
    #[default]
    Native,
    /// `torch`: libtorch, on a CPU or a GPU.
    Torch,
}

/// A device, by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum DeviceKind {
    /// `auto`: the first GPU where the engine can use one, otherwise the CPU.
    #[default]
    Auto,
    /// `cpu`
    Cpu,
    /// `cuda`: the first NVIDIA GPU.
    Cuda,
}

/// A word that names no engine or device.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseKindError {
    /// No engine has this name.
    #[error("unknown engine `{found}`; there are `native` and `torch`")]
    Engine {
        /// What was given.
        found: String,
    },
    /// No device has this name.
    #[error("unknown device `{found}`; there are `auto`, `cpu` and `cuda`")]
    Device {
        /// What was given.
        found: String,
    },
}

impl EngineKind {
    /// Its name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Torch => "torch",
        }
    }
}

impl DeviceKind {
    /// Its name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
        }
    }
}

impl FromStr for EngineKind {
    type Err = ParseKindError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let kinds = [Self::Native, Self::Torch];
        let found = || ParseKindError::Engine { found: text.to_owned() };
        kinds.into_iter().find(|kind| kind.name() == text).ok_or_else(found)
    }
}

impl FromStr for DeviceKind {
    type Err = ParseKindError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let kinds = [Self::Auto, Self::Cpu, Self::Cuda];
        let found = || ParseKindError::Device { found: text.to_owned() };
        kinds.into_iter().find(|kind| kind.name() == text).ok_or_else(found)
    }
}

/// The conversions that serde goes through, so that files and command lines get one message.
macro_rules! words {
    ($kind:ty) => {
        impl TryFrom<String> for $kind {
            type Error = ParseKindError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$kind> for &'static str {
            fn from(kind: $kind) -> Self {
                kind.name()
            }
        }

        impl fmt::Display for $kind {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(self.name())
            }
        }
    };
}

words!(EngineKind);
words!(DeviceKind);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_others_are_answered_with_all_names() {
        assert_eq!("torch".parse(), Ok(EngineKind::Torch));
        assert_eq!(EngineKind::Native.to_string().parse(), Ok(EngineKind::Native));
        for kind in [DeviceKind::Auto, DeviceKind::Cpu, DeviceKind::Cuda] {
            assert_eq!(kind.name().parse(), Ok(kind));
        }
        assert_eq!(
            EngineKind::from_str("Native").unwrap_err().to_string(),
            "unknown engine `Native`; there are `native` and `torch`"
        );
        assert_eq!(
            DeviceKind::from_str("").unwrap_err().to_string(),
            "unknown device ``; there are `auto`, `cpu` and `cuda`"
        );
    }
}
