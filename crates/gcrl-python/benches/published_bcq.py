"""g-BCQ as its authors' code has it, in PyTorch, on our data: does it fail on random data as in the paper?

    python published_bcq.py PointReach --updates 250 [--scale-inputs] [--data expert] [--seeds 0 1]

Networks, their initial weights (PyTorch's), optimizer, targets and the choice among 100 actions are
those of Fujimoto et al., "Off-Policy Deep Reinforcement Learning without Exploration", 2019, and of its
code `sfujim/BCQ`. As in the paper's repository (`convert_buffer_to_npy.py`), a state is observation, goal
and achieved goal side by side, the reward is that of the state before the action, and the last transition
of an episode is terminal. Needs `gcrl` and PyTorch.
"""

from __future__ import annotations

import argparse
import copy
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import gcrl

BATCH, DISCOUNT, TAU, LEARNING_RATE = 100, 0.99, 0.005, 1e-3
LEAST_SHARE, MAX_PERTURBATION, N_TARGET_ACTIONS, N_ACTIONS = 0.75, 0.05, 10, 100


def network(*widths: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for n_inputs, n_outputs in pairwise(widths):
        layers += [nn.Linear(n_inputs, n_outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class Bcq:
    def __init__(self, state_dim: int, action_dim: int) -> None:
        self.latent_dim = 2 * action_dim
        both = state_dim + action_dim
        self.encoder = network(both, 750, 750, 2 * self.latent_dim)
        self.decoder = network(state_dim + self.latent_dim, 750, 750, action_dim)
        self.perturbation = network(both, 400, 300, action_dim)
        self.critics = nn.ModuleList(network(both, 400, 300, 1) for _ in range(2))
        self.online = nn.ModuleList([self.perturbation, *self.critics])
        self.target = copy.deepcopy(self.online)
        autoencoder = [*self.encoder.parameters(), *self.decoder.parameters()]
        self.steps = [
            torch.optim.Adam(parameters, LEARNING_RATE)
            for parameters in (
                autoencoder,
                self.critics.parameters(),
                self.perturbation.parameters(),
            )
        ]

    def decode(self, state: Tensor, latent: Tensor | None = None) -> Tensor:
        if latent is None:
            latent = torch.randn(len(state), self.latent_dim).clamp(-0.5, 0.5)
        return torch.tanh(self.decoder(torch.cat([state, latent], 1)))

    def perturbed(self, net: nn.Module, state: Tensor, action: Tensor) -> Tensor:
        change = MAX_PERTURBATION * torch.tanh(net(torch.cat([state, action], 1)))
        return (action + change).clamp(-1, 1)

    def descend(self, step: int, loss: Tensor) -> None:
        self.steps[step].zero_grad()
        loss.backward()
        self.steps[step].step()

    def update(
        self, state: Tensor, action: Tensor, reward: Tensor, next_state: Tensor, goes_on: Tensor
    ) -> None:
        mean, log_std = self.encoder(torch.cat([state, action], 1)).chunk(2, 1)
        log_std = log_std.clamp(-4, 15)
        decoded = self.decode(state, mean + log_std.exp() * torch.randn_like(mean))
        divergence = -0.5 * (1 + 2 * log_std - mean**2 - log_std.exp() ** 2).mean()
        self.descend(0, F.mse_loss(decoded, action) + 0.5 * divergence)

        with torch.no_grad():
            many = next_state.repeat_interleave(N_TARGET_ACTIONS, 0)
            actions = self.perturbed(self.target[0], many, self.decode(many))
            values = torch.stack([q(torch.cat([many, actions], 1))[:, 0] for q in self.target[1:]])
            mixed = LEAST_SHARE * values.amin(0) + (1 - LEAST_SHARE) * values.amax(0)
            target = reward + goes_on * DISCOUNT * mixed.reshape(-1, N_TARGET_ACTIONS).amax(1)
        pairs = torch.cat([state, action], 1)
        self.descend(1, sum(F.mse_loss(q(pairs)[:, 0], target) for q in self.critics))

        action = self.perturbed(self.perturbation, state, self.decode(state).detach())
        self.descend(2, -self.critics[0](torch.cat([state, action], 1)).mean())
        with torch.no_grad():
            for online, target in zip(
                self.online.parameters(), self.target.parameters(), strict=True
            ):
                target.lerp_(online, TAU)

    @torch.no_grad()
    def act(self, state: Tensor) -> np.ndarray:
        many = state.repeat_interleave(N_ACTIONS, 0)
        actions = self.perturbed(self.perturbation, many, self.decode(many))
        values = self.critics[0](torch.cat([many, actions], 1)).reshape(-1, N_ACTIONS)
        actions = actions.reshape(len(state), N_ACTIONS, -1)
        return actions[torch.arange(len(state)), values.argmax(1)].numpy()


def returned(args: argparse.Namespace, seed: int) -> float:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    data = gcrl.Dataset(f"{args.task}/{args.data}-v1")
    observation, achieved = np.asarray(data.observation), np.asarray(data.achieved_goal)
    action, goal = np.asarray(data.action), np.asarray(data.desired_goal)
    n_episodes, n_transitions, action_dim = action.shape
    (rule, radius), *_ = data.manifest["task"]["reward"].items()
    parts = [observation, goal, achieved]
    flat = [part.reshape(-1, part.shape[-1]) for part in parts]
    scales = [(part.mean(0), part.std(0) + 1e-4) for part in flat]

    def states(*parts: np.ndarray) -> Tensor:
        if args.scale_inputs:
            pairs = zip(parts, scales, strict=True)
            parts = tuple((part - mean) / std for part, (mean, std) in pairs)
        return torch.from_numpy(np.concatenate(parts, -1).astype(np.float32))

    bcq = Bcq(sum(part.shape[-1] for part in parts), action_dim)
    for _ in range(args.updates):
        e, t = rng.integers(n_episodes, size=BATCH), rng.integers(n_transitions, size=BATCH)
        distance = np.linalg.norm(achieved[e, t] - goal[e], axis=1)
        reward = distance < radius if rule == "inside" else distance <= radius
        bcq.update(
            states(observation[e, t], goal[e], achieved[e, t]),
            torch.from_numpy(action[e, t]),
            torch.from_numpy(reward.astype(np.float32)),
            states(observation[e, t + 1], goal[e], achieved[e, t + 1]),
            torch.from_numpy((t + 1 < n_transitions).astype(np.float32)),
        )

    columns = achieved_columns(observation, achieved)

    def policy(observation: np.ndarray, goal: np.ndarray) -> np.ndarray:
        return bcq.act(states(observation, goal, observation[:, columns]))

    return gcrl.evaluate(policy, args.task, n_episodes=args.episodes).mean_return


def achieved_columns(observation: np.ndarray, achieved: np.ndarray) -> list[int]:
    """Which numbers of an observation are the achieved goal: a policy of gcrl sees no other."""
    rows = observation.reshape(-1, observation.shape[-1])[:1000]
    goals = achieved.reshape(-1, achieved.shape[-1])[:1000]
    errors = np.stack([np.abs(rows - goals[:, [i]]).max(0) for i in range(goals.shape[1])])
    if errors.min(1).max() > 1e-5:
        raise SystemExit("the achieved goal of this task is no part of its observations")
    return [int(column) for column in errors.argmin(1)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task")
    parser.add_argument("--data", default="random")
    parser.add_argument("--updates", type=int, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--episodes", type=int, default=100)
    parser.add_argument("--scale-inputs", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(1)
    returns = [returned(args, seed) for seed in args.seeds]
    inputs = "scaled inputs" if args.scale_inputs else "inputs as they are"
    print(args.task, args.data, inputs, *(f"{mean:.2f}" for mean in returns))


if __name__ == "__main__":
    main()
