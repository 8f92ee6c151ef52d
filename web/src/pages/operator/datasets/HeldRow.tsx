import { Anchor, Badge, Button, Group, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { HeldPlace, HeldValue } from "../../../api/held";
import { counted } from "../../../components/text/counted";
import { Time } from "../../../components/text/Time";
import { VisibleText } from "../../../components/text/VisibleText";
import { changesLink } from "../../comparison/links";
import classes from "./Held.module.css";

interface HeldRowProps {
  value: HeldValue;
  busy: boolean;
  onDecide: (decision: HeldValue["decision"]) => void;
}

/** One value: what it was assigned to, where it stands, and what to do with it. */
export function HeldRow({ value, busy, onDecide }: HeldRowProps) {
  const [changing, setChanging] = useState(false);
  const waiting = value.decision === null;
  const called = `${value.name}, ${value.shown}`;
  const decide = (decision: HeldValue["decision"]) => {
    setChanging(false);
    onDecide(decision);
  };
  return (
    <li className={classes.row} aria-label={called} tabIndex={-1} data-waiting={waiting || undefined}>
      <Group justify="space-between" align="flex-start" gap="sm">
        <div className={classes.name}>
          <Text fw={600} component="h3" fz="sm" m={0}>
            <VisibleText text={value.name} /> <code className={classes.shown}>{value.shown}</code>
          </Text>
          <Text size="xs" c="dimmed">
            {waiting ? `holds ${counted(value.count, "row")} back` : `was in ${counted(value.count, "row")}`}
            {value.by && value.at && (
              <>
                {" · "}
                {waiting ? "undecided again" : value.decision === "keep" ? "kept" : "redacted"} by <bdi>{value.by}</bdi>{" "}
                <Time iso={value.at} relative />
              </>
            )}
          </Text>
        </div>
        <Group gap="xs">
          {waiting || changing ? (
            <>
              {value.decision !== "keep" && (
                <Button
                  size="xs"
                  variant="default"
                  disabled={busy}
                  onClick={() => decide("keep")}
                  aria-label={`Keep ${called}`}
                >
                  Keep
                </Button>
              )}
              {value.decision !== "redact" && (
                <Button size="xs" disabled={busy} onClick={() => decide("redact")} aria-label={`Redact ${called}`}>
                  Redact
                </Button>
              )}
              {!waiting && (
                <Button
                  size="xs"
                  variant="default"
                  disabled={busy}
                  onClick={() => decide(null)}
                  aria-label={`Leave ${called} undecided`}
                >
                  Leave undecided
                </Button>
              )}
            </>
          ) : (
            <>
              <Badge variant="light" color={value.decision === "keep" ? "green" : "gray"} tt="none">
                {value.decision === "keep" ? "Kept" : "Redacted"}
              </Badge>
              <Button size="xs" variant="default" onClick={() => setChanging(true)} aria-label={`Change ${called}`}>
                Change
              </Button>
            </>
          )}
        </Group>
      </Group>
      {value.places.length === 0 ? (
        <Text size="xs" c="dimmed">
          Build again to see where it stands: an earlier Marlin held it.
        </Text>
      ) : (
        value.places.map((place) => (
          <Place key={`${place.row} ${place.where} ${place.before}`} place={place} value={value} />
        ))
      )}
    </li>
  );
}

function Place({ place, value }: { place: HeldPlace; value: HeldValue }) {
  return (
    <div className={classes.place}>
      <Anchor size="xs" underline="always" renderRoot={(props) => <ToPlace {...props} place={place} />}>
        <VisibleText text={place.where.charAt(0).toUpperCase() + place.where.slice(1)} />
      </Anchor>
      <pre className={classes.line}>
        <VisibleText text={place.before.trimStart()} />
        <mark title={value.shown}>{`${value.shown.slice(0, 3)}…`}</mark>
        <VisibleText text={place.after.trimEnd()} />
      </pre>
    </div>
  );
}

function ToPlace({ place, ...props }: { place: HeldPlace }) {
  const { comparison_id: comparison, turn, file, side, line, which } = place;
  if (!file || !side) return <Link {...props} to="/comparisons/$id" params={{ id: comparison }} search={{ turn }} />;
  const target = { comparison, turn, path: file, side, which: which ?? "new", ...(line ? { line } : {}) };
  return <Link {...props} {...changesLink(target)} />;
}
