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


def transfer(case):
    """The whole transfer matrix of a crossbar with wires, by sparse LU with one right-hand side a word line."""
    import scipy.sparse as sp
    from scipy.sparse.linalg import splu

    g = np.array(case["conductance"])
    m, n = g.shape
    r = case["ohms"]

    def work():
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
        rhs = np.zeros((2 * m * n, m))
        rhs[u[:, 0], np.arange(m)] = 1 / r
        return splu(a).solve(rhs)[b[-1]] / r

    return best(work, case["repeats"])


def network(case):
    """The encoder and decoder of a network on a batch, in float64."""
    y = np.array(case["inputs"])
    layers = [(np.array(w), np.array(b), f) for w, b, f in case["encoder"] + case["decoder"]]
    split = len(case["encoder"])
    thresholds, levels = np.array(case["thresholds"]), np.array(case["levels"])
    act = {"tanh": np.tanh, "linear": lambda z: z, "relu": lambda z: np.maximum(z, 0)}

    def work():
        a = y
        for w, b, f in layers[:split]:
            a = act[f](a @ w.T + b)
        a = levels[np.searchsorted(thresholds, a, side="left")]
        for w, b, f in layers[split:]:
            a = act[f](a @ w.T + b)
        return a

    return best(work, case["repeats"])


case = json.load(sys.stdin)
seconds, result = {"transfer": transfer, "network": network}[case["kind"]](case)
json.dump({"seconds": seconds, "result": np.asarray(result).tolist()}, sys.stdout)
