import { useQueryClient } from "@tanstack/react-query";
import { saveBrief } from "../../api/briefs";
import { api } from "../../api/client";
import type { Brief, BriefFields } from "../../api/types";
import type { DraftState } from "../../autosave/draft";
import { useDraft } from "../../autosave/use-draft";
import { changedFields, fieldsOf } from "./fields";

/** The refusal of an edit that was made on an older revision. */
const CHANGED = "brief-changed";

export interface BriefForm {
  fields: BriefFields;
  set: <K extends keyof BriefFields>(name: K, value: BriefFields[K]) => void;
  save: DraftState<BriefFields>["save"];
  conflict: DraftState<BriefFields>["conflict"];
  flush: () => Promise<boolean>;
  /** After a conflict: goes on with this. */
  resolve: (fields: BriefFields) => void;
}

/** The form's own copy of the brief: what the server says later never overwrites what is being typed. */
export function useBriefForm(brief: Brief): BriefForm {
  const client = useQueryClient();
  const stored = (from: Brief) => ({ value: fieldsOf(from), revision: from.revision });
  const draft = useDraft<BriefFields, number>(() => ({
    // What can't be changed any more takes nothing in; what this browser keeps of it stays where it is.
    keepAs: brief.status === "used" ? `used-brief/${brief.id}` : `brief/${brief.id}`,
    shape: { split: (fields) => ({ ...fields }), join: (fields) => fields as unknown as BriefFields },
    stored: stored(brief),
    send: async (fields, over, keepalive) => {
      const changes = changedFields(over.value, fields);
      if (Object.keys(changes).length === 0) return over;
      const saved = await saveBrief(brief.id, over.revision, changes, keepalive);
      client.setQueryData(["briefs", saved.id], saved);
      return stored(saved);
    },
    // A new revision with the same text (a preparation went on, say) is no conflict between people.
    newer: async ({ code }) => (code === CHANGED ? stored(await api.get<Brief>(`/briefs/${brief.id}`)) : null),
  }));
  const { value: fields, change, save, conflict, flush, resolve } = draft;
  return { fields, set: (name, value) => change({ ...fields, [name]: value }), save, conflict, flush, resolve };
}
