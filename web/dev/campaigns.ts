import { campaigns as assigned } from "./assigning.ts";
import type { Answer, Call } from "./calls.ts";
import { CAMPAIGN } from "./data.ts";
import { CASES, evidence } from "./evidence.ts";
import { FOUR } from "./evidence-board.ts";

/** Campaigns: one that contributors see, and those of `CASES` for the pages of evidence. */
export function campaigns(call: Call): Answer {
  const [, id, what] = call.parts;
  const told = evidence(call);
  if (told) return told;
  const made = id !== undefined && id !== CAMPAIGN.id && id in CASES;
  if (made && what === "arms")
    return {
      json: FOUR.map(({ name, agent }) => ({
        id: name,
        name,
        agent,
        model: null,
        active: true,
        outputs_may_train: true,
      })),
    };
  if (made && what === undefined) return { json: { ...CAMPAIGN, id, synthetic: CASES[id]?.board.synthetic ?? false } };
  return assigned(call);
}
