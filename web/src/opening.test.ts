import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { goOn, holdBack, isHeldBack, type TurnName, wait } from "./opening";

// There is no window here: a frame comes when it is asked for.
beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("requestAnimationFrame", (run: () => void) => setTimeout(run, 16));
  vi.stubGlobal("cancelAnimationFrame", clearTimeout);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function waitFor(...names: TurnName[]) {
  const came: TurnName[] = [];
  const stops = names.map((name) => wait(name, () => came.push(name)));
  return { came, stops };
}

test("what waits comes behind the first lines, in its order, a frame each", () => {
  holdBack();
  const { came } = waitFor("panel", "toolbar", "other-pane");
  vi.advanceTimersByTime(1000);
  expect([came, isHeldBack()]).toEqual([[], true]);
  goOn();
  expect(came).toEqual([]);
  vi.advanceTimersByTime(17);
  expect(came).toEqual(["other-pane"]);
  vi.advanceTimersByTime(17);
  expect(came).toEqual(["other-pane", "toolbar"]);
  vi.advanceTimersByTime(17);
  expect([came, isHeldBack()]).toEqual([["other-pane", "toolbar", "panel"], false]);
});

test("code that does not come holds nothing back for ever", () => {
  holdBack();
  const { came } = waitFor("toolbar");
  vi.advanceTimersByTime(3000);
  expect(came).toEqual(["toolbar"]);
});

test("what is no longer there has no turn", () => {
  const { came, stops } = waitFor("toolbar", "list");
  stops[0]?.();
  vi.runAllTimers();
  expect(came).toEqual(["list"]);
});
