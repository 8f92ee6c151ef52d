"""What waits for a person in all folders of an installation: for the web app, the command and builds alike.

One value may be held in several folders. It is one value all the same: a build anywhere goes by the last decision.
Deciding is :mod:`marlin.datasets.deciding`'s.
"""

from __future__ import annotations

import re
from pathlib import Path

from marlin.datasets.errors import HeldFileError
from marlin.datasets.held import HeldStore, HeldValue, Values, newest
from marlin.datasets.registry import folders_of
from marlin.datasets.suspicions import Decision

_NAME = re.compile(r"\.held-(.+)\.json")


def campaigns_held(home: Path) -> set[str]:
    """Slugs of the campaigns for which anything was ever held."""
    names = (_NAME.fullmatch(path.name) for folder in folders_of(home) for path in folder.glob(".held-*.json"))
    return {name[1] for name in names if name}


def held_values(home: Path, campaign: str, folder: Path | None = None) -> tuple[Values, list[HeldFileError]]:
    """All values of a campaign by id, and which files couldn't be read.

    :param folder: another one in which datasets are, beside those that the installation knows.
    """
    found: dict[str, list[HeldValue]] = {}
    problems = []
    for store in stores_of(home, campaign, folder):
        try:
            values = store.read()
        except HeldFileError as error:
            problems.append(error)
            continue
        for name, one in values.items():
            found.setdefault(name, []).append(one)
    return {name: newest(several) for name, several in found.items()}, problems


def decisions_for(home: Path, campaign: str, folder: Path) -> dict[str, Decision]:
    """What was decided, for a build into ``folder``.

    :raises HeldFileError: one of the files can't be read: a build that knows less would hold rows again.
    """
    values, problems = held_values(home, campaign, folder)
    if problems:
        raise problems[0]
    return {name: one.decision for name, one in values.items() if one.decision}


def stores_of(home: Path, campaign: str, folder: Path | None) -> list[HeldStore]:
    """The files that hold values of a campaign, always in the same order."""
    known = dict.fromkeys([*folders_of(home), *([folder.resolve()] if folder else [])])
    stores = (HeldStore(one, campaign) for one in sorted(known))
    return [store for store in stores if store.path.exists()]
