//! Whether there is a screen, asked before bevy is started: bevy panics without one.

use crate::ViewError;
use x11rb::rust_connection::RustConnection;

/// Connects to the screen on which windows can be opened, where screens have servers.
///
/// # Errors
///
/// If no screen is named, or the one that is named does not answer.
pub(crate) fn connect() -> Result<Option<RustConnection>, ViewError> {
    // Elsewhere, whoever can start a program has a screen.
    if cfg!(not(all(unix, not(target_os = "macos")))) {
        return Ok(None);
    }
    let name = std::env::var_os("DISPLAY").filter(|name| !name.is_empty());
    let name = name.ok_or(ViewError::NoDisplay)?.to_string_lossy().into_owned();
    match RustConnection::connect(Some(&name)) {
        Ok((connection, _)) => Ok(Some(connection)),
        Err(source) => Err(ViewError::Display { name, source: Box::new(source) }),
    }
}
