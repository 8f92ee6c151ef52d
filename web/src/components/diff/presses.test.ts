import { expect, test } from "vitest";
import { Presses } from "./presses";

const NO_KEYS = { altKey: false, ctrlKey: false, metaKey: false };

test("a click in place means the line", () => {
  const presses = new Presses();
  presses.pressed({ clientX: 100, clientY: 40 });
  expect(presses.meansLine({ clientX: 102, clientY: 41, detail: 1, ...NO_KEYS })).toBe(true);
});

test("drawing over text, clicking twice and clicking with a key do not", () => {
  const presses = new Presses();
  const here = { clientX: 100, clientY: 40, detail: 1, ...NO_KEYS };
  expect(presses.meansLine(here)).toBe(false);
  presses.pressed(here);
  expect(presses.meansLine({ ...here, clientX: 140 })).toBe(false);
  expect(presses.meansLine({ ...here, clientY: 60 })).toBe(false);
  expect(presses.meansLine({ ...here, detail: 2 })).toBe(false);
  expect(presses.meansLine({ ...here, metaKey: true })).toBe(false);
});
