//! A recording between two of its states, so that it plays at any rate of frames.
//!
//! Positions move on straight lines; rotations are mixed and brought back to length 1, along the
//! shorter of the two ways. Between neighboring states that is less than a pixel from the great arc.

use crate::recording::Recording;
use gcrl_core::scene::Pose;

/// What is to be seen at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// The last state that has been reached.
    pub t: usize,
    /// Where the bodies are, `[n_bodies]`.
    pub poses: Vec<Pose>,
    /// The points that stand for the goal, `[n_points]`.
    pub goal_points: Vec<[f32; 3]>,
    /// The points that stand for what is achieved, `[n_points]`.
    pub achieved_points: Vec<[f32; 3]>,
}

impl Recording {
    /// What is to be seen `secs` seconds after the start; after the end, the last state.
    pub fn at(&self, secs: f32) -> Moment {
        let steps = (secs / self.about.step_secs).clamp(0.0, self.n_steps() as f32);
        let t = steps as usize;
        let (next, share) = ((t + 1).min(self.n_steps()), steps - t as f32);
        let bodies = self.poses(t).iter().zip(self.poses(next));
        let points = self.achieved_points(t).iter().zip(self.achieved_points(next));
        Moment {
            t,
            poses: bodies.map(|(from, to)| mix_poses(from, to, share)).collect(),
            goal_points: self.goal_points(t).to_vec(),
            achieved_points: points.map(|(from, to)| mix(from, to, share)).collect(),
        }
    }
}

fn mix_poses(from: &Pose, to: &Pose, share: f32) -> Pose {
    let along: f32 = from.rotation.iter().zip(to.rotation).map(|(a, b)| a * b).sum();
    let to_rotation = to.rotation.map(|part| if along < 0.0 { -part } else { part });
    let mixed = mix(&from.rotation, &to_rotation, share);
    let length = mixed.iter().map(|part| part * part).sum::<f32>().sqrt();
    Pose {
        position: mix(&from.position, &to.position, share),
        rotation: mixed.map(|part| part / length),
    }
}

fn mix<const N: usize>(from: &[f32; N], to: &[f32; N], share: f32) -> [f32; N] {
    std::array::from_fn(|i| from[i] + share * (to[i] - from[i]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_plays_between_its_states_and_stays_at_its_ends() {
        let recording = crate::recording::tests::recorded(0);
        let x = |secs: f32| recording.at(secs).poses[1].position[0];
        assert!((x(0.15) - 1.5).abs() < 1e-5);
        assert_eq!((x(-1.0), x(1e9)), (0.0, 3.0));
        assert_eq!([0.05, 0.15, 1e9].map(|secs| recording.at(secs).t), [0, 1, 3]);
        assert!((recording.at(0.25).achieved_points[0][0] - 2.5).abs() < 1e-5);
    }

    #[test]
    fn rotations_take_the_shorter_way_and_keep_their_length() {
        let quarter = 0.5_f32.sqrt();
        let from = Pose::IDENTITY;
        // Minus the quarter turn about z is the same rotation.
        let to = Pose { position: [2.0, 0.0, 0.0], rotation: [-quarter, 0.0, 0.0, -quarter] };
        let half = mix_poses(&from, &to, 0.5);
        assert_eq!(half.position, [1.0, 0.0, 0.0]);
        // Half of a quarter turn: cos and sin of 22.5 degrees.
        let expected = [0.923_879_5, 0.0, 0.0, 0.382_683_43];
        for (found, expected) in half.rotation.into_iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{:?}", half.rotation);
        }
    }
}
