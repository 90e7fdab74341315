"""Samples are pure functions of their numbers, varied and in range; one draw leaves the others."""

import dataclasses
import math

import numpy as np
import pytest

from lib.scene import head
from lib.scene.look import COMBS
from lib.scene.sampling import (
    background,
    clothing,
    expressions,
    hair,
    light,
    look,
    people,
    sample,
    sample_person,
    streams,
)
from lib.scene.sampling.colours import luminance, temperature_colour
from lib.scene.sampling.records import describe, to_json

MANY = 500


@pytest.fixture(scope="module")
def captures():
    """One picture each of many people."""
    return [sample(11, identity, 0) for identity in range(MANY)]


def changed(first, second):
    """Name the leaves in which two captures differ."""
    one, other = describe(first), describe(second)
    return {place for place in one.keys() | other.keys() if one.get(place) != other.get(place)}


def groups(places):
    return {place.split(".")[0] for place in places}


# ---------------------------------------------------------------- pure functions of their numbers


def test_equal_arguments_give_equal_captures_whatever_came_before():
    first = to_json(sample(3, 5, 2))
    sample(3, 4, 1), sample(9, 5, 2)
    assert to_json(sample(3, 5, 2)) == first


def test_numpys_global_state_is_left_alone():
    before = np.random.get_state()[1].copy()
    sample(0, 0, 0)
    assert np.array_equal(np.random.get_state()[1], before)


def test_another_capture_keeps_the_person_and_the_look_but_not_the_moment():
    first, second = sample(3, 5, 0), sample(3, 5, 1)
    assert to_json(dataclasses.replace(second, person=first.person)) == to_json(second)
    for name in ("hair", "beard", "make_up"):
        assert getattr(first.look, name) == getattr(second.look, name)
    for name in ("camera", "lights", "clothing", "background", "gaze", "exposure"):
        assert getattr(first, name) != getattr(second, name)


def test_reshuffling_changes_the_look_only():
    pairs = [(sample(3, i, 1), sample(3, i, 1, reshuffle=True)) for i in range(40)]
    assert groups(set.union(*(changed(*pair) for pair in pairs))) == {"look"}
    styles = [one.look.hair.name != other.look.hair.name for one, other in pairs]
    assert sum(styles) > 25
    assert any(one.look.glasses != other.look.glasses for one, other in pairs)


def test_identities_and_seeds_differ_and_are_named_apart():
    people_drawn = [sample_person(seed, identity) for seed in (0, 1) for identity in range(20)]
    assert len({person.name for person in people_drawn}) == 40
    assert len({person.skin.melanin for person in people_drawn}) == 40
    assert len({person.shape.tobytes() for person in people_drawn}) == 40


def test_the_first_capture_does_not_repeat_its_persons_streams():
    # SeedSequence pads [7, 3] and [7, 3, 0] to the same numbers.
    steady, moment = streams.person_streams(7, 3), streams.moment_streams(7, 3, 0)
    assert steady("hair").uniform(0, 1) != moment("hair").uniform(0, 1)


@pytest.mark.parametrize(
    "numbers",
    [(-1, 0, 0), (0, -2, 0), (0, 0, -3), (0.5, 0, 0), ("a", 0, 0), (0, None, 0), (0, 0, 1.0)],
)
def test_numbers_must_count(numbers):
    with pytest.raises(ValueError, match=r"found .*; expected whole numbers from 0"):
        sample(*numbers)


@pytest.mark.parametrize("name", ["yaw_spread", "pitch_spread", "roll_spread", "yaw_limit"])
@pytest.mark.parametrize("angle", ["a", None, -5, math.nan, math.inf, 181])
def test_angles_must_be_angles(name, angle):
    with pytest.raises(ValueError, match=f"found {name} = .*; expected degrees, a number from 0"):
        sample(0, 0, 0, **{name: angle})


@pytest.mark.parametrize("name", ["reshuffle", "expression", "accessories"])
def test_switches_are_on_or_off(name):
    with pytest.raises(ValueError, match=f"found {name} = 'no'; expected True or False"):
        sample(0, 0, 0, **{name: "no"})


def redrawn(function):
    """Make a version of a draw that takes other numbers from its stream."""

    def draw(stream, *arguments):
        stream.generator.random(1000)
        return function(stream, *arguments)

    return draw


