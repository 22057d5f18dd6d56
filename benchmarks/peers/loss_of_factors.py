"""Prints the loss over all cells of factors in files, to check the one that Seesaw reports.

    python3 loss_of_factors.py '{"folder": …, "factorsTo": …, "users": …, "rank": 64, …}'
"""

import json
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"

from trial import confidences_of, loss_over_all_cells, read_factors, read_ratings, read_trial

trial = read_trial()
user_factors, item_factors = (
    read_factors(os.path.join(trial["factorsTo"], f"{side}.f32"), trial["rank"])
    for side in ("user", "item")
)
confidences = confidences_of(read_ratings(trial), trial["alpha"])
loss = loss_over_all_cells(confidences, user_factors, item_factors, trial)
print(json.dumps({"loss": loss}))
