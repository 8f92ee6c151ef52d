"""The system-call filter of every sandbox: what a build, a test suite or an agent never needs is refused.

Everything else is allowed: the filter is the second wall behind namespaces, ids and dropped capabilities, and cuts the
kernel's most attacked parts off. Refusals are EPERM, so that programs fail as they would without privileges; clone3 is
ENOSYS, because its flags lie in memory where a filter can't look, and glibc then falls back to clone.
"""

from __future__ import annotations

import errno
import os
import socket
import tempfile
from functools import cache
from typing import Any

from marlin.sandboxes.errors import UnsupportedHostError

DENIED = (
    # keys, tracing of the kernel, programs in the kernel
    "add_key", "request_key", "keyctl", "bpf", "perf_event_open", "lookup_dcookie",
    "io_uring_setup", "io_uring_enter", "io_uring_register", "userfaultfd",
    # mounts and namespaces
    "mount", "umount", "umount2", "pivot_root", "chroot", "mount_setattr", "move_mount", "open_tree", "open_tree_attr",
    "fsopen", "fsconfig", "fsmount", "fspick", "statmount", "listmount", "listns", "setns", "unshare",
    "name_to_handle_at", "open_by_handle_at",
    # modules, kexec, machine
    "init_module", "finit_module", "delete_module", "create_module", "kexec_load", "kexec_file_load", "reboot",
    "swapon", "swapoff", "acct", "quotactl", "quotactl_fd", "nfsservctl", "syslog", "iopl", "ioperm", "modify_ldt",
    "vhangup", "uselib", "ustat", "sysfs", "_sysctl", "bdflush",
    # clocks and names
    "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "stime", "sethostname", "setdomainname",
    # other processes' memory, watching of the whole machine
    "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd", "fanotify_init", "fanotify_mark",
    # NUMA placement of others, landmine calls
    "move_pages", "migrate_pages", "memfd_secret", "vm86", "vm86old", "lsm_set_self_attr",
)  # fmt: skip
"""System calls that fail with EPERM."""

_RECENT = {
    "statmount": 457,
    "listmount": 458,
    "lsm_get_self_attr": 459,
    "lsm_set_self_attr": 460,
    "lsm_list_modules": 461,
    "open_tree_attr": 467,
    "listns": 470,
    "mount_setattr": 442,
    "quotactl_fd": 443,
    "memfd_secret": 447,
}
"""Numbers, the same on every architecture, of calls that Debian 12's libseccomp (2.5) may not know by name."""

_NAMESPACE_FLAGS = {
    "NEWNS": 0x0002_0000,
    "NEWCGROUP": 0x0200_0000,
    "NEWUTS": 0x0400_0000,
    "NEWIPC": 0x0800_0000,
    "NEWUSER": 0x1000_0000,
    "NEWPID": 0x2000_0000,
    "NEWNET": 0x4000_0000,
    "NEWTIME": 0x0000_0080,
}
_ALLOWED_FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6)
_INTERNET = (socket.AF_INET, socket.AF_INET6)
_AF_NETLINK, _MAX_FAMILY = 16, 64
_SOCK_TYPE_MASK, _SOCK_PACKET = 0xF, 10
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_LOW = 0xFFFF_FFFF
"""The kernel reads these arguments as 32-bit numbers: whatever stands above must not hide them from the filter."""


@cache
def program() -> bytes:
    """The filter as BPF instructions, as ``bwrap --seccomp`` reads it.

    :raises UnsupportedHostError: libseccomp is missing.
    """
    try:
        import pyseccomp as sec
    except (ImportError, OSError, RuntimeError) as error:
        raise UnsupportedHostError(
            f"libseccomp is not installed: {error}", hint="install the system package libseccomp2"
        ) from error
    filter_ = sec.SyscallFilter(sec.ALLOW)
    filter_.set_attr(sec.Attr.ACT_BADARCH, sec.ERRNO(errno.ENOSYS))
    refuse = sec.ERRNO(errno.EPERM)
    for name in DENIED:
        filter_.add_rule(refuse, _number(sec, name))
    filter_.add_rule(sec.ERRNO(errno.ENOSYS), "clone3")
    for flag in _NAMESPACE_FLAGS.values():
        filter_.add_rule(refuse, "clone", sec.Arg(0, sec.MASKED_EQ, flag, flag))
    _restrict_sockets(sec, filter_)
    for request in (_TIOCSTI, _TIOCLINUX):
        filter_.add_rule(refuse, "ioctl", sec.Arg(1, sec.MASKED_EQ, _LOW, request))
    for call, argument in (("mknod", 1), ("mknodat", 2)):
        for kind in (0o020000, 0o060000):
            filter_.add_rule(refuse, call, sec.Arg(argument, sec.MASKED_EQ, 0o170000, kind))
    with tempfile.TemporaryFile() as file:
        filter_.export_bpf(file)
        file.flush()
        file.seek(0)
        return os.read(file.fileno(), 1 << 20)


def _number(sec: Any, name: str) -> int:
    """A call's number: this architecture's, a new one's that libseccomp does not know yet, or libseccomp's for "other".

    Negative numbers stand for calls of other architectures; libseccomp leaves their rules out.
    """
    if name in _RECENT:
        return _RECENT[name]
    return int(sec.resolve_syscall(sec.Arch.NATIVE, name))


def _restrict_sockets(sec: Any, filter_: Any) -> None:
    """Only Unix, IPv4, IPv6 and route netlink sockets; of the internet ones neither raw nor packet kinds."""
    refused = sec.ERRNO(errno.EAFNOSUPPORT)
    for family in range(_MAX_FAMILY):
        if family not in (*_ALLOWED_FAMILIES, _AF_NETLINK):
            filter_.add_rule(refused, "socket", sec.Arg(0, sec.MASKED_EQ, _LOW, family))
    for high_bit in range(_MAX_FAMILY.bit_length() - 1, 32):
        filter_.add_rule(refused, "socket", sec.Arg(0, sec.MASKED_EQ, 1 << high_bit, 1 << high_bit))
    netlink = sec.Arg(0, sec.MASKED_EQ, _LOW, _AF_NETLINK)
    for bit in range(32):
        filter_.add_rule(refused, "socket", netlink, sec.Arg(2, sec.MASKED_EQ, 1 << bit, 1 << bit))
    for family in _INTERNET:
        for kind in (socket.SOCK_RAW, _SOCK_PACKET):
            here = sec.Arg(0, sec.MASKED_EQ, _LOW, family)
            filter_.add_rule(sec.ERRNO(errno.EPERM), "socket", here, sec.Arg(1, sec.MASKED_EQ, _SOCK_TYPE_MASK, kind))
