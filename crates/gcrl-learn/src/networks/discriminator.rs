//! A discriminator: how much does an achieved goal look like the goal that was asked for?
//!
//! ```text
//! L(c) = 1/B Σ −log σ(c(g, g)) − log(1 − σ(c(φ, g))) + λ (‖∇c(x)‖ − 1)²
//! x    = e (g, g) + (1 − e) (φ, g),  e uniform in [0, 1);  φ = φ(s_t), both scaled as goals are
//! ```
//!
//! | rows | inputs |
//! |---|---|
//! | `achieved`, `desired`, `mixed` | `(φ, g)`, `(g, g)`, `x` |
//! | `ahead`, `behind` | `x + h v`, `x − h v` with `v = ∇c(x) / ‖∇c(x)‖` |
//!
//! The penalty's derivative by parameters is `2 λ (‖∇c‖ − 1) ∂(v·∇c)`, and `v·∇c` the slope of `c` along `v`:
//! `(c(x + h v) − c(x − h v)) / 2h`, so that two losses on `ahead` and `behind` give it. **Deviation:** `h` is
//! not infinitely small.
//!
//! Source: Ma et al., "How Far I'll Go: Offline Goal-Conditioned Reinforcement Learning via f-Advantage
//! Regression", 2022, section 4.1, and the code published with it: `tanh` layers and the penalty, after
//! Gulrajani et al., "Improved Training of Wasserstein GANs", 2017.

use super::rows::{Input, Outputs, Pass, Rows};
use crate::losses::{self, Loss};
use crate::setup::{Network, Setup};
use crate::step::Step;
use gcrl_core::TransitionIndex;
use gcrl_nn::{Accumulate, EngineError, HiddenActivation, OutputActivation};
use rand::RngExt;

/// h, in units of scaled goals: the error of the slope, some `h²`, and that of rounding, some `1e-7 / h`,
/// are both small.
const H: f32 = 0.01;

/// The network, its rows and passes.
pub struct Discriminator {
    /// `c`
    pub network: Network,
    /// λ
    penalty: f32,
    pair: Input,
    /// `(φ, g)`
    pub achieved: Rows,
    desired: Rows,
    mixed: Rows,
    ahead: Rows,
    behind: Rows,
    pass: Pass,
    slope_pass: Pass,
}

