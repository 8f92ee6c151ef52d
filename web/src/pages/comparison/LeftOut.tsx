import { Alert, Button, Popover, Text } from "@mantine/core";
import type { Turn } from "../../api/types";
import { counted } from "../../components/text/counted";
import classes from "./LeftOut.module.css";
import { type LeftOutPath, leftOut } from "./left-out";
import { SideTag } from "./SideTag";

/** What a side made and the snapshot could not take: the diff is not all there is. */
export function LeftOut({ turn }: { turn: Turn }) {
  const { lost } = leftOut(turn);
  const [first, ...more] = lost;
  if (!first) return null;
  return (
    <Alert color="orange" p="6px 12px" role="note">
      <Text size="xs" style={{ overflowWrap: "anywhere" }}>
        <b>Not in these diffs:</b> {first.path || "some files"} of {first.side} ({first.reason})
      </Text>
      {more.length > 0 && (
        <details className={classes.more}>
          <summary>and {more.length} more</summary>
          <PathList paths={more} />
        </details>
      )}
    </Alert>
  );
}

/** Build products and the like, which the repository itself ignores: there to be looked up, not in the way. */
export function IgnoredPaths({ turn }: { turn: Turn }) {
  const { ignored } = leftOut(turn);
  if (ignored.length === 0) return null;
  return (
    <Popover position="bottom-end" width={420} shadow="md" withinPortal>
      <Popover.Target>
        <Button size="xs" variant="subtle" color="gray" ml="auto">
          {counted(ignored.length, "ignored path")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Text size="xs" c="dimmed" mb={6}>
          Written by a side, named by the repository’s .gitignore, and therefore in no diff.
        </Text>
        <PathList paths={ignored} />
      </Popover.Dropdown>
    </Popover>
  );
}

function PathList({ paths }: { paths: LeftOutPath[] }) {
  return (
    <ul className={classes.paths}>
      {paths.map((entry) => (
        <li key={`${entry.side}${entry.path}${entry.reason}`}>
          <SideTag side={entry.side} />
          <span>
            {entry.path || "some files"} <span className={classes.reason}>{entry.reason}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}
