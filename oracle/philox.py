"""Counter-based random numbers, the same words as src/random/philox.ts, vectorised with numpy."""

import json
from pathlib import Path

import numpy as np

_MASK = np.uint64(0xFFFFFFFF)


def stream_key(name: str) -> int:
    """FNV-1a over UTF-16 units."""
    value = 0x811C9DC5
    units = np.frombuffer(name.encode("utf-16-le"), dtype="<u2")
    for unit in units.tolist():
        value = ((value ^ unit) * 0x01000193) & 0xFFFFFFFF
    return value


def _philox4x32(block_index: np.ndarray, key0: int, key1: int) -> np.ndarray:
    """Ten rounds for counters [block_index low, high, 0, 0]; returns uint32 [n, 4]."""
    c0 = block_index & _MASK
    c1 = block_index >> np.uint64(32)
    c2 = np.zeros_like(c0)
    c3 = np.zeros_like(c0)
    k0, k1 = np.uint64(key0), np.uint64(key1)
    for _ in range(10):
        product0 = c0 * np.uint64(0xD2511F53)
        product1 = c2 * np.uint64(0xCD9E8D57)
        high0, low0 = product0 >> np.uint64(32), product0 & _MASK
        high1, low1 = product1 >> np.uint64(32), product1 & _MASK
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0 = (k0 + np.uint64(0x9E3779B9)) & _MASK
        k1 = (k1 + np.uint64(0xBB67AE85)) & _MASK
    return np.stack([c0, c1, c2, c3], axis=1).astype(np.uint32)


class RandomStream:
    """An endless indexed sequence for (seed, name)."""

    def __init__(self, seed: int, name: str):
        self._key = (seed & 0xFFFFFFFF, stream_key(name))

    def words(self, start: int, count: int) -> np.ndarray:
        """uint32 words start … start + count − 1."""
        first, last = start // 4, (start + count + 3) // 4
        blocks = _philox4x32(np.arange(first, last, dtype=np.uint64), *self._key)
        return blocks.reshape(-1)[start - 4 * first :][:count]

    def normals(self, count: int) -> np.ndarray:
        """float64 standard normals 0 … count − 1 by Box–Muller."""
        words = (self.words(0, 2 * count) >> np.uint32(8)).astype(np.float64).reshape(-1, 2)
        u = (words[:, 0] + 1) * 2.0**-24
        v = words[:, 1] * 2.0**-24
        return np.sqrt(-2 * np.log(u)) * np.cos(2 * np.pi * v)

    def permutation(self, length: int) -> np.ndarray:
        """Fisher–Yates order of 0 … length − 1."""
        words = self.words(0, length).astype(np.float64)
        picks = np.floor(words / 2.0**32 * (np.arange(length) + 1)).astype(np.int64).tolist()
        order = list(range(length))
        for i in range(length - 1, 0, -1):
            j = picks[i]
            order[i], order[j] = order[j], order[i]
        return np.array(order, dtype=np.int64)


def initialise_llama(shapes: dict[str, tuple[int, ...]], seed: int, deviation: float = 0.02) -> dict[str, np.ndarray]:
    """float32 start weights: normal(0, deviation) for matrices, 1 for norms; the twin of initialise.ts."""
    return {
        name: np.ones(shape, np.float32)
        if len(shape) == 1
        else (RandomStream(seed, name).normals(int(np.prod(shape))) * deviation).astype(np.float32).reshape(shape)
        for name, shape in shapes.items()
    }


def main() -> None:
    """Writes oracle/goldens/philox.json, which src/models/initialise.test.ts compares with."""
    name, shape = "model.layers.1.mlp.down_proj.weight", (32, 44)
    stream = RandomStream(7, "model.embed_tokens.weight")
    weights = initialise_llama({name: shape}, 7)[name].reshape(-1)
    golden = {
        "words": stream.words(0, 10).tolist(),
        "wordsFrom5": stream.words(5, 3).tolist(),
        "normals": stream.normals(12).tolist(),
        "shuffle": RandomStream(3, "shuffle:0").permutation(60).tolist(),
        "weightName": name,
        "weights": weights[:64].tolist(),
        "weightSum": float(weights.astype(np.float64).sum()),
    }
    path = Path(__file__).resolve().parent / "goldens/philox.json"
    path.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
