"""Compares exports of one data set with its `npz` export, through the loaders that the formats belong to.

    gcrl dataset export NAME --format FORMAT --out DIR/FORMAT      for each format, `npz` among them
    python check.py DIR

Needs numpy, and for the formats that are in DIR: minari[hdf5,arrow], ogbench, lerobot (or pyarrow). Run by hand;
crates/gcrl/docs/formats.md says with which versions.
"""

import json
import os
import pathlib
import sys
import time

import numpy as np


def equal(name, found, expected):
    found = np.asarray(found)
    assert found.shape == expected.shape, f"{name}: {found.shape} is not {expected.shape}"
    assert np.array_equal(found, expected), f"{name} differs"


def check_minari(root, npz):
    os.environ["MINARI_DATASETS_PATH"] = str(root.resolve())
    import minari

    (name,) = minari.list_local_datasets()
    dataset = minari.load_dataset(name)
    n, n_transitions = npz["reward"].shape
    assert (dataset.total_episodes, dataset.total_steps) == (n, n * n_transitions)
    for i, episode in enumerate(dataset.iterate_episodes()):
        observations = episode.observations
        equal("observation", observations["observation"], npz["observation"][i])
        equal("achieved_goal", observations["achieved_goal"], npz["achieved_goal"][i])
        goals = np.broadcast_to(npz["desired_goal"][i], npz["achieved_goal"][i].shape)
        equal("desired_goal", observations["desired_goal"], goals)
        equal("actions", episode.actions, npz["action"][i])
        equal("rewards", episode.rewards, npz["reward"][i].astype(np.float64))
        equal("terminations", episode.terminations, np.zeros(n_transitions, bool))
        equal("truncations", episode.truncations, np.arange(n_transitions) == n_transitions - 1)
        assert episode.infos["success"].shape == (n_transitions + 1,)
        assert observations["observation"][0] in dataset.observation_space["observation"]
        assert episode.actions[0] in dataset.action_space
    assert i + 1 == n
    seeds = [episode["seed"] for episode in dataset.storage.get_episode_metadata(range(n))]
    assert len(set(seeds)) == n
    return f"minari {minari.__version__}: {name}"


def check_ogbench(root, npz):
    import ogbench

    (path,) = [path for path in root.glob("*.npz") if not path.name.endswith("-val.npz")]
    train = ogbench.utils.load_dataset(path)
    val = ogbench.utils.load_dataset(str(path).replace(".npz", "-val.npz"))
    flat = lambda array: array.reshape(-1, array.shape[-1])
    equal("observations", train["observations"], flat(npz["observation"][:, :-1]))
    equal("next_observations", train["next_observations"], flat(npz["observation"][:, 1:]))
    equal("actions", train["actions"], flat(npz["action"]))
    n, n_transitions = npz["reward"].shape
    terminals = np.tile(np.arange(n_transitions) == n_transitions - 1, n).astype(np.float32)
    equal("terminals", train["terminals"], terminals)
    equal("validation", val["observations"], flat(npz["observation"][::20, :-1]))
    return "ogbench"


def check_lerobot(root, npz):
    from lerobot.datasets.lerobot_dataset import LeRobotDataset

    dataset = LeRobotDataset("gcrl/export", root=root)
    n, n_transitions = npz["reward"].shape
    assert (dataset.num_episodes, dataset.num_frames) == (n, n * n_transitions)
    rows = dataset.hf_dataset.with_format("numpy")[:]
    flat = lambda array: array.reshape(-1, *array.shape[2:])
    goals = np.repeat(npz["desired_goal"], n_transitions, axis=0)
    for name, expected in [
        ("observation.state", flat(npz["observation"][:, :-1])),
        ("observation.environment_state", goals),
        ("observation.achieved_goal", flat(npz["achieved_goal"][:, :-1])),
        ("action", flat(npz["action"])),
        ("next.reward", npz["reward"].reshape(-1)),
        ("frame_index", np.tile(np.arange(n_transitions), n)),
        ("episode_index", np.repeat(np.arange(n), n_transitions)),
    ]:
        equal(name, np.stack(rows[name]), expected.squeeze(-1) if expected.shape[-1:] == (1,) else expected)
    item = dataset[n_transitions]
    assert item["task"] == dataset.meta.tasks.index[0] and item["frame_index"] == 0
    stats = dataset.meta.stats["observation.state"]
    states = flat(npz["observation"][:, :-1]).astype(np.float64)
    for name, expected in [
        ("mean", states.mean(0)),
        ("std", states.std(0)),
        ("q10", np.quantile(states, 0.1, axis=0)),
    ]:
        assert np.allclose(stats[name], expected, rtol=1e-6, atol=1e-9), name
    return f"lerobot {dataset.meta.info['codebase_version']}"


def main(folder):
    npz = dict(np.load(folder / "npz" / "episodes.npz"))
    json.loads(npz["gcrl_manifest"].tobytes())
    for name, check in [
        ("minari-hdf5", check_minari),
        ("minari-arrow", check_minari),
        ("ogbench", check_ogbench),
        ("lerobot", check_lerobot),
    ]:
        if (folder / name).exists():
            start = time.time()
            print(f"{name}: equal, {check(folder / name, npz)}, {time.time() - start:.1f} s")


main(pathlib.Path(sys.argv[1]))
