import { Checkbox, Tooltip } from "@mantine/core";
import { memo } from "react";
import { type FileStatus, type ParsedFile, splitPath, visibleName } from "../../components/diff";
import { counted } from "../../components/text/counted";
import classes from "./FileHead.module.css";

export interface FileHeadProps {
  path: string;
  /** Null: unchanged on this side. */
  file: ParsedFile | null;
  folded: boolean;
  /** Why it is folded when nobody folded it. */
  reason: string | null;
  viewed: boolean;
  current: boolean;
  /** How many comments and citations hang on it, also where its lines are folded away. */
  notes: number;
  onNotes: (path: string) => void;
  onFold: (path: string) => void;
  /** Null: marks can't be kept here. */
  onViewed: ((path: string) => void) | null;
}

export const STATUS_WORDS: Record<FileStatus, string> = {
  A: "added",
  M: "modified",
  D: "deleted",
  R: "renamed",
  C: "copied",
  T: "type changed",
};

/** The head of a file in a pane: what happened to it, how much, and whether it was read. */
export const FileHead = memo(function FileHead(props: FileHeadProps) {
  const { path, file, folded, reason, viewed, current, notes, onNotes, onFold, onViewed } = props;
  const name = <Name path={path} oldPath={file?.oldPath ?? null} />;
  if (!file) {
    return (
      <div className={classes.head} data-unchanged>
        <span className={classes.space} />
        {name}
        <span className={classes.note}>unchanged here</span>
      </div>
    );
  }
  return (
    <div className={classes.head} data-current={current || undefined}>
      <button
        type="button"
        className={classes.fold}
        aria-expanded={!folded}
        aria-label={`${folded ? "Show" : "Fold"} ${visibleName(path)}`}
        onClick={() => onFold(path)}
      >
        <span aria-hidden>{folded ? "▸" : "▾"}</span>
      </button>
      <span className={classes.status} data-status={file.status} title={STATUS_WORDS[file.status]}>
        {file.status}
        <span className="visually-hidden"> {STATUS_WORDS[file.status]}</span>
      </span>
      {name}
      {file.warnings.length > 0 && (
        <Tooltip label={file.warnings.join(" ")} multiline maw={340}>
          <button type="button" className={classes.warning} aria-label={file.warnings.join(" ")}>
            ⚠
          </button>
        </Tooltip>
      )}
      {folded && reason && !viewed && (
        <button type="button" className={classes.reason} onClick={() => onFold(path)}>
          {reason} · show
        </button>
      )}
      <span className={classes.facts}>
        {notes > 0 && (
          <button
            type="button"
            className={classes.notes}
            title="Comments and citations in this file; N and P go from one to the next"
            onClick={() => onNotes(path)}
          >
            <span aria-hidden>❝ {notes}</span>
            <span className="visually-hidden">
              {notes === 1 ? "Show the note" : `Show the first of ${counted(notes, "note")}`}
            </span>
          </button>
        )}
        {file.similarity !== null && <span className={classes.note}>{file.similarity}% alike</span>}
        {file.note && <span className={classes.note}>{file.note}</span>}
        {file.additions > 0 && <ins>+{file.additions}</ins>}
        {file.deletions > 0 && <del>−{file.deletions}</del>}
      </span>
      {onViewed && (
        <Checkbox
          size="xs"
          label="Viewed"
          className={classes.viewed}
          aria-label={`Viewed: ${visibleName(path)}`}
          checked={viewed}
          onChange={() => onViewed(path)}
        />
      )}
    </div>
  );
});

function Name({ path, oldPath }: { path: string; oldPath: string | null }) {
  const [folder, name] = splitPath(visibleName(path));
  return (
    <span
      className={classes.path}
      title={oldPath ? `${visibleName(oldPath)} → ${visibleName(path)}` : visibleName(path)}
    >
      {oldPath && <bdi className={classes.old}>{visibleName(oldPath)} →</bdi>}
      <bdi className={classes.folder}>{folder}</bdi>
      <bdi className={classes.name}>{name}</bdi>
    </span>
  );
}
