import { Modal, TextInput } from "@mantine/core";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import type { NamedCommand } from "./commands";
import { filterByWords } from "./filter";
import classes from "./Keyboard.module.css";
import { KeyCaps } from "./KeyCaps";
import { usePaletteCommands } from "./use-palette-commands";

/** Type what you want to do or where you want to go. */
export function CommandPalette({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={<span className="visually-hidden">Command palette</span>}
      withCloseButton={false}
      centered={false}
      yOffset="12vh"
      size="min(640px, 94vw)"
      padding={0}
      classNames={{ header: classes.paletteHead }}
    >
      {opened && <Palette onClose={onClose} />}
    </Modal>
  );
}

const MOST = 60;

function Palette({ onClose }: { onClose: () => void }) {
  const id = useId();
  const all = usePaletteCommands();
  const [words, setWords] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const shown = useMemo(
    () => filterByWords(all, words, (command) => `${command.label} ${command.group}`).slice(0, MOST),
    [all, words],
  );
  const chosen = Math.min(at, shown.length - 1);
  useEffect(() => {
    list.current?.querySelector(`[data-index="${chosen}"]`)?.scrollIntoView({ block: "nearest" });
  }, [chosen]);

  const run = (command: NamedCommand | undefined) => {
    if (!command) return;
    onClose();
    // After the palette has given the focus back: what the command focuses must keep it.
    setTimeout(command.run, 30);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && shown.length > 0) {
      event.preventDefault();
      setAt((chosen + step + shown.length) % shown.length);
    }
    if (event.key === "Enter") {
      event.preventDefault();
      run(shown[chosen]);
    }
  };
  return (
    <div>
      <TextInput
        data-autofocus
        size="md"
        variant="unstyled"
        className={classes.paletteInput}
        placeholder="Go to, do, or switch…"
        aria-label="Command"
        role="combobox"
        aria-expanded
        aria-controls={`${id}list`}
        aria-activedescendant={shown.length > 0 ? `${id}${chosen}` : undefined}
        value={words}
        onChange={(event) => {
          setWords(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div ref={list} id={`${id}list`} role="listbox" aria-label="Commands" className={classes.paletteList}>
        {shown.map((command, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys
          <div
            key={command.id}
            id={`${id}${index}`}
            data-index={index}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            className={classes.paletteRow}
            onClick={() => run(command)}
            onMouseMove={() => setAt(index)}
          >
            <span className={classes.paletteGroup}>{command.group}</span>
            <span className={classes.paletteLabel}>{command.label}</span>
            {command.keys && <KeyCaps keys={command.keys} />}
          </div>
        ))}
      </div>
      {shown.length === 0 && (
        <p className={classes.paletteEmpty} role="status">
          Nothing is called that.
        </p>
      )}
    </div>
  );
}
