import { Group, Text } from "@mantine/core";

export function Brand() {
  return (
    <Group gap={8} wrap="nowrap">
      <svg viewBox="0 0 32 32" width={26} height={26} aria-hidden="true">
        <rect width="32" height="32" rx="8" fill="#0f5e75" />
        <path
          fill="#fff"
          d="M3 17c5-6 11-8 17-6 2-3 3-4 5-5-.5 2.500-.5 4.500.2 6.300L30 15l-5 1.500c-.6 2-1.700 4-3.700 5.500.2-1.700 0-3-.6-4.200C14 20 8 20 3 17z"
        />
      </svg>
      <Text fw={700} size="lg" lh={1}>
        Marlin
      </Text>
    </Group>
  );
}
