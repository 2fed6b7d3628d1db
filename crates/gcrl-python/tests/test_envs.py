"""Environments keep Gymnasium's contract."""

import warnings

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import gcrl

IDS = [id for id in gymnasium.registry if id.startswith(("gcrl/", "gcrl-robotics/"))]


def test_all_tasks_and_all_originals_are_registered() -> None:
    assert len(gcrl.tasks()) == 10
    assert len(IDS) == 10 + 2 * len(gcrl.ORIGINALS)


@pytest.mark.parametrize("env_id", IDS)
def test_gymnasium_s_checker_finds_nothing(env_id: str) -> None:
    env = gymnasium.make(
        env_id, render_mode="rgb_array", disable_env_checker=True, width=32, height=24
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # As of the original environments, observations have no bounds.
        warnings.filterwarnings("ignore", message=".*infinity")
        check_env(env.unwrapped)
    env.close()


@pytest.mark.parametrize("name", gcrl.ORIGINALS)
def test_the_originals_conventions(name: str) -> None:
    env = gymnasium.make(f"gcrl-robotics/{name}-v{gcrl.ORIGINALS[name]}")
    assert env.spec is not None and env.spec.max_episode_steps == 50
    observation, _ = env.reset(seed=1)
    assert {array.dtype for array in observation.values()} == {np.dtype(np.float64)}
    total = 0
    for step in range(50):
        observation, reward, terminated, truncated, info = env.step(env.action_space.sample())
        goals = observation["achieved_goal"], observation["desired_goal"]
        assert reward in (-1.0, 0.0) and reward == env.unwrapped.compute_reward(*goals, info)
        assert (terminated, truncated) == (False, step == 49)
        total += 1
    assert total == 50


@pytest.mark.parametrize("name", gcrl.tasks())
def test_rewards_of_batches_are_those_of_steps(name: str) -> None:
    env = gymnasium.make(f"gcrl/{name}-v1").unwrapped
    observation, _ = env.reset(seed=3)
    achieved, rewards = [], []
    env.action_space.seed(0)
    for _ in range(50):
        observation, reward, *_ = env.step(env.action_space.sample())
        achieved.append(observation["achieved_goal"])
        rewards.append(reward)
    # Under the goal of the episode, and in hindsight under each that was achieved.
    batch, goal = np.stack(achieved), observation["desired_goal"]
    assert np.array_equal(env.compute_reward(batch, goal, {}), rewards)
    table = env.compute_reward(batch[:, None], batch[None], None)
    assert table.shape == (50, 50) and (np.diag(table) == 1).all()
    distance = np.linalg.norm(batch[:, None].astype(float) - batch[None], axis=-1)
    dense = gcrl.GoalEnv(name, reward_type="dense").compute_reward(batch[:, None], batch[None])
    assert np.allclose(dense, -distance, rtol=1e-12)
    sparse = gcrl.GoalEnv(name, reward_type="sparse").compute_reward(batch[:, None], batch[None])
    assert np.array_equal(sparse, table - 1)


def test_a_goal_of_one_s_own_is_asked_for() -> None:
    env = gcrl.GoalEnv("PointReach")
    observation, _ = env.reset(seed=0, options={"desired_goal": [1, 2]})
    assert observation["desired_goal"].tolist() == [1, 2]


def test_actions_beyond_the_box_are_limited() -> None:
    env = gcrl.GoalEnv("PointReach")
    seen = []
    for action in ([1, -1], [7.5, -np.inf], np.array([1e300, -1e300])):
        env.reset(seed=4)
        seen.append(env.step(action)[0]["observation"])
    assert np.array_equal(seen[0], seen[1]) and np.array_equal(seen[0], seen[2])


def test_pictures_have_the_size_that_was_asked_for_and_show_motion() -> None:
    env = gymnasium.make("gcrl/FetchReach-v1", render_mode="rgb_array", width=64, height=48)
    env.reset(seed=0)
    first = env.render()
    for _ in range(10):
        env.step(np.ones(4, np.float32))
    second = env.render()
    assert first.shape == second.shape == (48, 64, 3) and first.dtype == np.uint8
    assert (first != second).any()
    assert env.metadata["render_fps"] == 25


def test_an_episode_ends_at_the_horizon_and_a_step_after_it_is_refused() -> None:
    env = gcrl.GoalEnv("PointReach")
    with pytest.raises(gcrl.GcrlError, match="outside an episode of `PointReach`: reset it first"):
        env.step([0, 0])
    env.reset(seed=0)
    truncated = [env.step([0, 0])[3] for _ in range(50)]
    assert truncated == [False] * 49 + [True]
    with pytest.raises(gcrl.GcrlError, match="reset it first"):
        env.step([0, 0])


BAD_ACTIONS = {
    "shape": (np.zeros(3), r"shape \(3,\), not \(2,\)"),
    "batch": (np.zeros((1, 2)), r"shape \(1, 2\), not \(2,\)"),
    "scalar": (0.5, r"shape \(\), not \(2,\)"),
    "nan": ([0.0, np.nan], "action 1 of `PointReach` is not a number, at step 0 of seed 0"),
    "text": (["a", "b"], "dtype"),
    "complex": (np.zeros(2, complex), "complex128"),
    "ragged": ([[0.0], [0.0, 1.0]], "not an array of numbers"),
    "nothing": (None, "dtype object"),
}


@pytest.mark.parametrize("what", BAD_ACTIONS)
def test_a_bad_action_is_refused_and_the_episode_goes_on(what: str) -> None:
    action, message = BAD_ACTIONS[what]
    env = gcrl.GoalEnv("PointReach")
    env.reset(seed=0)
    with pytest.raises(ValueError, match=message):
        env.step(action)
    env.step([0.5, 0.5])


def test_strided_and_integer_actions_are_taken() -> None:
    env = gcrl.GoalEnv("PointReach")
    seen = []
    for action in (
        np.zeros((2, 3), np.float32)[:, 1] + 1,
        np.ones(4)[::2],
        [1, 1],
        np.ones(2, ">f8"),
    ):
        env.reset(seed=0)
        seen.append(env.step(action)[0]["observation"].tolist())
    assert seen == [seen[0]] * 4


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: gcrl.GoalEnv("FetchPsh"), "unknown task `FetchPsh`; the nearest is `FetchPush`"),
        (lambda: gcrl.GoalEnv("PointReach", reward_type="no"), "unknown reward_type `no`"),
        (lambda: gcrl.GoalEnv("PointReach", dtype="int8"), "dtype `int8`"),
        (lambda: gcrl.GoalEnv("PointReach", dtype="nonsense"), "unknown dtype"),
        (lambda: gcrl.GoalEnv("PointReach", render_mode="human"), "unknown render_mode"),
        (lambda: gcrl.GoalEnv("PointReach", width=0), "width is 0, not an integer of at least 1"),
        (lambda: gcrl.GoalEnv("PointReach", width=10**6), "1000000 x 480 pixels"),
        (lambda: gcrl.GoalEnv("PointReach", height=2**40), "480 x 4294967295 pixels"),
        (lambda: gcrl.GoalEnv("PointReach").reset(seed=-1), "seed -1"),
        (lambda: gcrl.GoalEnv("PointReach").reset(seed=2**64), "seed 18446744073709551616"),
        (lambda: gcrl.GoalEnv("PointReach").reset(seed=1.5), "not an integer"),
        (lambda: gcrl.GoalEnv("PointReach").reset(options={"x": 1}), "unknown option `x`"),
        (
            lambda: gcrl.GoalEnv("PointReach").reset(options={"desired_goal": [np.nan, 0]}),
            "not finite",
        ),
        (lambda: gcrl.GoalEnv("PointReach").compute_reward([0.0], [0.0]), r"not \(..., 2\)"),
        (lambda: gcrl.GoalEnv("PointReach").compute_reward([0, np.inf], [0, 0]), "not finite"),
        (
            lambda: gcrl.GoalEnv("PointReach").compute_reward(np.ones((3, 2)), np.ones((2, 2))),
            "fit",
        ),
    ],
)
def test_bad_arguments_are_refused_by_name(make, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
