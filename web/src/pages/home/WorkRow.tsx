import { Group } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { StatusBadge } from "../../components/feedback/StatusBadge";
import type { Words } from "../../components/feedback/status";
import { Time } from "../../components/text/Time";
import classes from "./WorkRow.module.css";

export interface WorkRowProps {
  to: "/comparisons/$id" | "/briefs/$id";
  id: string;
  title: string;
  detail: string;
  /** When it was last changed. */
  at: string;
  words: Words;
  action?: ReactNode;
}

export function WorkRow({ to, id, title, detail, at, words, action }: WorkRowProps) {
  return (
    <li className={classes.row}>
      <div className={classes.text}>
        <Link to={to} params={{ id }} className={classes.link}>
          {title}
        </Link>
        <div className={classes.detail}>
          <span className={classes.cut} title={detail}>
            {detail}
          </span>
          <span className={classes.at}>
            · <Time iso={at} relative />
          </span>
        </div>
      </div>
      <Group gap="xs" wrap="nowrap" className={classes.end}>
        <StatusBadge words={words} />
        {action}
      </Group>
    </li>
  );
}
