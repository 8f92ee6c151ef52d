import { Alert, Button, Group, SegmentedControl, Text } from "@mantine/core";
import { useState } from "react";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import classes from "./DraftConflict.module.css";
import type { Choice, Difference } from "./draft-differences";

export interface DraftConflictProps {
  form: { takeTheirs: () => Promise<void>; keepMine: () => Promise<void> };
  /** What differs, when it is known; without it only one or the other can be taken. */
  differences?: readonly Difference[];
  onMerge?: (choices: Record<string, Choice>) => Promise<void>;
}

/** Two windows, two versions: both are shown, and one is taken, or the best of both. */
export function DraftConflict({ form, differences = [], onMerge }: DraftConflictProps) {
  const [error, setError] = useState<unknown>(null);
  const [choices, setChoices] = useState<Record<string, Choice>>({});
  const choose = (way: () => Promise<void>) => {
    setError(null);
    way().catch(setError);
  };
  return (
    <Alert color="orange" title="Also changed in another window" role="alert" p="sm">
      <Text size="xs">Saving has stopped, so that neither version is lost.</Text>
      {differences.map((one) => (
        <fieldset key={one.field} className={classes.difference}>
          <legend>{one.label}</legend>
          <div className={classes.versions}>
            <div>
              <span className={classes.whose}>Here</span>
              <p>{one.mine || "empty"}</p>
            </div>
            <div>
              <span className={classes.whose}>In the other window</span>
              <p>{one.theirs || "empty"}</p>
            </div>
          </div>
          {onMerge && (
            <SegmentedControl
              size="xs"
              aria-label={`Take for ${one.label}`}
              value={choices[one.field] ?? "mine"}
              onChange={(value) => setChoices({ ...choices, [one.field]: value as Choice })}
              data={[
                { value: "mine", label: "This" },
                { value: "theirs", label: "The other" },
                ...(one.text ? [{ value: "both", label: "Both" }] : []),
              ]}
            />
          )}
        </fieldset>
      ))}
      <Group mt="xs" gap="xs">
        {onMerge && differences.length > 0 && (
          <Button size="compact-xs" onClick={() => choose(() => onMerge(choices))}>
            Go on with what is chosen
          </Button>
        )}
        <Button size="compact-xs" variant={onMerge ? "default" : "filled"} onClick={() => choose(form.keepMine)}>
          Keep this one
        </Button>
        <Button size="compact-xs" variant="default" onClick={() => choose(form.takeTheirs)}>
          Load the other
        </Button>
      </Group>
      {error !== null && <ErrorNotice error={error} />}
    </Alert>
  );
}
