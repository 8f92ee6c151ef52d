import { useQuery } from "@tanstack/react-query";
import { type At, type FoundLine, searchQuery, type TextSearch } from "../../api/comparisons";
import { visible, visibleName } from "../diff";
import { ErrorNotice } from "../feedback/ErrorNotice";
import { Loading } from "../feedback/Loading";
import { counted } from "../text/counted";
import type { BrowserPlace } from "./RepositoryBrowser";
import classes from "./RepositoryBrowser.module.css";

export interface FoundLinesProps {
  comparison: string;
  turn: number;
  at: At;
  search: TextSearch;
  current: BrowserPlace;
  onPick: (path: string, line: number) => void;
}

/** Where a text stands in the files of a point, file by file. */
export function FoundLines({ comparison, turn, at, search, current, onPick }: FoundLinesProps) {
  const query = useQuery(searchQuery(comparison, turn, at, search));
  if (query.error) {
    return <ErrorNotice error={query.error} title="The search failed" onRetry={() => void query.refetch()} />;
  }
  if (!query.data) return <Loading label="Searching" />;
  const { lines, complete } = query.data;
  const files = new Map<string, FoundLine[]>();
  for (const line of lines) files.set(line.path, [...(files.get(line.path) ?? []), line]);
  return (
    <>
      <p className={classes.hint} role="status">
        {lines.length === 0
          ? "No line holds this."
          : `${complete ? counted(lines.length, "line") : `${lines.length} or more lines`} in ${counted(files.size, "file")}`}
      </p>
      <ul className={classes.found}>
        {[...files].map(([path, found]) => (
          <li key={path}>
            <bdi className={classes.foundFile}>{visibleName(path)}</bdi>
            {found.map((line) => (
              <button
                type="button"
                key={line.line}
                className={classes.foundLine}
                aria-current={current.path === path && current.lines?.from === line.line}
                onClick={() => onPick(path, line.line)}
              >
                <span>{line.line}</span>
                <bdi>{visible(line.text).trim()}</bdi>
              </button>
            ))}
          </li>
        ))}
      </ul>
    </>
  );
}
