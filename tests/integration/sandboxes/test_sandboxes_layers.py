"""The layer store and its archives, on the real file system."""

from __future__ import annotations

import io
import os
import shutil
import stat
import subprocess
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from marlin.sandboxes import LayerError, LayerExistsError, LayerNotFoundError, LayerStore, content_digest, import_image
from marlin.sandboxes.keeper.identity import DISK_BASE


@pytest.fixture
def layers(tmp_path: Path) -> LayerStore:
    return LayerStore(tmp_path / "layers")


def tree(folder: Path) -> Path:
    """A tree with a bit of everything that a layer may hold."""
    root = folder / "tree"
    (root / "workspace/sub").mkdir(parents=True)
    (root / "workspace/file").write_bytes(b"contents\n")
    (root / "workspace/run").write_bytes(b"#!/bin/sh\n")
    (root / "workspace/run").chmod(0o4755)
    os.link(root / "workspace/file", root / "workspace/sub/hard")
    (root / "workspace/link").symlink_to("/etc/passwd")
    (root / "workspace/dangling").symlink_to("nowhere")
    (root / b"workspace/na\xffme\n".decode(errors="surrogateescape")).write_bytes(b"odd")
    (root / ("workspace/" + "n" * 255)).write_bytes(b"long")
    (root / "workspace/ü").write_bytes(b"")
    os.mkfifo(root / "workspace/fifo", 0o640)
    os.mknod(root / "workspace/gone", stat.S_IFCHR, 0)
    os.setxattr(root / "workspace/sub", "trusted.overlay.opaque", b"y")
    os.setxattr(root / "workspace/file", "user.note", b"\xff\x00\n")
    with (root / "workspace/sparse").open("wb") as file:
        file.truncate(3 << 30)
        file.seek(1 << 30)
        file.write(b"island")
    (root / "workspace/locked").mkdir()
    (root / "workspace/locked/secret").write_bytes(b"s")
    (root / "workspace/locked").chmod(0)
    os.utime(root / "workspace/file", ns=(1, 1_234_567_890_123_456_789))
    os.utime(root / "workspace/sub", ns=(1, -5_500_000_000))
    return root


def listing(root: Path) -> dict[bytes, tuple[object, ...]]:
    """Everything that must survive an archive."""
    found: dict[bytes, tuple[object, ...]] = {}
    for folder, folders, files in os.walk(os.fsencode(root)):
        for name in [*folders, *files]:
            path = os.path.join(folder, name)
            info = os.lstat(path)
            kind = stat.S_IFMT(info.st_mode)
            attributes = {} if stat.S_ISLNK(info.st_mode) else {n: os.getxattr(path, n) for n in os.listxattr(path)}
            body: object = None
            if kind == stat.S_IFREG and info.st_size < 1 << 20:
                body = Path(os.fsdecode(path)).read_bytes()
            elif kind == stat.S_IFLNK:
                body = os.readlink(path)
            found[os.path.relpath(path, os.fsencode(root))] = (
                info.st_mode, info.st_uid, info.st_gid, info.st_mtime_ns, info.st_nlink, body, attributes,
                info.st_size if kind == stat.S_IFREG else 0,
            )  # fmt: skip
    return found


def test_an_archive_keeps_everything_and_the_same_tree_gives_the_same_bytes(layers: LayerStore, tmp_path: Path):
    layer = layers.adopt("one", tree(tmp_path))
    first, second = io.BytesIO(), io.BytesIO()
    started = time.monotonic()
    layers.pack(layer, first)
    assert time.monotonic() - started < 60, "holes were read"
    assert len(first.getvalue()) < 20_000
    first.seek(0)
    copy = layers.unpack("two", first)
    assert listing(copy.path) == listing(layer.path)
    assert (copy.path / "workspace/sparse").stat().st_blocks * 512 < 1 << 20
    layers.pack(copy, second)
    assert first.getvalue() == second.getvalue()
    assert (copy.path / "workspace/file").stat().st_ino == (copy.path / "workspace/sub/hard").stat().st_ino


