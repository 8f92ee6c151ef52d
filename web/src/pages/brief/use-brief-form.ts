import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { saveBrief } from "../../api/briefs";
import { api } from "../../api/client";
import { asProblem } from "../../api/problem";
import type { Brief, BriefFields } from "../../api/types";
import { isRecord, kept } from "../../autosave/kept";
import { type Autosave, useAutosave } from "../../autosave/use-autosave";
import { changedFields, fieldsOf, sameFields } from "./fields";

export interface BriefForm {
  fields: BriefFields;
  set: <K extends keyof BriefFields>(name: K, value: BriefFields[K]) => void;
  autosave: Autosave<BriefFields>;
  /** After a conflict: take the version saved elsewhere, or put this one over it. */
  takeTheirs: () => Promise<void>;
  keepMine: () => Promise<void>;
}

/** The form's own copy of the brief: what the server says later never overwrites what is being typed. */
export function useBriefForm(brief: Brief): BriefForm {
  const client = useQueryClient();
  const keepAs = `brief/${brief.id}`;
  const [unsaved] = useState(() => (brief.status === "used" ? null : kept(keepAs, isRecord, brief.updated_at)));
  const [fields, setFields] = useState<BriefFields>(() => ({ ...fieldsOf(brief), ...unsaved }));
  const known = useRef({ revision: brief.revision, fields: fieldsOf(brief) });

  const remember = useCallback(
    (saved: Brief) => {
      known.current = { revision: saved.revision, fields: fieldsOf(saved) };
      client.setQueryData(["briefs", saved.id], saved);
    },
    [client],
  );

  const save = useCallback(
    async (value: BriefFields, keepalive: boolean) => {
      const changes = changedFields(known.current.fields, value);
      if (Object.keys(changes).length === 0) return;
      try {
        remember(await saveBrief(brief.id, known.current.revision, changes, keepalive));
      } catch (error) {
        if (asProblem(error).status !== 409) throw error;
        // A new revision with the same text (a preparation went on, say) is no conflict between people.
        const theirs = await api.get<Brief>(`/briefs/${brief.id}`);
        const untouched = sameFields(fieldsOf(theirs), known.current.fields);
        if (!untouched || theirs.revision === known.current.revision) throw error;
        remember(await saveBrief(brief.id, theirs.revision, changes, keepalive));
      }
    },
    [brief.id, remember],
  );
  const autosave = useAutosave(save, { keepAs });
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the form opens
  useEffect(() => {
    if (unsaved !== null) autosave.change(fields);
  }, []);

  const set: BriefForm["set"] = (name, value) => {
    const next = { ...fields, [name]: value };
    setFields(next);
    autosave.change(next);
  };

  const takeTheirs = async () => {
    const theirs = await api.get<Brief>(`/briefs/${brief.id}`);
    remember(theirs);
    setFields(fieldsOf(theirs));
    autosave.resume(true);
  };
  const keepMine = async () => {
    remember(await api.get<Brief>(`/briefs/${brief.id}`));
    autosave.resume(false);
  };
  return { fields, set, autosave, takeTheirs, keepMine };
}
