"""Environments side by side, as Gymnasium has them, stepped by threads in one process."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from gymnasium.utils import seeding
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from gcrl import _gcrl
from gcrl.arrays import count, n_cores, seed_of, shaped
from gcrl.envs import Observation, check_render_mode
from gcrl.goals import (
    KEYS,
    Goals,
    action_space,
    dtype_of,
    empty,
    fps,
    next_seed,
    observation_space,
    picture_size,
)

Step = tuple[Observation, NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]


class GoalVectorEnv(Goals, VectorEnv[Observation, NDArray[np.float32], NDArray[Any]]):
    """``num_envs`` environments of a task.

    They step in threads while other threads of Python run. Lane ``i`` plays what one ``GoalEnv`` of
    the same seed plays, whatever the number of lanes or threads, and as Gymnasium's
    ``SyncVectorEnv``, ``reset(seed=s)`` gives it the seed ``s + i``. Shapes are those of ``GoalEnv``
    with ``num_envs`` in front; rewards are float64.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["rgb_array"], "render_fps": 25}  # type: ignore[misc]

    def __init__(
        self,
        task: str,
        num_envs: int = 1,
        *,
        num_threads: int | None = None,
        copy: bool = True,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        reward_type: str = "reached",
        dtype: Any = "float32",
        render_mode: str | None = None,
        width: int = 480,
        height: int = 480,
        max_episode_steps: int | None = None,
    ) -> None:
        """Makes environments that wait for their first reset.

        Args:
            task: its id, such as ``"FetchPush"``; ``gcrl.tasks()`` lists them.
            num_envs: at least 1.
            num_threads: that step them; ``None`` uses all cores this process may use.
            copy: whether each step returns new arrays; otherwise the same ones are written again.
            autoreset_mode: ``NEXT_STEP``, ``SAME_STEP`` or ``DISABLED``, as Gymnasium defines them.
            reward_type: as of ``GoalEnv``.
            dtype: as of ``GoalEnv``.
            render_mode: as of ``GoalEnv``.
            width: of each picture, in pixels.
            height: of each picture, in pixels.
            max_episode_steps: Gymnasium passes the task's horizon; no other number can be used.

        Raises:
            ValueError: if an argument is none of these.
        """
        check_render_mode(render_mode)
        self.task = _gcrl.task_json(task)
        if max_episode_steps not in (None, self.task["horizon"]):
            horizon = self.task["horizon"]
            raise ValueError(f"max_episode_steps is {max_episode_steps}, and the horizon {horizon}")
        self.reward_type = reward_type
        self.render_mode = render_mode
        self.num_envs = count(num_envs, "num_envs")
        self.num_threads = n_cores(num_threads)
        size = picture_size(width, height)
        self._lanes = _gcrl.Lanes(task, self.num_envs, self.num_threads, reward_type, size)
        mode = AutoresetMode(autoreset_mode)
        mine = {"render_fps": fps(self.task), "autoreset_mode": mode}
        self.metadata = {**type(self).metadata, **mine}  # type: ignore[misc]
        number = dtype_of(dtype)
        self.single_observation_space = observation_space(self.task, number)
        self.single_action_space = action_space(self.task)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self._copy, self._dtype = copy, number
        self._mode = mode.value
        self._action_shape = (self.num_envs, self.task["action_dim"])
        self._seen = {key: getattr(self._lanes, key) for key in KEYS}
        self._last_seen = {key: getattr(self._lanes, f"final_{key}") for key in KEYS}
        self._converted = None if number is np.float32 else empty(self.task, self.num_envs, number)
        self._generators: list[np.random.Generator] = []
        self._next_seeds = np.zeros(self.num_envs, np.uint64)

    @property
    def episode_seeds(self) -> NDArray[np.uint64]:
        """The seeds of the running episodes, ``[num_envs]``."""
        return self._lanes.episode_seeds

    def reset(
        self,
        *,
        seed: int | list[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Observation, dict[str, Any]]:
        """Starts an episode in every environment.

        Args:
            seed: ``s`` gives environment ``i`` the episode ``s + i``; a list gives each its own;
                where there is none, the next one is drawn from the environment's own generator.
            options: ``reset_mask``, an array of bool ``[num_envs]``: the environments that start an
                episode, while the others go on with theirs.

        Raises:
            ValueError: if a seed or an option cannot be used.
        """
        mask = reset_mask(options, self.num_envs)
        starts = self._starts(seed, mask)
        self._lanes.reset(starts, mask)
        self._draw(mask)
        return self._observation(), {}

    def step(self, actions: Any) -> Step:
        """Applies ``actions``, ``[num_envs, action_dim]``, for one control step.

        In ``NEXT_STEP``, an environment whose episode is over starts the next one instead: its action is
        not looked at, and its reward is 0. In ``SAME_STEP``, ``infos`` holds ``final_obs`` and
        ``final_info`` of episodes that the step ended.

        Raises:
            ValueError: if they have another shape, or hold a NaN; no environment has stepped then.
            GcrlError: if an environment has no episode to step in.
        """
        if not self._generators:
            raise _gcrl.GcrlError(f"step outside an episode of `{self.task['id']}`: reset it first")
        actions = shaped(actions, self._action_shape, "actions")
        lanes = self._lanes
        lanes.step(actions, self._next_seeds, self._mode)
        was_reset = lanes.was_reset
        infos: dict[str, Any] = {}
        has_resets = was_reset.any()
        if has_resets and self._mode == AutoresetMode.SAME_STEP.value:
            infos = self._final_infos(was_reset.copy())
        stepped = ~was_reset
        if not has_resets or stepped.any():
            infos["is_success"] = np.where(stepped, lanes.success, 0.0)
            infos["_is_success"] = stepped
        if has_resets:
            self._draw(was_reset)
        terminations = np.zeros(self.num_envs, np.bool_)
        return self._observation(), lanes.reward.copy(), terminations, lanes.truncated.copy(), infos

    def render(self) -> tuple[NDArray[np.uint8], ...] | None:
        """A picture of each now, ``[height, width, 3]``; ``None`` without a render mode."""
        return None if self.render_mode is None else tuple(self._lanes.render())

    def _starts(self, seed: Any, mask: NDArray[np.bool_]) -> NDArray[np.uint64]:
        """The seeds of the next episodes; a seed that is given starts a generator, too."""
        if seed is None:
            seeds: list[Any] = [None] * self.num_envs
        elif isinstance(seed, (int, np.integer)):
            seeds = [seed_of(seed) + lane for lane in range(self.num_envs)]
        else:
            seeds = list(seed)
        if len(seeds) != self.num_envs:
            raise ValueError(f"{len(seeds)} seeds for {self.num_envs} environments")
        given = [None if one is None else seed_of(one) for one in seeds]
        if not self._generators:
            if not mask.all():
                raise ValueError("reset_mask leaves out environments that were never reset")
            self._generators = [seeding.np_random(one)[0] for one in given]
            self._draw(mask)
        starts = self._next_seeds.copy()
        for lane, one in enumerate(given):
            if mask[lane] and one is not None:
                # Nothing is drawn for an episode that has a seed of its own.
                self._generators[lane] = seeding.np_random(one)[0]
                starts[lane] = one
        return starts

    def _draw(self, mask: NDArray[np.bool_]) -> None:
        """Draws the seeds of the episodes that follow."""
        for lane in np.flatnonzero(mask):
            self._next_seeds[lane] = next_seed(self._generators[lane])

    def _observation(self) -> Observation:
        if self._converted is not None:
            for key, array in self._converted.items():
                np.copyto(array, self._seen[key])
        seen = self._seen if self._converted is None else self._converted
        return {key: array.copy() for key, array in seen.items()} if self._copy else dict(seen)

    def _final_infos(self, ended: NDArray[np.bool_]) -> dict[str, Any]:
        """What Gymnasium says of episodes that ended in a step and were followed by others."""
        final = np.full(self.num_envs, None, object)
        for lane in np.flatnonzero(ended):
            final[lane] = {
                key: array[lane].astype(self._dtype) for key, array in self._last_seen.items()
            }
        success = np.where(ended, self._lanes.success, 0.0)
        info = {"is_success": success, "_is_success": ended.copy()}
        return {
            "final_obs": final,
            "_final_obs": ended,
            "final_info": info,
            "_final_info": ended.copy(),
        }


def reset_mask(options: dict[str, Any] | None, num_envs: int) -> NDArray[np.bool_]:
    """Which environments are to start an episode.

    Raises:
        ValueError: if options name something else, or the mask has another shape or type.
    """
    unknown = sorted(set(options or ()) - {"reset_mask"})
    if unknown:
        raise ValueError(f"unknown option `{unknown[0]}`; there is `reset_mask`")
    if not options:
        return np.ones(num_envs, np.bool_)
    mask = options["reset_mask"]
    if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_ or mask.shape != (num_envs,):
        raise ValueError(f"reset_mask is not an array of bool and of shape ({num_envs},)")
    return np.ascontiguousarray(mask)
