"""The text form of paths, and the names that git must not be given."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marlin.workspaces import from_text, paths, to_text


@given(st.binary(min_size=1, max_size=60).filter(lambda name: b"\0" not in name))
def test_text_form_is_reversible_and_plain_json(path: bytes) -> None:
    text = to_text(path)
    assert from_text(text) == path
    assert json.loads(json.dumps(text)) == text
    text.encode("utf-8")
    assert not any(ord(char) < 0x20 for char in text)


def test_text_form_is_gits_own_quoting() -> None:
    assert to_text(b'caf\xe9\t"x"') == '"caf\\351\\t\\"x\\""'
    assert to_text("café".encode()) == "café"


@pytest.mark.parametrize("text", ['"', '"x', '"\\9"', '"\\12"', '"\\777"'])
def test_broken_text_forms_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="quoted path"):
        from_text(text)


@pytest.mark.parametrize(
    "name",
    [
        ".git", ".GIT", ".gIt", "git~1", "GIT~1", ".git ", ".git.", ".git. .", ".git::$INDEX_ALLOCATION", ".git:x",
        ".g\u200cit", "\ufeff.git", "a\\.git", "x\\GIT~1\\y",
    ],
)  # fmt: skip
def test_names_some_file_system_takes_for_git(name: str) -> None:
    assert paths.is_dot_git(name.encode())
    assert paths.refused(b"a/" + name.encode() + b"/b") == "name"


@pytest.mark.parametrize("name", [".gitignore", ".github", "git", "a.git", "git~2", ".gitmodules", "…git", "\\"])
def test_honest_names(name: str) -> None:
    assert paths.refused(b"a/" + name.encode()) is None


def test_paths_that_are_too_deep_or_none() -> None:
    assert paths.refused(b"/".join([b"d"] * 256)) == "too-deep"
    assert paths.refused(b"x" * 1025) == "too-deep"
    assert paths.refused(b"a/../b") == paths.refused(b"a//b") == paths.refused(b"/a") == "name"
