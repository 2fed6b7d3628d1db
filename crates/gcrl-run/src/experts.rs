//! The expert policies that come with the program, trained here by online HER.

/// The expert of a task, as a policy file's bytes.
pub(crate) fn find(task: &str) -> Option<&'static [u8]> {
    let experts: [(&str, &[u8]); 2] = [
        ("PointReach", include_bytes!("../../../assets/experts/PointReach.safetensors")),
        ("PointRooms", include_bytes!("../../../assets/experts/PointRooms.safetensors")),
    ];
    experts.into_iter().find_map(|(known, bytes)| (known == task).then_some(bytes))
}
