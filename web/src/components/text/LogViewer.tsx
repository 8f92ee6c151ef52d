import { Button, Switch, TextInput } from "@mantine/core";
import { useDeferredValue, useEffect, useMemo, useState } from "react";
import { counted } from "./counted";
import { LogLines } from "./LogLines";
import classes from "./LogViewer.module.css";
import { failureLines, matchingLines, stepTo } from "./log-search";
import { terminalLines } from "./terminal";

export interface LogViewerProps {
  text: string;
  label: string;
  /** Where the whole log can be downloaded from, and under which name. */
  download: { href: string; name: string };
  /** A line to show, from 1; again whenever `asked` is another. */
  line?: number | null;
  asked?: number;
}

/** Lines from which on a log begins unwrapped. */
const LONG = 20_000;

/**
 * A finished log to work with: numbered lines in a window over however many there are, search, steps from failure to
 * failure, wrapped or not. Controls in it are shown as marks; colours alone are interpreted.
 */
export function LogViewer({ text, label, download, line = null, asked = 0 }: LogViewerProps) {
  const [wrap, setWrap] = useState<boolean | null>(null);
  const [words, setWords] = useState("");
  const [shown, setShown] = useState({ place: -1, wish: 0, reveal: false });
  const wanted = useDeferredValue(words);
  const lines = useMemo(() => terminalLines(text), [text]);
  // Wrapped lines have to be measured, and each that differs moves all below it: a long log begins unwrapped.
  const wrapped = wrap ?? lines.length <= LONG;
  const failures = useMemo(() => failureLines(lines), [lines]);
  const matches = useMemo(() => matchingLines(lines, wanted), [lines, wanted]);
  const show = (place: number | undefined, reveal = false) => {
    if (place !== undefined) setShown((old) => ({ place, wish: old.wish + 1, reveal }));
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: a line is shown when it is asked for, and then left to the reader
  useEffect(() => {
    if (line !== null && line <= lines.length) show(line - 1, true);
  }, [line, asked, lines]);
  const current = shown.place;
  const place = matches.indexOf(current);
  return (
    <div className={classes.viewer}>
      <div className={classes.tools}>
        <TextInput
          size="xs"
          type="search"
          aria-label={`Search in ${label}`}
          placeholder="Search"
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter") return;
            event.preventDefault();
            show(stepTo(matches, current, event.shiftKey ? -1 : 1));
          }}
        />
        <Button
          size="compact-xs"
          variant="default"
          disabled={matches.length === 0}
          onClick={() => show(stepTo(matches, current, -1))}
        >
          Previous
        </Button>
        <Button
          size="compact-xs"
          variant="default"
          disabled={matches.length === 0}
          onClick={() => show(stepTo(matches, current, 1))}
        >
          Next
        </Button>
        <span className={classes.count} aria-live="polite">
          {wanted.trim() === ""
            ? counted(lines.length, "line")
            : matches.length === 0
              ? "not found"
              : `${place === -1 ? "" : `${(place + 1).toLocaleString()} of `}${counted(matches.length, "line")}`}
        </span>
        <span className={classes.space} />
        {failures.length > 0 && (
          <Button size="compact-xs" variant="light" color="red" onClick={() => show(stepTo(failures, current, 1))}>
            {failures.includes(current) ? "Next failure" : "First failure"}
          </Button>
        )}
        <Switch size="xs" label="Wrap" checked={wrapped} onChange={(event) => setWrap(event.currentTarget.checked)} />
        <Button size="compact-xs" variant="subtle" component="a" href={download.href} download={download.name}>
          Download
        </Button>
      </div>
      <LogLines
        lines={lines}
        label={label}
        wrapped={wrapped}
        words={wanted}
        current={shown.place}
        wish={shown.wish}
        reveal={shown.reveal}
      />
    </div>
  );
}
