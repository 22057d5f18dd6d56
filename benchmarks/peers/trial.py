"""What every peer's script shares: reading a trial, the loss, peak memory, the answer.

A script is called with one JSON object (benchmarks/trial.ts says what is in it) and prints one
JSON object as its last line. OPENBLAS_NUM_THREADS must be 1 before numpy is imported.
"""

import json
import os
import platform
import re
import resource
import sys

import numpy as np
import scipy.sparse


def read_trial():
    return json.loads(sys.argv[1])


def read_ratings(trial):
    """Ratings as a users × items CSR matrix of float32."""

    def column(name, dtype):
        return np.fromfile(os.path.join(trial["folder"], name), dtype=dtype)

    entries = (column("ratings.f32", "<f4"), (column("users.i32", "<i4"), column("items.i32", "<i4")))
    return scipy.sparse.coo_matrix(entries, shape=(trial["users"], trial["items"])).tocsr()


def read_factors(file, rank):
    """Row-major float32 factors, rows × rank."""
    return np.fromfile(file, dtype="<f4").reshape(-1, rank)


def read_start(trial, side):
    """The factors that Seesaw starts from."""
    file = f"start-{trial['rank']}-{side}.f32"
    return read_factors(os.path.join(trial["folder"], file), trial["rank"])


def confidences_of(ratings, alpha):
    """The matrix with 1 + alpha r in place of every rating r."""
    confidences = ratings.copy()
    confidences.data = 1 + alpha * confidences.data
    return confidences


def loss_over_all_cells(confidences, user_factors, item_factors, regularization):
    """
    sum over rated cells of c (1 - x.y)^2, plus sum over all others of (x.y)^2, plus
    regularization (sum |x|^2 + sum |y|^2). The sum of all (x.y)^2 is trace(X'X Y'Y), so no dense
    pass is needed. Products in float32 would lose digits where sums cancel: all is float64.
    """
    rated = 0.0
    rated_squares = 0.0
    chunk = max(1, 2**24 // user_factors.shape[1])
    cells = confidences.tocoo()
    for start in range(0, cells.nnz, chunk):
        part = slice(start, start + chunk)
        x = user_factors[cells.row[part]].astype(np.float64)
        y = item_factors[cells.col[part]].astype(np.float64)
        predictions = np.einsum("ij,ij->i", x, y)
        rated += float(np.sum(cells.data[part] * (1 - predictions) ** 2))
        rated_squares += float(np.sum(predictions**2))
    x = user_factors.astype(np.float64)
    y = item_factors.astype(np.float64)
    user_gram = x.T @ x
    item_gram = y.T @ y
    all_squares = float(np.sum(user_gram * item_gram))
    norms = float(np.trace(user_gram) + np.trace(item_gram))
    return rated + all_squares - rated_squares + regularization * norms


def restart_peak():
    """Forgets the highest resident memory so far; where that cannot be, the peak is the process's."""
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        pass


def highest_resident_bytes():
    try:
        with open("/proc/self/status") as file:
            return int(re.search(r"^VmHWM:\s+(\d+) kB$", file.read(), re.MULTILINE)[1]) * 1024
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


def answer(trial, library, version, seconds, peak_bytes, loss):
    """Prints the answer; `loss` is called only if it is wanted, for it takes a while."""
    result = {
        "library": library,
        "version": version,
        "runtime": f"Python {platform.python_version()}",
        "seconds": seconds,
        "peakBytes": peak_bytes,
    }
    if trial["withLoss"]:
        result["loss"] = loss()
    print(json.dumps(result))
