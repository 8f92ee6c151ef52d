"""The model gateway: the one door of a sandbox, behind which its run's model is; it meters and keeps what passes.

Read ``proxy`` (who may call), then ``calls`` (one call), then ``disguise`` (what the sandbox must not see).
"""

from .apis import Api
from .errors import ExchangeStoreError, ExchangeTooLargeError, InvalidRunError, ListenError, RunExistsError
from .exchanges import Exchange, ExchangeSink, ExchangeState, MemorySink
from .file_sink import FileSink, read_exchanges, stream_exchanges
from .proxy import Gateway, make_client
from .runs import Auxiliary, Budget, Run, RunState, RunTable, Spent, Target, TimeLimits, Upstream, new_token
from .serving import Serving, serve, serve_unix
from .usage import Pricing, Usage

__all__ = [
    "Api",
    "Auxiliary",
    "Budget",
    "Exchange",
    "ExchangeSink",
    "ExchangeState",
    "ExchangeStoreError",
    "ExchangeTooLargeError",
    "FileSink",
    "Gateway",
    "InvalidRunError",
    "ListenError",
    "MemorySink",
    "Pricing",
    "Run",
    "RunExistsError",
    "RunState",
    "RunTable",
    "Serving",
    "Spent",
    "Target",
    "TimeLimits",
    "Upstream",
    "Usage",
    "make_client",
    "new_token",
    "read_exchanges",
    "serve",
    "serve_unix",
    "stream_exchanges",
]
