"""Face GAN Lab: the thin library that the notebooks share.

Data flows one way: photo or scene -> prepared dataset -> model -> run -> evaluation, and the
imports run the same way (see the README's map). Nothing heavy is imported here, so that
`python -m lib setup` works before anything is installed.
"""

import os as _os
import pathlib as _pathlib
import sys as _sys

_LIBRARY = _pathlib.Path(__file__).parent


def _home_has_room() -> bool:
    try:
        folder = _pathlib.Path("~/.cache/numba").expanduser()
        folder.mkdir(parents=True, exist_ok=True)
        return _os.access(folder, _os.W_OK)
    except (OSError, RuntimeError):
        return False


def _temporary_folder() -> _pathlib.Path:
    """Return a folder for the code of just this source, into which nobody else can put anything."""
    import hashlib
    import tempfile

    sources = [*sorted((_LIBRARY / "scene").rglob("*.py")), _LIBRARY / "labels.py"]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    name = f"face-gan-lab-{digest[:16]}"
    folder = _pathlib.Path(tempfile.gettempdir(), name)
    folder.mkdir(mode=0o700, exist_ok=True)
    is_own = not folder.is_symlink() and folder.stat().st_uid == getattr(_os, "getuid", int)()
    return folder if is_own else _pathlib.Path(tempfile.mkdtemp(prefix=name))


def _find_room_for_compiled_code() -> None:
    """Name Numba a temporary folder where neither the project nor the home can be written.

    It refuses even to import a function that it may keep, where there is no place to keep it.
    """
    kept = _LIBRARY.parent / ".cache"
    has_room = _os.access(kept if kept.exists() else _LIBRARY.parent, _os.W_OK)
    if "NUMBA_CACHE_DIR" in _os.environ or has_room or _home_has_room():
        return
    _os.environ["NUMBA_CACHE_DIR"] = folder = str(_temporary_folder())
    if "numba" in _sys.modules:
        _sys.modules["numba"].config.CACHE_DIR = folder


_find_room_for_compiled_code()
