import { Alert, Button, Group, Text, Textarea } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { type Choice, ofChoice } from "../../autosave/reconcile";
import { counted } from "../text/counted";
import { VisibleText } from "../text/VisibleText";
import classes from "./MergeDrafts.module.css";

/** A field in which two versions of a draft say something of their own. */
export interface Difference {
  field: string;
  label: string;
  mine: unknown;
  theirs: unknown;
  /** How the values read; texts stand for themselves. */
  words?: (value: unknown) => string;
}

export interface MergeDraftsProps {
  differences: readonly Difference[];
  onChosen: (choices: Record<string, Choice>) => void;
}

/**
 * Two windows or devices, two versions: both stand side by side, and nothing is dropped before somebody has said so. Texts
 * can be put together, and what comes of them can be edited first.
 */
export function MergeDrafts({ differences, onChosen }: MergeDraftsProps) {
  const [choices, setChoices] = useState<Record<string, Choice>>({});
  const box = useRef<HTMLDivElement>(null);
  // It may come while somebody types far below it.
  useEffect(() => {
    box.current?.scrollIntoView({ block: "nearest" });
  }, []);
  const open = differences.filter(({ field }) => choices[field] === undefined).length;
  const all = (take: "mine" | "theirs") =>
    setChoices(Object.fromEntries(differences.map(({ field }) => [field, { take }])));
  return (
    <Alert
      ref={box}
      variant="default"
      className={classes.box}
      title="Also changed in another window or on another device"
      role="alert"
      p="sm"
    >
      <Text size="xs">Saving has stopped, so that neither version is lost. Both are here: say what shall stand.</Text>
      {differences.length > 1 && (
        <Group gap={6} mt={6}>
          <Button size="compact-xs" variant="default" onClick={() => all("mine")}>
            Keep mine everywhere
          </Button>
          <Button size="compact-xs" variant="default" onClick={() => all("theirs")}>
            Take the other everywhere
          </Button>
        </Group>
      )}
      {differences.map((difference) => (
        <OneField
          key={difference.field}
          difference={difference}
          choice={choices[difference.field] ?? null}
          onChoose={(choice) => setChoices((before) => ({ ...before, [difference.field]: choice }))}
        />
      ))}
      <Button mt="xs" size="compact-sm" disabled={open > 0} onClick={() => onChosen(choices)}>
        {open === 0 ? "Go on with this" : `${counted(open, "choice")} left`}
      </Button>
    </Alert>
  );
}

interface OneFieldProps {
  difference: Difference;
  choice: Choice | null;
  onChoose: (choice: Choice) => void;
}

const WAYS = [
  { take: "mine", label: "Keep mine" },
  { take: "theirs", label: "Take the other" },
  { take: "both", label: "Keep both" },
] as const;

function OneField({ difference, choice, onChoose }: OneFieldProps) {
  const { label, mine, theirs, words } = difference;
  const text = words === undefined;
  const show = (value: unknown) => (words ? words(value) : String(value ?? "")) || "empty";
  return (
    <fieldset className={classes.difference}>
      <legend>{label}</legend>
      <div className={classes.versions}>
        <div>
          <span className={classes.whose}>Here</span>
          <p>
            <VisibleText text={show(mine)} />
          </p>
        </div>
        <div>
          <span className={classes.whose}>Saved elsewhere</span>
          <p>
            <VisibleText text={show(theirs)} />
          </p>
        </div>
      </div>
      <Group gap={6}>
        {WAYS.filter(({ take }) => text || take !== "both").map(({ take, label: way }) => (
          <Button
            key={take}
            size="compact-xs"
            variant={choice?.take === take ? "filled" : "default"}
            aria-pressed={choice?.take === take}
            aria-label={`${way}: ${label}`}
            onClick={() => onChoose({ take })}
          >
            {way}
          </Button>
        ))}
      </Group>
      {text && choice !== null && (
        <Textarea
          mt={6}
          size="xs"
          label="What will stand"
          aria-label={`What will stand: ${label}`}
          autosize
          minRows={2}
          maxRows={14}
          value={String(ofChoice(mine, theirs, choice) ?? "")}
          onChange={(event) => onChoose({ take: "own", text: event.currentTarget.value })}
          onKeyDown={(event) => event.stopPropagation()}
        />
      )}
    </fieldset>
  );
}
