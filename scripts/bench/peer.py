"""The peers that `npm run bench` measures beside ohmbit: one JSON case on stdin, seconds and result on stdout."""
import json
import sys
import time

import numpy as np


def best(work, repeats):
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - start)
    return min(times), result


def nodal(g, r):
    """Nodal matrix of a crossbar with wires of r ohm a segment, and its word and bit nodes."""
    import scipy.sparse as sp

    m, n = g.shape
    u = np.arange(m * n).reshape(m, n)
    b = u + m * n
    i, j, x = [], [], []

    def join(p, q, c):
        p, q = p.ravel(), q.ravel()
        c = np.broadcast_to(c, p.shape).ravel() if np.ndim(c) == 0 else np.asarray(c).ravel()
        i.extend([p, q, p, q])
        j.extend([p, q, q, p])
        x.extend([c, c, -c, -c])

    join(u, b, g)
    join(u[:, :-1], u[:, 1:], 1 / r)
    join(b[:-1], b[1:], 1 / r)
    for end in (u[:, 0], b[-1]):
        i.append(end)
        j.append(end)
        x.append(np.full(end.shape, 1 / r))
    a = sp.csc_matrix((np.concatenate(x), (np.concatenate(i), np.concatenate(j))), shape=(2 * m * n, 2 * m * n))
    return a, u, b


def wires(case):
    """Currents of a crossbar for given inputs, from conductances: spsolve for one vector, splu for more."""
    from scipy.sparse.linalg import splu, spsolve

    g = np.array(case["conductance"])
    v = np.array(case["inputs"])
    m, n = g.shape
    r = case["ohms"]

    def work():
        a, u, b = nodal(g, r)
        rhs = np.zeros((2 * m * n, len(v)))
        rhs[u[:, 0]] = v.T / r
        x = spsolve(a, rhs[:, 0])[:, None] if len(v) == 1 else splu(a).solve(rhs)
        return x[b[-1]].T / r

    return best(work, case["repeats"])


ACTIVATIONS = {"tanh": np.tanh, "linear": lambda z: z, "relu": lambda z: np.maximum(z, 0)}


def parts(case, kind):
    return [[(np.array(w, kind), np.array(b, kind), f) for w, b, f in case[half]] for half in ("encoder", "decoder")]


def apply(layers, a):
    for w, b, f in layers:
        a = ACTIVATIONS[f](a @ w.T + b)
    return a


def network(case):
    """The encoder and decoder of a network on a batch, in float64."""
    y = np.array(case["inputs"])
    encoder, decoder = parts(case, np.float64)
    thresholds, levels = np.array(case["thresholds"]), np.array(case["levels"])
    return best(
        lambda: apply(decoder, levels[np.searchsorted(thresholds, apply(encoder, y), side="left")]), case["repeats"]
    )


def decoder(case):
    """The decoder of a network on codes, in float64."""
    codes = np.array(case["codes"], np.intp)
    layers = [(np.array(w), np.array(b), f) for w, b, f in case["decoder"]]
    levels = np.array(case["levels"])
    return best(lambda: apply(layers, levels[codes]), case["repeats"])


def chips(case):
    """Monte Carlo: draw programming error of every device, encode, convert, decode, score; seconds a chip."""
    kind = case["dtype"]
    y, truth = np.array(case["inputs"], kind), np.array(case["truth"], kind)
    encoder, decoder = parts(case, kind)
    thresholds, levels = np.array(case["thresholds"], kind), np.array(case["levels"], kind)
    low, high, sigma = case["low"], case["high"], case["sigma"]
    rng = np.random.default_rng(1)

    def made(w, b):
        whole = np.concatenate([w, b[:, None]], axis=1)
        scale = (high - low) / np.abs(whole).max()
        plus = low + scale * np.maximum(whole, 0)
        minus = low + scale * np.maximum(-whole, 0)
        for side in (plus, minus):
            side *= 1 + sigma * rng.standard_normal(side.shape, dtype=kind)
            np.maximum(side, 0, out=side)
        effective = (plus - minus) / scale
        return effective[:, :-1], effective[:, -1]

    def chip():
        a = y
        for w, b, f in encoder:
            w, b = made(w, b)
            a = ACTIVATIONS[f](a @ w.T + b)
        estimate = apply(decoder, levels[np.searchsorted(thresholds, a, side="left")])
        return 10 * np.log10(np.sum((truth - estimate) ** 2) / np.sum(truth**2))

    count = case["chips"]

    def work():
        return [chip() for _ in range(count)]

    seconds, scores = best(work, case["repeats"])
    return seconds / count, [float(np.mean(scores)), float(np.std(scores))]


def training(case):
    """One iteration of soft-to-hard training, eager: the blended gradient as a custom function, torch's own Adam."""
    import torch

    torch.set_num_threads(1)
    flat = torch.tensor(case["values"], dtype=torch.float32)
    places, at = [], 0

    def take(shape):
        nonlocal at
        count = int(np.prod(shape))
        places.append((at, count))
        value = flat[at : at + count].reshape(shape).clone().requires_grad_(True)
        at += count
        return value

    def layers(shapes):
        return [
            (take((s["outputs"], s["inputs"])), take((s["outputs"],)), s["activation"]) for s in shapes
        ]

    def align():
        nonlocal at
        at = -(-at // 4) * 4

    encoder = layers(case["encoder"])
    align()
    v = take((case["steps"],))
    align()
    t = take((case["steps"],)).detach()
    align()
    decoder = layers(case["decoder"])
    h, blend = case["steepness"], case["blend"]

    class Quantize(torch.autograd.Function):
        @staticmethod
        def forward(context, a, v):
            y = torch.tanh(h * (a.unsqueeze(-1) - t))
            context.save_for_backward(a, v, y)
            return y @ v

        @staticmethod
        def backward(context, d):
            a, v, y = context.saved_tensors
            soft = (h * (1 - y * y)) @ v
            through = (a.abs() <= v.sum()).to(a.dtype)
            return d * ((1 - blend) * through + blend * soft), (d.unsqueeze(-1) * y).sum((0, 1))

    functions = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid, "linear": lambda x: x}
    y = torch.tensor(case["inputs"], dtype=torch.float32).T.contiguous()
    x = torch.tensor(case["targets"], dtype=torch.float32).T.contiguous()
    weights = [p for w, b, _ in encoder + decoder for p in (w, b)] + [v]
    adam = torch.optim.Adam(weights, lr=1e-4)

    def step():
        a = y
        for w, b, f in encoder:
            a = functions[f](torch.nn.functional.linear(a, w, b))
        a = Quantize.apply(a, v)
        for w, b, f in decoder:
            a = functions[f](torch.nn.functional.linear(a, w, b))
        loss = ((a - x) ** 2).sum() / x.shape[0]
        adam.zero_grad()
        loss.backward()
        return loss

    step()
    gradients = np.zeros(flat.numel())
    order = [p for w, b, _ in encoder for p in (w, b)] + [v, None] + [p for w, b, _ in decoder for p in (w, b)]
    for (begin, count), p in zip(places, order):
        if p is not None:
            gradients[begin : begin + count] = p.grad.detach().numpy().ravel()

    def iteration():
        step()
        adam.step()

    seconds, _ = best(iteration, case["repeats"])
    return seconds, gradients


case = json.load(sys.stdin)
seconds, result = {"wires": wires, "network": network, "decoder": decoder, "chips": chips, "training": training}[case["kind"]](case)
json.dump({"seconds": seconds, "result": np.asarray(result).tolist()}, sys.stdout)
