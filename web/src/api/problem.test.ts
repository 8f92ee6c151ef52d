import { expect, test } from "vitest";
import { problemFromBody } from "./problem";

test("an answer without a problem document still says what to do", () => {
  for (const status of [403, 404, 500]) {
    const problem = problemFromBody(status, null);
    expect(problem.message, String(status)).not.toBe("");
    expect(problem.hint, String(status)).not.toBeNull();
  }
});

test("what the server says goes before what the page would say", () => {
  const told = problemFromBody(404, { detail: "There is no such brief.", code: "not-found" });
  expect(told.message).toBe("There is no such brief.");
  expect(told.hint).toBeNull();
  expect(problemFromBody(500, { detail: "It broke.", hint: "Tell us." }).hint).toBe("Tell us.");
});
