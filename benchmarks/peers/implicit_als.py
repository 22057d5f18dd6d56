"""Runs implicit's AlternatingLeastSquares on a trial and prints what it took.

    python3 implicit_als.py '{"folder": …, "users": …, "rank": 64, "solver": "cg", …}'

implicit takes the confidence itself from the matrix: there is no 1 + as in Hu, Koren, Volinsky, and
its alpha only multiplies the matrix. So the matrix holds 1 + alpha r and its alpha stays 1. Its
regularization is a plain λ on every row, as here. It solves users first, as Seesaw does, and starts
from the same factors, so the loss after equal iterations differs by rounding alone.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # implicit asks for it: it has threads of its own

import implicit
from implicit.cpu.als import AlternatingLeastSquares

from trial import (
    answer,
    confidences_of,
    highest_resident_bytes,
    loss_over_all_cells,
    read_ratings,
    read_start,
    read_trial,
    restart_peak,
)


def main():
    trial = read_trial()
    confidences = confidences_of(read_ratings(trial), trial["alpha"])

    model = AlternatingLeastSquares(
        factors=trial["rank"],
        regularization=trial["regularization"],
        alpha=1.0,
        use_cg=trial["solver"] == "cg",
        iterations=trial["iterations"],
        num_threads=trial["threads"],
    )
    model.cg_steps = trial["cgSteps"]
    model.user_factors = read_start(trial, "user")
    model.item_factors = read_start(trial, "item")

    seconds = []
    restart_peak()
    model.fit(
        confidences,
        show_progress=False,
        callback=lambda iteration, elapsed, loss: seconds.append(elapsed),
    )
    peak_bytes = highest_resident_bytes()

    def loss():
        return loss_over_all_cells(confidences, model.user_factors, model.item_factors, trial)

    answer(trial, "implicit", implicit.__version__, seconds, peak_bytes, loss)


if __name__ == "__main__":
    main()
