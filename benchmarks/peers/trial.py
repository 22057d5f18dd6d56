"""What every peer's script shares: reading a trial, the loss, peak memory, the answer.

A script is called with one JSON object (benchmarks/lib/trial.ts says what is in it) and prints one
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
    users = read_column(trial, "users.i32", "<i4")
    items = read_column(trial, "items.i32", "<i4")
    entries = (read_column(trial, "ratings.f32", "<f4"), (users, items))
    return scipy.sparse.coo_matrix(entries, shape=(trial["users"], trial["items"])).tocsr()


def read_column(trial, name, dtype):
    return np.fromfile(os.path.join(trial["folder"], name), dtype=dtype)


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


def loss_over_all_cells(confidences, user_factors, item_factors, trial):
    """
    sum over rated cells of c (1 - x.y)^2, plus sum over all others of (x.y)^2, plus
    regularization times the sum of n^regularizationExponent |x|^2 over all rows of both sides, with
    n the row's ratings. The sum of all (x.y)^2 is trace(X'X Y'Y), so no dense pass is needed.
    Products in float32 would lose digits where sums cancel: all is float64.
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
    all_squares = float(np.sum((x.T @ x) * (y.T @ y)))
    norms = 0.0
    for rows, factors, columns in ((cells.row, x, 0), (cells.col, y, 1)):
        counts = np.bincount(rows, minlength=cells.shape[columns])
        weights = np.where(counts > 0, counts, 1.0) ** trial["regularizationExponent"]
        norms += float(np.sum(weights * np.einsum("ij,ij->i", factors, factors)))
    return rated + all_squares - rated_squares + trial["regularization"] * norms


def processes_below(process):
    """A process and those it started, directly or not. Linux only; elsewhere the process alone."""
    processes = [process]
    try:
        with open(f"/proc/{process}/task/{process}/children") as file:
            for child in file.read().split():
                processes += processes_below(int(child))
    except OSError:
        pass
    return processes


def restart_peak(processes=("self",)):
    """Forgets the highest resident memory so far; where that cannot be, the peak is the process's."""
    for process in processes:
        try:
            with open(f"/proc/{process}/clear_refs", "w") as file:
                file.write("5")
        except OSError:
            pass


def highest_resident_bytes(processes=("self",)):
    """Sum of the processes' peaks, wherever they fell; at least their common peak."""
    try:
        peak = 0
        for process in processes:
            with open(f"/proc/{process}/status") as file:
                # A helper process that has ended meanwhile has no memory any more.
                found = re.search(r"^VmHWM:\s+(\d+) kB$", file.read(), re.MULTILINE)
                peak += int(found[1]) * 1024 if found else 0
        return peak
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
