"""A dataset's card: for people, with the front matter by which the Hub and ``datasets`` find the splits. Pure."""

from __future__ import annotations

from marlin.counted import counted
from marlin.dataset_files import SPLITS, Manifest, rows_path, seen_by, view_path


def card(manifest: Manifest) -> str:
    """The text of README.md."""
    return f"{_front_matter(manifest)}\n{_body(manifest)}"


def _front_matter(manifest: Manifest) -> str:
    tags = ["preference", "code", "marlin", *(["synthetic"] if manifest.synthetic else [])]
    lines = ["---", f"pretty_name: {manifest.name}", f"tags: [{', '.join(tags)}]"]
    lines += ["license: other", "license_name: of-each-repository", f"size_categories: [{_size(manifest)}]", "configs:"]
    named = [("rows", manifest.split.rows), *((view, state.rows) for view, state in manifest.views.items())]
    for name, rows in named:
        full = [split for split in SPLITS if rows.get(split)]
        if not full:
            continue
        lines.append(f"- config_name: {name.replace('/', '_')}")
        if name == "trl_pref":
            lines.append("  default: true")
        lines.append("  data_files:")
        for split in full:
            path = rows_path(split) if name == "rows" else view_path(name, split)
            lines += [f"  - split: {split}", f"    path: {path}"]
    return "\n".join([*lines, "---", ""])


def _size(manifest: Manifest) -> str:
    """As the Hub sorts datasets."""
    rows = manifest.counts["rows"]
    sizes = (("n<1K", 10**3), ("1K<n<10K", 10**4), ("10K<n<100K", 10**5), ("100K<n<1M", 10**6))
    return next((name for name, end in sizes if rows < end), "1M<n<10M")


def _body(manifest: Manifest) -> str:
    counts, split = manifest.counts, manifest.split.rows
    parts = [f"# {manifest.name}", ""]
    if manifest.synthetic:
        parts += ["**SYNTHETIC: simulated contributors, no real judgement. Evidence of nothing.**", ""]
    parts += [
        f"Campaign {', '.join(manifest.campaigns)}: {counted(counts['rows'], 'judged pair', 'judged pairs')} of "
        f"results from {counted(counts['ratings'], 'accepted rating', 'accepted ratings')} by "
        f"{counted(counts['raters'], 'person', 'people')}, on {counted(counts['tasks'], 'task', 'tasks')} in "
        f"{counted(counts['repositories'], 'repository', 'repositories')}. Preferences: {counts['pairs']:,}; "
        f"of these {counts['trajectory_pairs']:,} can be trained on as trajectories. Rows: {split['train']:,} to train "
        f"on, {split['test']:,} held out.",
        "",
        "## How it was made",
        "",
        "Two blinded agents worked on the same task from the same files; an engineer compared the two results as one "
        "reviews a pull request and rated them; a second engineer accepted the rating. Rows that share repository, "
        "task, base commit or request, or nearly its words, are in one split.",
        *_reliability(manifest),
        "",
        "## Limits",
        "",
        *_limits(manifest),
        "",
        "## Licences of the repositories",
        "",
        "| licence | rows |",
        "|---|---|",
        *[f"| {name} | {rows:,} |" for name, rows in manifest.licences.items()],
        "",
        "Found by the text of licence files at the root of each base commit and in the folders above what was changed, "
        "else by what the package there says of itself; by the heads of changed files, before and after, and by files "
        "NAME.license beside them; and by the licence and package files that a change brings.",
        "",
        "## Consent",
        "",
        *[f"- {counted(raters, 'rater')} accepted terms {version}." for version, raters in manifest.consent.items()],
        "",
        "## Views",
        "",
        "| view | reader | content | train | test | reader verified with |",
        "|---|---|---|---|---|---|",
    ]
    parts += [
        f"| {name} | {state.reader} | {state.content} | {state.rows['train']:,} | {state.rows['test']:,} "
        f"| {seen_by(state.verified)} |"
        for name, state in manifest.views.items()
    ]
    parts += ["", "## What was left out", "", "| from | why | how many |", "|---|---|---|"]
    parts += [f"| {one.scope} | {one.reason} | {one.count:,} |" for one in manifest.left_out] or ["| – | nothing | 0 |"]
    parts += ["", "## What was replaced", "", "| kind | times |", "|---|---|"]
    parts += [f"| {kind} | {count:,} |" for kind, count in manifest.scrubbed.items()] or ["| nothing | 0 |"]
    return "\n".join(parts) + "\n"


def _reliability(manifest: Manifest) -> list[str]:
    least = manifest.filters.get("min_reliability")
    if not least:
        return []
    kept = manifest.filters.get("keep_unestimated")
    return [
        "",
        f"Ratings by people whose reliability is below {least:g} were left out: the chance that they tell the better "
        "result, by a model after Dawid and Skene of all results that several people judged and of gold tasks. People "
        f"without an estimate, who judged no such result, were {'kept' if kept else 'left out as well'}.",
    ]


def _limits(manifest: Manifest) -> list[str]:
    checked = [
        f"- Held against {one.name} ({counted(one.entries, 'entry', 'entries')}, SHA-256 {one.sha256[:12]}…): "
        f"{counted(sum(one.left_out.values()), 'row was', 'rows were')} known from it and left out."
        for one in manifest.benchmarks
    ]
    return [
        *(checked or ["- Contamination with public benchmarks was **not** checked."]),
        "- Nearly equal requests are found with MinHash at a similarity of 0.8; reworded ones are not.",
        "- Secrets and personal data of known shapes were replaced; rows with values that may be secrets are held back "
        "until a person decides. Others may be left.",
    ]
