import { Alert, Button, Checkbox, Group, Modal, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { submissionProblemsQuery, useSubmit } from "../../api/ratings";
import type { SubmissionProblem } from "../../api/types";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Loading } from "../../components/feedback/Loading";
import { Referred } from "./evidence/Referred";
import { placeWords, useGoToFinding } from "./evidence/use-go-to-finding";

export interface SubmitDialogProps {
  comparison: string;
  opened: boolean;
  onClose: () => void;
}

export function SubmitDialog({ comparison, opened, onClose }: SubmitDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={<b>Submit the comparison</b>} size="lg">
      {opened && <Content comparison={comparison} onClose={onClose} />}
    </Modal>
  );
}

/** The checker's findings before the submission, not after: errors must go, warnings must be looked at. */
function Content({ comparison, onClose }: Omit<SubmitDialogProps, "opened">) {
  const problems = useQuery(submissionProblemsQuery(comparison));
  const submit = useSubmit(comparison);
  const pressed = useRef(false);
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  if (problems.isFetching) return <Loading label="Checking the comparison" />;
  if (problems.error || !problems.data) {
    return <ErrorNotice error={problems.error} title="The check failed" onRetry={() => void problems.refetch()} />;
  }
  const errors = problems.data.filter((problem) => problem.severity === "error");
  const warnings = problems.data.filter((problem) => problem.severity === "warning");
  const codes = [...new Set(warnings.map((warning) => warning.code))];
  const toggle = (code: string) => {
    const next = new Set(seen);
    if (!next.delete(code)) next.add(code);
    setSeen(next);
  };
  return (
    <Stack>
      {problems.data.length === 0 && (
        <Text size="sm">
          The checker found nothing to remark. After this a reviewer reads it; you can’t change it meanwhile.
        </Text>
      )}
      {errors.map((problem) => (
        <Alert key={problem.code + problem.turn + problem.field} color="red" title={heading(problem)}>
          <Text size="sm">
            {problem.hint ?? "This must change before you can submit."}
            <Referred finding={problem} />
          </Text>
          <Place problem={problem} comparison={comparison} onLeave={onClose} />
        </Alert>
      ))}
      {codes.map((code) => (
        <Alert key={code} color="orange" title="Please look again">
          <Stack gap={6}>
            {warnings
              .filter((warning) => warning.code === code)
              .map((warning) => (
                <div key={`${warning.turn}${warning.field}${warning.message}`}>
                  <Text size="sm">
                    {heading(warning)} {warning.hint}
                    <Referred finding={warning} />
                  </Text>
                  <Place problem={warning} comparison={comparison} onLeave={onClose} />
                </div>
              ))}
            <Checkbox
              label="I have looked, and it is as I mean it"
              checked={seen.has(code)}
              onChange={() => toggle(code)}
              size="sm"
            />
          </Stack>
        </Alert>
      ))}
      {submit.error && <ErrorNotice error={submit.error} title="Not submitted" />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Not yet
        </Button>
        <Button
          disabled={errors.length > 0 || codes.some((code) => !seen.has(code))}
          loading={submit.isPending}
          onClick={() => {
            // Before the next rendering disables the button, a second press may have come.
            if (pressed.current) return;
            pressed.current = true;
            submit.mutate([...seen], {
              onSuccess: onClose,
              onSettled: () => {
                pressed.current = false;
              },
            });
          }}
        >
          Submit
        </Button>
      </Group>
    </Stack>
  );
}

function heading(problem: SubmissionProblem): string {
  return problem.turn === null ? problem.message : `Turn ${problem.turn}: ${problem.message}`;
}

/** The way to what a finding is about. */
function Place({
  problem,
  comparison,
  onLeave,
}: {
  problem: SubmissionProblem;
  comparison: string;
  onLeave: () => void;
}) {
  const goTo = useGoToFinding(comparison);
  const words = placeWords(problem);
  if (words === null) return null;
  return (
    <Button
      size="compact-xs"
      variant="subtle"
      ml={-8}
      onClick={() => {
        onLeave();
        goTo(problem);
      }}
    >
      Go to {words}
    </Button>
  );
}
