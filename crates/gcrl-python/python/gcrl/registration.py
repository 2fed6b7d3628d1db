"""Names of the environments, as Gymnasium finds them.

====================================== =========================================================
``gcrl/<Task>-v1``                     a task as it is here: float32, rewards 1 and 0
``gcrl-robotics/<Task>-v4``            a task in the place of the original one of
                                       gymnasium-robotics: float64, rewards 0 and -1
``gcrl-robotics/<Task>Dense-v4``       the same with the negative distance as reward
``gcrl-robotics/HandReach-v3``         these two of HandReach, whose original has another version
====================================== =========================================================
"""

from __future__ import annotations

from typing import Any

import gymnasium

from gcrl import _gcrl

#: Environments of gymnasium-robotics 1.4 that a task stands in for: the task's id, and the version.
ORIGINALS: dict[str, int] = {
    "FetchReach": 4,
    "FetchPush": 4,
    "FetchSlide": 4,
    "FetchPickAndPlace": 4,
    "HandReach": 3,
}


def task(name: str) -> dict[str, Any]:
    """What a task says about itself.

    Args:
        name: its id, such as ``"FetchPush"``.

    Returns:
        ``observation``, ``goal`` and ``action``: lists of fields with ``name``, ``len`` and ``unit``;
        ``observation_dim``, ``goal_dim`` and ``action_dim``; ``horizon`` in control steps,
        ``n_transitions`` that count for returns, ``physics_dt_secs``, ``sub_steps``, and the rules
        ``reward`` and ``success`` in units of the goal.

    Raises:
        ValueError: if there is no such task.
    """
    return _gcrl.task_json(name)


def register() -> None:
    """Registers all environments; importing the package does."""
    for name in _gcrl.tasks():
        _register(f"gcrl/{name}-v1", name, {})
    for name, version in ORIGINALS.items():
        for suffix, reward in (("", "sparse"), ("Dense", "dense")):
            kwargs = {"reward_type": reward, "dtype": "float64"}
            _register(f"gcrl-robotics/{name}{suffix}-v{version}", name, kwargs)


def _register(env_id: str, name: str, kwargs: dict[str, Any]) -> None:
    if env_id in gymnasium.registry:
        return
    gymnasium.register(
        id=env_id,
        entry_point="gcrl.envs:GoalEnv",
        vector_entry_point="gcrl.vector:GoalVectorEnv",
        max_episode_steps=_gcrl.task_json(name)["horizon"],
        kwargs={"task": name, **kwargs},
    )
