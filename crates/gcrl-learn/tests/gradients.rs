//! Every algorithm's gradients against central differences of its losses, written out in f64.
//!
//! Adam's first moment moves by `m' = 0.9 m + 0.1 g`, so the gradient `g` of an update can be read from
//! the states around it. The losses here are the formulas at the head of each algorithm's file, on the
//! same draws, computed in the plainest way: one row, one network, one number at a time. The third
//! update is examined: by then normalizers, targets and recent advantages have a past.

mod common;

use common::{Scene, scene};
use gcrl_core::{GoalAt, TransitionIndex, seed};
use gcrl_data::{FutureLaw, GoalMixture, Relabel};
use gcrl_learn::checkpoint::MemberCheckpoint;
use gcrl_learn::normalizer::RunningNormalizer;
use gcrl_learn::{Checkpoint, find};
use rand::RngExt;

const SEED: u64 = 3;
const N_BEFORE: u64 = 2;
const DISCOUNT: f64 = 0.98;

/// A network in f64: flat parameters and the widths of its layers.
#[derive(Clone)]
struct Net {
    parameters: Vec<f64>,
    widths: Vec<usize>,
}

impl Net {
    fn forward(&self, input: &[f64]) -> Vec<f64> {
        let mut rest = &self.parameters[..];
        let mut row = input.to_vec();
        for (layer, pair) in self.widths.windows(2).enumerate() {
            let (weight, after) = rest.split_at(pair[0] * pair[1]);
            let (bias, after) = after.split_at(pair[1]);
            rest = after;
            let last = layer + 2 == self.widths.len();
            let output = (0..pair[1]).map(|j| {
                let sum =
                    bias[j] + (0..pair[0]).map(|i| row[i] * weight[i * pair[1] + j]).sum::<f64>();
                if last { sum } else { sum.max(0.0) }
            });
            row = output.collect();
        }
        row
    }
}

/// The state before an update, as formulas see it.
struct Before<'a> {
    scene: &'a Scene,
    member: &'a MemberCheckpoint,
    /// After the batch was taken in.
    normalizer: RunningNormalizer,
}

