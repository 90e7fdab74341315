"""What sharing a batch does to gradients, and what fit lacks; one process, tiny networks."""

import keras
import numpy as np
import pytest

from lib import profiles
from lib.scaling import example, fitting, progress

tensorflow = pytest.importorskip("tensorflow")


def gradients(model, x, y):
    with tensorflow.GradientTape() as tape:
        loss = model.compute_loss(x, y, model(x, training=True))
    return [keras.ops.convert_to_numpy(g) for g in tape.gradient(loss, model.trainable_variables)]


@pytest.fixture
def colourist():
    return example.Colourist(16, 4)


@pytest.fixture
def batch():
    generator = np.random.default_rng(0)
    y = generator.uniform(-1, 1, (8, 16, 16, 3)).astype(np.float32)
    return example.to_pair({"photo": y})


def test_a_batch_gradient_is_the_mean_of_its_parts(colourist, batch):
    x, y = batch
    whole = gradients(colourist, x, y)
    parts = [gradients(colourist, x[rows], y[rows]) for rows in (slice(0, 4), slice(4, 8))]
    mean = [(first + second) / 2 for first, second in zip(*parts, strict=True)]
    largest = max(np.abs(g).max() for g in whole)
    assert progress.largest_difference(whole, mean) < 1e-5 * largest
    assert progress.largest_difference(whole, parts[0]) > 1e-2 * largest, "the parts differ"


def test_grey_is_what_the_eye_sees():
    white, green = np.ones((1, 1, 1, 3), np.float32), np.array([[[[0, 1, 0]]]], np.float32)
    assert example.to_pair({"photo": white})[0] == pytest.approx(1)
    assert example.to_pair({"photo": green})[0] == pytest.approx(0.587)


def test_prepared_metrics_have_an_axis_and_the_step_is_the_same(colourist, batch):
    x, y = batch
    colourist.compile(keras.optimizers.SGD(0.0), jit_compile=False)
    colourist(x)
    colourist.optimizer.build(colourist.trainable_variables)
    plain = colourist.train_step((x, y))
    colourist.reset_metrics()
    shaped = fitting.prepare_for_workers(colourist).train_step((x, y))
    assert {tuple(value.shape) for value in shaped.values()} == {(1,)}
    assert {name: float(value[0]) for name, value in shaped.items()} == pytest.approx(
        {name: float(value) for name, value in plain.items()}
    )


def test_a_prepared_model_still_fits_alone(colourist, batch):
    """Keras 3.15's fit calls what is replaced: a rename there must not pass unnoticed."""
    assert hasattr(colourist, "_maybe_symbolic_build")
    assert type(fitting.prepare_for_workers(colourist)) is example.Colourist


def test_progress_counts_steps_and_leaves_the_first_out(tmp_path):
    path = tmp_path / progress.FOLDER / "0.jsonl"
    path.parent.mkdir()
    lines = [(1, 10.0, 0), (1, 10.5, 1), (2, 20.0, 1), (2, 27.0, 2), (2, 27.5, 3), (2, 28.5, 4)]
    text = "".join(
        f'{{"process": {process}, "time": {at}, "step": {step}}}\n' for process, at, step in lines
    )
    path.write_text(text + '{"process": 2, "ti')  # a kill cut it short
    assert progress.step_of(tmp_path, 0) == 4
    assert progress.seconds_a_step(tmp_path, 0).tolist() == [0.5, 1.0]
    assert progress.step_of(tmp_path, 1) == 0, "has not begun"


def test_a_nudge_is_of_its_size(tmp_path, monkeypatch):
    class Folder:
        def split(self, name):
            return self

        def __len__(self):
            return 8

        def batches(self, *_, **options):
            return options

    monkeypatch.setattr(example.store, "open", lambda path: Folder())
    profile = profiles.change(profiles.PROFILES["smoke"], size=16, width=4)

    def weights(nudge):
        keras.utils.set_random_seed(1)
        model, _ = example.plan(profile, "somewhere", 0, nudge=nudge)
        return [variable.numpy() for variable in model.trainable_variables]

    plain, nudged = weights(0.0), weights(1e-3)
    ratios = np.concatenate(
        [(b[a != 0] / a[a != 0] - 1).ravel() for a, b in zip(plain, nudged, strict=True)]
    )
    assert ratios.std() == pytest.approx(1e-3, rel=0.1)
    assert progress.largest_difference(plain, weights(0.0)) == 0
