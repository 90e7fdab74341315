"""How TensorFlow shares out the cores of a machine."""

from __future__ import annotations

import os

WITHIN, BETWEEN = "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"
"""TensorFlow's own variables: threads of one operation, and operations at a time."""

AT_ONCE = 2


def share_out(cores: int) -> tuple[int, int]:
    """Return how many threads an operation gets, and how many operations run at a time.

    Args:
        cores: of the machine.
    """
    return max(1, cores // AT_ONCE), AT_ONCE


def two_at_a_time() -> bool:
    """Have TensorFlow run two operations at a time, each on half of the cores.

    By default every operation is cut into as many pieces as there are cores. The convolutions of a
    cycle of small networks are too small for that, but its two ways, there and back, do not depend
    on each other: on two cores a step of lesson 13's takes 25 ms for 52. Large networks lose a
    tenth by it. Call this before TensorFlow computes anything.

    Returns:
        Whether it was done: not on another backend, nor on a GPU, nor where somebody has set the
        number of threads, as `make run-all` does for lessons that run beside each other.

    Raises:
        RuntimeError: if TensorFlow has begun to compute; the message says what to do.
    """
    import keras

    if keras.backend.backend() != "tensorflow" or {WITHIN, BETWEEN} & set(os.environ):
        return False
    import joblib
    import tensorflow

    if tensorflow.config.list_physical_devices("GPU"):
        return False
    within, between = share_out(joblib.cpu_count())
    threading = tensorflow.config.threading
    try:
        threading.set_intra_op_parallelism_threads(within)
        threading.set_inter_op_parallelism_threads(between)
    except RuntimeError as error:
        remedy = "restart the kernel and call two_at_a_time first"
        raise RuntimeError(f"TensorFlow has begun to compute on other threads; {remedy}") from error
    return True
