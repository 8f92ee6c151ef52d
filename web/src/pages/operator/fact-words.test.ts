import { expect, test } from "vitest";
import { factsOf } from "./fact-words";

const ID = "40d52b797f6fe796b81da86c938a3269470ca3e25ad09fd64e9894f5857c9d6e";

test("what is nested stands in one list, under its whole name", () => {
  expect(
    factsOf({ dataset: { files: { train: ID }, view: "trl_pref" }, lock: null, synthetic: false, left_out: {} }),
  ).toEqual([
    { name: "dataset · files · train", text: ID, kind: "hash" },
    { name: "dataset · view", text: "trl_pref", kind: "text" },
    { name: "lock", text: "–", kind: "nothing" },
    { name: "synthetic", text: "no", kind: "text" },
    { name: "left out", text: "none", kind: "nothing" },
  ]);
});

test("numbers have their units, and long lists are counted", () => {
  const cost = { tokens: 41_200_000, flops: 78.8e9, memory: 34_900_000_000, memory_parts: { logits: 4_000_000 } };
  const said = (value: unknown) => factsOf(value).map((fact) => fact.text);
  expect(said(cost)).toEqual(["41,200,000", "78.8 GFLOP", "35 GB", "4.0 MB"]);
  expect(said({ learning_rate: 1e-5, seed: 123456, flops: 999_990 })).toEqual(["0.00001", "123456", "1.0 MFLOP"]);
  expect(said({ ids: Array.from({ length: 1208 }, (_, index) => index + 1) })).toEqual([
    "1, 2, 3, 4, 5, 6, 7, 8 and 1,200 more",
  ]);
  expect(factsOf([{ id: "a" }, { id: "b" }]).map((fact) => fact.name)).toEqual(["1 · id", "2 · id"]);
});
