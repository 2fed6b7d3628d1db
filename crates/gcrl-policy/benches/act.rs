//! Time of a pass through the paper's network, 3 x 256 units, for one environment and for 64.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gcrl_core::{Normalizer, ObservationBatch, Policy};
use gcrl_policy::{Layer, MlpPolicy, PolicyParts};
use std::collections::BTreeMap;

fn policy() -> MlpPolicy {
    let layers = [4, 256, 256, 256, 2].windows(2).map(|size| Layer {
        n_inputs: size[0],
        n_outputs: size[1],
        weight: (0..size[0] * size[1]).map(|i| (i as f32).sin() * 0.1).collect(),
        bias: vec![0.0; size[1]],
    });
    let parts = PolicyParts {
        task: "PointReach".to_owned(),
        layers: layers.collect(),
        observation: Normalizer::identity(2, 200.0, 5.0),
        goal: Normalizer::identity(2, 200.0, 5.0),
        training: BTreeMap::new(),
    };
    MlpPolicy::new(parts).expect("the parts fit")
}

fn act(criterion: &mut Criterion) {
    let policy = policy();
    let mut group = criterion.benchmark_group("act");
    for n_rows in [1, 64] {
        let input: Vec<f32> = (0..2 * n_rows).map(|i| (i as f32).cos()).collect();
        let batch = ObservationBatch { n_rows, observation: &input, desired_goal: &input };
        let mut action = vec![0.0; 2 * n_rows];
        group.throughput(Throughput::Elements(n_rows as u64));
        group.bench_function(format!("{n_rows} rows"), |bencher| {
            bencher.iter(|| policy.act(&batch, &mut action));
        });
    }
    group.finish();
}

criterion_group!(benches, act);
criterion_main!(benches);
