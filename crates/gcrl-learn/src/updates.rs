//! Updates that algorithms share, each beside its formula.

pub mod advantage_regression;
pub mod best_advantage;
pub mod goals;
pub mod policy_gradient;
pub mod regression;
pub mod temperature;
pub mod weights;
