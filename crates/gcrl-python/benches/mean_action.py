"""What g-BC could learn at best from an expert's data: the return of the mean of its actions.

    python mean_action.py Reacher FetchPickAndPlace        # experts of ours
    python mean_action.py Reacher=policy.safetensors       # another policy

Expert data have normal noise on every action and random actions among them; squared errors lead
g-BC to their mean, which is (1 - p) E[clip(a + sigma n)] where the expert does a. How much that slower
motion costs depends on the expert. Printed: the return of the expert alone, as it acts in the data,
and by the mean; 1,000 episodes each, mean and standard error.
"""

import sys
from math import erf, exp, pi, sqrt

import gymnasium
import numpy as np

import gcrl

NOISE_STD = 0.2
RANDOM_ACTION_PROBABILITY = 0.3
N_EPISODES = 1_000
FIRST_SEED = 90_000


@np.vectorize
def clipped_mean(action):
    """E[clip(action + NOISE_STD n, -1, 1)] for a standard normal n."""
    low, high = (-1 - action) / NOISE_STD, (1 - action) / NOISE_STD
    below, above = ((1 + erf(x / sqrt(2))) / 2 for x in (low, high))
    spread = (exp(-low * low / 2) - exp(-high * high / 2)) / sqrt(2 * pi)
    return -below + action * (above - below) + NOISE_STD * spread + 1 - above


def alone(action, _rng):
    return action


def mean_of_data(action, _rng):
    return (1 - RANDOM_ACTION_PROBABILITY) * clipped_mean(action)


def as_in_data(action, rng):
    noisy = np.clip(action + NOISE_STD * rng.standard_normal(action.shape), -1, 1)
    is_random = rng.random((len(action), 1)) < RANDOM_ACTION_PROBABILITY
    return np.where(is_random, rng.uniform(-1, 1, action.shape), noisy)


def score(task, policy, change):
    envs = gymnasium.make_vec(f"gcrl/{task}-v1", num_envs=N_EPISODES)
    seen, _ = envs.reset(seed=FIRST_SEED)
    rng = np.random.default_rng(0)
    returns = np.zeros(N_EPISODES)
    is_over = False
    while not is_over:
        action = change(policy(seen), rng).astype(np.float32)
        seen, reward, _, truncated, _ = envs.step(action)
        returns += reward
        is_over = truncated.all()
    return f"{returns.mean():.2f} ± {returns.std() / sqrt(N_EPISODES):.2f}"


def main():
    for name in sys.argv[1:]:
        task, _, path = name.partition("=")
        policy = gcrl.load_policy(path or task)
        print(name, flush=True)
        for change in (alone, as_in_data, mean_of_data):
            print(f"  {change.__name__:12} {score(task, policy, change)}", flush=True)


main()
