import { expect, test } from "vitest";
import type { Turn } from "../../api/types";
import { leftOut } from "./left-out";

test("what the repository ignores is told apart from what could not be kept", () => {
  const turn = {
    sides: {
      A: {
        left_out: [
          { path: "pkg/__pycache__/", reason: "ignored: named by a .gitignore" },
          { path: "model.bin", reason: "too large: 60 MB" },
        ],
      },
      B: { left_out: [{ path: "", reason: "ignore rules: could not be evaluated" }] },
    },
  } as unknown as Turn;
  const { ignored, lost } = leftOut(turn);
  expect(ignored.map((entry) => [entry.side, entry.path])).toEqual([["A", "pkg/__pycache__/"]]);
  expect(lost.map((entry) => [entry.side, entry.path])).toEqual([
    ["A", "model.bin"],
    ["B", ""],
  ]);
});

test("a side without a result has left nothing out", () => {
  expect(leftOut({ sides: { A: {}, B: {} } } as unknown as Turn)).toEqual({ ignored: [], lost: [] });
});
