import { Tabs, type TabsListProps } from "@mantine/core";
import { useLayoutEffect, useRef } from "react";
import classes from "./TabRow.module.css";

/** Tabs in one row, which scrolls where the window is too narrow for all of them; the chosen one is always in sight. */
export function TabRow(props: TabsListProps) {
  const row = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const list = row.current;
    const tab = list?.querySelector<HTMLElement>("[data-active]");
    if (!list || !tab) return;
    const [left, right] = [tab.offsetLeft, tab.offsetLeft + tab.offsetWidth];
    if (left < list.scrollLeft) list.scrollLeft = left;
    else if (right > list.scrollLeft + list.clientWidth) list.scrollLeft = right - list.clientWidth;
  });
  return <Tabs.List {...props} ref={row} className={classes.row} />;
}
