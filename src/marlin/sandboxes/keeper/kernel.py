"""The system calls that Python lacks, each a thin function that raises OSError. Standard library only.

Numbers from 424 on are the same on every architecture; see mount_setattr(2), open_tree(2), fsopen(2), openat2(2).
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import signal
import socket
import struct
from collections.abc import Sequence

CLONE_NEWNS = 0x0002_0000
CLONE_NEWUSER = 0x1000_0000
CLONE_NEWNET = 0x4000_0000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_NOATIME = 1, 2, 4, 8, 1024
MS_BIND, MS_REC, MS_PRIVATE, MS_REMOUNT = 4096, 16384, 1 << 18, 32
MNT_DETACH, UMOUNT_NOFOLLOW = 2, 8

MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV = 1, 2, 4
MOUNT_ATTR_IDMAP = 0x0010_0000

_AT_FDCWD = -100
_AT_EMPTY_PATH = 0x1000
_AT_RECURSIVE = 0x8000
_OPEN_TREE_CLONE = 1
_MOVE_MOUNT_F_EMPTY_PATH, _MOVE_MOUNT_T_EMPTY_PATH = 4, 0x40
_FSCONFIG_SET_FLAG, _FSCONFIG_SET_STRING, _FSCONFIG_CMD_CREATE = 0, 1, 6
_RESOLVE_NO_MAGICLINKS, _RESOLVE_IN_ROOT = 0x02, 0x10

_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_SECUREBITS, _PR_SET_NO_NEW_PRIVS = 1, 24, 28, 38
_SECBIT_NO_SETUID_FIXUP = 1 << 2

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def _syscall(number: int, what: str, *args: object) -> int:
    converted = [ctypes.c_long(a) if isinstance(a, int) else a for a in args]
    return _check(int(_libc.syscall(ctypes.c_long(number), *converted)), what)


def unshare(flags: int) -> None:
    """Leave the given namespaces for new ones."""
    _check(_libc.unshare(flags), "unshare")


def setns(fd: int, kind: int) -> None:
    """Enter the namespace that ``fd`` refers to."""
    _check(_libc.setns(fd, kind), "setns")


def mount(source: str, target: str, kind: str | None, flags: int = 0, data: str | None = None) -> None:
    """mount(2)."""
    encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind, data)]
    _check(_libc.mount(encoded[0], encoded[1], encoded[2], ctypes.c_ulong(flags), encoded[3]), f"mount {target}")


def umount(target: str) -> None:
    """Detach what is mounted at ``target``; gone at once for everyone who looks, in fact when the last user leaves."""
    _check(_libc.umount2(os.fsencode(target), MNT_DETACH | UMOUNT_NOFOLLOW), f"umount {target}")


def open_in_root(root: int, path: str, flags: int, mode: int = 0) -> int:
    """Open ``path`` as if the folder ``root`` were ``/``: no link leads out (openat2, RESOLVE_IN_ROOT)."""
    how = struct.pack("QQQ", flags | os.O_CLOEXEC, mode, _RESOLVE_IN_ROOT | _RESOLVE_NO_MAGICLINKS)
    return _syscall(437, f"open {path}", root, ctypes.c_char_p(os.fsencode(path)), ctypes.c_char_p(how), len(how))


def clone_mount(path: str | int, *, recursive: bool = False) -> int:
    """A detached copy of the mount at ``path`` (a path, or an open O_PATH descriptor)."""
    flags = _OPEN_TREE_CLONE | os.O_CLOEXEC | (_AT_RECURSIVE if recursive else 0)
    if isinstance(path, int):
        return _syscall(428, "open_tree", path, ctypes.c_char_p(b""), flags | _AT_EMPTY_PATH)
    return _syscall(428, f"open_tree {path}", _AT_FDCWD, ctypes.c_char_p(os.fsencode(path)), flags)


def set_mount_attributes(mount_fd: int, attributes: int, *, userns: int | None = None) -> None:
    """Set flags on a detached mount, and map its ids through ``userns`` (kernel ≥ 5.12; below overlayfs ≥ 5.19)."""
    if userns is not None:
        attributes |= MOUNT_ATTR_IDMAP
    data = struct.pack("QQQQ", attributes, 0, 0, userns if userns is not None else 0)
    _syscall(442, "mount_setattr", mount_fd, ctypes.c_char_p(b""), _AT_EMPTY_PATH, ctypes.c_char_p(data), len(data))


def attach_mount(mount_fd: int, target: str | int) -> None:
    """Attach a detached mount at ``target`` (a path, or an open O_PATH descriptor, which no link can redirect)."""
    empty = ctypes.c_char_p(b"")
    if isinstance(target, int):
        flags = _MOVE_MOUNT_F_EMPTY_PATH | _MOVE_MOUNT_T_EMPTY_PATH
        _syscall(429, "move_mount", mount_fd, empty, target, empty, flags)
    else:
        path = ctypes.c_char_p(os.fsencode(target))
        _syscall(429, f"move_mount {target}", mount_fd, empty, _AT_FDCWD, path, _MOVE_MOUNT_F_EMPTY_PATH)


def new_filesystem(kind: str, options: Sequence[tuple[str, str | None]], attributes: int = 0) -> int:
    """A detached mount of a new file system; an option with value None is a flag."""
    context = _syscall(430, f"fsopen {kind}", ctypes.c_char_p(kind.encode()), 1)
    try:
        for key, value in options:
            name = ctypes.c_char_p(key.encode())
            if value is None:
                _syscall(431, f"{kind} {key}", context, _FSCONFIG_SET_FLAG, name, None, 0)
            else:
                text = ctypes.c_char_p(os.fsencode(value))
                _syscall(431, f"{kind} {key}={value}", context, _FSCONFIG_SET_STRING, name, text, 0)
        try:
            _syscall(431, f"mount {kind}", context, _FSCONFIG_CMD_CREATE, None, None, 0)
        except OSError as error:
            raise OSError(error.errno, f"mount {kind}: {_messages(context) or error.strerror}") from None
        return _syscall(432, f"fsmount {kind}", context, 1, attributes)
    finally:
        os.close(context)


def _messages(context: int) -> str:
    """What the kernel says about a file system that it refused."""
    lines: list[str] = []
    while len(lines) < 20:
        try:
            lines.append(os.read(context, 4096).decode(errors="replace").strip())
        except OSError:
            break
    return "; ".join(lines)


def keep_capabilities_across_ids() -> None:
    """From now on, changing ids in this process leaves its capabilities alone."""
    _check(_libc.prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP, 0, 0, 0), "prctl securebits")


def set_filesystem_ids(uid: int) -> None:
    """Own new files as ``uid`` (user and group)."""
    _libc.setfsgid(uid)
    _libc.setfsuid(uid)


def drop_everything() -> None:
    """Empty the bounding set and forbid new privileges, for this process and all that it becomes."""
    for capability in range(64):
        if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) < 0:
            if ctypes.get_errno() != errno.EINVAL:
                _check(-1, "prctl capbset")
            break
    _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl no_new_privs")


def die_with_parent() -> None:
    """Ask for SIGKILL when the parent ends; changing ids takes that back."""
    _check(_libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl pdeathsig")


def user_namespace(first_inside: int, first_outside: int, count: int, *, owner: int | None = None) -> int:
    """A user namespace that maps ``count`` ids, as a descriptor.

    :param owner: the id that owns it, and may enter it without being root; further user namespaces are then forbidden
        below it. None: root, used for an idmapped mount only.
    """
    ready, go = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        _hold_user_namespace(ready, go, owner)
    os.close(ready[1])
    os.close(go[0])
    try:
        if os.read(ready[0], 1) != b"+":
            raise OSError(errno.EPERM, "this machine does not allow user namespaces")
        for name in ("uid_map", "gid_map"):
            with open(f"/proc/{child}/{name}", "w") as file:
                file.write(f"{first_inside} {first_outside} {count}")
        return os.open(f"/proc/{child}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.close(go[1])
        os.close(ready[0])
        os.waitpid(child, 0)


def _hold_user_namespace(ready: tuple[int, int], go: tuple[int, int], owner: int | None) -> None:
    try:
        os.close(go[1])
        if owner is not None:
            os.setgroups([])
            os.setresgid(owner, owner, owner)
            os.setresuid(owner, owner, owner)
        unshare(CLONE_NEWUSER)
        if owner is not None:
            with open("/proc/sys/user/max_user_namespaces", "w") as file:
                file.write("0")
        os.write(ready[1], b"+")
        os.read(go[0], 1)
    finally:
        os._exit(0)


_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1


def loopback_up() -> None:
    """Switch on ``lo`` in this process's network namespace."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(probe, _SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(probe, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | _IFF_UP))


_LOOP_CTL_GET_FREE, _LOOP_CONFIGURE, _LOOP_AUTOCLEAR = 0x4C82, 0x4C0A, 4


def loop_device(image: str) -> tuple[str, int]:
    """Attach a file to a free loop device that detaches itself after its last use: its path, and a descriptor of it."""
    backing = os.open(image, os.O_RDWR | os.O_CLOEXEC)
    try:
        for _ in range(64):
            with open("/dev/loop-control", "rb") as control:
                path = f"/dev/loop{fcntl.ioctl(control, _LOOP_CTL_GET_FREE)}"
            device = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            # struct loop_config: fd, block size, struct loop_info64 (flags at 52), 8 reserved words.
            info = bytearray(232)
            struct.pack_into("I", info, 52, _LOOP_AUTOCLEAR)
            config = struct.pack("II", backing, 4096) + bytes(info) + bytes(64)
            try:
                fcntl.ioctl(device, _LOOP_CONFIGURE, config)
                return path, device
            except OSError as error:
                os.close(device)
                if error.errno != errno.EBUSY:
                    raise
        raise OSError(errno.EBUSY, "no free loop device")
    finally:
        os.close(backing)
