import { Text, type TextProps } from "@mantine/core";
import classes from "./PathText.module.css";

/** The end of a path tells it from its neighbours: it stays, and the middle gives way. */
const END = 28;

/** A path on one line. What has no room is cut out of its middle; the whole is under the pointer, and is copied. */
export function PathText({ path, ...text }: { path: string } & TextProps) {
  return (
    <Text {...text} className={classes.path} title={path}>
      <span className={classes.head}>{path.slice(0, -END)}</span>
      <span className={classes.end}>{path.slice(-END)}</span>
    </Text>
  );
}
