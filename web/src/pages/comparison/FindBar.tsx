import { Button, Checkbox, CloseButton } from "@mantine/core";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { SearchField } from "../../components/search/SearchField";
import { counted } from "../../components/text/counted";
import classes from "./FindBar.module.css";
import { MOST_MATCHES } from "./find";
import type { FindState } from "./use-find";

/** Searches both sides' changes: counted for each, stepped through file by file. */
export function FindBar({ find, onClose }: { find: FindState; onClose: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter") {
      event.preventDefault();
      find.go(event.shiftKey ? -1 : 1);
    }
  };
  const { counts, total, position, waiting, progress } = find;
  return (
    <search
      className={classes.bar}
      aria-label="Search the changes"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        onClose();
      }}
    >
      <SearchField
        ref={field}
        wish={find.wish}
        onWish={find.setWish}
        label="Search both sides’ changes"
        placeholder="Search the changes"
        error={find.error}
        onKeyDown={press}
      />
      <Checkbox
        size="xs"
        label="Unchanged lines too"
        checked={find.whole}
        onChange={(event) => find.setWhole(event.currentTarget.checked)}
      />
      <span className={classes.counts} role="status">
        {find.wish.text !== "" &&
          progress === null &&
          !find.error &&
          counts.map(({ pane, count }) => (
            <span key={pane} data-side={pane === "between" ? undefined : pane}>
              {pane !== "between" && <b>{pane}</b>} {count === MOST_MATCHES ? `${count} or more` : count}
            </span>
          ))}
        {total > 0 && position > 0 && (
          <span>
            {position} of {total}
          </span>
        )}
        {progress !== null && <span>Searching… {Math.floor(progress * 100)} %</span>}
        {waiting > 0 && <span>{counted(waiting, "file")} to go</span>}
      </span>
      <Button.Group>
        <Button
          size="xs"
          variant="default"
          disabled={total === 0}
          onClick={() => find.go(-1)}
          aria-label="Previous match"
        >
          ↑
        </Button>
        <Button size="xs" variant="default" disabled={total === 0} onClick={() => find.go(1)} aria-label="Next match">
          ↓
        </Button>
      </Button.Group>
      <CloseButton size="sm" aria-label="Close the search" onClick={onClose} />
    </search>
  );
}
