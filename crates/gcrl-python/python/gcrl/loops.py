"""Policies, and the commands of the program as functions: collect, train, evaluate."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gcrl import _gcrl
from gcrl.arrays import count, n_cores, numbers, seed_of
from gcrl.policy import Policy

Report = dict[str, Any]
Callback = Callable[[Report], Any]
Path = str | os.PathLike[str]
#: ``"random"``, ``"expert"``, a policy, its file, or a function of observations ``[n, observation_dim]``
#: and goals ``[n, goal_dim]`` that returns actions ``[n, action_dim]``.
Actor = str | os.PathLike[str] | Policy | Callable[[NDArray[np.float32], NDArray[np.float32]], Any]


@dataclass(frozen=True)
class Evaluation:
    """Scores of a policy over episodes; a return counts steps on the goal, at most 49.

    Attributes:
        mean_return: mean of ``returns``.
        success: share of episodes that ended on the goal.
        returns: ``[n_episodes]``, by the episodes' numbers.
        discounted_returns: ``[n_episodes]``, discounted by 0.98 a step.
        final_distances: ``[n_episodes]``, of the last achieved goal from the desired one.
        successes: ``[n_episodes]`` bool.
        summary: what ``gcrl evaluate --json`` prints, with standard errors and intervals.
    """

    mean_return: float
    success: float
    returns: NDArray[np.float64]
    discounted_returns: NDArray[np.float64]
    final_distances: NDArray[np.float64]
    successes: NDArray[np.bool_]
    summary: dict[str, Any]


def collect(
    task: str,
    behavior: Actor = "random",
    *,
    n_episodes: int,
    out: Path,
    seed: int = 0,
    noise_std: float = 0.0,
    random_action_probability: float = 0.0,
    num_threads: int | None = None,
    callback: Callback | None = None,
) -> dict[str, Any]:
    """Collects a data set into the new folder ``out``, the same as ``gcrl collect`` with equal arguments.

    Args:
        task: its id.
        behavior: who acts. A function is called from several threads, for up to 64 episodes at once.
        n_episodes: how many.
        out: the folder, which must not hold anything yet.
        seed: of all episodes.
        noise_std: standard deviation of the noise on a policy's actions, in units of the largest.
        random_action_probability: of replacing a policy's action by a random one, at each step.
        num_threads: ``None`` uses all cores; the data set does not depend on it.
        callback: hears of progress, ``{"kind": "progress", "n_done": …, "total": …}``.

    Returns:
        The manifest.

    Raises:
        ValueError: if an argument is out of range, or the policy is of another task.
        GcrlError: if the folder cannot be written, or is not empty.
    """
    noise = (
        _real(noise_std, "noise_std"),
        _real(random_action_probability, "random_action_probability"),
    )
    n, threads = count(n_episodes, "n_episodes"), n_cores(num_threads)
    return _gcrl.collect(
        task, _actor(behavior), n, seed_of(seed), os.fspath(out), noise, threads, callback
    )


def build_dataset(
    name: str,
    *,
    root: Path | None = None,
    num_threads: int | None = None,
    callback: Callback | None = None,
) -> dict[str, Any]:
    """Builds a data set of the benchmark, such as ``"FetchPush/expert-v1"``, or finds that it is there.

    Args:
        name: as ``gcrl dataset list`` shows it.
        root: the folder of all data sets; ``None`` takes the first of those that ``Dataset`` looks in.
        num_threads: ``None`` uses all cores.
        callback: as of ``collect``.

    Returns:
        The manifest; ``Dataset(name)`` opens it.

    Raises:
        ValueError: if there is no data set of this name.
        GcrlError: if another one is at its place, or it cannot be written.
    """
    folder = None if root is None else os.fspath(root)
    return _gcrl.build_dataset(name, folder, n_cores(num_threads), callback)


def evaluate(
    policy: Actor,
    task: str | None = None,
    *,
    n_episodes: int = 100,
    seed: int = 0,
    noise_std: float = 0.0,
    random_action_probability: float = 0.0,
    num_threads: int | None = None,
) -> Evaluation:
    """Plays a policy and scores it, the same as ``gcrl evaluate`` with equal arguments.

    Args:
        policy: who acts.
        task: its id; ``None`` takes the policy's own.
        n_episodes: how many.
        seed: of all episodes; others than those of ``collect`` with the same seed.
        noise_std: as of ``collect``.
        random_action_probability: as of ``collect``.
        num_threads: ``None`` uses all cores; scores do not depend on it.

    Raises:
        ValueError: if an argument is out of range, or the policy is of another task.
        GcrlError: if the policy's file cannot be used.
    """
    if task is None:
        if not isinstance(policy, Policy):
            raise ValueError("task is None, and the policy does not say which it is of")
        task = policy.task
    noise = (
        _real(noise_std, "noise_std"),
        _real(random_action_probability, "random_action_probability"),
    )
    n, threads = count(n_episodes, "n_episodes"), n_cores(num_threads)
    summary, each = _gcrl.evaluate(task, _actor(policy), n, seed_of(seed), noise, threads)
    return Evaluation(
        mean_return=summary["return"]["mean"],
        success=summary["success"]["rate"],
        returns=each["return"],
        discounted_returns=each["discounted_return"],
        final_distances=each["final_distance"],
        successes=each["success"],
        summary=summary,
    )


def train(
    algorithm: str,
    *,
    out: Path,
    dataset: Path | None = None,
    task: str | None = None,
    seeds: Sequence[int] | None = None,
    settings: Mapping[str, Any] | None = None,
    config: Path | None = None,
    num_threads: int | None = None,
    checkpoint_every: float = 30.0,
    keep_every: int | None = None,
    callback: Callback | None = None,
) -> dict[str, Any] | None:
    """Trains policies, one for each seed, as ``gcrl train`` does; the run is the folder ``out``.

    Args:
        algorithm: such as ``"wgcsl"``; the program's ``gcrl algorithms`` lists them.
        out: the folder of the run, which must not hold anything yet. Policies are
            ``policies/seed-K.safetensors`` in it.
        dataset: to learn from, by name or folder; ``None`` learns online, while collecting.
        task: its id; needed online.
        seeds: one training run each; ``None`` takes 0 to 4.
        settings: such as ``{"train.n_updates": 200}`` or ``{"train": {"n_updates": 200}}``.
        config: a file of settings, as TOML, before ``settings``.
        num_threads: seeds that train at the same time; ``None`` uses all cores.
        checkpoint_every: seconds.
        keep_every: also keep the policies of every so many updates.
        callback: called in this thread with a dictionary: ``kind`` is ``"progress"``, ten times a second
            at most, or ``"evaluation"``, with ``seed``, ``n_updates``, ``return`` and ``success``; each
            has ``n_done`` and ``total`` updates of all seeds. Where it returns ``False``, training writes
            its checkpoints and ends; so it does where it raises, or Ctrl-C is pressed, and the exception
            goes on. ``resume`` continues.

    Returns:
        What ``results.json`` holds; ``None`` where the callback ended it.

    Warns:
        UserWarning: if the paper has no settings for the task, so that others stand in.

    Raises:
        ValueError: if a name or a setting cannot be used.
        GcrlError: if the data set or the folder cannot be used, or training diverged.
    """
    request = {
        "algorithm": algorithm,
        "dataset": None if dataset is None else os.fspath(dataset),
        "task": task,
        "out": os.fspath(out),
        "seeds": None if seeds is None else [seed_of(seed) for seed in seeds],
        "config": None if config is None else os.fspath(config),
        "settings": _settings(settings),
    }
    return _gcrl.train(request, _pace(num_threads, checkpoint_every, keep_every), callback)


def resume(
    out: Path,
    *,
    dataset: Path | None = None,
    settings: Mapping[str, Any] | None = None,
    num_threads: int | None = None,
    checkpoint_every: float = 30.0,
    keep_every: int | None = None,
    callback: Callback | None = None,
) -> dict[str, Any] | None:
    """Continues a run that was stopped, or makes it longer; it ends with the bits of one that was not.

    Args:
        out: the folder of the run.
        dataset: where its data set is now, if it has moved.
        settings: ``train.n_updates``, which may grow, and ``train.n_final_evaluation_episodes``.
        num_threads: as of ``train``.
        checkpoint_every: as of ``train``.
        keep_every: as of ``train``.
        callback: as of ``train``.

    Returns:
        As ``train``.

    Raises:
        ValueError: if another setting is to change, or there are to be fewer updates.
        GcrlError: if there is no run, or it cannot be used.
    """
    place = None if dataset is None else os.fspath(dataset)
    pace = _pace(num_threads, checkpoint_every, keep_every)
    return _gcrl.resume(os.fspath(out), place, _settings(settings), pace, callback)


def _actor(who: Actor) -> Any:
    return who.native if isinstance(who, Policy) else who


def _pace(
    num_threads: int | None, checkpoint_every: float, keep_every: int | None
) -> dict[str, Any]:
    return {
        "num_threads": n_cores(num_threads),
        "checkpoint_every": _real(checkpoint_every, "checkpoint_every"),
        "keep_every": None if keep_every is None else count(keep_every, "keep_every"),
    }


def _settings(settings: Mapping[str, Any] | None, prefix: str = "") -> list[str]:
    """Each as ``table.key=value``, the value as TOML, which for these types is as JSON."""
    lines: list[str] = []
    for key, value in (settings or {}).items():
        if isinstance(value, Mapping):
            lines += _settings(value, f"{prefix}{key}.")
            continue
        plain = value.item() if isinstance(value, np.generic) else value
        try:
            lines.append(f"{prefix}{key}={json.dumps(plain, allow_nan=False)}")
        except (TypeError, ValueError) as error:
            raise ValueError(f"setting `{prefix}{key}` is {value!r}: {error}") from error
    return lines


def _real(value: Any, what: str) -> float:
    number = numbers(value, np.float64, what)
    if number.shape != () or not np.isfinite(number):
        raise ValueError(f"{what} is {value!r}, not a finite number")
    return float(number)
