import { ActionIcon, Button, Popover, TextInput } from "@mantine/core";
import { useThrottledValue } from "@mantine/hooks";
import { type ReactNode, type RefObject, useMemo } from "react";
import { counted } from "../text/counted";
import { VisibleText } from "../text/VisibleText";
import { touchedFiles } from "./files";
import type { Fold } from "./items";
import classes from "./Transcript.module.css";
import type { TranscriptSearch } from "./use-search";

export interface ToolbarProps {
  head?: ReactNode;
  label: string;
  fold: Fold;
  version: number;
  search: TranscriptSearch;
  searchBox: RefObject<HTMLInputElement | null>;
  anyOpen: boolean;
  onFoldAll: (open: boolean) => void;
  onGoTo: (index: number) => void;
  onOpenFile?: ((path: string) => void) | undefined;
}

/** Above a transcript: whose it is, how long, which files it wrote, a search in it. */
export function Toolbar(props: ToolbarProps) {
  const { fold, search, label } = props;
  return (
    <div className={classes.toolbar}>
      {props.head}
      <span className={classes.count}>{counted(fold.steps, "step")}</span>
      <Files {...props} />
      <Button size="compact-xs" variant="subtle" color="gray" onClick={() => props.onFoldAll(!props.anyOpen)}>
        {props.anyOpen ? "Collapse all" : "Expand all"}
      </Button>
      <div className={classes.search}>
        <TextInput
          ref={props.searchBox}
          size="xs"
          type="search"
          aria-label={`Search in ${label}`}
          placeholder="Search"
          value={search.words}
          onChange={(event) => search.setWords(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") {
              event.preventDefault();
              search.step(event.shiftKey ? -1 : 1);
            }
            if (event.key === "Escape" && search.words !== "") {
              event.stopPropagation();
              search.setWords("");
            }
          }}
        />
        {search.words.trim() !== "" && (
          <>
            <span className={classes.count} role="status">
              {search.found.length === 0 ? "none" : `${search.at + 1} of ${search.found.length.toLocaleString()}`}
            </span>
            <ActionIcon
              size="sm"
              variant="subtle"
              color="gray"
              aria-label="Previous place found"
              disabled={search.found.length === 0}
              onClick={() => search.step(-1)}
            >
              ↑
            </ActionIcon>
            <ActionIcon
              size="sm"
              variant="subtle"
              color="gray"
              aria-label="Next place found"
              disabled={search.found.length === 0}
              onClick={() => search.step(1)}
            >
              ↓
            </ActionIcon>
          </>
        )}
      </div>
    </div>
  );
}

const DID = { edit: "edited", delete: "deleted", move: "moved" } as const;

function Files({ fold, version, onGoTo, onOpenFile }: ToolbarProps) {
  // Going through all items with every frame of a live transcript would cost more than the news is worth.
  const settled = useThrottledValue(version, 1000);
  const files = useMemo(() => (settled < 0 ? [] : touchedFiles(fold.items)), [fold, settled]);
  if (files.length === 0) return null;
  return (
    <Popover position="bottom-start" withinPortal trapFocus width="min(520px, 92vw)" shadow="md">
      <Popover.Target>
        <Button size="compact-xs" variant="subtle" color="gray">
          {`${counted(files.length, "file")} touched`}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="xs">
        <ul className={classes.files} aria-label="Files touched">
          {files.map((file) => (
            <li key={file.path}>
              <button
                type="button"
                className={classes.filePath}
                onClick={() => (onOpenFile ? onOpenFile(file.path) : onGoTo(file.first))}
                title={onOpenFile ? "Show it in the changes" : "Go to the first step that touched it"}
              >
                <VisibleText text={file.path} />
              </button>
              <button type="button" className={classes.fileStep} onClick={() => onGoTo(file.first)}>
                {DID[file.last]}
                {file.edits > 1 ? ` ${file.edits} times` : ""}
                {stepWords(fold, file.first)}
              </button>
            </li>
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}

function stepWords(fold: Fold, index: number): string {
  const step = fold.items[index]?.step;
  return step ? `, from step ${step}` : "";
}
