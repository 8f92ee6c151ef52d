import { Button, useComputedColorScheme } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { bytesQuery, type FilePlace } from "../../api/comparisons";
import { FilePane, type Find, tame, visibleName } from "../diff";
import { Empty } from "../feedback/Empty";
import { ErrorNotice } from "../feedback/ErrorNotice";
import { Loading } from "../feedback/Loading";
import { bytesInWords, contentOf, isSvg } from "./content";
import { ImageView } from "./ImageView";
import classes from "./RepositoryBrowser.module.css";

export interface FileViewProps {
  place: FilePlace;
  lines: { from: number; to: number } | null;
  onLines: (lines: { from: number; to: number } | null) => void;
  find: Find | null;
  wrap: boolean;
}

/** One file of a repository: text highlighted, pictures drawn, anything else described. */
export function FileView({ place, lines, onLines, find, wrap }: FileViewProps) {
  const query = useQuery(bytesQuery(place));
  const dark = useComputedColorScheme("light", { getInitialValueInEffect: false }) === "dark";
  const look = useMemo(() => ({ layout: "unified" as const, wrap, dark }), [wrap, dark]);
  const content = useMemo(() => (query.data ? contentOf(query.data) : null), [query.data]);
  const tamed = useMemo(() => (content?.kind === "text" ? tame(content.text) : null), [content]);
  const [source, setSource] = useState(false);
  if (query.error) {
    return <ErrorNotice error={query.error} title="The file can’t be shown" onRetry={() => void query.refetch()} />;
  }
  if (!content || !query.data) return <Loading label="Loading the file" />;
  const name = visibleName(place.path);
  const size = bytesInWords(query.data.byteLength);
  if (content.kind === "image") return <ImageView bytes={query.data} type={content.type} label={name} />;
  if (content.kind === "empty") return <Empty title="An empty file">It has no bytes.</Empty>;
  if (content.kind === "lfs") {
    return (
      <Empty title="Kept outside of git">
        A Git LFS pointer to {bytesInWords(content.size)} ({visibleName(content.id)}). Marlin does not fetch it.
      </Empty>
    );
  }
  if (content.kind === "binary") return <Empty title="Not text">A binary file of {size}.</Empty>;
  const svg = isSvg(place.path);
  const warning = [
    tamed?.reordering && "characters that change the order in which text is read (shown as ⟨U+…⟩)",
    tamed?.unseen && !tamed.reordering && "invisible or control characters (shown as symbols)",
    tamed && tamed.cut > 0 && "lines too long to show whole",
    content.undecoded && "bytes that are no UTF-8 (shown as �)",
  ].filter(Boolean);
  return (
    <>
      {(svg || warning.length > 0) && (
        <div className={classes.notice} role="note">
          {warning.length > 0 && <span>⚠ Has {warning.join(", ")}.</span>}
          {svg && (
            <Button size="compact-xs" variant="default" onClick={() => setSource(!source)}>
              {source ? "Show the picture" : "Show the source"}
            </Button>
          )}
        </div>
      )}
      {svg && !source ? (
        <ImageView bytes={query.data} type="image/svg+xml" label={name} />
      ) : (
        <div className={classes.code}>
          <FilePane
            path={place.path}
            text={tamed?.text.replaceAll("\r\n", "\n") ?? ""}
            id={`${place.comparison}/${place.turn}/${place.at}/${place.side ?? ""}/${place.path}`}
            look={look}
            label={name}
            lines={lines}
            onLines={onLines}
            find={find}
          />
        </div>
      )}
    </>
  );
}
