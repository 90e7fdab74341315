"""Memory: reading a dataset takes a batch of it, however large it is."""

from lib.benchmarks import store as benchmark


def test_reading_every_picture_leaves_memory_flat(tmp_path):
    """A memory map would grow by the 48 MiB that are read."""
    dataset = benchmark.make_dataset(tmp_path / "noise", gib=48 / 1024, side=96, workers=1)
    figures = benchmark.measure(dataset.path, seconds=1)
    assert figures["share_read"] > 1
    assert figures["growth_mib"] < 12
