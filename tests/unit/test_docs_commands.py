"""The commands that the documentation tells people to type exist, and take what they are given there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
import typer

from marlin.cli import app
from marlin.cli.loading import LateGroup

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMAND = re.compile(r"(?:`|^\s*\$ )(?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?marlin((?: [^`\n#|>&;]+)?)", re.MULTILINE)


def told() -> list[tuple[str, str]]:
    """Page and command; what stands for any arguments, or is left open by dots, says nothing to check."""
    found = []
    for page in PAGES:
        if page.name != "cli.md":  # generated from the commands themselves
            text = re.sub(r"\\\n\s*", "", page.read_text())
            found += [
                (page.name, match[1].strip()) for match in COMMAND.finditer(text) if not re.search(r"[…\[]", match[0])
            ]
    return sorted({each for each in found if each[1]})


@pytest.mark.parametrize(("page", "line"), told())
def test_a_command_in_the_documentation_can_be_typed(page: str, line: str) -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, LateGroup)
    group.load_all()
    words, node = shlex.split(line), group
    while words and isinstance(node, click.Group | typer.core.TyperGroup):
        name = words.pop(0)
        assert name in node.commands, f"{page}: there is no command {name!r} in `marlin {line}`"
        node = node.commands[name]
    if isinstance(node, click.Group | typer.core.TyperGroup) or not words:
        return  # named, not typed out
    try:
        node.make_context(node.name, words)
    except Exception as error:
        pytest.fail(f"{page}: `marlin {line}` is refused: {error}")


def test_the_documentation_was_read() -> None:
    assert any(line.startswith("arm add my-campaign") for _, line in told())
