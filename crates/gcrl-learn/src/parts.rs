//! Pieces that algorithms share, each beside its formula.

pub mod actor_critic;
pub mod advantage_regression;
pub mod best_advantage;
pub mod init;
pub mod loss;
pub mod policy_gradient;
pub mod regression;