def test_gnu_tar_reads_an_archive(layers: LayerStore, tmp_path: Path):
    packed = io.BytesIO()
    layers.pack(layers.adopt("one", tree(tmp_path)), packed)
    plain = zstandard.ZstdDecompressor().decompressobj().decompress(packed.getvalue())
    listed = subprocess.run(["tar", "-t"], input=plain, capture_output=True, check=True).stdout
    assert b"workspace/sparse\n" in listed


def test_adopted_trees_belong_to_the_sandboxs_ids(layers: LayerStore, tmp_path: Path):
    source = tree(tmp_path)
    copy = Path(
        shutil.copytree(source, tmp_path / "c", symlinks=True, ignore=shutil.ignore_patterns("fifo", "gone", "sparse"))
    )
    user = layers.adopt("user", source)
    assert not source.exists()
    assert {path.lstat().st_uid for path in user.path.rglob("*")} == {DISK_BASE + 1000}
    assert user.path.stat().st_uid == DISK_BASE
    assert stat.S_IMODE((user.path / "workspace/run").stat().st_mode) == 0o4755
    os.chown(copy / "workspace/file", 33, 44)
    shifted = layers.adopt("image", copy, owner="shift")
    info = (shifted.path / "workspace/file").stat()
    assert (info.st_uid, info.st_gid) == (DISK_BASE + 33, DISK_BASE + 44)


def test_ids_beyond_a_range_are_refused(layers: LayerStore, tmp_path: Path):
    source = tmp_path / "t"
    source.mkdir()
    (source / "f").write_text("")
    os.chown(source / "f", 70_000, 0)
    with pytest.raises(LayerError, match="70000"):
        layers.adopt("x", source, owner="shift")
    assert layers.list() == []
    assert not list(layers.root.glob(".staging*"))


def test_a_layer_never_changes_and_is_found_by_name(layers: LayerStore, tmp_path: Path):
    with pytest.raises(LayerNotFoundError):
        layers.get("one")
    layer = layers.adopt("one", tree(tmp_path), facts={"digest": "d"})
    assert layers.get("one") == layer
    assert layers.exists("one")
    assert layers.facts(layer) == {"digest": "d"}
    assert layers.list() == [layer]
    assert 0 < layers.disk_usage("one") == layers.disk_usage() < 1 << 20
    (tmp_path / "other").mkdir()
    with pytest.raises(LayerExistsError):
        layers.adopt("one", tmp_path / "other")
    layers.remove("one")
    layers.remove("one")
    assert not layers.exists("one")


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "A", ".hidden", "x" * 129, "a\n"])
def test_impossible_names_are_refused(layers: LayerStore, name: str):
    with pytest.raises(LayerError):
        layers.exists(name)


def archive(*members: tarfile.TarInfo, data: bytes = b"") -> io.BytesIO:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for member in members:
            member.size = len(data) if member.isreg() else 0
            tar.addfile(member, io.BytesIO(data))
    return io.BytesIO(zstandard.ZstdCompressor().compress(out.getvalue()))


def member(name: str, kind: bytes = tarfile.REGTYPE, **fields: object) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type = kind
    for key, value in fields.items():
        setattr(made, key, value)
    return made


