"""One full WGCSL update in JAX, jitted and scanned over a chunk of updates, to time beside ours.

The same update as `eager_pytorch.py`, in fp32 and on one thread (the flags below; pinning is the caller's): draw, relabel, weight
(`gamma^k * min(exp(A), 10)`, with `--percentile` also the best-advantage weight of a ring of 50,000 advantages), policy step,
normalizer, critic step, targets where due. A whole chunk is one compiled program; its state is donated. Data are synthetic: only
the sizes matter.

Source of the algorithm: Yang et al., "Rethinking Goal-Conditioned Supervised Learning and Its Connection to Offline RL", ICLR 2022.

    python -m venv venv && venv/bin/pip install -r requirements.txt
    venv/bin/python jax_jit.py --size fetch --seconds 5

prints one line of JSON. With `--rounds` it compiles, then reads lines `go SECONDS` and answers each with such a line until the
input ends, so that a caller can interleave warm processes. Seconds are CPU seconds of this process. The project itself never
needs Python.
"""

import argparse
import functools
import json
import os
import sys
import time
from typing import NamedTuple

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
os.environ.setdefault("NPROC", "1")  # the number of threads in XLA's pool
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import jax.numpy as jnp
import numpy as np

STEPS, DISCOUNT, RADIUS, RING, EPSILON = 49, 0.98, 0.05, 50_000, 1e-4


class Size(NamedTuple):
    n_episodes: int
    observation: int
    goal: int
    action: int
    batch: int
    target_every: int
    cycles_per_chunk: int
    percentile_step: float


SIZES = {"fetch": Size(20_000, 25, 3, 4, 512, 20, 1, 0.01), "point": Size(2_000, 2, 2, 2, 128, 1, 50, 0.15)}


def synthetic_columns(size):
    """Returns observations and achieved goals `[episodes * 50, dim]`, actions `[episodes * 49, dim]`, goals `[episodes, dim]`."""
    rng = np.random.default_rng(0)
    draw = lambda *shape: rng.standard_normal(shape, dtype=np.float32)
    achieved = 0.05 * np.cumsum(draw(size.n_episodes, STEPS + 1, size.goal), axis=1)
    observation = draw(size.n_episodes * (STEPS + 1), size.observation)
    action = np.clip(draw(size.n_episodes * STEPS, size.action), -1, 1)
    return tuple(map(jnp.asarray, (observation, achieved.reshape(-1, size.goal), action, 0.2 * draw(size.n_episodes, size.goal))))


def network(key, n_in, n_out):
    widths, xavier = [n_in, 256, 256, 256, n_out], jax.nn.initializers.glorot_uniform()
    shapes = zip(jax.random.split(key, 4), widths, widths[1:])
    return [(xavier(k, (a, b)), jnp.zeros(b)) for k, a, b in shapes]


def forward(net, x):
    for weight, bias in net[:-1]:
        x = jax.nn.relu(x @ weight + bias)
    return x @ net[-1][0] + net[-1][1]


def policy(net, rows):
    return jnp.tanh(forward(net, rows))


def critic(net, rows, action):
    return forward(net, jnp.concatenate([rows, action], 1))[:, 0]


def adam(net, grad, moments, step):
    """Adam with the bias correction folded into the step size."""
    rate = 5e-4 * jnp.sqrt(1 - 0.999**step) / (1 - 0.9**step)
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, moments[0], grad)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, moments[1], grad)
    return jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-8), net, m, v), (m, v)


def normalizer(dim):
    return {"count": jnp.ones(()), "mean": jnp.zeros(dim), "square": jnp.zeros(dim), "std": jnp.ones(dim)}


def observe(norm, x):
    count = norm["count"] + len(x)
    mean = norm["mean"] + (x.mean(0) - norm["mean"]) * len(x) / count
    square = norm["square"] + ((x * x).mean(0) - norm["square"]) * len(x) / count
    return {"count": count, "mean": mean, "square": square, "std": jnp.sqrt(jnp.maximum(square - mean * mean, EPSILON**2))}


def normalize(norm, x):
    return jnp.clip((x - norm["mean"]) / norm["std"], -5, 5)


def reward(achieved, goal):
    return (jnp.linalg.norm(achieved - goal, axis=1) <= RADIUS).astype(jnp.float32)


def initial_state(size):
    keys = jax.random.split(jax.random.key(0), 3)
    nets = {"policy": network(keys[0], size.observation + size.goal, size.action),
            "critic": network(keys[1], size.observation + size.goal + size.action, 1)}
    zeros = lambda: jax.tree.map(jnp.zeros_like, nets)
    moments = {name: (zeros()[name], zeros()[name]) for name in nets}
    return {"nets": nets, "targets": jax.tree.map(jnp.copy, nets), "moments": moments, "step": jnp.zeros(()), "key": keys[2],
            "observation": normalizer(size.observation), "goal": normalizer(size.goal),
            "ring": jnp.full(RING, jnp.inf), "pushed": jnp.zeros((), jnp.int32)}


