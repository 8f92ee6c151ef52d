import { Center, Loader, Stack, Text } from "@mantine/core";
import { useEffect, useState } from "react";

/**
 * Says what is loading, but only when it takes long enough to be noticed: a flash of spinner is worse than none.
 * `height`, in pixels, of what comes keeps its place.
 */
export function Loading({ label, height = 200 }: { label: string; height?: number }) {
  const [stage, setStage] = useState<"unnoticed" | "noticed" | "long">("unnoticed");
  useEffect(() => {
    const timers = [setTimeout(() => setStage("noticed"), 150), setTimeout(() => setStage("long"), 2000)];
    return () => timers.forEach(clearTimeout);
  }, []);
  return (
    <Center mih={height} role="status" aria-label={label} aria-busy>
      {stage !== "unnoticed" && (
        <Stack align="center" gap="xs">
          <Loader size="sm" aria-hidden />
          <Text size="sm" c="dimmed">
            {label}…{stage === "long" && " This takes longer than usual."}
          </Text>
        </Stack>
      )}
    </Center>
  );
}
