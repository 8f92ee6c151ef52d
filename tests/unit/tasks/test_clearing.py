"""Making room for a base's test file, whatever an arm put in its place."""

from __future__ import annotations

import subprocess
from pathlib import Path

from marlin.tasks import workbench


def clear(workspace: Path, path: str) -> None:
    subprocess.run(["sh", "-c", workbench._CLEAR, "sh", path], cwd=workspace, check=True)


def test_a_folder_in_the_place_of_a_file_goes(tmp_path: Path) -> None:
    (tmp_path / "tests/test_a.py/deep").mkdir(parents=True)
    clear(tmp_path, "tests/test_a.py")
    assert (tmp_path / "tests").is_dir()
    assert not (tmp_path / "tests/test_a.py").exists()


def test_a_file_or_link_in_the_place_of_a_folder_goes_and_its_target_stays(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/test_a.py").write_text("theirs")
    (tmp_path / "tests").symlink_to("elsewhere")
    (tmp_path / "more tests").write_text("no folder")
    clear(tmp_path, "tests/test_a.py")
    clear(tmp_path, "more tests/-deep/test_b.py")
    assert not (tmp_path / "tests").is_symlink()
    assert not (tmp_path / "more tests").exists()
    assert (tmp_path / "elsewhere/test_a.py").read_text() == "theirs"


def test_a_read_only_file_at_the_top_goes(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("theirs")
    (tmp_path / "conftest.py").chmod(0o444)
    clear(tmp_path, "conftest.py")
    assert not (tmp_path / "conftest.py").exists()
