import { Alert, Button, Checkbox, Group, Stack, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { Comment } from "../../../api/types";
import { Empty } from "../../../components/feedback/Empty";
import { ErrorNotice } from "../../../components/feedback/ErrorNotice";
import { counted } from "../../../components/text/counted";
import { anchorWords, citationLink, citationOfAnchor, commentForPrompt, commentsForPrompt } from "./anchors";
import { CommentCard } from "./CommentCard";
import { useCommentEntries, useComments, useCommentsState } from "./comments";

export interface CommentsPanelProps {
  /** Puts text into the next prompt; null while there is none to write. */
  onUse: ((text: string) => void) | null;
}

/** All comments of the comparison: read, jump, go on, make the next prompt of them. */
export function CommentsPanel({ onUse }: CommentsPanelProps) {
  const { store, comparison, writes } = useComments();
  const { deleted, error } = useCommentsState(store);
  const entries = useCommentEntries(store, comparison);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [at, setAt] = useState(-1);
  const navigate = useNavigate();
  const done = entries.flatMap((entry) => (entry.saved && !entry.saved.draft && !entry.editing ? [entry.saved] : []));
  const selected = done.filter((comment) => chosen.has(comment.id));
  const toUse = selected.length > 0 ? selected : done;

  const jump = (by: 1 | -1) => {
    const next = (at + by + entries.length) % entries.length;
    const entry = entries[next];
    const anchor = entry?.saved?.anchor ?? entry?.editing?.anchor;
    if (!entry || !anchor) return;
    setAt(next);
    void navigate(citationLink(comparison, entry.turn, citationOfAnchor(anchor)));
    document.getElementById(`comment-${entry.id}`)?.scrollIntoView({ block: "nearest" });
  };
  const toggle = (comment: Comment) => {
    const next = new Set(chosen);
    if (!next.delete(comment.id)) next.add(comment.id);
    setChosen(next);
  };
  return (
    <Stack gap="sm">
      {deleted && (
        <Alert color="gray" p="xs" role="status">
          <Group justify="space-between" gap="xs">
            <Text size="xs">The comment on {anchorWords(deleted.anchor)} was deleted.</Text>
            <Group gap={4}>
              <Button size="compact-xs" variant="default" onClick={() => void store.undo()}>
                Undo
              </Button>
              <Button size="compact-xs" variant="subtle" onClick={() => store.forgetDeleted()}>
                Fine
              </Button>
            </Group>
          </Group>
        </Alert>
      )}
      {error !== null && <ErrorNotice error={error} title="The comment was not changed" />}
      {entries.length === 0 ? (
        <Empty title={writes ? "No comment yet" : "No comments"}>
          {writes
            ? "Click a line’s number in the changes, or drag over several, and choose “Comment”. The reviewer reads them when you have submitted."
            : undefined}
        </Empty>
      ) : (
        <>
          <Group justify="space-between" gap="xs">
            <Group gap={4}>
              <Button size="compact-xs" variant="default" onClick={() => jump(-1)}>
                Previous
              </Button>
              <Button size="compact-xs" variant="default" onClick={() => jump(1)}>
                Next
              </Button>
            </Group>
            {onUse && done.length > 0 && (
              <Button size="compact-xs" onClick={() => onUse(commentsForPrompt(toUse))}>
                {`Make the next prompt from ${counted(toUse.length, "comment")}`}
              </Button>
            )}
          </Group>
          {entries.map((entry) => (
            <Group key={entry.id} id={`comment-${entry.id}`} gap={8} align="flex-start" wrap="nowrap">
              {onUse && entry.saved && !entry.saved.draft && (
                <Checkbox
                  size="xs"
                  mt={10}
                  aria-label={`Choose the comment on ${anchorWords(entry.saved.anchor)}`}
                  checked={chosen.has(entry.id)}
                  onChange={() => entry.saved && toggle(entry.saved)}
                />
              )}
              <div style={{ flex: 1, minWidth: 0 }}>
                <CommentCard
                  entry={entry}
                  place="list"
                  onUse={onUse ? (comment) => onUse(commentForPrompt(comment)) : undefined}
                />
              </div>
            </Group>
          ))}
        </>
      )}
    </Stack>
  );
}
