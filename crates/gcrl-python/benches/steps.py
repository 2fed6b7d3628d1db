"""Steps a second from Python: one environment and 256, beside gymnasium-robotics, in turns.

    pip install gymnasium-robotics mujoco==3.3.7
    python steps.py [--rounds N] [--originals N]

Every number is the median over rounds in which ours and the originals take turns. The originals step in
one process, and as many at a time by Gymnasium's AsyncVectorEnv, a process each. The last lines are what
the bridge costs: steps of PointReach, whose physics takes some 0.06 microseconds, from Python.
"""

import argparse
import os
import statistics
import time
import warnings
from collections.abc import Callable

import gymnasium
import numpy as np

import gcrl

TASKS = {"FetchReach": "FetchReach-v4", "FetchPush": "FetchPush-v4", "HandReach": "HandReach-v3"}


def single(env: gymnasium.Env, seconds: float) -> float:
    """Steps a second of one environment, resets included."""
    env.reset(seed=0)
    env.action_space.seed(0)
    actions = [env.action_space.sample() for _ in range(100)]
    n, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        for action in actions[:50]:
            env.step(action)
        env.reset()
        n += 50
    return n / (time.perf_counter() - start)


def many(env: gymnasium.vector.VectorEnv, seconds: float) -> float:
    """Steps a second of all environments of a vector, resets included."""
    env.reset(seed=0)
    env.action_space.seed(0)
    actions = [env.action_space.sample() for _ in range(10)]
    n, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        for action in actions:
            env.step(action)
        n += 10 * env.num_envs
    return n / (time.perf_counter() - start)


def rust(name: str, seconds: float, num_threads: int) -> float:
    """Steps a second of random episodes that Rust plays alone."""
    n = 64
    while True:
        start = time.perf_counter()
        gcrl.evaluate("random", name, n_episodes=n, num_threads=num_threads)
        elapsed = time.perf_counter() - start
        if elapsed >= seconds / 2:
            return n * gcrl.task(name)["n_transitions"] / elapsed
        n *= 2


def medians(runs: dict[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    found: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            found[name].append(run())
    return {name: statistics.median(values) for name, values in found.items()}


def compare(name: str, original: str, arguments: argparse.Namespace) -> None:
    """A task beside its original."""
    seconds, cores = arguments.seconds, len(os.sched_getaffinity(0))
    ours, theirs = gymnasium.make(f"gcrl/{name}-v1"), gymnasium.make(original)
    lanes = gymnasium.make_vec(f"gcrl/{name}-v1", num_envs=256)
    processes = gymnasium.make_vec(
        original, num_envs=arguments.originals, vectorization_mode="async"
    )
    found = medians(
        {
            "one here": lambda: single(ours, seconds),
            "one original": lambda: single(theirs, seconds),
            "256 here": lambda: many(lanes, seconds),
            f"{arguments.originals} originals": lambda: many(processes, seconds),
            "Rust alone, one thread": lambda: rust(name, seconds, 1),
            "Rust alone, all cores": lambda: rust(name, seconds, cores),
        },
        arguments.rounds,
    )
    processes.close()
    print(name, ", ".join(f"{what} {rate:,.0f}/s" for what, rate in found.items()))
    rates = list(found.values())
    print(f"  ratios: one {rates[0] / rates[1]:.1f}, many {rates[2] / rates[3]:.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--originals", type=int, default=16, help="environments of AsyncVectorEnv")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    import gymnasium_robotics

    gymnasium.register_envs(gymnasium_robotics)
    cores = len(os.sched_getaffinity(0))
    print(f"{cores} cores, gymnasium {gymnasium.__version__}, {arguments.rounds} rounds")
    for name, original in TASKS.items():
        compare(name, original, arguments)
    bridge(arguments)


def bridge(arguments: argparse.Namespace) -> None:
    """What a step costs beside its physics."""
    seconds = arguments.seconds
    made = gymnasium.make("gcrl/PointReach-v1")
    bare = gcrl.GoalEnv("PointReach")
    vectors = {n: gcrl.GoalVectorEnv("PointReach", n, num_threads=1, copy=False) for n in (1, 256)}
    found = medians(
        {
            "a step through gymnasium.make": lambda: single(made, seconds),
            "a step of the bare environment": lambda: single(bare, seconds),
            "a step of a vector of 1": lambda: many(vectors[1], seconds),
            "a step of a vector of 256, for each": lambda: many(vectors[256], seconds),
        },
        arguments.rounds,
    )
    for what, rate in found.items():
        print(f"PointReach, {what}: {1e6 / rate:.2f} microseconds")


if __name__ == "__main__":
    np.seterr(all="ignore")
    main()
