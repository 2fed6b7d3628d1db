"""Goal-conditioned robotics tasks, data sets and training, for Python.

========================================== ==================================================
``gymnasium.make("gcrl/FetchPush-v1")``    one environment
``gymnasium.make_vec(..., num_envs=256)``  many, stepped by threads without the interpreter
``Dataset``                                episodes on disk as arrays, and batches of them
``load_policy``                            a trained policy that acts
``collect``, ``train``, ``evaluate``       the commands of the program, as functions
========================================== ==================================================

Importing this package registers the environments with Gymnasium. Numbers are in SI units; each task
says what its numbers are: ``gcrl.task("FetchPush")``.
"""

from gcrl._gcrl import GcrlError, __version__, episode_seed, tasks
from gcrl.dataset import Dataset, Sampler
from gcrl.envs import GoalEnv
from gcrl.loops import (
    Evaluation,
    build_dataset,
    collect,
    evaluate,
    resume,
    train,
)
from gcrl.policy import Policy, load_policy
from gcrl.registration import ORIGINALS, register, task
from gcrl.vector import GoalVectorEnv

__all__ = [
    "ORIGINALS",
    "Dataset",
    "Evaluation",
    "GcrlError",
    "GoalEnv",
    "GoalVectorEnv",
    "Policy",
    "Sampler",
    "__version__",
    "build_dataset",
    "collect",
    "episode_seed",
    "evaluate",
    "load_policy",
    "resume",
    "task",
    "tasks",
    "train",
]

register()
