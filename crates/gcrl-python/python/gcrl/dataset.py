"""Episodes on disk as arrays, and batches of their transitions."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gcrl import _gcrl
from gcrl.arrays import count, seed_of

if TYPE_CHECKING:
    from typing_extensions import Self

Batch = dict[str, NDArray[Any]]


class Dataset(_gcrl.Dataset):
    """A data set on disk.

    Its columns look into the file, which is read where it is looked at and shared by processes; they
    are float32, cannot be written to, and keep the file open. The folder must not be changed while
    one of them lives.

    =================== =============================================== ============================
    ``observation``     ``[n_episodes, n_transitions + 1, obs_dim]``    state ``t``
    ``achieved_goal``   ``[n_episodes, n_transitions + 1, goal_dim]``   state ``t``
    ``action``          ``[n_episodes, n_transitions, action_dim]``     from state ``t`` to ``t + 1``
    ``desired_goal``    ``[n_episodes, goal_dim]``                      constant within an episode
    ``rewards()``       ``[n_episodes, n_transitions]``                 of the state after ``t``; new
    =================== =============================================== ============================

    ``len(dataset)`` is the number of episodes, ``dataset[i]`` one of them as a dictionary of the same
    columns without the first axis, and ``reward``.
    """

    def __new__(cls, dataset: str | os.PathLike[str]) -> Self:
        """Opens a data set.

        Args:
            dataset: its folder, or the name of one of the benchmark, such as
                ``"FetchPush/expert-v1"``, which is looked for under ``GCRL_DATASETS``, or where that is
                not set, in ``datasets`` and then in the user's folder of data.

        Raises:
            GcrlError: if it is not built, or its files are damaged or of another program.
        """
        return super().__new__(cls, os.fspath(dataset))

    def __getitem__(self, episode: int) -> Batch:
        position = self.position(episode)
        columns = ("observation", "achieved_goal", "action", "desired_goal")
        row = {name: getattr(self, name)[position] for name in columns}
        return row | {"reward": self.episode_rewards(position)}

    def __iter__(self) -> Iterator[Batch]:
        return (self[episode] for episode in range(len(self)))

    def __repr__(self) -> str:
        return f"<gcrl.Dataset {len(self)} episodes of {self.task}: {os.fspath(self.path)!r}>"

    def sampler(
        self, batch_size: int, *, future_probability: float = 1.0, seed: int = 0
    ) -> Sampler:
        """Batches of transitions, relabeled in hindsight; see ``Sampler``.

        Args:
            batch_size: transitions of a batch.
            future_probability: of learning a transition under a goal that its episode achieved later,
                uniform over the later states; otherwise under the one it asked for. 1 as WGCSL and
                GCSL, 0.8 as HER, 0 for the goals of the data.
            seed: of all batches.

        Raises:
            ValueError: if an argument is out of range.
        """
        size, start = count(batch_size, "batch_size"), seed_of(seed)
        return Sampler(self, _gcrl.Sampler(self, size, future_probability, start))


class Sampler:
    """Batches of a data set's transitions; batch ``number`` is the same for the same seed.

    Episode and transition are uniform, with replacement. A batch is a dictionary of new C-contiguous
    arrays, which ``torch.from_numpy`` and ``jax.numpy.asarray`` take:

    ======================= ======================== ===============================================
    ``observation``         ``[B, observation_dim]`` in which the action was taken
    ``achieved_goal``       ``[B, goal_dim]``        there
    ``action``              ``[B, action_dim]``
    ``goal``                ``[B, goal_dim]``        to learn from, after relabeling
    ``reward``              ``[B]``                  1 if the next state is on that goal, else 0
    ``next_observation``    ``[B, observation_dim]`` that the action led to
    ``next_achieved_goal``  ``[B, goal_dim]``        there
    ``steps_to_goal``       ``[B]`` int32            from the next state to the goal; -1 if desired
    ``episode``, ``t``      ``[B]`` int32            where the transition stands in the data set
    ======================= ======================== ===============================================
    """

    def __init__(self, dataset: Dataset, native: _gcrl.Sampler) -> None:
        """``Dataset.sampler`` makes them."""
        self._native = native
        shapes = (dataset.observation.shape[-1], dataset.desired_goal.shape[-1])
        self._dims = (*shapes, dataset.action.shape[-1])

    @property
    def batch_size(self) -> int:
        """Transitions of a batch."""
        return self._native.batch_size

    @property
    def number(self) -> int:
        """Batches so far: what ``seek`` takes to go on from here."""
        return self._native.number

    def seek(self, number: int) -> None:
        """The next batch is that of ``number``, as if so many had been sampled."""
        self._native.seek(seed_of(number))

    def empty(self) -> Batch:
        """Room for a batch, to be filled again and again."""
        n, (observation, goal, action) = self.batch_size, self._dims
        rows = {
            "observation": observation,
            "achieved_goal": goal,
            "action": action,
            "goal": goal,
            "next_observation": observation,
            "next_achieved_goal": goal,
        }
        batch: Batch = {name: np.zeros((n, dim), np.float32) for name, dim in rows.items()}
        batch["reward"] = np.zeros(n, np.float32)
        return batch | {name: np.zeros(n, np.int32) for name in ("steps_to_goal", "episode", "t")}

    def sample(self, out: Batch | None = None) -> Batch:
        """The next batch.

        Args:
            out: arrays as ``empty`` gives them, which are written; otherwise they are new.

        Raises:
            ValueError: if an array of ``out`` is missing, has another shape or type, or cannot be
                written.
        """
        batch = self.empty() if out is None else out
        self._native.fill(batch)
        return batch

    def __iter__(self) -> Sampler:
        return self

    def __next__(self) -> Batch:
        return self.sample()
