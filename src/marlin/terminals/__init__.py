"""Terminals: a shell in a copy of a side's result, for who judges it. The main flow is ``host.TerminalHost.run``."""

from fastapi import APIRouter

from marlin.terminals import endpoints, jobs
from marlin.terminals.host import TerminalHost, use_host
from marlin.terminals.models import Terminal
from marlin.terminals.service import prune_terminals
from marlin.terminals.socket import router as socket_router

router = APIRouter()
for _part in (endpoints.router, socket_router):
    router.include_router(_part)

__all__ = ["Terminal", "TerminalHost", "jobs", "prune_terminals", "router", "socket_router", "use_host"]
