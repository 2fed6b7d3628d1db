"""One full WGCSL update in eager PyTorch, to time beside ours.

A second opinion on speed, written the way a competent user would: fp32, one thread, fused Adam, foreach target update, no product
computed twice. One update draws a batch, relabels it, weights it (`gamma^k * min(exp(A), 10)`, with `--percentile` also the
best-advantage weight of a ring of 50,000 advantages), steps the policy, updates the normalizer, steps the critic, and mixes the
targets where they are due. Data are synthetic: only the sizes matter. PyTorch's Adam adds its epsilon to the bias-corrected
deviation, ours and the authors' to the uncorrected one; the work is the same.

Source of the algorithm: Yang et al., "Rethinking Goal-Conditioned Supervised Learning and Its Connection to Offline RL", ICLR 2022.

    python -m venv venv && venv/bin/pip install -r requirements.txt
    venv/bin/python eager_pytorch.py --size fetch --seconds 5

prints one line of JSON. With `--rounds` it warms up, then reads lines `go SECONDS` and answers each with such a line until the
input ends, so that a caller can interleave warm processes. Seconds are CPU seconds of this process. The project itself never
needs Python.
"""

import argparse
import json
import sys
import time
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

STEPS, DISCOUNT, RING, EPSILON = 49, 0.98, 50_000, 1e-4


@dataclass(frozen=True)
class Size:
    n_episodes: int
    observation: int
    goal: int
    action: int
    batch: int
    target_every: int
    percentile_step: float
    radius: float = 0.05


SIZES = {"fetch": Size(20_000, 25, 3, 4, 512, 20, 0.01), "point": Size(2_000, 2, 2, 2, 128, 1, 0.15)}


def synthetic_columns(size):
    """Returns observations and achieved goals `[episodes * 50, dim]`, actions `[episodes * 49, dim]`, goals `[episodes, dim]`."""
    rng = np.random.default_rng(0)
    draw = lambda *shape: rng.standard_normal(shape, dtype=np.float32)
    achieved = 0.05 * np.cumsum(draw(size.n_episodes, STEPS + 1, size.goal), axis=1)
    observation = draw(size.n_episodes * (STEPS + 1), size.observation)
    action = np.clip(draw(size.n_episodes * STEPS, size.action), -1, 1)
    return observation, achieved.reshape(-1, size.goal), action, 0.2 * draw(size.n_episodes, size.goal)


def network(n_in, n_out, *head):
    layers = [nn.Linear(n_in, 256), nn.ReLU(True), nn.Linear(256, 256), nn.ReLU(True), nn.Linear(256, 256), nn.ReLU(True)]
    net = nn.Sequential(*layers, nn.Linear(256, n_out), *head)
    for layer in net[0:8:2]:
        nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(layer.bias)
    return net


class Normalizer:
    """Running mean and deviation; the count starts at one, as the authors' does."""

    def __init__(self, dim):
        self.count, self.mean, self.mean_square, self.std = 1.0, torch.zeros(dim), torch.zeros(dim), torch.ones(dim)

    def update(self, x):
        self.count += len(x)
        share = len(x) / self.count
        self.mean.lerp_(x.mean(0), share)
        self.mean_square.lerp_(x.square().mean(0), share)
        self.std = (self.mean_square - self.mean.square()).clamp_min(EPSILON**2).sqrt()

    def __call__(self, x):
        return ((x - self.mean) / self.std).clamp_(-5, 5)


