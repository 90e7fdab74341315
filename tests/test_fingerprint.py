"""Fingerprints: changed code has another one, also when the change is one call away."""

import functools
import subprocess
import sys

from lib import env, fingerprint

SCRIPT = """
def helper(): return {value}
def make(index): return helper()
from lib import fingerprint
print(fingerprint.of_notebook_function(make))
"""


def printed(tmp_path, value):
    path = tmp_path / "script.py"
    path.write_text(
        f"import sys; sys.path.insert(0, {str(env.ROOT)!r})" + SCRIPT.format(value=value)
    )
    return subprocess.run([sys.executable, path], capture_output=True, text=True).stdout.strip()


def test_a_change_one_call_away_counts(tmp_path):
    first, again, other = (printed(tmp_path, value) for value in (1, 1, 2))
    assert len(first) == 12
    assert first == again != other


def test_the_librarys_own_functions_have_none():
    assert fingerprint.of_notebook_function(env.report) == ""
    assert fingerprint.of_notebook_function(None) == ""


def test_a_partial_is_its_function():
    partial = functools.partial(env.report)
    assert fingerprint.of_functions([partial]) == fingerprint.of_functions([env.report]) != ""
