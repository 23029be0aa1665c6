"""The bench's other half in Python: commands as JSON lines on standard input, replies as JSON lines on descriptor 3.

usage: python3 python.py torch|numpy THREADS
"""

import json
import os
import resource
import sys
import time

library, threads = sys.argv[1], int(sys.argv[2])
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(threads)
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "NPY_DISABLE_CPU_FEATURES"):
    os.environ.pop(name, None)

import numpy as np  # noqa: E402

scope = {"np": np}
version = np.__version__
if library == "torch":
    import torch

    torch.set_num_threads(threads)
    scope = {"np": np, "torch": torch, "F": torch.nn.functional}
    version = torch.__version__

replies = os.fdopen(3, "w")


def reply(**fields):
    replies.write(json.dumps(fields) + "\n")
    replies.flush()


def listed(result):
    return list(result) if isinstance(result, (list, tuple)) else [result]


def array(x):
    return x.detach().numpy() if library == "torch" else x


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def resident():
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


clock = time.process_time if os.environ.get("ADJOINT_BENCH_CLOCK") == "cpu" else time.perf_counter
call = None
calls = 1
before = 0


def seconds(n):
    start = clock()
    for _ in range(n):
        call()
    return clock() - start


def prepare(inputs, source, folder):
    """Runs the program once; writes what it computed."""
    global call, before
    before = resident()
    names = dict(scope)
    for i in inputs:
        x = np.fromfile(i["path"], dtype=i["dtype"]).reshape(i["shape"])
        names[i["name"]] = torch.from_numpy(x) if library == "torch" else x
    start = clock()
    if "\n" in source:
        exec(source, names)
    else:
        names["call"] = eval("lambda: " + source, names)
    call = names["call"]
    result = call()
    first = clock() - start
    outputs = []
    for k, x in enumerate(listed(names["check"](result) if "check" in names else result)):
        x = np.ascontiguousarray(array(x))
        path = os.path.join(folder, f"{library}{threads}-{k}")
        x.tofile(path)
        outputs.append({"path": path, "dtype": x.dtype.name})
    return {"first": first, "outputs": outputs}


def warm(budget):
    """Settles how many calls make a round of about `budget` seconds."""
    global calls
    calls = 1
    spent = seconds(1)
    total = spent
    while spent < budget and total < 20 * budget:
        calls = max(calls + 1, int(calls * min(10, 1.2 * budget / max(spent, 1e-9))))
        spent = seconds(calls)
        total += spent
    return {"seconds": spent}


reply(version=version)
for line in sys.stdin:
    command = json.loads(line)
    do = command["do"]
    try:
        if do == "prepare":
            reply(**prepare(command["inputs"], command["source"], command["folder"]))
        elif do == "warm":
            reply(**warm(command["budget"]))
        elif do == "round":
            reply(value=seconds(calls) / calls)
        elif do == "window":
            reply(value=seconds(command["calls"]) / command["calls"])
        elif do == "peak":
            seconds(command["calls"])
            reply(value=peak() - before)
    except Exception as e:  # noqa: BLE001
        reply(error=f"{type(e).__name__}: {e}")
