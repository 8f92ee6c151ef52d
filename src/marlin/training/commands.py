"""What starts a run's processes: by accelerate or torchrun on this machine, by Slurm on several. Starts nothing."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

from marlin.training.plan import Plan, RunFolder

CONFIGS = Path(__file__).parent / "accelerate"
WORKER = "marlin.training.worker"


def command(plan: Plan, run: RunFolder) -> list[str]:
    """What starts training on this machine."""
    if plan.scale == "single":
        return [sys.executable, "-m", WORKER, str(run.path)]
    if plan.scale == "ddp":
        return [*_torchrun(plan), "--standalone", "-m", WORKER, str(run.path)]
    # any port that is free: two runs may share a machine
    return [*_accelerate(plan), "--main_process_port", "0", "-m", WORKER, str(run.path)]


def script(plan: Plan, run: RunFolder) -> str:
    """``launch.sh``: the same by hand; for a run on several machines, what ``sbatch`` takes."""
    run = RunFolder(run.path.resolve())
    if plan.nodes > 1:
        return _for_slurm(plan, run)
    return (
        "#!/usr/bin/env bash\n"
        "# Written by Marlin. Goes on from the last whole checkpoint, so it may be started again after a kill.\n"
        f"exec {shlex.join(command(plan, run))}\n"
    )


def goes_on(plan: Plan, run: RunFolder) -> str:
    """How a run that was cut short goes on, as a part of a sentence."""
    how = "goes on from the last whole checkpoint"
    if plan.nodes > 1:
        return f"`sbatch {shlex.quote(str(run.path / 'launch.sh'))}`, with your cluster's options, {how}"
    return f"`marlin tune resume {shlex.quote(str(run.path))}` {how}"


def _accelerate(plan: Plan) -> list[str]:
    return [
        *[sys.executable, "-m", "accelerate.commands.launch"],
        *["--config_file", str(CONFIGS / f"{plan.scale}.yaml"), "--num_processes", str(plan.processes)],
        *["--mixed_precision", "bf16" if plan.dtype == "bfloat16" else "no"],
    ]


def _torchrun(plan: Plan) -> list[str]:
    return [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", str(plan.processes // plan.nodes)]


_SLURM = """\
#!/usr/bin/env bash
#SBATCH --job-name={name}
#SBATCH --nodes={nodes}
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node={gpus}
#SBATCH --requeue
# Written by Marlin: submit it with sbatch, and your cluster's own --partition, --account, --time, --cpus-per-task.
# Every node must see the run's folder, dataset, model and this Python at the same paths.
# Goes on from the last whole checkpoint, so it may be submitted again after a kill.
set -euo pipefail
[[ -n ${{SLURM_JOB_ID-}} ]] || {{ echo "Slurm starts this: sbatch $0" >&2; exit 2; }}
run={run}
echo "What the processes say is in $run/train.log"
# They meet on the first node, at a port that no other job of the cluster has at the same time.
# Read whole: whoever is left with a closed pipe ends, and the job with it.
hosts=$(scontrol show hostnames "$SLURM_JOB_NODELIST")
head=$(head -n 1 <<<"$hosts")
port=$((20000 + SLURM_JOB_ID % 10000))
# One launcher a node; where one ends, the others are ended.
exec srun --nodes={nodes} --ntasks={nodes} --ntasks-per-node=1 --kill-on-bad-exit=1 \\
  --open-mode=append --output={output} \\
  bash -c 'exec "${{@:4}}" {where} -m {worker} "$3"' bash "$head" "$port" "$run" \\
  {launcher}
"""


def _for_slurm(plan: Plan, run: RunFolder) -> str:
    if plan.scale == "ddp":
        where = f'--nnodes {plan.nodes} --node_rank "$SLURM_NODEID" --master_addr "$1" --master_port "$2"'
        launcher = _torchrun(plan)
    else:
        where = f'--num_machines {plan.nodes} --machine_rank "$SLURM_NODEID"'
        where += ' --main_process_ip "$1" --main_process_port "$2"'
        launcher = _accelerate(plan)
    return _SLURM.format(
        name="marlin-" + re.sub(r"[^\w.-]", "-", run.path.name),
        nodes=plan.nodes,
        gpus=plan.processes // plan.nodes,
        run=shlex.quote(str(run.path)),
        output=shlex.quote(str(run.log_file).replace("%", "%%")),  # what follows a % is the cluster's to fill in
        where=where,
        worker=WORKER,
        launcher=shlex.join(launcher),
    )
