import { Modal, Stack, Switch, Text, Title } from "@mantine/core";
import { useState } from "react";
import classes from "./Keyboard.module.css";
import { KeyCaps } from "./KeyCaps";
import { setSingleKeys, singleKeys } from "./listen";
import { ALL_KEYS } from "./tables";

/** Every key there is, by where it counts. */
export function HelpOverlay({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title={<b>Keys</b>} size="min(1180px, 94vw)">
      {opened && <Content />}
    </Modal>
  );
}

function Content() {
  const [on, setOn] = useState(singleKeys);
  const groups = [...new Set(ALL_KEYS.map((binding) => binding.group))];
  return (
    <Stack>
      <Switch
        label="Keys without Ctrl or Cmd"
        description="Switch them off if they get in the way of speech input, say. They never count while you type."
        checked={on}
        onChange={(event) => {
          setSingleKeys(event.currentTarget.checked);
          setOn(event.currentTarget.checked);
        }}
      />
      <div className={classes.groups}>
        {groups.map((group) => (
          <section key={group} className={classes.group} data-off={!on || undefined}>
            <Title order={3} fz="sm">
              {group}
            </Title>
            <dl className={classes.keys}>
              {ALL_KEYS.filter((binding) => binding.group === group).map((binding) => (
                <div key={binding.id}>
                  <dt>
                    <KeyCaps keys={binding.keys} />
                  </dt>
                  <dd>{binding.label}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <Text size="sm" c="dimmed">
        Tab and Shift+Tab go through everything; Enter or Space does it; Esc closes what is open.
      </Text>
    </Stack>
  );
}
