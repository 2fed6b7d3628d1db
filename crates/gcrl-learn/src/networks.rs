//! Networks that algorithms share, the rows that they read, and the policies they make.

pub mod actor_critic;
pub mod critics;
pub mod init;
pub mod policy;
pub mod rows;
pub mod value_critic;
