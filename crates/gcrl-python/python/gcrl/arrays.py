"""What users pass as arrays, made into what the native part takes."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray


def numbers(value: Any, dtype: type[np.floating[Any]], what: str) -> NDArray[Any]:
    """``value`` as a C-contiguous array of ``dtype``.

    Raises:
        ValueError: if it is no array of real numbers.
    """
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(f"{what} is not an array of numbers: {error}") from error
    if not np.can_cast(array.dtype, dtype, "same_kind"):
        raise ValueError(f"{what} has dtype {array.dtype}, where real numbers are taken")
    return np.ascontiguousarray(array, dtype) if array.ndim else array.astype(dtype)


def shaped(value: Any, shape: tuple[int, ...], what: str) -> NDArray[np.float32]:
    """``value`` as a C-contiguous array of float32 and of ``shape``.

    Raises:
        ValueError: if it is no array of real numbers, or has another shape.
    """
    if type(value) is np.ndarray and value.dtype == np.float32 and value.shape == shape:
        return value if value.flags.c_contiguous else np.ascontiguousarray(value)
    with np.errstate(over="ignore"):  # 1e300 becomes infinite, which is limited or refused.
        array = numbers(value, np.float32, what)
    if array.shape != shape:
        raise ValueError(f"{what} has shape {array.shape}, not {shape}")
    return array


def seed_of(value: Any) -> int:
    """``value`` as the seed of an episode.

    Raises:
        ValueError: if it is not an integer from 0 to 2^64 - 1.
    """
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise ValueError(f"seed {value!r} is not an integer")
    if not 0 <= value < 2**64:
        raise ValueError(f"seed {value} is not from 0 to 2^64 - 1")
    return int(value)


def count(value: Any, what: str) -> int:
    """``value`` as a number of things.

    Raises:
        ValueError: if it is not an integer of at least 1.
    """
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, np.integer))
        or not 1 <= value < 2**63
    ):
        raise ValueError(f"{what} is {value!r}, not an integer of at least 1")
    return int(value)


def n_cores(num_threads: Any) -> int:
    """``num_threads``, or where it is ``None``, the cores that this process may use."""
    if num_threads is not None:
        return count(num_threads, "num_threads")
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
