"""Policies act, are trained and scored as by the program."""

import _thread
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import gcrl

SETTINGS = {"train": {"n_updates": 60, "evaluate_every": 20, "n_evaluation_episodes": 10}}
QUICK = SETTINGS | {"train.n_final_evaluation_episodes": 20}


def states(n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return tuple(rng.uniform(-5, 5, (n, 2)).astype(np.float32) for _ in range(2))


def test_rows_of_a_batch_are_answered_alone() -> None:
    policy = gcrl.load_policy("PointReach")
    assert (policy.task, policy.name) == ("PointReach", "expert") and len(policy.blake3) == 64
    observation, goal = states(200)
    actions = policy(observation, goal)
    assert actions.shape == (200, 2) and np.abs(actions).max() <= 1
    for row in (0, 63, 64, 199):
        alone = policy(observation[row], goal[row])
        assert alone.shape == (2,) and np.array_equal(alone, actions[row])
    assert np.array_equal(policy(observation, goal[0])[0], actions[0])
    assert np.array_equal(policy(observation[::2], goal[::2].astype(float)), actions[::2])
    assert policy(np.zeros((0, 2)), np.zeros((0, 2))).shape == (0, 2)
    seen, _ = gcrl.GoalEnv("PointReach").reset(seed=0)
    assert np.array_equal(policy(seen), policy(seen["observation"], seen["desired_goal"]))


@pytest.mark.parametrize("name", gcrl.tasks())
def test_experts_act_as_in_the_program(name: str, tmp_path: Path) -> None:
    """The program's own rollout against one that Python steps."""
    policy, out = gcrl.load_policy(name), tmp_path / "set"
    gcrl.collect(name, "expert", n_episodes=2, seed=1, out=out)
    dataset, env = gcrl.Dataset(out), gcrl.GoalVectorEnv(name, 2)
    seen, _ = env.reset(seed=[gcrl.episode_seed(1, number) for number in range(2)])
    for t in range(dataset.n_transitions):
        assert np.array_equal(seen["observation"], dataset.observation[:, t])
        actions = policy(seen)
        assert np.array_equal(actions, dataset.action[:, t])
        seen = env.step(actions)[0]


@pytest.mark.parametrize(
    ("observation", "goal", "message"),
    [
        (np.zeros(3), np.zeros(2), r"observation has shape \(3,\), not \(2,\) or \(B, 2\)"),
        (np.zeros(2), np.zeros((1, 1, 2)), r"goal has shape \(1, 1, 2\)"),
        (np.zeros((3, 2)), np.zeros((2, 2)), "3 observations, and 2 goals"),
        ([np.nan, 0], np.zeros(2), "observation holds NaN in row 0, component 0"),
        (np.zeros(2), [0, np.inf], "goal holds inf in row 0, component 1"),
        ("text", np.zeros(2), "dtype"),
        (np.zeros(2), None, "goal is None"),
        ({"observation": np.zeros(2)}, None, "the observation has no `desired_goal`"),
    ],
)
def test_states_that_no_policy_answers(observation, goal, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        gcrl.load_policy("PointReach")(observation, goal)


def test_collecting_with_equal_arguments_gives_equal_data(tmp_path: Path) -> None:
    noise = {"noise_std": 0.2, "random_action_probability": 0.3, "n_episodes": 5}
    expert = gcrl.load_policy("PointReach")
    hashes = set()
    for number, (who, threads) in enumerate([("expert", 1), (expert, 3), (expert.__call__, 2)]):
        out = tmp_path / str(number)
        gcrl.collect("PointReach", who, out=out, num_threads=threads, **noise)
        hashes.add(gcrl.Dataset(out).blake3)
    assert len(hashes) == 1
    with pytest.raises(gcrl.GcrlError, match="2"):
        gcrl.collect("PointReach", n_episodes=1, out=tmp_path / "2")


def test_a_callback_hears_the_end_of_work_however_short_it_is(tmp_path: Path) -> None:
    reports: list[dict] = []
    gcrl.collect("PointReach", n_episodes=3, out=tmp_path / "data", callback=reports.append)
    assert reports == [{"kind": "progress", "n_done": 3, "total": 3}]


def test_a_callback_stops_random_episodes_and_nothing_is_written(tmp_path: Path) -> None:
    arguments = {"n_episodes": 20_000, "num_threads": 1, "callback": lambda report: False}
    with pytest.raises(gcrl.GcrlError, match="stopped before the last episode"):
        gcrl.collect("FetchPush", out=tmp_path / "data", **arguments)
    assert not (tmp_path / "data").exists()


def test_training_then_evaluating(tmp_path: Path, random_folder: Path) -> None:
    reports: list[dict] = []
    out = tmp_path / "run"
    arguments = {"dataset": random_folder, "seeds": [0, 1], "settings": QUICK}
    results = gcrl.train("gcsl", out=out, callback=reports.append, **arguments)
    evaluations = [report for report in reports if report["kind"] == "evaluation"]
    assert {report["seed"] for report in evaluations} == {0, 1}
    assert {report["n_updates"] for report in evaluations} == {20, 40, 60}
    assert {report["total"] for report in reports} == {120} and reports[-1]["n_done"] == 120
    assert results["n_updates"] == 60 and len(results["seeds"]) == 2
    policy = gcrl.load_policy(out / "policies/seed-0.safetensors")
    assert (policy.task, policy.name) == ("PointReach", "gcsl")
    scores = gcrl.evaluate(policy, n_episodes=30, seed=4)
    assert scores.returns.shape == (30,) and scores.mean_return == scores.returns.mean()
    assert scores.success == scores.successes.mean() and scores.final_distances.min() >= 0
    again = gcrl.evaluate(lambda o, g: policy(o, g), "PointReach", n_episodes=30, seed=4)
    assert np.array_equal(scores.returns, again.returns)
    assert gcrl.evaluate("expert", "PointReach", n_episodes=30).mean_return > 40


def test_a_callback_stops_training_and_resuming_ends_with_the_same_bits(
    tmp_path: Path, random_folder: Path
) -> None:
    arguments = {"dataset": random_folder, "seeds": [0], "settings": QUICK}
    policies = []
    for name, callback in (
        ("whole", None),
        ("parts", lambda report: report["kind"] != "evaluation"),
    ):
        out = tmp_path / name
        results = gcrl.train("gcsl", out=out, callback=callback, **arguments)
        while results is None:
            assert name == "parts" and list((out / "checkpoints").iterdir())
            results = gcrl.resume(out)
        policies.append((out / "policies/seed-0.safetensors").read_bytes())
    assert policies[0] == policies[1]


def test_an_exception_of_a_callback_ends_training_and_goes_on(
    tmp_path: Path, random_folder: Path
) -> None:
    def fail(report: dict) -> None:
        raise RuntimeError("enough")

    long = {"train.n_updates": 10**6, "train.evaluate_every": 20, "train.n_evaluation_episodes": 2}
    with pytest.raises(RuntimeError, match="enough"):
        gcrl.train(
            "gcsl",
            dataset=random_folder,
            out=tmp_path / "run",
            seeds=[0],
            settings=long,
            callback=fail,
        )
    assert list((tmp_path / "run/checkpoints").iterdir())


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Python's own handler: it is missing where the starter ignores the signal, as shells may."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_ends_training_with_a_checkpoint(tmp_path: Path, random_folder: Path) -> None:
    timer = threading.Timer(1.0, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    long = {"train.n_updates": 10**6, "train.n_evaluation_episodes": 2}
    with pytest.raises(KeyboardInterrupt):
        gcrl.train("gcsl", dataset=random_folder, out=tmp_path / "run", seeds=[0, 1], settings=long)
    timer.join()
    assert list((tmp_path / "run/checkpoints").iterdir())


def test_exceptions_of_a_function_that_acts_are_its_caller_s() -> None:
    def fail(observation: np.ndarray, goal: np.ndarray) -> np.ndarray:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        gcrl.evaluate(fail, "PointReach", n_episodes=200)
    for answer, message in (
        (lambda o, g: np.zeros((len(o), 3)), r"the policy's action has shape \(.*, 3\), not"),
        (lambda o, g: np.full((len(o), 2), np.nan), "the policy's action holds a NaN"),
        (lambda o, g: None, "dtype object"),
    ):
        with pytest.raises(ValueError, match=message):
            gcrl.evaluate(answer, "PointReach", n_episodes=3)


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_ends_an_evaluation() -> None:
    timer = threading.Timer(0.5, _thread.interrupt_main)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        gcrl.evaluate("expert", "HandReach", n_episodes=10**6, num_threads=2)
    timer.join()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda p: gcrl.train("wgscl", out=p / "x", task="PointReach"),
            ValueError,
            "nearest is `wgcsl`",
        ),
        (lambda p: gcrl.train("her", out=p / "x"), ValueError, "online training of no task"),
        (
            lambda p: gcrl.train("her", out=p / "x", task="PointReach", settings={"train.x": 1}),
            ValueError,
            "cannot use setting `train.x=1`",
        ),
        (
            lambda p: gcrl.train(
                "her", out=p / "x", task="PointReach", settings={"x": float("nan")}
            ),
            ValueError,
            "setting `x` is nan",
        ),
        (
            lambda p: gcrl.train("her", out=p / "x", task="PointReach", checkpoint_every=-1),
            ValueError,
            "negative",
        ),
        (lambda p: gcrl.train("gcsl", out=p / "x", dataset=p / "no"), gcrl.GcrlError, "manifest"),
        (lambda p: gcrl.resume(p / "no"), gcrl.GcrlError, "no"),
        (
            lambda p: gcrl.load_policy(p / "no"),
            gcrl.GcrlError,
            "cannot read policy: .*: No such file",
        ),
        (lambda p: gcrl.load_policy(__file__), gcrl.GcrlError, "test_loops"),
        (
            lambda p: gcrl.evaluate(gcrl.load_policy("PointReach"), "FetchPush"),
            ValueError,
            "trained for task `PointReach`, not `FetchPush`",
        ),
        (lambda p: gcrl.evaluate("expert"), ValueError, "task is None"),
        (lambda p: gcrl.evaluate(3, "PointReach"), ValueError, "3 cannot act"),
        (
            lambda p: gcrl.evaluate("expert", "PointReach", n_episodes=0),
            ValueError,
            "n_episodes is 0",
        ),
        (
            lambda p: gcrl.evaluate("expert", "PointReach", noise_std=-1),
            ValueError,
            "noise_std is -1",
        ),
        (
            lambda p: gcrl.collect("PointReach", noise_std=0.5, n_episodes=1, out=p / "x"),
            ValueError,
            "`random` acts at random already",
        ),
        (lambda p: gcrl.collect("PointRech", n_episodes=1, out=p / "x"), ValueError, "nearest"),
    ],
)
def test_bad_arguments_are_refused_by_name(call, error, message: str, tmp_path: Path) -> None:
    with pytest.raises(error, match=message):
        call(tmp_path)
    assert not (tmp_path / "x").exists()
