import { Button, Group } from "@mantine/core";
import { useDisclosure, useLocalStorage } from "@mantine/hooks";
import { useEffect } from "react";
import type { Comparison, Side, Turn } from "../../../api/types";
import { useCommands } from "../../../keyboard/commands";
import { FetchDialog } from "./FetchDialog";
import { TerminalPanel } from "./TerminalPanel";
import { useTerminals } from "./use-terminals";

/** Trying a result by hand: the buttons for the page's toolbar, and the panel for its foot. */
export function useHandsOn(comparison: Comparison, turn: Turn) {
  const terminals = useTerminals(comparison.id);
  const [shown, setShown] = useLocalStorage({
    key: "marlin-terminals-shown",
    defaultValue: false,
    getInitialValueInEffect: false,
  });
  const [fetching, { open, close }] = useDisclosure(false);
  const results = (["A", "B"] as Side[]).filter((side) => turn.sides[side].commit);
  const count = terminals.tabs.length;
  // The choice to show the panel is of the browser, not of this comparison: without a terminal here it stays away.
  const [asked, { open: ask }] = useDisclosure(false);
  useEffect(() => {
    if (count > 0) ask(); // the last cross does not take the panel away
  }, [count, ask]);
  const visible = shown && (count > 0 || asked);
  const toggle = () => {
    setShown(!visible);
    ask();
  };
  const add = (side: Side) => {
    setShown(true);
    ask();
    terminals.add(turn.number, side);
  };
  useCommands(
    results.length === 0
      ? []
      : [
          { id: "toggle-terminals", run: toggle },
          ...results.map((side) => ({
            id: `new-terminal-${side}`,
            label: `Open a terminal in a copy of ${side}`,
            group: "Comparison",
            run: () => add(side),
          })),
          { id: "fetch-with-git", label: "Fetch the results with git", group: "Comparison", run: open },
        ],
  );
  return {
    buttons: results.length > 0 && (
      <Group gap={6} wrap="nowrap">
        <Button size="compact-xs" variant="subtle" aria-pressed={visible} onClick={toggle}>
          {count > 0 ? `Terminals (${count})` : "Terminal"}
        </Button>
        <Button size="compact-xs" variant="subtle" onClick={open}>
          Fetch with git…
        </Button>
        <FetchDialog comparison={comparison.id} turn={turn.number} opened={fetching} onClose={close} />
      </Group>
    ),
    panel: visible && (
      <TerminalPanel comparison={comparison} turn={turn} terminals={terminals} onHide={() => setShown(false)} />
    ),
  };
}
