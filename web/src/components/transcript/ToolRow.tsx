import type { ToolKind } from "../../api/types";
import { PlainPatch } from "../diff/PlainPatch";
import { LogView } from "../text/LogView";
import type { ToolItem } from "./items";
import classes from "./Transcript.module.css";

const TOOL: Record<ToolKind, string> = {
  read: "Read",
  edit: "Edit",
  delete: "Delete",
  move: "Move",
  search: "Search",
  execute: "Run",
  think: "Think",
  fetch: "Fetch",
  other: "Tool",
};
const STATUS = { running: "running", completed: "", failed: "failed", cancelled: "cancelled" } as const;

/** One tool call, folded: what it did in a line; its input, output and edit inside. */
export function ToolRow({ item }: { item: ToolItem }) {
  const title = withoutVerb(item.title, TOOL[item.tool]);
  return (
    <details className={classes.tool} data-status={item.status}>
      <summary>
        <span className={classes.tag}>{TOOL[item.tool]}</span>
        <span className={classes.toolTitle}>{title}</span>
        {STATUS[item.status] && <span className={classes.toolStatus}>{STATUS[item.status]}</span>}
      </summary>
      <div className={classes.toolBody}>
        {item.input && item.input !== title && <pre className={classes.input}>{item.input}</pre>}
        {item.patch && (
          <div className={classes.patch}>
            <PlainPatch text={item.patch} label={`Edit by: ${item.title}`} />
          </div>
        )}
        {item.output && <LogView text={item.output} label={`Output of: ${item.title}`} maxHeight={320} />}
        {!item.output && !item.patch && item.status !== "running" && <p className={classes.notice}>No output.</p>}
      </div>
    </details>
  );
}

/** "Run: pytest -q" under the tag "Run" needs no second "Run:". */
function withoutVerb(title: string, verb: string): string {
  return title.replace(new RegExp(`^${verb}:?\\s+`, "i"), "");
}
