//! One algorithm a file, all in one order: formula, `Config`, struct, `update`, then one function per
//! line of the formula.

pub mod bc;
pub mod bcq;
pub mod cql;
pub mod ddpg;
pub mod gciql;
pub mod gcsl;
pub mod goat;
pub mod gofar;
pub mod her;
pub mod marwil;
pub mod wgcsl;
