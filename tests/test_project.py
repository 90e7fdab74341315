"""The project's own files agree with each other and with the house rules."""

import ast
import re
import subprocess
import sys
import tomllib

import pytest

from lib import env

PROJECT = tomllib.loads((env.ROOT / "pyproject.toml").read_text())["project"]
MODULES = sorted((env.ROOT / "lib").rglob("*.py"))
FLOORS = {  # a module imports from its own floor or from those before it
    name: floor
    for floor, names in enumerate(
        [
            ["imports", "env", "cores", "profiles", "files", "fingerprint", "images", "portraits",
             "labels", "landmark_order", "layers", "store", "download"],
            ["faces"],
            ["scene"],
            ["prepare"],
            ["models", "losses", "muon", "filters", "metrics", "baselines", "inference"],
            ["gans"],
            ["training", "results_page", "ablations"],
            ["scaling"],
            ["shipped"],
            ["restore"],
            ["show", "widgets", "checks", "exercises"],
            ["benchmarks", "recipes", "leaderboard", "commands", "__main__"],
        ]
    )
    for name in names
}  # fmt: skip


def requirement(text):
    """Return (name, range) of a requirement line without extras and markers."""
    name, bounds = re.match(r"([A-Za-z0-9-]+)(?:\[[^]]*\])?([^;#]*)", text.strip()).groups()
    return name, bounds.strip()


def test_the_conda_file_has_the_same_packages_and_ranges():
    optional = PROJECT["optional-dependencies"]
    wanted = dict(map(requirement, PROJECT["dependencies"] + optional["lab"] + optional["cpu"]))
    wanted.pop("tensorflow-cpu")
    text = (env.ROOT / "environment.yml").read_text()
    lines = re.findall(r"^      - (.+)$", text, flags=re.MULTILINE)
    assert dict(map(requirement, lines)) == wanted
    assert all("#" in line for line in lines), "each line says which notebooks need it"


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-gpu.lock"])
def test_the_locks_hold_every_package_with_hashes(lock):
    text = (env.ROOT / lock).read_text()
    assert "--universal" in text.splitlines()[1]
    for name, _ in map(
        requirement, PROJECT["dependencies"] + PROJECT["optional-dependencies"]["lab"]
    ):
        assert re.search(rf"^{name}==", text, flags=re.MULTILINE), f"run `make lock`: {name}"
    pinned = re.findall(r"^\S+==", text, flags=re.MULTILINE)
    assert text.count("--hash=") >= len(pinned)
    assert not re.search(r"^dlib==|^opencv-python==", text, flags=re.MULTILINE)
    unwanted = re.search(r"^UNWANTED = (.+)$", (env.ROOT / "Makefile").read_text(), re.MULTILINE)
    assert not {f"{name}==" for name in unwanted.group(1).split()} & set(pinned)


def test_make_alone_lists_every_target_with_one_line():
    printed = subprocess.run(["make"], cwd=env.ROOT, capture_output=True, text=True).stdout
    for target in ("setup", "doctor", "lab", "run", "run-all", "test", "lint", "render", "bench",
                   "clean"):  # fmt: skip
        assert re.search(rf"^  make {target} +\S", printed, flags=re.MULTILINE)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(env.ROOT)))
def test_files_and_functions_stay_short_and_documented(path):
    text = path.read_text()
    assert text.count("\n") < 300
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        public = not node.name.startswith("_")
        assert not public or ast.get_docstring(node), node.name
        if isinstance(node, ast.ClassDef):
            continue
        assert node.end_lineno - node.lineno < 50, node.name
        if public:
            assert node.returns is not None, f"{node.name} has no return annotation"
            named = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            bare = [a.arg for a in named if a.annotation is None and a.arg not in {"self", "cls"}]
            assert not bare, f"{node.name}: {bare} not annotated"


def imports_of(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "lib":
                yield from (alias.name for alias in node.names)
            elif node.module.startswith("lib."):
                yield node.module.split(".")[1]
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("lib."):
                    yield alias.name.split(".")[1]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(env.ROOT)))
def test_imports_run_downwards_only(path):
    own = path.relative_to(env.ROOT / "lib").parts[0].removesuffix(".py")
    if own == "__init__":
        return
    assert own in FLOORS, f"name the floor of lib/{own} here"
    for name in imports_of(path):
        assert FLOORS[name] <= FLOORS[own], f"{own} imports {name}"


@pytest.mark.parametrize("module", ["models", "losses", "filters"])
def test_models_and_losses_import_only_keras(module):
    root = env.ROOT / "lib" / module
    for path in sorted(root.glob("*.py")) or [root.with_suffix(".py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module]
            else:
                continue
            allowed = {"keras", "lib", *sys.stdlib_module_names}
            assert {name.split(".")[0] for name in names} <= allowed, path


def test_no_path_of_one_machine_and_no_pickle():
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=env.ROOT,
        capture_output=True,
        text=True,
    )
    for name in listed.stdout.split("\n"):
        path = env.ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".yml", ".ipynb", ".lock"} and path.is_file():
            text = path.read_text()
            if path.name not in {"test_commands.py", "test_project.py"}:
                assert not re.search(r"(?<![\w.])/(home|root|work|Users)/", text), name
            if path.suffix == ".py" and "tests" not in path.parts:
                assert "allow_pickle=True" not in text, name
                assert not re.search(r"^import pickle", text, flags=re.MULTILINE), name
