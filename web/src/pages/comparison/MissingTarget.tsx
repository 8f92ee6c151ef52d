import { Alert, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { visibleName } from "../../components/diff";
import { fileLink } from "./links";
import type { Target } from "./use-changes-target";

/** A link led to a file, or to a line, that the changes do not hold: the whole file does. */
export function MissingTarget({ of, target }: { of: { comparison: string; turn: number }; target: Target }) {
  const { side, path, line } = target;
  return (
    <Alert color="gray" p="6px 12px" role="status">
      <Text size="xs" style={{ overflowWrap: "anywhere" }}>
        {line === undefined ? "" : `Line ${line} of `}
        <b>{visibleName(path)}</b> is not among the changes of {side}.{" "}
        <Link {...fileLink({ ...of, at: target.which === "old" ? "base" : side, path, line })}>
          Open the whole file
        </Link>
      </Text>
    </Alert>
  );
}
