"""System S1 on pictures: skin alone changes, batches do not matter, untrained does nothing."""

import numpy as np
import pytest
from specularity_models import SIZE, array, edges, make, trained

from lib import images
from lib.gans.specularity import MODELS, Design, Specularity, translate
from lib.metrics import ScoreError

PHOTOS = np.random.default_rng(5).integers(0, 256, (5, SIZE, SIZE, 3), dtype=np.uint8)
FACES = np.zeros(PHOTOS.shape[:3], np.uint8)
FACES[:, 3:13, 4:12] = 1


KINDS = ("Spec-CGAN", "Simple-GAN", "Spec-Net", "Shine layer (ours)")
"""One model of each kind: with a way back, without, of brightness, of a layer."""


@pytest.fixture(scope="module")
def untrained():
    return {name: make(name) for name in KINDS}


@pytest.fixture(scope="module")
def models():
    """Return models whose networks change pictures, as trained ones do."""
    return {name: trained(make(name)) for name in KINDS if name != "Simple-GAN"}


@pytest.fixture(scope="module")
def cycle(models):
    return models["Spec-CGAN"]


def test_outside_of_the_skin_pixels_stay_to_the_bit(cycle):
    for backwards in (False, True):
        found = translate(cycle, PHOTOS, FACES, backwards=backwards)
        assert found.dtype == np.uint8
        assert (found[FACES == 0] == PHOTOS[FACES == 0]).all()
        assert (found[FACES == 1] != PHOTOS[FACES == 1]).mean() > 0.5
    assert (translate(cycle, PHOTOS, 0 * FACES) == PHOTOS).all()


def test_what_is_not_skin_is_not_looked_at(cycle):
    other = np.where(FACES[..., None] == 1, PHOTOS, np.uint8(0))
    first, second = (translate(cycle, shown, FACES) for shown in (PHOTOS, other))
    assert (first[FACES == 1] == second[FACES == 1]).all()
    assert (translate(cycle, other)[FACES == 1] == first[FACES == 1]).all()  # a cut-out already


def test_both_ways_are_their_own_networks(cycle):
    for backwards, network in ((False, cycle.forwards), (True, cycle.backwards)):
        expected = images.to_picture(array(network(images.to_network(PHOTOS))))
        found = translate(cycle, PHOTOS, backwards=backwards)
        assert np.abs(found.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("name", ["Spec-CGAN", "Spec-Net", "Shine layer (ours)"])
def test_batches_do_not_matter(models, name):
    model = models[name]
    found = translate(model, PHOTOS, FACES, batch_size=2)
    for other in (translate(model, PHOTOS, FACES), translate(model, PHOTOS[3:4], FACES[3:4])):
        expected = found if len(other) == len(found) else found[3:4]
        assert np.abs(other.astype(int) - expected).max() <= 1


def test_untrained_models_change_nothing(untrained):
    for name, model in untrained.items():
        assert (translate(model, PHOTOS, FACES) == PHOTOS).all(), name


def make_layer(design):
    model = trained(make(design))
    bias = model.forwards.get_layer("layer").bias
    bias.assign(array(bias) + 0.2)  # enough to be seen
    return model


def test_ours_never_brightens_a_picture():
    found = translate(make_layer("Shine layer (ours)"), PHOTOS, FACES)
    assert (found <= PHOTOS).all() and (found < PHOTOS)[FACES == 1].mean() > 0.1


def test_a_design_that_cuts_nothing_out_takes_whole_photographs():
    weights = MODELS["Shine layer (ours)"].term_weights
    model = make_layer(Design("layer", weights, cuts_out=False))
    found = translate(model, PHOTOS, FACES)
    assert (found == translate(model, PHOTOS)).all()
    assert (found < PHOTOS)[FACES == 0].any()


def test_pictures_need_not_have_the_size_of_training():
    photos = np.random.default_rng(6).integers(0, 256, (2, 24, 40, 3), dtype=np.uint8)
    for name in ("Spec-CGAN", "Spec-Net", "Shine layer (ours)"):
        model = trained(Specularity(SIZE, 2, MODELS[name], features=edges))
        found = translate(model, photos)
        assert found.shape == photos.shape and (found != photos).any()


def test_what_makes_no_sense_is_refused(untrained, cycle):
    for name in ("Simple-GAN", "Spec-Net", "Shine layer (ours)"):
        with pytest.raises(ValueError, match="no way back: expected one whose design has a cycle"):
            translate(untrained[name], PHOTOS, backwards=True)
    for photos, skin in (
        (PHOTOS / 255, FACES), (PHOTOS[0], FACES), (PHOTOS, FACES * 255), (PHOTOS, FACES[:2])
    ):  # fmt: skip
        with pytest.raises(ScoreError):
            translate(cycle, photos, skin)
