"""Runs implicit's recommend for all users at once and prints what it took.

    python3 implicit_top_n.py '{"folder": …, "factors": …, "users": …, "rank": 64, "count": 20, …}'

It gets the factors and the ratings to leave out; benchmarks/lib/top-n-trial.ts says what the object holds.
implicit fills a list that has too few items with id −1 or very low scores; they are written as −1.
"""

import json
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # implicit asks for it: it has threads of its own

import platform
import time

import implicit
import numpy as np
from implicit.cpu.als import AlternatingLeastSquares

from trial import highest_resident_bytes, read_factors, read_ratings, read_trial, restart_peak


def main():
    trial = read_trial()
    count = trial["count"]
    ratings = read_ratings(trial)
    model = AlternatingLeastSquares(factors=trial["rank"], num_threads=trial["threads"])
    for side in ("user", "item"):
        file = os.path.join(trial["factors"], f"{side}.f32")
        setattr(model, f"{side}_factors", read_factors(file, trial["rank"]))
    users = np.arange(trial["users"])

    seconds = []
    restart_peak()
    for _ in range(trial["passes"]):
        start = time.perf_counter()
        ids, scores = model.recommend(users, ratings, N=count, filter_already_liked_items=True)
        seconds.append(time.perf_counter() - start)
    peak_bytes = highest_resident_bytes()

    if "listsTo" in trial:
        padding = (ids < 0) | (scores < -1e30)
        np.where(padding, -1, ids).astype("<i4").tofile(os.path.join(trial["listsTo"], "ids.i32"))
        scores = np.where(padding, -1, scores).astype("<f4")
        scores.tofile(os.path.join(trial["listsTo"], "scores.f32"))
    result = {
        "library": "implicit",
        "version": implicit.__version__,
        "runtime": f"Python {platform.python_version()}",
        "seconds": seconds,
        "peakBytes": peak_bytes,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
