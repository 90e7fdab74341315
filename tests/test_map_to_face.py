"""System S4's designs, what generators are given, and painting on other people's maps."""

import dataclasses

import keras
import numpy as np
import pytest
from map_to_face_models import EVERY, GROUPS, SIZE, account, array, batch, make, people, trained

from lib import images, losses
from lib.gans import map_to_face
from lib.gans.map_to_face import DESIGNS, TERMS, Design, account_of, given, on_black
from lib.labels import CLASSES
from lib.metrics import colour_faithfulness
from lib.prepare import semantic
from lib.store.augmentation import MIRRORED_CLASSES
from lib.training import load, save

# ---------------------------------------------------------------- designs


def test_the_three_variants_of_s4_and_ours():
    assert [name for name, design in DESIGNS.items() if not design.manipulates] == ["reconstruct"]
    assert [name for name, design in DESIGNS.items() if design.redraws] == ["map critic"]
    assert {name for name, design in DESIGNS.items() if design.network == "modulated"} == {
        "modulated (ours)"
    }
    for design in DESIGNS.values():
        assert set(design.term_weights) <= set(TERMS) and design.game in losses.ADVERSARIAL
        assert {"adversarial", "critic", "l1"} <= set(design.term_weights)
    assert {"keep", "differ"} <= set(DESIGNS["manipulate"].term_weights)
    assert {"redrawn", "redrawing"} <= set(DESIGNS["map critic"].term_weights)


def test_other_weights_leave_the_design_alone():
    design = DESIGNS["manipulate"]
    before = dict(design.term_weights)
    other = design.weighted(l1=1.0, colours=5.0)
    assert other.term_weights == before | {"l1": 1.0, "colours": 5.0}
    assert design.term_weights == before and other.network == design.network
    assert DESIGNS["map critic"].weighted(l1=1.0).redraws
    with pytest.raises(TypeError):
        DESIGNS["manipulate"] = other
    with pytest.raises(dataclasses.FrozenInstanceError):
        design.network = "modulated"


@pytest.mark.parametrize(
    ("design", "message"),
    [
        (Design("dense", {"l1": 1.0}), "network 'dense'; expected one of bottleneck, modulated"),
        (Design("modulated", {"l2": 1.0}), "no term 'l2': there are adversarial, critic, l1"),
        (
            DESIGNS["reconstruct"].weighted(keep=1.0, differ=1.0),
            "term 'differ' needs a design that manipulates",
        ),
        (DESIGNS["reconstruct"].weighted(colours=1.0), "'colours' needs a design that manip"),
        (DESIGNS["manipulate"].weighted(redrawn=1.0), "'redrawn' needs a design whose critic"),
        (DESIGNS["manipulate"].weighted(redrawing=1.0), "'redrawing' needs a design whose critic"),
    ],
)
def test_impossible_designs_are_refused_in_a_line(design, message):
    with pytest.raises(ValueError, match=message) as caught:
        make(design)
    assert "\n" not in str(caught.value)
    with pytest.raises(KeyError):
        make(dataclasses.replace(DESIGNS["reconstruct"], game="chess"))


# ---------------------------------------------------------------- what a generator is given


KINDS = sorted(map_to_face.NAMES)


def test_colours_are_given_in_the_order_of_the_groups_red_first():
    one = people(1)
    one["colours"] = np.arange(21, dtype=np.uint8).reshape(1, 7, 3)  # S4 reversed them
    x = given(account_of(one))
    assert all(value.dtype == np.float32 for value in x.values())
    levels = np.rint((x["vector"][0, :21] + 1) * 127.5)
    np.testing.assert_array_equal(levels, np.arange(21))
    assert levels[3 * GROUPS.index("hair")] == one["colours"][0, GROUPS.index("hair"), 0] == 9
    np.testing.assert_array_equal(x["plane_colours"].reshape(1, 21), x["vector"][:, :21])
    np.testing.assert_array_equal(x["identity"], one["identity"])
    np.testing.assert_allclose(x["vector"][0, 21:], 12 * one["identity"][0], rtol=1e-6)
    assert x["map"].shape == (1, SIZE, SIZE, 10) and x["vector"].shape == (1, 149)
    np.testing.assert_array_equal(x["map"][..., :7], one["parts"])
    painted = semantic.colour_map(one["parts"], one["colours"])
    np.testing.assert_array_equal(images.to_picture(x["map"][..., 7:]), painted)


