"""Addresses to fetch results at: made, found again by their token, spent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import comparisons, tasks
from marlin.accounts import Person, Purpose, get_person, hash_token, new_token
from marlin.checkouts.errors import (
    CheckoutNotFoundError,
    CheckoutOverError,
    NothingToFetchError,
    TooManyCheckoutsError,
)
from marlin.checkouts.models import Checkout
from marlin.checkouts.schemas import BranchOut, CheckoutOut
from marlin.comparisons import Comparison
from marlin.db import new_id, now, transaction
from marlin.errors import NotFoundError

MOST = 30
"""Addresses that one person may have that are neither used nor too old."""
_AGAIN = "Make a new one: “Fetch with git” on the comparison's page."


@dataclass(frozen=True, slots=True)
class Shared:
    """What an address gives: a mirror's key, the base, and the other branches with their commits."""

    checkout_id: UUID
    person_id: UUID
    repository: str
    base: str
    branches: dict[str, str]


async def create_checkout(
    session: AsyncSession, person: Person, comparison_id: UUID, number: int, *, base_url: str, minutes: int
) -> CheckoutOut:
    """Make an address to fetch what turn ``number`` and the turns before it have left.

    :raises ComparisonNotFoundError: the person may not see the comparison.
    :raises TurnRunningError: the turn's results are withheld. :raises NothingToFetchError: there are none.
    :raises TooManyCheckoutsError: too many addresses at a time.
    """
    comparison = await comparisons.visible_comparison(session, comparison_id, person)
    comparisons.require_revealed(comparison, number)
    found = comparisons.revealed_commits(comparison, through_turn=number)
    if not found:
        raise NothingToFetchError("Neither side left a result to fetch.")
    at = now()
    live = select(func.count()).where(
        Checkout.person_id == person.id, Checkout.expires_at > at, Checkout.spent_at.is_(None)
    )
    if int(await session.scalar(live) or 0) >= MOST:
        raise TooManyCheckoutsError(
            f"You have {MOST} addresses that were not used.", hint="Use one of them, or wait until they are too old."
        )
    token = new_token(Purpose.CHECKOUT)
    checkout = Checkout(
        id=new_id(),
        comparison_id=comparison_id,
        person_id=person.id,
        token_hash=hash_token(Purpose.CHECKOUT, token),
        through_turn=number,
        created_at=at,
        expires_at=at + timedelta(minutes=minutes),
    )
    session.add(checkout)
    brief = await tasks.get_brief(session, comparison.brief_id, owner_id=None)
    branches = [BranchOut(name="base", commit=brief.base_commit or "", turn=None, side=None)] + [
        BranchOut(name=branch(turn, side), commit=commit, turn=turn, side=side)
        for (turn, side), commit in found.items()
    ]
    return _told(checkout, comparison, branches, f"{base_url}/git/{token}", minutes)


def branch(turn: int, side: comparisons.Side) -> str:
    """The name of a result's branch."""
    return f"turn-{turn}-{side.lower()}"


def _told(
    checkout: Checkout, comparison: Comparison, branches: list[BranchOut], address: str, minutes: int
) -> CheckoutOut:
    name = f"comparison-{comparison.id.hex[-8:]}"
    url = f"{address}/{name}.git"
    mine = [each for each in branches if each.turn == checkout.through_turn] or branches[1:]
    first, last = mine[0].name, mine[-1].name
    pairs = " ".join(f"{each.name}:marlin/{each.name}" for each in mine)
    return CheckoutOut(
        id=checkout.id,
        url=url,
        name=name,
        expires_at=checkout.expires_at,
        minutes=minutes,
        branches=branches,
        clone=[f"git clone {url}", f"cd {name}", f"git switch {first}"],
        fetch=[f"git fetch {url} {pairs}", f"git diff marlin/{first} marlin/{last}"],
        vscode=f"vscode://vscode.git/clone?url={quote(url, safe='')}",
    )


async def find_shared(session: AsyncSession, token: str) -> Shared:
    """What this token's address gives now. Whoever made it must still be allowed to see the comparison.

    :raises CheckoutNotFoundError: there is no such address. :raises CheckoutOverError: it was used, or is too old.
    """
    checkout = await session.scalar(select(Checkout).where(Checkout.token_hash == hash_token(Purpose.CHECKOUT, token)))
    if checkout is None:
        raise CheckoutNotFoundError("Marlin has nothing to fetch at this address.", hint=_AGAIN)
    if checkout.spent_at is not None:
        raise CheckoutOverError("This address was used; each one is good for one clone or fetch.", hint=_AGAIN)
    if checkout.expires_at <= now():
        raise CheckoutOverError("This address is too old to be used.", hint=_AGAIN)
    try:
        person = await get_person(session, checkout.person_id)
        comparison = await comparisons.visible_comparison(session, checkout.comparison_id, person)
    except NotFoundError as error:
        raise CheckoutNotFoundError("Marlin has nothing to fetch at this address.", hint=_AGAIN) from error
    found = comparisons.revealed_commits(comparison, through_turn=checkout.through_turn)
    brief = await tasks.get_brief(session, comparison.brief_id, owner_id=None)
    if not found or not brief.repository or not brief.base_commit:
        raise CheckoutNotFoundError("The results are not to be seen now.", hint=_AGAIN)
    branches = {branch(turn, side): commit for (turn, side), commit in found.items()}
    return Shared(checkout.id, person.id, brief.repository, brief.base_commit, branches)


async def spend(session: AsyncSession, checkout_id: UUID) -> None:
    """Write down that the files were sent: the address is good for nothing more."""
    await session.execute(
        update(Checkout).where(Checkout.id == checkout_id, Checkout.spent_at.is_(None)).values(spent_at=now())
    )


async def prune_checkouts(older_than: timedelta) -> int:
    """Forget addresses that stopped to work longer ago than this.

    :returns: how many.
    """
    async with transaction() as session:
        gone = await session.execute(delete(Checkout).where(Checkout.expires_at < now() - older_than))
        return int(gone.rowcount)  # type: ignore[attr-defined]
