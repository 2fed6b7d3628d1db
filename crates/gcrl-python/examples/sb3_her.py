"""Stable-Baselines3 trains HER on FetchReach, here or in the original environment.

    pip install stable-baselines3
    python sb3_her.py                                  # this package
    python sb3_her.py --env FetchReach-v4              # gymnasium-robotics, beside it

Prints the time of training, by the clock and of the processor, and the share of steps on the goal of 100 episodes without noise.
"""

import argparse
import time

import gymnasium
import numpy as np
import torch
from stable_baselines3 import SAC, HerReplayBuffer
from stable_baselines3.common.vec_env import DummyVecEnv

import gcrl  # noqa: F401  (registers the environments)


def evaluate(model: SAC, env: gymnasium.Env, n_episodes: int) -> tuple[float, float]:
    """Mean steps on the goal of an episode, and the share of episodes that end on it."""
    returns, successes = [], []
    for episode in range(n_episodes):
        seen, _ = env.reset(seed=10_000 + episode)
        is_over, on_goal = False, 0
        while not is_over:
            action, _ = model.predict(seen, deterministic=True)
            seen, reward, _, is_over, info = env.step(action)
            on_goal += reward == 0  # Sparse rewards: 0 on the goal, otherwise -1.
        returns.append(on_goal)
        successes.append(info["is_success"])
    return float(np.mean(returns)), float(np.mean(successes))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--env", default="gcrl-robotics/FetchReach-v4")
    parser.add_argument("--steps", type=int, default=14_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    if not arguments.env.startswith("gcrl"):
        import gymnasium_robotics

        gymnasium.register_envs(gymnasium_robotics)

    torch.set_num_threads(1)  # These networks are too small for more.
    env = DummyVecEnv([lambda: gymnasium.make(arguments.env)])
    model = SAC(
        "MultiInputPolicy",
        env,
        replay_buffer_class=HerReplayBuffer,
        replay_buffer_kwargs={"n_sampled_goal": 4, "goal_selection_strategy": "future"},
        policy_kwargs={"net_arch": [64, 64]},
        learning_starts=500,
        batch_size=256,
        gamma=0.95,
        learning_rate=1e-3,
        seed=arguments.seed,
        device="cpu",
    )
    start, start_cpu = time.perf_counter(), time.process_time()
    model.learn(arguments.steps)
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - start_cpu
    on_goal, success = evaluate(model, gymnasium.make(arguments.env), 100)
    print(f"{arguments.env}: {arguments.steps} steps in {seconds:.1f} s, {cpu_seconds:.1f} s of the processor")
    print(f"steps on the goal {on_goal:.1f} of 50, success {success:.2f}")


if __name__ == "__main__":
    main()
