"""From rows to counts, and back to sums over contributors, in two passes over narrow columns.

Everything that a pooled model needs is how often each outcome was given to each ordered pair of arms. Everything
that its clustered uncertainty needs are sums over each cluster's votes of numbers that depend on nothing but (pair,
outcome): a table look-up and a weighted count. Work goes through pieces that fit a processor's cache, on as many
threads as help.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from marlin.statistics.arrays import Codes, FloatArray, IntArray
from marlin.statistics.votes import BOTH_BAD, OUTCOMES, TIE, Votes

_PIECE = 1 << 17
_MIXED = 1 << 15
"""Where nothing is counted there is no table to add at the end of each piece: then smaller ones stay in the cache."""
_ALONE_BELOW = 4 * _PIECE
"""Fewer rows than this are done before a second thread has started."""

Part = TypeVar("Part")


def _pieces(size: int, most: int = _PIECE) -> list[slice]:
    return [slice(start, min(size, start + most)) for start in range(0, size, most)]


def _over(size: int, work: Callable[[list[slice]], Part], most: int = _PIECE) -> Iterator[Part]:
    """``work`` on all pieces of ``most`` rows, dealt to the threads that help; its parts in order."""
    pieces = _pieces(size, most)
    threads = 1 if size < _ALONE_BELOW else min(4, os.cpu_count() or 1)
    if threads == 1:
        yield work(pieces)
        return
    share = -(-len(pieces) // threads)
    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(work, [pieces[start : start + share] for start in range(0, len(pieces), share)])


@dataclass(frozen=True)
class Pool:
    """Counts of votes, with what it takes to sum over clusters later.

    :ivar table: ``table[a, b, outcome]``: how often arm a on side A met arm b on side B with that outcome.
    :ivar cells: for each vote its place in the flattened table.
    """

    votes: Votes
    table: IntArray
    cells: NDArray[np.int32]

    @property
    def pairs(self) -> IntArray:
        """``pairs[i, j]``: how often the two met on whatever side, both-bad included."""
        met = self.table.sum(axis=2)
        return np.asarray(met + met.T)


def pooled(votes: Votes) -> Pool:
    """Count the votes by ordered pair and outcome."""
    arms = len(votes.arms)
    cells = np.empty(len(votes), dtype=np.int32)

    def count(pieces: list[slice]) -> IntArray:
        total = np.zeros(arms * arms * OUTCOMES, dtype=np.int64)
        for piece in pieces:
            part = cells[piece]
            np.multiply(votes.arm_a[piece], arms, out=part, dtype=np.int32)
            np.add(part, votes.arm_b[piece], out=part)
            np.multiply(part, OUTCOMES, out=part)
            np.add(part, votes.outcome[piece], out=part)
            total += np.bincount(part, minlength=len(total))
        return total

    table = sum(_over(len(votes), count), start=np.zeros(arms * arms * OUTCOMES, dtype=np.int64))
    return Pool(votes, np.asarray(table).reshape(arms, arms, OUTCOMES), cells)


def counted(codes: Codes | NDArray[np.int8], size: int) -> IntArray:
    """How often each code occurs."""

    def count(pieces: list[slice]) -> IntArray:
        total = np.zeros(size, dtype=np.int64)
        for piece in pieces:
            total += np.bincount(codes[piece], minlength=size)
        return total

    return np.asarray(sum(_over(len(codes), count), start=np.zeros(size, dtype=np.int64)))


def summed_by_arm(pool: Pool, clusters: Codes, size: int, residual: FloatArray) -> FloatArray:
    """``(cluster, arm)``: what its votes say for each arm, given what one vote of each kind says for its side A.

    :param residual: ``(arm, arm, outcome)``: added to side A's arm, taken from side B's.
    """
    votes, arms = pool.votes, len(pool.votes.arms)
    flat = np.ascontiguousarray(residual, dtype=np.float64).ravel()

    def add(pieces: list[slice]) -> FloatArray:
        total = np.zeros(size * arms)
        place, base, weight = np.empty(_PIECE, np.int64), np.empty(_PIECE, np.int64), np.empty(_PIECE)
        for piece in pieces:
            length = piece.stop - piece.start
            at, start, said = place[:length], base[:length], weight[:length]
            np.take(flat, pool.cells[piece], out=said, mode="clip")
            np.multiply(clusters[piece], arms, out=start, dtype=np.int64)
            np.add(start, votes.arm_a[piece], out=at)
            total += np.bincount(at, said, minlength=len(total))
            np.add(start, votes.arm_b[piece], out=at)
            total -= np.bincount(at, said, minlength=len(total))
        return total

    return np.asarray(sum(_over(len(votes), add), start=np.zeros(size * arms))).reshape(size, arms)


def summed(pool: Pool, clusters: Codes, size: int, tables: Sequence[FloatArray]) -> FloatArray:
    """``(cluster, table)``: sums over each cluster's votes of numbers that depend on pair and outcome alone."""
    columns = []
    for table in tables:
        flat = np.ascontiguousarray(table, dtype=np.float64).ravel()

        def add(pieces: list[slice], flat: FloatArray = flat) -> FloatArray:
            total = np.zeros(size)
            for piece in pieces:
                total += np.bincount(clusters[piece], flat[pool.cells[piece]], minlength=size)
            return total

        columns.append(np.asarray(sum(_over(len(pool.cells), add), start=np.zeros(size))))
    return np.stack(columns, axis=1) if columns else np.zeros((size, 0))


