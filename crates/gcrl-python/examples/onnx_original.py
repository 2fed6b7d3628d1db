"""A policy that was trained here acts in the original FetchReach, by onnxruntime.

    pip install onnxruntime gymnasium-robotics mujoco==3.3.7
    gcrl policy export assets/experts/FetchReach-strong-v1.safetensors --format onnx --out policy.onnx
    python onnx_original.py policy.onnx

The same graph acts in the environment of this package, too, and there it is compared with the policy's
own actions where its file is given by ``--policy``.
"""

import argparse

import gymnasium
import gymnasium_robotics
import numpy as np
import onnxruntime

import gcrl

gymnasium.register_envs(gymnasium_robotics)


def play(env: gymnasium.Env, session: onnxruntime.InferenceSession, n_episodes: int) -> float:
    """Mean steps on the goal of an episode."""
    total = 0
    for episode in range(n_episodes):
        seen, _ = env.reset(seed=episode)
        is_over = False
        while not is_over:
            names = ("observation", "desired_goal")
            inputs = {name: seen[name][None].astype(np.float32) for name in names}
            (actions,) = session.run(["action"], inputs)
            seen, reward, _, is_over, _ = env.step(actions[0])
            total += reward == 0  # Sparse rewards: 0 on the goal, otherwise -1.
    return total / n_episodes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("graph", help="the policy as ONNX")
    parser.add_argument("--policy", help="the same policy's own file, to compare with")
    parser.add_argument("--episodes", type=int, default=50)
    arguments = parser.parse_args()
    session = onnxruntime.InferenceSession(arguments.graph)
    for env_id in ("FetchReach-v4", "gcrl-robotics/FetchReach-v4"):
        on_goal = play(gymnasium.make(env_id), session, arguments.episodes)
        print(f"{env_id}: steps on the goal {on_goal:.2f} of 50")
    if arguments.policy is not None:
        rng = np.random.default_rng(0)
        observation = rng.normal(0, 1, (10_000, 10)).astype(np.float32)
        goal = rng.normal(0, 1, (10_000, 3)).astype(np.float32)
        inputs = {"observation": observation, "desired_goal": goal}
        (actions,) = session.run(["action"], inputs)
        own = gcrl.load_policy(arguments.policy)(observation, goal)
        print(f"largest difference of 10,000 actions: {np.abs(actions - own).max():.1e}")


if __name__ == "__main__":
    main()
