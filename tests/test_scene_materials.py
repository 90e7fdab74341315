"""Materials say of each place of a face what a face has there."""

import numpy as np
import pytest

from lib import labels
from lib.scene import head, noise
from lib.scene.curves import MOUTH_HEIGHT, brow_curve
from lib.scene.kinds import Kind
from lib.scene.materials import eye, mouth, skin
from lib.scene.materials.finish import hill, ridge
from lib.scene.materials.head import paint_face, paint_head
from lib.scene.materials.paints import paints
from lib.scene.sampling import sample

MODEL = head.load()
CAPTURE = sample(0, 0, 0, expression=False)
PAINTS = paints(CAPTURE, MODEL, MODEL.shape(CAPTURE.person.shape, CAPTURE.expression), detail=0.5)
NOISE = noise.textures()


def name_at(x, y):
    return labels.CLASSES[paint_face(x, y, PAINTS.head, NOISE).label]


@pytest.mark.parametrize("texture", range(5))
def test_textures_repeat_without_a_seam(texture):
    tile = NOISE[texture]
    inside = np.abs(np.diff(tile, axis=1)).mean()
    assert np.abs(tile[:, 0] - tile[:, -1]).mean() < 1.5 * inside + 1e-3
    for u in (3.0, 41.0):
        once, later = (noise.look_up(NOISE, texture, u + k * 90, 7.0, 90.0, 90.0) for k in (0, 3))
        assert once == later


def test_melanin_darkens_and_haemoglobin_reddens():
    tones = np.array([skin.skin_colour(melanin, 0.3) for melanin in np.linspace(0, 1, 9)])
    assert np.all(np.diff(tones, axis=0) < 0)
    assert np.allclose(tones[::2], skin.TONES, rtol=1e-6)
    pale, flushed = skin.skin_colour(0.3, 0.1), skin.skin_colour(0.3, 0.9)
    assert flushed[0] / flushed[1] > 1.3 * pale[0] / pale[1]


def test_forehead_nose_and_cheekbones_are_oiliest():
    cheek = skin.oil_of_face(45.0, -70.0)
    for x, y in ((0, 46), (0, -22), (41, -14), (-41, -14)):
        assert skin.oil_of_face(float(x), float(y)) > 1.4 * cheek


def test_a_mole_is_where_it_is_said_to_be():
    moles = ((20.0, -30.0, 1.0),)
    assert skin.mole(20.0, -30.0, moles) == pytest.approx(1.2)
    assert skin.mole(23.0, -30.0, moles) == 0


def test_the_parts_of_a_face_are_labelled_by_the_subjects_own_sides():
    brow = brow_curve(30.0, CAPTURE.person.brows.arch, CAPTURE.person.brows.thickness)[0]
    assert name_at(30.0, brow) == "l_brow"
    assert name_at(-30.0, brow) == "r_brow"
    assert name_at(0.0, -30.0) == "nose"
    assert name_at(0.0, MOUTH_HEIGHT + 3) == "u_lip"
    assert name_at(0.0, MOUTH_HEIGHT - 4) == "l_lip"
    assert name_at(40.0, -40.0) == "skin"


def test_scalp_and_neck_are_labelled_too():
    crown = paint_head(0.0, 100.0, 0.0, 112.0, PAINTS.head, NOISE)
    throat = paint_head(0.0, -130.0, 0.0, -160.0, PAINTS.head, NOISE)
    assert labels.CLASSES[crown.label] == "hair"
    assert labels.CLASSES[throat.label] == "neck"


def test_pupil_iris_and_white_lie_around_each_other():
    def at(x, side=1):
        return eye.paint_eyeball(x, 0.0, side, PAINTS.eyes.left, PAINTS.eyes, NOISE)

    pupil, iris, white = (sum(at(x).colour) for x in (0.0, 4.0, 8.0))
    assert pupil < 0.05 < iris < white
    assert labels.CLASSES[at(0.0).label] == "l_eye"
    assert labels.CLASSES[at(0.0, side=-1).label] == "r_eye"


def test_the_upper_lid_shades_the_eyeball():
    centre = PAINTS.eyes.left

    def shade(up):
        place = (centre[0], centre[1] + up, centre[2] + 12)
        return eye.paint_eyeball(0.0, up, 1, place, PAINTS.eyes, NOISE).shade

    assert shade(PAINTS.eyes.lid_left) < 0.6 * shade(0.0)


def test_teeth_have_gums_and_gaps():
    middle, gap = (sum(mouth.tooth_colour(x, 0.6, True, 1.0)) for x in (4.2, 8.4))
    assert gap < 0.8 * middle
    red, green, _ = mouth.tooth_colour(4.2, -0.4, True, 1.0)
    assert red > 2 * green
    deep, front = (
        mouth.paint_mouth(Kind.TEETH, 0.0, 0.5, 1, (0, -64, z), 98.0, 1.0).shade for z in (60, 98)
    )
    assert deep < 0.3 * front


def test_hills_and_ridges_are_nearly_gaussians_and_end():
    assert hill(0.0, 0.0, 3.0, 4.0) == 1
    assert hill(7.4, 0.0, 3.0, 4.0) == 0
    for share in np.linspace(0, 3, 13):
        assert hill(3.0 * share, 0.0, 3.0, 4.0) == pytest.approx(np.exp(-(share**2)), abs=0.05)
        assert hill(0.0, 4.0 * share, 3.0, 4.0) == ridge(2.0 * share, 2.0)
