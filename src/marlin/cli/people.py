"""``marlin people``: who takes part, invitations, sign-in links, roles."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import accounts
from marlin.accounts import Person, Role
from marlin.address import told_address
from marlin.cli.columns import folded, whole
from marlin.cli.database import in_transaction
from marlin.errors import NotFoundError
from marlin.settings import get_settings

app = typer.Typer(no_args_is_help=True, help="People: invite them, give them roles, let them sign in.")
console = Console(soft_wrap=True, highlight=False)

Email = Annotated[str, typer.Argument(help="The person's e-mail address.")]


async def _find(session: AsyncSession, email: str) -> Person:
    person = await accounts.find_person(session, email.strip().lower())
    if person is None:
        raise NotFoundError(f"There is nobody with the address {email}.", hint="`marlin people list` shows everyone.")
    return person


def _address() -> str:
    """What people open: MARLIN_PUBLIC_URL, or where the Marlin of this data folder answers, if one runs here."""
    settings = get_settings()
    if settings.public_url is None and (told := told_address(settings.home)) is not None:
        return told
    return settings.base_url


@app.command("list")
def list_people(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """List everyone."""

    async def work(session: AsyncSession) -> list[Person]:
        return list(await accounts.list_people(session))

    people = in_transaction(work)
    if as_json:
        rows = [{"id": str(p.id), "name": p.name, "email": p.email, "roles": p.roles} for p in people]
        typer.echo(json.dumps(rows, indent=2))
        return
    table = Table(folded("name"), folded("e-mail"), whole("roles"), whole("since"))
    for person in people:
        roles = ", ".join(person.roles) or "–"
        table.add_row(escape(person.name), escape(person.email), roles, f"{person.created_at:%Y-%m-%d}")
    console.print(table)


@app.command()
def invite(
    role: Annotated[list[Role], typer.Option("--role", help="A role to give; may be repeated.")],
    email: Annotated[str | None, typer.Option(help="Only this address may accept.")] = None,
    days: Annotated[int, typer.Option(min=1, max=90, help="Days until it expires.")] = 14,
) -> None:
    """Print a link that lets one person join, once."""

    async def work(session: AsyncSession) -> tuple[str, str]:
        invitation, token = await accounts.create_invitation(
            session, email=email, roles=role, lifetime=timedelta(days=days), actor=None
        )
        return accounts.invitation_url(_address(), token), f"{invitation.expires_at:%Y-%m-%d %H:%M} UTC"

    url, expires = in_transaction(work)
    console.print(f"Send this link; it works once, until {expires}:")
    typer.echo(url)


@app.command()
def link(email: Email) -> None:
    """Print a link that signs a person in once, within 15 minutes."""

    async def work(session: AsyncSession) -> str:
        token, _ = await accounts.create_sign_in_link(session, await _find(session, email))
        return accounts.sign_in_url(_address(), token)

    typer.echo(in_transaction(work))


@app.command()
def roles(
    email: Email,
    role: Annotated[
        list[Role] | None, typer.Argument(help="All roles they shall have; none at all takes away all.")
    ] = None,
) -> None:
    """Give a person exactly these roles."""

    async def work(session: AsyncSession) -> Person:
        person = await _find(session, email)
        return await accounts.set_roles(session, person.id, role or [], actor=None)

    person = in_transaction(work)
    console.print(f"{escape(person.name)}: {', '.join(person.roles) or 'no roles'}")
