"""Episodes by Python are those of the program, to the last bit."""

from pathlib import Path

import gymnasium
import numpy as np
import pytest
from blake3 import blake3

import gcrl
from golden import child, hashes, uniform

TASKS = gcrl.tasks()


def steps(env: gymnasium.Env, actions: np.ndarray, seed: int):
    observation, _ = env.reset(seed=seed)
    yield observation, 0.0
    for action in actions:
        observation, reward, _, _, _ = env.step(action)
        yield observation, reward


@pytest.mark.parametrize("name", TASKS)
def test_the_golden_episode_of_each_task(name: str) -> None:
    spec = gcrl.task(name)
    draw = uniform(2022, "golden", 0)
    shape = (spec["horizon"], spec["action_dim"])
    actions = np.array([2 * next(draw) - 1 for _ in range(shape[0] * shape[1])], np.float32)
    hasher = blake3()
    for seen, reward in steps(gymnasium.make(f"gcrl/{name}-v1"), actions.reshape(shape), 2022):
        for key in ("observation", "achieved_goal", "desired_goal"):
            assert seen[key].dtype == np.float32
            hasher.update(seen[key].tobytes())
        hasher.update(np.float32(reward).tobytes())
    assert hasher.hexdigest() == hashes()[name]


def test_a_collected_data_set_is_what_its_seeds_and_actions_play(random_folder: Path) -> None:
    dataset = gcrl.Dataset(random_folder)
    env = gymnasium.make(f"gcrl/{dataset.task}-v1")
    for number, episode in enumerate(dataset):
        seed = gcrl.episode_seed(7, number)
        assert seed == child(7, "reset", number)
        played = list(steps(env, episode["action"], seed))
        for key in ("observation", "achieved_goal"):
            assert np.array_equal(episode[key], np.stack([seen[key] for seen, _ in played]))
        assert np.array_equal(episode["desired_goal"], played[0][0]["desired_goal"])
        assert np.array_equal(episode["reward"], [reward for _, reward in played[1:]])


def test_a_reset_without_a_seed_draws_the_next_one() -> None:
    seeds = []
    for _ in range(2):
        env = gymnasium.make("gcrl/PointReach-v1")
        env.reset(seed=5)
        seeds.append([env.unwrapped.episode_seed])
        for _ in range(3):
            env.reset()
            seeds[-1].append(env.unwrapped.episode_seed)
    assert seeds[0] == seeds[1]
    assert len(set(seeds[0])) == 4 and seeds[0][0] == 5
