"""Runs Spark MLlib's ALS in local mode on a trial and prints what it took.

    python3 spark_als.py '{"folder": …, "users": …, "rank": 64, "threads": 2, …}'

Spark's confidence is 1 + alpha r, as here. Its λ is multiplied by the number of a row's ratings
(ALS-WR), so the trial has to ask for a regularizationExponent of 1. It always solves exactly, with
Cholesky, and starts on its own, items first: losses agree when both have converged. It does not
tell when an iteration ends: the time of one is that of a short run taken from that of a long one,
after a run that warms the JVM up.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import time
import warnings

import numpy as np
import pyarrow
import pyarrow.parquet
import pyspark
from pyspark.ml.recommendation import ALS
from pyspark.sql import SparkSession

from trial import (
    answer,
    confidences_of,
    highest_resident_bytes,
    loss_over_all_cells,
    processes_below,
    read_column,
    read_ratings,
    read_trial,
    restart_peak,
)


def start_spark(trial):
    """
    A session whose JVM tells nothing; what fails there comes back as an exception. Without a native
    BLAS beside it, Spark takes its own in Java, with vectors.
    """
    warnings.filterwarnings("ignore")
    shown = os.dup(2)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    try:
        return session_of(trial)
    finally:
        os.dup2(shown, 2)


def session_of(trial):
    return (
        SparkSession.builder.master(f"local[{trial['threads']}]")
        .appName("seesaw-benchmark")
        .config("spark.driver.memory", f"{memory_gib() * 6 // 10}g")
        # Each iteration lengthens what a task carries; at twenty the usual stack is too short for it.
        .config("spark.driver.extraJavaOptions", "-Xss64m")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .getOrCreate()
    )


def memory_gib():
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30


def parquet_of(trial):
    """The ratings in a format that Spark reads in parallel, written once."""
    file = os.path.join(trial["folder"], "ratings.parquet")
    if not os.path.exists(file):
        columns = {
            "user": read_column(trial, "users.i32", "<i4"),
            "item": read_column(trial, "items.i32", "<i4"),
            "rating": read_column(trial, "ratings.f32", "<f4"),
        }
        pyarrow.parquet.write_table(pyarrow.table(columns), f"{file}.partial")
        os.rename(f"{file}.partial", file)
    return file


def fit(trial, ratings, iterations):
    als = ALS(
        rank=trial["rank"],
        maxIter=iterations,
        regParam=trial["regularization"],
        implicitPrefs=True,
        alpha=trial["alpha"],
        nonnegative=False,
        seed=trial["seed"],
    )
    start = time.perf_counter()
    model = als.fit(ratings)
    return model, time.perf_counter() - start


def factors_of(table, row_count, rank):
    """Row-major float32 factors; a row without ratings, which Spark leaves out, is zero."""
    table = table.toArrow()
    factors = np.zeros((row_count, rank), dtype=np.float32)
    elements = table["features"].combine_chunks().flatten().to_numpy()
    factors[table["id"].to_numpy()] = elements.reshape(-1, rank)
    return factors


def main():
    trial = read_trial()
    if trial["regularizationExponent"] != 1:
        raise SystemExit("regularizationExponent is not 1; expected 1, for Spark scales λ so")
    file = parquet_of(trial)
    spark = start_spark(trial)
    ratings = spark.read.parquet(file).cache()
    ratings.count()
    fit(trial, ratings, 1)
    processes = processes_below(os.getpid())
    restart_peak(processes)
    _, short = fit(trial, ratings, 1)
    model, long = fit(trial, ratings, trial["iterations"])
    peak_bytes = highest_resident_bytes(processes)
    seconds = [(long - short) / (trial["iterations"] - 1)]

    def loss():
        return loss_over_all_cells(
            confidences_of(read_ratings(trial), trial["alpha"]),
            factors_of(model.userFactors, trial["users"], trial["rank"]),
            factors_of(model.itemFactors, trial["items"], trial["rank"]),
            trial,
        )

    answer(trial, "pyspark", pyspark.__version__, seconds, peak_bytes, loss)
    spark.stop()


if __name__ == "__main__":
    main()
