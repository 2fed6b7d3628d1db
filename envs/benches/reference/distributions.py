"""How far the distributions of what is seen under random actions are from those of gymnasium-robotics.

    python distributions.py gcrl FetchPush FetchPush-v4 --episodes 500

`gcrl` is the program; it runs as `gcrl serve TASK`. Printed is, for every number of the observation, its standard
deviation there and here, and the Kolmogorov-Smirnov distance of the two distributions: once as it is, and once where
differences of up to a thousandth (of a meter, a radian, or those a step) do not count. A block that lies still has
angles of some millionths there and of others here, which the distance as it is takes for two distributions.
"""

import argparse

import gymnasium
import gymnasium_robotics
import numpy as np
from served import Served

LEEWAY = 1e-3


def distance(ours, theirs, leeway=0.0):
    """The largest difference of two samples' shares below a number, up to `leeway` beside it."""
    at = np.concatenate([ours, theirs])
    ours, theirs = np.sort(ours), np.sort(theirs)
    below = lambda x, shift: np.searchsorted(x, at + shift, side="right") / len(x)
    lacking = [below(x, -leeway) - below(y, leeway) for x, y in ((ours, theirs), (theirs, ours))]
    return max(0.0, np.max(lacking))


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
    print("number  std theirs    std ours    distance  with leeway")
    for index in range(ours.shape[1]):
        a, b = ours[:, index], theirs[:, index]
        distances = f"{distance(a, b):11.3f} {distance(a, b, LEEWAY):12.3f}"
        print(f"{index:6} {b.std():11.6f} {a.std():11.6f} {distances}")
    if args.task.startswith("Fetch"):
        print(f"lowest grip z: theirs {theirs[:, 2].min():.4f}, ours {ours[:, 2].min():.4f}")
        low = [np.quantile(x[:, 2], 0.001) for x in (theirs, ours)]
        print(f"a thousandth is below: theirs {low[0]:.4f}, ours {low[1]:.4f}")


if __name__ == "__main__":
    main()
