"""Everything that learns here learns in half precision too, as it does on a GPU."""

import keras
import map_to_face_models
import numpy as np
import pytest
import render_to_photo_models
import specularity_models

from lib.gans import mask_maps, part_maps, repainting
from lib.gans.unmask_noise import UnmaskNoise
from lib.gans.unmask_two_critics import UnmaskTwoCritics
from lib.models.parsing import build_parsing_network
from lib.models.segmentation_unet import build_segmentation_unet
from lib.models.strided_unet import build_strided_unet
from lib.models.surround import build_baring_unet, build_surrounding_unet
from lib.scaling.example import Colourist

SIZE = 16


def masked():
    photo = specularity_models.pictures(low=-1, high=1)
    mask = np.zeros((3, SIZE, SIZE), np.float32)
    mask[:, 8:14, 3:13] = 1
    return {"photo": photo, "masked": photo * (1 - mask[..., None]), "mask": mask}


def finder(build, *sizes, **options):
    return alone(build(SIZE, 2, *sizes, **options), mask_maps.loss), mask_maps.arrange(masked())


def alone(network, loss):
    network.compile(loss=loss)
    return network


def parser():
    photo = specularity_models.pictures(size=32)
    labels = np.random.default_rng(0).integers(0, 19, (3, 32, 32, 1))
    return alone(build_parsing_network(32, 2), part_maps.loss), (photo, labels)


def s1(name):
    return specularity_models.make(name), specularity_models.batch()


def s4(name):
    design = map_to_face_models.EVERY[name]
    batch = map_to_face_models.batch(kind=design.account)
    return map_to_face_models.make(design, dropout=0.5), batch


def s5(name):
    translators = {"forwards": build_surrounding_unet, "backwards": build_baring_unet}
    model = render_to_photo_models.make(name, translator=lambda way: translators[way](None, 2, way))
    return model, (render_to_photo_models.batch(), None)


def colourist():
    photo = masked()["photo"]
    return Colourist(SIZE, 2), (photo[..., :1], photo)


LEARNERS = {
    "S1's longest": lambda: s1("Cycle-GAN-Per-loss"),
    "S1's Spec-Net": lambda: s1("Spec-Net"),
    "our layer of shine": lambda: s1("Shine layer (ours)"),
    "S2's finder": lambda: finder(build_strided_unet, 3, channels_out=1, activation="linear"),
    "S2": lambda: (UnmaskNoise(SIZE, 2, dropout=0.5), repainting.arrange(masked())),
    "S3's finder": lambda: finder(build_segmentation_unet, 3),
    "S3": lambda: (
        UnmaskTwoCritics(SIZE, 2, steps=9, features=specularity_models.edges),
        repainting.arrange(masked()),
    ),
    "parser": parser,
    "S4's": lambda: s4("bottleneck"),
    "S4's, ours": lambda: s4("modulated"),
    "S4's, redrawing": lambda: s4("redraws"),
    "S5": lambda: s5("facegan"),
    "S5, ours": lambda: s5("ours"),
    "the example of lesson 22": colourist,
}


@pytest.mark.parametrize("name", LEARNERS)
def test_it_learns_in_half_precision_and_answers_in_float32(half_precision, name):
    model, (x, y) = LEARNERS[name]()
    # the usual first scale, 32,768, is halved for some steps, which change nothing
    scaled = keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(1e-3), initial_scale=8.0)
    model.compile(scaled, loss=model.loss, run_eagerly=True)
    assert keras.backend.standardize_dtype(model(x).dtype) == "float32"
    model.optimizer.build(model.trainable_variables)
    before = [np.array(weight) for weight in model.trainable_weights]
    assert np.isfinite(model.train_on_batch(x, y, return_dict=True)["loss"])
    assert {weight.dtype for weight in model.trainable_weights} == {"float32"}
    after = [np.array(weight) for weight in model.trainable_weights]
    assert all(np.isfinite(weight).all() for weight in after)
    assert any((old != new).any() for old, new in zip(before, after, strict=True))
