import { Group, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { StatusBadge } from "../../components/feedback/StatusBadge";
import type { Words } from "../../components/feedback/status";
import classes from "./WorkRow.module.css";

export interface WorkRowProps {
  to: "/comparisons/$id" | "/briefs/$id";
  id: string;
  title: string;
  detail: string;
  words: Words;
  action?: ReactNode;
}

export function WorkRow({ to, id, title, detail, words, action }: WorkRowProps) {
  return (
    <li className={classes.row}>
      <div className={classes.text}>
        <Link to={to} params={{ id }} className={classes.link}>
          {title}
        </Link>
        <Text size="xs" c="dimmed" truncate title={detail}>
          {detail}
        </Text>
      </div>
      <Group gap="xs" wrap="nowrap" className={classes.end}>
        <StatusBadge words={words} />
        {action}
      </Group>
    </li>
  );
}
