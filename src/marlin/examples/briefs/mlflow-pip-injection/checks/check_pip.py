"""Acceptance checks of `mlflow-pip-injection`; run in the repository: check_pip.py GROUP, see `cases`.

The code under test runs for real, in a process of its own, with a fake `python` and `pip` first on the PATH and as
`sys.executable`. The fakes write down how they were called, requirement files included, and install nothing. So any
right fix passes: quoting for the shell, a list of arguments, or a requirements file.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

FAKE = """#!{python}
import json, os, sys

def contents(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return None

arguments = sys.argv[1:]
files = {{}}
for before, argument in zip([""] + arguments, arguments):
    for path in (argument, argument.partition("=")[2], argument[2:]):
        if path and os.path.isfile(path):
            files[path] = contents(path)
call = {{"program": os.path.basename(sys.argv[0]), "arguments": arguments, "files": files, "cwd": os.getcwd()}}
with open(os.environ["CHECK_CALLS"], "a") as log:
    log.write(json.dumps(call) + chr(10))
sys.exit(int(os.environ.get("CHECK_EXIT", "0")))
"""

DRIVER = """
import json, os, sys
sys.path.insert(0, os.getcwd())
import mlflow.models.container as container
for case in json.load(sys.stdin):
    sys.executable = case["python"]
    os.environ.update(case["environment"])
    os.chdir(case["cwd"])
    try:
        result = {"returned": container._install_model_dependencies_to_env(case["model"], env_manager="local")}
    except BaseException as error:
        result = {"raised": type(error).__name__, "ordinary": isinstance(error, Exception)}
    with open(case["result"], "w") as file:
        json.dump(result, file, default=repr)
"""

MLMODEL = """flavors:
  python_function:
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: mlflow.sklearn
    python_version: 3.11.2
model_uuid: 5d6e4f0c8b3a4a0e9c1d2f3a4b5c6d7e
utc_time_created: '2026-01-05 09:00:00.000000'
"""

CANARY = "CANARY"  # replaced by a path; a case whose canary exists afterwards has run a command

INJECTIONS: dict[str, list[str]] = {
    "semicolon": ["numpy; touch CANARY"],
    "and": ["numpy && touch CANARY"],
    "pipe": ["numpy | touch CANARY"],
    "background": ["numpy & touch CANARY"],
    "substitution": ["numpy==$(touch CANARY)"],
    "backticks": ["numpy==`touch CANARY`"],
    "single quotes": ["numpy'; touch CANARY; '"],
    "double quotes": ['numpy"; touch CANARY; "'],
    "substitution in quotes": ['numpy; python_version < "$(touch CANARY)"'],
    "newline": ["numpy\ntouch CANARY\n"],
    "redirection": ["numpy > CANARY"],
    "after a requirements file": ["-r requirements.txt; touch CANARY"],
    "within an option": ["--extra-index-url https://example.org/$(touch CANARY)"],
    "within an option with =": ["--extra-index-url=https://example.org/`touch CANARY`"],
    "after a marker": ['pywin32; sys_platform == "win32" && touch CANARY'],
    "escaped": ["numpy\\; touch CANARY"],
    "split over entries": ["numpy '", "'; touch CANARY #"],
    "in an extra": ["numpy[$(touch CANARY)]"],
}

REQUIREMENTS: dict[str, list[str]] = {
    "a pinned version": ["numpy==1.26.4"],
    "version ranges": ["numpy>=1.26,<2", "pandas!=2.0.1,~=2.0"],
    "extras": ["gunicorn[gevent]", "uvicorn[standard,extra]>=0.20"],
    "a marker": ['pywin32==306; sys_platform == "win32"'],
    "a marker with several conditions": [
        "tomli>=2; python_version < '3.11' and (os_name == \"posix\" or extra == 'a b')"
    ],
    "an address": ["mypackage @ https://example.org/my%20package-1.0.zip"],
    "a wildcard": ["numpy==1.26.*"],
    "several entries": ["pip<=24.0", "numpy==1.26.4", "pandas>=2"],
}

OPTIONS: dict[str, list[str]] = {
    "the model's requirements file": ["-r requirements.txt"],
    "the model's requirements file, long form": ["--requirement requirements.txt"],
    "an option with a value": ["--extra-index-url https://example.org/simple", "numpy==1.26.4"],
    "an option with =": ["--extra-index-url=https://example.org/simple?a=1"],
    "several options": [
        "--index-url https://example.org/a --extra-index-url https://example.org/b",
        "-r requirements.txt",
    ],
    "a flag": ["--pre", "numpy"],
    "an option about the installation": ["--no-deps", "numpy==1.26.4"],
    "a local folder of packages": ["--find-links /opt/wheels", "--no-index", "numpy"],
    "a trusted host and a requirement": ["--trusted-host example.org", "package[a]==1"],
}


class Case:
    """One model, and what came of installing its dependencies."""

    def __init__(
        self, root: Path, name: str, entries: list[str], *, build: bool = False, folder: str = "model"
    ) -> None:
        self.name = name
        self.root = root
        self.canary = root / "canary"
        self.entries = [entry.replace(CANARY, str(self.canary)) for entry in entries]
        self.model = root / folder
        self.model.mkdir(parents=True)
        (root / "cwd").mkdir()
        (self.model / "MLmodel").write_text(MLMODEL)
        (self.model / "requirements.txt").write_text("scipy==1.11\n")
        names = ("build_dependencies", "dependencies")
        environment = {"python": "3.11.2", names[not build]: self.entries}
        (self.model / "python_env.yaml").write_text(json.dumps(environment))  # JSON is YAML
        self.exit_code = 0

    def order(self, fakes: Path) -> dict[str, Any]:
        return {
            "python": str(fakes / "python"),
            "model": str(self.model),
            "cwd": str(self.root / "cwd"),
            "result": str(self.root / "result.json"),
            "environment": {"CHECK_CALLS": str(self.root / "calls"), "CHECK_EXIT": str(self.exit_code)},
        }

    @property
    def result(self) -> dict[str, Any]:
        path = self.root / "result.json"
        assert path.exists(), "the code under test did not come to an end"
        loaded: dict[str, Any] = json.loads(path.read_text())
        return loaded

    def calls(self) -> list[dict[str, Any]]:
        path = self.root / "calls"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def arguments(self) -> tuple[list[str], list[str]]:
        """What pip was asked for over all calls: requirements, normalised, and options, each in order."""
        requirements: list[str] = []
        options: list[str] = []
        for call in self.calls():
            arguments = call["arguments"]
            if call["program"].startswith("python"):
                assert arguments[:2] == ["-m", "pip"], f"python was called with {arguments}"
                arguments = arguments[2:]
            assert arguments[:1] == ["install"], f"pip was called with {arguments}"
            self._sort(arguments[1:], call, Path(call["cwd"]), requirements, options)
        return requirements, options

    def _sort(
        self, arguments: list[str], call: dict[str, Any], base: Path, requirements: list[str], options: list[str]
    ) -> None:
        arguments = list(arguments)
        while arguments:
            argument = arguments.pop(0)
            if not argument.startswith("-"):
                requirements.append(normal(argument))
                continue
            option, _, value = argument.partition("=")
            assert not option.startswith("--") or not set(option) & set(" '\"\t\n"), f"pip has no option {option!r}"
            if not value and option.startswith("-r") and option != "-r":
                option, value = "-r", option[2:]
            if option in TAKES_VALUE and not value:
                assert arguments, f"{option} without a value"
                value = arguments.pop(0)
            if option in ("-r", "--requirement"):
                self._file(value, call, base, requirements, options)
            elif option not in HARMLESS:
                options.append(f"{option} {value}".strip())

    def _file(self, value: str, call: dict[str, Any], base: Path, requirements: list[str], options: list[str]) -> None:
        path = base / value
        if path.resolve() == (self.model / "requirements.txt").resolve():
            options.append("-r MODEL")
            return
        text = call["files"].get(value)
        assert text is not None, f"there is no requirements file {value!r}"
        for line in text.splitlines():
            line = line.strip()
            if line.startswith("-"):
                words = shlex.split(line)
                option = words[0].partition("=")[0]
                assert option in IN_FILES or option.startswith("-r"), f"pip knows no {option} in a requirements file"
                self._sort(words, call, path.parent, requirements, options)
            elif line and not line.startswith("#"):
                requirements.append(normal(line))


TAKES_VALUE = {
    "-r",
    "--requirement",
    "--extra-index-url",
    "--index-url",
    "-i",
    "--find-links",
    "-f",
    "--trusted-host",
    "-c",
    "--constraint",
}
IN_FILES = TAKES_VALUE | {"--no-index", "--pre", "--prefer-binary", "--no-binary", "--only-binary", "--require-hashes"}
HARMLESS = {"-q", "--quiet", "--no-input", "--disable-pip-version-check", "--"}


def normal(requirement: str) -> str:
    """The requirement as pip understands it, whatever its spaces and quotes."""
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        return str(Requirement(requirement))
    except InvalidRequirement:
        raise AssertionError(f"pip was given {requirement!r}, which is no requirement") from None


def meant(entries: list[str]) -> tuple[list[str], list[str]]:
    """Requirements and options that these entries stand for."""
    requirements, options = [], []
    for entry in entries:
        if not entry.startswith("-"):
            requirements.append(normal(entry))
            continue
        words = entry.split()
        while words:
            option, _, value = words.pop(0).partition("=")
            if option in TAKES_VALUE and not value:
                value = words.pop(0)
            options.append("-r MODEL" if option in ("-r", "--requirement") else f"{option} {value}".strip())
    return requirements, options


def in_any_order(asked: tuple[list[str], list[str]]) -> tuple[list[str], list[str]]:
    """Options sorted: a requirements file has an order of its own."""
    return asked[0], sorted(asked[1])


def judge_injection(case: Case) -> None:
    assert case.result is not None
    assert not case.canary.exists(), f"a command ran: {case.entries}"
    left = sorted(path.name for path in (case.root / "cwd").iterdir())
    assert not left, f"files appeared: {left}"


def judge_arguments(case: Case) -> None:
    assert case.result.get("returned") == [], f"{case.entries}: {case.result}"
    left = sorted(path.name for path in (case.root / "cwd").iterdir())
    assert not left, f"{case.entries}: files appeared: {left}"
    found, wanted = in_any_order(case.arguments()), in_any_order(meant(case.entries))
    assert found == wanted, f"{case.entries}: pip was asked for {found}, not {wanted}"


def judge_success(case: Case) -> None:
    assert case.result == {"returned": []}, f"{case.result}"
    assert case.calls(), "pip was not called"
    assert in_any_order(case.arguments()) == in_any_order(meant(case.entries)), f"{case.arguments()}"


def judge_failure(case: Case) -> None:
    assert case.result.get("ordinary") is True, f"pip failed, and the result was {case.result}"


def cases(group: str, root: Path) -> list[tuple[Case, Any]]:
    """The cases of a group, with what judges each."""
    found: list[tuple[Case, Any]] = []

    def add(name: str, entries: list[str], judge: Any, **options: Any) -> Case:
        case = Case(root / str(len(found)), name, entries, **options)
        found.append((case, judge))
        return case

    if group == "injection":
        for name, entries in INJECTIONS.items():
            add(name, entries, judge_injection)
        add("in a build dependency", ["pip; touch CANARY"], judge_injection, build=True)
        canary = root / str(len(found)) / "canary"
        # The path of a folder can't hold a slash, so this one spells it.
        command = "touch $(printf '" + str(canary).replace("/", "\\057") + "')"
        add("in the path of the model", ["-r requirements.txt"], judge_injection, folder=f"model; {command}; ")
    elif group == "requirements":
        for name, entries in REQUIREMENTS.items():
            add(name, entries, judge_arguments)
        add("build dependencies", ["pip<=24.0", "setuptools==68.*"], judge_arguments, build=True)
    elif group == "options":
        for name, entries in OPTIONS.items():
            add(name, entries, judge_arguments)
    elif group == "folder":
        for name in ("my model (1)", "it's a model", "model & $HOME; v1"):
            add(f"a model in the folder {name}", ["-r requirements.txt"], judge_arguments, folder=name)
    else:
        add("success returns an empty list", ["numpy==1.26.4"], judge_success)
        add("pip failing raises an exception", ["numpy==1.26.4"], judge_failure).exit_code = 1
    return found


def main() -> int:
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        fakes = root / "fakes"
        fakes.mkdir()
        for name in ("python", "python3", "pip", "pip3"):
            (fakes / name).write_text(FAKE.format(python=os.path.realpath(sys.executable)))
            (fakes / name).chmod(0o755)
        todo = cases(sys.argv[1], root)
        environment = {**os.environ, "PATH": f"{fakes}:{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [sys.executable, "-c", DRIVER],
            input=json.dumps([case.order(fakes) for case, _ in todo]),
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=110,
        )
        for case, judge in todo:
            try:
                judge(case)
            except Exception as error:  # whatever goes wrong in there is the result's fault
                failed += 1
                reason = str(error) if isinstance(error, AssertionError) else f"{type(error).__name__}: {error}"
                print(f"not ok - {case.name}: {' '.join(reason.split())[:400]}")
            else:
                print(f"ok - {case.name}")
        if failed and done.stdout:
            print("\n".join(f"# {line}" for line in done.stdout.splitlines()[-5:]))
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
