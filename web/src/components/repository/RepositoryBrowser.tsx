import { SegmentedControl, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { type At, treeQuery } from "../../api/comparisons";
import { HighlightPool, visibleName } from "../diff";
import { Empty } from "../feedback/Empty";
import { ErrorNotice } from "../feedback/ErrorNotice";
import { Loading } from "../feedback/Loading";
import { matchesIn, patternOf, type SearchWish } from "../search/pattern";
import { SearchField } from "../search/SearchField";
import { counted } from "../text/counted";
import { pathFilter } from "../tree/filter";
import { PathTree } from "../tree/PathTree";
import { FileView } from "./FileView";
import { FoundLines } from "./FoundLines";
import classes from "./RepositoryBrowser.module.css";

/** A place in the files of a turn. */
export interface BrowserPlace {
  at: At;
  path: string | null;
  lines: { from: number; to: number } | null;
}

export interface RepositoryBrowserProps {
  comparison: string;
  turn: number;
  /** The points that can be looked at; a choice is offered when there are several. */
  points: readonly { at: At; label: string }[];
  /** Where to be; left out, the browser remembers that itself. */
  place?: BrowserPlace;
  onPlace?: (place: BrowserPlace) => void;
}

/** The files of a repository at a point of a turn: a tree, a search in names and one in contents, and one file. */
export function RepositoryBrowser(props: RepositoryBrowserProps) {
  const { comparison, turn, points } = props;
  const [own, setOwn] = useState<BrowserPlace>({ at: points[0]?.at ?? "base", path: null, lines: null });
  const place = props.place ?? own;
  const go = props.onPlace ?? setOwn;
  const [names, setNames] = useState("");
  const [wish, setWish] = useState<SearchWish>({ text: "", matchCase: false, words: false });
  const [search] = useDebouncedValue(wish, 300);
  const tree = useQuery(treeQuery(comparison, turn, place.at));
  const files = useMemo(() => {
    const fits = pathFilter(names);
    return (tree.data?.files ?? []).filter((file) => fits(file.path));
  }, [tree.data, names]);
  const find = useMemo(() => {
    const pattern = patternOf({ ...search, regex: false });
    if (!(pattern instanceof RegExp)) return null;
    return { places: (lines: readonly string[]) => lines.map((line) => matchesIn(line, pattern)), current: null };
  }, [search]);
  const pick = (path: string) => go({ ...place, path, lines: null });
  return (
    <div className={classes.browser}>
      <div className={classes.bar}>
        {points.length > 1 && (
          <SegmentedControl
            size="xs"
            aria-label="Files of"
            data={points.map((point) => ({ value: point.at, label: point.label }))}
            value={place.at}
            onChange={(at) => go({ ...place, at: at as At })}
          />
        )}
        <SearchField
          wish={wish}
          onWish={setWish}
          label="Search in all files"
          placeholder="Search in all files (fixed text)"
        />
      </div>
      <div className={classes.body} data-file={place.path !== null || undefined}>
        <div className={classes.left}>
          {search.text ? (
            <FoundLines
              {...{ comparison, turn, at: place.at, search, current: place }}
              onPick={(path, line) => go({ ...place, path, lines: { from: line, to: line } })}
            />
          ) : (
            <>
              <TextInput
                size="xs"
                aria-label="Find a file by name"
                placeholder="Find a file: name, *.py, !test"
                value={names}
                onChange={(event) => setNames(event.currentTarget.value)}
                m={8}
              />
              {tree.data && !tree.data.complete && (
                <p className={classes.hint}>The first {counted(tree.data.files.length, "file")}; search finds more.</p>
              )}
              <div className={classes.tree}>
                {tree.error ? (
                  <ErrorNotice
                    error={tree.error}
                    title="The files can’t be listed"
                    onRetry={() => void tree.refetch()}
                  />
                ) : tree.data ? (
                  <PathTree
                    // Whoever filters wants to see what is left; whoever does not wants to see the top first.
                    key={`${place.at}${names === ""}`}
                    items={files}
                    label="Files"
                    current={place.path}
                    openAtFirst={names !== ""}
                    onPick={pick}
                    empty={names ? "No file has this in its path." : "There are no files."}
                  />
                ) : (
                  <Loading label="Listing the files" />
                )}
              </div>
            </>
          )}
        </div>
        <div className={classes.right}>
          {place.path === null ? (
            <Empty title="No file is open">Choose one from the tree, or search for text in all of them.</Empty>
          ) : (
            <>
              <div className={classes.name}>
                <button
                  type="button"
                  className={classes.back}
                  onClick={() => go({ ...place, path: null, lines: null })}
                >
                  ← Files
                </button>
                <bdi>{visibleName(place.path)}</bdi>
              </div>
              <HighlightPool>
                <FileView
                  key={`${place.at}${place.path}`}
                  place={{ comparison, turn, at: place.at, path: place.path }}
                  lines={place.lines}
                  onLines={(lines) => go({ ...place, lines })}
                  find={find}
                  wrap={false}
                />
              </HighlightPool>
            </>
          )}
        </div>
      </div>
    </div>
  );
}
