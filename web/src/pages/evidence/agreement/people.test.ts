import { describe, expect, it } from "vitest";
import type { ContributorReliability } from "../../../api/evidence-types";
import { shownPeople } from "./people";

const NONE = { estimate: null, low: null, high: null };
const person = (
  name: string,
  votes: number,
  agreement: number | null,
  flags: string[] = [],
): ContributorReliability => ({
  ...{ person_id: name, name, votes, share_of_votes: 0, overlapping: 0, flags },
  ...{ agreement: { ...NONE, estimate: agreement }, reliability: NONE, left_share: NONE, gold_tasks: 0, gold: NONE },
});
const PEOPLE = [person("Ravi", 3, 0.9), person("Ada", 9, null), person("Mei", 3, 0.5, ["odd"])];
const names = (wanted: Partial<Parameters<typeof shownPeople>[1]>) =>
  shownPeople(PEOPLE, { column: "votes", down: true, flagged: false, name: "", ...wanted }).map((one) => one.name);

describe("shownPeople", () => {
  it("sorts by a column, and by name where it is the same", () => {
    expect(names({})).toEqual(["Ada", "Mei", "Ravi"]);
    expect(names({ down: false })).toEqual(["Mei", "Ravi", "Ada"]);
    expect(names({ column: "name", down: false })).toEqual(["Ada", "Mei", "Ravi"]);
  });
  it("puts who is not known last, both ways", () => {
    expect(names({ column: "agreement" })).toEqual(["Ravi", "Mei", "Ada"]);
    expect(names({ column: "agreement", down: false })).toEqual(["Mei", "Ravi", "Ada"]);
  });
  it("keeps the flagged, or a name", () => {
    expect(names({ flagged: true })).toEqual(["Mei"]);
    expect(names({ name: " rA" })).toEqual(["Ravi"]);
  });
  it("leaves the list it is given as it was", () => {
    names({ column: "name" });
    expect(PEOPLE.map((one) => one.name)).toEqual(["Ravi", "Ada", "Mei"]);
  });
});
