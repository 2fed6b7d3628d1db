//! Time of sampling a batch of 512 transitions with relabeling.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gcrl_core::{GoalAt, TransitionIndex, seed};
use gcrl_data::{Relabel, sample_batch};
use std::hint::black_box;

fn sample(criterion: &mut Criterion) {
    let mut rng = seed::stream(0, "draw", 0);
    let mut out = vec![TransitionIndex { episode: 0, t: 0, goal: GoalAt::Desired }; 512];
    let mut group = criterion.benchmark_group("sample_batch");
    group.throughput(Throughput::Elements(out.len() as u64));
    for (name, relabel) in
        [("always", Relabel::ALWAYS), ("0.8", Relabel { future_probability: 0.8 })]
    {
        group.bench_function(name, |bencher| {
            bencher.iter(|| sample_batch(black_box(40_000), 49, relabel, &mut rng, &mut out));
        });
    }
    group.finish();
}

criterion_group!(benches, sample);
criterion_main!(benches);
