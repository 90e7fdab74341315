"""Captures are stored without loss, swept one thing at a time, and posed as in real photos."""

import dataclasses
import json
import math
import os
import pathlib

import numpy as np
import pytest

from lib.scene import head
from lib.scene.camera import rotation
from lib.scene.capture import Capture, Environment, Light
from lib.scene.fitted import FittedColour, FittedFace, FittedLight, read
from lib.scene.sampling import fitted, light, sample, streams, sweeps
from lib.scene.sampling.records import describe, from_json, to_json
from lib.scene.validity import require_renderable

REAL = pathlib.Path(os.environ.get("FACE_LAB_REAL", ""))


def changed(first, second):
    """Name the leaves in which two captures differ."""
    one, other = describe(first), describe(second)
    return {place for place in one.keys() | other.keys() if one.get(place) != other.get(place)}


def groups(places):
    return {place.split(".")[0] for place in places}


# ---------------------------------------------------------------- records


def test_captures_survive_json():
    for capture in (sample(11, identity, 0) for identity in range(60)):
        text = to_json(capture)
        copy = from_json(text)
        assert isinstance(copy, Capture)
        assert to_json(copy) == text
        assert copy.look == capture.look and copy.camera == capture.camera
        assert copy.lights == capture.lights and copy.background == capture.background
        assert copy.expression.dtype == np.float32
        assert np.array_equal(copy.person.shape, capture.person.shape)


def test_a_record_with_an_unknown_field_is_refused():
    record = json.loads(to_json(sample(0, 0, 0)))
    record["camera"]["zoom"] = 2
    with pytest.raises(ValueError, match=r"found a Camera in which \['zoom'\]"):
        from_json(json.dumps(record))


def test_what_was_drawn_cannot_be_changed_by_accident():
    capture = sample(0, 0, 0)
    with pytest.raises(ValueError, match="read-only"):
        capture.person.shape[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        capture.expression[0] = 1


# ---------------------------------------------------------------- sweeps


def test_sweeps_change_exactly_the_thing_named():
    capture = sample(5, 1, 0)
    turned = sweeps.poses(capture, [-20, 0, 20])
    assert [one.camera.yaw for one in turned] == [-20, 0, 20]
    assert changed(turned[0], turned[2]) == {"camera.yaw"}

    lit = sweeps.lights(capture, [-60, 0, 60])
    assert groups(changed(lit[0], lit[2])) == {"lights"}
    left, right = lit[0].lights[0], lit[2].lights[0]
    assert left.colour == right.colour
    assert right.direction[0] == -left.direction[0] > 0

    smiles = sweeps.expressions(capture, "smile", [0, 0.5, 1])
    index = head.EXPRESSIONS.index("smile")
    assert changed(smiles[0], smiles[2]) == {f"expression.{index}"}
    assert [one.expression[index] for one in smiles] == [0, 0.5, 1]
    with pytest.raises(ValueError, match="found expression 'grin'"):
        sweeps.expressions(capture, "grin", [0])


def test_the_way_between_two_people_ends_at_both_and_is_even():
    first, second = sample(5, 1, 0), sample(5, 2, 0)
    way = sweeps.between(first, second, 5)
    assert len(way) == 5
    assert [to_json(way[0]), to_json(way[-1])] == [to_json(first), to_json(second)]
    for step, one in enumerate(way):
        share = step / 4
        shape = (1 - share) * first.person.shape + share * second.person.shape
        assert one.person.shape == pytest.approx(shape, abs=1e-6)
        melanin = (1 - share) * first.person.skin.melanin + share * second.person.skin.melanin
        assert one.person.skin.melanin == pytest.approx(melanin)
    assert way[1].person.name == first.person.name and way[3].person.name == second.person.name
    assert to_json(sweeps.blend(first, first, 0.0)) == to_json(first)
    with pytest.raises(ValueError, match="found 1 steps"):
        sweeps.between(first, second, 1)


def test_lights_turn_evenly_on_the_way_between_two_people():
    right, front, left = ((x, 0.0, z) for x, z in ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)))
    lamps = [Light(way, (1.0, 1.0, 1.0), 0.1, 2.0, True) for way in (right, front, left)]
    half = sweeps.blend(lamps[0], lamps[1], 0.5)
    assert half.direction == pytest.approx((math.sqrt(0.5), 0, math.sqrt(0.5)))
    third = sweeps.blend(lamps[0], lamps[1], 1 / 3)
    assert third.direction == pytest.approx((math.cos(math.pi / 6), 0, math.sin(math.pi / 6)))
    assert sweeps.blend(lamps[0], lamps[0], 0.7).direction == right
    assert sweeps.blend(lamps[0], lamps[2], 0.4).direction == right  # no way is the shortest
    rooms = [
        Environment((1.0,) * 3, (1.0,) * 3, ((way, (1.0,) * 3, 4.0),)) for way in (right, front)
    ]
    (lobe,) = sweeps.blend(*rooms, 0.5).lobes
    assert lobe[0] == pytest.approx(half.direction)


