import { expect, test } from "vitest";
import * as viewer from "../../../../node_modules/@pierre/diffs/dist/worker/hastLinesTransport.js";
import { decodeHastLines, type EncodedLines } from "./hast-lines";

const line = (number: number) => ({
  type: "element",
  tagName: "div",
  properties: { "data-line": number, "data-line-index": `${number},${number}`, hidden: true, title: null },
  children: [
    { type: "text", value: `value_${number} = ` },
    {
      type: "element",
      tagName: "span",
      properties: { style: "color:#111" },
      children: [{ type: "text", value: "“x”" }],
    },
    { type: "comment", value: "as it is" },
  ],
});

function encoded(count: number): EncodedLines {
  const lines = Array.from({ length: count }, (_, index) => line(index));
  delete lines[2];
  return viewer.encodeHastLines(lines as never) as EncodedLines;
}

test("coloured lines read as the viewer reads them", () => {
  const [ours, theirs] = [decodeHastLines(encoded(5)), viewer.decodeHastLines(encoded(5) as never) as unknown[]];
  expect(ours).toHaveLength(5);
  for (let index = 0; index < 6; index++)
    expect([ours[index], index in ours]).toEqual([theirs[index], index in theirs]);
});

test("none is made before it is asked for, and one that was written stays", () => {
  const lines = decodeHastLines(encoded(33_000));
  expect(Object.getOwnPropertyNames(lines)).toEqual(["length"]);
  const own = line(7);
  lines[7] = own;
  expect(lines[7]).toBe(own);
  expect(lines[8]).toEqual(line(8));
});

test("what was not encoded is taken as it is", () => {
  const lines = [line(0)];
  expect(decodeHastLines(lines)).toBe(lines);
});