@pytest.mark.parametrize(
    ("module", "name", "group"),
    [
        (hair, "draw_hair", "look.hair"),
        (look, "draw_beard", "look.beard"),
        (look, "draw_make_up", "look.make_up"),
        (light, "draw_light", "lights environment"),
        (clothing, "draw_clothing", "clothing"),
        (background, "draw_background", "background"),
        (expressions, "draw_expression", "expression"),
        (expressions, "draw_gaze", "gaze"),
        (people, "draw_features", "person"),
    ],
)
def test_a_new_way_to_draw_one_thing_leaves_the_others_as_they_were(
    monkeypatch, module, name, group
):
    before = sample(2, 15, 6)  # a man with a beard
    monkeypatch.setattr(module, name, redrawn(getattr(module, name)))
    places = changed(before, sample(2, 15, 6))
    assert places
    assert all(place.startswith(tuple(group.split())) for place in places)


# ---------------------------------------------------------------- what is drawn


def test_a_third_of_people_each_have_light_medium_and_dark_skin(captures):
    tones = [people.tone_of(capture.person.skin.melanin) for capture in captures]
    for tone in people.TONES:
        # three standard deviations of a binomial count
        assert abs(tones.count(tone) - MANY / 3) < 3 * math.sqrt(MANY * 2 / 9)


def test_half_of_people_are_men(captures):
    men = sum(capture.person.sex > 0 for capture in captures)
    assert abs(men - MANY / 2) < 3 * math.sqrt(MANY / 4)
    assert not any(capture.look.beard for capture in captures if capture.person.sex < 0)


def test_poses_have_the_spread_and_limit_asked_for(captures):
    yaw = np.array([capture.camera.yaw for capture in captures])
    assert np.abs(yaw).max() <= 30
    assert yaw.std() == pytest.approx(11.6, rel=0.1)  # 12, cut off at 2.5 deviations
    assert yaw.mean() == pytest.approx(0, abs=3 * 12 / math.sqrt(MANY))
    assert np.std([capture.camera.pitch for capture in captures]) == pytest.approx(5.7, rel=0.1)
    wide = [sample(0, i, 0, yaw_spread=40, yaw_limit=70).camera.yaw for i in range(100)]
    assert 45 < max(np.abs(wide)) <= 70
    assert sample(0, 0, 0, yaw_limit=0).camera.yaw == 0
    assert sample(0, 0, 0, yaw_spread=0).camera.yaw == 0


def test_every_thing_people_put_on_occurs_and_none_is_the_rule(captures):
    for name in ("beard", "glasses", "hat", "earrings", "necklace"):
        worn = sum(getattr(capture.look, name) is not None for capture in captures)
        assert 0.02 * MANY < worn < 0.4 * MANY, name
    tinted = sum(
        capture.look.glasses is not None and max(capture.look.glasses.tint) < 0.5
        for capture in captures
    )
    assert 1 <= tinted <= 0.06 * MANY
    bare = [sample(11, i, 0, accessories=False).look for i in range(60)]
    assert not any(one.glasses or one.hat or one.earrings or one.necklace for one in bare)


def test_hats_flatten_the_hair(captures):
    hatted = [capture.look for capture in captures if capture.look.hat]
    assert all(one.hair.volume[0] <= 3 and one.hair.bun == 0 for one in hatted)


def test_every_style_and_type_of_hair_can_be_reached():
    drawn, stream = [], streams.person_streams(1, 1)("hair")
    for number in range(4000):
        sex = 1.0 if number % 2 else -1.0
        skin = people.draw_skin(stream)
        drawn.append(hair.draw_hair(stream, sex, skin, people.draw_natural_hair(stream, skin)))
    assert {one.name for one in drawn} == set(hair.STYLES)
    assert {one.comb for one in drawn} == set(COMBS)
    for low, high in hair.CURLS.values():
        assert any(low <= one.curl <= high for one in drawn)
    assert all(one.curl >= 0.85 for one in drawn if one.name == "afro")


def test_every_kind_of_light_and_background_belongs_to_a_place():
    assert set(light.LIGHTINGS) == set(light.PLACES) == set(background.BACKGROUNDS)
    assert set().union(*light.LIGHTINGS.values()) == set(light.ARRANGEMENTS)
    assert set().union(*background.BACKGROUNDS.values()) == set(background.SCENES)


