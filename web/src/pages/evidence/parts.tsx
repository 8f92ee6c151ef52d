import { Group, Text, Title } from "@mantine/core";
import { type ReactNode, useId } from "react";
import type { Provenance } from "../../api/evidence-types";
import { VisibleText } from "../../components/text/VisibleText";
import classes from "./Evidence.module.css";

/** A part of the page with its heading, and what must be known before its numbers are believed. */
export function Section(props: { title: string; lead?: ReactNode; aside?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <section className={`surface ${classes.section}`} aria-labelledby={id}>
      <Group justify="space-between" align="flex-start" gap="sm">
        <div style={{ minWidth: 0, maxWidth: "62em" }}>
          <Title order={2} id={id}>
            {props.title}
          </Title>
          {props.lead && (
            <Text size="sm" c="dimmed" mt={2}>
              {props.lead}
            </Text>
          )}
        </div>
        {props.aside}
      </Group>
      {props.children}
    </section>
  );
}

/** What qualifies the numbers above or below: regularised, few clusters, disconnected. */
export function Notes({ of, label }: { of: Provenance; label: string }) {
  if (of.notes.length === 0) return null;
  return (
    <ul className={classes.notes} aria-label={`Keep in mind about ${label}`}>
      {of.notes.map((note) => (
        <li key={note}>
          <VisibleText text={note} />
        </li>
      ))}
    </ul>
  );
}

/** A wide table in a box of its own that the keyboard can scroll. */
export function TableBox(props: { label: string; tall?: boolean; people?: boolean; children: ReactNode }) {
  const { label, tall = false, people = false, children } = props;
  return (
    <section
      className={`${classes.scroll} ${tall ? classes.tall : ""}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={`${label}, table`}
    >
      <table className={`${classes.table} ${people ? classes.people : ""}`} aria-label={label}>
        {children}
      </table>
    </section>
  );
}

/** A figure that is looked for: what it is, how much, and what to compare it with. */
export function Figure({ label, value, children }: { label: string; value: string; children?: ReactNode }) {
  return (
    <div>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      <Text fz={24} fw={680} lh={1.25} style={{ fontVariantNumeric: "tabular-nums", overflowWrap: "anywhere" }}>
        {value}
      </Text>
      {children && (
        <Text size="sm" c="dimmed">
          {children}
        </Text>
      )}
    </div>
  );
}

/** The shape of what is coming, in about its size. */
export function Skeleton({ label, heights }: { label: string; heights: number[] }) {
  return (
    <div role="status" aria-label={`${label}…`} aria-busy style={{ display: "grid", gap: 16 }}>
      {heights.map((height, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bones never move
        <div key={index} className={`surface ${classes.section}`} style={{ height }} aria-hidden="true">
          <div className={classes.bone} style={{ height: 20, width: "32%" }} />
          <div className={classes.bone} style={{ flex: 1 }} />
        </div>
      ))}
    </div>
  );
}

/** What somebody must have read before they rely on what is around it. */
export function Warning({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className={classes.warning} role="note">
      <b>
        <span aria-hidden>⚠ </span>
        {title}.
      </b>{" "}
      {children}
    </div>
  );
}
