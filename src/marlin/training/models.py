"""Where a model's files are."""

from __future__ import annotations

from pathlib import Path

from marlin.training.errors import ModelNotFoundError


def local_model(name: str) -> Path:
    """A model's folder: the one named, or the one that the Hugging Face cache keeps or fetches.

    :raises ModelNotFoundError: neither is there.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise ModelNotFoundError(f"{folder} has no config.json.", hint="Name the folder of a whole model.")
        return folder.resolve()
    if name.startswith((".", "/", "~")):
        raise ModelNotFoundError(f"There is no folder {folder}.", hint="Name a model's folder, or a name on the Hub.")
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, allow_patterns=["*.json", "*.safetensors", "*.jinja", "*.model", "*.txt"]))
    except Exception as error:  # the hub's client raises a dozen kinds, offline ones among them
        raise ModelNotFoundError(
            f"{name} is in no cache on this machine and can't be fetched: {str(error).splitlines()[0]}",
            hint="Name a folder with the model's files, or fetch it where the Hub is in reach and set HF_HOME.",
        ) from error


def positions(model: Path) -> int | None:
    """The most tokens that a model takes, if its configuration says."""
    from transformers import AutoConfig

    text = AutoConfig.from_pretrained(str(model), trust_remote_code=False).get_text_config()
    found = getattr(text, "max_position_embeddings", None)
    return found if isinstance(found, int) and found > 0 else None
