"""Commands that are imported when they are called, so that `marlin --help` and every short command answer at once."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup


@contextmanager
def nothing_collected() -> Iterator[None]:
    """Don't look for garbage among what is imported in the block, neither while it grows nor ever after: it stays."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collecting:
            gc.enable()


def flowing(text: str | None) -> str | None:
    """A help text without the ends of lines that its source has, which fit no terminal; each example keeps a line."""
    if text is None:
        return None
    paragraphs = (paragraph.split("\n") for paragraph in text.split("\n\n"))
    return "\n\n".join(("\n" if all(map(_is_example, lines)) else " ").join(lines) for lines in paragraphs)


def _told_alike(command: Any) -> None:
    """Help that flows, and arguments in capitals, as those are whose names are chosen for people."""
    command.help = flowing(command.help)
    for parameter in command.params:
        if parameter.param_type_name == "argument" and parameter.metavar is None:
            parameter.metavar = parameter.name.upper()


def _is_example(line: str) -> bool:
    return line.startswith("marlin ")


@dataclass(frozen=True, slots=True)
class Later:
    """Where a command is: a function, or the ``app`` of a group of commands.

    :ivar summary: what the list of commands says of it: the first paragraph of its own help, which a test compares.
    """

    module: str
    attribute: str
    summary: str

    def load(self, name: str) -> TyperCommand | TyperGroup:
        """Import it."""
        with nothing_collected():
            found = getattr(import_module(self.module), self.attribute)
        if isinstance(found, typer.Typer):
            group = typer.main.get_group(found)
            group.name = name
            for command in group.commands.values():
                _told_alike(command)
            return group
        alone = typer.Typer(add_completion=False, context_settings={"help_option_names": ["-h", "--help"]})
        alone.command(name)(found)
        command = typer.main.get_command(alone)
        assert isinstance(command, TyperCommand)
        _told_alike(command)
        return command


class LateCommand(TyperCommand):
    """Stands for a command until it is called."""

    def __init__(self, name: str, later: Later) -> None:
        super().__init__(name, help=later.summary)
        self._later = later

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """The context of the command itself: from here on it is the one that runs."""
        return self._later.load(self.name or "").make_context(info_name, args, parent, **extra)


class LateGroup(TyperGroup):
    """A group whose commands are imported when they are called. Subclasses say which they are."""

    later: ClassVar[dict[str, Later]]

    def list_commands(self, ctx: Any) -> list[str]:
        """Their names, in the order in which they are shown."""
        return list(self.later)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command, or what stands for it."""
        later = self.later.get(cmd_name)
        if later is None:
            return None
        return self.commands.get(cmd_name) or LateCommand(cmd_name, later)

    def load_all(self) -> None:
        """Import every command, for a description of them all."""
        for name, later in self.later.items():
            self.commands[name] = later.load(name)
