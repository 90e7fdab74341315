"""Where dlib's trained model files are, found without importing the package that carries them.

The PyPI package face_recognition_models 0.3.0 holds four ``.dat`` files and a module that needs
``pkg_resources``, which setuptools 82 removed: importing it fails. Its files are data, so their
places are read from the package's metadata instead.
"""

from __future__ import annotations

import importlib.metadata
import pathlib

PACKAGE = "face_recognition_models"
FACE_NETWORK = "dlib_face_recognition_resnet_model_v1.dat"
LANDMARKS_68 = "shape_predictor_68_face_landmarks.dat"
LANDMARKS_5 = "shape_predictor_5_face_landmarks.dat"


class ModelFileError(OSError):
    """A model file is missing or is not what its name says."""


def find(name: str) -> pathlib.Path:
    """Find one of dlib's model files among the installed packages.

    Args:
        name: file name, such as ``FACE_NETWORK``.

    Returns:
        The path of the file.

    Raises:
        ModelFileError: if the package or the file is not there; says how to install it.
    """
    try:
        files = importlib.metadata.files(PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        path = pathlib.Path(str(file.locate()))
        if file.name == name and path.is_file():
            return path
    raise ModelFileError(
        f"{name} was not found: expected it in the installed package {PACKAGE}; "
        "run `pip install face-recognition-models==0.3.0`"
    )
