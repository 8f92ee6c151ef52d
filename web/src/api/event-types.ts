/** What an agent does, as its transcript tells it. `types.ts` hands these on; import them from there. */

export type AgentEventData =
  | { kind: "message"; message_id: string; text: string; speaker?: string }
  | { kind: "thought"; message_id: string; text: string }
  | {
      kind: "tool_call";
      call_id: string;
      title: string;
      tool: ToolKind;
      locations?: { path: string; line?: number | null }[];
      input?: string;
    }
  | {
      kind: "tool_update";
      call_id: string;
      status: "running" | "completed" | "failed" | "cancelled";
      output?: string;
      patch?: string;
    }
  | { kind: "plan"; entries: PlanEntry[] }
  | { kind: "notice"; text: string };

export type ToolKind = "read" | "edit" | "delete" | "move" | "search" | "execute" | "think" | "fetch" | "other";

export interface PlanEntry {
  content: string;
  status: "pending" | "in_progress" | "completed";
}
