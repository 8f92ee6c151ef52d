"""Whether a person wrote a text before: among what they submitted, found by an index however much that is."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.ext.asyncio import AsyncSession

from marlin.campaigns import Answers
from marlin.comparisons import Comparison
from marlin.nearness import NEAR
from marlin.ratings.checker import Copy, Reference
from marlin.ratings.models import Rating, TextSketch
from marlin.ratings.sketching import Sketch, similarity, sketch

Place = tuple[int, str]
"""A turn and a field: ``prompt`` or ``justification``."""


def texts_of(comparison: Comparison, ratings: Mapping[int, Rating]) -> dict[Place, str]:
    """What the contributor wrote in a comparison. Who judges another person's task did not write its prompt."""
    prompts = {} if comparison.repeats_id is not None else {turn.number: turn.prompt for turn in comparison.turns}
    said = {number: Answers.model_validate(rating.answers).justification for number, rating in ratings.items()}
    return {(number, "prompt"): text for number, text in prompts.items()} | {
        (number, "justification"): text for number, text in said.items()
    }


async def copies(session: AsyncSession, comparison: Comparison, texts: Mapping[Place, str]) -> list[Copy]:
    """Which texts of a comparison its contributor has submitted in another one: of each the nearest, in their order."""
    mine = await asyncio.to_thread(_sketches, comparison.owner_id, texts)
    if not mine:
        return []
    keys = sorted({key for one in mine.values() for key in one.keys})
    # Who judges the same results once more may well have the same reasons.
    item = func.coalesce(Comparison.repeats_id, Comparison.id)
    statement = (
        select(TextSketch)
        .join(Comparison, Comparison.id == TextSketch.comparison_id)
        .where(
            TextSketch.keys.overlap(array(keys)),
            TextSketch.person_id == comparison.owner_id,
            item != (comparison.repeats_id or comparison.id),
        )
    )
    known = (await session.scalars(statement)).all()
    found = []
    for (turn, field), one in sorted(mine.items()):
        near = [(other.digest == one.digest, similarity(other.numbers, one.numbers), other) for other in known]
        alike = [entry for entry in near if entry[2].field == field and (entry[0] or entry[1] >= NEAR)]
        if alike:
            exact, _, other = max(alike, key=lambda entry: (entry[0], entry[1], entry[2].comparison_id))
            found.append(Copy(turn, field, exact, Reference(other.comparison_id, other.turn_number)))
    return found


async def remember(session: AsyncSession, comparison: Comparison, texts: Mapping[Place, str]) -> None:
    """Keep what is submitted, in place of what the same comparison was submitted with before."""
    await session.execute(delete(TextSketch).where(TextSketch.comparison_id == comparison.id))
    made = await asyncio.to_thread(_sketches, comparison.owner_id, texts)
    for (turn, field), one in made.items():
        session.add(
            TextSketch(
                comparison_id=comparison.id,
                turn_number=turn,
                field=field,
                person_id=comparison.owner_id,
                digest=one.digest,
                keys=list(one.keys),
                numbers=one.numbers,
            )
        )


def _sketches(person_id: UUID, texts: Mapping[Place, str]) -> dict[Place, Sketch]:
    made = {(turn, field): sketch(text, whose=f"{person_id}/{field}") for (turn, field), text in texts.items()}
    return {place: one for place, one in made.items() if one is not None}
