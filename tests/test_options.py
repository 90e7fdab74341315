"""Options: what makes a run another run, and what its refusal says."""

import dataclasses
import json

import keras
import pytest
from test_training import PROFILE, Numbers, build

from lib import fingerprint
from lib.training import ResumeError, train


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return a run of ten steps."""
    return train(build(), Numbers(), PROFILE, "whole", runs=tmp_path_factory.mktemp("runs"))


def test_a_run_of_other_options_is_refused_by_the_key_that_differs(whole):
    runs = whole.folder.parent.parent
    with pytest.raises(ResumeError, match=r"learning_rate = 0.00999.*, and this call has 0.1"):
        train(build(rate=0.1), Numbers(), PROFILE, "whole", runs=runs)
    with pytest.raises(ResumeError, match=r"model.networks"):
        train(build(units=6), Numbers(), PROFILE, "whole", runs=runs)
    with pytest.raises(ResumeError, match=r"options.data = None, and this call has 'faces'"):
        train(build(), Numbers(), PROFILE, "whole", runs=runs, options={"data": "faces"})
    with pytest.raises(ResumeError, match=r"profile.batch_size = 4, and this call has 2"):
        other = dataclasses.replace(PROFILE, batch_size=2)
        train(build(), Numbers(), other, "whole", runs=runs)


def test_changed_code_of_a_model_is_another_run(whole):
    class First:
        def loss_terms(self):
            return {"reconstruction": 1.0}

    class Second:
        def loss_terms(self):
            return {"reconstruction": 2.0}

    prints = [fingerprint.of_class(kind) for kind in (First, First, Second)]
    assert prints[0] == prints[1] != prints[2]
    assert all(prints)
    stored = json.loads((whole.folder / "options.json").read_text())
    assert stored["model"]["code"] == fingerprint.of_class(keras.Sequential)


def test_a_run_that_took_no_step_may_begin_otherwise(tmp_path):
    settings = {"runs": tmp_path, "resume": True}
    (tmp_path / "smoke" / "failed").mkdir(parents=True)
    (tmp_path / "smoke" / "failed" / "options.json").write_text('{"data": 1}')
    assert train(build(), Numbers(), PROFILE, "failed", **settings).finished


def test_another_loss_or_activation_is_another_run(whole):
    runs = whole.folder.parent.parent
    model = build()
    model.compile(keras.optimizers.Adam(0.01), loss="mae")
    with pytest.raises(ResumeError, match=r"model.loss = 'mse', and this call has 'mae'"):
        train(model, Numbers(), PROFILE, "whole", runs=runs)
    model = build()
    model.layers[0].activation = keras.activations.tanh
    with pytest.raises(ResumeError, match=r"model.networks"):
        train(model, Numbers(), PROFILE, "whole", runs=runs)
