import { ActionIcon, Button, Group, Menu, Text } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { useRef } from "react";
import type { Comparison, Side, Turn } from "../../../api/types";
import type { ScreenHandle } from "../../../components/terminal/Screen";
import { SideTag } from "../SideTag";
import { Divider } from "./Divider";
import classes from "./TerminalPanel.module.css";
import { TerminalTab } from "./TerminalTab";
import type { Tab, Terminals } from "./use-terminals";

export interface TerminalPanelProps {
  comparison: Comparison;
  turn: Turn;
  terminals: Terminals;
  onHide: () => void;
}

const SIDES: Side[] = ["A", "B"];

/** Terminals below the results: a tab each. Hiding the panel leaves them running; their crosses end them. */
export function TerminalPanel({ comparison, turn, terminals, onHide }: TerminalPanelProps) {
  const { tabs, current } = terminals;
  const [height, setHeight] = useLocalStorage({
    key: "marlin-terminal-height",
    defaultValue: 300,
    getInitialValueInEffect: false,
  });
  const [screenReader, setScreenReader] = useLocalStorage({
    key: "marlin-terminal-screen-reader",
    defaultValue: false,
    getInitialValueInEffect: false,
  });
  const handles = useRef(new Map<number, ScreenHandle>());
  const strip = useRef<HTMLDivElement>(null);
  const leave = () => strip.current?.querySelector<HTMLElement>("[aria-selected=true]")?.focus();
  const test = comparison.brief.test_command.trim();
  return (
    <section className={classes.panel} style={{ height }} aria-label="Terminals">
      <Divider height={height} onChange={setHeight} />
      <div className={classes.bar} ref={strip}>
        <TabStrip
          terminals={terminals}
          later={comparison.turns.length > 1}
          onEnter={(key) => handles.current.get(key)?.focus()}
        />
        <Group gap={6} wrap="nowrap">
          {SIDES.filter((side) => turn.sides[side].commit).map((side) => (
            <Button key={side} size="compact-xs" variant="default" onClick={() => terminals.add(turn.number, side)}>
              New in {side}
            </Button>
          ))}
        </Group>
        <Group gap={6} wrap="nowrap" ml="auto">
          {test && current !== null && (
            <Button
              size="compact-xs"
              variant="subtle"
              title={test}
              onClick={() => handles.current.get(current)?.paste(test)}
            >
              Type the test command
            </Button>
          )}
          <Options screenReader={screenReader} onScreenReader={setScreenReader} />
          <ActionIcon size="sm" variant="subtle" color="gray" aria-label="Hide the terminals" onClick={onHide}>
            ✕
          </ActionIcon>
        </Group>
      </div>
      {tabs.length === 0 && <Nothing />}
      {tabs.map((tab) => (
        <div
          key={tab.key}
          id={`terminal-${tab.key}`}
          role="tabpanel"
          aria-labelledby={`terminal-tab-${tab.key}`}
          className={classes.body}
          hidden={tab.key !== current}
        >
          <TerminalTab
            key={tab.terminal}
            tab={tab}
            visible={tab.key === current}
            screenReader={screenReader}
            onAgain={() => terminals.again(tab)}
            onLeave={leave}
            onReady={(handle) => handles.current.set(tab.key, handle)}
          />
        </div>
      ))}
    </section>
  );
}

function Nothing() {
  return (
    <Text size="sm" c="dimmed" p="md">
      A terminal opens in a fresh copy of a result, without network. Whatever you do in it, the result that is judged
      stays as it is.
    </Text>
  );
}

interface TabStripProps {
  terminals: Terminals;
  later: boolean;
  /** Into the shell, by Enter or the arrow down. */
  onEnter: (key: number) => void;
}

function TabStrip({ terminals: { tabs, current, select, close }, later, onEnter }: TabStripProps) {
  const go = (step: number) => {
    const index = tabs.findIndex((tab) => tab.key === current);
    const next = tabs[(index + step + tabs.length) % tabs.length];
    if (next) select(next.key);
  };
  const onKey = (event: React.KeyboardEvent, tab: Tab) => {
    if (event.key === "ArrowRight") go(1);
    else if (event.key === "ArrowLeft") go(-1);
    else if (event.key === "Delete") close(tab);
    else if (event.key === "ArrowDown" || event.key === "Enter" || event.key === "F6") onEnter(tab.key);
    else return;
    event.preventDefault();
  };
  if (tabs.length === 0) return null;
  return (
    <div role="tablist" aria-label="Terminals" className={classes.tabs}>
      {tabs.map((tab, index) => (
        <div key={tab.key} className={classes.pair} data-current={tab.key === current || undefined}>
          <button
            type="button"
            role="tab"
            id={`terminal-tab-${tab.key}`}
            aria-selected={tab.key === current}
            aria-controls={`terminal-${tab.key}`}
            tabIndex={tab.key === current ? 0 : -1}
            className={classes.name}
            onClick={() => (tab.key === current ? onEnter(tab.key) : select(tab.key))}
            onKeyDown={(event) => onKey(event, tab)}
          >
            <SideTag side={tab.side} />
            <span>
              {later ? `turn ${tab.turn}` : `copy ${index + 1}`}
              <span className="visually-hidden"> of side {tab.side}; Delete ends it</span>
            </span>
          </button>
          <button
            type="button"
            tabIndex={-1}
            className={classes.cross}
            aria-hidden
            title={`End this terminal of ${tab.side}`}
            onClick={() => close(tab)}
          >
            ✕
          </button>
        </div>
      ))}
    </div>
  );
}

function Options({ screenReader, onScreenReader }: { screenReader: boolean; onScreenReader: (on: boolean) => void }) {
  return (
    <Menu position="top-end" width={280} closeOnItemClick={false}>
      <Menu.Target>
        <Button size="compact-xs" variant="subtle" color="gray">
          Options
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          role="menuitemcheckbox"
          aria-checked={screenReader}
          leftSection={<span style={{ width: 14, display: "inline-block" }}>{screenReader ? "✓" : ""}</span>}
          onClick={() => onScreenReader(!screenReader)}
        >
          Screen reader mode
        </Menu.Item>
        <Menu.Label>
          F6 leaves the shell, F6 again goes back in. Ctrl+Shift+C copies, Ctrl+Shift+V pastes. All other keys are the
          shell’s.
        </Menu.Label>
      </Menu.Dropdown>
    </Menu>
  );
}
