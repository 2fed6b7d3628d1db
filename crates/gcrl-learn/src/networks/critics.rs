//! Critics `Q_k(s, g, a)`, one or several, with a target network `Q'_k` each.

use super::rows::{Input, Outputs, Pass, Rows};
use crate::losses;
use crate::setup::{Network, Setup};
use crate::step::Step;
use gcrl_nn::{Accumulate, EngineError};
use std::borrow::Cow;

/// Critics and their passes.
pub struct Critics {
    critics: Vec<Critic>,
}

struct Critic {
    online: Network,
    target: Network,
    pass: Pass,
    target_pass: Pass,
}

/// What critics say about a batch.
pub struct CriticOutputs {
    /// `Q_k` in its rows, `[n_critics]`.
    pub online: Vec<Outputs>,
    /// `Q'_k` in its rows, `[n_critics]`.
    pub target: Vec<Outputs>,
}

impl Critics {
    /// Adds `n_critics` critics, at least 1, on `rows`, of which they learn from those of `saved`, and
    /// their target networks on `target_rows`. The first is named `critic`, the others `critic.1` and
    /// so on.
    ///
    /// # Errors
    ///
    /// If the device runs out of memory or fails.
    pub fn new(
        setup: &mut Setup<'_>,
        n_critics: usize,
        (rows, saved): (&Rows, &Rows),
        target_rows: &Rows,
    ) -> Result<Self, EngineError> {
        let add_critic = |critic_idx| {
            let online = setup.add_critic(name(critic_idx))?;
            let pass = setup.add_pass(&online, rows, Some(saved))?;
            let target = setup.add_target(&online)?;
            let target_pass = setup.add_pass(&target, target_rows, None)?;
            Ok(Critic { online, target, pass, target_pass })
        };
        let critics = (0..n_critics).map(add_critic).collect::<Result<_, EngineError>>()?;
        Ok(Self { critics })
    }

    /// Applies all critics and target networks to their rows.
    pub fn forward(&self, step: &mut Step<'_>) -> CriticOutputs {
        for Critic { pass, target_pass, .. } in &self.critics {
            step.forward(pass);
            step.forward(target_pass);
        }
        let mut read = |pass: fn(&Critic) -> &Pass| {
            self.critics.iter().map(|critic| step.outputs(pass(critic))).collect()
        };
        let online = read(|critic| &critic.pass);
        CriticOutputs { online, target: read(|critic| &critic.target_pass) }
    }

    /// Sets every critic's gradient from `1/B Σ (Q_k − y_k)²` in `rows`; `targets` gives `y_k`,
    /// `[batch]`, of a critic and a member. Returns each member's mean loss.
    pub fn regress(
        &self,
        step: &mut Step<'_>,
        rows: &Rows,
        outputs: &CriticOutputs,
        targets: impl Fn(usize, usize) -> Vec<f32>,
    ) -> Vec<f64> {
        let mut all_losses = vec![0.0; step.n_members()];
        for (critic_idx, critic) in self.critics.iter().enumerate() {
            let mut gradient = Vec::with_capacity(all_losses.len() * rows.n_rows());
            for (member, losses) in all_losses.iter_mut().enumerate() {
                let values = outputs.online[critic_idx].of(member, rows);
                let loss = losses::squared_error(values, &targets(critic_idx, member));
                *losses += loss.value / self.critics.len() as f64;
                gradient.extend(loss.gradient);
            }
            step.backward(&critic.pass, rows, &gradient, Accumulate::Set);
        }
        all_losses
    }

    /// Sets every critic's gradient from the derivative of its loss by what it says of `rows`,
    /// `[n_critics]`, each `[n_members, n_rows]`.
    pub fn backward(&self, step: &mut Step<'_>, rows: &Rows, gradients: &[Vec<f32>]) {
        for (critic, gradient) in self.critics.iter().zip(gradients) {
            step.backward(&critic.pass, rows, gradient, Accumulate::Set);
        }
    }

