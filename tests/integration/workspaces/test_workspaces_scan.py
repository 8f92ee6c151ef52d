"""Reading an upper layer, for what no sandbox can make: marks and devices that only root can."""

import os
import stat
from pathlib import Path

from marlin.workspaces import Reason, ScanLimits
from marlin.workspaces.scan import scan


def test_marks_of_the_overlay(tmp_path: Path) -> None:
    os.mknod(tmp_path / "deleted", stat.S_IFCHR, 0)
    (tmp_path / "opaque").mkdir()
    (tmp_path / "opaque/x").write_text("x")
    os.setxattr(tmp_path / "opaque", "trusted.overlay.opaque", b"y")
    (tmp_path / "merged").mkdir()
    os.setxattr(tmp_path / "merged", "user.overlay.opaque", b"y")
    os.mknod(tmp_path / ".git", stat.S_IFCHR, 0)
    found = scan(tmp_path)
    assert sorted(found.deleted) == [b"deleted", b"opaque"]
    assert [each.path for each in found.files] == [b"opaque/x"]
    assert found.left_out == []


def test_devices_and_borrowed_content_are_left_out(tmp_path: Path) -> None:
    os.mknod(tmp_path / "zero", stat.S_IFCHR | 0o666, os.makedev(1, 5))
    os.mknod(tmp_path / "disk", stat.S_IFBLK | 0o666, os.makedev(7, 0))
    with (tmp_path / "borrowed").open("wb") as file:
        file.truncate(4096)
    os.setxattr(tmp_path / "borrowed", "trusted.overlay.metacopy", b"")
    found = scan(tmp_path)
    assert found.files == []
    assert {(each.path, each.reason) for each in found.left_out} == {
        ("zero", Reason.SPECIAL),
        ("disk", Reason.SPECIAL),
        ("borrowed", Reason.UNREADABLE),
    }
    assert sorted(found.deleted) == [b"disk", b"zero"], "an earlier version is hidden by them"


def test_a_workspace_that_was_replaced(tmp_path: Path) -> None:
    assert scan(tmp_path / "nothing").deleted == []
    (tmp_path / "link").symlink_to("/etc")
    found = scan(tmp_path / "link")
    assert found.deleted == [b""]
    assert found.files == []
    assert [each.reason for each in found.left_out] == [Reason.SPECIAL]
    os.mknod(tmp_path / "gone", stat.S_IFCHR, 0)
    assert scan(tmp_path / "gone").deleted == [b""]


def test_limits_of_size_and_number(tmp_path: Path) -> None:
    for number in range(10):
        (tmp_path / f"f{number}").write_bytes(b"x" * 10)
    few = scan(tmp_path, ScanLimits(files=4))
    assert len(few.files) == 4
    assert [(each.reason, each.files) for each in few.left_out] == [(Reason.TOO_MANY, 6)]
    small = scan(tmp_path, ScanLimits(total_bytes=35))
    assert len(small.files) == 3
    assert [each.reason for each in small.left_out] == [Reason.TOO_LARGE] * 7