impl Before<'_> {
    fn net(&self, name: &str) -> Net {
        let parameters = self.member.networks[name].parameters.iter().map(|p| f64::from(*p));
        let spec = self.scene.spec;
        let state = spec.observation_dim() + spec.goal_dim();
        let (n_inputs, n_outputs) = match name {
            "actor" | "target_actor" => (state, spec.action_dim()),
            "value" => (state, 1),
            _ => (state + spec.action_dim(), 1),
        };
        let hidden = &self.scene.config.train.hidden;
        let widths = [&[n_inputs][..], hidden, &[n_outputs]].concat();
        Net { parameters: parameters.collect(), widths }
    }

    fn critic_names(&self) -> Vec<&str> {
        let names = self.member.networks.keys().map(String::as_str);
        names.filter(|name| name.starts_with("critic")).collect()
    }

    fn state(
        &self,
        normalizer: &RunningNormalizer,
        index: TransitionIndex,
        offset: usize,
    ) -> Vec<f64> {
        let view = self.scene.episodes.view();
        let normalizers = normalizer.normalizers();
        let spec = self.scene.spec;
        let mut row = vec![0.0; spec.observation_dim() + spec.goal_dim()];
        let (observation, goal) = row.split_at_mut(spec.observation_dim());
        let seen = view.observation(index.episode as usize, index.t as usize + offset);
        normalizers.observation.normalize(seen, observation);
        normalizers.goal.normalize(view.goal(index), goal);
        row.into_iter().map(f64::from).collect()
    }

    fn action(&self, index: TransitionIndex) -> Vec<f64> {
        let action = self.scene.episodes.view().action(index.episode as usize, index.t as usize);
        action.iter().map(|component| f64::from(*component)).collect()
    }

    fn reward(&self, index: TransitionIndex) -> f64 {
        f64::from(self.scene.episodes.view().reward(self.scene.spec, index))
    }

    /// `A = r + γ V(s') − V(s)`, under the normalizer before the batch; `V` is the mean over critics.
    fn advantage(&self, index: TransitionIndex) -> f64 {
        let actor = self.net("actor");
        let critics: Vec<_> = self.critic_names().iter().map(|name| self.net(name)).collect();
        let value = |offset| {
            let state = self.state(&self.member.normalizer, index, offset);
            let action = chosen(&actor, &state);
            let values = critics.iter().map(|critic| value(critic, &state, &action));
            values.sum::<f64>() / critics.len() as f64
        };
        self.reward(index) + DISCOUNT * value(1) - value(0)
    }

    /// `1/B Σ w ‖u − π‖² / U`, under the normalizer before the batch.
    fn regression(&self, actor: &Net, batch: &[TransitionIndex], weights: &[f64]) -> f64 {
        let rows = batch.iter().zip(weights).map(|(index, weight)| {
            let state = self.state(&self.member.normalizer, *index, 0);
            let action = self.action(*index);
            let errors =
                chosen(actor, &state).into_iter().zip(&action).map(|(c, u)| (c - u).powi(2));
            weight * errors.sum::<f64>() / action.len() as f64
        });
        rows.sum::<f64>() / batch.len() as f64
    }

    /// `1/B Σ (y − Q(s, g, u))²`, under the normalizer with the batch.
    fn critic_loss(&self, name: &str, critic: &Net, batch: &[TransitionIndex]) -> f64 {
        let target_actor = self.net("target_actor");
        let target_critic = self.net(&format!("target_{name}"));
        let rows = batch.iter().map(|index| {
            let next = self.state(&self.normalizer, *index, 1);
            let next_value = value(&target_critic, &next, &chosen(&target_actor, &next));
            let target = (self.reward(*index) + DISCOUNT * next_value).clamp(-50.0, 50.0);
            let state = self.state(&self.normalizer, *index, 0);
            (target - value(critic, &state, &self.action(*index))).powi(2)
        });
        rows.sum::<f64>() / batch.len() as f64
    }

    /// `−1/B Σ Q(s, g, π) + λ · mean π²`, under the normalizer with the batch.
    fn policy_gradient_loss(&self, actor: &Net, batch: &[TransitionIndex], penalty: f64) -> f64 {
        let critic = self.net("critic");
        let rows = batch.iter().map(|index| {
            let state = self.state(&self.normalizer, *index, 0);
            let action = chosen(actor, &state);
            let mean_square = action.iter().map(|a| a * a).sum::<f64>() / action.len() as f64;
            penalty * mean_square - value(&critic, &state, &action)
        });
        rows.sum::<f64>() / batch.len() as f64
    }
}

impl Before<'_> {
    /// The least that two critics say.
    fn least(&self, names: [&str; 2], state: &[f64], action: &[f64]) -> f64 {
        let values = names.map(|name| value(&self.net(name), state, action));
        values[0].min(values[1])
    }

    /// `1/B Σ |τ − 1[A < 0]| A²` with `A = min Q'(s, g, u) − V(s, g)`.
    fn expectile_loss(&self, net: &Net, batch: &[TransitionIndex], expectile: f64) -> f64 {
        let rows = batch.iter().map(|index| {
            let state = self.state(&self.normalizer, *index, 0);
            let targets = ["target_critic", "target_critic.1"];
            let advantage =
                self.least(targets, &state, &self.action(*index)) - net.forward(&state)[0];
            if advantage < 0.0 {
                (1.0 - expectile) * advantage.powi(2)
            } else {
                expectile * advantage.powi(2)
            }
        });
        rows.sum::<f64>() / batch.len() as f64
    }

    /// `1/B Σ (clip(r + γ V(s', g)) − Q(s, g, u))²`.
    fn implicit_critic_loss(&self, critic: &Net, batch: &[TransitionIndex]) -> f64 {
        let net = self.net("value");
        let rows = batch.iter().map(|index| {
            let next_value = net.forward(&self.state(&self.normalizer, *index, 1))[0];
            let target = (self.reward(*index) + DISCOUNT * next_value).clamp(-50.0, 50.0);
            let state = self.state(&self.normalizer, *index, 0);
            (target - value(critic, &state, &self.action(*index))).powi(2)
        });
        rows.sum::<f64>() / batch.len() as f64
    }

    /// `1/B Σ w ‖u − π‖² / U`, under the normalizer with the batch.
    fn late_regression(&self, actor: &Net, batch: &[TransitionIndex], weights: &[f64]) -> f64 {
        let rows = batch.iter().zip(weights).map(|(index, weight)| {
            let acted = chosen(actor, &self.state(&self.normalizer, *index, 0));
            let action = self.action(*index);
            let errors = acted.iter().zip(&action).map(|(found, wanted)| (found - wanted).powi(2));
            weight * errors.sum::<f64>() / action.len() as f64
        });
        rows.sum::<f64>() / batch.len() as f64
    }
}