impl Discriminator {
    /// Adds the network, with the run's hidden layers; `penalty` is λ.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    pub fn new(setup: &mut Setup<'_>, penalty: f32) -> Result<Self, EngineError> {
        let pair = Input::Free { name: "goal_pair", dim: 2 * setup.spec.goal_dim() };
        let mut spec = setup.network_spec(&[pair], 1, OutputActivation::Linear);
        spec.hidden_activation = HiddenActivation::Tanh;
        let network = setup.add_network("discriminator", &spec)?;
        let n_rows = [setup.settings.batch_size; 5];
        let [achieved, desired, mixed, ahead, behind] = setup.add_rows(&[pair], n_rows)?;
        let (all, slope) = (achieved.to(&mixed), ahead.to(&behind));
        let pass = setup.add_pass(&network, &all, Some(&all))?;
        let slope_pass = setup.add_pass(&network, &slope, Some(&slope))?;
        Ok(Self {
            network,
            penalty,
            pair,
            achieved,
            desired,
            mixed,
            ahead,
            behind,
            pass,
            slope_pass,
        })
    }

    /// One step on a batch; returns `c` of before it, in `achieved` among others, and each member's loss.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    pub fn update(
        &self,
        step: &mut Step<'_>,
        transitions: &[TransitionIndex],
    ) -> Result<(Outputs, Vec<f64>), EngineError> {
        let mixed = self.write_pairs(step, transitions)?;
        step.forward(&self.pass);
        let outputs = step.outputs(&self.pass);
        let mut all_losses = self.classify(step, &outputs);
        let ones = vec![1.0; transitions.len()];
        let slopes = step.input_gradient(&self.pass, &self.mixed, &ones, self.pair);
        self.penalize(step, &mixed, &slopes, &mut all_losses)?;
        step.adam(&self.network);
        Ok((outputs, all_losses))
    }

    /// Writes `(φ, g)`, `(g, g)` and `x`; returns `x`, for `mixed`.
    fn write_pairs(
        &self,
        step: &mut Step<'_>,
        transitions: &[TransitionIndex],
    ) -> Result<Outputs, EngineError> {
        let (view, dim) = (step.episodes(), step.spec.goal_dim());
        let [mut achieved, mut desired, mut mixed] = [Vec::new(), Vec::new(), Vec::new()];
        for (member, batch) in step.batches(transitions).enumerate() {
            let normalizer = &step.normalizers(member).goal;
            let mut rng = step.stream(member, "mixed");
            for index in batch {
                let [mut found, mut wanted] = [vec![0.0; dim], vec![0.0; dim]];
                let state = view.achieved_goal(index.episode as usize, index.t as usize);
                normalizer.normalize(state, &mut found);
                normalizer.normalize(view.goal(*index), &mut wanted);
                let share: f32 = rng.random();
                let numbers = found.iter().zip(&wanted);
                mixed.extend(numbers.map(|(found, wanted)| share * wanted + (1.0 - share) * found));
                mixed.extend(&wanted);
                achieved.extend(found.iter().chain(&wanted));
                desired.extend(wanted.repeat(2));
            }
        }
        step.write(&self.achieved, self.pair, &achieved)?;
        step.write(&self.desired, self.pair, &desired)?;
        step.write(&self.mixed, self.pair, &mixed)?;
        Ok(Outputs::new(&self.mixed, 2 * dim, mixed))
    }

    /// Sets the gradient of the first two terms; returns each member's loss.
    fn classify(&self, step: &mut Step<'_>, outputs: &Outputs) -> Vec<f64> {
        let (mut gradient, mut all_losses) = (Vec::new(), Vec::new());
        for member in 0..step.n_members() {
            let achieved = losses::logistic_error(outputs.of(member, &self.achieved), 0.0);
            let desired = losses::logistic_error(outputs.of(member, &self.desired), 1.0);
            gradient.extend(achieved.gradient.into_iter().chain(desired.gradient));
            all_losses.push(achieved.value + desired.value);
        }
        let rows = self.achieved.to(&self.desired);
        step.backward(&self.pass, &rows, &gradient, Accumulate::Set);
        all_losses
    }

    /// Adds the gradient of the penalty, and its value to each member's loss, from `x` and `∇c(x)`, for
    /// `mixed`.
    fn penalize(
        &self,
        step: &mut Step<'_>,
        mixed: &Outputs,
        slopes: &Outputs,
        all_losses: &mut [f64],
    ) -> Result<(), EngineError> {
        let dim = 2 * step.spec.goal_dim();
        let [mut ahead, mut behind, mut norms] = [Vec::new(), Vec::new(), Vec::new()];
        for (x, slope) in mixed.numbers.chunks_exact(dim).zip(slopes.numbers.chunks_exact(dim)) {
            let norm = slope.iter().map(|number| number * number).sum::<f32>().sqrt();
            let step_along = |sign: f32| {
                let scale = sign * H / norm.max(f32::MIN_POSITIVE);
                x.iter().zip(slope).map(move |(x, slope)| x + scale * slope)
            };
            ahead.extend(step_along(1.0));
            behind.extend(step_along(-1.0));
            norms.push(norm);
        }
        step.write(&self.ahead, self.pair, &ahead)?;
        step.write(&self.behind, self.pair, &behind)?;
        step.forward(&self.slope_pass);
        let norms = Outputs::new(&self.mixed, 1, norms);
        let mut gradient = Vec::new();
        for (member, loss) in all_losses.iter_mut().enumerate() {
            let norms = norms.of(member, &self.mixed);
            let Loss { value, gradient: by_norm } =
                losses::squared_error(norms, &vec![1.0; norms.len()]);
            *loss += f64::from(self.penalty) * value;
            for sign in [1.0, -1.0] {
                gradient.extend(by_norm.iter().map(|by| sign * self.penalty * by / (2.0 * H)));
            }
        }
        let rows = self.ahead.to(&self.behind);
        step.backward(&self.slope_pass, &rows, &gradient, Accumulate::Add);
        Ok(())
    }
}
