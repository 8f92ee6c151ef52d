"""What tuning reads and writes, and what it says: all that needs no torch."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories.preferences import WARNING, folder, sealed_dataset

from marlin.counted import agreeing, counted
from marlin.training.checkpoints import SEAL, Torn, fault, last_whole, seal
from marlin.training.commands import command, goes_on, script
from marlin.training.cues import Cue, CueCounter
from marlin.training.dataset import DatasetFolder, Pair
from marlin.training.encoding import EncodedPair, Side, common_start
from marlin.training.errors import InvalidRunError, TuneExtraMissingError, UnreadableDatasetError
from marlin.training.extra import installed_versions, require_extra, require_loggers
from marlin.training.launch import prepared, require_startable
from marlin.training.plan import METHODS, Plan, RunFolder, Scale
from marlin.training.progress import append, read_metrics
from marlin.training.rows import swapped

PLAN = Plan(method="dpo", dataset="d", model="m", max_length=512)


def test_rows_are_read_with_their_facts_and_faults_name_the_line(tmp_path: Path) -> None:
    made = folder(tmp_path / "data", train=3, test=2)
    pairs = list(DatasetFolder(made).pairs("train"))
    assert [pair.id for pair in pairs] == ["train-0", "train-1", "train-2"]
    assert pairs[0].task == "train-task-0"
    assert pairs[0].chosen[0]["tool_calls"][0]["function"]["arguments"] == {
        "path": pairs[0].chosen[0]["tool_calls"][0]["function"]["arguments"]["path"]
    }
    file = made / "views" / "trl_pref" / "train.jsonl"
    for broken, said in (("{", "no JSON"), ("[]", "no JSON object"), ('{"prompt": []}', "“chosen”")):
        file.write_text(file.read_text().splitlines()[0] + "\n" + broken + "\n")
        with pytest.raises(UnreadableDatasetError, match=f"train.jsonl:2.*{said}"):
            list(DatasetFolder(made).pairs("train"))
    (made / "dataset.json").unlink()
    with pytest.raises(UnreadableDatasetError, match="holds no dataset"):
        DatasetFolder(made)


def test_what_evaluations_ask_is_read_from_canonical_rows(tmp_path: Path) -> None:
    made = folder(tmp_path / "data", train=2, test=2)
    small = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n"
    large = small + "+++ counted, since it is within a hunk\ndiff --git a/y b/y\nBinary files a/y and b/y differ\n"
    row = {
        "id": "test-0",
        "agg": {"label": "B", "n": 3, "axes": {"security": -1.5}},
        "ratings": [{"key_axis": "security"}, {"key_axis": "security"}, {"key_axis": "correctness"}, {}],
        "a": {"patch": large},
        "b": {"patch": small},
    }
    (made / "rows").mkdir()
    (made / "rows" / "test.jsonl").write_text(json.dumps(row) + "\n")
    assert DatasetFolder(made).results() == {
        "test-0": {
            "raters": 3,
            "key_axis": "security",
            "chosen_changed_lines": 2,
            "chosen_changed_files": 1,
            "rejected_changed_lines": 3,
            "rejected_changed_files": 2,
        }
    }


def test_a_view_of_an_axis_has_the_sizes_of_the_side_that_its_axis_prefers(tmp_path: Path) -> None:
    made = folder(tmp_path / "data", train=1, test=1)
    shutil.copytree(made / "views" / "trl_pref", made / "views" / "axes" / "security")
    sealed_dataset(made)
    (made / "rows").mkdir()
    hunk = "diff --git a/x b/x\n@@ -0,0 +1 @@\n+x\n"
    row = {
        "id": "r",
        "agg": {"label": "B", "axes": {"security": -1.5}},
        "a": {"patch": hunk},
        "b": {"patch": hunk + "+y\n"},
    }
    (made / "rows" / "test.jsonl").write_text(json.dumps(row) + "\n")
    assert DatasetFolder(made).results()["r"]["chosen_changed_lines"] == 2
    assert DatasetFolder(made, "axes/security").results()["r"]["chosen_changed_lines"] == 1


def test_a_later_format_and_a_view_that_is_not_there_are_refused(tmp_path: Path) -> None:
    made = folder(tmp_path / "data", train=1, test=1)
    with pytest.raises(UnreadableDatasetError, match="axes/security"):
        DatasetFolder(made, "axes/security")
    (made / "dataset.json").write_text('{"format": 2}')
    with pytest.raises(UnreadableDatasetError, match="format 2"):
        DatasetFolder(made)


def test_words_of_the_environment_that_go_with_one_side_are_found(tmp_path: Path) -> None:
    def counted(name: str, **options: bool) -> list[Cue]:
        counter = CueCounter()
        for pair in DatasetFolder(folder(tmp_path / name, train=60, test=1, **options)).pairs("train"):
            counter.add(pair)
        return list(counter.found())

    assert counted("fair") == []
    (cue,) = counted("adversary", environment=True)
    assert cue.line == WARNING
    assert cue.losing > 40
    assert cue.winning == 0


def test_without_the_extra_one_is_told_how_to_get_it() -> None:
    with pytest.raises(TuneExtraMissingError, match="torch") as told:
        require_extra()
    assert "make setup-tune" in (told.value.hint or "")
    assert PLAN.changed(log_to="tensorboard, wandb,wandb").loggers == ("tensorboard", "wandb")
    with pytest.raises(TuneExtraMissingError, match="needs the package wandb"):
        require_loggers(("tensorboard", "wandb"))
    require_loggers(PLAN.loggers)


def test_a_folder_named_datasets_is_not_taken_for_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "datasets" / "spring").mkdir(parents=True)  # as the guide has it, and `python -m marlin` looks there
    monkeypatch.syspath_prepend(tmp_path)
    assert "datasets" not in installed_versions()
    with pytest.raises(TuneExtraMissingError, match="datasets"):
        require_extra()


@given(
    st.sampled_from(METHODS),
    st.integers(1, 10_000),
    st.floats(1e-9, 1.0),
    st.dictionaries(st.sampled_from(["train", "test"]), st.lists(st.text())),
)
def test_a_plan_is_read_as_it_was_written(method: str, length: int, rate: float, left: dict[str, list[str]]) -> None:
    plan = PLAN.changed(method=method, max_length=length, learning_rate=rate, left_out=left or None)
    assert Plan.from_yaml(plan.to_yaml()) == plan


def test_a_plan_with_what_is_unknown_or_impossible_is_refused() -> None:
    with pytest.raises(InvalidRunError, match="magic"):
        Plan.from_yaml(PLAN.to_yaml() + "magic: 1\n")
    with pytest.raises(InvalidRunError, match="not whole"):
        Plan.from_yaml("seed: 1\n")
    with pytest.raises(InvalidRunError, match="within a batch"):
        PLAN.changed(method="kto", batch=1).check()
    for name in ("", "tensorboard,neptune"):
        with pytest.raises(InvalidRunError, match="Nothing can be logged to"):
            PLAN.changed(log_to=name).check()
    for value in (0, -1, float("nan"), float("inf"), "many"):
        with pytest.raises(InvalidRunError, match="epochs is"):
            PLAN.changed(epochs=value).check()
    for name, values in {"beta": (0, -1.0), "sft_weight": (-0.1, float("nan")), "seed": (-1, 2**32, "1")}.items():
        for value in values:
            with pytest.raises(InvalidRunError, match=f"{name} is"):
                PLAN.changed(**{name: value}).check()
    PLAN.changed(sft_weight=0.0, seed=0).check()
    with pytest.raises(InvalidRunError, match=r"^1 process can.t be shared evenly by 2 machines"):
        PLAN.changed(nodes=2).check()
    for number in (0, -3, 1.5, True, "9"):
        with pytest.raises(InvalidRunError, match=f"max_steps is {number}"):
            PLAN.changed(max_steps=number).check()
    for name in ("batch", "accumulation", "lora_rank", "save_steps", "processes", "nodes"):
        with pytest.raises(InvalidRunError, match=rf"{name} is 1\.5"):
            PLAN.changed(**{"scale": "ddp", name: 1.5}).check()
    with pytest.raises(InvalidRunError, match="one process"):
        PLAN.changed(processes=4).check()
    with pytest.raises(InvalidRunError, match="one process"):
        PLAN.changed(processes=2, nodes=2).check()
    with pytest.raises(InvalidRunError, match="evenly by 3 machines"):
        PLAN.changed(scale="ddp", processes=4, nodes=3).check()


def test_who_was_cut_short_is_told_the_command_that_goes_on_with_it() -> None:
    run = RunFolder(Path("runs/the first"))
    assert goes_on(PLAN, run) == "`marlin tune resume 'runs/the first'` goes on from the last whole checkpoint"
    several = PLAN.changed(scale="ddp", processes=4, nodes=2)
    assert goes_on(several, run).startswith("`sbatch 'runs/the first/launch.sh'`, with your cluster's options, goes on")


@pytest.mark.parametrize("name", ["new\nline", "half\udcff", "back\\slash", "\u202etxt", "x" * 256])
def test_a_folder_that_slurm_or_a_disk_would_not_take_is_refused_before_anything_is_read(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(InvalidRunError, match=r"can't be (kept|used)"):
        prepared(PLAN, tmp_path / name)


def test_several_gpus_are_started_by_accelerate_or_torchrun(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    started = command(PLAN.changed(scale="fsdp2", processes=8), run)
    config = Path(started[started.index("--config_file") + 1])
    assert "fsdp_version: 2" in config.read_text()
    assert started[started.index("--num_processes") + 1] == "8"
    started = command(PLAN.changed(scale="ddp", processes=8), run)
    assert started[1:5] == ["-m", "torch.distributed.run", "--nproc_per_node", "8"]
    assert "srun" not in script(PLAN.changed(scale="zero3", processes=8), run)


@pytest.mark.parametrize("scale", ["ddp", "fsdp2", "zero3"])
def test_what_sbatch_takes_asks_for_the_machines_and_is_read_whole_by_a_shell(tmp_path: Path, scale: Scale) -> None:
    run = RunFolder(tmp_path / "it's 50 %done\"")
    written = script(PLAN.changed(scale=scale, processes=16, nodes=2, dtype="float32"), run)
    asked = [line for line in written.splitlines() if line.startswith("#SBATCH")]
    assert {"#SBATCH --nodes=2", "#SBATCH --gpus-per-node=8", "#SBATCH --ntasks-per-node=1"} <= set(asked)
    # srun and scontrol, as far as the script needs them: they say what each node would start
    (tmp_path / "scontrol").write_text("#!/bin/sh\necho first; seq 100000\n")  # more than a pipe holds
    (tmp_path / "srun").write_text(
        '#!/bin/bash\nwhile [[ $1 == --* ]]; do [[ $1 == --output=* ]] && echo "${1#*=}"; shift; done\n'
        'script="exec printf \'%s\\\\n\' ${3#exec }"; exec bash -c "$script" "${@:4}"\n'
    )
    for name in ("scontrol", "srun"):
        (tmp_path / name).chmod(0o755)
    facts = {"SLURM_JOB_NODELIST": "n[1-2]", "SLURM_JOB_ID": "10042", "SLURM_NODEID": "1"}
    said = subprocess.run(
        ["bash", "-c", written], env={"PATH": f"{tmp_path}:/usr/bin:/bin", **facts}, capture_output=True, text=True
    )
    assert said.returncode == 0, said.stderr
    words = said.stdout.splitlines()
    assert words[1] == str(run.log_file).replace("%", "%%")
    assert words[-3:] == ["-m", "marlin.training.worker", str(run.path)]
    meeting = ["--master_addr", "--master_port"] if scale == "ddp" else ["--main_process_ip", "--main_process_port"]
    assert [words[words.index(name) + 1] for name in meeting] == ["first", "20042"]
    rank, count = ("--node_rank", "--nnodes") if scale == "ddp" else ("--machine_rank", "--num_machines")
    assert (words[words.index(rank) + 1], words[words.index(count) + 1]) == ("1", "2")
    if scale == "ddp":
        assert words[words.index("--nproc_per_node") + 1] == "8"
    else:
        assert words[words.index("--num_processes") + 1] == "16"
        assert words[words.index("--mixed_precision") + 1] == "no"


def test_what_sbatch_takes_says_so_where_no_slurm_started_it(tmp_path: Path) -> None:
    (tmp_path / "launch.sh").write_text(script(PLAN.changed(scale="ddp", processes=4, nodes=2), RunFolder(tmp_path)))
    said = subprocess.run(
        ["bash", str(tmp_path / "launch.sh")], env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True
    )
    assert (said.returncode, said.stdout, said.stderr) == (2, "", f"Slurm starts this: sbatch {tmp_path}/launch.sh\n")


def test_a_missing_package_is_told_before_a_run_is_made_or_said_to_train(tmp_path: Path) -> None:
    plan = PLAN.changed(scale="zero3", processes=2)
    with pytest.raises(TuneExtraMissingError, match="deepspeed"):
        prepared(plan, tmp_path / "new")
    run = RunFolder(tmp_path)
    run.plan_file.write_text(plan.to_yaml())
    with pytest.raises(TuneExtraMissingError, match="deepspeed"):
        require_startable(run)


def checkpoint(folder: Path, step: int, *, sealed: bool = True) -> Path:
    one = folder / f"checkpoint-{step}"
    (one / "pytorch_model_fsdp_0").mkdir(parents=True)
    for number, name in enumerate(("adapter_model.safetensors", "optimizer.pt", "rng_state.pth", "trainer_state.json")):
        (one / name).write_bytes(bytes([step, number]) * 50)
    (one / "pytorch_model_fsdp_0" / "__0_0.distcp").write_bytes(b"x" * 10)
    if sealed:
        seal(one)
    return one


def test_a_checkpoint_that_a_kill_left_half_written_is_removed_and_the_one_before_taken(tmp_path: Path) -> None:
    for step in (8, 10, 12):
        checkpoint(tmp_path, step, sealed=step != 12)
    whole, torn = last_whole(tmp_path)
    assert whole == tmp_path / "checkpoint-10"
    assert [(one.step, one.why) for one in torn] == [(12, "it was not written to its end")]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["checkpoint-10", "checkpoint-8"]
    assert last_whole(tmp_path / "none") == (None, [])


def test_a_checkpoint_of_which_any_byte_has_changed_is_set_aside_and_told(tmp_path: Path) -> None:
    """Sizes alone don't tell: an optimizer state of zeros trains on, and nobody knows."""
    sample = checkpoint(tmp_path / "names", 1)
    names = [file.relative_to(sample) for file in sample.rglob("*.[pjsd]*") if file.name != SEAL]
    assert len(names) == 5
    for name in names:
        for number, harm in enumerate((_cut, _flip, Path.unlink)):
            folder = tmp_path / f"{name.name}-{number}"
            first, last = checkpoint(folder, 8), checkpoint(folder, 10)
            harm(last / name)
            whole, (torn,) = last_whole(folder)
            assert (whole, torn.step) == (first, 10)
            assert name.name in torn.why
            assert (folder / "damaged-checkpoint-10").is_dir()
            assert last_whole(folder) == (first, [])
            harm(first / name)
            assert last_whole(folder) == (None, [Torn(8, fault(folder / "damaged-checkpoint-8") or "")])


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def _flip(file: Path) -> None:
    held = bytearray(file.read_bytes())
    held[len(held) // 2] ^= 1
    file.write_bytes(held)


def test_metrics_forget_the_steps_that_a_kill_undid(tmp_path: Path) -> None:
    file = tmp_path / "metrics.jsonl"
    append(file, {"event": "started", "step": 0})
    for step in range(1, 8):
        append(file, {"step": step, "loss": 1.0})
    with file.open("a") as stream:
        stream.write('{"step": 8, "lo')  # torn
        stream.write("\n")
    append(file, {"event": "started", "step": 5})
    append(file, {"step": 6, "loss": 0.5})
    found = [(one["step"], one["loss"]) for one in read_metrics(file) if "loss" in one]
    assert found == [(1, 1.0), (2, 1.0), (3, 1.0), (4, 1.0), (5, 1.0), (6, 0.5)]


def test_the_control_swaps_half_of_the_pairs_the_same_way_everywhere() -> None:
    drawn = [swapped(position, 1) for position in range(2000)]
    assert sum(drawn) == 1000
    assert all(drawn[at] != drawn[at + 1] for at in range(0, 2000, 2))
    assert 400 < sum(drawn[::2]) < 600
    assert drawn == [swapped(position, 1) for position in range(2000)]
    assert drawn != [swapped(position, 2) for position in range(2000)]


_SIDES = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 1)), max_size=30).map(
    lambda both: Side([token for token, _ in both], [own for _, own in both])
)


