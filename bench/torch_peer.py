"""PyTorch, eager. Reads {"cases", "dtype", "threads"} and an effort from standard input, writes seconds of runs.

An effort is {"warmUp", "batch", "batches", "processorTime"}, or {"fresh": seconds, "processorTime"} for calls from the very first one on.
"""

import json
import resource
import statistics
import sys
import time

given = json.load(sys.stdin)
clock = time.process_time if given["processorTime"] else time.perf_counter
load = clock()
try:
    import torch
except ImportError:
    sys.exit(3)

load = clock() - load
torch.set_num_threads(given["threads"])
torch.set_default_dtype(getattr(torch, given["dtype"]))
torch.manual_seed(1)
RATE = 0.001




def measure(run):
    def batch(runs):
        start = clock()
        for _ in range(runs):
            run()
        return clock() - start

    runs, took = 1, batch(1)
    spent = took
    while took < given["batch"] or spent < given["warmUp"]:
        if took < given["batch"]:
            runs = max(runs + 1, min(runs * 10, int(runs * given["batch"] * 1.1 / max(took, 1e-9)) + 1))
        took = batch(runs)
        spent += took
    return [batch(runs) / runs for _ in range(given["batches"])]


def measure_fresh(run):
    times, end = [], time.perf_counter() + given["fresh"]
    while len(times) < 2 or (time.perf_counter() < end and len(times) < 2000):
        start = clock()
        run()
        times.append(clock() - start)
    steady = statistics.median(times[len(times) * 3 // 4 :])
    near = (i for i in range(len(times)) if statistics.median(times[i : i + 5]) <= steady * 4 / 3)
    return {
        "load": load,
        "first": times[0],
        "steady": steady,
        "callsUntilSteady": next(near, len(times)),
        "resident": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "arrays": None,
    }


def training(sizes, samples, activation, loss):
    x = torch.randn(samples, sizes[0])
    classes = 2 if loss == "logistic" else sizes[-1]
    y = torch.tensor([i * 7919 % classes for i in range(samples)])
    if loss == "logistic":
        y = y.to(x.dtype).reshape(-1, 1)
    params = []
    for k, n in zip(sizes, sizes[1:]):
        params += [(torch.randn(k, n) / k**0.5).requires_grad_(), torch.zeros(n, requires_grad=True)]
    function = torch.nn.functional
    cost_of = function.binary_cross_entropy_with_logits if loss == "logistic" else function.cross_entropy

    def step():
        a = x
        for i in range(0, len(params), 2):
            a = torch.addmm(params[i + 1], a, params[i])
            if i < len(params) - 2:
                a = a.tanh() if activation == "tanh" else a.relu()
        cost = cost_of(a, y)
        gradients = torch.autograd.grad(cost, params)
        with torch.no_grad():
            for p, g in zip(params, gradients):
                p.sub_(g, alpha=RATE)
        return cost.item()

    return step


def ten(a, b):
    return ((a * b + b).tanh().matmul(b).relu() * a).sigmoid().add(a).mul(b).sum()


def ten_run(backward):
    a = torch.randn(2, 2, requires_grad=True)
    b = torch.randn(2, 2, requires_grad=True)
    return (lambda: torch.autograd.grad(ten(a, b), [a, b])) if backward else (lambda: ten(a, b))


def small(operator, n):
    a = torch.randn(n, requires_grad=True)
    b = torch.randn(n, requires_grad=True)
    return {"add": lambda: a + b, "mul": lambda: a * b, "tanh": lambda: a.tanh(), "sum": lambda: a.sum()}[operator]


def matmul(n, left=False, right=False):
    a, b = torch.randn(n, n), torch.randn(n, n)
    a, b = a.T if left else a, b.T if right else b
    return lambda: a @ b


def elementwise(name, n):
    x, y = torch.rand(n) * 8 - 4, torch.rand(n) * 8 - 4
    return (lambda: x + y) if name == "add" else (lambda: getattr(x, name)())


makers = {
    "training": training,
    "ten": ten_run,
    "small": small,
    "matmul": matmul,
    "elementwise": elementwise,
}
threads = "one thread" if given["threads"] == 1 else f"{given['threads']} threads"
# Only MKL's threads follow what PyTorch is told.
if not torch.backends.mkl.is_available():
    threads += ", and those that its BLAS takes by itself"
print(json.dumps({"about": f"PyTorch {torch.__version__}, {given['dtype']}, {threads}"}), flush=True)
for name, (maker, *arguments) in given["cases"].items():
    run = makers[maker](*arguments)
    line = {"fresh": measure_fresh(run)} if "fresh" in given else {"times": measure(run)}
    print(json.dumps({"name": name, **line}), flush=True)
