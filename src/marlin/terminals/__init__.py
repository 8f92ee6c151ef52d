"""Terminals: a shell in a copy of a side's result, for who judges it. The main flow is ``host.TerminalHost.run``."""

from marlin.terminals import jobs
from marlin.terminals.host import TerminalHost, use_host
from marlin.terminals.models import Terminal
from marlin.terminals.service import prune_terminals

__all__ = ["Terminal", "TerminalHost", "jobs", "prune_terminals", "use_host"]
