"""What several tests look at: a small data set of random actions."""

from pathlib import Path

import pytest

import gcrl


@pytest.fixture(scope="session")
def random_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty random episodes of PointReach, of seed 7."""
    folder = tmp_path_factory.mktemp("sets") / "random"
    gcrl.collect("PointReach", "random", n_episodes=20, seed=7, out=folder)
    return folder
