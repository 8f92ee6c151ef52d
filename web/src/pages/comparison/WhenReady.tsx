import { Button, Popover, Stack, Switch, Text } from "@mantine/core";
import { useState } from "react";
import { useReadyWishes } from "./use-ready-notice";

/** How to be told when both are done, for those who look at something else meanwhile. Nothing is asked before it is wanted. */
export function WhenReady() {
  const [wishes, setWishes] = useReadyWishes();
  const [refused, setRefused] = useState(false);
  const possible = "Notification" in window;

  const wish = async (notify: boolean) => {
    setRefused(false);
    if (notify && Notification.permission !== "granted") {
      if ((await Notification.requestPermission()) !== "granted") {
        setRefused(true);
        return;
      }
    }
    setWishes({ ...wishes, notify });
  };
  return (
    <Popover position="bottom-end" trapFocus withinPortal width={320}>
      <Popover.Target>
        <Button variant="default" size="sm">
          Tell me when ready
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm">
          <Text size="sm" c="dimmed">
            The title of this tab says it in any case, as long as the page is open.
          </Text>
          <Switch
            label="Notification of the browser"
            checked={wishes.notify}
            disabled={!possible}
            onChange={(event) => void wish(event.currentTarget.checked)}
          />
          {refused && (
            <Text size="xs" c="red" role="alert">
              The browser does not allow it. Its settings for this site can change that.
            </Text>
          )}
          <Switch
            label="A short sound"
            checked={wishes.sound}
            onChange={(event) => setWishes({ ...wishes, sound: event.currentTarget.checked })}
          />
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
