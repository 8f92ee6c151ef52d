import { createTheme, type MantineColorsTuple } from "@mantine/core";

/** Deep sea: the colour of the fish's back. Shade 7 on white and 4 on dark pass 4.5:1. */
const marlin: MantineColorsTuple = [
  "#e6f5f9",
  "#cfe7ee",
  "#a1cedc",
  "#6fb4c9",
  "#4a9fb9",
  "#2f8faf",
  "#1a7a99",
  "#0f6580",
  "#0f5267",
  "#0b3f50",
];

const DIALOG = { closeButtonProps: { "aria-label": "Close" }, attributes: { header: { role: "presentation" } } };

export const theme = createTheme({
  primaryColor: "marlin",
  primaryShade: { light: 7, dark: 6 },
  colors: { marlin },
  autoContrast: true,
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  fontFamily:
    'Inter, "SF Pro Text", -apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif',
  fontFamilyMonospace:
    '"JetBrains Mono", "SF Mono", ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace',
  headings: {
    fontWeight: "650",
    sizes: { h1: { fontSize: "1.5rem" }, h2: { fontSize: "1.15rem" }, h3: { fontSize: "1rem" } },
  },
  components: {
    Textarea: { defaultProps: { autosize: true, minRows: 2 } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 300, events: { hover: true, focus: true, touch: true } } },
    Button: { styles: { label: { fontWeight: 550 } } },
    // A dialog's header is no banner of the page, and its cross has a name.
    Modal: { defaultProps: { centered: true, ...DIALOG } },
    Drawer: { defaultProps: DIALOG },
  },
});
