"""Data sets are arrays over the file, and batches follow the law of hindsight."""

import gc
from pathlib import Path

import numpy as np
import pytest

import gcrl

COLUMNS = ("observation", "achieved_goal", "action", "desired_goal")


def test_columns_look_into_the_file_and_cannot_be_written(random_folder: Path) -> None:
    dataset = gcrl.Dataset(random_folder)
    shapes = {"observation": (20, 50, 2), "achieved_goal": (20, 50, 2), "action": (20, 49, 2)}
    for name in COLUMNS:
        first, second = getattr(dataset, name), getattr(dataset, name)
        assert first.dtype == np.float32 and first.flags.c_contiguous
        assert first.shape == shapes.get(name, (20, 2))
        assert np.shares_memory(first, second) and not first.flags.owndata
        assert not first.flags.writeable
        with pytest.raises(ValueError):
            first[0] = 0
        with pytest.raises(ValueError):
            first.setflags(write=True)
    assert np.shares_memory(dataset[3]["action"], dataset.action)


def test_a_column_keeps_the_file_open(random_folder: Path) -> None:
    action = gcrl.Dataset(random_folder).action
    total = float(action.sum())
    for _ in range(3):
        gc.collect()
        gcrl.Dataset(random_folder)
    assert float(action.sum()) == total


def test_episodes_and_manifest(random_folder: Path) -> None:
    dataset = gcrl.Dataset(str(random_folder))
    assert len(dataset) == dataset.manifest["n_episodes"] == len(list(dataset)) == 20
    assert dataset.task == dataset.manifest["task"]["id"] == "PointReach"
    assert dataset.manifest["seed"] == "7" and dataset.n_transitions == 49
    assert len(dataset.blake3) == 64 and dataset.verify() == []
    rewards = dataset.rewards()
    assert rewards.shape == (20, 49) and rewards.sum(1).mean() == pytest.approx(
        dataset.manifest["outcome"]["return_mean"]
    )
    last = dataset[-1]
    assert np.array_equal(last["reward"], rewards[19])
    for bad in (20, -21):
        with pytest.raises(IndexError, match=f"episode {bad} of a dataset of 20"):
            dataset[bad]
    assert dataset.manifest["columns"]["action"]["min"] == dataset.action.min((0, 1)).tolist()


def check_batch(dataset: gcrl.Dataset, batch: dict[str, np.ndarray]) -> None:
    """Asserts that each number of a batch stands where ``episode`` and ``t`` say."""
    episode, t, steps = batch["episode"], batch["t"], batch["steps_to_goal"]
    for name, at in (("observation", t), ("achieved_goal", t)):
        assert np.array_equal(batch[name], getattr(dataset, name)[episode, at])
        assert np.array_equal(batch[f"next_{name}"], getattr(dataset, name)[episode, at + 1])
    assert np.array_equal(batch["action"], dataset.action[episode, t])
    kept = steps < 0
    assert np.array_equal(batch["goal"][kept], dataset.desired_goal[episode[kept]])
    future = (t + 1 + steps)[~kept]
    assert (future <= dataset.n_transitions).all() and (steps[kept] == -1).all()
    achieved = dataset.achieved_goal[episode[~kept], future]
    assert np.array_equal(batch["goal"][~kept], achieved)
    reward = gcrl.GoalEnv(dataset.task).compute_reward(batch["next_achieved_goal"], batch["goal"])
    assert np.array_equal(batch["reward"], reward)


@pytest.mark.parametrize("probability", [0.0, 0.8, 1.0])
def test_batches_are_relabeled_as_often_as_asked(random_folder: Path, probability: float) -> None:
    dataset = gcrl.Dataset(random_folder)
    sampler = dataset.sampler(100_000, future_probability=probability, seed=1)
    batch = next(sampler)
    check_batch(dataset, batch)
    assert all(array.flags.c_contiguous and array.flags.writeable for array in batch.values())
    # The standard error of a share is below 0.0016.
    assert (batch["steps_to_goal"] >= 0).mean() == pytest.approx(probability, abs=0.008)
    if probability == 1:
        # The next state itself: the 49th harmonic number over 49.
        assert (batch["steps_to_goal"] == 0).mean() == pytest.approx(0.0914, abs=0.005)
    for name, n in (("episode", 20), ("t", 49)):
        shares = np.bincount(batch[name], minlength=n) / len(batch[name])
        assert len(shares) == n and np.allclose(shares, 1 / n, atol=0.005)


