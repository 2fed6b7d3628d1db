"""Trained policies that act."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gcrl import _gcrl
from gcrl.arrays import numbers


class Policy:
    """A trained policy; ``load_policy`` reads one.

    Attributes:
        task: id of the task it was trained for.
        name: the algorithm that trained it, or ``expert``.
        blake3: of its file, in hexadecimal.
        observation_dim: numbers in an observation.
        goal_dim: numbers in a goal.
        action_dim: numbers in an action.
    """

    def __init__(self, native: _gcrl.Policy) -> None:
        """``load_policy`` makes them."""
        self.native = native
        self.task, self.name, self.blake3 = native.task, native.name, native.blake3
        self.observation_dim = native.observation_dim
        self.goal_dim = native.goal_dim
        self.action_dim = native.action_dim

    def __call__(self, observation: Any, goal: Any = None) -> NDArray[np.float32]:
        """The actions, each component in [-1, 1]; a row's does not depend on the others, bit for bit.

        Args:
            observation: ``[observation_dim]`` or ``[B, observation_dim]``; or what an environment
                returns, a dictionary with ``observation`` and ``desired_goal``.
            goal: ``[goal_dim]``, for all rows, or ``[B, goal_dim]``.

        Returns:
            ``[action_dim]`` or ``[B, action_dim]``, new.

        Raises:
            ValueError: if a shape does not fit, or a number is not finite.
        """
        if isinstance(observation, Mapping) and goal is None:
            missing = {"observation", "desired_goal"} - set(observation)
            if missing:
                raise ValueError(f"the observation has no `{min(missing)}`")
            observation, goal = observation["observation"], observation["desired_goal"]
        if goal is None:
            raise ValueError("goal is None, and the observation is no dictionary with one")
        with np.errstate(over="ignore"):
            rows = numbers(observation, np.float32, "observation")
            goals = numbers(goal, np.float32, "goal")
        for array, dim, what in (
            (rows, self.observation_dim, "observation"),
            (goals, self.goal_dim, "goal"),
        ):
            if array.ndim not in (1, 2) or array.shape[-1] != dim:
                raise ValueError(f"{what} has shape {array.shape}, not ({dim},) or (B, {dim})")
        is_single = rows.ndim == 1 and goals.ndim == 1
        rows, goals = np.atleast_2d(rows), np.atleast_2d(goals)
        n = max(len(rows), len(goals)) if min(len(rows), len(goals)) == 1 else len(rows)
        if not {len(rows), len(goals)} <= {1, n}:
            raise ValueError(f"{len(rows)} observations, and {len(goals)} goals")
        wide = (np.ascontiguousarray(np.broadcast_to(a, (n, a.shape[1]))) for a in (rows, goals))
        actions = self.native.act(*wide)
        return actions[0] if is_single else actions

    def __repr__(self) -> str:
        return f"<gcrl.Policy {self.name} of {self.task}>"


def load_policy(source: str | os.PathLike[str]) -> Policy:
    """Reads a policy.

    Args:
        source: its file, or the id of a task, such as ``"FetchPush"``, whose expert comes with the
            package.

    Raises:
        GcrlError: if the file cannot be read, or holds no policy.
    """
    if isinstance(source, str) and source in _gcrl.tasks():
        return Policy(_gcrl.Policy.expert(source))
    return Policy(_gcrl.Policy.load(os.fspath(source)))
