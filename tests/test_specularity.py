"""System S1's designs: which networks and terms each has, and batches that show critics no pair."""

import dataclasses

import keras
import numpy as np
import pytest
from specularity_models import CRITICS, WAYS, make

from lib import losses
from lib.gans import specularity
from lib.gans.specularity import MODELS, TERMS, Design, arrange
from lib.prepare.layers import SKIN

CYCLES = ("Spec-CGAN", "Cycle-GAN-SSIM", "Cycle-GAN-and-SSIM", "Cycle-GAN-Per-loss")

# ---------------------------------------------------------------- designs


def test_the_six_models_of_s1_and_ours():
    cycles = {name for name, design in MODELS.items() if design.cycles}
    plays = {name for name, design in MODELS.items() if design.plays}
    assert cycles == set(CYCLES)
    assert plays == cycles | {"Simple-GAN"}
    assert len(MODELS) == 7 and all(design.cuts_out for design in MODELS.values())
    for design in MODELS.values():
        assert set(design.term_weights) <= set(TERMS)
        assert ("critic" in design.term_weights) == ("adversarial" in design.term_weights)
        supervised = {"paired_l2", "paired_inside", "matte_l2", "matte_inside"}
        assert bool(supervised & set(design.term_weights)) == (not design.plays)


def test_other_weights_leave_the_design_alone():
    design = MODELS["Spec-CGAN"]
    before = dict(design.term_weights)
    other = design.weighted(cycle_l1=10.0, identity_l1=5.0)
    assert other.term_weights == before | {"cycle_l1": 10.0, "identity_l1": 5.0}
    assert design.term_weights == before and other.network == design.network
    assert not Design("layer", {}, cuts_out=False).weighted(matte_l2=1.0).cuts_out
    with pytest.raises(TypeError):
        MODELS["Spec-CGAN"] = other
    with pytest.raises(dataclasses.FrozenInstanceError):
        design.network = "layer"


def test_a_model_has_the_networks_that_its_design_needs():
    for name, networks in {
        "Spec-CGAN": WAYS | CRITICS,
        "Simple-GAN": {"forwards", "target_critic"},
        "Spec-Net": {"forwards"},
        "Shine layer (ours)": {"forwards"},
    }.items():
        model = make(name)
        assert {net.name for net in model.layers if isinstance(net, keras.Model)} == networks
        assert len(model.critics) == len(model.pools) == len(networks & CRITICS)
        assert (model.backwards is None) == ("backwards" not in networks)


def test_a_term_that_there_is_not_is_named():
    with pytest.raises(ValueError, match=r"no term 'cycle_l3': there are adversarial, critic, cyc"):
        make(MODELS["Spec-CGAN"].weighted(cycle_l3=1.0))
    with pytest.raises(KeyError):
        make("Spec-CGAN", game="chess")


def test_critics_have_the_game_that_was_asked_for():
    assert make("Simple-GAN").game is losses.ADVERSARIAL["least_squares"]
    assert make("Simple-GAN", game="hinge").game is losses.ADVERSARIAL["hinge"]


# ---------------------------------------------------------------- batches


def arrays(number, size=4):
    """Return fields whose every picture is one level of its own."""
    levels = np.linspace(-0.9, 0.9, 3 * number, dtype=np.float32).reshape(3, number)
    flat = [np.tile(one[:, None, None, None], (1, size, size, 3)) for one in levels]
    labels = np.zeros((number, size, size), np.int32)
    labels[:, :2] = SKIN[0]
    mask = np.zeros((number, size, size), np.float32)
    mask[:, 0] = 1
    names = ("photo", "diffuse", "matte")
    return dict(zip(names, flat, strict=True)) | {"specular_mask": mask, "labels": labels}


@pytest.mark.parametrize("direction", specularity.DIRECTIONS)
@pytest.mark.parametrize("number", [2, 3, 4, 7])
def test_critics_never_see_the_pair_of_a_source(direction, number):
    given = arrays(number)
    x, y = arrange(given, direction, cuts_out=False)
    source, target = ("photo", "diffuse") if direction == "AtoB" else ("diffuse", "photo")
    np.testing.assert_array_equal(x["source"], given[source])
    np.testing.assert_array_equal(y["paired"], given[target])
    np.testing.assert_array_equal(y["matte"], given["matte"])
    np.testing.assert_array_equal(y["mask"][..., 0], given["specular_mask"])
    levels = x["target"][:, 0, 0, 0]
    assert sorted(levels) == sorted(given[target][:, 0, 0, 0])  # all are shown, each once
    assert (levels != given[target][:, 0, 0, 0]).all()


def test_cut_outs_are_black_outside_of_the_skin_and_untouched_inside():
    given = arrays(4)
    x, y = arrange(given)
    whole, _ = arrange(given, cuts_out=False)
    for cut, field in ((x["source"], "photo"), (y["paired"], "diffuse"), (y["matte"], "matte")):
        assert (cut[:, 2:] == -1).all()
        np.testing.assert_array_equal(cut[:, :2], given[field][:, :2])
        assert cut.dtype == np.float32
    np.testing.assert_array_equal(x["target"][:, :2], whole["target"][:, :2])
    assert (x["target"][:, 2:] == -1).all() and not (whole["target"] == -1).any()
    assert set(specularity.FIELDS) == set(given)


@pytest.mark.parametrize(
    ("number", "direction", "message"),
    [(1, "AtoB", "found a batch of 1; expected 2 or more"),
     (4, "BtoC", "found direction 'BtoC'; expected one of AtoB, BtoA")],
)  # fmt: skip
def test_batches_that_make_no_sense_are_refused_in_a_line(number, direction, message):
    with pytest.raises(ValueError, match=message) as caught:
        arrange(arrays(number), direction)
    assert "\n" not in str(caught.value)
