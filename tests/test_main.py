"""What every command of the lab does before anything else."""

import os
import sys

import lib.__main__ as entrance


def test_bytecode_is_written_whatever_the_shell_says(monkeypatch, capsys):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert entrance.main(["no such command"]) == 2
    assert "PYTHONDONTWRITEBYTECODE" not in os.environ
    assert not sys.dont_write_bytecode
    assert "no command 'no such command'" in capsys.readouterr().err
