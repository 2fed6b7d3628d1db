//! One update like WGCSL's at the size of the Fetch tasks, on one thread: `cargo bench -p gcrl-torch`.
//!
//! Inputs 28 and 32, 4 actions, 3 × 256 units, batch 512. Forward: actor on 2 batches, critic on 3,
//! both targets on 1; back: both on 1; two Adam steps; targets mixed at every 20th update.

use criterion::{Criterion, criterion_group, criterion_main};
use gcrl_core::{EpisodeShape, Episodes, GoalAt, Normalizer, TransitionIndex, seed};
use gcrl_nn::{
    Engine, Gather, InputNormalizers, KernelChoice, Native, NetworkId, NetworkShape,
    OutputActivation, PassId, RowContent, RowsId, StateAt,
};
use gcrl_torch::{DeviceChoice, TorchEngine};
use rand::RngExt;
use std::hint::black_box;

const SHAPE: EpisodeShape =
    EpisodeShape { observation_dim: 25, goal_dim: 3, action_dim: 4, n_transitions: 49 };
const N_INPUTS: usize = SHAPE.observation_dim + SHAPE.goal_dim;
const BATCH: usize = 512;
const N_EPISODES: usize = 20_000;

struct Update<E> {
    engine: E,
    episodes: Episodes,
    normalizers: Vec<InputNormalizers>,
    rows: RowsId,
    target_rows: RowsId,
    /// Actor, critic, target actor, target critic.
    networks: [NetworkId; 4],
    passes: [PassId; 4],
    n_updates: u64,
}

impl<E: Engine> Update<E> {
    fn new(mut engine: E) -> Self {
        let shape = |n_inputs, n_outputs, output| NetworkShape {
            n_inputs,
            hidden: vec![256; 3],
            n_outputs,
            output,
        };
        let actor = shape(N_INPUTS, SHAPE.action_dim, OutputActivation::Tanh);
        let critic = shape(N_INPUTS + SHAPE.action_dim, 1, OutputActivation::Linear);
        let mut add = |shape: &NetworkShape| {
            let mut stream = seed::stream(0, "parameters", 0);
            let parameters: Vec<f32> = (0..shape.n_parameters())
                .map(|_| 0.1 * (2.0 * stream.random::<f32>() - 1.0))
                .collect();
            engine.add_network(shape, &parameters).expect("room")
        };
        let networks = [add(&actor), add(&critic), add(&actor), add(&critic)];
        let width = N_INPUTS + SHAPE.action_dim;
        let rows = engine.add_rows(3 * BATCH, width).expect("room");
        let target_rows = engine.add_rows(BATCH, width).expect("room");
        let mut pass = |network, rows, n| engine.add_pass(network, rows, 0..n, 0..n).expect("room");
        let passes = [
            pass(networks[0], rows, 2 * BATCH),
            pass(networks[1], rows, 3 * BATCH),
            pass(networks[2], target_rows, BATCH),
            pass(networks[3], target_rows, BATCH),
        ];
        let mut episodes = Episodes::zeros(SHAPE, N_EPISODES);
        let mut stream = seed::stream(0, "columns", 0);
        for column in [&mut episodes.observation, &mut episodes.achieved_goal, &mut episodes.action]
        {
            column.fill_with(|| stream.random());
        }
        let normalizers = vec![InputNormalizers {
            observation: Normalizer::identity(SHAPE.observation_dim, 200.0, 5.0),
            goal: Normalizer::identity(SHAPE.goal_dim, 200.0, 5.0),
        }];
        Self { engine, episodes, normalizers, rows, target_rows, networks, passes, n_updates: 0 }
    }

    fn gather(&mut self) {
        let mut stream = seed::stream(0, "draw", self.n_updates);
        let transitions: Vec<_> = (0..BATCH)
            .map(|_| TransitionIndex {
                episode: stream.random_range(0..N_EPISODES as u32),
                t: stream.random_range(0..49),
                goal: GoalAt::Achieved(stream.random_range(0..50)),
            })
            .collect();
        for (rows, first_row, state, content) in [
            (self.rows, 0, StateAt::Now, RowContent::StateGoal),
            (self.rows, BATCH, StateAt::Next, RowContent::StateGoal),
            (self.rows, 2 * BATCH, StateAt::Now, RowContent::StateGoalAction),
            (self.target_rows, 0, StateAt::Next, RowContent::StateGoal),
        ] {
            let gather = Gather {
                rows,
                first_row,
                transitions: &transitions,
                state,
                content,
                normalizers: &self.normalizers,
            };
            self.engine.gather(self.episodes.view(), &gather).expect("a device");
        }
    }

    fn run(&mut self) {
        self.gather();
        let [act, value, target_act, target_value] = self.passes;
        let engine = &mut self.engine;
        engine.forward(act);
        engine.join(act, N_INPUTS, 2 * BATCH);
        engine.forward(value);
        engine.forward(target_act);
        engine.join(target_act, N_INPUTS, BATCH);
        engine.forward(target_value);
        let scale = 1.0 / BATCH as f32;
        let target_values = engine.outputs(target_value).to_vec();
        let by_actions: Vec<f32> =
            engine.outputs(act)[..BATCH * 4].iter().map(|action| scale * (action - 0.5)).collect();
        let by_values: Vec<f32> = engine.outputs(value)[2 * BATCH..]
            .iter()
            .zip(target_values)
            .map(|(value, target)| scale * (value - 0.98 * target))
            .collect();
        engine.backward(act, 0..BATCH, &by_actions);
        engine.backward(value, 2 * BATCH..3 * BATCH, &by_values);
        engine.adam(self.networks[0], 5e-4);
        engine.adam(self.networks[1], 5e-4);
        self.n_updates += 1;
        if self.n_updates.is_multiple_of(20) {
            engine.polyak(self.networks[2], self.networks[0], 0.1);
            engine.polyak(self.networks[3], self.networks[1], 0.1);
        }
    }
}

fn update(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("update");
    let torch = TorchEngine::new(1, DeviceChoice::Auto).expect("a CPU");
    let name = format!("torch, {}", torch.device_name());
    let mut update = Update::new(torch);
    group.bench_function(name, |bencher| bencher.iter(|| black_box(&mut update).run()));
    let mut update = Update::new(Native::new(1, KernelChoice::Fastest));
    group.bench_function("native", |bencher| bencher.iter(|| black_box(&mut update).run()));
    group.finish();
}

criterion_group!(benches, update);
criterion_main!(benches);
