//! The Shadow Dexterous Hand: 24 joints, 20 servos, five fingertips, forearm fixed.

use super::jointed::Jointed;
use gcrl_physics::{Articulation, Integrator, LinkPoint};

/// Duration of a physics step, in seconds.
pub(crate) const DT_SECS: f64 = 0.002;

/// Joints of the hand.
pub(crate) const N_JOINTS: usize = 24;

/// Servos of the hand.
pub(crate) const N_SERVOS: usize = 20;

/// Fingertips: index, middle, ring, little, thumb.
pub(crate) const TIPS: [&str; 5] = ["fftip", "mftip", "rftip", "lftip", "thtip"];

/// The hand, at zeros, and its fingertips.
pub(crate) fn build(articulation: Articulation) -> (Jointed, [LinkPoint; 5]) {
    let mjcf = include_str!("../../../assets/robots/shadow_hand.xml");
    let hand = Jointed::new(mjcf, articulation, Integrator::Euler, DT_SECS);
    let tips = TIPS.map(|tip| hand.site(tip));
    (hand, tips)
}

/// Controls for an action, `[20]`: -1 and 1 are the ends of each servo's range.
pub(crate) fn control(hand: &Jointed, action: &[f32]) -> [f64; N_SERVOS] {
    let actuators = &hand.robot().actuators;
    std::array::from_fn(|index| {
        let [least, largest] = actuators[index].control_range;
        0.5 * (least + largest) + 0.5 * (largest - least) * f64::from(action[index])
    })
}
