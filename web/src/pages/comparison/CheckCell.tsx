import { Badge, Button, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { checkLogQuery } from "../../api/comparisons";
import type { Check } from "../../api/types";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Loading } from "../../components/feedback/Loading";
import { LogView } from "../../components/text/LogView";
import { duration } from "../../components/text/time";
import { AGAINST_BASE, CHECK_STATUS } from "./checks";

export function CheckCell({ comparison, check }: { comparison: string; check: Check | null }) {
  const [open, { toggle }] = useDisclosure(false);
  if (!check) {
    return (
      <Text size="sm" c="dimmed">
        Not run on this side
      </Text>
    );
  }
  const words = CHECK_STATUS[check.status];
  const against = AGAINST_BASE[check.against_base];
  return (
    <div style={{ flex: 1, minWidth: 0 }}>
      <Group gap="xs">
        {check.kind !== "size" && (
          <Badge variant="light" color={words.color} radius="sm" tt="none">
            {words.label}
          </Badge>
        )}
        {check.seconds !== null && (
          <Text size="xs" c="dimmed">
            {duration(check.seconds)}
          </Text>
        )}
        {against && (
          <Text size="xs" c={check.against_base === "newly_failing" ? "red" : "dimmed"}>
            {against}
          </Text>
        )}
      </Group>
      {check.summary && (
        <Text size="sm" mt={4} style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
          {check.summary}
        </Text>
      )}
      {check.has_log && (
        <Button size="compact-xs" variant="subtle" mt={4} onClick={toggle} aria-expanded={open}>
          {open ? "Hide the log" : "Show the log"}
        </Button>
      )}
      {open && <CheckLog comparison={comparison} check={check} />}
    </div>
  );
}

function CheckLog({ comparison, check }: { comparison: string; check: Check }) {
  const log = useQuery(checkLogQuery(comparison, check.id));
  if (log.isPending) return <Loading label="Loading the log" />;
  if (log.error) return <ErrorNotice error={log.error} onRetry={() => void log.refetch()} />;
  return <LogView text={log.data} label={`Log of ${check.name}`} maxHeight={420} />;
}
