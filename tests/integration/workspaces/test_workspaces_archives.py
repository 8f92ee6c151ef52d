"""The program that turns a source archive into a commit, on honest and on malicious archives.

It runs here as a plain process; in a sandbox in test_workspaces_fetching.py.
"""

import io
import json
import os
import stat
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from marlin.workspaces import Mirror, MirrorStore, list_tree, read_blob, trees

LIMITS = {"download_bytes": 1 << 20, "files": 1000, "file_bytes": 1 << 20, "total_bytes": 1 << 22}


@dataclass
class Answer:
    """The last thing that the program said."""

    result: dict[str, Any] | None
    failure: dict[str, Any] | None
    bundle: Path


@pytest.fixture
def convert(tmp_path: Path) -> Callable[..., Answer]:
    """Run the program on an archive."""

    def run(path: Path, limits: dict[str, int] | None = None) -> Answer:
        home = tmp_path / f"home-{len(list(tmp_path.iterdir()))}"
        home.mkdir()
        out = home / "out"
        request = {
            "kind": "local-archive",
            "path": str(path),
            "name": path.name,
            "out": str(out),
            "limits": LIMITS | (limits or {}),
        }
        done = subprocess.run(
            [sys.executable, "-m", "fetcher"],
            cwd=Path(trees.__file__).parent,
            env={"HOME": str(home), "PATH": os.environ["PATH"]},
            input=json.dumps(request).encode() + b"\n",
            capture_output=True,
            timeout=60,
            check=True,
        )
        last = json.loads(done.stdout.splitlines()[-1])
        return Answer(last.get("result"), last.get("failure"), out)

    return run


Convert = Callable[..., Answer]
Member = tuple[tarfile.TarInfo, bytes]


def member(name: str, data: bytes = b"", **attributes: Any) -> Member:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for key, value in attributes.items():
        setattr(info, key, value)
    return info, data


def tar(path: Path, *members: Member) -> Path:
    with tarfile.open(path, "w:" + path.suffix[1:].replace("tar", "").replace("tgz", "gz")) as archive:
        for info, data in members:
            archive.addfile(info, io.BytesIO(data))
    return path


HONEST = [
    member("pkg-1.0/README", b"hello\n"),
    member("pkg-1.0/run", b"#!/bin/sh\n", mode=0o755),
    member("pkg-1.0/src/a.py", b"a = 1\n"),
    member("pkg-1.0/link", type=tarfile.SYMTYPE, linkname="src/a.py"),
    member("pkg-1.0/hard", type=tarfile.LNKTYPE, linkname="pkg-1.0/README"),
    member("pkg-1.0/caf\udce9", b"odd"),
]


def test_the_same_files_are_the_same_commit(convert: Convert, tmp_path: Path, mirrors: MirrorStore) -> None:
    gz = convert(tar(tmp_path / "a.tar.gz", *HONEST))
    bz = convert(tar(tmp_path / "b.tar.bz2", *reversed(HONEST[:4]), *HONEST[4:]))
    assert gz.result is not None
    assert bz.result is not None
    assert gz.result["commit"] == bz.result["commit"]
    mirrors.add("a" * 32, gz.bundle, base=True)
    mirror, commit = mirrors.open("a" * 32), gz.result["commit"]
    found = {each.path: each.mode for each in list_tree(mirror, commit, recursive=True)}
    assert found == {
        "README": "100644", "run": "100755", "src/a.py": "100644", "link": "120000", "hard": "100644",
        '"caf\\351"': "100644",
    }  # fmt: skip
    assert read_blob(mirror, commit, "hard") == b"hello\n"


