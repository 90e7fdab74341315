"""System S4: a face from its part map, the colours of its parts and its ID, and a changed one.

faces = sources.semantic(path, sources.rendered(...))
batches = faces.split("train").batches(8, fields=map_to_face.FIELDS, arrange=map_to_face.arrange)
model = map_to_face.MapToFace(size=64, width=16, design=map_to_face.DESIGNS["manipulate"])
model.compile(keras.optimizers.Adam(2e-4, beta_1=0.5))
rebuilt = map_to_face.paint(model, parts, colours, identity)
changed = map_to_face.paint(model, another_persons_parts, colours, identity)
"""

from lib.gans.map_to_face.batches import (
    FIELDS,
    NAMES,
    Account,
    account_of,
    arrange,
    given,
    on_black,
)
from lib.gans.map_to_face.designs import DESIGNS, Design
from lib.gans.map_to_face.model import MapToFace, paint
from lib.gans.map_to_face.terms import TERMS, mean_colours, overlap

__all__ = [
    "DESIGNS",
    "FIELDS",
    "NAMES",
    "TERMS",
    "Account",
    "Design",
    "MapToFace",
    "account_of",
    "arrange",
    "given",
    "mean_colours",
    "on_black",
    "overlap",
    "paint",
]
