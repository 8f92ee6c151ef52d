import { Button, Group, Menu, SegmentedControl } from "@mantine/core";
import type { ReactNode } from "react";
import type { ChangesMode, ChangesSettings } from "./changes-settings";

export interface ChangesToolbarProps {
  settings: ChangesSettings;
  /** Turns after the first can be seen against the turn's start or against the base. */
  laterTurn: boolean;
  files: number;
  children?: ReactNode;
}

export function ChangesToolbar({ settings, laterTurn, files, children }: ChangesToolbarProps) {
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
      <ViewMenu settings={settings} />
      {children}
    </Group>
  );
}

function ViewMenu({ settings }: { settings: ChangesSettings }) {
  const entries = [
    { label: "Split view", on: settings.split, set: settings.setSplit },
    { label: "Wrap long lines", on: settings.wrap, set: settings.setWrap },
    { label: "Ignore white space", on: settings.ignoreWhitespace, set: settings.setIgnoreWhitespace },
    { label: "Scroll A and B together", on: settings.together, set: settings.setTogether },
    { label: "Plain patch", on: settings.plain, set: settings.setPlain },
  ];
  return (
    <Menu closeOnItemClick={false} position="bottom-end" width={220}>
      <Menu.Target>
        <Button size="xs" variant="default">
          View
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {entries.map((entry) => (
          <Menu.Item
            key={entry.label}
            role="menuitemcheckbox"
            aria-checked={entry.on}
            onClick={() => entry.set(!entry.on)}
            leftSection={<span style={{ width: 14, display: "inline-block" }}>{entry.on ? "✓" : ""}</span>}
          >
            {entry.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
