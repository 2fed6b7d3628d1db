//! What the paper proves, checked on small tabular problems, where every expectation is a finite sum.
//!
//! Nothing here touches the library's networks: it is the mathematics that the algorithm file of
//! WGCSL leans on. Each law comes with a control, a nearby statement that is false and that the same
//! code refutes.
//!
//! **Source:** Yang et al., "Rethinking Goal-Conditioned Supervised Learning and Its Connection to
//! Offline RL", ICLR 2022.

mod lower_bound;
mod mdp;
mod policy_improvement;
