"""Shine removers: pictures made of two known layers, a second filter, faces, hostile pictures."""

import numpy as np
import pytest

from lib import baselines
from lib.metrics import ScoreError
from lib.prepare import specular
from lib.prepare.specular import bilateral, dichromatic, intensity_ratio, threshold
from lib.prepare.specular.light import chromaticity
from lib.scene.pictures import to_srgb
from lib.scene.render import SPECULAR_THRESHOLD, render
from lib.scene.sampling import sample

GENERATOR = np.random.default_rng(0)
SKIN = np.array([0.55, 0.28, 0.17])
NOISE = GENERATOR.integers(0, 256, (40, 31, 3), dtype=np.uint8)
REDDISH = (NOISE * [1, 0.7, 0.6]).astype(np.uint8)


def ball(size=64):
    """Return one skin-coloured shading and a white highlight on it, both linear light."""
    row, column = (np.indices((size, size)) + 0.5) / size
    shading = 0.55 + 0.6 * np.cos(3 * (column - 0.5)) * row
    highlight = 0.3 * np.exp(-((row - 0.4) ** 2 + (column - 0.5) ** 2) / 0.004)
    return shading[..., None] * SKIN, highlight[..., None] * np.ones(3)


@pytest.fixture(scope="module")
def faces():
    return [render(sample(2, identity, 0), 64) for identity in range(4)]


