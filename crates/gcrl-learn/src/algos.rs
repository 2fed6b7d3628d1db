//! One algorithm a file, all in one order: formula, `Config`, struct, `update`, then one function per
//! line of the formula.

pub mod wgcsl;
pub mod gcsl;
pub mod marwil;
pub mod bc;
pub mod her;
pub mod ddpg;
