import { Badge } from "@mantine/core";
import type { Words } from "./status";

export function StatusBadge({ words }: { words: Words }) {
  return (
    <Badge variant="light" color={words.color} radius="sm" tt="none" fw={600} style={{ flexShrink: 0 }}>
      {words.label}
    </Badge>
  );
}
