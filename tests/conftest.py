"""Begins long work first, in a process beside the tests, and runs the tests that need it last.

Every test begins with the same random numbers, whichever tests ran before it.

    @pytest.mark.ahead(plan=lambda folder: (function, *arguments))
    def test_something(ahead):
        assert ahead.answer == ...

The function has to be importable without the tests. It works in a process of its own, where no
test can disturb it, on TensorFlow and the CPU; so a second core is used while other tests run.
"""

import concurrent.futures
import multiprocessing
import os
import sys
import threading
import typing
from pathlib import Path

import pytest

from lib import imports

SURROUNDINGS = {"KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": "", "TQDM_DISABLE": "1"}


class Ahead(typing.NamedTuple):
    """What was done before a test: where, and what it returned."""

    folder: Path
    answer: object


def set_up_process():
    """Settle what TensorFlow looks at when it is imported, and leave when the tests are killed."""
    os.environ.update(SURROUNDINGS)
    imports.import_quietly("tensorflow")
    threading.Thread(target=leave_with_the_tests, daemon=True).start()


def leave_with_the_tests():
    multiprocessing.parent_process().join()
    os._exit(1)


@pytest.fixture
def half_precision():
    """Build in half precision while a test runs, as lessons do on a GPU."""
    import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    yield
    keras.config.set_dtype_policy(before)


def work(item):
    """Return the marker of a test whose work is done ahead, else None."""
    return item.get_closest_marker("ahead")


def pytest_configure(config):
    config.addinivalue_line("markers", "ahead(plan): work done before, beside other tests")


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Import what the tests import, TensorFlow above all, without a search for garbage."""
    with imports.kept_for_good():
        return (yield)


def pytest_collection_modifyitems(items):
    """Put the files last that wait for work, each as a whole: they share what they build."""
    waiting = {item.path for item in items if work(item)}
    items.sort(key=lambda item: item.path in waiting)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup():
    """Seed Keras, where it is in use: networks begin with weights that only the test decides."""
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(0)


@pytest.fixture(scope="session", autouse=True)
def begun(request, tmp_path_factory):
    """Begin all work that the chosen tests ask for, one after the other."""
    marked = [item for item in request.session.items if work(item)]
    if not marked:
        yield {}
        return
    pool = concurrent.futures.ProcessPoolExecutor(
        max_workers=1,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=set_up_process,
    )
    begun = {}
    for item in marked:
        folder = tmp_path_factory.mktemp("ahead")
        begun[item.nodeid] = folder, pool.submit(*work(item).kwargs["plan"](folder))
    yield begun
    for _, future in begun.values():
        future.cancel()
    pool.submit(os._exit, 0)  # TensorFlow takes seconds to leave in good order
    pool.shutdown()


@pytest.fixture
def ahead(begun, request):
    """Wait for a test's own work."""
    folder, future = begun[request.node.nodeid]
    return Ahead(folder, future.result())