def test_zip_archives(convert: Convert, tmp_path: Path, mirrors: MirrorStore) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("top/a.py", "a = 1\n")
        link = zipfile.ZipInfo("top/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "a.py")
        run = zipfile.ZipInfo("top/run")
        run.external_attr = (stat.S_IFREG | 0o755) << 16
        archive.writestr(run, "#!/bin/sh\n")
    answer = convert(path)
    assert answer.result is not None
    mirrors.add("a" * 32, answer.bundle, base=True)
    mirror = Mirror("a" * 32, mirrors.open("a" * 32).path)
    assert [(each.path, each.mode) for each in list_tree(mirror, answer.result["commit"])] == [
        ("a.py", "100644"), ("link", "120000"), ("run", "100755"),
    ]  # fmt: skip


def test_several_top_folders_are_kept(convert: Convert, tmp_path: Path, mirrors: MirrorStore) -> None:
    answer = convert(tar(tmp_path / "a.tar", member("a/x", b"1"), member("b/y", b"2")))
    assert answer.result is not None
    mirrors.add("a" * 32, answer.bundle, base=True)
    names = [each.path for each in list_tree(mirrors.open("a" * 32), answer.result["commit"])]
    assert names == ["a", "b"]


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/etc/evil", "a/b/../../../x"])
def test_paths_that_lead_out_are_refused(name: str, convert: Convert, tmp_path: Path) -> None:
    answer = convert(tar(tmp_path / "a.tar.gz", *HONEST, member(name, b"x")))
    assert answer.failure is not None
    assert answer.failure["code"] == "unsafe"
    assert "leads outside" in answer.failure["message"]


def test_what_an_archive_can_not_bring_is_left_out_and_said(
    convert: Convert, tmp_path: Path, mirrors: MirrorStore
) -> None:
    answer = convert(
        tar(
            tmp_path / "a.tar",
            *HONEST,
            member("pkg-1.0/null", type=tarfile.CHRTYPE, devmajor=1, devminor=3),
            member("pkg-1.0/pipe", type=tarfile.FIFOTYPE),
            member("pkg-1.0/out", type=tarfile.SYMTYPE, linkname="../../etc/passwd"),
            member("pkg-1.0/abs", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
            member("pkg-1.0/lost", type=tarfile.LNKTYPE, linkname="/etc/passwd"),
            member("pkg-1.0/.git/config", b"[core]\n\tfsmonitor = touch /tmp/x\n"),
        )
    )
    assert answer.result is not None
    assert len(answer.result["warnings"]) == 6
    mirrors.add("a" * 32, answer.bundle, base=True)
    assert len(list_tree(mirrors.open("a" * 32), answer.result["commit"], recursive=True)) == len(HONEST)


def test_expansion_and_size_limits(convert: Convert, tmp_path: Path) -> None:
    zeros = tar(tmp_path / "zeros.tar.gz", *(member(f"f{number}", b"\0" * (1 << 20)) for number in range(70)))
    bomb = convert(zeros, {"total_bytes": 1 << 40})
    assert bomb.failure is not None
    assert "expands" in bomb.failure["message"]
    for limits, words in (
        ({}, "larger"),
        ({"file_bytes": 1 << 19}, "a file"),
        ({"files": 2, "total_bytes": 1 << 40}, "more files"),
    ):
        answer = convert(zeros, limits)
        assert answer.failure is not None
        assert answer.failure["code"] == "too-large"
        assert words in answer.failure["message"]


def test_a_sparse_file_of_a_terabyte(convert: Convert, tmp_path: Path) -> None:
    plain = tmp_path / "huge"
    with plain.open("wb") as file:
        file.truncate(1 << 40)
    subprocess.run(["tar", "-cSf", "huge.tar", "huge"], cwd=tmp_path, check=True)
    answer = convert(tmp_path / "huge.tar")
    assert answer.failure is not None
    assert answer.failure["code"] == "too-large"


@pytest.mark.parametrize("data", [b"", b"not an archive", b"\x1f\x8b\x08garbage", b"PK\x03\x04garbage"])
@pytest.mark.parametrize("name", ["a.tar.gz", "a.zip", "a.tar.xz"])
def test_what_is_no_archive(data: bytes, name: str, convert: Convert, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    answer = convert(tmp_path / name)
    assert answer.failure is not None
    assert answer.failure["code"] in ("unsafe", "empty")
    assert answer.failure["hint"]


def test_a_truncated_archive(convert: Convert, tmp_path: Path) -> None:
    path = tar(tmp_path / "a.tar.gz", member("a", os.urandom(100_000)))
    path.write_bytes(path.read_bytes()[:50_000])
    answer = convert(path)
    assert answer.failure is not None
    assert answer.failure["code"] == "unsafe"


def test_an_encrypted_zip_and_an_empty_tar(convert: Convert, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", "x")
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(raw)
    answer = convert(path)
    assert answer.failure is not None
    assert "encrypted" in answer.failure["message"]
    nothing = convert(tar(tmp_path / "b.tar"))
    assert nothing.failure is not None
    assert nothing.failure["code"] == "empty"
