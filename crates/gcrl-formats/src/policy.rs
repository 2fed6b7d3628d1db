//! Policies in the formats of other tools.
//!
//! | format | written | read |
//! |---|---|---|
//! | safetensors, raw: weights alone | – | [`Format::Raw`] |
//! | NumPy's archives | [`npz::write`] | [`Format::Npz`] |
//! | ONNX | [`onnx::write`] | [`Format::Onnx`]: what we wrote, and multilayer perceptrons of others |
//! | Stable-Baselines3's archives | – | [`Format::StableBaselines3`] |

mod clips;
#[cfg(any(feature = "onnx", feature = "sb3"))]
mod columns;
mod import;
#[cfg(feature = "npz")]
pub mod npz;
#[cfg(feature = "onnx")]
pub mod onnx;
#[cfg(feature = "sb3")]
pub mod sb3;

pub use clips::Clips;
#[cfg(any(feature = "onnx", feature = "sb3"))]
pub use columns::{InputError, Role};
pub use import::{Format, ImportError, ImportPolicyError, import, read};