/// Runs GCIQL as [`run`] does; the batch is that under goals `g`, `restored` that under goals `h`.
fn run_gciql(settings: &[&str]) -> Case {
    let mut case = run("gciql", settings, Relabel::NEVER);
    let view = case.scene.episodes.view();
    let sample = |current, future, future_law, random, name: &str| {
        let mut batch = case.batch.clone();
        let mixture = GoalMixture { current, future, future_law, random };
        mixture.sample_goals(view, &mut seed::stream(SEED, name, N_BEFORE), &mut batch);
        batch
    };
    let geometric = FutureLaw::Geometric { discount: 0.98 };
    let with_g = sample(0.2, 0.5, geometric, 0.3, "value_goals");
    let with_h = sample(0.0, 1.0, FutureLaw::Uniform, 0.0, "actor_goals");
    (case.batch, case.restored) = (with_g, with_h);
    case
}

fn check_gciqls_values(case: &Case, before: &Before<'_>) {
    let loss = |net: &Net| before.expectile_loss(net, &case.batch, 0.9);
    case.check("value", &before.net("value"), loss);
    for name in ["critic", "critic.1"] {
        case.check(name, &before.net(name), |c| before.implicit_critic_loss(c, &case.batch));
    }
}

#[test]
fn gciql_weighs_by_the_advantage_of_the_least_critic_over_the_value() {
    let case = run_gciql(&["gciql.largest_weight=1.05"]);
    let before = case.before(&case.batch);
    check_gciqls_values(&case, &before);
    let weight = |index: &TransitionIndex| {
        let state = before.state(&before.normalizer, *index, 0);
        let q = before.least(["critic", "critic.1"], &state, &before.action(*index));
        (3.0 * (q - before.net("value").forward(&state)[0])).exp().min(1.05)
    };
    let weights: Vec<f64> = case.restored.iter().map(weight).collect();
    assert!(weights.contains(&1.05) && weights.iter().any(|w| *w < 1.05));
    let loss = |actor: &Net| before.late_regression(actor, &case.restored, &weights);
    case.check("actor", &before.net("actor"), loss);
}

#[test]
fn gciql_can_climb_the_least_critic_beside_regression() {
    let case = run_gciql(&["gciql.extraction=ddpg+bc", "gciql.regression_weight=0.4"]);
    let before = case.before(&case.batch);
    check_gciqls_values(&case, &before);
    let least = |actor: &Net, index: &TransitionIndex| {
        let state = before.state(&before.normalizer, *index, 0);
        before.least(["critic", "critic.1"], &state, &chosen(actor, &state))
    };
    let actor = before.net("actor");
    let size: f64 = case.restored.iter().map(|index| least(&actor, index).abs()).sum();
    let weights = vec![0.4; case.restored.len()];
    let loss = |actor: &Net| {
        let ascent: f64 = case.restored.iter().map(|index| least(actor, index)).sum();
        before.late_regression(actor, &case.restored, &weights) - ascent / size
    };
    case.check("actor", &actor, loss);
}

fn chosen(actor: &Net, state: &[f64]) -> Vec<f64> {
    actor.forward(state).into_iter().map(f64::tanh).collect()
}

fn value(critic: &Net, state: &[f64], action: &[f64]) -> f64 {
    critic.forward(&[state, action].concat())[0]
}

/// The gradient that an update used, from Adam's first moments around it.
fn used_gradient(before: &Checkpoint, after: &Checkpoint, network: &str) -> Vec<f64> {
    let moment =
        |checkpoint: &Checkpoint| checkpoint.members[0].networks[network].first_moment.clone();
    let moments = moment(before).into_iter().zip(moment(after));
    moments.map(|(m, m_after)| (f64::from(m_after) - 0.9 * f64::from(m)) / 0.1).collect()
}

