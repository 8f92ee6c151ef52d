"""What a repository and a change of it say of their licences, in whatever way they say it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from identify.vendor.licenses import LICENSES

from marlin.datasets.licences import Licences
from marlin.datasets.patches import ChangedFile, files_in
from marlin.tasks import Code
from marlin.workspaces import diff

KEY = "e" * 64
TEXT = dict(LICENSES)
Repository = Callable[[dict[str, bytes | str]], str]


@pytest.fixture
def commit(code: Code, tmp_path: Path) -> Repository:
    """Write files, links (their target as text) and nothing (empty text), and commit them; the commit."""
    folder, made = tmp_path / "repository", list[str]()
    folder.mkdir()

    def git(*arguments: str) -> None:
        who = ["-c", "user.name=T", "-c", "user.email=t@example.org"]
        subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)

    git("init", "-q", "-b", "main")

    def commit(files: dict[str, bytes | str]) -> str:
        for name, said in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_symlink() or path.exists():
                path.unlink()
            if isinstance(said, bytes):
                path.write_bytes(said)
            elif said:
                os.symlink(said, path)
        git("add", "-A")
        git("commit", "-qm", "some")
        bundle = folder.parent / f"{len(made)}.bundle"
        git("bundle", "create", "-q", str(bundle), "main", *([f"^{made[-1]}"] if made else []))
        made.append(code.mirrors.add(KEY, bundle, base=not made))
        return made[-1]

    return commit


def said(code: Code, base: str, change: str, start: str | None = None) -> list[str]:
    changed: list[ChangedFile] = files_in(diff(code.mirrors.open(KEY), start or base, change))
    for file in changed:
        file.commit = change
    licences = Licences(code.mirrors)
    try:
        return licences.of(KEY, (base, start or base), changed)
    finally:
        licences.close()


BASE: dict[str, bytes | str] = {"LICENSE": TEXT["Apache-2.0"].encode(), "LICENSES/MIT.txt": TEXT["MIT"].encode()}


def test_a_file_beside_another_says_its_licence(code: Code, commit: Repository) -> None:
    tag = b"SPDX-FileCopyrightText: 2026 Jo\n\nSPDX-License-Identifier: CC-BY-4.0\n"
    base = commit(
        BASE
        | {"logo.png": b"\0PNG", "logo.png.license": tag, "b.png": b"\0", "b.png.license": b"ask Jo\n", "c.png": b"\0"}
    )
    logo = commit({"logo.png": b"\0PNG2"})
    assert said(code, base, logo) == ["Apache-2.0", "CC-BY-4.0"]
    other = commit({"b.png": b"\0\0"})
    assert said(code, base, other, start=logo) == ["Apache-2.0", "unrecognised"]
    assert said(code, base, commit({"c.png": b"\0\0"}), start=other) == ["Apache-2.0"]


def test_a_text_of_sixteen_bits_is_read_with_and_without_a_mark(code: Code, commit: Repository) -> None:
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"):
        base = commit({"LICENSE": TEXT["MIT"].encode(encoding), "a.py": encoding.encode()})
        head = f"// SPDX-License-Identifier: ISC\nint x; // {encoding}\n".encode(encoding)
        assert said(code, base, commit({"a.c": head})) == ["ISC", "MIT"], encoding
        commit({"a.c": ""})


def test_a_link_that_a_change_brings_says_what_it_leads_to(code: Code, commit: Repository) -> None:
    base = commit(BASE | {"more/a.py": b"x"})
    linked = commit({"vendored/LICENSE": "../words.link", "words.link": "LICENSES/MIT.txt"})
    assert said(code, base, linked) == ["Apache-2.0", "MIT"]
    for target in ("../../outside", "../nowhere", "LICENSE", "/etc/passwd"):
        away = commit({"vendored/LICENSE": target})
        assert said(code, base, away, start=linked) == ["Apache-2.0", "MIT", "unrecognised"], target
        linked = commit({"vendored/LICENSE": "../words.link"})
    assert said(code, base, commit({"more/link.py": "a.py"}), start=linked) == ["Apache-2.0"]


def test_what_an_earlier_turn_brought_counts_in_the_next(code: Code, commit: Repository) -> None:
    base = commit(BASE)
    first = commit({"vendored/COPYING": TEXT["GPL-3.0"].encode(), "vendored/a.py": b"x = 1\n"})
    second = commit({"vendored/a.py": b"x = 2\n"})
    assert said(code, base, second, start=first) == ["Apache-2.0", "GPL-3.0"]


def test_reuse_toml_says_the_licences_of_files_that_say_none(code: Code, commit: Repository) -> None:
    toml = """
        version = 1
        [[annotations]]
        path = "**"
        SPDX-License-Identifier = "MIT"
        [[annotations]]
        path = "art/**"
        precedence = "override"
        SPDX-License-Identifier = "CC-BY-4.0"
        [[annotations]]
        path = ["po/*.po"]
        precedence = "aggregate"
        SPDX-License-Identifier = "GPL-3.0-or-later"
    """
    tag = b"# SPDX-License-Identifier: ISC\n"
    base = commit(
        {"REUSE.toml": toml.encode(), "a.py": b"a", "vendored/REUSE.toml": b"version = 9", "vendored/b": b"b"}
    )
    licences = {
        "a.py": (b"b", ["MIT"]),
        "c.py": (tag, ["ISC"]),
        "art/new/logo.svg": (tag, ["CC-BY-4.0"]),
        "po/de.po": (tag, ["GPL-3.0-or-later", "ISC"]),
        "po/fr.po": (b"x", ["GPL-3.0-or-later"]),
        "vendored/b": (b"x", ["unrecognised"]),
    }
    before = base
    for path, (text, expected) in licences.items():
        changed = commit({path: text})
        assert said(code, base, changed, start=before) == expected, path
        before = changed


def test_a_reuse_toml_that_a_change_brings_counts_for_what_it_brings(code: Code, commit: Repository) -> None:
    base = commit(BASE | {"a.py": b"a"})
    toml = b"version = 1\n[[annotations]]\npath = '*.c'\nSPDX-License-Identifier = 'GPL-2.0-only'\n"
    assert said(code, base, commit({"vendored/REUSE.toml": toml, "vendored/a.c": b"int x;"})) == [
        "Apache-2.0",
        "GPL-2.0-only",
    ]
    start = commit({"a.py": b"b"})
    linked = commit({"other/REUSE.toml": "../vendored/REUSE.toml", "other/a.c": b"int y;"})
    assert said(code, base, linked, start=start) == ["Apache-2.0", "unrecognised"]
    assert said(code, base, commit({"other/a.c": b"int z;"}), start=linked) == ["Apache-2.0", "GPL-2.0-only"]


def test_of_a_folder_full_of_licences_so_many_are_read_and_the_rest_is_told(code: Code, commit: Repository) -> None:
    text = TEXT["MIT"].encode()
    base = commit({f"LICENSE-{number:03}": text for number in range(200)} | {"a.py": b"a"})
    changed = commit({"a.py": b"b"})
    assert said(code, base, changed) == ["MIT"]
    more = commit({"LICENSE-999": text})
    assert said(code, more, commit({"a.py": b"c"})) == ["MIT", "unrecognised"]
