//! Joints moved by an integrator of our own, in the manner of `MuJoCo`: [`super::step`], of one robot or
//! of several side by side.

use super::real::Real;
use super::side_by_side::{self, SideBySide};
use super::solver::Pushes;
use super::step::{Model, Room, State};
use super::{Articulation, Integrator, Joints, JointsError};
use crate::robot::Robot;

/// A robot moved by the integrator of this crate, with soft constraints in the manner of `MuJoCo`.
#[derive(Clone, Debug)]
pub struct JointSpace {
    model: Model,
    state: State,
    pushes: Pushes,
    room: Room<f64>,
}

impl SideBySide for JointSpace {
    #[inline(always)]
    fn advance<T: Real>(all: &mut [&mut Self], n_steps: usize) {
        let parts = all.iter_mut().map(|robot| {
            let Self { model, state, pushes, .. } = &mut **robot;
            (&*model, (state, pushes))
        });
        let (models, (mut states, mut pushes)): (Vec<_>, (Vec<_>, Vec<_>)) = parts.unzip();
        assert!(models.iter().all(|model| model.is_like(models[0])), "robots of a kind");
        let mut room = Room::<T>::new(models[0]);
        let groups = states.chunks_exact_mut(T::N_LANES).zip(pushes.chunks_exact_mut(T::N_LANES));
        for group in groups {
            room.advance(models[0], group, n_steps);
        }
    }

    fn advance_alone(&mut self, n_steps: usize) {
        let robot = (&mut [&mut self.state][..], &mut [&mut self.pushes][..]);
        self.room.advance(&self.model, robot, n_steps);
    }
}

impl Joints for JointSpace {
    const ARTICULATION: Articulation = Articulation::JointSpace;

    fn new(robot: &Robot, integrator: Integrator, dt_secs: f64) -> Result<Self, JointsError> {
        let model = Model::new(robot, integrator, dt_secs)?;
        let (state, pushes, room) = (State::new(&model), model.pushes(), Room::new(&model));
        Ok(Self { model, state, pushes, room })
    }

    fn set_state(&mut self, qpos: &[f64], qvel: &[f64]) {
        self.state.qpos.copy_from_slice(qpos);
        self.state.qvel.copy_from_slice(qvel);
        self.pushes.reset();
    }

    fn set_control(&mut self, control: &[f64]) {
        self.state.control.copy_from_slice(control);
    }

    fn advance(&mut self) {
        self.advance_alone(1);
    }

    fn advance_together(robots: &mut [&mut Self], n_steps: usize) {
        side_by_side::advance_together(robots, n_steps);
    }

    fn qpos(&self) -> &[f64] {
        &self.state.qpos
    }

