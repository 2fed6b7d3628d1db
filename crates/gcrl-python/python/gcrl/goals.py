"""What one environment and many have in common: spaces, and rewards of goals."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from gcrl import _gcrl
from gcrl.arrays import count, numbers

KEYS = ("observation", "achieved_goal", "desired_goal")


class Goals:
    """Rewards of a task's goals, under the names that hindsight relabeling asks for.

    Attributes:
        task: what the task says about itself; see ``gcrl.task``.
        reward_type: ``"reached"`` (1 or 0), ``"sparse"`` (0 or -1) or ``"dense"`` (the distance,
            negative).
    """

    task: dict[str, Any]
    reward_type: str

    def compute_reward(self, achieved_goal: Any, desired_goal: Any, info: Any = None) -> Any:
        """The reward of reaching ``achieved_goal`` when ``desired_goal`` was asked for.

        Args:
            achieved_goal: ``[..., goal_dim]``.
            desired_goal: the same shape, or one that broadcasts to it.
            info: of no use here.

        Returns:
            A float for two goals, otherwise an array of float64 without the last axis.

        Raises:
            ValueError: if the shapes do not fit, or a number is not finite.
        """
        achieved = numbers(achieved_goal, np.float64, "achieved_goal")
        desired = numbers(desired_goal, np.float64, "desired_goal")
        if achieved.shape != desired.shape:
            try:
                achieved, desired = np.broadcast_arrays(achieved, desired)
            except ValueError as error:
                shapes = f"{achieved.shape} and {desired.shape}"
                raise ValueError(f"goals have shapes {shapes}, which do not fit") from error
        dim = self.task["goal_dim"]
        if achieved.ndim < 1 or achieved.shape[-1] != dim:
            raise ValueError(f"goals have shape {achieved.shape}, not (..., {dim})")
        rows = [np.ascontiguousarray(goals).reshape(-1, dim) for goals in (achieved, desired)]
        rewards = _gcrl.rewards(self.task["id"], self.reward_type, rows[0], rows[1])
        return float(rewards[0]) if achieved.ndim == 1 else rewards.reshape(achieved.shape[:-1])

    def compute_terminated(self, achieved_goal: Any, desired_goal: Any, info: Any = None) -> bool:
        """``False``: no task ends before its horizon."""
        return False

    def compute_truncated(self, achieved_goal: Any, desired_goal: Any, info: Any = None) -> bool:
        """``False``: whether the horizon is reached does not depend on goals."""
        return False


def observation_space(task: dict[str, Any], dtype: type[np.floating[Any]]) -> Any:
    """Without bounds, as those of the original environments."""
    goal = task["goal_dim"]
    lengths = dict(zip(KEYS, (task["observation_dim"], goal, goal)))
    box: dict[str, spaces.Space[Any]] = {
        key: spaces.Box(-np.inf, np.inf, (length,), dtype) for key, length in lengths.items()
    }
    return spaces.Dict(box)


def action_space(task: dict[str, Any]) -> Any:
    """Each component from -1 to 1; the environment limits what is beyond."""
    return spaces.Box(-1.0, 1.0, (task["action_dim"],), np.float32)


def dtype_of(name: Any) -> type[np.floating[Any]]:
    """``float32`` or ``float64``, by its name or as numpy's type.

    Raises:
        ValueError: if it is another type.
    """
    try:
        dtype = np.dtype(name)
    except TypeError as error:
        raise ValueError(f"unknown dtype {name!r}") from error
    for known in (np.float32, np.float64):
        if dtype == known:
            return known
    raise ValueError(f"dtype `{dtype}`, where an environment has float32 or float64")


def picture_size(width: Any, height: Any) -> tuple[int, int]:
    """Sides in pixels; those that are far too long are refused where pictures are made.

    Raises:
        ValueError: if one is not an integer of at least 1.
    """
    return min(count(width, "width"), 2**32 - 1), min(count(height, "height"), 2**32 - 1)


def next_seed(generator: np.random.Generator) -> int:
    """The seed of an episode that was not given one."""
    return int(generator.integers(2**63))


def fps(task: dict[str, Any]) -> int:
    """Control steps in a second; 25 where there is no physics."""
    duration = task["physics_dt_secs"] * task["sub_steps"]
    return round(1 / duration) if 0 < duration else 25


def empty(task: dict[str, Any], n: int, dtype: Any) -> dict[str, NDArray[Any]]:
    """Room for what ``n`` environments see."""
    goal = task["goal_dim"]
    lengths = dict(zip(KEYS, (task["observation_dim"], goal, goal)))
    return {key: np.zeros((n, length), dtype) for key, length in lengths.items()}
