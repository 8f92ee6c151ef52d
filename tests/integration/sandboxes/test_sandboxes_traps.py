"""Each trap that was found while isolation was built, once."""

from __future__ import annotations

import asyncio
import os
import secrets
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path, PurePosixPath

import pytest

from marlin.errors import InvalidInputError
from marlin.sandboxes import (
    MIB,
    BubblewrapBackend,
    Layer,
    LayerExistsError,
    LayerStore,
    Limits,
    Mount,
    Sandbox,
    SandboxError,
    SandboxGoneError,
    SandboxSpec,
    UnsupportedHostError,
    open_backend,
)
from marlin.sandboxes.bubblewrap import MOUNT_FOLDER
from marlin.sandboxes.keeper.identity import DISK_BASE, RANGE, SLOT_BASE, USER

Opener = Callable[..., Awaitable[Sandbox]]


async def sh(sandbox: Sandbox, script: str) -> str:
    result = await sandbox.exec(["sh", "-c", script], timeout=60)
    assert result.exit_code == 0, result
    return result.stdout.decode()


async def test_commands_never_run_as_a_real_user_of_the_host(sandbox: Sandbox):
    """Bubblewrap started by root keeps the real uid 0 behind a made-up one: it read root's files."""
    process = await sandbox.spawn(["sh", "-c", "echo on; sleep 1000"])
    await process.stdout.readline()
    pids = subprocess.run(["pgrep", "-f", "sleep 1000"], capture_output=True, text=True).stdout.split()
    inside = [pid for pid in pids if sandbox.id in _environment_of_cgroup(pid)]
    assert inside
    for pid in inside:
        assert int(_status(pid, "CapEff"), 16) == 0
        uids = [int(n) for n in _status(pid, "Uid").split()]
        assert all(uid >= SLOT_BASE and (uid - SLOT_BASE) % RANGE == USER for uid in uids), uids


def _status(pid: str, name: str) -> str:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line.split(":", 1)[1].strip() for line in lines if line.startswith(name + ":"))


