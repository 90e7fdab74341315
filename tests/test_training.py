"""Runs: what a folder holds, stopping and resuming to the last bit, failures, samples."""

import dataclasses
import json
import signal

import blobs
import keras
import numpy as np
import pytest

from lib import env, images
from lib.benchmarks import training as benchmark
from lib.profiles import Profile
from lib.training import load, train, weights
from lib.training.backup import BackupError, Position
from lib.training.callbacks import MovingAverage
from lib.training.stream import Stream

PROFILE = Profile("smoke", 8, 4, 4, steps=10, sample_every=4, identities=1, captures=1)


class Numbers(keras.utils.PyDataset):
    """Points to learn; from one step on they may be infinite."""

    def __init__(self, broken_from=None, workers=1):
        super().__init__(workers=workers)
        self.epoch, self.broken_from = 0, broken_from

    def __len__(self):
        return 3

    def __getitem__(self, index):
        step = self.epoch * len(self) + index
        x = np.random.default_rng([self.epoch, index]).normal(size=(4, 3)).astype(np.float32)
        y = x.sum(1, keepdims=True)
        return x, y * np.inf if self.broken_from is not None and step >= self.broken_from else y


def build(rate=0.01, units=5):
    """Return a plain Keras model that draws random numbers in training."""
    keras.utils.set_random_seed(4)
    layers = [
        keras.Input((3,)),
        keras.layers.Dense(units, "relu"),
        keras.layers.Dropout(0.5, seed=9),
        keras.layers.Dense(1),
    ]
    model = keras.Sequential(layers)
    model.compile(keras.optimizers.Adam(rate), loss="mse")
    return model


def values(model):
    return weights.to_arrays(model.weights)


