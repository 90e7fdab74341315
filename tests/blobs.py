"""A small dataset that shows a blob in every kind of field, which the tests of batches share."""

import numpy as np

from lib import store
from lib.store import Field

SIDE = 48
RASTERS = {
    "photo": Field("photo", (SIDE, SIDE, 3)),
    "diffuse": Field("diffuse", (SIDE, SIDE, 3)),
    "mask": Field("mask", (SIDE, SIDE, 1), kind="mask"),
    "labels": Field("labels", (SIDE, SIDE), kind="labels"),
}
FIELDS = [
    *RASTERS.values(),
    Field("landmarks", (68, 2), "float32", "landmarks"),
    Field("number", (1,), "int64", "vector"),
]
NUMBER = 23


def make(index, generator):
    """Give a sample whose fields all show one blob, at landmark 36, on the subject's right eye."""
    points = generator.uniform(18, 30, (68, 2)).astype(np.float32)
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    distance = np.hypot(columns - points[36, 0], rows - points[36, 1])
    photo = np.repeat(np.clip(250 - 40 * distance, 0, 255)[..., None], 3, axis=2)
    return {
        "photo": photo.astype(np.uint8),
        "diffuse": (photo / 2).astype(np.uint8),
        "mask": (distance < 4).astype(np.uint8)[..., None],
        "labels": np.where(distance < 4, 5, 1).astype(np.uint8),
        "landmarks": points,
        "number": np.array([index]),
    }


def build(path):
    """Write the dataset into a new folder."""
    samples = [(str(index), str(index)) for index in range(NUMBER)]
    return store.build(path, FIELDS, samples, make, 0, source="", licence="", progress=False)