fn assert_is_gradient(name: &str, found: &[f64], net: &Net, loss: impl Fn(&Net) -> f64) {
    const H: f64 = 1e-6;
    let largest = found.iter().fold(0.0_f64, |largest, g| largest.max(g.abs()));
    assert!(1e-4 < largest, "{name}: no gradient to speak of");
    let mut n_kinks = 0;
    for (i, found) in found.iter().enumerate() {
        let at = |by: f64| {
            let mut moved = net.clone();
            moved.parameters[i] += by;
            loss(&moved)
        };
        let (middle, up, down) = (at(0.0), at(H), at(-H));
        // Where a ReLU switches within the step, the two one-sided differences disagree.
        if 1e-3 * largest < ((up - middle) - (middle - down)).abs() / H {
            n_kinks += 1;
            continue;
        }
        let expected = (up - down) / (2.0 * H);
        assert!((found - expected).abs() < 1e-3 * largest, "{name}[{i}]: {found}, not {expected}");
    }
    assert!(20 * n_kinks < found.len(), "{name}: {n_kinks} of {} at a kink", found.len());
}

struct Case {
    before: Checkpoint,
    after: Checkpoint,
    scene: Scene,
    batch: Vec<TransitionIndex>,
    /// With goals put back to the original ones in a fifth of all places, drawn after the batch.
    restored: Vec<TransitionIndex>,
}

/// Runs an algorithm for two updates, then one more.
fn run(algorithm: &str, settings: &[&str], relabel: Relabel) -> Case {
    let algorithm = find(algorithm).expect("registered");
    let mut config = common::settings(algorithm);
    for setting in settings {
        config = config.with_setting(setting, algorithm).expect("a setting");
    }
    let scene = scene(algorithm, config, &[SEED]);
    let mut trainer = scene.trainer();
    scene.update(&mut trainer, N_BEFORE);
    let before = trainer.checkpoint();
    scene.update(&mut trainer, 1);
    let after = trainer.checkpoint();

    let mut rng = seed::stream(SEED, "draw", N_BEFORE);
    let nothing = TransitionIndex { episode: 0, t: 0, goal: GoalAt::Desired };
    let mut batch = vec![nothing; scene.config.train.batch_size];
    let shape = scene.episodes.shape;
    gcrl_data::sample_batch(
        scene.episodes.n_episodes,
        shape.n_transitions,
        relabel,
        &mut rng,
        &mut batch,
    );
    let mut restored = batch.clone();
    for index in &mut restored {
        if rng.random::<f32>() < 0.2 {
            index.goal = GoalAt::Desired;
        }
    }
    Case { before, after, scene, batch, restored }
}

impl Case {
    /// `seen` is the batch that the normalizer takes in.
    fn before(&self, seen: &[TransitionIndex]) -> Before<'_> {
        let member = &self.before.members[0];
        let mut normalizer = member.normalizer.clone();
        normalizer.update(self.scene.episodes.view(), seen);
        Before { scene: &self.scene, member, normalizer }
    }

    fn check(&self, network: &str, net: &Net, loss: impl Fn(&Net) -> f64) {
        let found = used_gradient(&self.before, &self.after, network);
        assert_is_gradient(network, &found, net, loss);
    }
}

#[test]
fn gcsl_and_bc_regress_on_hindsight_and_on_original_goals() {
    for (algorithm, relabel) in [("gcsl", Relabel::ALWAYS), ("bc", Relabel::NEVER)] {
        let case = run(algorithm, &[], relabel);
        let before = case.before(&case.batch);
        let weights = vec![1.0; case.batch.len()];
        let loss = |actor: &Net| before.regression(actor, &case.batch, &weights);
        case.check("actor", &before.net("actor"), loss);
    }
}

#[test]
fn marwil_weighs_by_the_exponential_advantage_of_original_goals() {
    let case = run("marwil", &[], Relabel::NEVER);
    let before = case.before(&case.batch);
    let weights: Vec<f64> = case.batch.iter().map(|i| before.advantage(*i).exp()).collect();
    case.check("actor", &before.net("actor"), |a| before.regression(a, &case.batch, &weights));
    case.check("critic", &before.net("critic"), |c| before.critic_loss("critic", c, &case.batch));
}

