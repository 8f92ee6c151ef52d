import { Text } from "@mantine/core";
import type { SaveState as State } from "../../autosave/saver";
import { clockTime } from "../text/time";

/** "Saved 12:01", in a polite live region that speaks of results only, not of every keystroke. */
export function SaveState({ state }: { state: State }) {
  const quiet = state.kind === "clean" || state.kind === "dirty" || state.kind === "saving";
  return (
    <Text size="xs" c={state.kind === "failed" || state.kind === "conflict" ? "red" : "dimmed"} component="span">
      <span aria-live="polite">{quiet ? "" : words(state)}</span>
      {quiet && <span>{words(state)}</span>}
    </Text>
  );
}

function words(state: State): string {
  switch (state.kind) {
    case "clean":
      return "";
    case "dirty":
    case "saving":
      return "Saving…";
    case "saved":
      return `Saved ${clockTime(state.at)}`;
    case "failed":
      if (state.problem.status === 401) return "Kept here; saved once you are signed in again";
      return state.problem.temporary ? "Not saved yet; trying again" : `Not saved: ${state.problem.message}`;
    case "conflict":
      return "Changed elsewhere";
  }
}
