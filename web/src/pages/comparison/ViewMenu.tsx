import { Button, Menu, type MenuProps } from "@mantine/core";

export interface ViewMenuProps {
  /** What is on or off. */
  entries: { label: string; on: boolean; set: (on: boolean) => void }[];
  downloads: { label: string; url: string; name: string }[];
  position?: MenuProps["position"];
}

/** How changes are shown, and their patches as files. */
export function ViewMenu({ entries, downloads, position = "bottom-end" }: ViewMenuProps) {
  return (
    <Menu closeOnItemClick={false} position={position} width={230}>
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
        <Menu.Divider />
        {downloads.map(({ label, url, name }) => (
          <Menu.Item key={label} component="a" href={url} download={name} leftSection={<span style={{ width: 14 }} />}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
