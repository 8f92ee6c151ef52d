import { Center, Loader, Stack, Text } from "@mantine/core";
import { useEffect, useState } from "react";

/** Says what is loading, but only when it takes long enough to be noticed: a flash of spinner is worse than none. */
export function Loading({ label }: { label: string }) {
  const [visible, setVisible] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setVisible(true), 200);
    return () => clearTimeout(timer);
  }, []);
  return (
    <Center mih={200} role="status" aria-label={label} aria-busy>
      {visible && (
        <Stack align="center" gap="xs">
          <Loader size="sm" aria-hidden />
          <Text size="sm" c="dimmed">
            {label}…
          </Text>
        </Stack>
      )}
    </Center>
  );
}
