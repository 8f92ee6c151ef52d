"""Putting the base's files back into a sandbox before a check."""

from __future__ import annotations

from marlin.sandboxes import Sandbox
from marlin.tasks.workbench import put_back
from marlin.workspaces import to_text


async def test_files_are_put_back_whatever_their_names(sandbox: Sandbox) -> None:
    names = [b"tests/caf\xe9.txt", b"tests/a\nb/c.txt", b"tests/ends\n/x.txt", b'tests/"quoted".txt', b"conftest.py"]
    await put_back(sandbox, {to_text(name): name for name in names})
    listed = await sandbox.exec(["sh", "-c", "cd /workspace && find . -type f -print0"], timeout=30)
    assert set(listed.stdout.split(b"\0")) - {b""} == {b"./" + name for name in names}
    held = await sandbox.exec(["sh", "-c", "cat /workspace/tests/caf*"], timeout=30)
    assert held.stdout == names[0]
    await put_back(sandbox, {to_text(name): None for name in names})
    left = await sandbox.exec(["sh", "-c", "cd /workspace && find . -type f"], timeout=30)
    assert left.stdout == b""