class Learner:
    def __init__(self, size, percentile, columns):
        self.size, self.percentile, self.n_updates = size, percentile, 0
        self.observation, self.achieved, self.action, self.desired = map(torch.from_numpy, columns)
        nets = [network(size.observation + size.goal, size.action, nn.Tanh()) for _ in range(2)]
        nets += [network(size.observation + size.goal + size.action, 1) for _ in range(2)]
        self.policy, self.target_policy, self.critic, self.target_critic = nets
        self.online = [*self.policy.parameters(), *self.critic.parameters()]
        self.targets = [*self.target_policy.parameters(), *self.target_critic.parameters()]
        torch._foreach_copy_([p.detach() for p in self.targets], [p.detach() for p in self.online])
        self.policy_adam = torch.optim.Adam(self.policy.parameters(), lr=5e-4, fused=True)
        self.critic_adam = torch.optim.Adam(self.critic.parameters(), lr=5e-4, fused=True)
        self.observation_norm, self.goal_norm = Normalizer(size.observation), Normalizer(size.goal)
        self.ring, self.n_pushed, self.percent = torch.empty(RING), 0, 0.0

    def draw(self):
        """Returns observation, next observation, action, next achieved goal, relabeled goal, desired goal, and `k`."""
        n = self.size.batch
        episode, t = torch.randint(self.size.n_episodes, (n,)), torch.randint(STEPS, (n,))
        k = (torch.rand(n) * (STEPS - t)).long()
        row = episode * (STEPS + 1) + t
        return (self.observation[row].clamp_(-200, 200), self.observation[row + 1].clamp_(-200, 200),
                self.action[row - episode], self.achieved[row + 1], self.achieved[row + 1 + k], self.desired[episode], k)

    def reward(self, achieved, goal):
        return (torch.linalg.vector_norm(achieved - goal, dim=1) <= self.size.radius).float()

    @torch.no_grad()
    def weight(self, now, action, following, reward, k):
        """`gamma^k * min(exp(A), 10)`, `[B]`, and with the percentile 1 or 0.05."""
        rows = torch.cat([now, following])
        actions = torch.cat([action, self.policy(following)])
        value, next_value = self.critic(torch.cat([rows, actions], 1)).view(2, -1)
        advantage = reward + DISCOUNT * next_value - value
        weight = DISCOUNT**k * advantage.exp().clamp_max_(10)
        if self.percentile:
            self.ring[(self.n_pushed + torch.arange(len(advantage))) % RING] = advantage
            self.n_pushed += len(advantage)
            self.percent = min(self.percent + self.size.percentile_step, 80)
            threshold = torch.quantile(self.ring[: min(self.n_pushed, RING)], self.percent / 100)
            weight *= torch.where(advantage >= threshold, 1.0, 0.05)
        return weight

    def update(self):
        observation, next_observation, action, achieved, goal, desired, k = self.draw()
        goal_n = self.goal_norm(goal)
        now = torch.cat([self.observation_norm(observation), goal_n], 1)
        following = torch.cat([self.observation_norm(next_observation), goal_n], 1)

        proposed = self.policy(now)
        weight = self.weight(now, proposed.detach(), following, self.reward(achieved, goal), k)
        self.policy_adam.zero_grad()
        (weight * (action - proposed).square().mean(1)).mean().backward()
        self.policy_adam.step()

        goal = torch.where(torch.rand(len(goal), 1) < 0.2, desired, goal)
        self.observation_norm.update(observation)
        self.goal_norm.update(goal)
        goal_n = self.goal_norm(goal)
        with torch.no_grad():
            following = torch.cat([self.observation_norm(next_observation), goal_n], 1)
            next_value = self.target_critic(torch.cat([following, self.target_policy(following)], 1)).squeeze(1)
            target = (self.reward(achieved, goal) + DISCOUNT * next_value).clamp_(-50, 50)
        value = self.critic(torch.cat([self.observation_norm(observation), goal_n, action], 1)).squeeze(1)
        self.critic_adam.zero_grad()
        nn.functional.mse_loss(value, target).backward()
        self.critic_adam.step()

        self.n_updates += 1
        if self.n_updates % self.size.target_every == 0:
            with torch.no_grad():
                torch._foreach_lerp_(self.targets, self.online, 0.1)


def measure(learner, size_name, seconds):
    cpu, wall, n = time.process_time(), time.perf_counter(), learner.n_updates
    while time.process_time() - cpu < seconds:
        learner.update()
    cpu, wall, n = time.process_time() - cpu, time.perf_counter() - wall, learner.n_updates - n
    print(json.dumps({"name": "pytorch eager", "size": size_name, "updates_per_cpu_second": n / cpu, "updates": n,
                      "cpu_seconds": cpu, "wall_seconds": wall}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", choices=SIZES, required=True)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", action="store_true", help="read `go SECONDS` from standard input, answer each with a line")
    parser.add_argument("--percentile", action="store_true", help="include the best-advantage weight")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch.manual_seed(0)
    size = SIZES[args.size]
    learner = Learner(size, args.percentile, synthetic_columns(size))
    for _ in range(40):
        learner.update()
    if not args.rounds:
        return measure(learner, args.size, args.seconds)
    for line in sys.stdin:
        measure(learner, args.size, float(line.split()[1]))


if __name__ == "__main__":
    main()
