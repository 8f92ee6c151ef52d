"""The sample repository is the same everywhere, and its checks tell the results apart as stated."""

import re
import subprocess
from pathlib import Path

import pytest

from marlin import examples
from marlin.errors import ConflictError
from marlin.examples.playing import play

BRIEF = "stockroom-import"


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def test_commit_is_the_same_twice_and_whatever_the_machine_is_set_to(tmp_path, monkeypatch) -> None:
    first = examples.sample_repository_commit(tmp_path / "one")
    config = tmp_path / "config"
    config.write_text("[core]\n\tautocrlf = true\n[commit]\n\tgpgSign = true\n[user]\n\tname = Somebody\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Somebody")
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    assert examples.sample_repository_commit(tmp_path / "two") == first
    assert re.fullmatch("[0-9a-f]{40}", first)


def test_repository_is_whole_and_its_tests_pass(sample) -> None:
    files = git(sample.path, "ls-tree", "-r", "--name-only", "HEAD").splitlines()
    assert {".gitignore", "README.md", "stockroom/cli.py", "tests/test_cli.py", "tests/data/note-17.csv"} <= set(files)
    assert not [path for path in files if "pycache" in path]
    assert git(sample.path, "status", "--porcelain") == ""
    assert len(git(sample.path, "log", "--format=%s").splitlines()) == 4


async def test_tests_of_the_base_pass(sample) -> None:
    code, output = await sample.run(examples.load_brief(BRIEF).test_command)
    assert code == 0, output


def test_a_folder_in_use_is_left_alone(tmp_path) -> None:
    (tmp_path / "mine").write_text("x")
    with pytest.raises(ConflictError):
        examples.sample_repository_commit(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


async def check(sample) -> tuple[bool, ...]:
    """Run the acceptance checks; which passed."""
    brief = examples.load_brief(BRIEF)
    passed = []
    for one in brief.acceptance_checks:
        code, output = await sample.run(one.command.replace("/opt/marlin/checks", str(brief.checks_dir)))
        lines = output.splitlines()
        assert lines
        assert all(line.startswith(("ok - ", "not ok - ")) for line in lines), output
        assert (code == 0) == all(line.startswith("ok - ") for line in lines)
        passed.append(code == 0)
    return tuple(passed)


async def turn(sample, family: str, number: int) -> None:
    """Play a turn, whose commands must all succeed, and commit it."""
    script = examples.load_script(examples.script_path(BRIEF, family))
    files = {str(p.relative_to(sample.path)): p for p in sample.path.rglob("*") if p.is_file()}
    prompt = examples.load_brief(BRIEF).follow_up if number > 1 else ""
    steps = script.steps(number, prompt, lambda path: files[path].read_text() if path in files else None)
    assert steps
    ran = await play(steps, sample)
    assert [each for each in ran if each.exit_code] == []
    assert examples.load_brief(BRIEF).test_command in [each.command for each in ran], "it ran the tests, which passed"
    git(sample.path, "add", "--all")
    git(sample.path, "-c", "user.name=t", "-c", "user.email=t@t", "commit", "--quiet", "-m", f"turn {number}")


@pytest.mark.parametrize("family", ["careful", "hasty"])
@pytest.mark.parametrize("start", ["base", "careful", "hasty"])
async def test_a_follow_up_fits_whatever_it_continues_from(sample, start: str, family: str) -> None:
    if start != "base":
        await turn(sample, start, 1)
    await turn(sample, family, 2)
    code, output = await sample.run("python3 -m stockroom import --dry-run tests/data/note-17.csv")
    assert code == 0, output
    assert "A-100: 0 -> 30\n" in output
    assert not (sample.path / "stock.json").exists()
    assert await check(sample) == (
        (True, True, True) if family == "careful" else examples.expected_results(BRIEF)[start]
    )


async def test_follow_ups_differ_over_several_files(sample) -> None:
    """The difference that a person is meant to find: totals over all files of a command."""
    note = "python3 -m stockroom import --dry-run tests/data/note-17.csv tests/data/note-17.csv"
    await turn(sample, "careful", 1)
    await turn(sample, "careful", 2)
    assert "A-100: 0 -> 60\n" in (await sample.run(note))[1]
    git(sample.path, "reset", "--hard", "--quiet", "HEAD~1")
    await turn(sample, "hasty", 2)
    assert "A-100: 0 -> 60\n" not in (await sample.run(note))[1]