def test_the_finer_account_tells_every_class_and_the_slope_of_the_light():
    them, told = people(), account(kind="parts")
    x = given(told)
    assert map_to_face.NAMES["parts"] == CLASSES[1:]
    for place, name in enumerate(CLASSES[1:]):
        inside = them["labels"] == CLASSES.index(name)
        np.testing.assert_array_equal(x["planes"][..., place], inside)
        if inside[1].any():
            mean = them["photo"][1][inside[1]].mean(axis=0)
            np.testing.assert_allclose(told.colours[1, place], mean, rtol=1e-5)
    assert x["map"].shape == (3, SIZE, SIZE, 21) and x["vector"].shape == (3, 54 + 6 + 128)
    np.testing.assert_allclose(x["vector"][:, 54:60], told.slope.reshape(3, 6) / 127.5, rtol=1e-6)
    np.testing.assert_array_equal(images.to_picture(x["map"][..., 18:]), told.painted())
    assert np.abs(told.slope[1:]).max() > 1 and not told.slope[0].any()  # who has no skin


def test_an_account_goes_with_other_planes_and_is_taken_in_parts():
    for kind in KINDS:
        told = account(4, kind=kind)
        other = told.on(told.planes[::-1])
        np.testing.assert_array_equal(other.planes, told.planes[::-1])
        assert other.colours is told.colours and other.slope is told.slope
        some = told.of(slice(1, 3))
        np.testing.assert_array_equal(some.painted(), told.painted()[1:3])
        assert len(some.identity) == 2 and (some.slope is None) == (kind == "groups")


@pytest.mark.parametrize("kind", KINDS)
def test_an_account_in_the_mirror_is_that_of_the_mirrored_photo(kind):
    them = people(4)
    told = account_of(them, kind)
    seen = {name: them[name][:, :, ::-1] for name in ("photo", "labels", "parts")}
    seen["labels"] = MIRRORED_CLASSES[seen["labels"]]  # a left eye becomes a right one
    found, asked = told.mirrored(), account_of(them | seen, kind)
    np.testing.assert_array_equal(found.planes, asked.planes)
    np.testing.assert_allclose(found.colours, asked.colours, rtol=1e-4)
    np.testing.assert_array_equal(found.identity, told.identity)
    if kind == "parts":
        np.testing.assert_allclose(found.slope, asked.slope, rtol=1e-2, atol=0.05)
        assert np.abs(told.slope[:, 0]).max() > 1
    np.testing.assert_array_equal(found.mirrored().painted(), told.painted())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", [2, 3, 4, 7])
def test_every_sample_is_given_another_ones_planes_in_its_own_colours(number, kind):
    (x, y), told = batch(number, kind=kind), account(number, kind=kind)
    places = [
        next(place for place in range(number) if (told.planes[place] == other).all())
        for other in x["other_planes"]
    ]
    assert sorted(places) == list(range(number))  # all are shown, each once
    assert all(place != own for own, place in enumerate(places))
    for name, planes in (("map", told.planes), ("other_map", told.planes[places])):
        found = images.to_picture(x[name][..., -3:]).astype(int)
        assert np.abs(found - told.on(planes).painted()).max() <= 1
        np.testing.assert_array_equal(x[name][..., :-3], planes)
    photos = images.to_network(people(number)["photo"])
    np.testing.assert_array_equal(y, on_black(photos, told.planes))
    assert y.dtype == np.float32


def test_a_batch_of_one_has_no_other_person():
    with pytest.raises(ValueError, match="found a batch of 1; expected 2 or more"):
        batch(1)


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_what_is_in_no_group_becomes_black(kind):
    them = people()
    pictures = images.to_network(them["photo"]) + np.float32(0.01)
    before = pictures.copy()
    found, seen = on_black(pictures, them["parts"].astype(kind)), them["parts"].any(axis=-1)
    assert found.dtype == np.float32 and (found[~seen] == -1).all() and not seen.all()
    np.testing.assert_array_equal(found[seen], before[seen])
    np.testing.assert_array_equal(pictures, before)


