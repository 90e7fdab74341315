"""Speed on a card: operations counted by hand, and a tiny run on the machine that is there."""

import keras
import numpy as np
import pytest
from keras import layers

from lib.benchmarks import speed_card, speed_torch


def test_operations_of_a_stack_worked_out_by_hand():
    """An 8 x 6 picture through every kind of layer that counts, strides and a nested model too."""
    inputs = keras.Input((8, 6, 3))
    x = layers.Conv2D(5, 3, padding="same")(inputs)  # 8 x 6 x 5 values, 3 x 3 x 3 weights each
    x = layers.Conv2D(4, 4, strides=2, padding="same", groups=1)(x)  # 4 x 3 x 4 of 4 x 4 x 5
    x = layers.Conv2DTranspose(7, 2, strides=2)(layers.ReLU()(x))  # 4 x 3 x 4 reach 2 x 2 x 7
    x = layers.Conv2D(14, 1, groups=7)(x)  # 8 x 6 x 14 values, one weight each
    nested = keras.Sequential([keras.Input((14,)), layers.Dense(2)])  # 2 values of 14
    outputs = nested(layers.GlobalAveragePooling2D()(x))
    products = 240 * 27 + 48 * 80 + 48 * 28 + 672 * 1 + 2 * 14
    assert speed_card.operations(keras.Model(inputs, outputs)) == 2 * products


def test_a_transposed_convolution_costs_what_the_convolution_it_transposes_does():
    there = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(5, 4, 2, padding="same")])
    back = keras.Sequential([keras.Input((4, 4, 5)), layers.Conv2DTranspose(3, 4, 2, "same")])
    assert speed_card.operations(there) == speed_card.operations(back)


def test_an_unknown_kernel_is_refused_rather_than_left_out():
    model = keras.Sequential([keras.Input((8, 8, 3)), layers.DepthwiseConv2D(3, name="odd")])
    with pytest.raises(ValueError, match="layer odd: found a kernel"):
        speed_card.operations(model)


def test_a_step_of_pix2pix_worked_out_by_hand():
    """8 px, width 2: the U-Net halves once; three passes of it, eight of the critic."""
    generator = 4 * 4 * 2 * 48 + 8 * 8 * 2 * 18 + 8 * 8 * 3 * 18
    critic = 4 * 4 * 2 * 96 + 4 * 4 * 4 * 32 + 4 * 4 * 1 * 64
    assert speed_card.step_operations(8, 2, 5) == 5 * 2 * (3 * generator + 8 * critic)


def test_a_tiny_run_fits_together_and_leaves_the_policy_alone(capsys):
    table = speed_card.measure([(8, 2, 1)], ["float16"], turns=(1, 1), matrix=32, torch=None)
    figures = table.select_dtypes("number").to_numpy()
    assert len(table) == 1 and np.isfinite(figures).all() and (figures > 0).all()
    np.testing.assert_allclose(table["pictures/s"] * table["ms/step"], 1000)
    reached = speed_card.step_operations(8, 2, 1) / (table["ms/step"] / 1e3) / 1e12
    np.testing.assert_allclose(table["TFLOP/s"], reached)
    assert keras.config.dtype_policy().name == "float32"
    assert "32 x 32 matrix products at" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["64", "64:16", "64:16:0", "64:16:-1", "a:b:c"])
def test_a_size_that_is_none_is_refused(text):
    with pytest.raises(speed_card.argparse.ArgumentTypeError, match="expected PX:WIDTH:N"):
        speed_card.read_size(text)


def test_what_pytorch_said_last_is_reported(tmp_path):
    interpreter = tmp_path / "python"
    interpreter.write_text("#!/bin/sh\necho first >&2\necho no torch here >&2\nexit 1\n")
    interpreter.chmod(0o755)
    with pytest.raises(RuntimeError, match="ended with an error: no torch here"):
        speed_torch.train(str(interpreter), (8, 2, 1), "float32", 1, 1)


def test_pytorchs_figures_become_seconds_a_step(tmp_path):
    interpreter = tmp_path / "python"
    interpreter.write_text("""#!/bin/sh\necho '{"pictures/s": 8, "device": "cuda"}'\n""")
    interpreter.chmod(0o755)
    found = speed_torch.train(str(interpreter), (64, 16, 4), "float16", 1, 1)
    assert found == ("PyTorch by hand, cuda", 0.5)
