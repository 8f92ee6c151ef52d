import type { ToolKind } from "../../api/types";
import { VisibleText } from "../text/VisibleText";
import { Disclosure } from "./Disclosure";
import type { ToolItem } from "./items";
import { ToolBody } from "./ToolBody";
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

export interface ToolRowProps {
  item: ToolItem;
  open: boolean;
  onToggle: () => void;
}

/** One tool call, folded: what it did in a line; its input, output and edit inside. */
export function ToolRow({ item, open, onToggle }: ToolRowProps) {
  const title = withoutVerb(item.title, TOOL[item.tool]);
  return (
    <div className={classes.tool} data-status={item.status}>
      <Disclosure open={open} onToggle={onToggle}>
        <span className={classes.tag}>{TOOL[item.tool]}</span>
        <span className={classes.toolTitle} data-open={open || undefined}>
          <VisibleText text={title} />
        </span>
        {item.patch && <PatchSize patch={item.patch} />}
        {STATUS[item.status] && <span className={classes.toolStatus}>{STATUS[item.status]}</span>}
      </Disclosure>
      {open && <ToolBody item={item} title={title} />}
    </div>
  );
}

function PatchSize({ patch }: { patch: string }) {
  const added = patch.match(/^\+(?!\+\+ )/gm)?.length ?? 0;
  const removed = patch.match(/^-(?!-- )/gm)?.length ?? 0;
  return (
    <span className={classes.size}>
      <span data-mark="added">+{added}</span> <span data-mark="removed">−{removed}</span>
    </span>
  );
}

/** "Run: pytest -q" under the tag "Run" needs no second "Run:". */
function withoutVerb(title: string, verb: string): string {
  return title.replace(new RegExp(`^${verb}:?\\s+`, "i"), "");
}
