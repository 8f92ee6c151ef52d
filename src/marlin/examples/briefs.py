"""The example briefs: real requests on real repositories, with checks that tell a right result from a wrong one."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marlin.examples.errors import BrokenExampleError, ExampleNotFoundError
from marlin.examples.shops import Sum, request, shop_of

_FOLDER = Path(__file__).parent / "briefs"
_WRAPPED = re.compile(r"(?<=\S)\n(?!\n|- ) *")
"""A line break that only keeps the file narrow: not before an empty line or a list item."""

CATEGORIES = frozenset(
    {
        "bug_fix",
        "feature",
        "refactor",
        "security",
        "performance",
        "tests",
        "documentation",
        "chore",
        "code_review",
        "explanation",
        "ambiguous",
        "greenfield",
    }
)


@dataclass(frozen=True, slots=True)
class AcceptanceCheck:
    """A hidden check: a shell command run in ``/workspace`` after the arm has stopped."""

    name: str
    command: str
    time_limit_seconds: int


@dataclass(frozen=True, slots=True)
class ExampleBrief:
    """A brief as it stands in ``briefs/<name>/``; fields as in a contributor's brief."""

    name: str
    title: str
    summary: str
    """One or two sentences for the list of examples."""
    source: str
    """``example:`` and the name of an example repository, or any source that a contributor may give."""
    commit: str | None
    category: str
    prompt: str
    acceptance_criteria: str
    set_up_command: str
    """Empty when the repository needs none."""
    test_command: str
    """Empty when the repository has no tests."""
    effort_minutes: int
    acceptance_checks: tuple[AcceptanceCheck, ...]
    checks_dir: Path
    """The folder to mount read-only at ``/opt/marlin/checks`` for the checks, and only for them."""
    follow_up: str
    """The prompt of turn 2 in the headless demo."""


def list_briefs() -> list[str]:
    """The names of all example briefs for people, sorted; those on :mod:`marlin.examples.shops` are for loops."""
    return sorted(path.parent.name for path in _FOLDER.glob("*/brief.toml"))


def has_brief(name: str) -> bool:
    """Whether there is an example brief of this name, those on shops included."""
    return shop_of(name) is not None or name in list_briefs()


def load_brief(name: str) -> ExampleBrief:
    """The example brief of this name.

    :raises ExampleNotFoundError: there is none.
    :raises BrokenExampleError: its files do not follow the format.
    """
    if (shop := shop_of(name)) is not None:
        return _shop_brief(name, *shop)
    folder = _folder(name)
    data = _read_toml(folder / "brief.toml")
    try:
        brief = ExampleBrief(
            name=name,
            title=_text(data, "title"),
            summary=_text(data, "summary"),
            source=_text(data, "source"),
            commit=data.get("commit"),
            category=_text(data, "category"),
            prompt=_flowing(_text(data, "prompt")),
            acceptance_criteria=_flowing(_text(data, "acceptance_criteria")),
            set_up_command=_text(data, "set_up_command"),
            test_command=_text(data, "test_command"),
            effort_minutes=int(data["effort_minutes"]),
            acceptance_checks=tuple(_check(check) for check in data["acceptance_checks"]),
            checks_dir=folder / "checks",
            follow_up=_flowing((folder / "follow_up.txt").read_text(encoding="utf-8").strip()),
        )
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise BrokenExampleError(f"The example brief {name} is broken: {error!r}", hint="Reinstall Marlin.") from error
    if brief.category not in CATEGORIES:
        raise BrokenExampleError(f"The example brief {name} has the unknown category {brief.category!r}")
    return brief


def _shop_brief(name: str, shop: str, sum_: Sum) -> ExampleBrief:
    """A brief without hidden checks: the repository's own test of that sum fails before and passes after."""
    return ExampleBrief(
        name=name,
        title=f"Mend `{sum_.name}` of the {shop}",
        summary="A small bug in a small repository, for loops that train a tiny model.",
        source=f"example:shop-{shop}",
        commit=None,
        category="bug_fix",
        prompt=request(shop, sum_),
        acceptance_criteria=f"- The test of `{sum_.name}` passes.",
        set_up_command="",
        test_command=f"python3 -B -m unittest tests.test_sums.{sum_.test_class}",
        effort_minutes=5,
        acceptance_checks=(),
        checks_dir=_FOLDER / name,
        follow_up="Thank you. Please say in README.md what was wrong.",
    )


def checks_dir(brief: str) -> Path:
    """The folder of a brief's checks; see :attr:`ExampleBrief.checks_dir`.

    :raises ExampleNotFoundError: there is no such brief.
    """
    return _folder(brief) / "checks"


def expected_results(brief: str) -> dict[str, tuple[bool, ...]]:
    """Which checks pass, in the brief's order: on ``base``, and on the first turn of each script family.

    :raises ExampleNotFoundError: there is no such brief.
    """
    return {name: tuple(passes) for name, passes in _read_toml(_folder(brief) / "expected.toml").items()}


def _flowing(text: str) -> str:
    """The text as a person would have typed it: a line for each paragraph and list item."""
    return _WRAPPED.sub(" ", text)


def _folder(name: str) -> Path:
    if name not in list_briefs():
        raise ExampleNotFoundError(
            f"There is no example brief {name!r}.", hint=f"There are: {', '.join(list_briefs())}.", name=name
        )
    return _FOLDER / name


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BrokenExampleError(f"{path.name} of an example is broken: {error}", hint="Reinstall Marlin.") from error


def _text(data: dict[str, Any], field: str) -> str:
    value = data[field]
    if not isinstance(value, str):
        raise TypeError(f"{field} is not text")
    return value.strip()


def _check(data: dict[str, Any]) -> AcceptanceCheck:
    return AcceptanceCheck(_text(data, "name"), _text(data, "command"), int(data["time_limit_seconds"]))
