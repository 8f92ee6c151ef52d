import { Button, Group } from "@mantine/core";
import { useContext } from "react";
import type { SideLines } from "../line-hooks";
import { CitedNote } from "./CitedNote";
import { CommentCard } from "./CommentCard";
import { isCitedKey } from "./cited-places";
import { useCommentEntries, useComments } from "./comments";
import { EvidenceContext, type EvidenceTarget } from "./desk";
import classes from "./Evidence.module.css";
import { ACTING } from "./use-line-notes";

export interface LineNoteProps {
  noteKey: string;
  acting: SideLines | null;
  onDone: () => void;
}

/** What hangs below a line: a comment, a mark that it is cited, or the choice of what to do with the lines. */
export function LineNote({ noteKey, acting, onDone }: LineNoteProps) {
  if (isCitedKey(noteKey)) return <CitedNote noteKey={noteKey} />;
  if (noteKey !== ACTING) return <LineComment id={noteKey} />;
  return acting ? <LineActions lines={acting} onDone={onDone} /> : null;
}

function LineComment({ id }: { id: string }) {
  const { store, comparison } = useComments();
  const entry = useCommentEntries(store, comparison).find((one) => one.id === id);
  return entry ? (
    <div className={classes.inline}>
      <CommentCard entry={entry} place="line" />
    </div>
  ) : null;
}

function LineActions({ lines, onDone }: { lines: SideLines; onDone: () => void }) {
  const { cite, comment } = useContext(EvidenceContext);
  const { side, path, which, before, from, to, text } = lines;
  const target: EvidenceTarget = { kind: "lines", side, path, at: which === "new" ? "result" : before, from, to, text };
  const act = (what: (target: EvidenceTarget) => void) => {
    onDone();
    what(target);
  };
  const where = `${side}, ${from === to ? `line ${from}` : `lines ${from} to ${to}`}`;
  return (
    <Group
      gap={6}
      className={classes.actions}
      role="group"
      aria-label={where}
      onKeyDown={(event) => {
        if (event.key === "Escape") onDone();
        // The keys of the changes are not meant while a button here has the focus.
        event.stopPropagation();
      }}
    >
      <span className={classes.where}>{where}</span>
      {comment && (
        <Button size="compact-xs" variant="filled" autoFocus onClick={() => act(comment)}>
          Comment
        </Button>
      )}
      {cite && (
        <Button size="compact-xs" variant="default" autoFocus={!comment} onClick={() => act(cite)}>
          Cite
        </Button>
      )}
      <Button size="compact-xs" variant="subtle" color="gray" onClick={onDone}>
        Cancel
      </Button>
    </Group>
  );
}
