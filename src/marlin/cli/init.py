"""``marlin init``: the data folder, the tables, the first operator."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import accounts
from marlin.accounts import Role
from marlin.cli.database import in_transaction
from marlin.errors import InvalidInputError
from marlin.settings import get_settings

console = Console(soft_wrap=True, highlight=False)


def init(
    name: Annotated[str | None, typer.Option(help="The first operator's name; asked for when left out.")] = None,
    email: Annotated[str | None, typer.Option(help="Their e-mail address; asked for when left out.")] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read their password from standard input.")
    ] = False,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="Set no password; they sign in with `marlin people link EMAIL`.")
    ] = False,
) -> None:
    """Create the data folder and the tables, and the first operator. Running it again does no harm."""
    settings = get_settings()
    operators = in_transaction(_operators, create_tables=True)
    console.print(f"Data folder: {escape(str(settings.home))}. The tables are up to date.")
    if operators and not (name or email):
        console.print(f"There is an operator already: {escape(', '.join(operators))}.")
    else:
        _add_operator(name, email, password_stdin=password_stdin, no_password=no_password)
    console.print(f"Next: `marlin doctor`, then `marlin up`, and open {escape(settings.base_url)}.")


async def _operators(session: AsyncSession) -> list[str]:
    return [person.email for person in await accounts.list_people(session) if person.has([Role.OPERATOR])]


def _add_operator(name: str | None, email: str | None, *, password_stdin: bool, no_password: bool) -> None:
    asking = sys.stdin.isatty() and not password_stdin
    if not asking and (not name or not email or not (password_stdin or no_password)):
        raise InvalidInputError(
            "The first operator's name, address and password are needed.",
            hint="Run it in a terminal, or give --name, --email, and --password-stdin or --no-password.",
        )
    chosen_name = name or typer.prompt("Your name")
    chosen_email = email or typer.prompt("Your e-mail address")
    password: str | None = None
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    elif not no_password:
        password = typer.prompt("A password (12 characters or more)", hide_input=True, confirmation_prompt=True)

    async def work(session: AsyncSession) -> str:
        person = await accounts.create_operator(session, name=chosen_name, email=chosen_email, password=password)
        return person.email

    created = in_transaction(work)
    console.print(f"Operator {escape(created)} was added.")
    if password is None:
        console.print(f"They sign in with a link: `marlin people link {escape(created)}`.")
