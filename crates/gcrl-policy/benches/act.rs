//! Time of an act with networks of the paper's size, 3 x 256 units, for one environment and for 64: one
//! network, and three of them with 10 latents.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gcrl_core::{Normalizer, ObservationBatch, Policy};
use gcrl_policy::{
    Activation, BcqParts, Network, PolicyKind, PolicyParts, TrainedPolicy, TrainingRecord,
};

/// A network of 3 x 256 units.
fn network(n_inputs: usize, n_outputs: usize, output: Activation) -> Network {
    let widths = [n_inputs, 256, 256, 256, n_outputs];
    let n_parameters: usize = widths.windows(2).map(|pair| (pair[0] + 1) * pair[1]).sum();
    let parameters: Vec<f32> = (0..n_parameters).map(|i| (i as f32).sin() * 0.1).collect();
    Network::from_parameters(&widths, Activation::Relu, output, &parameters)
}

/// Two numbers in an observation, a goal, an action and a latent.
fn policies() -> [TrainedPolicy; 2] {
    let bcq = BcqParts {
        decoder: network(6, 2, Activation::Tanh),
        perturbation: network(6, 2, Activation::Tanh),
        critic: network(6, 1, Activation::Linear),
        max_perturbation: 0.05,
        latent_dim: 2,
        latents: (0..20).map(|i| (i as f32).cos() * 0.5).collect(),
    };
    let kinds = [PolicyKind::Mlp(network(4, 2, Activation::Tanh)), PolicyKind::Bcq(bcq)];
    kinds.map(|kind| {
        let parts = PolicyParts {
            task: "PointReach".to_owned(),
            kind,
            observation: Normalizer::identity(2, 200.0, 5.0),
            goal: Normalizer::identity(2, 200.0, 5.0),
            training: TrainingRecord::default(),
        };
        TrainedPolicy::new(parts).expect("the parts fit")
    })
}

fn act(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("act");
    for (policy, n_rows) in policies().iter().flat_map(|policy| [(policy, 1), (policy, 64)]) {
        let input: Vec<f32> = (0..2 * n_rows).map(|i| (i as f32).cos()).collect();
        let batch = ObservationBatch { n_rows, observation: &input, desired_goal: &input };
        let mut action = vec![0.0; 2 * n_rows];
        group.throughput(Throughput::Elements(n_rows as u64));
        group.bench_function(format!("{} {n_rows} rows", policy.parts().kind.name()), |bencher| {
            bencher.iter(|| policy.act(&batch, &mut action));
        });
    }
    group.finish();
}

criterion_group!(benches, act);
criterion_main!(benches);
