//! Pictures a second of 480 × 360 pixels: one episode and 6 × 6, through the graphics driver, and one by
//! rays on the CPU.
//!
//! `cargo bench -p gcrl-cli --features viewer --bench frames`

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gcrl_core::Behavior;
use gcrl_core::scene::Layer;
use gcrl_recording::Recording;
use gcrl_sketch::{Markers, Size, Sketch};
use gcrl_viewer::Offscreen;
use std::time::Duration;

const SIZE: Size = Size { width: 480, height: 360 };

fn episodes(count: u64) -> Vec<Recording> {
    let task = gcrl_envs::find("FetchPush").expect("it is registered");
    let mut env = task.make();
    let played = (0..count).map(|number| {
        Recording::of(&mut *env, &Behavior::random(), 0, number).expect("episodes end")
    });
    played.collect()
}

fn frames(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("FetchPush");
    group.throughput(Throughput::Elements(1));
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    let mut times = (0_u16..).map(|frame| f32::from(frame % 50) / 25.0);
    let mut next = || times.next().expect("it has no end");
    for columns in [1, 6] {
        let episodes = episodes((columns * columns) as u64);
        let camera = episodes[0].about.scene.camera;
        let size = [SIZE.width, SIZE.height];
        let offscreen = Offscreen::open(size, episodes, columns, &camera);
        let mut offscreen = offscreen.expect("there is a driver");
        let name = format!("{columns} x {columns}, {}", offscreen.adapter());
        group.bench_function(name, |bencher| bencher.iter(|| offscreen.draw(next())));
    }
    let episode = &episodes(1)[0];
    let sketch = Sketch::new(&episode.about.scene, Layer::Look);
    group.bench_function("1 x 1, rays", |bencher| {
        bencher.iter(|| sketch.draw(&episode.at(next()).poses, &Markers::default(), SIZE));
    });
    group.finish();
}

criterion_group!(benches, frames);
criterion_main!(benches);
