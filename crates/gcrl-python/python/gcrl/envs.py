"""One environment, as Gymnasium has them."""

from __future__ import annotations

from typing import Any, ClassVar

import gymnasium
import numpy as np
from numpy.typing import NDArray

from gcrl import _gcrl
from gcrl.arrays import seed_of, shaped
from gcrl.goals import (
    KEYS,
    Goals,
    action_space,
    dtype_of,
    fps,
    next_seed,
    observation_space,
    picture_size,
)

Observation = dict[str, NDArray[Any]]


class GoalEnv(Goals, gymnasium.Env[Observation, NDArray[np.float32]]):
    """One environment of a task.

    An observation is a dictionary of ``observation`` ``[observation_dim]``, ``achieved_goal`` and
    ``desired_goal``, both ``[goal_dim]``. Actions are ``[action_dim]``; components beyond [-1, 1] are
    limited to it, infinite ones too. An episode ends, truncated, after ``task["horizon"]`` steps, and
    never terminates. ``info["is_success"]`` is 1.0 where the task's rule for successful episodes holds
    after the step, otherwise 0.0.

    ``reset(seed=s)`` starts episode ``s``, the same as in the program, to the last bit. Without a seed,
    the next one is drawn from ``np_random``; ``episode_seed`` tells it.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["rgb_array"], "render_fps": 25}  # type: ignore[misc]

    def __init__(
        self,
        task: str,
        *,
        reward_type: str = "reached",
        dtype: Any = "float32",
        render_mode: str | None = None,
        width: int = 480,
        height: int = 480,
    ) -> None:
        """Makes an environment that waits for its first reset.

        Args:
            task: its id, such as ``"FetchPush"``; ``gcrl.tasks()`` lists them.
            reward_type: ``"reached"`` (1 or 0), ``"sparse"`` (0 or -1) or ``"dense"`` (the distance,
                negative).
            dtype: of observations, ``"float32"`` as they are, or ``"float64"``.
            render_mode: ``None`` or ``"rgb_array"``.
            width: of pictures, in pixels.
            height: of pictures, in pixels.

        Raises:
            ValueError: if an argument is none of these.
        """
        check_render_mode(render_mode)
        self.task = _gcrl.task_json(task)
        self.reward_type = reward_type
        self.render_mode = render_mode
        number, size = dtype_of(dtype), picture_size(width, height)
        self.observation_space = observation_space(self.task, number)
        self.action_space = action_space(self.task)
        self.metadata = {**type(self).metadata, "render_fps": fps(self.task)}  # type: ignore[misc]
        self._action_shape = (self.task["action_dim"],)
        self._env = _gcrl.Env(task, reward_type, np.dtype(number).name, *size)

    @property
    def episode_seed(self) -> int:
        """The seed of the episode, which ``reset(seed=...)`` starts again."""
        return self._env.episode_seed

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Starts an episode.

        Args:
            seed: of the episode, from 0 to 2^64 - 1; ``None`` draws the next one.
            options: ``desired_goal``, ``[goal_dim]``, is asked for instead of the episode's own goal.

        Raises:
            ValueError: if the seed or an option cannot be used.
        """
        goal = desired_goal(options, self.task)
        start = None if seed is None else seed_of(seed)
        super().reset(seed=start)
        start = next_seed(self.np_random) if start is None else start
        return dict(zip(KEYS, self._env.reset(start, goal))), {}

    def step(self, action: Any) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Applies ``action``, ``[action_dim]``, for one control step.

        Raises:
            ValueError: if it has another shape, or holds a NaN.
            GcrlError: if no episode is running.
        """
        action = shaped(action, self._action_shape, "action")
        seen0, seen1, seen2, reward, success, truncated = self._env.step(action)
        observation = {"observation": seen0, "achieved_goal": seen1, "desired_goal": seen2}
        return observation, reward, False, truncated, {"is_success": float(success)}

    def render(self) -> NDArray[np.uint8] | None:
        """A picture of it now, ``[height, width, 3]``; ``None`` without a render mode."""
        return None if self.render_mode is None else self._env.render()


def check_render_mode(render_mode: str | None) -> None:
    """Refuses what cannot be drawn.

    Raises:
        ValueError: if it is neither ``None`` nor ``"rgb_array"``.
    """
    if render_mode not in (None, "rgb_array"):
        raise ValueError(f"unknown render_mode {render_mode!r}; there is `rgb_array`")


def desired_goal(options: dict[str, Any] | None, task: dict[str, Any]) -> Any:
    """The goal that options name, if they do.

    Raises:
        ValueError: if they name something else, or the goal cannot be one.
    """
    unknown = sorted(set(options or ()) - {"desired_goal"})
    if unknown:
        raise ValueError(f"unknown option `{unknown[0]}`; there is `desired_goal`")
    if not options:
        return None
    goal = shaped(options["desired_goal"], (task["goal_dim"],), "desired_goal")
    if not np.isfinite(goal).all():
        raise ValueError("desired_goal holds a number that is not finite")
    return goal
