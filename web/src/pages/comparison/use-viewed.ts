import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { saveViewed, type ViewedMark, viewedQuery } from "../../api/comparisons";
import type { ParsedFile } from "../../components/diff";
import type { Pane } from "./line-hooks";

/** Which files the person has read. A mark holds for one content: changed in the next turn, a file is unread again. */
export interface Viewed {
  has: (pane: Pane, file: ParsedFile) => boolean;
  toggle: (pane: Pane, file: ParsedFile) => void;
  failed: Error | null;
}

function keyOf(mark: ViewedMark): string {
  return `${mark.side}\n${mark.path}\n${mark.content}`;
}

function markOf(pane: Pane, file: ParsedFile): ViewedMark {
  return { side: pane, path: file.path, content: file.content };
}

export function useViewed(comparison: string, turn: number): Viewed {
  const client = useQueryClient();
  const query = viewedQuery(comparison);
  const { data } = useQuery(query);
  const save = useMutation({
    mutationKey: ["viewed", comparison],
    mutationFn: (change: { mark: ViewedMark; viewed: boolean }) =>
      saveViewed(comparison, { turn, marks: [change.mark], viewed: change.viewed }),
    scope: { id: `viewed ${comparison}` },
    onMutate: async ({ mark, viewed }) => {
      await client.cancelQueries({ queryKey: query.queryKey });
      client.setQueryData(query.queryKey, (old: ViewedMark[] | undefined) => {
        const others = (old ?? []).filter((entry) => keyOf(entry) !== keyOf(mark));
        return viewed ? [...others, mark] : others;
      });
    },
    // The last of several tells what the server knows: also when the first answer was given up for this mark.
    onSettled: () => {
      if (client.isMutating({ mutationKey: ["viewed", comparison] }) === 1)
        return client.invalidateQueries({ queryKey: query.queryKey });
    },
  });
  const keys = useMemo(() => new Set((data ?? []).map(keyOf)), [data]);
  const has = useCallback((pane: Pane, file: ParsedFile) => keys.has(keyOf(markOf(pane, file))), [keys]);
  const { mutate } = save;
  const toggle = useCallback(
    (pane: Pane, file: ParsedFile) => mutate({ mark: markOf(pane, file), viewed: !has(pane, file) }),
    [mutate, has],
  );
  return useMemo(() => ({ has, toggle, failed: save.error }), [has, toggle, save.error]);
}