def test_numbers_lie_in_the_ranges_that_the_data_model_states(captures):
    ranges = {
        "person.skin.melanin": (0, 1), "person.skin.haemoglobin": (0, 1),
        "person.skin.blood": (0, 1.5), "person.skin.dark_circles": (0, 1.5),
        "person.skin.age": (0, 1), "person.brows.arch": (-1.5, 1.5),
        "person.brows.density": (0, 1), "person.pupil": (1.4, 2.6), "person.lips": (0, 1),
        "person.teeth": (0.7, 1.1), "look.hair.density": (0, 1), "look.hair.recession": (0, 2),
        "look.hair.curl": (0, 1), "look.hair.disorder": (0, 1), "look.hair.gloss": (0.3, 1.6),
        "look.glasses.squareness": (2, 5), "look.make_up.lip_gloss": (0, 1),
        "camera.distance": (600, 2000), "camera.field": (226, 274),
        "clothing.neckline": (-160, -118), "clothing.sheen": (0, 0.5),
        "gaze.0": (-25, 25), "gaze.1": (-12, 12),
        "oil": (0.2, 3), "relief": (0.3, 1), "exposure": (0.65, 1.35),
    }  # fmt: skip
    tables = [describe(capture) for capture in captures]
    for place, (low, high) in ranges.items():
        values = [table[place] for table in tables if place in table]
        assert values, place
        assert low <= min(values) < max(values) <= high, place
    reflectances = [
        value for table in tables for place, value in table.items() if "colour" in place
    ]
    assert min(reflectances) >= 0


def test_expressions_vary_around_rest(captures):
    weights = np.array([capture.expression for capture in captures])
    assert weights.shape == (MANY, len(head.EXPRESSIONS))
    assert weights.dtype == np.float32
    assert np.abs(weights).max() <= 1
    used = (np.abs(weights) > 0.2).sum(axis=0)
    assert used.min() > 0, dict(zip(head.EXPRESSIONS, used, strict=True))
    closed = weights[:, head.EXPRESSIONS.index("blink_left")] > 0.5
    assert closed.sum() < 0.06 * MANY
    assert not sample(1, 1, 1, expression=False).expression.any()


def test_eyes_mostly_look_towards_the_camera(captures):
    past = [abs(capture.gaze[0] + capture.camera.yaw) for capture in captures]
    assert np.median(past) < 5


def test_unknown_expressions_are_named():
    with pytest.raises(ValueError, match=r"found expressions \['grin'\]; the head has jaw_open"):
        expressions.vector({"grin": 1.0})


# ---------------------------------------------------------------- light


@pytest.mark.parametrize("name", light.ARRANGEMENTS)
def test_every_arrangement_lights_the_face_alike_and_softly(name):
    for identity in range(20):
        stream = streams.person_streams(0, identity)("light")
        lights, environment = light.normalise(*light.ARRANGEMENTS[name](stream))
        assert light.facing_strength(lights, environment) == pytest.approx(1)
        assert lights[0].shadow and 1 <= lights[0].softness <= 5 and lights[0].size <= 0.2
        assert all(math.hypot(*one.direction) == pytest.approx(1) for one in lights)
        key = luminance(lights[0].colour) * lights[0].direction[2]
        assert key < 0.8, "at least a fifth is fill"


@pytest.mark.parametrize("sharpness", [2.0, 3.5, 8.0])
def test_a_lobe_is_as_strong_as_its_integral(sharpness):
    cosines = (np.arange(20000) + 0.5) / 20000  # of the hemisphere before the card
    integral = 2 * np.mean(np.exp(sharpness * (cosines - 1)) * cosines)
    assert light.lobe_strength(sharpness) == pytest.approx(integral, rel=1e-6)


def test_hot_bodies_are_blue_and_warm_ones_red():
    ratios = [red / blue for red, _, blue in map(temperature_colour, (2500, 4000, 6500, 12000))]
    assert ratios == sorted(ratios, reverse=True)
    assert temperature_colour(6504) == pytest.approx((1.03, 0.99, 1.01), abs=0.04)  # near D65
    assert luminance(temperature_colour(3000)) == pytest.approx(1, abs=1e-3)
    with pytest.raises(ValueError, match="found 1500 K"):
        temperature_colour(1500)
