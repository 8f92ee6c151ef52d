import type { Side } from "../../api/types";

export type SideChoice = "both" | Side;

export function visibleSides(choice: SideChoice): Side[] {
  return choice === "both" ? ["A", "B"] : [choice];
}
