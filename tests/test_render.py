"""Every channel of a rendered picture is true of the same face."""

import re
from dataclasses import replace

import cv2
import numpy as np
import pytest

from lib import labels
from lib.scene import camera, head, pictures
from lib.scene.capture import Background
from lib.scene.head import EXPRESSIONS
from lib.scene.look import Glasses
from lib.scene.render import SPECULAR_THRESHOLD, render
from lib.scene.sampling import sample
from lib.scene.validity import SceneError

SIZE = 64
PLAIN = sample(11, 0, 0, expression=False, accessories=False, yaw_spread=0.0)


@pytest.fixture(scope="module")
def channels():
    return render(PLAIN, SIZE)


def test_shapes_types_and_ranges(channels):
    expected = {
        "photo": ((SIZE, SIZE, 3), np.uint8), "diffuse": ((SIZE, SIZE, 3), np.uint8),
        "specular": ((SIZE, SIZE, 3), np.uint8), "render": ((SIZE, SIZE, 3), np.uint8),
        "diffuse_linear": ((SIZE, SIZE, 3), np.float32),
        "specular_linear": ((SIZE, SIZE, 3), np.float32),
        "specular_mask": ((SIZE, SIZE), np.uint8), "labels": ((SIZE, SIZE), np.uint8),
        "landmarks": ((68, 2), np.float32), "landmarks_visible": ((68,), np.uint8),
        "depth": ((SIZE, SIZE), np.float32), "normals": ((SIZE, SIZE, 3), np.float32),
    }  # fmt: skip
    assert {name: (array.shape, array.dtype) for name, array in channels.items()} == expected
    assert all(np.isfinite(array).all() for array in channels.values())
    assert channels["labels"].max() < len(labels.CLASSES)
    assert set(np.unique(channels["specular_mask"])) <= {0, 1}


@pytest.mark.parametrize("identity", range(3))
def test_the_photo_is_exactly_the_sum_of_its_layers(identity):
    made = render(sample(11, identity, 1), 48)
    total = made["diffuse_linear"] + made["specular_linear"]
    assert np.array_equal(made["photo"], pictures.to_srgb(total))
    assert np.array_equal(made["diffuse"], pictures.to_srgb(made["diffuse_linear"]))
    weights = np.array([0.2126, 0.7152, 0.0722])
    bright = made["specular_linear"].astype(float) @ weights
    sure = np.abs(bright - SPECULAR_THRESHOLD) > 1e-6
    assert np.array_equal(made["specular_mask"][sure], (bright > SPECULAR_THRESHOLD)[sure])


def test_the_same_capture_gives_the_same_bytes(channels):
    again = render(sample(11, 0, 0, expression=False, accessories=False, yaw_spread=0.0), SIZE)
    assert all(np.array_equal(channels[name], again[name]) for name in channels)


def test_landmarks_are_the_projected_points_counted_from_the_first_pixels_centre(channels):
    model = head.load()
    vertices = model.shape(PLAIN.person.shape, PLAIN.expression)
    points = camera.project(model.landmarks(vertices, PLAIN.person), PLAIN.camera, SIZE)
    assert np.allclose(channels["landmarks"][17:], points[17:, :2] - 0.5, atol=1e-3)
    larger = render(PLAIN, 2 * SIZE)["landmarks"]
    assert np.allclose((larger + 0.5) / 2, channels["landmarks"] + 0.5, atol=1e-3)


def test_labels_lie_where_the_landmarks_say(channels):
    def name_at(*points):
        x, y = channels["landmarks"][list(points)].mean(axis=0).round().astype(int)
        return labels.CLASSES[channels["labels"][y, x]]

    assert name_at(37, 38, 40, 41) == "r_eye"
    assert name_at(43, 44, 46, 47) == "l_eye"
    assert name_at(29, 30) == "nose"
    assert name_at(1, 31) == "skin"
    assert labels.CLASSES[channels["labels"][0, 0]] == "background"


def test_oil_adds_shine_and_nothing_else(channels):
    oily = render(replace(PLAIN, oil=2 * PLAIN.oil), SIZE)
    assert np.array_equal(oily["diffuse_linear"], channels["diffuse_linear"])
    skin = np.isin(channels["labels"], [1, 2])
    assert oily["specular_linear"][skin].mean() > 1.3 * channels["specular_linear"][skin].mean()
    assert np.array_equal(oily["labels"], channels["labels"])


def test_another_background_changes_only_the_background(channels):
    other = render(replace(PLAIN, background=sample(12, 5, 0).background), SIZE)
    differs = (other["photo"] != channels["photo"]).any(axis=-1)
    person = (channels["labels"] != 0).astype(np.uint8)
    inside = cv2.erode(person, np.ones((5, 5), np.uint8)) > 0
    assert differs[~person.astype(bool)].mean() > 0.9
    assert not (differs & inside & (channels["labels"] == 1)).any()


def test_the_bare_render_shows_the_face_alone_whatever_is_worn(channels):
    other = sample(11, 7, 0)
    dressed = render(replace(PLAIN, look=other.look, background=other.background), SIZE)
    assert np.array_equal(dressed["render"], channels["render"])
    shown = channels["render"].any(axis=-1)
    assert 0.08 < shown.mean() < 0.6
    assert not shown[[0, -1]].any()


