"""What a policy of ours earns in gymnasium-robotics and here, from the same starts and goals.

    python transfer.py gcrl FetchPush-v4 POLICY.safetensors --episodes 300

`gcrl` is the program; it runs as `gcrl serve TASK`, with the task of the policy. Needs gymnasium-robotics 1.4.2 with the MuJoCo to
compare with, 2.3.3 or what people install. Printed are success at the end of an episode and return, both over its first 49 steps as in
the paper's benchmark, as mean ± standard error, and the difference of here and there, paired by episode.
"""

import argparse
import json

import gymnasium
import gymnasium_robotics
import mujoco
import numpy as np
from served import Served

N_STEPS = 49


class Policy:
    """The actor of a policy file: `action = tanh(W₃ relu(… W₀ (s, g)))`, `s` and `g` normalized."""

    def __init__(self, path):
        with open(path, "rb") as file:
            header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
            numbers = np.frombuffer(file.read(), np.float32)
        self.header = json.loads(header.pop("__metadata__")["gcrl"])
        places = {name: [place // 4 for place in entry["data_offsets"]] for name, entry in header.items()}
        self.tensors = {name: numbers[a:b].reshape(header[name]["shape"]) for name, (a, b) in places.items()}
        if self.header["kind"] != "mlp":
            raise ValueError(f"a policy of kind {self.header['kind']}, not mlp")
        self.n_layers = sum(name.startswith("actor.") for name in self.tensors) // 2
        example = [self.tensors[f"self_test.{part}"] for part in ("observation", "desired_goal", "action")]
        if np.abs(self(*example[:2]) - example[2]).max() > 1e-4:
            raise ValueError("the policy does not act as its file says")

    def normalized(self, part, numbers):
        mean, std = (self.tensors[f"normalizer.{part}.{moment}"] for moment in ("mean", "std"))
        limits = self.header[part]
        numbers = np.clip(numbers, -limits["input_clip"], limits["input_clip"])
        return np.clip((numbers - mean) / std, -limits["output_clip"], limits["output_clip"])

    def __call__(self, observation, goal):
        x = np.concatenate([self.normalized("observation", observation), self.normalized("goal", goal)], axis=-1)
        for layer in range(self.n_layers):
            x = x @ self.tensors[f"actor.{layer}.weight"] + self.tensors[f"actor.{layer}.bias"]
            x = np.maximum(x, 0) if layer + 1 < self.n_layers else np.tanh(x)
        return x


def play(policy, seen, step):
    """Whether the goal is met at the end, and how many steps meet it."""
    n_met = 0
    for _ in range(N_STEPS):
        action = policy(np.float32(seen["observation"]), np.float32(seen["desired_goal"]))
        seen, is_met = step(action)
        n_met += is_met
    return float(is_met), float(n_met)


def show(name, theirs, ours):
    mean = lambda x: f"{x.mean():8.3f} ± {x.std(ddof=1) / len(x) ** 0.5:.3f}"
    print(f"{name:8} there {mean(theirs)}   here {mean(ours)}   difference {mean(ours - theirs)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("original")
    parser.add_argument("policy")
    parser.add_argument("--episodes", type=int, default=300)
    args = parser.parse_args()
    policy = Policy(args.policy)
    gymnasium.register_envs(gymnasium_robotics)
    original = gymnasium.make(args.original).unwrapped
    served = Served(args.program, policy.header["task"])

    def step_there(action):
        seen, reward, *_ = original.step(action)
        return seen, reward == 0

    def step_here(action):
        seen = served.ask({"step": action.tolist()})
        return seen, seen["reward"] == 1

    theirs, ours = [], []
    for episode in range(args.episodes):
        seen, _ = original.reset(seed=episode)
        state = {name: value.tolist() for name, value in seen.items()}
        state |= {"qpos": original.data.qpos.tolist(), "qvel": original.data.qvel.tolist()}
        theirs.append(play(policy, seen, step_there))
        ours.append(play(policy, served.ask({"start_at": state}), step_here))
    theirs, ours = np.array(theirs), np.array(ours)
    print(f"{policy.header['task']}, {args.episodes} episodes, MuJoCo {mujoco.__version__}, {args.policy}")
    show("success", theirs[:, 0], ours[:, 0])
    show("return", theirs[:, 1], ours[:, 1])


if __name__ == "__main__":
    main()
