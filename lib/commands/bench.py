"""`make bench`: the measurements behind the figures we state.

Each is a module of lib/benchmarks and runs alone too, as `python -m lib.benchmarks.NAME`.
"""

from __future__ import annotations

import pkgutil
import subprocess
import sys

from lib import benchmarks, env


def names() -> list[str]:
    """Return the benchmarks there are."""
    return [module.name for module in pkgutil.iter_modules(benchmarks.__path__)]


def main(arguments: list[str]) -> int:
    """Run the benchmarks named, or all, each in a process of its own.

    Args:
        arguments: names of modules in lib/benchmarks.

    Returns:
        The exit status: 0 if each ran.
    """
    unknown = [name for name in arguments if name not in names()]
    if unknown:
        print(f"no benchmark {unknown[0]!r}: there are {', '.join(names())}", file=sys.stderr)
        return 2
    failed = 0
    for name in arguments or names():
        print(f"\n=== {name}", flush=True)
        command = [sys.executable, "-m", f"lib.benchmarks.{name}"]
        failed += subprocess.run(command, cwd=env.ROOT).returncode != 0
    return int(failed > 0)
