"""The example campaigns, as files for ``marlin campaign create``."""

from __future__ import annotations

from pathlib import Path

from marlin.examples.errors import ExampleNotFoundError

_FOLDER = Path(__file__).parent / "campaigns"


def list_campaigns() -> list[str]:
    """The names of all example campaigns, sorted."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


def load_campaign_text(name: str) -> str:
    """The TOML text of an example campaign.

    :raises ExampleNotFoundError: there is none of this name.
    """
    if name not in list_campaigns():
        raise ExampleNotFoundError(
            f"There is no example campaign {name!r}.", hint=f"There are: {', '.join(list_campaigns())}.", name=name
        )
    return (_FOLDER / f"{name}.toml").read_text(encoding="utf-8")
