import { Alert, Code, Text } from "@mantine/core";
import type { Preparation } from "../../api/types";
import { duration } from "../../components/text/time";

const WORDS = {
  passed: { color: "green", title: "The base’s tests pass" },
  failed: { color: "orange", title: "The base’s tests fail already" },
  error: { color: "orange", title: "The base’s tests could not run" },
  timed_out: { color: "orange", title: "The base’s tests ran out of time" },
  none: { color: "gray", title: "There is no test command" },
} as const;

export function BaseResult({ preparation }: { preparation: Preparation }) {
  const check = preparation.base_check;
  const words = WORDS[check?.status ?? "none"];
  return (
    <Alert color={words.color} title={words.title}>
      {check?.summary && <Text size="sm">{check.summary}</Text>}
      <Text size="sm" c="dimmed">
        {check?.seconds != null && <>In {duration(check.seconds)}. </>}
        {preparation.base_commit && (
          <>
            Base commit <Code>{preparation.base_commit.slice(0, 12)}</Code>.
          </>
        )}
      </Text>
      {check?.status === "failed" && (
        <Text size="sm" mt={4}>
          Fine if the task is to mend them. If not, change the set-up so that the sides start from a sound base.
        </Text>
      )}
    </Alert>
  );
}
