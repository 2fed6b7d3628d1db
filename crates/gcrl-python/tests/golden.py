"""The project's random numbers, written down once more: what its golden episodes are made of."""

from collections.abc import Iterator
from pathlib import Path

M64, M128 = 2**64 - 1, 2**128 - 1
HASHES = Path(__file__).parents[3] / "tests/it/golden.rs"


def hashes() -> dict[str, str]:
    """The table of ``tests/it/golden.rs``: BLAKE3 of one episode of each task."""
    lines = HASHES.read_text().split('const HASHES: &str = "\\\n')[1].split('";')[0].splitlines()
    return dict(line.split() for line in lines)


def mix(z: int) -> int:
    """The finalizer of SplitMix64."""
    z = (z + 0x9E3779B97F4A7C15) & M64
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & M64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & M64
    return z ^ (z >> 31)


def child(root: int, name: str, index: int) -> int:
    """``gcrl_core::seed::child``."""
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = ((value ^ byte) * 0x100000001B3) & M64
    return mix((mix((mix(root) + value) & M64) + index) & M64)


def _pcg32(state: int) -> Iterator[int]:
    """How ``rand_core`` stretches a seed of 64 bits."""
    while True:
        state = (state * 6364136223846793005 + 11634580027462260723) & M64
        word, turn = (((state >> 18) ^ state) >> 27) & 0xFFFFFFFF, state >> 59
        yield ((word >> turn) | (word << (-turn & 31))) & 0xFFFFFFFF


def uniform(root: int, name: str, index: int) -> Iterator[float]:
    """Numbers of ``gcrl_core::seed::stream``, uniform on [0, 1) in steps of 2^-24."""
    words = _pcg32(child(root, name, index))
    state = sum(next(words) << (32 * i) for i in range(4)) | 1
    while True:
        state = (state * 0x2360ED051FC65DA44385DF649FCCF645) & M128
        turn, word = state >> 122, ((state >> 64) ^ state) & M64
        word = ((word >> turn) | (word << (-turn & 63))) & M64
        yield ((word & 0xFFFFFFFF) >> 8) * 2.0**-24
