import { Button, Group, List, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { questionsQuery } from "../../../api/evidence";
import type { Question } from "../../../api/evidence-types";
import { Time } from "../../../components/text/Time";
import { VisibleText } from "../../../components/text/VisibleText";
import classes from "../Evidence.module.css";
import * as words from "../words";
import { changes } from "./changes";
import { CONTROLS } from "./wish";

interface Props {
  id: string;
  newest: Question;
  /** The version that is being amended; null if a first question was being asked. */
  seen: number | null;
  axis: string;
  onCarry: () => void;
  onDrop: () => void;
}

/** Somebody else has amended the question while this form was open: what it is now, and two ways on. */
export function NewerQuestion({ id, newest, seen, axis, onCarry, onDrop }: Props) {
  const versions = useQuery({ ...questionsQuery(id), enabled: seen !== null });
  const before = versions.data?.find((one) => one.version === seen);
  const different = before && changes(newest, before);
  return (
    <div className={classes.warning} role="alert">
      <Text fw={700}>
        <span aria-hidden>⚠ </span>
        {seen === null
          ? "A question was registered while you were writing yours."
          : `The question was amended while you were at version ${seen}.`}
      </Text>
      <Text size="sm" mt={4}>
        Nothing of yours is registered, and nothing you typed is lost. This is version {newest.version}, of{" "}
        <Time iso={newest.created_at} />: {words.questionWords(newest, axis)}{" "}
        {words.besideQuestion(newest, newest.control === "none" ? null : CONTROLS[newest.control])}
      </Text>
      {newest.reason && (
        <Text size="sm" mt={4} style={{ overflowWrap: "anywhere" }}>
          <b>Because:</b> <VisibleText text={newest.reason} />
        </Text>
      )}
      {different && (
        <>
          <Text size="sm" mt={4}>
            <b>Different from version {seen}:</b>
            {different.length === 0 && " nothing but the reason."}
          </Text>
          <List size="sm">
            {different.map((one) => (
              <List.Item key={one}>{one}</List.Item>
            ))}
          </List>
        </>
      )}
      <Text size="sm" mt={4}>
        If you go on, fields that you have not touched take the values of version {newest.version}.
      </Text>
      <Group mt="xs" gap="sm">
        <Button size="xs" onClick={onCarry}>
          Go on with mine, on version {newest.version}
        </Button>
        <Button size="xs" variant="default" onClick={onDrop}>
          Begin anew from version {newest.version}
        </Button>
      </Group>
    </div>
  );
}
