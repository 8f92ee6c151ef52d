"""The list of probes: what each tries, and why success would be harmless where it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Probe:
    """One way out of a sandbox that hostile code may try.

    :ivar name: the function in ``hostile`` that tries it.
    :ivar harmless: why it does no harm if it gets through; None: getting through is harmful.
    :ivar bomb: it uses things up; judged by what the host measures, in a sandbox of its own.
    """

    name: str
    group: str
    what: str
    harmless: str | None = None
    bomb: bool = False


def _group(group: str, *probes: tuple[str, str] | tuple[str, str, str], bomb: bool = False) -> tuple[Probe, ...]:
    return tuple(Probe(p[0], group, p[1], p[2] if len(p) == 3 else None, bomb) for p in probes)


PROBES: tuple[Probe, ...] = (
    *_group(
        "host files",
        ("host_file", "read a host file that everyone on the host may read"),
        ("host_file_by_proc_root", "the same through /proc/PID/root and cwd"),
        ("host_file_by_dot_dot", "the same by going up from an open folder"),
        ("host_file_by_symlink", "the same through a symbolic link"),
        ("shadow", "read the password hashes"),
        ("marlin_home", "list Marlin's data"),
        ("other_sandbox_files", "find another sandbox's files"),
        ("write_system", "write outside the workspace, HOME and temporary folders"),
        ("write_mounted", "write to a read-only mount"),
        ("hard_link_to_system_file", "change a system file through a hard link"),
    ),
    *_group(
        "processes",
        ("see_host_processes", "find a host process in /proc"),
        ("kill_host_process", "signal a host process by its id"),
        ("ptrace_host_process", "trace a host process"),
        ("process_vm_readv", "read another process's memory"),
        (
            "ptrace_pid_1",
            "trace the sandbox's own pid 1",
            "pid 1 runs under the same filter, ids and namespaces, holds no privilege and no descriptor; "
            "killing it ends the caller's own command",
        ),
        ("pid_1_environment", "read bubblewrap's environment"),
        ("pid_1_command_line", "read bubblewrap's options"),
        ("pid_1_descriptors", "find host descriptors in pid 1"),
        ("inherited_descriptors", "find inherited descriptors"),
        ("inherited_environment", "find Marlin's environment"),
    ),
    *_group(
        "privileges",
        ("capabilities", "hold a capability"),
        ("no_new_privileges", "gain privileges by executing"),
        ("seccomp_is_on", "run without a filter"),
        ("become_root", "setuid to 0"),
        ("become_other_user", "setuid to another user"),
        ("set_groups", "join root's group"),
        ("setuid_program", "run a setuid program as root"),
        ("give_file_to_root", "give a file to root"),
    ),
    *_group(
        "mounts and namespaces",
        ("mount_tmpfs", "mount"),
        ("bind_mount", "bind mount"),
        ("remount_writable", "remount /usr writable"),
        ("unmount", "unmount /proc"),
        ("new_mount_api", "fsopen"),
        ("open_tree", "open_tree with a copy"),
        ("move_mount", "move_mount"),
        ("mount_setattr", "make a mount writable"),
        ("pivot_root", "pivot_root"),
        ("chroot", "chroot"),
        ("set_namespace", "enter pid 1's namespaces"),
        ("unshare_user", "unshare the user namespace"),
        ("unshare_mount", "unshare the mount namespace"),
        ("unshare_network", "unshare the network namespace"),
        ("clone_user", "clone into a user namespace"),
        ("clone3_user", "the same with clone3, whose flags a filter can't see"),
        ("raise_user_namespace_limit", "allow user namespaces again"),
        ("open_by_handle", "open a file by its inode"),
    ),
    *_group(
        "network",
        ("raw_socket", "raw IPv4 socket"),
        ("raw_socket_6", "raw IPv6 socket"),
        ("packet_socket", "packet socket"),
        ("vsock", "vsock, to the hypervisor"),
        ("crypto_socket", "kernel crypto socket"),
        ("key_socket", "IPsec key socket"),
        ("netfilter_netlink", "netfilter by netlink"),
        ("audit_netlink", "audit by netlink"),
        ("socket_family_high_bits", "hide the family in the upper half of its argument"),
        ("route_change", "make a network interface"),
        ("host_loopback", "a port on the host's loopback"),
        ("host_address", "a port on the host's own addresses"),
        ("metadata_address", "the cloud's metadata service"),
        ("internet", "an address on the internet"),
        ("name_server", "ask the host's name server"),
        ("ipv6", "an IPv6 address"),
        ("abstract_socket", "an abstract Unix socket of the host"),
        ("container_sockets", "sockets of Docker, Podman, D-Bus, systemd"),
        ("other_sandbox_port", "a port in another sandbox"),
    ),
    *_group(
        "shared memory and keys",
        ("system_v_memory", "a System V segment of the host"),
        ("posix_memory", "POSIX shared memory of the host"),
        ("add_key", "add a key to a keyring"),
        ("keyctl", "reach a keyring"),
    ),
    *_group(
        "kernel",
        ("sysfs", "look at /sys"),
        ("cgroup_files", "learn or change control groups"),
        ("proc_sys", "change a kernel setting"),
        ("sysrq", "trigger sysrq"),
        ("kernel_memory", "read kernel memory"),
        ("kernel_log", "read the kernel's log"),
        ("kernel_log_device", "the same through its device"),
        ("kernel_addresses", "learn kernel addresses"),
        ("bpf", "bpf"),
        ("perf_events", "perf_event_open"),
        ("io_uring", "io_uring"),
        ("userfaultfd", "userfaultfd"),
        ("load_module", "load a module"),
        ("load_kernel", "load a kernel"),
        ("reboot", "reboot call"),
        ("fanotify", "watch the file system"),
        ("swap", "swapon"),
        ("quota_control", "quotactl"),
        ("port_access", "raw port access"),
        ("local_descriptor_table", "modify_ldt"),
    ),
    *_group(
        "machine",
        ("make_character_device", "make a character device"),
        ("make_block_device", "make a block device"),
        ("make_whiteout", "forge an overlay whiteout"),
        ("overlay_attributes", "forge overlay marks or file capabilities"),
        ("devices", "find devices beyond the harmless ones"),
        ("tiocsti", "type into a terminal (TIOCSTI)"),
        ("tiocsti_high_bits", "the same, hidden from a 64-bit comparison"),
        ("tioclinux", "type into a console (TIOCLINUX)"),
        ("set_host_name", "rename the host"),
        ("set_clock", "set the clock"),
        ("adjust_clock", "adjust the clock"),
        ("raise_priority", "a better priority than others"),
        ("real_time", "real-time scheduling"),
        ("raise_limits", "raise its own limits"),
        ("lock_memory", "lock 64 MiB of memory"),
        (
            "oom_score",
            "make itself the last to be killed when memory is short",
            "memory is limited by control group: the choice is among this sandbox's own processes",
        ),
        ("x32_calls", "system calls of the x32 table, past the filter"),
        ("i386_calls", "system calls of the 32-bit table, past the filter"),
        ("huge_sparse_file", "a sparse file of 1 TiB"),
    ),
    *_group(
        "bombs",
        ("fork_bomb", "processes"),
        ("thread_bomb", "threads"),
        ("memory_bomb", "memory"),
        ("shared_memory_bomb", "shared memory"),
        ("tmp_bomb", "the temporary folder"),
        ("disk_bomb", "the workspace's disk"),
        ("home_bomb", "HOME's disk"),
        ("inode_bomb", "files without contents"),
        ("descriptor_bomb", "file descriptors"),
        ("pipe_bomb", "kernel memory through pipes"),
        ("cpu_bomb", "the processor"),
        ("daemon_bomb", "processes that outlive their command"),
        bomb=True,
    ),
)
"""Every probe, in the order of the documentation."""
