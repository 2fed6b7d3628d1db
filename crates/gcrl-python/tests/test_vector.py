"""Vector environments are many single ones, whatever the number of threads."""

import threading

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv

import gcrl

MODES = list(AutoresetMode)
N = 5


def same(left: object, right: object) -> None:
    """Asserts that two answers of environments are equal, in types and numbers."""
    assert type(left) is type(right)
    if isinstance(left, dict):
        assert set(left) == set(right)
        for key in left:
            same(left[key], right[key])
    elif isinstance(left, (tuple, list)):
        assert len(left) == len(right)
        for one, other in zip(left, right):
            same(one, other)
    elif isinstance(left, np.ndarray) and left.dtype == object:
        for one, other in zip(left, right):
            same(one, other)
    elif isinstance(left, np.ndarray):
        assert left.dtype == right.dtype and np.array_equal(left, right)
    else:
        assert left == right


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize(
    "env_id", [f"gcrl/{name}-v1" for name in gcrl.tasks()] + ["gcrl-robotics/FetchReach-v4"]
)
def test_they_answer_as_gymnasium_s_own_vector_of_single_ones(env_id: str, mode) -> None:
    ours = gymnasium.make_vec(env_id, num_envs=N, autoreset_mode=mode, num_threads=3)
    theirs = SyncVectorEnv([lambda: gymnasium.make(env_id)] * N, autoreset_mode=mode)
    assert isinstance(ours, gcrl.GoalVectorEnv)
    assert ours.metadata["autoreset_mode"] == mode
    for space in ("observation_space", "action_space"):
        assert getattr(ours, space) == getattr(theirs, space)
        assert getattr(ours, f"single_{space}") == getattr(theirs, f"single_{space}")
    same(ours.reset(seed=3), theirs.reset(seed=3))
    ours.action_space.seed(0)
    mask = np.arange(N) % 2 == 0
    for step in range(130):
        actions = ours.action_space.sample()
        answers = ours.step(actions), theirs.step(actions)
        same(*answers)
        assert answers[0][0] in ours.observation_space
        if mode == AutoresetMode.DISABLED and answers[0][3].any():
            # Some with a mask, so that the lanes part; the others at the next step.
            same(
                *(env.reset(options={"reset_mask": answers[0][3].copy()}) for env in (ours, theirs))
            )
        if step == 20 and mode == AutoresetMode.DISABLED:
            same(*(env.reset(options={"reset_mask": mask.copy()}) for env in (ours, theirs)))
    same(ours.reset(seed=[1, None, 2, None, 3]), theirs.reset(seed=[1, None, 2, None, 3]))
    same(ours.reset(), theirs.reset())


@pytest.mark.parametrize("name", gcrl.tasks())
def test_threads_and_neighbors_change_nothing(name: str) -> None:
    rng = np.random.default_rng(0)
    actions = rng.uniform(-1, 1, (60, 9, gcrl.task(name)["action_dim"])).astype(np.float32)
    lone = gcrl.GoalVectorEnv(name, 1)
    runs = []
    for env, part in (
        (gcrl.GoalVectorEnv(name, 9, num_threads=1), slice(None)),
        (gcrl.GoalVectorEnv(name, 9, num_threads=4, copy=False), slice(None)),
        (lone, slice(8, 9)),
    ):
        env.reset(seed=8 if env is lone else 0)
        runs.append([env.step(one[part])[0]["observation"][-1].copy() for one in actions])
    assert np.array_equal(runs[0], runs[1]) and np.array_equal(runs[0], runs[2])


def test_without_copies_the_same_arrays_are_written() -> None:
    for dtype in ("float32", "float64"):
        env = gcrl.GoalVectorEnv("PointReach", 3, copy=False, dtype=dtype)
        first, _ = env.reset(seed=0)
        second = env.step(np.ones((3, 2)))[0]
        assert all(np.shares_memory(first[key], second[key]) for key in first)
    env = gcrl.GoalVectorEnv("PointReach", 3)
    first, _ = env.reset(seed=0)
    second = env.step(np.ones((3, 2)))[0]
    assert not np.shares_memory(first["observation"], second["observation"])
    assert (first["observation"] != second["observation"]).any()


def test_pictures_of_all() -> None:
    env = gymnasium.make_vec(
        "gcrl/PointReach-v1", num_envs=2, render_mode="rgb_array", width=20, height=10
    )
    env.reset(seed=0)
    frames = env.render()
    assert len(frames) == 2 and frames[0].shape == (10, 20, 3)


def started(**kwargs) -> gcrl.GoalVectorEnv:
    env = gcrl.GoalVectorEnv("PointReach", 2, **kwargs)
    env.reset(seed=0)
    return env


def test_a_nan_in_one_action_leaves_all_environments_as_they_are() -> None:
    env, other = started(), started()
    with pytest.raises(ValueError, match="environment 1: action 0 of `PointReach` is not a number"):
        env.step([[1, 1], [np.nan, 0]])
    same(env.step(np.ones((2, 2))), other.step(np.ones((2, 2))))


def test_steps_outside_an_episode_are_refused() -> None:
    with pytest.raises(gcrl.GcrlError, match="reset it first"):
        gcrl.GoalVectorEnv("PointReach", 2).step(np.zeros((2, 2)))
    env = started(autoreset_mode=AutoresetMode.DISABLED)
    for _ in range(50):
        env.step(np.zeros((2, 2)))
    with pytest.raises(gcrl.GcrlError, match="environment 0: step outside an episode"):
        env.step(np.zeros((2, 2)))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: gcrl.GoalVectorEnv("PointReach", 0), "num_envs is 0"),
        (lambda: gcrl.GoalVectorEnv("PointReach", 2.5), "num_envs is 2.5"),
        (lambda: gcrl.GoalVectorEnv("PointReach", 2**40), "num_envs is 1099511627776"),
        (lambda: gcrl.GoalVectorEnv("PointReach", 2, num_threads=0), "num_threads is 0"),
        (lambda: gcrl.GoalVectorEnv("PointReach", 2, autoreset_mode="never"), "never"),
        (lambda: gcrl.GoalVectorEnv("PointReach", 2, max_episode_steps=9), "the horizon 50"),
        (lambda: started().step(np.zeros((3, 2))), r"shape \(3, 2\), not \(2, 2\)"),
        (lambda: started().step(np.zeros((2, 2), complex)), "complex128"),
        (lambda: started().reset(seed=[1]), "1 seeds for 2 environments"),
        (lambda: started().reset(seed=[1, -2]), "seed -2"),
        (lambda: started().reset(options={"reset_mask": [True, False]}), "array of bool"),
        (lambda: started().reset(options={"reset_mask": np.ones(3, bool)}), r"shape \(2,\)"),
        (
            lambda: gcrl.GoalVectorEnv("PointReach", 2).reset(
                options={"reset_mask": np.array([True, False])}
            ),
            "never reset",
        ),
    ],
)
def test_bad_arguments_are_refused_by_name(make, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_two_threads_may_not_use_one_environment_at_the_same_time() -> None:
    env = gcrl.GoalVectorEnv("HandReach", 64, num_threads=1)
    env.reset(seed=0)
    outcomes: list[str] = []

    def work() -> None:
        for _ in range(10):
            try:
                env.step(np.zeros((64, 20), np.float32))
                outcomes.append("stepped")
            except gcrl.GcrlError as error:
                outcomes.append(str(error))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refusals = {outcome for outcome in outcomes if outcome != "stepped"}
    assert "stepped" in outcomes and len(outcomes) == 30
    assert refusals == {
        "a vector environment is used by another thread at the moment; make one for each"
    }