@given(st.lists(st.integers(0, 50), max_size=30), _SIDES, _SIDES, st.integers(1, 70))
def test_truncation_keeps_starts_and_never_trains_on_what_was_not_the_models(
    prompt: list[int], chosen: Side, rejected: Side, room: int
) -> None:
    whole = EncodedPair(prompt, chosen, rejected)
    cut = whole.truncated(room)
    assert cut.longest <= room
    for before, after in ((chosen, cut.chosen), (rejected, cut.rejected)):
        assert (cut.prompt + after.ids) == (prompt + before.ids)[:room]
        assert after.mask == before.mask[: len(after.ids)]
        assert len(after.trained) == sum(after.mask)
    assert whole.truncated(None) is whole


@given(st.lists(st.integers(0, 3)), st.lists(st.integers(0, 3)))
def test_the_common_start_is_common_and_no_longer_one_is(one: list[int], other: list[int]) -> None:
    shared = common_start(one, other)
    assert one[:shared] == other[:shared]
    assert one[: shared + 1] != other[: shared + 1] or min(len(one), len(other)) == shared


def test_a_row_without_a_task_is_a_task_of_its_own() -> None:
    assert Pair("a", [], [], [], []).task == "a"
    assert PLAN.excluded("train") == frozenset()


def test_one_is_not_many() -> None:
    assert [counted(number, "step") for number in (0, 1, 2, 1000)] == ["0 steps", "1 step", "2 steps", "1,000 steps"]
    assert counted(2, "repository", "repositories") == "2 repositories"
    assert [agreeing(number, "are cut") for number in (1, 2)] == ["is cut", "are cut"]
