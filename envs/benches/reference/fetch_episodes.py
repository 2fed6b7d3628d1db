"""Random episodes of a Fetch task, made by gymnasium-robotics.

    python fetch_episodes.py FetchSlide-v4 EPISODES SEED episodes.npz
    gcrl dataset import episodes.npz --task FetchSlide --out mujoco-slide

Whether a method learns the same from them as from our own episodes tells data from learning.
"""

import sys

import gymnasium
import gymnasium_robotics
import mujoco
import numpy as np

N_TRANSITIONS = 49


def main():
    name, n_episodes, seed, output = sys.argv[1:]
    n_episodes, seed = int(n_episodes), int(seed)
    gymnasium.register_envs(gymnasium_robotics)
    env = gymnasium.make(name, reward_type="sparse").unwrapped
    rng = np.random.default_rng(seed)
    observations, achieved, actions, goals, rewards = [], [], [], [], []
    for episode in range(n_episodes):
        seen, _ = env.reset(seed=seed * 1_000_000 + episode)
        states, points, moves, reached = [seen["observation"]], [seen["achieved_goal"]], [], []
        for _ in range(N_TRANSITIONS):
            moves.append(rng.uniform(-1, 1, 4).astype(np.float32))
            seen, reward, *_ = env.step(moves[-1])
            states.append(seen["observation"])
            points.append(seen["achieved_goal"])
            reached.append(reward + 1.0)
        observations.append(np.array(states, np.float32))
        achieved.append(np.array(points, np.float32))
        actions.append(np.array(moves))
        goals.append(seen["desired_goal"].astype(np.float32))
        rewards.append(np.array(reached, np.float32))
    print(f"return {np.sum(rewards, axis=1).mean():.3f}, MuJoCo {mujoco.__version__}")
    np.savez(
        output,
        observation=observations,
        achieved_goal=achieved,
        action=actions,
        desired_goal=goals,
        reward=rewards,
    )


if __name__ == "__main__":
    main()
