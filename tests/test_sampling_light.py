"""Light that can be chosen: some arrangements only, and small lamps besides; the default stays."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from lib.prepare import arguments, renders
from lib.scene.render import render
from lib.scene.sampling import lamps, light, sample, streams
from lib.scene.sampling.colours import luminance
from lib.scene.sampling.records import describe, to_json
from lib.store import StoreError

MANY = 300
BEFORE = (-0.4557918923681373, 0.6234359675365667, 0.8475528581189697)


def draws(number=MANY):
    """Return streams of their own, one after the other."""
    return (streams.moment_streams(5, 0, place) for place in range(number))


def test_pictures_without_the_options_are_those_of_before():
    # Numbers that the sampler gave before it had the options.
    places = describe(sample(7, 3, 1))
    found = [places[name] for name in ("lights.0.direction.0", "lights.0.colour.0", "oil")]
    assert found == pytest.approx(BEFORE, rel=1e-9)
    assert streams.GROUPS[-2:] == ("finish", "lamps"), "a new group goes to the end"
    for identity in range(20):
        before = to_json(sample(3, identity, 0))
        assert to_json(sample(3, identity, 0, arrangements=None, more_lights=0)) == before
        assert to_json(sample(3, identity, 0, arrangements=list(light.ARRANGEMENTS))) == before


@pytest.mark.parametrize("name", light.ARRANGEMENTS)
def test_one_arrangement_alone_is_the_one_that_is_drawn(name):
    for identity in range(5):
        moment = streams.moment_streams(2, identity, 0)
        place = light.draw_place(moment("place"), [name])
        assert name in light.LIGHTINGS[place]
        expected = light.normalise(*light.ARRANGEMENTS[name](after_one(moment("light"))))
        drawn = sample(2, identity, 0, arrangements=[name])
        assert (drawn.lights, drawn.environment) == expected


def after_one(draw):
    """Pass over the number that decides which arrangement it is."""
    draw.generator.random()
    return draw


def test_odds_among_the_allowed_are_the_usual_ones():
    allowed = ("window", "flash", "lamp")  # indoors 34 : night 10; there 50 : 15 and 55 : 45
    places = Counter(light.draw_place(moment("place"), allowed) for moment in draws())
    assert set(places) == {"indoors", "night"}
    expected = MANY * 34 / 44
    assert abs(places["indoors"] - expected) < 3 * math.sqrt(expected * 10 / 44)
    assert light._odds("indoors", allowed) == {"window": 50, "flash": 15}


def test_lamps_are_drawn_evenly_and_leave_all_else_alone():
    counts = Counter()
    for identity in range(MANY):
        plain, more = sample(4, identity, 0), sample(4, identity, 0, more_lights=3)
        number = len(more.lights) - len(plain.lights)
        counts[number] += 1
        if not number:
            assert to_json(more) == to_json(plain)
        other = replace(more, lights=plain.lights, environment=plain.environment)
        assert to_json(other) == to_json(plain)
    assert set(counts) == {0, 1, 2, 3}
    assert max(abs(count - MANY / 4) for count in counts.values()) < 3 * math.sqrt(MANY * 3 / 16)


def test_lamps_are_small_stand_before_the_face_and_keep_its_brightness():
    for moment in draws(100):
        plain = light.draw_light(moment("light"), "studio")
        lights, around = lamps.add_lamps(moment("lamps"), plain, 4)
        added = lights[len(plain[0]) :]
        assert light.facing_strength(lights, around) == pytest.approx(1)
        strengths = [luminance(lamp.colour) for lamp in added]
        assert strengths == sorted(strengths, reverse=True)
        for lamp, strength in zip(added, strengths, strict=True):
            assert 0.03 <= lamp.size <= 0.1 and not lamp.shadow
            assert math.hypot(*lamp.direction) == pytest.approx(1)
            assert lamp.direction[2] > 0.2
            assert 0.29 < strength / luminance(lights[0].colour) < 0.91
        ratio = luminance(lights[0].colour) / luminance(plain[0][0].colour)
        assert ratio == pytest.approx(luminance(around.sky) / luminance(plain[1].sky))


def test_a_face_under_many_lamps_is_rendered_and_its_shine_is_another():
    several = (sample(0, identity, 0, more_lights=5) for identity in range(40))
    capture = next(one for one in several if len(one.lights) >= 5)
    alone = render(replace(capture, lights=capture.lights[:1]), 24)
    together = render(capture, 24)
    assert together["specular_linear"].std() > 0
    assert not np.array_equal(together["specular"], alone["specular"])
    options = arguments.sampling_options({"more_lights": 5})
    make = renders.Renders(0, 1, 16, ("photo", "lights"), None, options)
    assert make(0, None)["lights"].shape == (renders.MOST_LIGHTS, 6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"arrangements": ["window", "moon"]}, r"found arrangements = \['window', 'moon'\]"),
        ({"arrangements": "window"}, "expected None, or some of studio, beauty, window"),
        ({"arrangements": []}, r"found arrangements = \[\]"),
        ({"arrangements": 3}, "found arrangements = 3"),
        ({"arrangements": [["window"]]}, "expected None, or some of"),
        ({"more_lights": -1}, "found more_lights = -1; expected a whole number from 0"),
        ({"more_lights": 1.5}, "found more_lights = 1.5"),
        ({"more_lights": "two"}, "found more_lights = 'two'"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_line(options, message):
    with pytest.raises(ValueError, match=message):
        sample(0, 0, 0, **options)
    with pytest.raises(StoreError, match=message) as caught:
        arguments.sampling_options(options)
    assert "\n" not in str(caught.value)


def test_datasets_take_the_options_in_one_spelling():
    given = {"arrangements": ("window", "flash", "window"), "more_lights": np.int64(2)}
    found = arguments.sampling_options(given)
    assert found == {"arrangements": ["flash", "window"], "more_lights": 2}
    assert type(found["more_lights"]) is int
    assert arguments.sampling_options({"arrangements": None}) == {"arrangements": None}
    assert arguments.sampling_options({"arrangements": {"lamp"}})["arrangements"] == ["lamp"]