def assert_same(first, second):
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return a run of ten steps that nothing disturbed, and its final weights."""
    model = build()
    samples = Numbers()[0][0]
    run = train(
        model,
        Numbers(),
        PROFILE,
        "whole",
        runs=tmp_path_factory.mktemp("runs"),
        samples=samples,
        draw=lambda model, samples: np.full((4, 4, 3), len(samples), np.uint8),
    )
    return run, values(model)


def test_a_run_folder_holds_options_metrics_samples_and_weights(whole):
    run, trained = whole
    assert run.folder.parts[-2:] == ("smoke", "whole")
    assert (run.steps, run.resumed_from, run.finished) == (10, 0, True)
    assert list(run.history["step"]) == [4, 8, 10]
    assert run.history["seconds"].is_monotonic_increasing
    assert run.history["seconds"].iloc[-1] == pytest.approx(run.seconds, abs=1e-3)
    sheets = sorted(path.name for path in (run.folder / "samples").iterdir())
    assert sheets == ["step_000004.png", "step_000008.png", "step_000010.png"]
    assert np.all(images.read(run.folder / "samples" / sheets[0]) == 4)
    options = json.loads((run.folder / "options.json").read_text())
    assert options["profile"] == dataclasses.asdict(PROFILE)
    assert options["model"]["parameters"] == 3 * 5 + 5 + 5 + 1
    model = build()
    load(model, run.folder / "model.weights.h5")
    assert_same(values(model), trained)
    assert not list(run.folder.rglob(".*"))


def test_a_finished_run_comes_back_at_once_with_its_weights(whole, monkeypatch):
    run, trained = whole
    model = build()
    monkeypatch.setattr(model, "fit", None)
    again = train(model, Numbers(), PROFILE, "whole", runs=run.folder.parent.parent)
    assert_same(values(model), trained)
    assert (again.resumed_from, again.finished) == (10, True)
    assert again.history.equals(run.history)


def test_stopped_by_the_clock_and_resumed_it_ends_the_same(whole, tmp_path, capsys):
    for step in (1, 2):
        run = train(build(), Numbers(), PROFILE, "timed", runs=tmp_path, max_minutes=0)
        assert (run.steps, run.finished) == (step, False)
        assert "max_minutes=0 are over" in run.stopped_because
    assert "the same call again goes on" in capsys.readouterr().out
    model = build()
    run = train(model, Numbers(workers=3), PROFILE, "timed", runs=tmp_path)
    assert (run.resumed_from, run.steps, run.finished) == (2, 10, True)
    assert_same(values(model), whole[1])


def test_raised_steps_go_on_and_a_damaged_backup_falls_back(whole, tmp_path):
    shorter = dataclasses.replace(PROFILE, steps=8)
    run = train(build(), Numbers(), shorter, "longer", runs=tmp_path)
    latest = run.folder / "backup" / "latest.npz"
    latest.write_bytes(latest.read_bytes()[:1000])
    with open(run.folder / "metrics.jsonl", "a") as file:
        file.write('{"step": 12, "seconds": 1}\n{"step": 1')
    model = build()
    run = train(model, Numbers(), PROFILE, "longer", runs=tmp_path)
    assert (run.resumed_from, run.steps) == (4, 10)
    assert list(run.history["step"]) == [4, 8, 10]
    assert_same(values(model), whole[1])
    for path in latest.parent.iterdir():
        path.write_bytes(b"")
    with pytest.raises(BackupError, match=r"latest.npz: expected a readable .*resume=False"):
        train(build(), Numbers(), PROFILE, "longer", runs=tmp_path)


def test_the_same_model_goes_on_where_it_was_stopped(tmp_path):
    model, shorter = build(), dataclasses.replace(PROFILE, steps=8)
    before = type(model.optimizer)
    train(model, Numbers(), shorter, "again", runs=tmp_path)
    assert type(model.optimizer) is before  # or the second call would define another run
    run = train(model, Numbers(), PROFILE, "again", runs=tmp_path)
    assert (run.resumed_from, run.steps) == (8, 10)


def test_resume_false_starts_anew(tmp_path):
    one = dataclasses.replace(PROFILE, steps=1)
    train(build(), Numbers(), one, "anew", runs=tmp_path)
    run = train(build(rate=0.1), Numbers(), one, "anew", runs=tmp_path, resume=False)
    assert (run.resumed_from, len(run.history)) == (0, 1)


def test_a_loss_that_is_not_finite_keeps_the_last_good_weights(tmp_path):
    model = build()
    good = train(build(), Numbers(), dataclasses.replace(PROFILE, steps=4), "good", runs=tmp_path)
    run = train(model, Numbers(broken_from=5), PROFILE, "broken", runs=tmp_path)
    assert (run.steps, run.finished) == (4, False)
    assert run.stopped_because.startswith("loss is not finite at step 6; the last good weights")
    assert "lower learning rate" in run.stopped_because
    assert list(run.history["step"]) == [4]
    saved = build()
    load(saved, good.folder / "model.weights.h5")
    assert_same(values(model), values(saved))
    load(saved, run.folder / "model.weights.h5")
    assert_same(values(model), values(saved))


def test_a_failure_in_the_first_round_leaves_the_first_weights(tmp_path):
    model = build()
    before = values(model)
    run = train(model, Numbers(broken_from=0), PROFILE, "broken", runs=tmp_path)
    assert (run.steps, len(run.history)) == (0, 0)
    assert_same(values(model), before)


def test_a_weight_that_is_not_finite_is_never_backed_up(tmp_path):
    class Poison(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                self.model.layers[-1].bias.assign([np.nan])

    model = build()
    callbacks = [Poison()]
    run = train(model, Numbers(), PROFILE, "poison", runs=tmp_path, extra_callbacks=callbacks)
    assert (run.steps, run.finished) == (4, False)
    assert "bias is not finite at step 8" in run.stopped_because
    assert np.isfinite(values(model)[-1]).all()


@pytest.mark.parametrize(
    ("dataset", "profile", "message"),
    [
        (np.zeros((4, 3)), PROFILE, r"found a ndarray, expected batches: .*\.batches"),
        (Numbers(), "smoke", r"found profile 'smoke', expected profiles.choose"),
    ],
)
def test_no_batches_or_no_profile_is_said_so(tmp_path, dataset, profile, message):
    with pytest.raises(TypeError, match=message):
        train(build(), dataset, profile, "wrong", runs=tmp_path)


def test_what_cannot_be_trained_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"expected a compiled one"):
        train(keras.Sequential([keras.layers.Dense(1)]), Numbers(), PROFILE, "a", runs=tmp_path)
    with pytest.raises(ValueError, match=r"run name '\.\./a': expected letters"):
        train(build(), Numbers(), PROFILE, "../a", runs=tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("workers", [1, 4])
def test_the_stream_is_a_pure_function_of_the_step(workers):
    dataset = Numbers(workers=workers)
    stream = Stream(dataset, first_step=4)
    for index in (0, 1, 0, 1, 2, 3, 4, 5):  # Keras looks at the first items before it begins
        epoch, place = divmod(4 + index, 3)
        expected = np.random.default_rng([epoch, place]).normal(size=(4, 3))
        np.testing.assert_array_equal(stream[index][0], expected.astype(np.float32))
    assert stream.num_batches is None
    assert dataset.epoch == 0


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="tf.data")
def test_tensorflow_gets_the_batches_without_its_autotuner():
    stream = Stream(Numbers(), first_step=4)
    dataset = stream.for_fit()
    assert dataset.options().autotune.enabled is False
    for step, (x, y) in zip(range(4, 7), dataset, strict=False):
        expected = stream._batch(step)
        assert_same((x.numpy(), y.numpy()), expected)
    stream.close()


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="tf.data")
def test_batches_of_the_lab_have_one_size_which_the_graph_knows(tmp_path):
    dataset = blobs.build(tmp_path / "blobs")
    short = dataset.batches(7, fields=["number"])
    stream = Stream(short, first_step=0)
    batches = stream.for_fit()
    assert batches.element_spec["number"].shape == (7, 1)
    sizes = [len(batch["number"]) for batch, _ in zip(batches, range(2 * len(short)), strict=False)]
    assert set(sizes) == {7} != {len(short[n]["number"]) for n in range(len(short))}
    stream.close()
    theirs = Stream(Numbers(), first_step=0)  # somebody's own batches may have any size
    assert theirs.for_fit().element_spec[0].shape[0] is None
    theirs.close()


def test_the_moving_average_is_the_formula_and_is_lent_only():
    model, position = build(), Position()
    average = MovingAverage(model, position, 0.5)
    bias = model.layers[-1].bias
    expected = 0.0
    for step, value in enumerate([10.0, 20.0, -5.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0], start=1):
        position.step = step
        bias.assign([value])
        average.on_train_batch_end(0)
        decay = min(0.5, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * value
    with average.applied():
        assert values(model)[-1] == pytest.approx(expected, rel=1e-5)
    assert values(model)[-1] == 8
    with pytest.raises(ValueError, match=r"moving_average: found 1.5"):
        MovingAverage(model, position, 1.5)


def test_averaged_weights_draw_the_samples_and_are_saved_apart(tmp_path):
    drawn = []

    def draw(model, samples):
        drawn.append(values(model))
        return np.zeros((2, 2, 3), np.uint8)

    model = build()
    run = train(
        model, Numbers(), PROFILE, "mean", runs=tmp_path, samples=0, draw=draw, moving_average=0.9
    )
    averaged = build()
    load(averaged, run.folder / "average.weights.h5")
    assert_same(drawn[-1], values(averaged))
    assert not np.array_equal(values(averaged)[0], values(model)[0])


@pytest.mark.skipif(not env.is_installed("tensorflow"), reason="exact on TensorFlow and a CPU")
@pytest.mark.ahead(plan=lambda folder: (benchmark.resume, folder))
def test_a_killed_training_resumes_to_the_same_bits(ahead):
    result = ahead.answer
    assert result["signal"] == signal.SIGKILL
    assert result["resumed from"] == 4  # the last round before the kill after step 6
    assert result["steps"] == benchmark.STEPS.steps
    assert result["largest difference"] == 0
    logs = [(ahead.folder / name / "smoke/run/metrics.jsonl") for name in ("whole", "killed")]
    rows = [[json.loads(line) for line in log.read_text().splitlines()] for log in logs]
    for row in rows[0] + rows[1]:
        del row["seconds"]
    assert [row["step"] for row in rows[0]] == [4, 8, 12]
    assert rows[0] == rows[1]
