"""System S5: renders of a morphable model become photos of people who do not exist.

sets = translation_sets.prepare(folder, people=220, photographed=220, captures=5, size=64, seed=31)
train = {name: faces.split("train") for name, faces in sets.items()}
model = plans.new_model("ours", plan, len(train["renders"].identities))
batches = plans.stream(
    train["renders"], train["photos"], paired(train["photos"]), "ours", plan, seed=0
)
photos = render_to_photo.translate(model, renders)
renders = render_to_photo.translate(model, photos, backwards=True)
"""

from lib.gans.render_to_photo.designs import DESIGNS, Design
from lib.gans.render_to_photo.model import RenderToPhoto, confidence, translate
from lib.gans.render_to_photo.softness import measure_softness
from lib.gans.render_to_photo.terms import TERMS, face_of

__all__ = [
    "DESIGNS",
    "TERMS",
    "Design",
    "RenderToPhoto",
    "confidence",
    "face_of",
    "measure_softness",
    "translate",
]
