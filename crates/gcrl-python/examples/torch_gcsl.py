"""GCSL in PyTorch: goal-conditioned imitation of a data set, relabeled in hindsight.

    pip install torch
    python torch_gcsl.py                    # random data of PointReach, collected first

Source: Ghosh et al., "Learning to Reach Goals via Iterated Supervised Learning", 2021.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import torch
from torch import nn

import gcrl


def network(dataset: gcrl.Dataset) -> nn.Module:
    """Scales observations and goals by the data, and answers with actions in [-1, 1]."""
    columns = (dataset.observation, dataset.achieved_goal)
    mean, std = (
        torch.tensor(np.concatenate([getattr(c, name)((0, 1)) for c in columns]))
        for name in ("mean", "std")
    )

    class Scale(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return ((x - mean) / (std + 1e-2)).clamp(-5, 5)

    n_inputs, n_actions = len(mean), dataset.action.shape[-1]
    widths = [n_inputs, 256, 256, 256]
    layers = [m for i, o in zip(widths, widths[1:]) for m in (nn.Linear(i, o), nn.ReLU())]
    return nn.Sequential(Scale(), *layers, nn.Linear(256, n_actions), nn.Tanh())


def train(dataset: gcrl.Dataset, n_updates: int, seed: int) -> nn.Module:
    torch.manual_seed(seed)
    policy = network(dataset)
    optimizer = torch.optim.Adam(policy.parameters(), 5e-4)
    sampler = dataset.sampler(512, future_probability=1.0, seed=seed)
    arrays = sampler.empty()  # Filled again and again; the tensors look into it.
    batch = {name: torch.from_numpy(array) for name, array in arrays.items()}
    for update in range(n_updates):
        sampler.sample(out=arrays)
        answer = policy(torch.cat([batch["observation"], batch["goal"]], -1))
        loss = (answer - batch["action"]).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if update % 250 == 0:
            print(f"update {update}: loss {loss.item():.4f}")
    return policy


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", help="its name or folder")
    parser.add_argument("--updates", type=int, default=1_000)
    arguments = parser.parse_args()
    path = arguments.dataset
    if path is None:
        path = Path(tempfile.mkdtemp()) / "random"
        gcrl.collect("PointReach", "random", n_episodes=2_000, out=path)
    dataset = gcrl.Dataset(path)
    policy = train(dataset, arguments.updates, seed=0)

    def act(observation: np.ndarray, goal: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return policy(torch.from_numpy(np.concatenate([observation, goal], -1))).numpy()

    scores = gcrl.evaluate(act, dataset.task, n_episodes=1_000)
    print(f"{dataset.task}: return {scores.mean_return:.2f} of 49, success {scores.success:.2f}")


if __name__ == "__main__":
    main()
