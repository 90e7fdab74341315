"""Datasets made on a Dask cluster are those of one process, byte for byte, whoever dies."""

import sys
import threading
import time

import cloudpickle
import numpy as np
import pytest

from lib import store
from lib.scaling import addresses, cluster

pytest.importorskip("distributed")
FIELDS = [store.Field("noise", (5, 4), "uint8", "vector"), store.Field("number", (1,), "float32")]
ORIGIN = {"source": "random numbers", "licence": "none needed"}


def make(index, generator):
    time.sleep(0.01)
    noise = generator.integers(0, 256, (5, 4)).astype(np.uint8)
    return {"noise": noise, "number": np.float32([index])}


def build(path):
    samples = [(f"{index:03d}", f"person {index // 4}") for index in range(80)]
    return store.build(path, FIELDS, samples, make, 7, 2, progress=False, **ORIGIN)


def content(dataset):
    names = ["noise.npy", "number.npy", "samples.csv"]
    return {name: (dataset.path / name).read_bytes() for name in names}


@pytest.fixture(scope="module")
def client():
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    with cluster.connect("", workers=2) as found:
        yield found
    cloudpickle.unregister_pickle_by_value(sys.modules[__name__])


@pytest.fixture
def without_renderer(monkeypatch):
    monkeypatch.setattr(cluster, "warm_up", lambda client: None)


def test_a_killed_worker_changes_no_byte(client, tmp_path, without_renderer):
    samples = [(f"{index:03d}", f"person {index // 4}") for index in range(80)]
    alone = store.build(tmp_path / "alone", FIELDS, samples, make, 7, 1, progress=False, **ORIGIN)
    before = set(client.nthreads())

    def kill_midway():
        journal = tmp_path / "killed" / "journal.jsonl"
        while not journal.exists() or not journal.read_text():
            time.sleep(0.002)
        cluster.kill(client, min(before))

    killer = threading.Thread(target=kill_midway)
    killer.start()
    with cluster.preparing(client, tmp_path):
        killed = build(tmp_path / "killed")
    killer.join()
    assert content(killed) == content(alone)
    client.wait_for_workers(2, timeout=20)
    assert min(before) not in client.nthreads(), "it died, and another took its place"


def test_a_shared_folder_is_found_and_left_clean(client, tmp_path):
    cluster.require_shared(client, tmp_path / "new")
    assert list((tmp_path / "new").iterdir()) == []


class Elsewhere:
    """A client of two workers, of which the second sees nothing of this machine's folders."""

    def __init__(self, blind):
        self.blind = blind

    def run(self, function, *arguments):
        return {"tcp://a:1": function(*arguments), "tcp://b:2": self.blind}


@pytest.mark.parametrize("blind", ["", ".probe-somewhere-else"])
def test_workers_that_do_not_share_the_folder_are_named(tmp_path, blind):
    with pytest.raises(cluster.ClusterError, match=r"1 of 2 workers do not share.*\(tcp://b:2\)"):
        cluster.require_shared(Elsewhere(blind), tmp_path)
    assert list(tmp_path.iterdir()) == []


class Strangers:
    """A client of two workers, of which the second was started in another folder."""

    def run(self, function, on_error):
        assert on_error == "return"
        return {"tcp://a:1": None, "tcp://b:2": ModuleNotFoundError("No module named 'lib'")}


def test_workers_without_the_lab_are_named():
    expected = r"1 of 2 workers cannot load the lab \(tcp://b:2: No module.*python -m dask worker"
    with pytest.raises(cluster.ClusterError, match=expected):
        cluster.warm_up(Strangers())


def test_an_address_where_nobody_answers_is_named(monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 0.3)
    address = f"tcp://{addresses.free_here(1)[0]}"
    with (
        pytest.raises(cluster.ClusterError, match=f"{address}: no cluster.*dask scheduler"),
        cluster.connect(address),
    ):
        pass


def test_dask_that_is_missing_is_installed(monkeypatch):
    asked = []
    monkeypatch.setattr(cluster.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(cluster.env, "install", asked.append)
    assert hasattr(cluster.dask(), "LocalCluster")
    assert asked == [["distributed"]]
