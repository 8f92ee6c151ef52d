"""The first disks on a host, several at once: a turn's two sides open their sandboxes together."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from marlin.sandboxes.quota import make_image


def test_disks_made_at_once_on_a_fresh_host_are_all_whole(tmp_path: Path) -> None:
    disks = [tmp_path / f"{number}.ext4" for number in range(4)]
    with ThreadPoolExecutor(len(disks)) as pool:
        list(pool.map(lambda disk: make_image(tmp_path / "templates", disk, 64 << 20), disks))
    for disk in disks:
        checked = subprocess.run(["/usr/sbin/e2fsck", "-fn", str(disk)], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stdout
    assert [path.name for path in (tmp_path / "templates").iterdir()] == [f"{64 << 20}.ext4"]
