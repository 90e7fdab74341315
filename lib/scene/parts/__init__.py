"""Everything of a portrait that is neither the head's skin nor its hair, as meshes.

sites = parts.locate(head, person.shape, capture.expression)
meshes = parts.assemble(capture, sites)
"""

from __future__ import annotations

from lib.scene.capture import Capture
from lib.scene.parts.ears import lobe, make_ear
from lib.scene.parts.eyes import make_eye, make_socket
from lib.scene.parts.glasses import make_glasses
from lib.scene.parts.hat import make_hat
from lib.scene.parts.jewellery import make_bun, make_earring, make_necklace
from lib.scene.parts.mouth import behind_lips, make_back, make_teeth, make_tongue
from lib.scene.parts.part import Part
from lib.scene.parts.sites import Sites, locate
from lib.scene.parts.torso import make_torso

__all__ = ["Part", "Sites", "assemble", "locate"]


def assemble(capture: Capture, sites: Sites) -> list[Part]:
    """Make all the parts of one picture but the head and its strands of hair.

    Args:
        capture: what there is to see.
        sites: where on the head the parts sit.

    Returns:
        The parts: eyes, ears, teeth, tongue, mouth, torso, then what the look adds: bun, hat,
        glasses, earrings, necklace. Lenses come last, as they are seen through.
    """
    return [*_body(capture, sites), *_accessories(capture, sites)]


def _body(capture: Capture, sites: Sites) -> list[Part]:
    sides = (-1, 1)
    upper, lower = (behind_lips(sites.mouth, hollow) for hollow in sites.hollows)
    ears = zip(sites.ears, sides, strict=True)
    return [
        *(make_eye(sites.eye_centres[k], capture.gaze, sides[k]) for k in (0, 1)),
        *(make_socket(sites.eye_centres[k], sides[k]) for k in (0, 1)),
        *(make_ear(place, side, sites.ear_size, sites.ear_flare) for place, side in ears),
        make_teeth(upper, sites.jaw_opening, upper=True),
        make_teeth(lower, sites.jaw_opening, upper=False),
        make_tongue(lower, sites.jaw_opening),
        make_back(sites.mouth, sites.jaw_opening),
        make_torso(capture.clothing, sites.neck_width),
    ]


def _accessories(capture: Capture, sites: Sites) -> list[Part]:
    look = capture.look
    parts = []
    if look.hair.bun > 0.0 and look.hat is None:
        parts.append(make_bun(sites.skull, look.hair.bun))
    if look.hat is not None:
        parts += make_hat(sites.skull, look.hat)
    if look.earrings is not None:
        for place, side in zip(sites.ears, (-1, 1), strict=True):
            pierced = lobe(place, side, sites.ear_size, sites.ear_flare)
            parts.append(make_earring(look.earrings, pierced, side))
    if look.necklace is not None:
        parts.append(make_necklace(look.necklace, capture.clothing, sites.neck_width))
    if look.glasses is not None:
        parts += make_glasses(look.glasses, sites.eye_centres, sites.nasion, sites.ears)
    return parts
