"""`make doctor`: what this machine has, and the command for each thing it lacks."""

from __future__ import annotations

from lib import env, imports, profiles


def main(arguments: list[str]) -> int:
    """Print the environment report and the profiles; exit status 1 if a needed package is missing.

    Args:
        arguments: none are taken.

    Returns:
        The exit status.
    """
    print(env.report())
    if not env.missing():
        imports.import_quietly(env.choose_backend())
        import keras

        print(f"\n{'devices of the backend':26}{', '.join(keras.distribution.list_devices())}")
    print(f"\nPROFILE=auto means {profiles.choose('auto').name} here:\n")
    print(profiles.table())
    return 1 if env.missing() else 0
