"""Preparing and removing a sandbox's mounts and namespaces, in the keeper's private mount namespace."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import Any

from marlin.sandboxes.keeper import kernel
from marlin.sandboxes.keeper.identity import DISK_BASE, RANGE, ROOT, USER
from marlin.sandboxes.keeper.trees import OPAQUE, copy_tree


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sandbox's mounts are, below the keeper's own tmpfs."""

    folder: str

    @property
    def root(self) -> str:
        """The sandbox's root, as it is handed to bubblewrap."""
        return f"{self.folder}/root"

    @property
    def disk(self) -> str:
        """The quota's file system with ids as they are on disk."""
        return f"{self.folder}/disk"

    def namespace(self, kind: str) -> str:
        """The file that holds the ``net`` or ``user`` namespace."""
        return f"{self.folder}/{kind}"


def open_sandbox(request: dict[str, Any]) -> dict[str, Any]:
    """Make everything a sandbox needs before its first command.

    Keys of ``request``: ``folder``, ``image`` (ext4 image), ``base`` (first host id), ``layers`` (paths, bottom first),
    ``host_usr`` (bool), ``home`` (path or None), ``mounts`` ([source, target]), ``tmp_bytes``, ``fake_root``.
    """
    place, base = Place(request["folder"]), int(request["base"])
    os.mkdir(place.folder, 0o711)
    os.chdir(place.folder)
    for name in ("root", "quota", "disk", "empty"):
        os.mkdir(name, 0o755)
    _hide_usr_local()
    _mount_disk(request["image"], place)
    to_host = kernel.user_namespace(DISK_BASE, base, RANGE)
    _prepare_disk(place, request["home"], _targets(request), ROOT if request["fake_root"] else USER)
    _attach_mapped(place.disk, "quota", to_host, kernel.MOUNT_ATTR_NOSUID | kernel.MOUNT_ATTR_NODEV)
    names = _attach_layers(request["layers"], to_host)
    _mount_root(names, base)
    root = os.open("root", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    _fill_root(root, request, base)
    _make_namespaces(place, base + (ROOT if request["fake_root"] else USER), base)
    return {}


def _hide_usr_local() -> None:
    """An upper layer for the view of /usr, with an empty, opaque ``local``: machines keep their own things there."""
    os.makedirs("mask/local", 0o755)
    os.setxattr("mask/local", OPAQUE, b"y")


def _mount_disk(image: str, place: Place) -> None:
    device, descriptor = kernel.loop_device(image)
    try:
        flags = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOATIME
        kernel.mount(device, place.disk, "ext4", flags, "nobarrier,noauto_da_alloc")
    finally:
        os.close(descriptor)


def _targets(request: dict[str, Any]) -> list[tuple[str, bool, int]]:
    """Mount points the root needs: (path, is a folder, owner inside)."""
    fixed = [
        ("/proc", ROOT),
        ("/dev", ROOT),
        ("/tmp", ROOT),
        ("/run", ROOT),
        ("/workspace", USER),
        ("/home/agent", USER),
    ]
    targets = [(path, True, owner) for path, owner in fixed]
    if request["host_usr"]:
        targets.append(("/usr", True, ROOT))
    return targets + [(target, os.path.isdir(source), ROOT) for source, target in request["mounts"]]


def _prepare_disk(place: Place, home: str | None, targets: list[tuple[str, bool, int]], home_owner: int) -> None:
    """Folders of the disk: ``upper`` and ``work`` of the overlay, ``home``, and the skeleton of mount points.

    The skeleton lies above all layers, so that mount points are folders whatever an earlier set-up did in their place,
    and below ``upper``, so that they never show up among what the sandbox wrote.
    """
    for name, owner, mode in (
        ("upper", ROOT, 0o755),
        ("work", ROOT, 0o755),
        ("skeleton", ROOT, 0o755),
        ("home", home_owner, 0o750),
    ):
        path = f"{place.disk}/{name}"
        os.mkdir(path)
        os.chown(path, DISK_BASE + owner, DISK_BASE + owner)
        os.chmod(path, mode)
    for target, is_folder, owner in targets:
        _make_point(f"{place.disk}/skeleton", target.strip("/").split("/"), is_folder, DISK_BASE + owner)
    if home is not None:
        copy_tree(home, f"{place.disk}/home", owner=lambda _path, uid, gid: (uid, gid), overlay=False)


def _make_point(root: str, parts: list[str], is_folder: bool, owner: int) -> None:
    path = root
    for index, part in enumerate(parts):
        path = f"{path}/{part}"
        last = index == len(parts) - 1
        if os.path.lexists(path):
            continue
        if last and not is_folder:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
        else:
            os.mkdir(path, 0o755)
        os.chown(path, owner if last else DISK_BASE, owner if last else DISK_BASE)


def _attach_mapped(source: str, target: str, userns: int, attributes: int) -> None:
    copy = kernel.clone_mount(source)
    try:
        kernel.set_mount_attributes(copy, attributes, userns=userns)
        kernel.attach_mount(copy, target)
    finally:
        os.close(copy)


def _attach_layers(layers: list[str], userns: int) -> list[str]:
    """Attach each layer under a short relative name: mountinfo inside then says how many there are, and no more."""
    names = []
    attributes = kernel.MOUNT_ATTR_RDONLY | kernel.MOUNT_ATTR_NOSUID | kernel.MOUNT_ATTR_NODEV
    for index, path in enumerate(layers):
        name = f"l{index}"
        os.mkdir(name, 0o755)
        _attach_mapped(path, name, userns, attributes)
        names.append(name)
    return names


def _mount_root(layers: list[str], base: int) -> None:
    lower = ":".join(["quota/skeleton", *reversed(layers)])
    # Overlayfs creates files with the ids of whoever mounted it, and the host's root has no id on an idmapped disk.
    kernel.keep_capabilities_across_ids()
    kernel.set_filesystem_ids(base)
    options = [
        ("source", "overlay"),
        ("lowerdir", lower),
        ("upperdir", "quota/upper"),
        ("workdir", "quota/work"),
        ("redirect_dir", "nofollow"),
        ("metacopy", "off"),
        ("index", "off"),
        ("xino", "on"),
        ("volatile", None),
    ]
    mounted = kernel.new_filesystem("overlay", options, kernel.MOUNT_ATTR_NOSUID | kernel.MOUNT_ATTR_NODEV)
    kernel.set_filesystem_ids(0)
    try:
        kernel.attach_mount(mounted, "root")
    finally:
        os.close(mounted)


def _fill_root(root: int, request: dict[str, Any], base: int) -> None:
    attributes = kernel.MOUNT_ATTR_NOSUID | kernel.MOUNT_ATTR_NODEV
    for path, size, mode in (("/tmp", request["tmp_bytes"], "1777"), ("/run", 16 << 20, "755")):
        options: list[tuple[str, str | None]] = [
            ("size", str(size)),
            ("nr_inodes", str(max(1024, size // 8192))),
            ("mode", mode),
            ("uid", str(base)),
            ("gid", str(base)),
        ]
        _attach_inside(root, path, kernel.new_filesystem("tmpfs", options, attributes))
    _attach_inside(root, "/home/agent", kernel.clone_mount("quota/home"))
    if request["host_usr"]:
        _attach_inside(root, "/usr", _read_only_view("/usr", "usr", above="mask"))
    for index, (source, target) in enumerate(request["mounts"]):
        _attach_inside(root, target, _read_only_view(source, f"m{index}"))


def _attach_inside(root: int, path: str, mounted: int) -> None:
    try:
        point = kernel.open_in_root(root, path, os.O_PATH | os.O_NOFOLLOW)
        try:
            if stat.S_ISLNK(os.fstat(point).st_mode):
                raise OSError(f"{path} is a symbolic link in this environment, where a folder is needed")
            kernel.attach_mount(mounted, point)
        finally:
            os.close(point)
    finally:
        os.close(mounted)


def _read_only_view(source: str, name: str, *, above: str = "empty") -> int:
    """A detached read-only overlay of a host folder, or a file of it: mountinfo then does not tell where it lies.

    Its ids are not mapped: to the sandbox all of it belongs to nobody, and what the host keeps from others stays kept.
    """
    is_folder = os.path.isdir(source)
    here = os.getcwd()
    os.chdir(source if is_folder else os.path.dirname(source))
    try:
        options = [
            ("source", "overlay"),
            ("lowerdir", f"{here}/{above}:."),
            ("redirect_dir", "nofollow"),
            ("xino", "on"),
        ]
        attributes = kernel.MOUNT_ATTR_RDONLY | kernel.MOUNT_ATTR_NOSUID | kernel.MOUNT_ATTR_NODEV
        mounted = kernel.new_filesystem("overlay", options, attributes)
    finally:
        os.chdir(here)
    if is_folder:
        return mounted
    try:
        os.mkdir(name, 0o755)
        kernel.attach_mount(mounted, name)
        return kernel.clone_mount(f"{name}/{os.path.basename(source)}")
    finally:
        os.close(mounted)


def _make_namespaces(place: Place, owner: int, base: int) -> None:
    user = kernel.user_namespace(0, base, RANGE, owner=owner)
    for kind in ("user", "net"):
        os.close(os.open(place.namespace(kind), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    kernel.mount(f"/proc/self/fd/{user}", place.namespace("user"), None, kernel.MS_BIND)
    kernel.unshare(kernel.CLONE_NEWNET)
    kernel.loopback_up()
    kernel.mount("/proc/self/ns/net", place.namespace("net"), None, kernel.MS_BIND)


def close_sandbox(request: dict[str, Any]) -> dict[str, Any]:
    """Unmount everything of the sandbox; harmless when it is half made or gone."""
    folder = request["folder"]
    with open("/proc/self/mounts", "rb") as file:
        points = [os.fsdecode(line.split(b" ")[1]) for line in file]
    for point in reversed([p for p in points if p.startswith(folder + "/")]):
        kernel.umount(point)
    if os.path.isdir(folder):
        for path, folders, files in os.walk(folder, topdown=False):
            for name in files:
                os.unlink(f"{path}/{name}")
            for name in folders:
                os.rmdir(f"{path}/{name}")
        os.rmdir(folder)
    return {}
