"""Reads a CSV with string ids by pandas, trains implicit on it and prints what it took.

    python3 pandas_implicit.py '{"file": …, "startedMs": …, "rank": 64, "threads": 2, …}'

Ids are read as strings and factorized. With pyarrow beside it, pandas 3 keeps them in Arrow's
memory, and that is faster than reading categories or than pyarrow's own reader. The clock began before this process did, so importing counts, as it
does for Seesaw; computing the loss does not.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # implicit asks for it: it has threads of its own

import json
import platform
import time

import implicit
import pandas
import scipy.sparse
from implicit.cpu.als import AlternatingLeastSquares

from trial import highest_resident_bytes, loss_over_all_cells, read_trial


def read(order):
    """Confidences 1 + alpha r, users × items."""
    table = pandas.read_csv(order["file"], dtype={"rating": "float32"})
    users, user_ids = pandas.factorize(table["user_id"])
    items, item_ids = pandas.factorize(table["item_id"])
    confidences = 1 + order["alpha"] * table["rating"].to_numpy()
    shape = (len(user_ids), len(item_ids))
    return scipy.sparse.csr_matrix((confidences, (users, items)), shape=shape)


def main():
    order = read_trial()

    def elapsed():
        return time.time() - order["startedMs"] / 1000

    confidences = read(order)
    read_seconds = elapsed()
    model = AlternatingLeastSquares(
        factors=order["rank"],
        regularization=order["regularization"],
        alpha=1.0,
        use_cg=order["solver"] == "cg",
        iterations=order["iterations"],
        num_threads=order["threads"],
        random_state=order["seed"],
    )
    model.cg_steps = order["cgSteps"]
    model.fit(confidences, show_progress=False)
    result = {
        "versions": [
            f"implicit {implicit.__version__} and pandas {pandas.__version__} "
            f"on Python {platform.python_version()}"
        ],
        "readSeconds": read_seconds,
        "seconds": elapsed(),
        "peakBytes": highest_resident_bytes(),
        "ratings": confidences.nnz,
        "users": confidences.shape[0],
        "items": confidences.shape[1],
    }
    if order["withLoss"]:
        factors = model.user_factors, model.item_factors
        result["loss"] = loss_over_all_cells(confidences, *factors, order)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
