"""What gets into a dataset: licences, nearness, benchmark lists, and what waits for a person."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marlin.datasets.benchmarks import Benchmarks, repository_name
from marlin.datasets.building import no_room
from marlin.datasets.choosing import Gathered
from marlin.datasets.errors import DatasetWishError
from marlin.datasets.licence_texts import is_licence_file, licences_of
from marlin.datasets.memory import Memory
from marlin.datasets.nearness import Nearness, lines_of, words_of
from marlin.datasets.patches import files_in
from marlin.datasets.scrubbing import Scrubber
from marlin.datasets.splitting import Groups
from marlin.datasets.suspicions import suspicion_id
from marlin.datasets.wishes import Wish

APACHE = Path(__file__).parents[3] / "LICENSE"
KEY = "q8Zx72LmPp0aWe34Kd"
REQUEST = (
    "The command line tool ignores the configuration file when the home folder has a space in its name, so that every "
    "user on a Mac with a full name sees the defaults instead of what was configured. Please make it read the file."
)
PATCH = (
    "--- a/tool.py\n+++ b/tool.py\n@@ -1,2 +1,4 @@\n-old\n"
    "+    path = Path(home).expanduser()\n+    text = path.read_text(encoding='utf-8')\n+    return parse(text)\n"
)


def row(number: int = 0, **more: Any) -> dict[str, Any]:
    """What choosing looks at of a canonical row."""
    side = {"patch": f"+value = compute_the_result({number}, start={number * 7})\n", "patch_refused": None}
    return {
        "id": f"row-{number}",
        "turn": 1,
        "category": "bug_fix",
        "task_id": f"task-{number}",
        "repository": f"{number:064x}",
        "source": f"https://git.example.com/owner/name{number}.git",
        "base_commit": f"{number:040x}",
        "start_commit": f"{number:040x}",
        "request": f"Request number {number} asks for thing {number * 13}, and nothing else.",
        "licences": ["MIT"],
        "rubric_version": 1,
        "guidelines_version": 1,
        "ratings": [{"rater": f"rater-{number}", "terms": "2026-1"}],
        "agg": {"label": "A", "strength": 2, "agreement": 1.0, "axes": {"security": -1.0, "speed": 0.0}},
        "pairs": True,
        "trajectory": True,
        "a": side,
        "b": side,
    } | more


def gathered(wish: Wish, *rows: dict[str, Any], held: dict[str, Any] | None = None) -> Gathered:
    found = Gathered(wish)
    for one in rows:
        found.add({"row": one, "scrubbed": {}, "held": held or {}})
    return found


# --- licences --------------------------------------------------------------------------------------------------------


def test_a_licence_is_known_by_its_text_whoever_holds_the_copyright() -> None:
    text = APACHE.read_bytes().replace(b"[yyyy]", b"2026").replace(b"[name of copyright owner]", b"Jo")
    assert licences_of({"LICENSE.txt": text, "setup.py": b""}) == ["Apache-2.0"]
    assert licences_of({"COPYING": b"All rights reserved."}) == ["unrecognised"]


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("package.json", b'{"license": "(MIT OR Apache-2.0)"}', ["Apache-2.0", "MIT"]),
        ("pyproject.toml", b'[project]\nlicense = "BSD-3-Clause"', ["BSD-3-Clause"]),
        ("pyproject.toml", b'[project]\nlicense = {text = "MIT"}', ["MIT"]),
        ("Cargo.toml", b'[package]\nlicense = "MPL-2.0"', ["MPL-2.0"]),
        ("package.json", b'{"license": "SEE LICENSE IN <x>; rm -rf"}', []),
        ("package.json", b'["no", "object"]', []),
        ("pyproject.toml", b"\xff\xfe", []),
        ("package.json", b"[" * 100_000, []),
    ],
)
def test_a_package_says_its_licence_or_nothing(name: str, data: bytes, expected: list[str]) -> None:
    assert licences_of({name: data}) == expected


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("LICENSE-MIT", True),
        ("COPYING.LESSER", True),
        ("licence.md", True),
        ("license.py", False),
        ("licenses.ts", False),
    ],
)
def test_code_about_licences_is_none(name: str, said: bool) -> None:
    assert is_licence_file(name) is said


def test_a_patch_tells_its_files_whatever_their_names(tmp_path: Path) -> None:
    names = ["plain.py", "old/place.py", "with space/b and b.py", 'quo"ted/tab\t.py', "gone.py", "mode.sh", "pic.bin"]

    def git(*words: str) -> bytes:
        who = ["-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "core.quotePath=false"]
        return subprocess.run(["git", *who, *words], cwd=tmp_path, check=True, capture_output=True).stdout

    git("init", "-q")
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"\0\1" if name == "pic.bin" else f"{name}\n-- a/no/file\n".encode() * 9)
    git("add", "-A")
    git("commit", "-qm", "one")
    (tmp_path / "old/place.py").rename(tmp_path / "new.py")
    (tmp_path / "gone.py").unlink()
    (tmp_path / "mode.sh").chmod(0o755)
    (tmp_path / "pic.bin").write_bytes(b"\0\2")
    (tmp_path / "empty ä.py").touch()
    for name in names[:1] + names[2:4]:
        (tmp_path / name).write_text("new\n")
    git("add", "-A")
    expected = {name.encode() for name in [*names, "new.py", "empty ä.py"]}
    files = files_in(git("diff", "--cached", "-M", "--full-index"))
    assert {path for file in files for path in file.paths} == expected
    contents = {
        (file.before and git("cat-file", "blob", file.before), file.after and git("cat-file", "blob", file.after))
        for file in files
    }
    assert contents == {
        (b"plain.py\n-- a/no/file\n" * 9, b"new\n"),
        (b"with space/b and b.py\n-- a/no/file\n" * 9, b"new\n"),
        (b'quo"ted/tab\t.py\n-- a/no/file\n' * 9, b"new\n"),
        (b"gone.py\n-- a/no/file\n" * 9, None),
        (b"\0\1", b"\0\2"),
        (None, b""),
        (None, None),  # a new name, a new mode
    }


def test_every_licence_of_a_repository_must_be_allowed() -> None:
    mixed, none = row(1, licences=["GPL-3.0", "MIT"]), row(2, licences=[])
    found = gathered(Wish(licences=("mit",)), row(0), mixed, none)
    assert list(found.kept) == [True, False, False]
    reasons = {reason for _, reason in found.left_out}
    assert reasons == {"filter: licence", "filter: licence (unknown)"}
    assert found.licences == {"MIT": 1}


@pytest.mark.parametrize(
    "name", ["mit", "BlueOak-1.0.0", "LicenseRef-Ours", "unrecognised", "GPL-2.0 WITH GCC-exception-2.0"]
)
def test_a_licence_that_a_repository_may_have_can_be_asked_for(name: str) -> None:
    assert Wish(licences=("MIT", name)).licences[1] == name


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("nonsense", "spdx.org"),
        ("apache2", "Apache-2.0"),
        ("", "spdx.org"),
        ("MIT OR ISC", "--licence B"),
        ("(MIT)", "B"),
    ],
)
def test_a_licence_that_is_none_is_refused_before_any_row_is_made(name: str, hint: str) -> None:
    with pytest.raises(DatasetWishError) as refused:
        Wish(licences=("MIT", name))
    assert (refused.value.exit_code, hint in str(refused.value.hint)) == (2, True)


@pytest.mark.parametrize(
    ("has", "asked", "kept"),
    [
        ("GPL-3.0", "gpl-3.0-only", True),
        ("GPL-3.0-or-later", "GPL-3.0", True),
        ("GPL-3.0+", "GPL-3.0-or-later", True),
        ("GPL-3.0", "GPL-3.0-or-later", False),
        ("LGPL-3.0", "GPL-3.0", False),
        ("GPL-2.0+ WITH Linux-syscall-note", "GPL-2.0-only WITH Linux-syscall-note", True),
        ("GPL-2.0-or-later WITH Classpath-exception-2.0", "GPL-2.0", True),
        ("GPL-2.0", "GPL-2.0 WITH Classpath-exception-2.0", False),
    ],
)
def test_a_licence_is_the_same_by_its_older_name(has: str, asked: str, kept: bool) -> None:
    assert list(gathered(Wish(licences=(asked,)), row(licences=[has])).kept) == [kept]


def test_an_axis_that_says_nothing_keeps_a_row_out() -> None:
    assert gathered(Wish(axes=("security",)), row()).counts["rows"] == 1
    assert gathered(Wish(axes=("speed",)), row()).left_out == {("dataset", "filter: axis"): 1}
    assert gathered(Wish(axes=("unheard-of",)), row()).counts["rows"] == 0


# --- nearness --------------------------------------------------------------------------------------------------------


def test_reworded_little_is_near_and_another_text_is_not() -> None:
    near = Nearness()
    assert near.add(words_of(REQUEST * 3)) == (0, [])
    assert near.add(words_of(REQUEST * 3 + " Thank you.")) == (1, [0])
    assert near.add(words_of("Sort the invoices by date before they are printed, newest first.")) == (2, [])


@given(st.lists(st.text(alphabet="abcdef ", max_size=60), max_size=12), st.randoms())
def test_groups_do_not_depend_on_the_order_of_the_rows(texts: list[str], shuffler: Any) -> None:
    def divided(order: list[int]) -> dict[int, str] | None:
        groups = Groups()
        keys = {
            number: groups.add(repository=f"r{number}", task="", base_commit="", request=texts[number])
            for number in order
        }
        found = groups.divide(seed="7", test_fraction=0.3)
        return None if found is None else {number: found.split_of(key) for number, key in keys.items()}

    order = list(range(len(texts)))
    shuffled = shuffler.sample(order, len(order))
    assert divided(order) == divided(shuffled)


def test_nearly_the_same_request_is_in_the_same_split_and_counted() -> None:
    groups = Groups()
    keys = [
        groups.add(repository=f"r{number}", task=f"t{number}", base_commit=f"b{number}", request=request)
        for number, request in enumerate([REQUEST * 3, "Another thing entirely, please.", REQUEST * 3 + " Thanks!"])
    ]
    assert groups.joined_by_nearness == 1
    found = groups.divide(seed="0", test_fraction=0.4)
    assert found is not None
    splits = [found.split_of(key) for key in keys]
    assert splits[0] == splits[2] != splits[1]


def test_a_twin_is_left_out_if_asked() -> None:
    side = {"patch": "".join(f"+line {n} of the change\n" for n in range(60)), "patch_refused": None}
    twins = [row(0, a=side, b=side), row(1, a=side, b=side, request=row(0)["request"]), row(2)]
    assert gathered(Wish(), *twins).counts["rows"] == 3
    found = gathered(Wish(drop_near_duplicates=True), *twins)
    assert list(found.kept) == [True, False, True]
    assert found.left_out == {("dataset", "nearly the same as an earlier row"): 1}


def test_a_full_disk_is_known_by_what_is_remembered_too(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "memory.sqlite")
    memory.run("PRAGMA max_page_count = 40")

    def fill() -> None:
        for number in range(10_000):
            memory.see("tasks", str(number))

    with pytest.raises(sqlite3.OperationalError) as full:
        fill()
    assert no_room(full.value)


def test_only_changed_lines_of_a_patch_count() -> None:
    assert lines_of(PATCH + " context\n+\n") == {
        "-old",
        "+path = Path(home).expanduser()",
        "+text = path.read_text(encoding='utf-8')",
        "+return parse(text)",
    }


# --- benchmark lists -------------------------------------------------------------------------------------------------


@pytest.fixture
def swe_bench(tmp_path: Path) -> Path:
    """A list as those of SWE-bench."""
    entry = {
        "instance_id": "owner__name-1",
        "repo": "Owner/Name",
        "base_commit": "c" * 40,
        "problem_statement": REQUEST,
        "patch": PATCH,
        "test_patch": "",
    }
    path = tmp_path / "bench.jsonl"
    path.write_text(json.dumps(entry) + "\n" + json.dumps({"repo": "x/y", "base_commit": "d" * 40}) + "\n")
    return path


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"source": "git@github.com:owner/name.git", "base_commit": "C" * 40}, "same repository and base commit"),
        ({"source": "https://github.com/owner/name", "start_commit": "c" * 40}, "same repository and base commit"),
        ({"request": "Hello! " + REQUEST + " Mind the tests."}, "same request"),
        ({"b": {"patch": PATCH.replace("old", "other"), "patch_refused": None}}, "same change"),
        ({"source": "https://github.com/owner/name", "base_commit": "e" * 40}, None),
        ({"request": "The command line tool ignores the configuration file. Write a test."}, None),
    ],
)
def test_what_a_benchmark_knows_is_left_out(swe_bench: Path, changes: dict[str, Any], rule: str | None) -> None:
    found = gathered(Wish(benchmarks=(swe_bench,)), row(3, **changes))
    state = found.benchmark_states()[0]
    assert (state.name, state.entries, len(state.sha256)) == ("bench.jsonl", 2, 64)
    if rule is None:
        assert (list(found.kept), state.left_out) == ([True], {})
    else:
        assert (list(found.kept), state.left_out) == ([False], {rule: 1})
        assert found.left_out == {("dataset", f"known from a benchmark: {rule}"): 1}


def test_whole_repositories_go_if_asked(swe_bench: Path) -> None:
    other = row(3, source="https://github.com/owner/name")
    found = gathered(Wish(benchmarks=(swe_bench,), benchmark_repositories=True), other)
    assert found.benchmark_states()[0].left_out == {"same repository": 1}


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", '{"instance_id": "nothing to compare"}', "[" * 100_000])
def test_a_list_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "list.json"
    path.write_text(text)
    with pytest.raises(DatasetWishError) as refused:
        Benchmarks([path])
    assert "SWE-bench" in refused.value.hint
    with pytest.raises(DatasetWishError, match="can't be read"):
        Benchmarks([tmp_path / "missing"])


def test_repositories_have_one_name_however_they_are_written() -> None:
    written = ["Owner/Name", "https://h.example/owner/name.git", "git@h.example:owner/name", "ssh://h/owner/name/"]
    assert {repository_name(one) for one in written} == {"owner/name"}
    assert repository_name("") == repository_name("local") == ""


# --- what waits for a person -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ['API_KEY = "{}"', "password: '{}'", '"client_secret": "{}"', "private_key := '{}'"])
def test_what_may_be_a_secret_is_held_until_a_person_decides(form: str) -> None:
    text, name = form.format(KEY), suspicion_id(KEY)
    scrubber = Scrubber()
    assert scrubber.text(text) == text
    assert list(scrubber.held) == [name]
    assert KEY not in scrubber.held[name].shown
    kept = Scrubber(decisions={name: "keep"})
    assert (kept.text(text), kept.held) == (text, {})
    replaced = Scrubber(decisions={name: "redact"})
    assert KEY not in replaced.text(text)
    assert replaced.text(text).count("secret-") == 1


@pytest.mark.parametrize(
    "text",
    [
        'password = "changeme123456"',
        'api_key = "your-api-key-123"',
        "password = 'correct horse battery'",
        'secret = os.environ["A1B2C3D4E5F6G7"]',
        'password_hint = "aaaaaaaaaaaaaaa1"',
        'token = "q8Zx72LmPp0aWe34Kd"',
    ],
)
def test_what_is_plainly_no_secret_holds_nothing(text: str) -> None:
    scrubber = Scrubber()
    assert (scrubber.text(text), scrubber.held) == (text, {})


def test_a_held_row_is_in_no_dataset_and_listed_with_where_it_is() -> None:
    name = suspicion_id(KEY)
    held = {name: {"name": "API_KEY", "shown": "q8Z… (18 characters)", "places": []}}
    found = gathered(Wish(), row(1), row(2), held=held)
    assert list(found.kept) == [False, False]
    assert found.held[name]["rows"] == ["row-1", "row-2"]


# --- what is replaced ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind"),
    [("from 52.12.3.4 port 22", "ip_address"), ("call +49 170 1234567", "phone_number"), ("+1 (415) 555-2671", None)],
)
def test_addresses_of_machines_and_phones_are_replaced(text: str, kind: str | None) -> None:
    scrubber = Scrubber()
    clean = scrubber.text(text)
    assert dict(scrubber.counts) == ({kind: 1} if kind else {})
    assert (clean == text) == (kind is None)  # at a line's beginning it is an added line of numbers


@pytest.mark.parametrize(
    "text",
    [
        "version 4.18.0.1",
        "==52.12.3.4",
        "127.0.0.1 10.1.2.3 192.168.0.1",
        "8.8.8.8",
        "1.2.3.4.5",
        "999.1.1.1",
        "x+1 22 33",
    ],
)
def test_releases_and_private_addresses_stay(text: str) -> None:
    assert Scrubber().text(text) == text


def test_names_of_models_go_only_if_asked() -> None:
    text = "I am Claude Opus 4.5, not gpt-5.1 or careful-arm. The claudette script stays."
    assert Scrubber().text(text) == text
    scrubber = Scrubber(models=["careful-arm"])
    assert scrubber.text(text) == "I am [model], not [model] or [model]. The claudette script stays."
    assert scrubber.counts["model_name"] == 3


@pytest.mark.parametrize(
    "piece", ["1.1.1.", "+1 22 ", "password", "api_key = 'a1b2", "claude ", "password=" + "-" * 30, "+1 (4"]
)
def test_hostile_repetition_is_read_in_time(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    assert Scrubber(models=[]).text(text)
