import { TextInput } from "@mantine/core";
import { useState } from "react";
import { type AlignedFile, type ParsedFile, splitPath } from "../../components/diff";
import classes from "./FileList.module.css";

export interface FileListProps {
  files: AlignedFile<ParsedFile>[];
  /** In a pair each file says which sides changed it. */
  pair: boolean;
  onPick: (path: string) => void;
}

export function FileList({ files, pair, onPick }: FileListProps) {
  const [filter, setFilter] = useState("");
  const wanted = filter.trim().toLowerCase();
  const shown = wanted ? files.filter((file) => file.path.toLowerCase().includes(wanted)) : files;
  return (
    <nav className={classes.list} aria-label="Changed files">
      {files.length > 8 && (
        <TextInput
          size="xs"
          placeholder="Filter files"
          aria-label="Filter files"
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
          m={8}
        />
      )}
      <ul>
        {shown.map((file) => {
          const [folder, name] = splitPath(file.path);
          return (
            <li key={file.path}>
              <button type="button" onClick={() => onPick(file.path)} title={file.path} className={classes.file}>
                <span className={classes.path}>
                  <span className={classes.name}>{name}</span>
                  {folder && (
                    <span className={classes.folder}>
                      <bdi>{folder}</bdi>
                    </span>
                  )}
                </span>
                <span className={classes.stats}>
                  {(["A", "B"] as const).map((side) => {
                    const own = file[side];
                    return own ? (
                      <span key={side} data-side={side} className={classes.stat}>
                        {pair && <b>{side}</b>} <ins>+{own.additions}</ins> <del>−{own.deletions}</del>
                      </span>
                    ) : null;
                  })}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
      {shown.length === 0 && <p className={classes.none}>No file has this in its path.</p>}
    </nav>
  );
}
