import { useQuery } from "@tanstack/react-query";
import { type At, bytesQuery, treeQuery } from "../../api/comparisons";
import type { Side } from "../../api/types";
import { type ParsedFile, visibleName } from "../../components/diff";
import { bytesInWords, contentOf, isSvg, mayBeImage } from "../../components/repository/content";
import { ImageView } from "../../components/repository/ImageView";
import classes from "./MediaNote.module.css";

/** Files that say more as a picture, or that no lines can show. */
export function hasMedia(file: ParsedFile): boolean {
  return file.binary || isSvg(file.path);
}

export interface MediaNoteProps {
  file: ParsedFile;
  of: { comparison: string; turn: number; from: At; to: Side };
}

/** A picture before and after, or the facts about what can't be drawn. */
export function MediaNote({ file, of }: MediaNoteProps) {
  const points = [
    ...(file.status === "A" ? [] : [{ label: "Before", at: of.from, path: file.oldPath ?? file.path, id: file.oldId }]),
    ...(file.status === "D" ? [] : [{ label: "After", at: of.to, path: file.path, id: file.newId }]),
  ];
  return (
    <div className={classes.note}>
      {points.map((point) =>
        mayBeImage(point.path) ? (
          <Picture key={point.label} {...of} {...point} side={of.to} />
        ) : (
          <Facts key={point.label} {...of} {...point} />
        ),
      )}
    </div>
  );
}

interface PointProps {
  comparison: string;
  turn: number;
  label: string;
  at: At;
  path: string;
  id: string | null;
}

function Picture({ comparison, turn, label, at, path, side, id }: PointProps & { side: Side }) {
  const query = useQuery(bytesQuery({ comparison, turn, at, path, side }));
  if (query.error) return <p className={classes.fact}>{query.error.message}</p>;
  if (!query.data) return <p className={classes.fact}>Loading {visibleName(path)}</p>;
  const content = contentOf(query.data);
  const type = content.kind === "image" ? content.type : isSvg(path) ? "image/svg+xml" : null;
  if (type === null) return <Facts {...{ comparison, turn, label, at, path, id }} />;
  return <ImageView bytes={query.data} type={type} label={label} />;
}

function Facts({ comparison, turn, label, at, path, id }: PointProps) {
  const tree = useQuery(treeQuery(comparison, turn, at));
  const size = tree.data?.files.find((entry) => entry.path === path)?.size ?? null;
  return (
    <p className={classes.fact}>
      <b>{label}</b> {size === null ? "" : bytesInWords(size)}
      {id && <code title={`git’s id of the content: ${id}`}>{id.slice(0, 12)}</code>}
    </p>
  );
}
