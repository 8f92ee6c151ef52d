"""By what the rows of a dataset are told apart and found: their facets, their words, and a line about each. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Row = dict[str, Any]

AXIS = "axis:"
"""Before an axis's name, in the name of the facet that says which side won on it."""
NAMES = (
    "split",
    "label",
    "strength",
    "agreement",
    "category",
    "language",
    "licence",
    "repository",
    "turn",
)
"""Besides these there is one facet for each axis that was scored."""
MOST_WORDS = 20_000
"""Characters of a row that are searched."""
_TITLE = 160
_CHANGED = re.compile(r"(?m)^diff --git \S.* \"?b/(.+?)\"?$")
_LANGUAGES = {
    "c": "C",
    "h": "C",
    "cc": "C++",
    "cpp": "C++",
    "hpp": "C++",
    "cs": "C#",
    "css": "CSS",
    "go": "Go",
    "html": "HTML",
    "java": "Java",
    "js": "JavaScript",
    "jsx": "JavaScript",
    "mjs": "JavaScript",
    "json": "JSON",
    "kt": "Kotlin",
    "md": "Markdown",
    "rst": "reStructuredText",
    "php": "PHP",
    "py": "Python",
    "rb": "Ruby",
    "rs": "Rust",
    "scala": "Scala",
    "sh": "Shell",
    "sql": "SQL",
    "swift": "Swift",
    "toml": "TOML",
    "ts": "TypeScript",
    "tsx": "TypeScript",
    "yaml": "YAML",
    "yml": "YAML",
}


def facets_of(row: Row) -> Iterator[tuple[str, str]]:
    """Names and values; a name may come several times, as that of a row with two licences.

    :raises KeyError, TypeError, AttributeError: it is no canonical row.
    """
    agg = row["agg"]
    yield "split", str(row["split"])
    yield "label", str(agg["label"])
    yield "strength", str(agg["strength"])
    yield "agreement", _agreement(agg["n"], agg["agreement"])
    yield "category", str(row["category"])
    for language in sorted(_languages(row)):
        yield "language", language
    for licence in row["licences"] or ["unknown"]:
        yield "licence", str(licence)
    yield "repository", str(row["source"] or row["repository"])
    yield "turn", str(row["turn"])
    for axis, score in agg["axes"].items():
        yield AXIS + axis, "A" if score < 0 else "B" if score > 0 else "equal"


def words_of(row: Row) -> str:
    """What is searched: the request, and what people wrote on the results; in small letters."""
    said = [str(row["request"]), *(str(rating["justification"]) for rating in row["ratings"])]
    return "\n".join(said)[:MOST_WORDS].lower()


def line_of(row: Row) -> Row:
    """What a list says of a row: a title, which is the beginning of its request, and the judgement."""
    agg = row["agg"]
    title = str(row["request"]).strip().split("\n", 1)[0]
    return {
        "title": title if len(title) <= _TITLE else f"{title[:_TITLE]}…",
        "label": str(agg["label"]),
        "strength": int(agg["strength"]),
        "n": int(agg["n"]),
        "category": str(row["category"]),
        "repository": str(row["source"] or row["repository"]),
        "turn": int(row["turn"]),
        "pairs": bool(row["pairs"]),
    }


def _agreement(people: int, share: float) -> str:
    if people <= 1:
        return "one person"
    return "all agree" if share == 1 else "most agree" if share > 0.5 else "half or fewer agree"


def _languages(row: Row) -> set[str]:
    changed = {name for side in ("a", "b") for name in _CHANGED.findall(row[side]["patch"])}
    return {_language(name) for name in changed} or {"none"}


def _language(path: str) -> str:
    name = path.rsplit("/", 1)[-1]
    _, dot, suffix = name.rpartition(".")
    return _LANGUAGES.get(suffix.lower(), "other") if dot else "other"
