"""The keeper: a small privileged process that owns all of a Marlin process's sandbox mounts.

It lives in a mount namespace of its own and keeps no state outside it. Each request is carried out by a forked child:
a crash harms one request. It ends when the Marlin process that started it ends (its end of the socket closes), however
that came about; bubblewrap then dies with its parent, and the kernel drops the mounts with the last process that saw
them. What can stay behind is files and cgroups, which ``reaper`` removes at the next start, and now and then after it.

Wire: a SOCK_SEQPACKET socket. A packet carries descriptors only: the request (JSON in a memfd), the socket for replies,
then the request's own. Replies are JSON packets. Standard library only; started by ``marlin.sandboxes.client``.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import json
import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any

from marlin.sandboxes.keeper import kernel, opening, running

MAX_FDS = 16

_HANDLERS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "open": opening.open_sandbox,
    "close": opening.close_sandbox,
    "seal": running.seal,
    "usage": running.disk_usage,
}


def main() -> None:
    """Serve requests until the other side is gone."""
    for signal_number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGPIPE, signal.SIGXFSZ}:
        signal.signal(signal_number, signal.SIG_DFL)  # whatever Marlin was started with (nohup) ends here
    folder, number = sys.argv[1], int(sys.argv[2])
    control = socket.socket(fileno=number)
    os.set_inheritable(number, False)
    os.umask(0o022)
    kernel.unshare(kernel.CLONE_NEWNS)
    kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("tmpfs", folder, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=711,size=16m")
    # A collection in a forked child would touch, and so copy, every page of this process.
    gc.disable()
    gc.freeze()
    control.send(b"ready")
    _Server(control).run()


class _Server:
    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._commands: dict[int, socket.socket] = {}
        wake_in, wake_out = socket.socketpair()
        wake_in.setblocking(False)
        wake_out.setblocking(False)
        signal.set_wakeup_fd(wake_out.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._wake = wake_in
        self._wake_out = wake_out

    def run(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._control, selectors.EVENT_READ)
            selector.register(self._wake, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is self._wake:
                        self._wake.recv(4096)
                        self._collect()
                    elif not self._accept():
                        return

    def _accept(self) -> bool:
        """Take one request; False when the other side is gone."""
        try:
            data, fds, _, _ = socket.recv_fds(self._control, 64, MAX_FDS)
        except ConnectionError:
            return False
        if not data:
            return False
        for fd in fds:
            os.set_inheritable(fd, False)
        reply = socket.socket(fileno=fds[1])
        child = os.fork()
        if child == 0:
            self._control.close()
            _serve(fds[0], reply, fds[2:])
        for fd in (fds[0], *fds[2:]):
            os.close(fd)
        if data == b"run":
            pidfd = os.pidfd_open(child)
            _send(reply, {"pid": child}, [pidfd])
            os.close(pidfd)
            self._commands[child] = reply
        else:
            reply.close()
        return True

    def _collect(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            reply = self._commands.pop(pid, None)
            if reply is not None:
                _send(reply, {"status": os.waitstatus_to_exitcode(status)})
                reply.close()


def _send(reply: socket.socket, message: dict[str, Any], fds: list[int] | None = None) -> None:
    data = json.dumps(message).encode()
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # whoever asked no longer listens
        socket.send_fds(reply, [data], fds or [])


def _serve(payload: int, reply: socket.socket, fds: list[int]) -> None:
    """Carry out one request, in a child of its own. Does not return."""
    # Out of the way of the low numbers that bubblewrap's descriptors take.
    reply = socket.socket(fileno=fcntl.fcntl(reply.fileno(), fcntl.F_DUPFD_CLOEXEC, 128))
    try:
        signal.set_wakeup_fd(-1)
        with os.fdopen(payload, "rb") as file:
            file.seek(0)
            request = json.load(file)
        action = request["action"]
        if action == "run":
            kernel.die_with_parent()  # until bubblewrap sees to it
            running.become_command(request, fds, lambda: _send(reply, {"executing": True}))
        elif action == "listen":
            result, sent = running.listen(request)
            _send(reply, result, sent)
        else:
            _send(reply, _HANDLERS[action](request))
    except running.RefusedError as error:
        _send(reply, {"error": error.kind, "message": str(error)})
    except OSError as error:
        _send(reply, {"error": "os", "errno": error.errno, "message": str(error)})
    except BaseException as error:
        _send(reply, {"error": "defect", "message": f"{type(error).__name__}: {error}"})
    finally:
        os._exit(125)
