//! Episodes to be watched: where every body was in every state, with all that a player needs to show
//! them, and nothing of the task that made them.
//!
//! | module | holds |
//! |---|---|
//! | `recording` | one episode in memory, and how an environment is recorded |
//! | `live` | an episode that is recorded while it is watched |
//! | `moment` | a recording between two of its states |
//! | `file` | one recording as a file, and a folder of them |

mod file;
mod live;
mod moment;
mod recording;

pub use file::{FORMAT_VERSION, ReadError, file_name, files};
pub use live::Live;
pub use moment::Moment;
pub use recording::{About, Recording};
