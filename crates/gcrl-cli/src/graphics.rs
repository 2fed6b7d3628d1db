//! What there is to draw with, and what to do where there is nothing.

#[cfg(feature = "viewer")]
use crate::hint::Hint;
#[cfg(feature = "viewer")]
use gcrl_viewer::ViewError;

/// What makes pictures where there is no graphics processor.
#[cfg(feature = "viewer")]
const SOFTWARE: &str = "Debian's `mesa-vulkan-drivers` draws without a GPU";

/// What draws here, in words.
#[cfg(feature = "viewer")]
pub(crate) fn described() -> String {
    match gcrl_viewer::adapter() {
        Ok(adapter) => format!("ready, {adapter}"),
        Err(error) => format!("none ({error}); {SOFTWARE}"),
    }
}

/// What draws here, in words.
#[cfg(not(feature = "viewer"))]
pub(crate) fn described() -> String {
    "not in this build; build with `--features viewer`".to_owned()
}

/// Advises what to do where nothing is shown, or what does `otherwise`.
#[cfg(feature = "viewer")]
pub(crate) fn hinted<T>(shown: Result<T, ViewError>, otherwise: &str) -> anyhow::Result<T> {
    shown.or_else(|error| {
        let hint = match error {
            ViewError::NoGpu => format!("install a driver: {SOFTWARE}; or {otherwise}"),
            ViewError::TooLarge { .. } => format!("ask for a smaller picture, or {otherwise}"),
            _ => otherwise.to_owned(),
        };
        Err(error).hint(hint)
    })
}
