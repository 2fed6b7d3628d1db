"""A cell of the paper's table, trained by eager PyTorch on the same data set: what it returns and what it costs.

A second opinion on both, with the update of `eager_pytorch.py`. The policy is evaluated by the Python package `gcrl`, outside the
time that is measured.

    venv/bin/pip install -r requirements.txt gcrl-*.whl
    GCRL_DATASETS=datasets venv/bin/python pytorch_cell.py FetchReach/random-v1 --seeds 0 1 2

prints a line for each seed: the return of the last policy, CPU seconds, and updates a CPU second, one thread. Beside it is
`/usr/bin/time gcrl reproduce --tasks FetchReach --data random --methods wgcsl --seeds 0..3 --threads 1 --out DIR`: its user time, a
third a seed. The share of evaluations is that of the seconds in `DIR/costs.csv`.
"""

import argparse
import time

import gcrl
import numpy as np
import torch
from eager_pytorch import Learner, Size

# Updates of the paper's schedule; batch, target steps and percentile step as in crates/gcrl-learn/presets.
UPDATES = {"PointReach": 250, "PointRooms": 250, "FetchReach": 2500, "SawyerReach": 2500}
TARGET_EVERY = {250: 1, 2500: 5}


def columns_of(dataset):
    """Returns the columns of a data set as `eager_pytorch.synthetic_columns` lays them out."""
    flat = lambda column: np.array(column).reshape(-1, column.shape[-1])
    return flat(dataset.observation), flat(dataset.achieved_goal), flat(dataset.action), np.array(dataset.desired_goal)


def actor(learner):
    """Returns the policy as a function of observations and goals, `[n, dim]`."""

    @torch.no_grad()
    def act(observation, goal):
        observation, goal = torch.from_numpy(np.array(observation)), torch.from_numpy(np.array(goal))
        state = torch.cat([learner.observation_norm(observation.clamp(-200, 200)), learner.goal_norm(goal)], 1)
        return learner.policy(state).numpy()

    return act


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dataset", help="a name such as FetchReach/random-v1")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--episodes", type=int, default=1000)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    dataset = gcrl.Dataset(args.dataset)
    columns = columns_of(dataset)
    n_updates = UPDATES[dataset.task]
    dims = [dataset.observation.shape[-1], dataset.desired_goal.shape[-1], dataset.action.shape[-1]]
    (radius,) = dataset.manifest["task"]["reward"].values()
    size = Size(len(dataset), *dims, batch=128, target_every=TARGET_EVERY[n_updates], percentile_step=0.15, radius=radius)
    for seed in args.seeds:
        torch.manual_seed(seed)
        learner = Learner(size, True, columns)
        start = time.process_time()
        for _ in range(n_updates):
            learner.update()
        seconds = time.process_time() - start
        found = gcrl.evaluate(actor(learner), dataset.task, n_episodes=args.episodes, seed=seed).mean_return
        print(f"{args.dataset} seed {seed}: return {found:.2f}, {seconds:.1f} CPU seconds, {n_updates / seconds:.0f} updates a second", flush=True)


if __name__ == "__main__":
    main()