def _environment_of_cgroup(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/cgroup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


async def test_two_sandboxes_have_different_host_ids(open_sandbox: Opener):
    ids = set()
    for sandbox in (await open_sandbox(), await open_sandbox()):
        process = await sandbox.spawn(["sh", "-c", "echo on; sleep 1000"])
        await process.stdout.readline()
        found = [p for p in Path("/proc").glob("[0-9]*") if sandbox.id in _environment_of_cgroup(p.name)]
        ids.add(frozenset(os.stat(path).st_uid for path in found))
    one, two = ids
    assert not one & two


async def test_nothing_of_bubblewrap_leaks_through_pid_1(sandbox: Sandbox):
    """Its environment and arguments were readable at /proc/1."""
    seen = await sh(sandbox, "tr '\\0' '\\n' < /proc/1/environ; echo --; tr '\\0' ' ' < /proc/1/cmdline")
    environment, command = seen.split("--\n")
    assert environment == ""
    assert command.startswith("bwrap --args 4 -- sh -c")
    assert "/proc" not in command.split(" -- ")[0]


async def test_no_descriptor_leaks_into_a_command_or_pid_1(sandbox: Sandbox):
    """The network namespace's descriptor did; dash can't close those above 9."""
    mine = await sh(sandbox, "ls /proc/self/fd | tr '\\n' ' '")
    assert mine == "0 1 2 3 "  # 3 is ls's own
    # One that closes between the list and the look is no leak.
    targets = await sh(sandbox, "for f in /proc/1/fd/*; do readlink $f || :; done")
    assert targets
    assert all(line.startswith(("pipe:", "anon_inode:[eventfd]")) for line in targets.splitlines()), targets


async def test_mountinfo_tells_nothing_about_the_arm(
    open_sandbox: Opener, store: LayerStore, backend: BubblewrapBackend
):
    seed = await open_sandbox()
    layers = await seed.seal(f"secretarm-{secrets.token_hex(3)}")
    sandbox = await open_sandbox(lowers=(layers[0],), home=layers[1])
    seen = await sh(sandbox, "cat /proc/self/mountinfo /proc/self/mounts /proc/self/cgroup")
    assert "secretarm" not in seen
    assert str(backend.home) not in seen
    assert "layers" not in seen


@pytest.mark.parametrize("bad", ["short", "UPPERCASE", "has-dash-in-it", "../../etc/x", "x" * 33])
async def test_sandbox_ids_are_opaque(open_sandbox: Opener, bad: str):
    with pytest.raises(SandboxError):
        await open_sandbox(id=bad)


async def test_a_tree_3000_folders_deep_is_sealed_stacked_packed_and_removed(
    open_sandbox: Opener, store: LayerStore, tmp_path: Path
):
    """``shutil.rmtree`` died on it."""
    sandbox = await open_sandbox()
    program = "import os\nfor _ in range(3000):\n os.mkdir('d')\n os.chdir('d')\nopen('bottom', 'w').write('deep')\n"
    result = await sandbox.exec(["python3", "-c", program], timeout=120)
    assert result.exit_code == 0, result
    name = f"deep-{secrets.token_hex(3)}"
    files, home = await sandbox.seal(name)
    with (tmp_path / "deep.tar.zst").open("wb") as file:
        store.pack(files, file)
    store.remove(files.name)
    assert not store.exists(files.name)
    with (tmp_path / "deep.tar.zst").open("rb") as file:
        files = store.unpack(files.name, file)
    again = await open_sandbox(lowers=(files,), home=home)
    program = "import os\nfor _ in range(3000): os.chdir('d')\nprint(open('bottom').read())"
    result = await again.exec(["python3", "-c", program], timeout=120)
    assert result.stdout == b"deep\n", result.stderr
    await again.destroy()
    store.remove(files.name)


async def test_a_link_in_place_of_a_mount_point_does_not_move_the_mount(open_sandbox: Opener, tmp_path: Path):
    """A set-up, as fake root, replaces mount points by links out of its root; the next sandbox mounts there."""
    tmp_path.chmod(0o755)
    (tmp_path / "file").write_text("checks")
    evil = await open_sandbox(fake_root=True)
    script = (
        "rm -rf /opt /home && ln -s /../../etc /opt && ln -s / /home; rmdir /workspace; ln -s /etc /workspace; echo ok"
    )
    assert await sh(evil, script) == "ok\n"
    files, _ = await evil.seal(f"evil-{secrets.token_hex(3)}")
    sandbox = await open_sandbox(lowers=(files,), mounts=(Mount(tmp_path, PurePosixPath("/opt/marlin/checks")),))
    assert await sh(sandbox, "cat /opt/marlin/checks/file; stat -c ' %F %u' /workspace; touch ~/x x; ls -A . ~") == (
        "checks directory 1000\n.:\nx\n\n/home/agent:\nx\n"
    )
    assert not Path("/etc/marlin").exists()


async def test_what_a_fake_root_made_for_the_user_belongs_to_the_user(open_sandbox: Opener):
    setup = await open_sandbox(fake_root=True)
    assert await sh(
        setup, "id -u; touch /etc/installed; mkdir -p node_modules/x; chown 33:33 /etc/installed; id -un"
    ) == ("0\nroot\n")
    files, home = await setup.seal(f"setup-{secrets.token_hex(3)}")
    arm = await open_sandbox(lowers=(files,), home=home)
    assert (
        await sh(arm, "stat -c '%u' /etc/installed node_modules/x .; touch node_modules/x/y ~/z") == "33\n1000\n1000\n"
    )


async def test_a_fake_root_has_no_power_outside_its_ids(open_sandbox: Opener):
    setup = await open_sandbox(fake_root=True)
    for forbidden in ("mount -t tmpfs x /mnt", "mknod /tmp/d c 1 1", "ip link set lo down", "chroot / true", "dmesg"):
        result = await setup.exec(["sh", "-c", f"{forbidden} 2>&1"], timeout=60)
        assert result.exit_code != 0, forbidden
    assert (await setup.exec(["sh", "-c", "unshare -U true"], timeout=60)).exit_code != 0
    assert "0000000000000000" not in await sh(setup, "grep CapEff /proc/self/status")


async def test_set_ids_and_files_on_disk_never_belong_to_real_accounts(open_sandbox: Opener):
    sandbox = await open_sandbox()
    await sh(sandbox, "cp /usr/bin/true mine; chmod 6755 mine")
    files, home = await sandbox.seal(f"ids-{secrets.token_hex(3)}")
    for path in [*files.path.rglob("*"), *home.path.rglob("*"), files.path, home.path]:
        assert DISK_BASE <= path.lstat().st_uid < DISK_BASE + RANGE, path
    assert (files.path.parent.parent.stat().st_mode & 0o777) == 0o700


async def test_the_host_view_is_for_the_demo_only(sandbox_home: Path, base_image: Layer):
    backend = open_backend(sandbox_home)
    try:
        with pytest.raises(UnsupportedHostError):
            await backend.open(SandboxSpec(id="abcdefgh0", base=base_image))
    finally:
        await backend.close()


async def test_the_host_view_hides_usr_local_and_says_what_it_is(sandbox: Sandbox):
    assert await sh(sandbox, "ls -A /usr/local") == ""
    assert "not pinned" in sandbox.provenance.base_image


async def test_mounts_live_in_the_keepers_view_only(sandbox: Sandbox):
    assert sandbox.id not in Path("/proc/self/mounts").read_text()
    assert not list(MOUNT_FOLDER.iterdir())


async def test_a_command_sees_the_same_ids_as_every_other_sandbox(open_sandbox: Opener, store: LayerStore):
    """A mismatch made git rehash everything."""
    seed = await open_sandbox()
    await sh(seed, "echo x > f")
    files, _ = await seed.seal(f"inode-{secrets.token_hex(3)}")
    seen = set()
    for sandbox in (await open_sandbox(lowers=(files,)), await open_sandbox(lowers=(files,))):
        seen.add(await sh(sandbox, "stat -c '%i %u %g %Y %Z %s' f"))
    assert len(seen) == 1, seen


async def test_whiteouts_and_opaque_folders_survive_sealing_and_archives(
    open_sandbox: Opener, store: LayerStore, tmp_path: Path
):
    first = await open_sandbox()
    await sh(first, "mkdir -p a/b c; echo 1 > a/b/one; echo 2 > two; echo 3 > c/three")
    base, _ = await first.seal(f"wh-{secrets.token_hex(3)}")
    second = await open_sandbox(lowers=(base,))
    await sh(second, "rm two; rm -r a; mkdir a; echo n > a/new; mv c d")
    top, _ = await second.seal(f"wh-{secrets.token_hex(3)}")
    archive = tmp_path / "layer"
    with archive.open("wb") as file:
        store.pack(top, file)
    with archive.open("rb") as file:
        copy = store.unpack(f"wh-copy-{secrets.token_hex(3)}", file)
    with (tmp_path / "again").open("wb") as file:
        store.pack(copy, file)
    assert archive.read_bytes() == (tmp_path / "again").read_bytes()
    third = await open_sandbox(lowers=(base, copy))
    assert await sh(third, "find . | sort | tr '\\n' ' '") == ". ./a ./a/new ./d ./d/three "


async def test_a_sandbox_with_many_layers_opens(open_sandbox: Opener):
    lowers: list[Layer] = []
    for number in range(12):
        sandbox = await open_sandbox(lowers=tuple(lowers))
        await sh(sandbox, f"echo {number} > f{number}")
        lowers.append((await sandbox.seal(f"many{number}-{secrets.token_hex(3)}"))[0])
    last = await open_sandbox(lowers=tuple(lowers))
    assert len((await sh(last, "ls")).split()) == 12


async def test_output_floods_do_not_fill_marlins_memory(sandbox: Sandbox):
    result = await sandbox.exec(["sh", "-c", "head -c 300M /dev/zero"], timeout=100, output_limit=MIB)
    assert len(result.stdout) == MIB
    assert result.dropped_bytes == 299 * MIB


async def test_limits_that_the_machine_can_not_give_are_refused(open_sandbox: Opener):
    with pytest.raises(UnsupportedHostError):
        await open_sandbox(limits=Limits(memory_bytes=-5))
    sandbox = await open_sandbox()
    await asyncio.gather(sandbox.destroy(), sandbox.destroy())


async def test_zero_bytes_do_not_become_options_of_bubblewrap(sandbox: Sandbox):
    """Its arguments are separated by zero bytes: a value with one could have mounted the host's root."""
    for options in ({"env": {"A": "x\0--bind\0/\0/mnt"}}, {"cwd": PurePosixPath("/tmp\0--bind\0/\0/mnt")}):
        with pytest.raises(InvalidInputError):
            await sandbox.exec(["true"], timeout=60, **options)
    with pytest.raises(InvalidInputError):
        await sandbox.exec(["echo", "a\0b"], timeout=60)
    with pytest.raises(SandboxError):
        await sandbox.exec([], timeout=60)
    assert await sh(sandbox, "ls -A /mnt") == ""


async def test_a_sandbox_that_is_being_sealed_starts_nothing_more(sandbox: Sandbox):
    await sh(sandbox, "for i in $(seq 300); do echo x > f$i; done")
    sealing = asyncio.create_task(sandbox.seal(f"quiet-{secrets.token_hex(3)}"))
    await asyncio.sleep(0)
    with pytest.raises(SandboxGoneError):
        await sandbox.exec(["true"], timeout=60)
    await sealing


async def test_an_opening_that_is_cancelled_leaves_nothing(backend: BubblewrapBackend, base_image: Layer):
    spec = SandboxSpec(id="cancelled0", base=base_image)
    for pause in (0.0, 0.005, 0.02, 0.05):
        opening = asyncio.create_task(backend.open(spec))
        await asyncio.sleep(pause)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
    sandbox = await backend.open(spec)
    assert (await sandbox.exec(["true"], timeout=60)).exit_code == 0
    await sandbox.destroy()
    assert not (backend.home / "sandboxes" / "cancelled0").exists()


async def test_an_id_is_opened_once_at_a_time(backend: BubblewrapBackend, base_image: Layer):
    spec = SandboxSpec(id="attheonce0", base=base_image)
    opened = await asyncio.gather(backend.open(spec), backend.open(spec), return_exceptions=True)
    errors = [result for result in opened if isinstance(result, BaseException)]
    assert len(errors) < 2
    assert all(isinstance(error, SandboxError) for error in errors)


async def test_a_seal_that_failed_can_be_repeated(sandbox: Sandbox, store: LayerStore, tmp_path: Path):
    await sh(sandbox, "echo x > f")
    name = f"again-{secrets.token_hex(3)}"
    (tmp_path / "empty").mkdir()
    store.adopt(f"{name}-home", tmp_path / "empty")
    with pytest.raises(LayerExistsError):
        await sandbox.seal(name)
    assert not store.exists(f"{name}-files")
    store.remove(f"{name}-home")
    files, _ = await sandbox.seal(name)
    assert (files.path / "workspace/f").read_text() == "x\n"


async def test_commands_start_with_no_signal_ignored_or_blocked(sandbox: Sandbox):
    """Python ignores SIGPIPE, and a process hands what it ignores on: `yes | head -1` would never end."""
    seen = await sh(sandbox, "grep -E '^Sig(Ign|Blk)' /proc/self/status")
    _, blocked, _, ignored = seen.split()
    of_the_c_library = 0b11 << 31  # signals 32 and 33, which glibc keeps to itself: no program can set them through it
    assert (int(blocked, 16) & ~of_the_c_library, int(ignored, 16) & ~of_the_c_library) == (0, 0)
