import { describe, expect, test } from "vitest";
import type { BriefFields, Preparation } from "../../api/types";
import { briefDifferences, changedFields, imageChoices, missing } from "./fields";
import { preparationSteps } from "./steps";

const fields: BriefFields = {
  source: "https://example.org/a.git",
  commit: "",
  category: "bug_fix",
  title: "T",
  prompt: "P",
  acceptance_criteria: "",
  set_up_command: "",
  test_command: "",
  base_image: "debian",
  effort_minutes: null,
};

describe("the base image of a brief", () => {
  const offered = [
    { name: "debian", description: "Debian 12" },
    { name: "node", description: "" },
  ];

  test("is one of the campaign's", () => {
    expect(imageChoices(offered, "node").map(({ value, gone }) => [value, gone])).toEqual([
      ["debian", false],
      ["node", false],
    ]);
  });

  test("that was taken back is shown, and said to be gone", () => {
    expect(imageChoices(offered.slice(0, 1), "node").map(({ value, gone }) => [value, gone])).toEqual([
      ["debian", false],
      ["node", true],
    ]);
  });

  test("is no question before the campaign is known", () => {
    expect(imageChoices([], "node")).toEqual([]);
  });
});

describe("the fields of a brief", () => {
  test("only what changed is sent", () => {
    expect(changedFields(fields, { ...fields, prompt: "Q", commit: "v1" })).toEqual({ prompt: "Q", commit: "v1" });
    expect(changedFields(fields, { ...fields })).toEqual({});
  });

  test("two versions are told apart in words, in the form’s order", () => {
    const theirs: BriefFields = { ...fields, category: "security", prompt: "Q", effort_minutes: 30 };
    const differences = briefDifferences(["prompt", "category", "effort_minutes"], fields, theirs);
    expect(differences.map(({ label, theirs, words = String }) => [label, words(theirs)])).toEqual([
      ["Category", "Security"],
      ["Prompt", "Q"],
      ["Effort for an engineer", "30 min"],
    ]);
    expect(differences.filter(({ words }) => words === undefined).map(({ field }) => field)).toEqual(["prompt"]);
  });

  test("what is missing is said in words", () => {
    expect(missing(fields)).toEqual([]);
    expect(missing({ ...fields, source: " ", prompt: "" })).toEqual(["a repository", "a prompt"]);
  });
});

const BOTH = { set_up_command: "make", test_command: "make test" };

describe("the steps of a preparation", () => {
  const states = (preparation: Partial<Preparation>) =>
    preparationSteps(preparation as Preparation, BOTH).map((step) => step.state);

  test("one after the other", () => {
    expect(states({ status: "queued" })).toEqual(["waiting", "waiting", "waiting"]);
    expect(states({ status: "fetching" })).toEqual(["active", "waiting", "waiting"]);
    expect(states({ status: "testing" })).toEqual(["done", "done", "active"]);
    expect(states({ status: "ready" })).toEqual(["done", "done", "done"]);
  });

  test("a command that there is not was not run", () => {
    const steps = preparationSteps({ status: "ready" } as Preparation, { ...BOTH, set_up_command: " " });
    expect(steps.map((step) => step.state)).toEqual(["done", "left-out", "done"]);
    expect(steps[1]?.label).toBe("No set-up command");
  });

  test("a failure is shown where it happened, and what never began is not waiting", () => {
    expect(states({ status: "failed", base_commit: null })).toEqual(["failed", "left-out", "left-out"]);
    expect(states({ status: "failed", base_commit: "c", environment_id: null })).toEqual([
      ...["done", "failed", "left-out"],
    ]);
    expect(states({ status: "failed", base_commit: "c", environment_id: "e" })).toEqual(["done", "done", "failed"]);
  });
});