def pairs_by_cluster(pool: Pool, clusters: Codes, size: int, kept: NDArray[np.bool_]) -> FloatArray:
    """``(cluster, a, b)``: how many votes with a kept outcome each cluster gave to each ordered pair."""
    arms = len(pool.votes.arms)
    place = clusters.astype(np.int64) * (arms * arms) + pool.cells // OUTCOMES
    count = np.bincount(place, kept[pool.votes.outcome].astype(np.float64), minlength=size * arms * arms)
    return np.asarray(count, dtype=np.float64).reshape(size, arms, arms)


def counted_votes(pool: Pool) -> dict[str, int]:
    """How many votes, arms, contributors and tasks, and how many are equal or both bad."""
    votes, outcomes = pool.votes, pool.table.sum(axis=(0, 1))
    found = {
        "votes": len(votes),
        "arms": len(votes.arms),
        "equal": int(outcomes[TIE]),
        "both_bad": int(outcomes[BOTH_BAD]),
    }
    for name, given in (("contributors", votes.by_contributor), ("tasks", votes.by_task)):
        if given is not None:
            found[name] = int(np.count_nonzero(given))
    return found


def mixed_rows(pool: Pool) -> bytes:
    """Sum and exclusive-or of all votes, each mixed to 64 bits: the same whatever the order of rows."""
    votes, columns = pool.votes, cast("list[NDArray[Any]]", [])
    columns += [column for column in (votes.contributor, votes.task, votes.turn) if column is not None]
    columns += [
        _as_integers(further[name]) for further in (votes.differences, votes.contexts) for name in sorted(further)
    ]

    def mix(pieces: list[slice]) -> tuple[int, int]:
        total, parity = 0, 0
        state, row = np.empty(_MIXED, np.uint64), np.empty(_MIXED, np.uint64)
        for piece in pieces:
            length = piece.stop - piece.start
            now, shifted = state[:length], row[:length]
            np.copyto(now, pool.cells[piece], casting="unsafe")
            np.bitwise_xor(now, np.uint64(0x9E3779B97F4A7C15), out=now)
            np.multiply(now, np.uint64(0xBF58476D1CE4E5B9), out=now)
            for column in columns:  # a step of FNV-1a for each column …
                np.copyto(shifted, column[piece], casting="unsafe")
                np.bitwise_xor(now, shifted, out=now)
                np.multiply(now, np.uint64(0xBF58476D1CE4E5B9), out=now)
            np.right_shift(now, np.uint64(31), out=shifted)  # … and one round of splitmix64 for the row
            np.bitwise_xor(now, shifted, out=now)
            np.multiply(now, np.uint64(0x94D049BB133111EB), out=now)
            total += int(now.sum(dtype=np.uint64))
            parity ^= int(np.bitwise_xor.reduce(now))
        return total, parity

    total = parity = 0
    for part_total, part_parity in _over(len(votes), mix, _MIXED):
        total, parity = total + part_total, parity ^ part_parity
    return (total % (1 << 64)).to_bytes(8, "little") + parity.to_bytes(8, "little") + len(votes).to_bytes(8, "little")


def _as_integers(column: NDArray[Any]) -> NDArray[Any]:
    """Numbers by their bits; text by a hash of each distinct value."""
    if column.dtype.kind == "f":
        return (column.astype(np.float32) + np.float32(0)).view(np.uint32)
    import hashlib

    distinct, inverse = np.unique(column, return_inverse=True)
    hashes = [int.from_bytes(hashlib.sha256(str(value).encode()).digest()[:8], "little") for value in distinct]
    return np.array(hashes, dtype=np.uint64)[inverse]
