"""How far the distributions of what is seen under random actions are from those of gymnasium-robotics.

    python distributions.py gcrl FetchPush FetchPush-v4 --episodes 500

`gcrl` is the program; it runs as `gcrl serve TASK`. Printed is, for every number of the observation, its standard
deviation there and here, and the Kolmogorov-Smirnov distance of the two distributions.
"""

import argparse

import gymnasium
import gymnasium_robotics
import numpy as np
from served import Served


def distance(ours, theirs):
    """The largest difference of two samples' shares below a number."""
    at = np.sort(np.concatenate([ours, theirs]))
    shares = [np.searchsorted(np.sort(x), at, side="right") / len(x) for x in (ours, theirs)]
    return np.abs(shares[0] - shares[1]).max()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("task")
    parser.add_argument("original")
    parser.add_argument("--episodes", type=int, default=500)
    args = parser.parse_args()
    gymnasium.register_envs(gymnasium_robotics)
    original = gymnasium.make(args.original).unwrapped
    ask, rng = Served(args.program, args.task).ask, np.random.default_rng(0)
    ours, theirs = [], []
    for episode in range(args.episodes):
        ask({"reset": episode})
        original.reset(seed=episode)
        for _ in range(50):
            draw = lambda: rng.uniform(-1, 1, original.action_space.shape)
            ours.append(ask({"step": draw().tolist()})["observation"])
            theirs.append(original.step(draw())[0]["observation"])
    ours, theirs = np.array(ours), np.array(theirs)
    print("number  std theirs    std ours    distance")
    for index in range(ours.shape[1]):
        a, b = ours[:, index], theirs[:, index]
        print(f"{index:6} {b.std():11.6f} {a.std():11.6f} {distance(a, b):11.3f}")
    print(f"lowest grip z: theirs {theirs[:, 2].min():.4f}, ours {ours[:, 2].min():.4f}")
    low = [np.quantile(x[:, 2], 0.001) for x in (theirs, ours)]
    print(f"a thousandth is below: theirs {low[0]:.4f}, ours {low[1]:.4f}")


if __name__ == "__main__":
    main()
