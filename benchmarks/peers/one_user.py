"""Asks implicit and hnswlib for the best items of one user after the other, and prints what each took.

    python3 one_user.py '{"factors": folder, "rank": 64, "count": 20, "users": [...]}'

The folder holds user.f32 and item.f32, and seen.json: what each of the users rated. hnswlib searches inner
products without leaving anything out; recall is beside the exact list without leaving anything out. Its index
takes long to build, and is kept in the file `kept` for the next time.
"""

import json
import os
import sys
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np


def timed(users, ask):
    seconds, lists = [], []
    for user in users:
        start = time.perf_counter()
        lists.append(ask(user))
        seconds.append(time.perf_counter() - start)
    return seconds, lists


def main():
    trial = json.loads(sys.argv[1])
    rank, count, users = trial["rank"], trial["count"], trial["users"]
    read = lambda side: np.fromfile(os.path.join(trial["factors"], f"{side}.f32"), "<f4").reshape(-1, rank)
    user_factors, item_factors = read("user"), read("item")
    result = {}
    try:
        import scipy.sparse
        from implicit.cpu.als import AlternatingLeastSquares

        model = AlternatingLeastSquares(factors=rank, num_threads=1)
        model.user_factors, model.item_factors = user_factors, item_factors
        with open(os.path.join(trial["factors"], "seen.json")) as file:
            seen = json.load(file)
        rows = {
            user: scipy.sparse.csr_matrix(
                (np.ones(len(items)), (np.zeros(len(items)), items)), shape=(1, len(item_factors))
            )
            for user, items in zip(users, seen)
        }
        seconds, _ = timed(users[:30], lambda user: model.recommend(user, rows[user], N=count))
        result["implicit"] = {"seconds": seconds}
    except ImportError:
        pass
    try:
        import hnswlib

        start = time.perf_counter()
        index = hnswlib.Index(space="ip", dim=rank)
        kept = f"{trial['kept']}-{trial['build']}"
        if os.path.exists(f"{kept}.json"):
            index.load_index(f"{kept}.bin", max_elements=len(item_factors))
            with open(f"{kept}.json") as file:
                built = json.load(file)
        else:
            index.init_index(max_elements=len(item_factors), ef_construction=trial["build"], M=16)
            index.set_num_threads(2)
            index.add_items(item_factors)
            built = time.perf_counter() - start
            index.save_index(f"{kept}.bin")
            with open(f"{kept}.json", "w") as file:
                json.dump(built, file)
        index.set_num_threads(1)
        exact = [np.argsort(-(item_factors @ user_factors[user]))[:count] for user in users[:100]]
        for ef in (20, 200, 1000):
            index.set_ef(ef)
            seconds, lists = timed(users[:100], lambda user: index.knn_query(user_factors[user], count)[0][0])
            recall = np.mean([len(set(a) & set(b)) / count for a, b in zip(lists, exact)])
            result[f"hnswlib, ef {ef}"] = {"seconds": seconds, "recall": recall, "buildSeconds": built}
    except ImportError:
        pass
    print(json.dumps(result))


if __name__ == "__main__":
    main()
