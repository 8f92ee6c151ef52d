import { Text, type TextProps } from "@mantine/core";
import classes from "./PathText.module.css";
import { VisibleText } from "./VisibleText";
import { spelledOut } from "./visible";

/** The end of a path tells it from its neighbours: it stays, and the middle gives way. */
const END = 28;

/** A path on one line. What has no room is cut out of its middle; the whole is under the pointer, and is copied. */
export function PathText({ path, ...text }: { path: string } & TextProps) {
  return (
    <Text {...text} className={classes.path} title={spelledOut(path)}>
      <span className={classes.head}>
        <VisibleText text={path.slice(0, -END)} />
      </span>
      <span className={classes.end}>
        <VisibleText text={path.slice(-END)} />
      </span>
    </Text>
  );
}
