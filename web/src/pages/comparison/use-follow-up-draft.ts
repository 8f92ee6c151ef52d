import { useQueryClient } from "@tanstack/react-query";
import { followUpDraftQuery, saveFollowUpDraft } from "../../api/comparisons";
import type { FollowUpDraft, FollowUpText } from "../../api/types";
import { useDraft } from "../../autosave/use-draft";

/** The next prompt while it is written: kept here while typing, saved as a draft after a short pause. */
export function useFollowUpDraft(comparison: string, turn: number, draft: FollowUpDraft) {
  const client = useQueryClient();
  return useDraft<FollowUpText, number>(() => ({
    keepAs: `follow-up/${comparison}/${turn}`,
    shape: { split: (text) => ({ ...text }), join: (fields) => fields as unknown as FollowUpText },
    stored: storedOf(draft),
    send: async (text, { revision }, keepalive) => {
      const saved = await saveFollowUpDraft(comparison, turn, revision, text, keepalive);
      // The cache must know the newest draft: this form may be closed and opened again.
      client.setQueryData(followUpDraftQuery(comparison, turn).queryKey, saved);
      return storedOf(saved);
    },
    newer: async ({ details }) => (details.draft ? storedOf(details.draft as FollowUpDraft) : null),
  }));
}

function storedOf({ prompt, continue_from, revision }: FollowUpDraft) {
  return { value: { prompt, continue_from }, revision };
}
