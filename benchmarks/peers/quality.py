"""Runs a peer iteration by iteration and prints loss, NDCG@20 and seconds after each of them.

    python3 quality.py '{"library": "implicit", "folder": …, "rank": 64, "solver": "cg", "iterations": 15, …}'

The libraries start from factors of their own. The clock stands still while loss and NDCG are computed.

implicit tells when an iteration ends (`callback`). cmfrec does not, so it is run again for every number
of iterations from 1 on, always from the same seed, and timed as a whole each time. Its conjugate gradient minimises
another objective; see cmfrec_als.py.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import json
import platform

import numpy as np

from trial import confidences_of, loss_over_all_cells, read_ratings, read_trial


def main():
    trial = read_trial()
    ratings = read_ratings(trial)
    measure = Quality(trial, ratings)
    run = {"implicit": run_implicit, "cmfrec": run_cmfrec}[trial["library"]]
    version = run(trial, ratings, measure)
    result = {
        "library": trial["library"],
        "version": version,
        "runtime": f"Python {platform.python_version()}",
        "seconds": measure.seconds,
        "losses": measure.losses,
        "ndcgs": measure.ndcgs,
    }
    print(json.dumps(result))


def run_implicit(trial, ratings, measure):
    import implicit
    from implicit.cpu.als import AlternatingLeastSquares

    confidences = confidences_of(ratings, trial["alpha"])
    model = AlternatingLeastSquares(
        factors=trial["rank"],
        regularization=trial["regularization"],
        alpha=1.0,
        use_cg=trial["solver"] == "cg",
        iterations=trial["iterations"],
        num_threads=trial["threads"],
        random_state=trial["seed"],
    )
    spent = 0.0

    def callback(iteration, elapsed, loss):
        nonlocal spent
        spent += elapsed
        measure(spent, model.user_factors, model.item_factors)

    model.fit(confidences, show_progress=False, callback=callback)
    return implicit.__version__


def run_cmfrec(trial, ratings, measure):
    import importlib.metadata

    from cmfrec_als import fit

    entries = ratings.tocoo()
    for iterations in range(1, trial["iterations"] + 1):
        model, seconds = fit(trial, entries, iterations)
        measure(seconds, model.A_, model.B_)
    return importlib.metadata.version("cmfrec")


class Quality:
    """Collects what was reached, and when."""

    def __init__(self, trial, ratings):
        self.trial = trial
        self.ratings = ratings
        self.confidences = confidences_of(ratings, trial["alpha"])
        self.seconds = []
        self.losses = []
        self.ndcgs = []
        pairs = np.fromfile(trial["test"], dtype="<i4").reshape(2, -1)
        self.withheld = {}
        for user, item in pairs.T:
            self.withheld.setdefault(int(user), set()).add(int(item))
        # The same users as in quality-worker.ts: evenly spread over those who have any.
        users = sorted(self.withheld)
        count = min(trial["testUsers"], len(users))
        self.users = [users[i * len(users) // count] for i in range(count)]

    def __call__(self, seconds, user_factors, item_factors):
        self.seconds.append(seconds)
        self.losses.append(
            loss_over_all_cells(self.confidences, user_factors, item_factors, self.trial)
        )
        if self.users:
            self.ndcgs.append(self.ndcg(user_factors, item_factors))

    def ndcg(self, user_factors, item_factors, k=20):
        gains = 1 / np.log2(np.arange(2, k + 2))
        total = 0.0
        for user in self.users:
            scores = item_factors @ user_factors[user]
            seen = self.ratings.indices[self.ratings.indptr[user] : self.ratings.indptr[user + 1]]
            scores[seen] = -np.inf
            best = np.argpartition(-scores, k)[:k]
            best = best[np.argsort(-scores[best], kind="stable")]
            relevant = self.withheld[user]
            hits = np.fromiter((int(item) in relevant for item in best), bool, k)
            total += gains[hits].sum() / gains[: min(k, len(relevant))].sum()
        return total / len(self.users)


if __name__ == "__main__":
    main()
