import { Alert, Button, Group, Textarea } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type RefObject, useRef, useState } from "react";
import type { Comment } from "../../../api/types";
import { ofChoice } from "../../../autosave/reconcile";
import { MergeDrafts } from "../../../components/drafts/MergeDrafts";
import { ErrorNotice } from "../../../components/feedback/ErrorNotice";
import { SaveState } from "../../../components/feedback/SaveState";
import { Markdown } from "../../../components/text/Markdown";
import { VisibleText } from "../../../components/text/VisibleText";
import { catchFocus } from "../../../keyboard/focus";
import { anchorWords, citationLink, citationOfAnchor } from "./anchors";
import type { Editing } from "./comment-store";
import { type CommentEntry, useComments } from "./comments";
import classes from "./Evidence.module.css";
import { activePane } from "./go-to";

export interface CommentCardProps {
  entry: CommentEntry;
  /** Below its line, or in the list of all. */
  place: "line" | "list";
  onUse?: (comment: Comment) => void;
}

/** A comment: read, or being written. */
export function CommentCard({ entry, place, onUse }: CommentCardProps) {
  const { comparison, turn, store, writes } = useComments();
  const card = useRef<HTMLElement>(null);
  const anchor = entry.saved?.anchor ?? entry.editing?.anchor;
  const quote = entry.saved?.quote ?? entry.editing?.quote ?? "";
  if (!anchor) return null;
  const { saved, editing } = entry;
  const isDraft = saved?.draft ?? true;
  return (
    <article
      ref={card}
      tabIndex={-1}
      className={classes.card}
      data-side={anchor.side}
      aria-label={`Comment on ${anchorWords(anchor)}`}
    >
      <header className={classes.cardHead}>
        {place === "list" ? (
          <Link className={classes.place} {...citationLink(comparison, entry.turn, citationOfAnchor(anchor))}>
            {entry.turn === turn ? "" : `Turn ${entry.turn} · `}
            {anchorWords(anchor)}
          </Link>
        ) : (
          <span className={classes.place}>{anchorWords(anchor)}</span>
        )}
        {isDraft && !editing && <span className={classes.draft}>not finished</span>}
      </header>
      {place === "list" && quote.trim() !== "" && (
        <pre className={classes.quote}>
          <VisibleText text={shortened(quote)} />
        </pre>
      )}
      {editing ? (
        <CommentEditor editing={editing} focus={place === "line" || anchor.step !== null} card={card} />
      ) : (
        saved && (
          <>
            <Markdown breaks>{saved.text}</Markdown>
            {writes && (
              <Group gap={4}>
                <Button size="compact-xs" variant="subtle" onClick={() => store.edit(saved)}>
                  {isDraft ? "Go on" : "Edit"}
                </Button>
                {onUse && (
                  <Button size="compact-xs" variant="subtle" onClick={() => onUse(saved)}>
                    Use in the next prompt
                  </Button>
                )}
                <Button size="compact-xs" variant="subtle" color="red" onClick={() => void store.remove(saved)}>
                  Delete
                </Button>
              </Group>
            )}
          </>
        )
      )}
    </article>
  );
}

interface CommentEditorProps {
  editing: Editing;
  focus: boolean;
  card: RefObject<HTMLElement | null>;
}

function CommentEditor({ editing, focus, card }: CommentEditorProps) {
  const { store } = useComments();
  const { id, text, state } = editing;
  const [busy, setBusy] = useState(false);
  const finish = async () => {
    setBusy(true);
    const done = await store.finish(id);
    setBusy(false);
    if (done) catchFocus(() => card.current ?? activePane());
  };
  const giveUp = async () => {
    await store.giveUp(id);
    catchFocus(() => card.current ?? activePane());
  };
  return (
    <div>
      {editing.theirs !== undefined && <CommentConflict editing={editing} theirs={editing.theirs} />}
      <Textarea
        aria-label="Comment"
        placeholder="What is good or wrong here, and what should be there instead?"
        size="xs"
        autosize
        minRows={2}
        maxRows={14}
        autoFocus={focus && text === ""}
        value={text}
        onChange={(event) => store.change(id, event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void finish();
          if (event.key === "Escape") void giveUp();
          event.stopPropagation();
        }}
      />
      {state.kind === "failed" && !state.problem.temporary && <ErrorNotice error={state.problem} />}
      <Group justify="space-between" mt={6} gap={6}>
        <SaveState state={state} />
        <Group gap={6}>
          <Button size="compact-xs" variant="default" onClick={() => void giveUp()}>
            {editing.before === null ? "Discard" : "Leave as it was"}
          </Button>
          <Button
            size="compact-xs"
            loading={busy}
            disabled={text.trim() === "" || editing.theirs !== undefined}
            onClick={() => void finish()}
          >
            {editing.before === null ? "Comment" : "Done"}
          </Button>
        </Group>
      </Group>
    </div>
  );
}

/** Changed or deleted in another window: both texts, and the choice. */
function CommentConflict({ editing, theirs }: { editing: Editing; theirs: Comment | null }) {
  const { store } = useComments();
  if (theirs !== null)
    return (
      <MergeDrafts
        differences={[{ field: "text", label: "Comment", mine: editing.text, theirs: theirs.text }]}
        onChosen={({ text }) => text && store.settle(editing.id, String(ofChoice(editing.text, theirs.text, text)))}
      />
    );
  return (
    <Alert color="orange" p="xs" mb={6} role="alert" title="Deleted in another window">
      <Group gap={6} mt={4}>
        <Button size="compact-xs" onClick={() => store.settleDeleted(editing.id, true)}>
          Keep it as a new comment
        </Button>
        <Button size="compact-xs" variant="default" onClick={() => store.settleDeleted(editing.id, false)}>
          Let it go
        </Button>
      </Group>
    </Alert>
  );
}

function shortened(quote: string): string {
  const lines = quote.split("\n");
  return lines.length > 4 ? `${lines.slice(0, 4).join("\n")}\n…` : quote;
}
