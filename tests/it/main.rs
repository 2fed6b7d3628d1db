//! Promises that no crate can keep alone.
//!
//! | modules | hold |
//! |---|---|
//! | `theory` | the paper's mathematics |
//! | `env_contract`, `scene_contract`, `sketch`, `golden` | every registered task |
//! | `parity` | tasks beside recordings of other simulators |
//! | `pipeline`, `recordings`, `videos`, `resume`, `saved_state`, `precedence`, `formats`, `foreign_task`, `policy_formats`, `bad_input` | the program, run as a user runs it |
//! | `registries`, `readme`, `links` | what is listed and what is shown |
//! | `floor_plan`, `circles`, `tidy` | the shape of the source |

mod bad_input;
mod circles;
mod env_contract;
mod floor_plan;
mod foreign_task;
mod formats;
mod golden;
mod links;
mod parity;
mod pipeline;
mod place;
mod policy_formats;
mod precedence;
mod published;
mod readme;
mod recordings;
mod registries;
mod reproduce;
mod results;
mod resume;
mod saved_state;
mod scene_contract;
mod sketch;
mod source;
mod theory;
mod tidy;
mod videos;
