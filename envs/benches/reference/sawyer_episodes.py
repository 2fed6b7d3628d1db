"""Episodes of SawyerDoor, made by MuJoCo from our description of the robot: random ones, or a policy's.

    python sawyer_episodes.py assets/robots/sawyer_door.xml EPISODES SEED episodes.npz [policy.npz]
    gcrl dataset import episodes.npz --task SawyerDoor --out mujoco-door
    gcrl policy export RUN/policies/seed-0.safetensors --format npz --out policy.npz

Whether a method learns the same from random ones as from our own episodes tells data from learning, and
whether a policy earns the same tells both from the task.
"""

import json
import sys

import mujoco
import numpy as np
from sawyer_mujoco import BOXES, N_SUB_STEPS, reset

N_TRANSITIONS = 49
LARGEST_GOAL = 0.83
LEEWAY = 0.06


def policy_of(path):
    """A policy of kind `mlp` as a function of observation and goal (crates/gcrl/docs/formats.md)."""
    arrays = dict(np.load(path))
    header = json.loads(bytes(arrays["header"]))
    n_layers = sum(name.startswith("actor") for name in arrays) // 2

    def normalized(x, name):
        x = np.clip(x, -header[name]["input_clip"], header[name]["input_clip"])
        x = (x - arrays[f"normalizer.{name}.mean"]) / arrays[f"normalizer.{name}.std"]
        return np.clip(x, -header[name]["output_clip"], header[name]["output_clip"])

    def act(observation, goal):
        x = np.concatenate([normalized(observation, "observation"), normalized(goal, "goal")])
        for layer in range(n_layers):
            x = x @ arrays[f"actor.{layer}.weight"] + arrays[f"actor.{layer}.bias"]
            x = np.maximum(x, 0) if layer < n_layers - 1 else np.tanh(x)
        return x

    return act


def episode(model, data, hand, goal, act):
    """States `[50, 4]` (hand, angle of the door) and actions `[49, 3]`."""
    low, high = (np.array(corner) for corner in BOXES["sawyer_door"])
    reset(model, data)
    mujoco.mj_forward(model, data)
    states, actions = [np.array([*data.xpos[hand], data.qpos[7]])], []
    for _ in range(N_TRANSITIONS):
        actions.append(act(states[-1], goal))
        data.mocap_pos[0] = np.clip(data.mocap_pos[0] + 0.02 * actions[-1], low, high)
        mujoco.mj_step(model, data, N_SUB_STEPS)
        states.append(np.array([*data.xpos[hand], data.qpos[7]]))
    return np.array(states), np.array(actions)


def main():
    path, n_episodes, seed, output, *policy = sys.argv[1:]
    n_episodes, rng = int(n_episodes), np.random.default_rng(int(seed))
    model = mujoco.MjModel.from_xml_path(path)
    data, hand = mujoco.MjData(model), model.body("hand").id
    act = policy_of(policy[0]) if policy else lambda *_: rng.uniform(-1, 1, 3)
    goals = rng.uniform(0, LARGEST_GOAL, (n_episodes, 1)).astype(np.float32)
    episodes = [episode(model, data, hand, goal, act) for goal in goals]
    states, actions = (np.array(parts, np.float32) for parts in zip(*episodes))
    angles = states[:, :, 3:]
    rewards = (np.abs(angles[:, 1:, 0] - goals) <= LEEWAY).astype(np.float32)
    print(f"return {rewards.sum(axis=1).mean():.2f}, MuJoCo {mujoco.__version__}")
    np.savez(
        output, observation=states, achieved_goal=angles, action=actions, desired_goal=goals, reward=rewards
    )


if __name__ == "__main__":
    main()