def hostile():
    """Yield pictures of one colour, of one row, of noise, and in an odd order in memory."""
    for level in (0, 1, 24, 25, 128, 255):
        yield np.full((9, 7, 3), level, np.uint8)
    for colour in ([255, 0, 0], [200, 150, 120], [1, 0, 0]):
        yield np.tile(np.uint8(colour), (9, 7, 1))
    for shape in ((1, 1), (1, 2), (1, 50), (50, 1), (3, 200)):
        yield GENERATOR.integers(0, 256, (*shape, 3), dtype=np.uint8)
    yield from (NOISE, NOISE // 10, NOISE // 128 * 255, NOISE[::2, ::-1], np.asfortranarray(NOISE))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("method", specular.METHODS)
def test_the_layers_add_up_and_no_picture_is_too_odd(method):
    for picture in hostile():
        before = picture.copy()
        for within in (
            None,
            np.zeros(picture.shape[:2]),
            GENERATOR.random(picture.shape[:2]) < 0.5,
        ):
            diffuse, shine, mask = specular.estimate(picture, method, within)
            assert diffuse.dtype == shine.dtype == mask.dtype == np.uint8
            assert diffuse.shape == shine.shape == picture.shape == (*mask.shape, 3)
            total = specular.to_linear(diffuse) + specular.to_linear(shine)
            assert np.abs(total - specular.to_linear(picture)).max() < 0.007  # rounding twice
            assert (diffuse <= picture).all()
            assert set(np.unique(mask)) <= {0, 1}
            outside = np.zeros(mask.shape, bool) if within is None else within == 0
            np.testing.assert_array_equal(diffuse[outside], picture[outside])
            assert not shine[outside].any() and not mask[outside].any()
        np.testing.assert_array_equal(picture, before)


@pytest.mark.parametrize("method", specular.METHODS)
def test_what_lies_outside_is_not_looked_at(method):
    within = np.zeros(REDDISH.shape[:2], np.uint8)
    within[8:30, 5:25] = 1
    other = np.where(within[..., None] == 1, REDDISH, np.uint8(0))
    first, second = (specular.estimate(one, method, within)[0] for one in (REDDISH, other))
    np.testing.assert_array_equal(first[within == 1], second[within == 1])
    assert (first != REDDISH).any()


@pytest.mark.parametrize("method", specular.METHODS)
def test_a_cut_out_on_black_needs_no_mask(method):
    within = np.zeros(REDDISH.shape[:2], np.uint8)
    within[8:30, 5:25] = 1
    cut = np.where(within[..., None] == 1, np.maximum(REDDISH, 40), np.uint8(0))
    np.testing.assert_array_equal(
        specular.estimate(cut, method)[0], specular.estimate(cut, method, within)[0]
    )


@pytest.mark.parametrize("method", ["dichromatic", "intensity_ratio", "bilateral"])
def test_white_light_treats_all_channels_alike(method):
    for order in ([2, 1, 0], [1, 2, 0]):
        turned = specular.estimate(REDDISH[..., order], method)[0]
        difference = turned.astype(int) - specular.estimate(REDDISH, method)[0][..., order]
        assert np.abs(difference).max() <= 1


@pytest.mark.parametrize("method", ["dichromatic", "intensity_ratio"])
def test_one_surface_under_a_white_highlight_is_separated_exactly(method):
    body, highlight = ball()
    diffuse, shine, mask = specular.estimate(to_srgb(body + highlight), method)
    light = body + highlight
    looked_at = light[..., 2] > light[..., 2].mean()  # Shen and Zheng look at no other pixels
    assert np.abs(specular.to_linear(diffuse) - body)[looked_at].mean() < 0.004
    shone = looked_at & (highlight[..., 0] > SPECULAR_THRESHOLD + 0.015)
    assert mask[shone].all()
    assert not mask[highlight[..., 0] < SPECULAR_THRESHOLD - 0.015].any()
    assert np.abs(specular.to_linear(shine) - highlight)[shone].max() < 0.02


def test_spreading_colours_leaves_little_of_a_highlight():
    body, highlight = ball()
    diffuse, _, mask = specular.estimate(to_srgb(body + highlight), "bilateral")
    left = specular.to_linear(diffuse) - body
    shone = highlight[..., 0] > 0.1
    assert left[shone].mean() < 0.15 * highlight[shone].mean()
    assert np.abs(left[highlight[..., 0] < 0.001]).mean() < 0.01
    assert mask[shone].all()


def test_a_cut_highlight_is_filled_with_the_colour_around_it():
    body, highlight = ball()
    flat = np.full_like(body, 0.9) * SKIN
    assert threshold.is_shine(flat + highlight, np.ones(body.shape[:2], bool))[25, 32]
    diffuse, _, _ = specular.estimate(to_srgb(flat + 2 * highlight), "threshold")
    centre = specular.to_linear(diffuse)[25, 32]
    np.testing.assert_allclose(centre, flat[25, 32], atol=0.05)


@pytest.mark.parametrize("method", specular.METHODS)
def test_without_shine_little_is_taken_off(method):
    body, _ = ball()
    diffuse, _, mask = specular.estimate(to_srgb(body), method)
    assert not mask.any()
    assert np.abs(specular.to_linear(diffuse) - body).max() < 0.02


@pytest.mark.parametrize("method", specular.METHODS)
def test_shine_on_rendered_faces_gets_weaker(method, faces):
    left = before = 0.0
    for face in faces:
        skin = np.isin(face["labels"], (1, 2)).astype(np.uint8)
        shone = (skin & face["specular_mask"]) == 1
        diffuse, _, _ = specular.estimate(face["photo"], method, within=skin)
        left += np.abs(specular.to_linear(diffuse) - face["diffuse_linear"])[shone].sum()
        before += np.abs(specular.to_linear(face["photo"]) - face["diffuse_linear"])[shone].sum()
    assert left < 0.85 * before


def test_shine_moves_neither_the_guide_nor_the_specular_free_colour():
    pixels = GENERATOR.uniform(0.1, 0.4, (50, 3))
    shone = pixels + GENERATOR.uniform(0, 0.3, (50, 1))
    coloured = np.ptp(chromaticity(shone), axis=1) > 0.05
    for colour in (dichromatic.specular_free, lambda light: bilateral.guide(chromaticity(light))):
        np.testing.assert_allclose(colour(pixels)[coloured], colour(shone)[coloured], atol=1e-6)
    assert (bilateral.guide(chromaticity(pixels)) >= 0.5).all()


def test_least_squares_find_the_parts_that_were_mixed():
    body, white = GENERATOR.uniform(0.1, 1, 20), GENERATOR.uniform(0, 1, 20)
    mixed = body[:, None] * SKIN + white[:, None]
    np.testing.assert_allclose(dichromatic.white_share(mixed, SKIN), white)


def test_intensity_ratio_worked_out_by_hand():
    pixels = np.float32([[0.6, 0.3, 0.2], [0.3, 0.15, 0.1], [0.7, 0.4, 0.3]])
    spread, brightest = np.float32([0.4, 0.2, 0.4]), pixels.max(axis=1)
    foretold = intensity_ratio._brightest_without_shine(spread, brightest, np.zeros(3), 0.1)
    np.testing.assert_allclose(foretold, [0.6, 0.3, 0.6], rtol=1e-6)  # the median ratio is 1.5
    own = intensity_ratio._brightest_without_shine(spread, brightest, np.arange(3), 0.3)
    np.testing.assert_allclose(own, brightest)  # alone, every pixel is its own median


def filter_slowly(values, guide, counted, reach, place):
    """Filter one pixel by the definition: from every other one."""
    row, column = np.indices(values.shape)
    far = (row - place[0]) ** 2 + (column - place[1]) ** 2
    weights = np.exp(-0.5 * far / reach**2) * counted
    weights *= np.exp(-0.5 * ((guide - guide[place]) / bilateral.SIMILAR) ** 2)
    return (weights * values).sum() / weights.sum()


@pytest.mark.parametrize("size", [(24, 20), (110, 97)])
def test_the_fast_filter_is_the_slow_one(size):
    row, column = (np.indices(size) / max(size)).astype(np.float32)
    guide = 0.6 + 0.15 * np.sin(4 * row) * column
    values = 0.4 + 0.1 * row + GENERATOR.uniform(0, 0.1, size).astype(np.float32)
    counted = row < 0.7
    reach = bilateral.REACH * min(size)
    found = bilateral.JointFilter(guide, counted, reach)(values)
    for place in GENERATOR.permutation(np.argwhere(counted))[:60]:
        slow = filter_slowly(values, guide, counted, reach, tuple(place))
        assert found[tuple(place)] == pytest.approx(slow, abs=0.01)


def test_wrong_arguments_get_one_line():
    for picture in (NOISE / 255, NOISE[..., 0], NOISE[None], NOISE[:0]):
        with pytest.raises(specular.SpecularError, match=r"found a picture .*expected uint8"):
            specular.estimate(picture, "bilateral")
    with pytest.raises(specular.SpecularError, match=r"did you mean 'bilateral'.*expected one of"):
        specular.estimate(NOISE, "bilatral")
    with pytest.raises(specular.SpecularError, match="expected one of threshold"):
        specular.estimate(NOISE, None)
    for within in (np.ones((3, 3)), np.full(NOISE.shape[:2], 255, np.uint8)):
        with pytest.raises(specular.SpecularError, match="expected 0 and 1 only"):
            specular.estimate(NOISE, "threshold", within)


@pytest.mark.parametrize("name", baselines.SEPARATIONS)
def test_baselines_take_many_pictures_at_once(name):
    pictures = np.stack([REDDISH, REDDISH[::-1]])
    masks = np.zeros(pictures.shape[:3], np.uint8)
    masks[:, 8:30, 5:25] = 1
    remove = baselines.SEPARATIONS[name]
    for within in (None, masks):
        found = remove(pictures, within)
        assert found.dtype == np.uint8 and not np.shares_memory(found, pictures)
        assert (found == pictures).all() == (name == "do nothing")
        for index in range(2 if remove.method else 0):
            region = None if within is None else within[index]
            alone = specular.estimate(pictures[index], remove.method, region)[0]
            np.testing.assert_array_equal(found[index], alone)
    np.testing.assert_array_equal(found[masks == 0], pictures[masks == 0])
    for wrong in ((pictures / 255,), (pictures[0],), (pictures, masks * 255), (pictures, masks[0])):
        with pytest.raises(ScoreError, match="expected"):
            remove(*wrong)


def test_every_method_has_a_row_in_tables():
    methods = [remove.method for remove in baselines.SEPARATIONS.values()]
    assert methods == ["", *specular.METHODS]