def test_a_batch_is_a_function_of_seed_and_number(random_folder: Path) -> None:
    dataset = gcrl.Dataset(random_folder)
    first, second = (dataset.sampler(64, seed=3) for _ in range(2))
    batches = [first.sample() for _ in range(4)]
    assert first.number == 4
    second.seek(3)
    third = second.sample()
    assert all(np.array_equal(batches[3][name], third[name]) for name in third)
    assert not np.array_equal(batches[2]["t"], third["t"])
    assert not np.array_equal(dataset.sampler(64, seed=4).sample()["t"], batches[0]["t"])


def test_a_batch_is_filled_again(random_folder: Path) -> None:
    sampler = gcrl.Dataset(random_folder).sampler(32)
    batch = sampler.empty()
    before = {name: array for name, array in batch.items()}
    assert sampler.sample(out=batch) is batch
    assert all(batch[name] is before[name] for name in before) and batch["action"].any()


def spoiled(sampler: gcrl.Sampler, name: str, array: object) -> dict:
    batch = sampler.empty() | {name: array}
    return batch if array is not None else {key: batch[key] for key in batch if key != name}


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("goal", None, "no array `goal`"),
        ("goal", np.zeros((32, 3), np.float32), r"`goal` has shape \[32, 3\], not \[32, 2\]"),
        ("reward", np.zeros(31, np.float32), r"`reward` has shape \[31\], not \[32\]"),
        ("action", np.zeros((32, 2)), "`action` of the batch cannot be filled"),
        ("action", np.zeros((2, 32), np.float32).T, "`action` is not C-contiguous"),
        ("goal", np.zeros((32, 4), np.float32)[:, ::2], "`goal` is not C-contiguous"),
        ("t", np.zeros(64, np.int32)[::2], "`t` is not C-contiguous"),
        ("t", "text", "`t` of the batch cannot be filled"),
    ],
)
def test_batches_that_cannot_be_filled(random_folder: Path, name, array, message: str) -> None:
    sampler = gcrl.Dataset(random_folder).sampler(32)
    with pytest.raises(ValueError, match=message):
        sampler.sample(out=spoiled(sampler, name, array))
    read_only = sampler.empty()
    read_only["goal"].setflags(write=False)
    with pytest.raises(ValueError, match="`goal` of the batch cannot be filled"):
        sampler.sample(out=read_only)
    assert sampler.number == 0


def test_data_sets_that_cannot_be_opened(
    tmp_path: Path, random_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(gcrl.GcrlError, match="cannot read the manifest of a dataset: .*no.such"):
        gcrl.Dataset(tmp_path / "no" / "such")
    monkeypatch.setenv("GCRL_DATASETS", str(tmp_path / "root"))
    with pytest.raises(gcrl.GcrlError, match="`FetchPush/expert-v1` is not built; looked under"):
        gcrl.Dataset("FetchPush/expert-v1")
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    for file in random_folder.iterdir():
        content = file.read_bytes()
        half = content[: len(content) // 2] if file.suffix == ".safetensors" else content
        (damaged / file.name).write_bytes(half)
    with pytest.raises(gcrl.GcrlError, match="not a whole safetensors file"):
        gcrl.Dataset(damaged)
    with pytest.raises(ValueError, match="unknown dataset `FetchPush/expert-v9`; the nearest is"):
        gcrl.build_dataset("FetchPush/expert-v9")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"batch_size": 0}, "batch_size is 0"),
        ({"batch_size": 2**40}, "batch_size is 1099511627776"),
        ({"batch_size": 8, "future_probability": 1.5}, "future_probability is 1.5"),
        ({"batch_size": 8, "future_probability": float("nan")}, "future_probability is NaN"),
        ({"batch_size": 8, "seed": -1}, "seed -1"),
    ],
)
def test_samplers_that_cannot_be(random_folder: Path, arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        gcrl.Dataset(random_folder).sampler(**arguments)


def test_a_data_set_of_the_benchmark_is_built_and_found_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GCRL_DATASETS", str(tmp_path))
    reports: list[dict] = []
    manifest = gcrl.build_dataset("PointReach/random-v1", callback=reports.append)
    assert (reports[-1]["n_done"], reports[-1]["total"]) == (2000, 2000)
    dataset = gcrl.Dataset("PointReach/random-v1")
    assert dataset.manifest == manifest and len(dataset) == 2000
    assert gcrl.build_dataset("PointReach/random-v1") == manifest