# ---------------------------------------------------------------- painting


@pytest.fixture(scope="module")
def models():
    """Return a trained model of each design in `EVERY`."""
    return {name: trained(make(design)) for name, design in EVERY.items()}


@pytest.mark.parametrize("name", EVERY)
def test_a_painted_face_is_black_where_no_part_is(models, name, monkeypatch):
    model, kind = models[name], EVERY[name].account
    told = account(5, kind=kind)
    monkeypatch.setattr(map_to_face.model, "BATCH_SIZES", (2, 3))  # three, and then the other two
    found = map_to_face.paint(model, told)
    seen = told.planes.any(axis=-1)
    assert found.dtype == np.uint8 and found.shape == (5, SIZE, SIZE, 3)
    assert (found[~seen] == 0).all() and not seen.all() and found[seen].std() > 1
    whole = images.to_picture(array(model(given(told))))
    assert np.abs(whole.astype(int) - found).max() <= 1  # batch by batch or at once


@pytest.mark.parametrize("name", EVERY)
def test_looking_in_the_mirror_gives_mirrored_faces_and_the_mean_of_both(models, name):
    model, told = models[name], account(3, kind=EVERY[name].account)
    both = map_to_face.paint(model, told, mirrored=True)
    here, there = map_to_face.paint(model, told), map_to_face.paint(model, told.mirrored())
    mean = (here.astype(float) + there[:, :, ::-1]) / 2
    assert np.abs(both - mean).max() <= 1 and np.abs(both - here.astype(int)).max() > 2
    reflected = map_to_face.paint(model, told.mirrored(), mirrored=True)
    np.testing.assert_allclose(reflected[:, :, ::-1].astype(int), both, atol=1)


def test_an_untrained_modulated_model_paints_the_colour_map():
    model, told = make("modulated (ours)"), account(kind=DESIGNS["modulated (ours)"].account)
    present = told.planes.any(axis=(1, 2))
    for planes in (told.planes, told.planes[::-1]):
        found = map_to_face.paint(model, told.on(planes))
        np.testing.assert_array_equal(found, told.on(planes).painted())
        off = colour_faithfulness(found, planes, told.colours, present)
        assert np.nanmax(off) < 0.6  # whole grey levels


# ---------------------------------------------------------------- critics and weights


def test_s4s_critic_is_shown_the_map_and_the_redrawing_one_is_not(models):
    x, y = batch()
    for name, shown in (("bottleneck", True), ("redraws", False)):
        model = models[name]
        one, other = (
            array(model.logits_of(model.judge(x[key], y, training=False)))
            for key in ("map", "other_map")
        )
        assert (np.abs(one - other).max() > 1e-4) == shown
        for answer in model.judge_fakes(x["map"], y, training=False):
            np.testing.assert_allclose(array(model.logits_of(answer)), one, atol=1e-6)
        assert model.critic.input_shape[-1] == (10 if shown else 3)


def test_the_redrawn_map_is_compared_in_the_small(models):
    model, (x, _) = models["redraws"], batch()
    found = array(model.glance(x["map"]))
    assert found.shape[1:] == model.critic.output_shape[0][1:] == (2, 2, 3)
    blocks = x["map"][..., 7:].reshape(3, 2, 8, 2, 8, 3)
    np.testing.assert_allclose(found, blocks.mean(axis=(2, 4)), atol=1e-6)


def test_a_model_is_saved_and_loaded(models, tmp_path):
    first, second, told = models["bottleneck"], make(EVERY["bottleneck"]), account()
    first(given(told)), second(given(told))
    save(first, tmp_path / "model.weights.h5")
    load(second, tmp_path / "model.weights.h5")
    one, other = (map_to_face.paint(model, told) for model in (first, second))
    np.testing.assert_array_equal(one, other)
    networks = {layer.name for layer in first.layers if isinstance(layer, keras.Model)}
    assert networks == {"generator", "critic"}
