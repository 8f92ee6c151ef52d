"""The training process of a test: FSDP2 on a CPU. With `start` before the run's folder: what starts it.

accelerate 1.15 takes the FSDP plugin on GPUs and their like alone; on a CPU it trains unsharded without a word, which
the worker refuses. PyTorch's own FSDP2 runs on CPUs, so here accelerate is told to use it there as well; all else is
the worker's own.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from accelerate.state import AcceleratorState, PartialState
from accelerate.utils import DistributedType

from marlin.training import commands, launch
from marlin.training.plan import RunFolder
from marlin.training.worker import main

_made = AcceleratorState.__init__


def _sharding(self: AcceleratorState, *words: Any, fsdp_plugin: Any = None, **more: Any) -> None:
    _made(self, *words, fsdp_plugin=fsdp_plugin, **more)
    if fsdp_plugin is not None and self.distributed_type is DistributedType.MULTI_CPU:
        self.distributed_type = PartialState._shared_state["distributed_type"] = DistributedType.FSDP
        if self._mixed_precision != "no":
            fsdp_plugin.set_mixed_precision(self._mixed_precision)
        self.fsdp_plugin = fsdp_plugin


if __name__ == "__main__":
    if sys.argv[1] == "start":
        commands.WORKER = "tests.processes.sharded_worker"
        launch.start(RunFolder(Path(sys.argv[2])))
    else:
        AcceleratorState.__init__ = _sharding  # type: ignore[method-assign]
        sys.exit(main(Path(sys.argv[1])))