def test_without_the_bare_model_all_else_is_the_same(channels):
    others = render(PLAIN, SIZE, bare_model=False)
    assert set(channels) - set(others) == {"render"}
    assert all(np.array_equal(array, channels[name]) for name, array in others.items())


def test_depth_and_normals_describe_the_head(channels):
    x, y = channels["landmarks"][30].round().astype(int)
    assert abs(channels["depth"][y, x] - PLAIN.camera.distance) < 120
    covered = channels["normals"].any(axis=-1)
    assert np.allclose(np.linalg.norm(channels["normals"][covered], axis=-1), 1, atol=1e-3)
    assert (channels["normals"][covered][:, 2] > -0.3).mean() > 0.97  # they face the camera
    assert channels["depth"][0, 0] == 0


def test_dark_skin_stays_dark_and_keeps_its_shape(channels):
    def with_melanin(melanin):
        skin = replace(PLAIN.person.skin, melanin=melanin)
        return render(replace(PLAIN, person=replace(PLAIN.person, skin=skin)), SIZE)

    light, dark = with_melanin(0.05), with_melanin(0.95)
    skin = light["labels"] == 1
    assert dark["diffuse_linear"][skin].mean() < 0.6 * light["diffuse_linear"][skin].mean()
    assert np.array_equal(light["landmarks"], dark["landmarks"])
    assert np.array_equal(light["depth"], dark["depth"])


def test_a_turned_head_hides_the_far_ear_and_marches_its_jaw():
    turned = replace(PLAIN, camera=replace(PLAIN.camera, yaw=30.0))
    made = render(turned, SIZE)
    model = head.load()
    vertices = model.shape(PLAIN.person.shape, PLAIN.expression)
    fixed = camera.project(model.landmarks(vertices, PLAIN.person), turned.camera, SIZE)
    far, near = made["landmarks"][14:17, 0], made["landmarks"][0:3, 0]
    assert (far > fixed[14:17, 0] - 0.5 + 1).all()  # out to the visible contour
    assert np.allclose(near, fixed[0:3, 0] - 0.5, atol=1.5)


def test_supersampling_smooths_but_does_not_move():
    rough, smooth = render(PLAIN, SIZE, supersample=1), render(PLAIN, SIZE, supersample=3)
    assert np.array_equal(rough["landmarks"], smooth["landmarks"])
    assert np.abs(rough["photo"].astype(float) - smooth["photo"]).mean() < 12
    assert (rough["labels"] == smooth["labels"]).mean() > 0.9


def test_a_clear_lens_before_a_white_wall_is_white():
    glasses = Glasses(24.0, 18.0, 3.0, 1.0, (0.0, 0.0, 0.0), False, (1.0, 1.0, 1.0))
    wall = Background(((0.9,) * 3, (0.9,) * 3), 0.0, (), ())
    capture = replace(
        PLAIN, look=replace(PLAIN.look, glasses=glasses), background=wall, exposure=1.0,
        camera=replace(PLAIN.camera, yaw=30.0),
    )  # fmt: skip
    glass = render(capture, 96)
    bare = render(replace(capture, look=replace(capture.look, glasses=None)), 96)
    through = (glass["labels"] == labels.CLASSES.index("eye_g")) & (bare["labels"] == 0)
    inside = cv2.erode(through.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    assert inside.any()
    assert np.median(glass["photo"][inside]) > 240


def test_closed_lids_hide_the_eyes():
    shut = PLAIN.expression.copy()
    shut[[EXPRESSIONS.index("blink_right"), EXPRESSIONS.index("blink_left")]] = 1.0
    seen = render(replace(PLAIN, expression=shut), SIZE)["labels"]
    eyes = [labels.CLASSES.index(name) for name in ("l_eye", "r_eye")]
    assert not np.isin(seen, eyes).any()


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"expression": np.full(len(PLAIN.expression), np.nan, np.float32)}, "expression"),
        ({"expression": np.zeros(3, np.float32)}, "expression"),
        ({"lights": ()}, "lights"),
        ({"lights": (replace(PLAIN.lights[0], direction=(0.0, 0.0, 0.0)),)}, "direction"),
        ({"camera": replace(PLAIN.camera, yaw=float("nan"))}, "camera.yaw"),
        ({"camera": replace(PLAIN.camera, field=-200.0)}, "camera.field"),
        ({"camera": replace(PLAIN.camera, distance=0.0)}, "camera.distance"),
        ({"clothing": replace(PLAIN.clothing, period=0.0)}, "period"),
        (
            {"look": replace(PLAIN.look, hair=replace(PLAIN.look.hair, comb="up"))},
            "hair.comb",
        ),
    ],
)
def test_what_cannot_be_rendered_is_refused_in_one_line(wrong, named):
    with pytest.raises(SceneError, match=re.escape(named)) as caught:
        render(replace(PLAIN, **wrong), 16)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("options", [{"size": 0}, {"size": "64"}, {"size": 8, "supersample": 0}])
def test_sizes_are_whole_numbers(options):
    with pytest.raises(SceneError, match="expected a whole number of at least 1"):
        render(PLAIN, **options)
