"""The epochs of bench/epoch.ts as DeZero computes them on NumPy, and in PyTorch: epoch.py numpy|torch THREADS EPOCHS."""

import json
import math
import sys
import time

import numpy as np

from noise import noise

what, threads, epochs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
sizes, images, batch = [784, 1000, 1000, 10], 8000, 100
layers = range(len(sizes) - 1)
weights = [noise((i, o), k + 1, math.sqrt(3 / i)) for k, (i, o) in enumerate(zip(sizes, sizes[1:]))]
params = [p for w in weights for p in (w, np.zeros(w.shape[1], np.float32))]
# Made batch by batch, as a program that reads files makes them: to free arrays of tens of MB here would have malloc keep the pages of
# gradients from step to step, and NumPy would take two thirds of the time.
x = np.concatenate([noise((batch, sizes[0]), 9, 1, i * sizes[0]) for i in range(0, images, batch)])
y = (np.arange(images) * 7 % 10).astype(np.int64)


def numpy_step():
    """Each line is the NumPy code of one function of DeZero: its forward, then its backward; Adam with its default epsilon."""
    m, v = [np.zeros_like(p) for p in params], [np.zeros_like(p) for p in params]
    count = 0

    def step(x, y):
        nonlocal count
        inputs, sums, h = [], [], x
        for k in layers:
            inputs.append(h)
            z = h.dot(params[2 * k]) + params[2 * k + 1]
            sums.append(z)
            h = np.maximum(z, 0.0) if k < layers[-1] else z
        top = h.max(axis=1, keepdims=True)
        e = np.exp(h - top)
        log_sum = top + np.log(e.sum(axis=1, keepdims=True))
        loss = -(h - log_sum)[np.arange(batch), y].sum() / np.float32(batch)
        soft = np.exp(h - top)
        soft /= soft.sum(axis=1, keepdims=True)
        g = (soft - np.eye(10, dtype=np.float32)[y]) * np.float32(1 / batch)
        slopes = [None] * len(params)
        for k in reversed(layers):
            if k < layers[-1]:
                g = g * (sums[k] > 0)
            slopes[2 * k + 1] = g.sum(axis=0)
            slopes[2 * k] = inputs[k].T.dot(g)
            g = g.dot(params[2 * k].T)
        count += 1
        rate = 0.001 * math.sqrt(1 - 0.999**count) / (1 - 0.9**count)
        for p, s, a, b in zip(params, slopes, m, v):
            a += (1 - 0.9) * (s - a)
            b += (1 - 0.999) * (s * s - b)
            p -= rate * a / (np.sqrt(b) + 1e-8)
        return float(loss)

    return step, lambda a: a


def torch_step():
    import torch
    import torch.nn.functional as F

    torch.set_num_threads(threads)
    ps = [torch.from_numpy(p).requires_grad_() for p in params]
    optimizer = torch.optim.Adam(ps, lr=1e-3)

    def step(x, y):
        h = x
        for k in layers:
            h = torch.addmm(ps[2 * k + 1], h, ps[2 * k])
            h = torch.relu(h) if k < layers[-1] else h
        loss = F.cross_entropy(h, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return step, torch.from_numpy


step, of = numpy_step() if what == "numpy" else torch_step()
xs, ys = of(x), of(y)
losses, seconds = [], []
for _ in range(epochs):
    start = time.perf_counter()
    for i in range(0, images, batch):
        losses.append(step(xs[i : i + batch], ys[i : i + batch]))
    seconds.append(time.perf_counter() - start)
print(json.dumps({"seconds": seconds, "losses": [losses[0], losses[images // batch - 1]]}))
