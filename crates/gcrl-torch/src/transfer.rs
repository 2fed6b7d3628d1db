//! Numbers between slices and tensors.

use tch::kind::Element;
use tch::{Device, TchError, Tensor};

/// A tensor of `shape` on `device` that holds `numbers`.
pub(crate) fn upload<T: Element>(
    numbers: &[T],
    shape: &[usize],
    device: Device,
) -> Result<Tensor, TchError> {
    let shape: Vec<i64> = shape.iter().map(|length| *length as i64).collect();
    Tensor::f_from_slice(numbers)?.f_to_device(device)?.f_view(shape.as_slice())
}

/// Copies `tensor` to `numbers`, of as many, in the order of its shape.
pub(crate) fn download(tensor: &Tensor, numbers: &mut [f32]) {
    assert_eq!(tensor.numel(), numbers.len(), "room for every number");
    tensor.copy_data(numbers, numbers.len());
}

/// The numbers of `tensor`, in the order of its shape.
pub(crate) fn to_vec(tensor: &Tensor) -> Vec<f32> {
    let mut numbers = vec![0.0; tensor.numel()];
    download(tensor, &mut numbers);
    numbers
}

/// The numbers of `tensor` where they stand.
///
/// # Safety
///
/// While the slice lives, nothing else reads or writes the numbers: neither a view of `tensor` nor
/// another handle to it is given to libtorch.
///
/// # Panics
///
/// If they are not contiguous f32 in the memory of the CPU.
#[allow(unsafe_code, reason = "libtorch gives the address of its numbers")]
pub(crate) unsafe fn numbers_of(tensor: &mut Tensor) -> &mut [f32] {
    assert!(tensor.device() == Device::Cpu, "numbers in the memory of the CPU");
    assert!(
        tensor.kind() == tch::Kind::Float && tensor.is_contiguous(),
        "f32, one after the other"
    );
    let (address, n_numbers) = (tensor.data_ptr().cast::<f32>(), tensor.numel());
    if n_numbers == 0 {
        return &mut [];
    }
    // SAFETY: by the checks above `n_numbers` f32 stand at `address`, as long as `tensor` does; the
    // caller keeps everything else away from them.
    unsafe { std::slice::from_raw_parts_mut(address, n_numbers) }
}
