"""How well results keep a person's identity, from the descriptors of their faces."""

from __future__ import annotations

import numpy as np

from lib.metrics.arrays import ScoreError, require_features


def identity_distance(found: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return how far each face lies from the person it should show.

    Args:
        found: descriptors (N, 128) of the results, from `lib.faces.identity`; NaN for no face.
        truth: descriptors (N, 128) of the true pictures, row by row.

    Returns:
        float64 (N,); usually below 0.6 for one person, 0.8 on average between strangers.

    Raises:
        ScoreError: if the shapes differ.
    """
    found, truth = require_features(found, truth)
    if len(found) != len(truth):
        raise ScoreError(f"found {len(found)} descriptors, expected {len(truth)}, one for each")
    return np.linalg.norm(found - truth, axis=1)


def verification_rate(distances: np.ndarray, threshold: float) -> float:
    """Return the share of pairs accepted as one person, as `lib.faces.verification` accepts.

    Args:
        distances: (N,); NaN, a face that was not found, is refused.
        threshold: accepted at most this far apart; dlib's is `identity.SAME_PERSON`, 0.6.

    Returns:
        0..1; NaN without pairs.
    """
    distances = np.asarray(distances, np.float64)
    return float(np.mean(distances <= threshold)) if distances.size else float("nan")
