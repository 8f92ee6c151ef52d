import { useNavigate } from "@tanstack/react-router";
import { type Command, useCommands } from "../../keyboard/commands";
import { whenDrawn } from "../../keyboard/focus";
import { atTurn } from "./links";

interface Parts {
  turns: number;
  turn: number;
  showRating: () => void;
  toggleRating: () => void;
}

/** How long a rated turn's next step may take to be drawn, before what stands above it is gone to instead. */
const NEXT_STEP_MS = 1000;
const VIEWS = ["changes", "files", "transcript", "checks", "brief"] as const;

/** What a comparison's page offers by key and in the palette. */
export function useComparisonKeys({ turns, turn, showRating, toggleRating }: Parts): void {
  const navigate = useNavigate({ from: "/comparisons/$id" });
  const show = (view: (typeof VIEWS)[number]) => {
    void navigate({ search: (old) => ({ ...old, view }), replace: true });
    // The strip of tabs says where one is; arrows go on from there.
    requestAnimationFrame(() => document.querySelector<HTMLElement>('[role="tab"][aria-selected="true"]')?.focus());
  };
  const go = (number: number) => void navigate({ search: (old) => atTurn(old, number) });
  const commands: Command[] = [
    ...VIEWS.map((view) => ({ id: `view-${view}`, run: () => show(view) })),
    {
      id: "to-rating",
      run: () => {
        showRating();
        // A panel that was folded, or a form whose answers are still on their way, is drawn first.
        const pressed = performance.now();
        const find = () => firstOfRating(performance.now() - pressed > NEXT_STEP_MS);
        requestAnimationFrame(() => requestAnimationFrame(() => whenDrawn(find, (stop) => stop.focus())));
      },
    },
    { id: "toggle-rating", run: toggleRating },
    ...(turn > 1 ? [{ id: "previous-turn", run: () => go(turn - 1) }] : []),
    ...(turn < turns ? [{ id: "next-turn", run: () => go(turn + 1) }] : []),
  ];
  useCommands(commands);
}

/**
 * The first thing to answer or to press in the panel, behind the switch between the turn and its comments and what was
 * expected, which is folded above the answers.
 */
function firstOfRating(late: boolean): HTMLElement | null {
  const panel = document.querySelector('[aria-label="Rating"]');
  // A rating that was just given can be undone above it; what comes next is the prompt, or to submit.
  const next = panel?.querySelector<HTMLElement>("[data-next-step]:not([disabled])");
  if (next) return next;
  if (!late && panel?.querySelector("[data-rated]")) return null;
  const stops = panel?.querySelectorAll<HTMLElement>(
    "input:not([disabled]), textarea:not([disabled]), button:not([disabled])",
  );
  return [...(stops ?? [])].find((stop) => !stop.closest("[data-panel-switch], details")) ?? null;
}
