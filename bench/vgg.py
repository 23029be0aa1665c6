"""VGG16 in PyTorch for bench/vgg.ts: vgg.py prediction|step THREADS ROUNDS RATE, a JSON object on standard output."""

import json
import resource
import sys
import time

import torch
import torch.nn.functional as F

from noise import noise

what, threads, rounds, rate = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
torch.set_num_threads(threads)


def drawn(shape, seed, scale):
    return torch.from_numpy(noise(shape, seed, scale))


stages = [(3, 64, 64), (64, 128, 128), (128, 256, 256, 256), (256, 512, 512, 512), (512, 512, 512, 512)]
convolutions, dense, seed = [], [], 0
for stage in stages:
    maps = []
    for i, o in zip(stage, stage[1:]):
        seed += 1
        maps.append((drawn((o, i, 3, 3), seed, (6 / (9 * i)) ** 0.5), torch.zeros(o)))
    convolutions.append(maps)
for i, o in ((25088, 4096), (4096, 4096), (4096, 1000)):
    seed += 1
    # Stored as [in, out] on the other side.
    dense.append((drawn((i, o), seed, (6 / i) ** 0.5).t().contiguous(), torch.zeros(o)))
x = drawn((1, 3, 224, 224), 99, 1)
y = torch.tensor([3])


def forward():
    h = x
    for stage in convolutions:
        for w, b in stage:
            h = torch.relu(F.conv2d(h, w, b, padding=1))
        h = F.max_pool2d(h, 2)
    h = h.flatten(1)
    for k, (w, b) in enumerate(dense):
        h = F.linear(h, w, b)
        h = torch.relu(h) if k < 2 else h
    return h


params = [p for stage in convolutions for layer in stage for p in layer] + [p for layer in dense for p in layer]
if what == "step":
    for p in params:
        p.requires_grad_()
    optimizer = torch.optim.SGD(params, lr=rate)


def call():
    if what == "prediction":
        with torch.no_grad():
            return forward()[0, :5].tolist()
    optimizer.zero_grad()
    loss = F.cross_entropy(forward(), y)
    loss.backward()
    optimizer.step()
    return [loss.item()]


times, values = [], []
for _ in range(rounds + 1):
    start = time.perf_counter()
    values.append(call())
    times.append(time.perf_counter() - start)
out = values[0] if what == "prediction" else [v for run in values for v in run]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"first": times[0], "best": min(times[1:]), "peak": peak, "values": out}))
