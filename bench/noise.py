"""Numbers that noise.ts makes the same, bit for bit: the hash of a position, in -scale .. scale."""

import numpy as np


def noise(shape, seed, scale, start=0):
    with np.errstate(over="ignore"):
        h = (np.arange(start, start + np.prod(shape), dtype=np.uint32) + np.uint32(seed * 0x9E3779B1 % 2**32)) * np.uint32(0x85EBCA6B)
        h = (h ^ (h >> np.uint32(15))) * np.uint32(0xC2B2AE35)
        h ^= h >> np.uint32(13)
    return ((h / 2.0**31 - 1) * scale).astype(np.float32).reshape(shape)
