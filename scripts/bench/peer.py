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


case = json.load(sys.stdin)
seconds, result = {"wires": wires, "network": network, "decoder": decoder, "chips": chips}[case["kind"]](case)
json.dump({"seconds": seconds, "result": np.asarray(result).tolist()}, sys.stdout)