    /// The derivative by the actions of `rows`, summed over critics;
    /// `gradients` is that by the values of each, of as many of the first as it holds.
    pub fn action_gradient(
        &self,
        step: &mut Step<'_>,
        rows: &Rows,
        gradients: &[Vec<f32>],
    ) -> Outputs {
        let mut by_critic = self.critics.iter().zip(gradients).map(|(critic, gradient)| {
            step.input_gradient(&critic.pass, rows, gradient, Input::Action)
        });
        let mut sum = by_critic.next().expect("there is a critic");
        for gradient in by_critic {
            for (sum, number) in sum.numbers.iter_mut().zip(gradient.numbers) {
                *sum += number;
            }
        }
        sum
    }

    /// Steps every critic along its gradient, and its target network when it is its turn.
    pub fn apply_gradients(&self, step: &mut Step<'_>) {
        for Critic { online, target, .. } in &self.critics {
            step.adam(online);
            step.move_target(target, online);
        }
    }

    /// The first critic, which policies act by.
    pub fn first(&self) -> &Network {
        &self.critics[0].online
    }

    /// All networks.
    pub fn networks(&self) -> impl Iterator<Item = &Network> {
        self.critics.iter().flat_map(|critic| [&critic.online, &critic.target])
    }
}

impl CriticOutputs {
    /// What each critic says of a member's rows, `[n_critics]`, each `[n_rows]`.
    pub fn each(&self, member: usize, rows: &Rows) -> Vec<&[f32]> {
        of(&self.online, member, rows)
    }

    /// What each target network says, `[n_critics]`, each `[n_rows]`.
    pub fn each_target(&self, member: usize, rows: &Rows) -> Vec<&[f32]> {
        of(&self.target, member, rows)
    }

    /// The mean over critics of what they say of a member's rows, `[n_rows]`.
    pub fn mean(&self, member: usize, rows: &Rows) -> Vec<f32> {
        losses::mean_over_critics(&self.each(member, rows))
    }

    /// The least of what they say, `[n_rows]`.
    pub fn least(&self, member: usize, rows: &Rows) -> Vec<f32> {
        losses::least_over_critics(&self.each(member, rows))
    }

    /// For every critic, `[n_critics]`, the derivative by what it says of `rows`, `[n_members, n_rows]`,
    /// of `−mean min_k Q_k`.
    pub fn ascent(&self, rows: &Rows) -> Vec<Vec<f32>> {
        self.gradients(rows, losses::ascent)
    }

    /// The same of `−mean min_k Q_k / (mean |min_k Q_k| + 1e-6)` with the denominator held fixed.
    pub fn normalized_ascent(&self, rows: &Rows) -> Vec<Vec<f32>> {
        self.gradients(rows, losses::normalized_ascent)
    }

    /// What `gradient_of` makes of each member's values, joined over members, `[n_critics]`.
    fn gradients(&self, rows: &Rows, gradient_of: fn(&[&[f32]]) -> Vec<Vec<f32>>) -> Vec<Vec<f32>> {
        let mut gradients = vec![Vec::new(); self.online.len()];
        for member in 0..self.online[0].n_members() {
            let by_critic = gradient_of(&self.each(member, rows));
            for (gradient, of_member) in gradients.iter_mut().zip(by_critic) {
                gradient.extend(of_member);
            }
        }
        gradients
    }

    /// The least of what the target networks say, `[n_rows]`.
    pub fn least_target(&self, member: usize, rows: &Rows) -> Vec<f32> {
        losses::least_over_critics(&self.each_target(member, rows))
    }
}

fn of<'a>(critics: &'a [Outputs], member: usize, rows: &Rows) -> Vec<&'a [f32]> {
    critics.iter().map(|outputs| outputs.of(member, rows)).collect()
}

fn name(critic_idx: usize) -> Cow<'static, str> {
    match critic_idx {
        0 => "critic".into(),
        _ => format!("critic.{critic_idx}").into(),
    }
}