#[test]
fn wgcsl_weighs_by_all_three_weights() {
    // A clip of 1.1 and a percentile of 60 by the third update: each of the weights is at work.
    let settings = ["wgcsl.advantage_clip=1.1", "wgcsl.curriculum.percentile_step=20"];
    let case = run("wgcsl", &settings, Relabel::ALWAYS);
    let before = case.before(&case.restored);
    let advantages: Vec<f64> = case.batch.iter().map(|i| before.advantage(*i)).collect();
    let mut recent: Vec<f64> = before.member.state["recent_advantages"]
        .iter()
        .map(|a| f64::from(*a))
        .chain(advantages.clone())
        .collect();
    recent.sort_by(f64::total_cmp);
    let rank = 0.6 * (recent.len() - 1) as f64;
    let (low, share) = (recent[rank as usize], rank.fract());
    let threshold = low + share * (recent[rank as usize + 1] - low);
    let weights: Vec<f64> = case
        .batch
        .iter()
        .zip(&advantages)
        .map(|(index, advantage)| {
            let GoalAt::Achieved(i) = index.goal else { panic!("every goal is relabeled") };
            let discounted_relabeling = DISCOUNT.powi((i - index.t - 1) as i32);
            let exponential_advantage = advantage.exp().min(1.1);
            let best_advantage = if threshold <= *advantage { 1.0 } else { 0.05 };
            discounted_relabeling * exponential_advantage * best_advantage
        })
        .collect();
    case.check("actor", &before.net("actor"), |a| before.regression(a, &case.batch, &weights));
    case.check("critic", &before.net("critic"), |c| {
        before.critic_loss("critic", c, &case.restored)
    });
}

#[test]
fn wgcsl_with_three_critics_averages_their_values_and_each_learns_from_its_own_target() {
    let settings = ["wgcsl.n_critics=3", "wgcsl.best_advantage=false"];
    let case = run("wgcsl", &settings, Relabel::ALWAYS);
    let before = case.before(&case.restored);
    let weight = |index: &TransitionIndex| {
        let GoalAt::Achieved(i) = index.goal else { panic!("every goal is relabeled") };
        DISCOUNT.powi((i - index.t - 1) as i32) * before.advantage(*index).exp().min(10.0)
    };
    let weights: Vec<f64> = case.batch.iter().map(weight).collect();
    case.check("actor", &before.net("actor"), |a| before.regression(a, &case.batch, &weights));
    assert_eq!(before.critic_names(), ["critic", "critic.1", "critic.2"]);
    for name in before.critic_names() {
        let loss = |critic: &Net| before.critic_loss(name, critic, &case.restored);
        case.check(name, &before.net(name), loss);
    }
    assert_ne!(before.net("critic").parameters, before.net("critic.1").parameters);
}

#[test]
fn wgcsl_with_the_relabeling_weight_alone_has_no_critic() {
    let settings = ["wgcsl.exponential_advantage=false", "wgcsl.best_advantage=false"];
    let case = run("wgcsl", &settings, Relabel::ALWAYS);
    assert_eq!(case.before.members[0].networks.len(), 1);
    let before = case.before(&case.batch);
    let weight = |index: &TransitionIndex| match index.goal {
        GoalAt::Achieved(i) => DISCOUNT.powi((i - index.t - 1) as i32),
        _ => panic!("every goal is relabeled"),
    };
    let weights: Vec<f64> = case.batch.iter().map(weight).collect();
    case.check("actor", &before.net("actor"), |a| before.regression(a, &case.batch, &weights));
}

#[test]
fn her_and_ddpg_climb_the_critic_with_a_penalty_on_actions() {
    let her = Relabel { future_probability: 0.8 };
    for (algorithm, relabel) in [("her", her), ("ddpg", Relabel::NEVER)] {
        let setting = format!("{algorithm}.action_penalty=0.3");
        let case = run(algorithm, &[&setting], relabel);
        let before = case.before(&case.batch);
        let loss = |actor: &Net| before.policy_gradient_loss(actor, &case.batch, 0.3);
        case.check("actor", &before.net("actor"), loss);
        case.check("critic", &before.net("critic"), |c| {
            before.critic_loss("critic", c, &case.batch)
        });
    }
}
