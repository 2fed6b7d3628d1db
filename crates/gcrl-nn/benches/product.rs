//! GFLOP/s of the kernels, beside each other: one product of 512 × 256 × 256, and a network of three
//! layers of 256 on 512 rows of 32 inputs, forward and backward.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use gcrl_nn::kernels::{Finish, Left, Line, Product, View, ViewMut, n_panels};
use gcrl_nn::{
    Accumulate, Engine, HiddenActivation, KernelChoice, Native, NetworkShape, OutputActivation,
};
use std::hint::black_box;

const N_ROWS: usize = 512;
const WIDTH: usize = 256;

fn product(criterion: &mut Criterion) {
    let a = vec![Line([0.5; 32]); n_panels(WIDTH) * N_ROWS];
    let b = vec![Line([0.25; 32]); n_panels(WIDTH) * WIDTH];
    let (d, mut c) = (a.clone(), a.clone());
    let (rows, b, d) =
        (View::new(&a, N_ROWS, WIDTH), View::new(&b, WIDTH, WIDTH), View::new(&d, N_ROWS, WIDTH));
    let products =
        [("", Left::Rows(rows), b, N_ROWS), (", transposed", Left::Transposed(rows), d, WIDTH)];
    let mut group = criterion.benchmark_group("product 512x256x256");
    group.throughput(Throughput::Elements(2 * (N_ROWS * WIDTH * WIDTH) as u64));
    for kernel in KernelChoice::kernels() {
        for (suffix, a, b, n_rows) in products {
            let name = BenchmarkId::from_parameter(format!("{}{suffix}", kernel.name()));
            let c = &mut c[..n_panels(WIDTH) * n_rows];
            group.bench_function(name, |bencher| {
                bencher.iter(|| {
                    let c = ViewMut::new(c, n_rows, WIDTH);
                    let (a, b) = (black_box(a), black_box(b));
                    kernel.multiply(Product { a, b, c, finish: Finish::Plain });
                });
            });
        }
    }
}

fn network(criterion: &mut Criterion) {
    let shape = NetworkShape {
        n_inputs: 32,
        hidden: vec![WIDTH; 3],
        hidden_activation: HiddenActivation::Relu,
        n_outputs: 1,
        output: OutputActivation::Linear,
    };
    let products: usize =
        shape.layers().iter().map(|(n_inputs, n_outputs)| n_inputs * n_outputs).sum();
    let forward = 2 * N_ROWS * products;
    // Back are the gradients of all weights, and of all activations but the inputs.
    let backward = 2 * forward - 2 * N_ROWS * shape.n_inputs * WIDTH;
    let parameters: Vec<f32> =
        (0..shape.n_parameters()).map(|i| (i * 7919 % 1009) as f32 / 1e4 - 0.05).collect();
    let gradient = vec![1e-3; N_ROWS];
    let mut group = criterion.benchmark_group("network 32-256-256-256-1 on 512 rows");
    for choice in [KernelChoice::Fastest, KernelChoice::Portable] {
        let mut engine = Native::new(1, choice);
        let network = engine.add_network(&shape, &parameters).expect("memory");
        let rows = engine.add_rows(N_ROWS, shape.n_inputs).expect("memory");
        let pass = engine.add_pass(network, rows, 0..N_ROWS, 0..N_ROWS).expect("memory");
        let name = engine.kernel_name();
        group.throughput(Throughput::Elements(forward as u64));
        group.bench_function(BenchmarkId::new("forward", name), |bencher| {
            bencher.iter(|| engine.forward(pass));
        });
        group.throughput(Throughput::Elements(backward as u64));
        group.bench_function(BenchmarkId::new("backward", name), |bencher| {
            let set = Accumulate::Set;
            bencher.iter(|| engine.backward(pass, 0..N_ROWS, black_box(&gradient), set));
        });
    }
}

criterion_group!(benches, product, network);
criterion_main!(benches);
