import { Button, Group, Progress, SegmentedControl } from "@mantine/core";
import type { ReactNode } from "react";
import { apiUrl } from "../../api/client";
import classes from "./ChangesToolbar.module.css";
import type { ChangesMode, ChangesSettings } from "./changes-settings";
import type { Pane } from "./line-hooks";
import { ViewMenu } from "./ViewMenu";

export interface ChangesToolbarProps {
  settings: ChangesSettings;
  /** Turns after the first can be seen against the turn's start or against the base. */
  laterTurn: boolean;
  files: number;
  viewed: number;
  downloads: { pane: Pane; url: string; name: string }[];
  onSearch: () => void;
  children?: ReactNode;
}

export function ChangesToolbar(props: ChangesToolbarProps) {
  const { settings, laterTurn, files, viewed, downloads, onSearch, children } = props;
  const modes = [
    ...(settings.narrow ? [] : [{ value: "pair", label: "A | B" }]),
    { value: "A", label: "A" },
    { value: "B", label: "B" },
    { value: "between", label: "A ↔ B" },
  ];
  return (
    <Group gap="xs" wrap="wrap">
      <Button
        size="xs"
        variant={settings.list ? "light" : "default"}
        aria-pressed={settings.list}
        onClick={() => settings.setList(!settings.list)}
      >
        Files ({files})
      </Button>
      <SegmentedControl
        size="xs"
        aria-label="What to show"
        data={modes}
        value={settings.mode}
        onChange={(value) => settings.setMode(value as ChangesMode)}
      />
      {laterTurn && settings.mode !== "between" && (
        <SegmentedControl
          size="xs"
          aria-label="Compared with"
          data={[
            { value: "start", label: "This turn" },
            { value: "base", label: "Since the base" },
          ]}
          value={settings.from}
          onChange={(value) => settings.setFrom(value as "base" | "start")}
        />
      )}
      {settings.mode === "between" && (
        <span className={classes.legend}>
          <del>− only in A</del> <ins>+ only in B</ins>
        </span>
      )}
      <ViewMenu
        entries={[
          { label: "Split view", on: settings.split, set: settings.setSplit },
          { label: "Wrap long lines", on: settings.wrap, set: settings.setWrap },
          { label: "Ignore white space", on: settings.ignoreWhitespace, set: settings.setIgnoreWhitespace },
          { label: "Scroll A and B together", on: settings.together, set: settings.setTogether },
          { label: "Plain patch", on: settings.plain, set: settings.setPlain },
        ]}
        downloads={downloads.map(({ pane, url, name }) => ({
          label: pane === "between" ? "Download A to B as a patch" : `Download ${pane} as a patch`,
          url,
          name,
        }))}
      />
      <Button size="xs" variant="default" onClick={onSearch}>
        Search
      </Button>
      {files > 0 && (
        <span
          className={classes.viewed}
          title={settings.mode === "pair" ? "A file that both sides changed counts once both are viewed" : undefined}
        >
          <Progress
            value={(100 * viewed) / files}
            size="sm"
            w={64}
            aria-label="Files viewed"
            color={viewed === files ? "green" : undefined}
          />
          {viewed} of {files} viewed
        </span>
      )}
      {children}
    </Group>
  );
}

export function downloadsOf(
  of: { comparison: string; turn: number },
  panes: { pane: Pane; from: string; to: string }[],
): ChangesToolbarProps["downloads"] {
  return panes.map(({ pane, from, to }) => ({
    pane,
    url: apiUrl(`/comparisons/${of.comparison}/turns/${of.turn}/patch`, { from, to }),
    name: `turn-${of.turn}-${pane === "between" ? "a-to-b" : pane.toLowerCase()}.patch`,
  }));
}
