"""Runs cmfrec's CMF_implicit on a trial and prints what it took.

    python3 cmfrec_als.py '{"folder": …, "users": …, "rank": 64, "solver": "cg", …}'

cmfrec's confidence is 1 + alpha r and its λ is plain, as here. It cannot be given starting factors
and does not tell when an iteration ends: the time of one iteration is that of a short run taken
from that of a long one. With Cholesky it reaches the same loss from its own start; its conjugate
gradient starts from another residual and stops at a higher loss, so that is a figure of speed only.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # rows are shared out among threads; BLAS stays inside one

import importlib.metadata
import time

from cmfrec import CMF_implicit

from trial import (
    answer,
    confidences_of,
    highest_resident_bytes,
    loss_over_all_cells,
    read_ratings,
    read_trial,
    restart_peak,
)


def fit(trial, ratings, iterations):
    model = CMF_implicit(
        k=trial["rank"],
        lambda_=trial["regularization"],
        alpha=trial["alpha"],
        use_cg=trial["solver"] == "cg",
        max_cg_steps=trial["cgSteps"],
        finalize_chol=False,
        niter=iterations,
        precompute_for_predictions=False,
        use_float=True,
        random_state=trial["seed"],
        nthreads=trial["threads"],
        handle_interrupt=False,
        verbose=False,
    )
    start = time.perf_counter()
    model.fit(ratings)
    return model, time.perf_counter() - start


def main():
    trial = read_trial()
    ratings = read_ratings(trial).tocoo()
    restart_peak()
    _, short = fit(trial, ratings, 1)
    model, long = fit(trial, ratings, trial["iterations"])
    peak_bytes = highest_resident_bytes()
    seconds = [(long - short) / (trial["iterations"] - 1)]
    version = importlib.metadata.version("cmfrec")

    def loss():
        confidences = confidences_of(ratings, trial["alpha"])
        return loss_over_all_cells(confidences, model.A_, model.B_, trial)

    answer(trial, "cmfrec", version, seconds, peak_bytes, loss)


if __name__ == "__main__":
    main()