def best_advantage(size, state, advantage):
    """Returns 1 or 0.05, `[B]`, and the ring after this batch; free slots hold infinity and sort last."""
    place = (state["pushed"] + jnp.arange(size.batch)) % RING
    ring, pushed = state["ring"].at[place].set(advantage), state["pushed"] + size.batch
    percent = jnp.minimum((state["step"] + 1) * size.percentile_step, 80)
    position = percent / 100 * (jnp.minimum(pushed, RING) - 1)
    low = position.astype(jnp.int32)
    ordered = jnp.sort(ring)
    threshold = ordered[low] + (position - low) * (ordered[jnp.minimum(low + 1, RING - 1)] - ordered[low])
    return jnp.where(advantage >= threshold, 1.0, 0.05), {**state, "ring": ring, "pushed": pushed}


def update(size, percentile, columns, state, _):
    observations, achieveds, actions, desireds = columns
    key, *keys = jax.random.split(state["key"], 5)
    episode = jax.random.randint(keys[0], (size.batch,), 0, size.n_episodes)
    t = jax.random.randint(keys[1], (size.batch,), 0, STEPS)
    k = (jax.random.uniform(keys[2], (size.batch,)) * (STEPS - t)).astype(jnp.int32)
    row = episode * (STEPS + 1) + t
    observation, next_observation = (jnp.clip(observations[r], -200, 200) for r in (row, row + 1))
    action, achieved, goal = actions[row - episode], achieveds[row + 1], achieveds[row + 1 + k]
    nets, step = state["nets"], state["step"] + 1

    rows = lambda norms, o, g: jnp.concatenate([normalize(norms["observation"], o), normalize(norms["goal"], g)], 1)
    now, following = rows(state, observation, goal), rows(state, next_observation, goal)

    def policy_loss(net):
        nonlocal state
        proposed = policy(net, now)
        frozen = jax.lax.stop_gradient(proposed)
        next_action = policy(nets["policy"], following)
        value, next_value = critic(nets["critic"], now, frozen), critic(nets["critic"], following, next_action)
        advantage = reward(achieved, goal) + DISCOUNT * next_value - value
        weight = DISCOUNT**k * jnp.minimum(jnp.exp(advantage), 10)
        ringed = state
        if percentile:
            best, ringed = best_advantage(size, state, advantage)
            weight *= best
        return jnp.mean(weight * jnp.mean((action - proposed) ** 2, 1)), ringed

    grad, state = jax.grad(policy_loss, has_aux=True)(nets["policy"])
    new_policy, policy_moments = adam(nets["policy"], grad, state["moments"]["policy"], step)

    goal = jnp.where(jax.random.uniform(keys[3], (size.batch, 1)) < 0.2, desireds[episode], goal)
    state = {**state, "observation": observe(state["observation"], observation), "goal": observe(state["goal"], goal)}
    now, following = rows(state, observation, goal), rows(state, next_observation, goal)
    targets = state["targets"]
    next_value = critic(targets["critic"], following, policy(targets["policy"], following))
    target = jnp.clip(reward(achieved, goal) + DISCOUNT * next_value, -50, 50)
    grad = jax.grad(lambda net: jnp.mean((target - critic(net, now, action)) ** 2))(nets["critic"])
    new_critic, critic_moments = adam(nets["critic"], grad, state["moments"]["critic"], step)

    return {**state, "key": key, "step": step, "nets": {"policy": new_policy, "critic": new_critic},
            "moments": {"policy": policy_moments, "critic": critic_moments}}, None


@functools.partial(jax.jit, static_argnums=(0, 1), donate_argnums=3)
def chunk(size, percentile, columns, state):
    def cycle(state, _):
        state, _ = jax.lax.scan(functools.partial(update, size, percentile, columns), state, length=size.target_every)
        mixed = jax.tree.map(lambda slow, fast: 0.9 * slow + 0.1 * fast, state["targets"], state["nets"])
        return {**state, "targets": mixed}, None

    return jax.lax.scan(cycle, state, length=size.cycles_per_chunk)[0]


def measure(run, size_name, seconds):
    per_chunk = SIZES[size_name].target_every * SIZES[size_name].cycles_per_chunk
    cpu, wall, n = time.process_time(), time.perf_counter(), 0
    while time.process_time() - cpu < seconds:
        run()
        n += per_chunk
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(json.dumps({"name": "jax jit", "size": size_name, "updates_per_cpu_second": n / cpu, "updates": n,
                      "cpu_seconds": cpu, "wall_seconds": wall}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", choices=SIZES, required=True)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", action="store_true", help="read `go SECONDS` from standard input, answer each with a line")
    parser.add_argument("--percentile", action="store_true", help="include the best-advantage weight")
    args = parser.parse_args()
    size = SIZES[args.size]
    columns, state = synthetic_columns(size), initial_state(size)

    def run():
        nonlocal state
        state = jax.block_until_ready(chunk(size, args.percentile, columns, state))

    for _ in range(2):
        run()
    if not args.rounds:
        return measure(run, args.size, args.seconds)
    for line in sys.stdin:
        measure(run, args.size, float(line.split()[1]))


if __name__ == "__main__":
    main()
