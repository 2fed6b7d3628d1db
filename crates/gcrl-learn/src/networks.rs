//! Networks that algorithms share, the rows that they read, and the policies they make.

pub mod actor_critic;
pub mod autoencoder;
pub mod critics;
pub mod discriminator;
pub mod init;
pub mod perturbation;
pub mod policy;
pub mod rows;
pub mod soft_actor;
pub mod value_critic;
