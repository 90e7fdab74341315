"""Parts of the rendered portraits: closed, mirrored, in their places."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from lib.scene import camera, head, parts, rasteriser
from lib.scene.capture import Camera, Capture, Clothing
from lib.scene.kinds import Kind
from lib.scene.look import Earrings, Glasses, HairStyle, Hat, Look, MakeUp, Necklace
from lib.scene.parts import grids
from lib.scene.parts.torso import neckline_height, torso_surface

BLACK, WHITE = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
HAIR = HairStyle(
    "bun", BLACK, 1.0, 0.0, 0.0, 0.0, (9.0,) * 3, (3.0,) * 2, "back", 0.0, 0.0, 0.0, 0.0, 1.0, 28.0
)
PLAIN = Look(
    dataclasses.replace(HAIR, bun=0.0), None, MakeUp(0.0, BLACK, 0.0, 0.0, 0.0, BLACK, 0.0),
    None, None, None, None,
)  # fmt: skip
CLOTHING = Clothing(18.0, -150.0, 30.0, 0.5, WHITE, BLACK, 0, 10.0, 0.1, 0.0)
GLASSES = Glasses(24.0, 18.0, 3.0, 1.4, BLACK, False, WHITE)
CAPTURE = Capture(
    None, PLAIN, None, (0.0, 0.0), None, (), None, CLOTHING, None, 1.0, 1.0, 1.0
)  # fmt: skip
BEANIE, CAP = Hat(6.0, 3.0, 0.0, 42.0, True, WHITE), Hat(4.0, 0.0, 45.0, 40.0, False, WHITE)


def sites(opening: float = 0.0) -> parts.Sites:
    skull = head.load()
    expression = np.zeros(len(head.EXPRESSIONS), np.float32)
    expression[head.EXPRESSIONS.index("jaw_open")] = opening
    return parts.locate(skull, np.zeros(len(head.IDENTITY_MODES), np.float32), expression)


def assemble(opening: float = 0.0, gaze=(0.0, 0.0), **look) -> list[parts.Part]:
    worn = dataclasses.replace(PLAIN, **look)
    return parts.assemble(dataclasses.replace(CAPTURE, look=worn, gaze=gaze), sites(opening))


def dressed() -> list[parts.Part]:
    things = {"glasses": GLASSES, "earrings": Earrings(3.0, 9.0, WHITE)}
    return [
        *assemble(0.5, **things, necklace=Necklace(20.0, 1.2, WHITE), hat=CAP),
        *(part for part in assemble(hair=HAIR) if part.kind == Kind.BUN),
    ]


def of_kind(found: list[parts.Part], kind: Kind) -> list[parts.Part]:
    return [part for part in found if part.kind == kind]


def volume(part: parts.Part) -> float:
    """Signed volume by the divergence theorem: positive when triangles face outwards."""
    a, b, c = (part.vertices[part.triangles[:, k]].astype(float) for k in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6)


def is_closed(part: parts.Part) -> bool:
    """Every edge, by place, is run along as often one way as the other."""
    _, place = np.unique(part.vertices.round(3), axis=0, return_inverse=True)
    corners = place.ravel()[part.triangles]
    edges = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]])
    edges = edges[edges[:, 0] != edges[:, 1]]
    forward, backward = np.unique(edges, axis=0, return_counts=True), edges[:, ::-1]
    backward = np.unique(backward, axis=0, return_counts=True)
    return np.array_equal(forward[0], backward[0]) and np.array_equal(forward[1], backward[1])


def test_every_part_is_a_mesh_as_promised():
    found = dressed()
    missing = {Kind.SKIN, Kind.LID_RIM, Kind.INNER_LIP}
    assert {part.kind for part in found} == set(Kind) - missing
    for part in found:
        assert part.vertices.dtype == part.coordinates.dtype == np.float32
        assert part.triangles.dtype == np.int32
        assert len(part.vertices) == len(part.coordinates)
        assert np.isfinite(part.vertices).all()
        assert set(np.unique(part.triangles)) <= set(range(len(part.vertices)))


CLOSED = (Kind.EYE, Kind.EAR, Kind.TONGUE, Kind.BUN, Kind.FRAME, Kind.LENS)


@pytest.mark.parametrize("kind", (*CLOSED, Kind.EARRING, Kind.NECKLACE), ids=lambda kind: kind.name)
def test_solids_are_closed_and_face_outwards(kind):
    for part in of_kind(dressed(), kind):
        assert is_closed(part)
        assert volume(part) > 0


def test_a_globe_has_the_volume_of_a_ball():
    ball = grids.globe(40, 80)
    part = parts.Part(Kind.BUN, 10 * ball, grids.globe_triangles(40, 80), ball[:, :2])
    assert volume(part) == pytest.approx(4 / 3 * np.pi * 1000, rel=0.01)


def test_a_tube_has_the_volume_of_a_cylinder_and_of_a_torus():
    straight = np.linspace(0, 1, 20)[:, None] * [50.0, 0.0, 0.0]
    angle = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    ring = 20 * np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=-1)
    for curve, closed, length in ((straight, False, 50.0), (ring, True, 40 * np.pi)):
        vertices, triangles = grids.tube(curve, (2.0, 3.0), (0, 0, 1), closed=closed, sides=40)
        part = parts.Part(Kind.FRAME, vertices, triangles, vertices[:, :2])
        assert is_closed(part)
        assert volume(part) == pytest.approx(np.pi * 2 * 3 * length, rel=0.02)


@pytest.mark.parametrize("gaze", [(0.0, 0.0), (25.0, 0.0), (-20.0, 12.0)])
def test_the_pupils_look_where_they_are_asked_to(gaze):
    yaw, pitch = np.radians(gaze)
    asked = [np.sin(yaw) * np.cos(pitch), -np.sin(pitch), np.cos(yaw) * np.cos(pitch)]
    for part, centre in zip(
        of_kind(assemble(gaze=gaze), Kind.EYE), sites().eye_centres, strict=True
    ):
        pupil = part.vertices[np.linalg.norm(part.coordinates, axis=1) < 1.0].mean(axis=0) - centre
        if gaze[0] == 0 or abs(pupil[0]) < 7:
            assert np.allclose(pupil / np.linalg.norm(pupil), asked, atol=0.03)
        assert 12 < np.linalg.norm(pupil) < 14


def test_the_white_of_the_eye_stays_in_the_socket():
    still, turned = (of_kind(assemble(gaze=gaze), Kind.EYE)[1] for gaze in ((0, 0), (25, 0)))
    corner = still.vertices[:, 0].min() + 2.0
    for eye in (still, turned):
        pink = (eye.coordinates[:, 0] < -10.5) & (eye.vertices[:, 2] > 80)
        assert pink.any()
        assert eye.vertices[pink, 0].max() < corner + 1.5


@pytest.mark.parametrize("kind", [Kind.EYE, Kind.EAR, Kind.EARRING, Kind.LENS])
def test_right_parts_mirror_left_ones(kind):
    right, left = of_kind(dressed(), kind)
    assert (right.side, left.side) == (-1, 1)
    mirrored = left.vertices * np.array([-1, 1, 1], np.float32)
    distance = np.linalg.norm(right.vertices[:, None] - mirrored[None], axis=-1)
    assert distance.min(axis=1).max() < 0.3


def test_lower_teeth_follow_the_jaw_and_upper_ones_do_not():
    teeth = {opening: of_kind(assemble(opening), Kind.TEETH) for opening in (0.0, 1.0)}
    (upper, lower), (upper_open, lower_open) = teeth[0.0], teeth[1.0]
    assert (upper.side, lower.side) == (1, -1)
    assert np.array_equal(upper.vertices, upper_open.vertices)
    fall = (lower.vertices - lower_open.vertices)[:, 1]
    front = np.abs(lower.coordinates[:, 0]) < 5
    assert 20 < fall[front].mean() < 35
    assert fall[front].mean() > fall[~front].mean()


def test_teeth_have_the_sizes_of_teeth():
    upper, lower = of_kind(assemble(), Kind.TEETH)
    for part, width in ((upper, 50.0), (lower, 46.0)):
        assert np.ptp(part.vertices[:, 0]) == pytest.approx(width, abs=4)
        middle = np.abs(part.coordinates[:, 0]) < 4
        crown = middle & (part.coordinates[:, 1] >= 0)
        assert 7 < np.ptp(part.vertices[crown, 1]) < 11
    edge = upper.coordinates[:, 1] == upper.coordinates[:, 1].max()
    assert upper.vertices[edge, 1].max() < upper.vertices[upper.coordinates[:, 1] < 0, 1].min()


def visible_kinds(found: list[parts.Part], yaw: float) -> set[Kind]:
    view = Camera(yaw, 0.0, 0.0, 1200.0, 240.0, (0.0, 0.0))
    picture, starts = rasteriser.empty(120), np.cumsum([0] + [len(p.triangles) for p in found])
    for part, start in zip(found, starts, strict=False):
        points = camera.project(part.vertices, view, 120)
        two_sided = np.full(len(part.triangles), part.two_sided)
        rasteriser.fill_triangles(
            points, part.triangles, two_sided, start, picture.depth, picture.owner, picture.weights
        )
    owner = picture.owner[picture.owner >= 0]
    return {found[k].kind for k in np.searchsorted(starts, np.unique(owner), side="right") - 1}


@pytest.mark.parametrize("yaw", [0.0, 40.0])
def test_a_closed_mouth_hides_what_is_in_it(yaw):
    model = head.load()
    shape = np.zeros(len(head.IDENTITY_MODES), np.float32)
    inside = {Kind.TEETH, Kind.TONGUE, Kind.MOUTH_BACK}
    for opening in (0.0, 0.6):
        expression = np.zeros(len(head.EXPRESSIONS), np.float32)
        expression[head.EXPRESSIONS.index("jaw_open")] = opening
        vertices = model.shape(shape, expression)
        none = np.zeros((len(vertices), 2), np.float32)
        skin = parts.Part(Kind.SKIN, vertices, model.triangles, none, two_sided=False)
        seen = visible_kinds([skin, *assemble(opening)], yaw) & inside
        assert bool(seen) == (opening > 0)


@pytest.mark.parametrize("worn", [BEANIE, CAP])
def test_a_hat_covers_the_skull(worn):
    """Seen from inside the head, the hat lies beyond the skull in every direction it covers."""
    hat, skull = of_kind(assemble(hat=worn), Kind.HAT)[0], sites().skull
    middle = np.array([0.0, 30.0, 0.0])
    rays, outside = skull.reshape(-1, 3) - middle, hat.vertices - middle
    covered = rays[:, 1] > worn.line + 8 - middle[1]
    lengths = np.linalg.norm(rays, axis=1), np.linalg.norm(outside, axis=1)
    rays, outside = rays / lengths[0][:, None], outside / lengths[1][:, None]
    nearest = (rays[covered] @ outside.T).argmax(axis=1)
    assert (lengths[1][nearest] > lengths[0][covered] + 2.0).all()
    assert hat.vertices[:, 1].max() < skull[..., 1].max() + 30


def test_only_a_cap_has_a_brim_and_it_points_forwards():
    assert len(of_kind(assemble(hat=BEANIE), Kind.HAT)) == 1
    crown, brim = of_kind(assemble(hat=CAP), Kind.HAT)
    reach = brim.vertices[:, 2].max() - crown.vertices[:, 2].max()
    assert reach == pytest.approx(CAP.brim, abs=8)
    assert (brim.coordinates[:, 1] < 0).all()


def test_ears_have_the_size_of_ears():
    ear = of_kind(assemble(), Kind.EAR)[1]
    size = np.ptp(ear.vertices, axis=0)
    assert 60 < size[1] < 70
    anchor = sites().ears[1]
    assert 12 < ear.vertices[:, 0].max() - anchor[0] < 24
    assert ear.coordinates[:, 0].min() >= 0
    assert ear.coordinates[:, 0].max() <= 1


def test_a_row_of_the_torso_runs_along_the_neckline():
    torso = of_kind(assemble(), Kind.TORSO)[0]
    angle, height = torso.coordinates.T
    border = neckline_height(angle, CLOTHING.neckline + 18, CLOTHING.depth, CLOTHING.width)
    on_it = np.abs(height - border) < 1e-3
    assert on_it.sum() == 2 * len(np.unique(angle))
    front = border[np.abs(angle) < 0.05].mean()
    assert front == pytest.approx(-150 + 18 - 30, abs=2)


def test_a_necklace_lies_on_the_torso():
    chain = of_kind(dressed(), Kind.NECKLACE)[0]
    angle, height = np.meshgrid(np.linspace(-3, 3, 121), np.linspace(-230, -118, 113))
    surface = torso_surface(angle, height, CLOTHING).reshape(-1, 3)
    distance = [np.linalg.norm(surface - point, axis=1).min() for point in chain.vertices[::5]]
    assert max(distance) < 8.0
    assert chain.vertices[:, 1].min() < chain.vertices[:, 1].max() - 20


def test_shoulders_are_as_broad_as_shoulders():
    torso = of_kind(assemble(), Kind.TORSO)[0]
    assert 420 < np.ptp(torso.vertices[:, 0]) < 500


def test_lenses_stand_before_the_eyes_and_temples_reach_the_ears():
    found = dressed()
    for lens, eye in zip(of_kind(found, Kind.LENS), of_kind(found, Kind.EYE), strict=True):
        assert 3 < lens.vertices[:, 2].min() - eye.vertices[:, 2].max() + 5 < 20
        assert np.ptp(lens.vertices[:, 0]) == pytest.approx(2 * GLASSES.width, abs=1)
    frame = of_kind(found, Kind.FRAME)[0]
    assert frame.vertices[:, 2].min() < sites().ears[0, 2]
    assert 130 < np.ptp(frame.vertices[:, 0]) < 165


def test_nothing_is_worn_that_is_not_asked_for():
    worn = {Kind.BUN, Kind.HAT, Kind.FRAME, Kind.LENS, Kind.EARRING, Kind.NECKLACE}
    assert not worn & {part.kind for part in assemble()}
    assert not of_kind(assemble(hair=HAIR, hat=BEANIE), Kind.BUN)