    fn qvel(&self) -> &[f64] {
        &self.state.qvel
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::articulation::side_by_side::Registers;
    use Integrator::{Euler, RungeKutta};

    fn moving(mjcf: &str, integrator: Integrator, dt_secs: f64) -> JointSpace {
        JointSpace::new(&Robot::parse(mjcf).unwrap(), integrator, dt_secs).unwrap()
    }

    /// A cart with two arms that touch it and each other; no friction.
    const CART: &str = r#"<mujoco><compiler angle="radian"/><worldbody>
        <body name="cart"><joint name="x" type="slide" axis="1 0 0" range="-0.1 0.1"/>
            <geom name="deck" type="box" size="0.4 0.2 0.05"/>
            <inertial pos="0 0 0" mass="1" diaginertia="1 1 1"/>
            <body name="left" pos="0 0 0.1"><joint name="l" axis="0 1 0" damping="0.1"/>
                <geom name="l" type="capsule" size="0.02 0.2" pos="0 0 0.2"/>
                <inertial pos="0.01 0 0.2" quat="0.6 0 0.8 0" mass="0.3" diaginertia="0.1 0.2 0.15"/></body>
            <body name="right" pos="0.2 0 0.1"><joint name="r" axis="0 1 0"/>
                <geom name="r" type="capsule" size="0.02 0.2" pos="0 0 0.2"/>
                <inertial pos="0 0 0.2" mass="0.3" diaginertia="0.1 0.1 0.1"/></body>
        </body></worldbody>
        <contact><pair geom1="l" geom2="r"/><pair geom1="deck" geom2="l"/><pair geom1="r" geom2="deck"/></contact>
        <actuator><motor name="m" joint="l" gear="2" ctrlrange="-1 1"/></actuator></mujoco>"#;

    const HAND: &str = include_str!("../../../../assets/robots/shadow_hand.xml");

    /// `n_robots` of `mjcf` in states, and with controls, that differ; the fourth is not finite.
    fn several(mjcf: &str, integrator: Integrator, n_robots: usize) -> Vec<JointSpace> {
        let mut numbers = (1_u64..).map(|n| (n * n % 1_009) as f64 / 504.0 - 1.0);
        let mut draw = |n: usize| numbers.by_ref().take(n).collect::<Vec<_>>();
        let mut robots = vec![moving(mjcf, integrator, 0.002); n_robots];
        for (index, robot) in robots.iter_mut().enumerate() {
            let n_joints = robot.qpos().len();
            let (mut qpos, qvel) = (draw(n_joints), draw(n_joints));
            if index == 3 {
                qpos[0] = f64::NAN;
            }
            robot.set_state(&qpos, &qvel);
            robot.set_control(&draw(robot.state.control.len()));
        }
        robots
    }

    /// Coordinates and rates to the bit, but for what is not a number.
    fn bits(robots: &[JointSpace]) -> Vec<Vec<u64>> {
        let of = |number: &f64| if number.is_nan() { f64::NAN } else { *number }.to_bits();
        let all = |robot: &JointSpace| robot.qpos().iter().chain(robot.qvel()).map(of).collect();
        robots.iter().map(all).collect()
    }

    #[test]
    fn robots_side_by_side_move_as_one_by_one_to_the_bit() {
        for (mjcf, integrator) in [(HAND, Euler), (CART, Euler), (CART, RungeKutta)] {
            for registers in Registers::detect() {
                let mut expected = several(mjcf, integrator, registers.n_lanes);
                let mut found = expected.clone();
                let mut n_rows = 0;
                for _ in 0..30 {
                    for robot in &mut expected {
                        (0..3).for_each(|_| robot.advance());
                        n_rows += robot.pushes.rows.len();
                    }
                    let mut all: Vec<_> = found.iter_mut().collect();
                    let rest = registers.advance(&mut all, 3);
                    assert!(rest.is_empty());
                    assert!(bits(&found) == bits(&expected), "{registers:?} {integrator:?}");
                }
                assert!(0 < n_rows, "nothing touched");
            }
        }
    }

    #[test]
    fn any_number_of_robots_moves_together() {
        for n_robots in [0, 1, 7, 8, 13] {
            let mut expected = several(CART, Euler, n_robots);
            let mut found = expected.clone();
            for robot in &mut expected {
                (0..20).for_each(|_| robot.advance());
            }
            JointSpace::advance_together(&mut found.iter_mut().collect::<Vec<_>>(), 20);
            assert!(bits(&found) == bits(&expected), "{n_robots} robots");
        }
    }

    /// A pendulum of 2 kg on a massless rod of 0.5 m, about y, with `attributes` of its joint.
    fn pendulum(attributes: &str) -> String {
        format!(
            r#"<mujoco><compiler angle="radian"/><worldbody><body name="rod" pos="0 0 2">
            <joint name="hinge" axis="0 1 0" {attributes}/>
            <inertial pos="0.5 0 0" mass="2" diaginertia="0 0 0"/></body></worldbody></mujoco>"#
        )
    }

    #[test]
    fn a_swinging_pendulum_keeps_its_energy() {
        // E = m l² q̇² / 2 − m g l sin q, with z falling as q grows about y.
        let energy = |joints: &JointSpace| {
            let (q, v) = (joints.qpos()[0], joints.qvel()[0]);
            0.25 * v * v - 9.81 * q.sin()
        };
        let mut joints = moving(&pendulum(""), RungeKutta, 0.005);
        joints.set_state(&[0.3], &[1.0]);
        let start = energy(&joints);
        for _ in 0..2_000 {
            joints.advance();
            assert!((energy(&joints) - start).abs() < 1e-5);
        }
    }

    #[test]
    fn dampers_act_at_the_end_of_a_step() {
        // Without gravity's arm (rod straight down): v' = v − h d v' / I, I = 2 · 0.25 + 0.5.
        let mjcf = pendulum(r#"damping="3" armature="0.5""#);
        let mut joints = moving(&mjcf, Euler, 0.1);
        joints.set_state(&[std::f64::consts::FRAC_PI_2], &[1.3]);
        joints.advance();
        assert!((joints.qvel()[0] - 1.3 / (1.0 + 0.1 * 3.0)).abs() < 1e-12);
        assert!((joints.qpos()[0] - std::f64::consts::FRAC_PI_2 - 0.1).abs() < 1e-12);
    }

    #[test]
    fn dry_friction_holds_until_it_does_not() {
        // Weight asks 2 · 9.81 · 0.5 cos q = 9.81 N m when level.
        let settle = |friction: &str| {
            let mjcf = pendulum(&format!(r#"frictionloss="{friction}""#));
            let mut joints = moving(&mjcf, Euler, 0.002);
            (0..100).for_each(|_| joints.advance());
            joints.qvel()[0]
        };
        // Friction is soft: it creeps at the speed where b v = R f, 9.81 · 0.111 / 0.5 / 105.
        assert!((settle("12") - 9.81 / 9.0 / 0.5 * 0.0095).abs() < 1e-4, "{}", settle("12"));
        // With a third of it, the rest accelerates by 6.54 / 0.5 for 0.2 s; the arm shortens.
        assert!((2.0..2.62).contains(&settle("3.27")), "{}", settle("3.27"));
    }

    #[test]
    fn a_limit_carries_a_weight_as_far_in_as_its_spring_says() {
        // At rest k d r = −R f and R = (1 − d) w / d, so r = w f (1 − d) / (d² k), with w = 1 / 0.5,
        // f = 9.81 and k = 2770. At r = 0.564 mrad, d = 0.95 − 0.05 · 2 · 0.436² = 0.931: 0.564 mrad.
        let mut joints = moving(&pendulum(r#"range="-1 0" margin="0""#), Euler, 0.002);
        (0..2_000).for_each(|_| joints.advance());
        assert!((joints.qpos()[0] - 0.000_564).abs() < 1e-6, "{:?}", joints.qpos());
        assert!(joints.qvel()[0].abs() < 1e-9);
    }

    #[test]
    fn steps_repeat_to_the_bit_from_equal_states() {
        let mjcf = pendulum(r#"range="-1 0.2" margin="0.01" frictionloss="0.1" damping="0.1""#);
        let mut joints = moving(&mjcf, Euler, 0.002);
        let mut run = || {
            joints.set_state(&[0.1], &[3.0]);
            (0..200).for_each(|_| joints.advance());
            (joints.qpos()[0].to_bits(), joints.qvel()[0].to_bits())
        };
        assert_eq!(run(), run());
    }
}
