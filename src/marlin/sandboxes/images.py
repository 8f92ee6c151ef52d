"""Base images: the root trees of environments, as layers."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from marlin.sandboxes.keeper.identity import USER
from marlin.sandboxes.layers import LayerStore, read_facts, remove_tree
from marlin.sandboxes.protocol import Layer

HOST_VIEW = "host-view"
_PINNED = ("debian", "import")
_LINKS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_ETC_COPIED = (
    "ld.so.cache",
    "ld.so.conf",
    "localtime",
    "services",
    "protocols",
    "mime.types",
    "debian_version",
    "os-release",
)
_FOLDERS = (
    "dev",
    "etc",
    "home",
    "mnt",
    "opt",
    "proc",
    "root",
    "run",
    "srv",
    "sys",
    "tmp",
    "usr",
    "var/tmp",
    "var/lib",
    "var/log",
    "var/cache",
)
CA_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")


def etc_files() -> dict[str, str]:
    """The accounts and names that programs look for in /etc."""
    return {
        "passwd": f"root:x:0:0:root:/root:/bin/sh\nagent:x:{USER}:{USER}:agent:/home/agent:/bin/bash\n"
        "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
        "group": f"root:x:0:\nagent:x:{USER}:\nnogroup:x:65534:\n",
        "hosts": "127.0.0.1 localhost sandbox\n::1 localhost\n",
        "hostname": "sandbox\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nshadow: files\nhosts: files\n",
        "resolv.conf": "",
        "shells": "/bin/sh\n/bin/bash\n",
    }


def minimal_etc(etc: Path, *, ca_bundle: Path | None = CA_BUNDLE) -> None:
    """Write accounts, names and certificates; nothing of the host's own."""
    etc.mkdir(parents=True, exist_ok=True)
    for name, text in etc_files().items():
        (etc / name).write_text(text)
    if ca_bundle is not None and ca_bundle.is_file():
        certificates = etc / "ssl/certs"
        certificates.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ca_bundle, certificates / "ca-certificates.crt")
        (etc / "ssl/cert.pem").symlink_to("certs/ca-certificates.crt")


def host_view(store: LayerStore) -> Layer:
    """A skeleton for a read-only view of the host's ``/usr``, made once. For the demo only: it pins nothing.

    Of the host's ``/etc`` it has a few public files and the certificates; ``/usr`` is mounted when a sandbox opens,
    without ``/usr/local``, where machines keep their own.
    """
    if store.exists(HOST_VIEW):
        return store.get(HOST_VIEW)
    scratch = Path(tempfile.mkdtemp(prefix="marlin-image-"))
    try:
        tree = scratch / "tree"
        for name in _FOLDERS:
            (tree / name).mkdir(parents=True)
        for name in _LINKS:
            if (Path("/") / name).is_symlink():
                (tree / name).symlink_to(f"usr/{name}")
        minimal_etc(tree / "etc")
        for name in _ETC_COPIED:
            if (Path("/etc") / name).is_file():
                shutil.copyfile(Path("/etc") / name, tree / "etc" / name)
        if Path("/etc/alternatives").is_dir():
            shutil.copytree("/etc/alternatives", tree / "etc/alternatives", symlinks=True)
        (tree / "tmp").chmod(0o1777)
        (tree / "var/tmp").chmod(0o1777)
        facts = {"kind": "host-view", "digest": _host_digest()}
        return store.adopt(HOST_VIEW, tree, owner="root", facts=facts)
    finally:
        remove_tree(scratch)


def _host_digest() -> str:
    """What identifies the host's system, as far as it can be told cheaply: the list of installed packages."""
    status = Path("/var/lib/dpkg/status")
    text = status.read_bytes() if status.is_file() else Path("/etc/os-release").read_bytes()
    return "sha256:" + hashlib.sha256(text).hexdigest()


def pinned_images(store: LayerStore) -> dict[str, Layer]:
    """The base images of this machine that were built or imported, by name."""
    return {layer.name: layer for layer in store.list() if read_facts(layer).get("kind") in _PINNED}


def pinned_image(store: LayerStore, name: str) -> Layer | None:
    """The base image of this name, if there is one here; other layers of the store are none."""
    if not store.exists(name):
        return None
    layer = store.get(name)
    return layer if read_facts(layer).get("kind") in _PINNED else None


def can_fetch(image: Layer) -> bool:
    """Whether a base image has what fetching sources takes: git and Python."""
    return all(os.path.lexists(image.path / "usr/bin" / program) for program in ("git", "python3"))
