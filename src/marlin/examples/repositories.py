"""The example repositories, by the name that follows ``example:`` in a brief's source."""

from __future__ import annotations

from pathlib import Path

from marlin.examples.errors import ExampleNotFoundError
from marlin.examples.sample import sample_repository_commit
from marlin.examples.shops import PREFIX, SHOPS, shop_commit


def repository_commit(name: str, dest: Path) -> str:
    """Create an example repository in ``dest``, an empty folder; the id of its last commit.

    :raises ExampleNotFoundError: there is none of this name.
    """
    if name == "sample-repository":
        return sample_repository_commit(dest)
    shop = name.removeprefix(PREFIX)
    if name.startswith(PREFIX) and shop in SHOPS:
        return shop_commit(shop, dest)
    raise ExampleNotFoundError(f"There is no example repository {name!r}.", name=name)
