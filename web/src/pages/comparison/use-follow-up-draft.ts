import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { followUpDraftQuery, readFollowUpDraft, saveFollowUpDraft } from "../../api/comparisons";
import type { FollowUpDraft, FollowUpText } from "../../api/types";
import { isRecord, kept } from "../../autosave/kept";
import { useAutosave } from "../../autosave/use-autosave";

/** The next prompt while it is written: kept here while typing, saved as a draft after a short pause. */
export function useFollowUpDraft(comparison: string, turn: number, draft: FollowUpDraft) {
  const client = useQueryClient();
  const keepAs = `follow-up/${comparison}/${turn}`;
  const [unsaved] = useState(() => kept(keepAs, isRecord, draft.saved_at));
  const [text, setText] = useState<FollowUpText>({
    ...{ prompt: draft.prompt, continue_from: draft.continue_from },
    ...unsaved,
  });
  const revision = useRef(draft.revision);

  const save = useCallback(
    async (value: FollowUpText, keepalive: boolean) => {
      const saved = await saveFollowUpDraft(comparison, turn, revision.current, value, keepalive);
      revision.current = saved.revision;
      // The cache must know the newest draft: this form may be closed and opened again.
      client.setQueryData(followUpDraftQuery(comparison, turn).queryKey, saved);
    },
    [comparison, turn, client],
  );
  const autosave = useAutosave(save, { keepAs });
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the form opens
  useEffect(() => {
    if (unsaved !== null) autosave.change(text);
  }, []);

  const change = (next: FollowUpText) => {
    setText(next);
    autosave.change(next);
  };
  const takeTheirs = async () => {
    const theirs = await readFollowUpDraft(comparison, turn);
    revision.current = theirs.revision;
    setText({ prompt: theirs.prompt, continue_from: theirs.continue_from });
    autosave.resume(true);
  };
  const keepMine = async () => {
    revision.current = (await readFollowUpDraft(comparison, turn)).revision;
    autosave.resume(false);
  };
  return { text, change, autosave, takeTheirs, keepMine };
}
