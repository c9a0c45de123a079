// The look: one accent, quiet greys that pass AA contrast in both schemes, numbers that do not dance.
import {
  Button,
  Checkbox,
  type CSSVariablesResolver,
  createTheme,
  type MantineColorsTuple,
} from "@mantine/core";

const accent: MantineColorsTuple = [
  "#eff4fe",
  "#dde7fb",
  "#bccff6",
  "#97b4f0",
  "#7a9deb",
  "#5f89e6",
  "#4a78df",
  "#3564cf",
  "#2a55b5",
  "#1f4596",
];

export const theme = createTheme({
  colors: { accent },
  primaryColor: "accent",
  primaryShade: { light: 7, dark: 7 },
  fontFamily:
    'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace:
    'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace',
  defaultRadius: "sm",
  respectReducedMotion: true,
  cursorType: "pointer",
  focusRing: "auto",
  components: {
    Button: Button.extend({ defaultProps: { fw: 550 } }),
    Checkbox: Checkbox.extend({ styles: { label: { paddingInlineStart: "0.5rem" } } }),
  },
});

/** Mantine's own dimmed and error colours fall short of AA on a tinted ground. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#586069",
    "--mantine-color-error": "#c0262d",
    "--mantine-color-placeholder": "#6a727b",
    "--studio-ground": "#f7f8fa",
    "--studio-line": "#e2e5e9",
    "--studio-strong-line": "#c9ced4",
    "--studio-train": "#3564cf",
    "--studio-validation": "#b8500c",
    "--studio-state": "#6d7a88",
    "--studio-good": "#1b7a43",
    "--studio-warning": "#8a5a00",
    "--studio-link": "#2a55b5",
  },
  dark: {
    "--mantine-color-body": "#17191c",
    "--mantine-color-text": "#dcdfe3",
    "--mantine-color-dimmed": "#a2a9b2",
    "--mantine-color-error": "#ff8b8b",
    "--mantine-color-placeholder": "#8b929b",
    "--studio-ground": "#1d2024",
    "--studio-line": "#2f3338",
    "--studio-strong-line": "#454b52",
    "--studio-train": "#7fa3f2",
    "--studio-validation": "#f2a35c",
    "--studio-state": "#8d99a6",
    "--studio-good": "#6fcf97",
    "--studio-warning": "#e8b84a",
    "--studio-link": "#97b4f0",
  },
});