def test_whoever_stands_between_two_people_can_be_rendered():
    same = 0
    for seed in range(12):
        first, second = sample(seed, 2, 0), sample(seed, 4, 0)
        same += len(first.lights) == len(second.lights)
        for capture in sweeps.between(first, second, 6):
            require_renderable(capture)
    assert same >= 3, "the test needs people with as many lamps as each other"


# ---------------------------------------------------------------- from photos' fits


def fitted_face(**changes):
    face = FittedFace(
        source="made up", shape=np.zeros(199), expression=np.zeros(29), texture=np.zeros(199),
        pitch=0.2, yaw=-0.5, roll=0.1, translation=np.zeros(3), scale=1.5,
        light=FittedLight((0.5,) * 3, (0.8, 0.6, 0.4), 0.0, 0.0, 0.0, 20.0),
        colour=FittedColour((1.0,) * 3, (0.0,) * 3, 1.0), landmarks=None,
    )  # fmt: skip
    return dataclasses.replace(face, **changes)


def test_a_fit_gives_its_pose_and_light_to_our_person():
    capture, face = sample(5, 1, 0), fitted_face()
    taken = fitted.from_fitted(capture, face)
    assert groups(changed(capture, taken)) <= {"camera", "expression", "lights", "environment"}
    assert rotation(taken.camera) == pytest.approx(face.rotation, abs=1e-6)
    assert taken.camera.yaw > 0, "files count yaw towards the left of the picture"
    assert not taken.expression.any(), "the fitted face is at rest"
    red, _, blue = taken.lights[0].colour
    assert red == pytest.approx(2 * blue)
    assert light.facing_strength(taken.lights, taken.environment) == pytest.approx(1)
    # the lamp stands at the camera: in the head's axes that is where the camera is
    assert taken.lights[0].direction == pytest.approx(rotation(taken.camera)[2])


def test_fits_statistics_turn_heads_the_same_way():
    faces = [fitted_face(pitch=0, roll=0, yaw=yaw) for yaw in (-0.2, 0.4)]
    statistics = fitted.poses_of(faces)
    assert statistics.mean == pytest.approx((-math.degrees(0.1), 0, 0), abs=1e-9)
    assert statistics.deviation == pytest.approx((math.degrees(0.3), 0, 0), abs=1e-9)
    stream, capture = streams.person_streams(0, 0)("camera"), sample(5, 1, 0)
    yaws = [fitted.with_pose(stream, capture, statistics).camera.yaw for _ in range(300)]
    assert np.mean(yaws) == pytest.approx(statistics.mean[0], abs=3.5)
    assert np.std(yaws) == pytest.approx(statistics.deviation[0], rel=0.15)
    with pytest.raises(ValueError, match="found no fitted photos"):
        fitted.poses_of([])


@pytest.mark.skipif("FACE_LAB_REAL" not in os.environ, reason="real photos are not here")
def test_real_fits_can_be_taken():
    paths = sorted((REAL / "aflw2000_3d_samples").glob("*.mat"))
    for path in paths:
        taken = fitted.from_fitted(sample(5, 1, 0), read(path))
        assert light.facing_strength(taken.lights, taken.environment) == pytest.approx(1)
    assert len(paths) >= 10
