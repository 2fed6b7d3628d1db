//! Which device an engine computes on, and what libtorch says when it has none.

use gcrl_nn::{DeviceKind, EngineError};
use std::error::Error;
use std::sync::OnceLock;
use tch::{Cuda, Device, Kind, TchError, Tensor};

/// The name of this crate's engine.
pub(crate) const ENGINE: &str = "torch";

/// The device that a user asks for.
pub(crate) fn device(kind: DeviceKind) -> Result<Device, EngineError> {
    match kind {
        DeviceKind::Cpu => Ok(Device::Cpu),
        DeviceKind::Cuda => cuda_devices().map(|_| Device::Cuda(0)),
        DeviceKind::Auto => Ok(cuda_devices().map_or(Device::Cpu, |_| Device::Cuda(0))),
    }
}

/// The version of libtorch that this crate was built against, such as `2.11.0+cpu`.
pub const fn libtorch_version() -> &'static str {
    env!("GCRL_LIBTORCH_VERSION")
}

/// NVIDIA GPUs that libtorch sees; at least 1.
///
/// # Errors
///
/// If there is none: libtorch is the one for CPUs, the machine has no GPU or no driver for it, or the
/// GPU refuses a first call.
pub fn cuda_devices() -> Result<usize, EngineError> {
    let missing = |reason| EngineError::NoDevice { engine: ENGINE, device: "cuda".into(), reason };
    load_cuda_library().map_err(missing)?;
    let first_call = Tensor::f_zeros([1], (Kind::Float, Device::Cuda(0)));
    let _ = first_call.map_err(|error| missing(one_line(&error)))?;
    Ok(Cuda::device_count() as usize)
}

/// Loads the half of libtorch that computes on GPUs, once.
///
/// It registers itself with the other half when it is loaded, and no symbol of it is referenced, so that
/// linkers leave it out. Thus one program serves machines with and without, and does not spend a
/// second at each start on libraries of 2 GB. It must come before the first backward pass of autograd,
/// with which libtorch makes up its mind about GPUs; engines have none.
fn load_cuda_library() -> Result<(), String> {
    static LOADED: OnceLock<Result<(), String>> = OnceLock::new();
    LOADED
        .get_or_init(|| {
            #[allow(unsafe_code, reason = "loading a library runs its initializers")]
            // SAFETY: they are those of libtorch, of the same build as what is linked.
            let library =
                unsafe { libloading::Library::new(libloading::library_filename("torch_cuda")) };
            match library {
                Ok(library) => {
                    // What registered itself stays in use until the program ends.
                    std::mem::forget(library);
                    Ok(())
                }
                Err(error) => Err(match error.source() {
                    Some(source) => format!("this libtorch has no part for GPUs: {source}"),
                    None => format!("this libtorch has no part for GPUs: {error}"),
                }),
            }
        })
        .clone()
}

/// What libtorch said, without the 20 lines of C++ frames that follow.
pub(crate) fn one_line(error: &TchError) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.strip_prefix("Internal torch error: ").unwrap_or(line).to_owned()
}

/// Says which act libtorch refused.
pub(crate) fn refused(act: &'static str) -> impl Fn(TchError) -> EngineError {
    move |error| EngineError::Device { engine: ENGINE, act, reason: one_line(&error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_gpu_is_an_error_of_one_line_that_auto_avoids() {
        // On a machine with a GPU there is nothing to refuse.
        if let Err(error) = device(DeviceKind::Cuda) {
            let message = error.to_string();
            assert!(message.starts_with("device `cuda` is not available to engine `torch`: "));
            assert_eq!(message.lines().count(), 1, "{message}");
            assert_eq!(device(DeviceKind::Auto), Ok(Device::Cpu));
        }
    }

    #[test]
    fn an_error_of_libtorch_is_cut_to_its_first_line() {
        let too_large = Tensor::f_zeros([1 << 60], (Kind::Float, Device::Cpu)).unwrap_err();
        assert!(1 < too_large.to_string().lines().count());
        let EngineError::Device { reason, .. } = refused("add rows")(too_large) else { panic!() };
        assert_eq!(reason.lines().count(), 1);
        assert!(!reason.contains("Internal torch error"), "{reason}");
    }

    #[test]
    fn the_version_is_the_pinned_one() {
        assert!(libtorch_version().starts_with("2.11.0"));
    }
}