HOSTILE: dict[str, Callable[[], io.BytesIO]] = {
    "parent": lambda: archive(member("../evil")),
    "parent_inside": lambda: archive(member("a", tarfile.DIRTYPE), member("a/../../evil")),
    "absolute": lambda: archive(member("/etc/evil")),
    "through_a_link": lambda: archive(member("l", tarfile.SYMTYPE, linkname="/tmp"), member("l/evil")),
    "over_a_link": lambda: archive(member("l", tarfile.SYMTYPE, linkname="/tmp/evil"), member("l")),
    "hard_link_out": lambda: archive(member("h", tarfile.LNKTYPE, linkname="/etc/passwd")),
    "hard_link_up": lambda: archive(member("h", tarfile.LNKTYPE, linkname="../../etc/passwd")),
    "hard_link_through_a_link": lambda: archive(
        member("l", tarfile.SYMTYPE, linkname="/etc"), member("h", tarfile.LNKTYPE, linkname="l/passwd")
    ),
    "hard_link_to_a_link": lambda: archive(
        member("l", tarfile.SYMTYPE, linkname="/etc/passwd"), member("h", tarfile.LNKTYPE, linkname="l")
    ),
    "character_device": lambda: archive(member("mem", tarfile.CHRTYPE, devmajor=1, devminor=1)),
    "block_device": lambda: archive(member("disk", tarfile.BLKTYPE, devmajor=254, devminor=0)),
    "foreign_ids": lambda: archive(member("f", uid=70_000)),
    "twice": lambda: archive(member("f"), member("f")),
    "empty_name": lambda: archive(member("a//b")),
    "garbage": lambda: io.BytesIO(b"no archive at all"),
    "cut_short": lambda: io.BytesIO(archive(member("f"), data=os.urandom(100_000)).getvalue()[:50_000]),
    "too_large": lambda: archive(member("f"), data=bytes(2_000_000)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_archives_are_refused_and_leave_nothing(layers: LayerStore, name: str):
    with pytest.raises(LayerError):
        layers.unpack("evil", HOSTILE[name](), max_bytes=1_000_000)
    assert layers.list() == []
    assert not list(layers.root.glob(".staging*"))
    assert not Path("/tmp/evil").exists()
    assert Path("/etc/passwd").stat().st_nlink == 1


def test_forged_attributes_in_an_archive_are_dropped(layers: LayerStore):
    forged = member("d", tarfile.DIRTYPE)
    forged.pax_headers = {
        "SCHILY.xattr.trusted.overlay.redirect": "/etc",
        "SCHILY.xattr.security.capability": "x",
        "SCHILY.xattr.trusted.overlay.opaque": "y",
    }
    layer = layers.unpack("one", archive(forged))
    assert os.listxattr(layer.path / "d") == ["trusted.overlay.opaque"]


def system(folder: Path) -> Path:
    root = folder / "system"
    for name in ("bin", "etc", "dev", "usr"):
        (root / name).mkdir(parents=True)
    shutil.copyfile("/bin/sh", root / "bin/sh")
    (root / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh")
    os.mknod(root / "dev/null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    return root


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz", "zst"])
def test_an_image_is_imported_from_any_tar(layers: LayerStore, tmp_path: Path, mode: str):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w" if mode == "zst" else mode) as tar:
        tar.add(system(tmp_path), arcname=".")
    data = zstandard.ZstdCompressor().compress(packed.getvalue()) if mode == "zst" else packed.getvalue()
    image = import_image(layers, "mine", io.BytesIO(data), source="a test")
    assert "agent:x:1000:1000" in (image.path / "etc/passwd").read_text()
    assert (image.path / "etc/passwd").read_text().startswith("root:x:0:0::/root:/bin/sh\n")
    assert not (image.path / "dev/null").exists()
    assert (image.path / "bin/sh").stat().st_uid == DISK_BASE
    facts = layers.facts(image)
    assert facts["digest"] == content_digest(image.path)
    assert facts["source"] == "a test"


def test_an_image_whose_links_lead_out_changes_nothing_on_the_host(layers: LayerStore, tmp_path: Path):
    root = system(tmp_path)
    (tmp_path / "victim").write_text("untouched")
    (root / "etc/passwd").unlink()
    (root / "etc/passwd").symlink_to(tmp_path / "victim")
    (root / "etc/hosts").symlink_to("../" * 20 + str(tmp_path / "victim"))
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        tar.add(root, arcname="./")
    packed.seek(0)
    with pytest.raises(LayerError):
        import_image(layers, "mine", packed, source="a test")
    assert (tmp_path / "victim").read_text() == "untouched"


def test_what_is_no_system_is_no_image(layers: LayerStore):
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        tar.addfile(member("readme"))
    plain.seek(0)
    with pytest.raises(LayerError, match="/bin/sh"):
        import_image(layers, "mine", plain, source="a test")
    assert layers.list() == []
