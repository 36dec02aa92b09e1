/** The look of everything that is not a chart: Mantine's tokens, in our colours. */

import {
  ActionIcon,
  Button,
  Card,
  type CSSVariablesResolver,
  createTheme,
  type MantineColorsTuple,
  Skeleton,
  Tooltip,
} from "@mantine/core";
import { TONES } from "./charts";

const footfall: MantineColorsTuple = [
  "#e8f3fc",
  "#d0e4f6",
  "#a0c8ec",
  "#6daae2",
  "#4591d8",
  "#2680cf",
  "#0b6bb5",
  "#095a9a",
  "#084c83",
  "#063c69",
];

/** Mantine's greys of the dark theme, from text to ground, in the hue of ours: cards lie on the same as charts. */
const dark: MantineColorsTuple = [
  TONES.dark.ink,
  "#b8bec7",
  "#a2a9b3",
  "#767d87",
  "#363b42",
  "#2a2f35",
  TONES.dark.ground,
  TONES.dark.ground,
  "#16191c",
  "#131518",
];

export const theme = createTheme({
  primaryColor: "footfall",
  primaryShade: { light: 6, dark: 4 },
  autoContrast: true,
  // Of the primary colours only the lighter one, on dark grounds, takes dark words: 4.5:1 either way.
  luminanceThreshold: 0.25,
  colors: { footfall, dark },
  fontFamily: '"Inter Variable", system-ui, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SFMono-Regular", Menlo, Consolas, "Liberation Mono", monospace',
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.125rem" },
  headings: {
    fontWeight: "650",
    sizes: { h1: { fontSize: "1.375rem" }, h2: { fontSize: "1rem" }, h3: { fontSize: "0.875rem" } },
  },
  components: {
    Card: Card.extend({ defaultProps: { withBorder: true, padding: "md", radius: "md" } }),
    Button: Button.extend({
      defaultProps: { size: "xs" },
      // Mantine asks the light scheme for both what can be read on a colour; of the primary one each scheme says it.
      vars: (_, { color, variant = "filled" }) => ({
        root: color || variant !== "filled" ? {} : { "--button-color": "var(--mantine-primary-color-contrast)" },
      }),
    }),
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: "subtle", color: "gray" } }),
    Skeleton: Skeleton.extend({ defaultProps: { opacity: 0.5 } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 300, withArrow: true } }),
  },
});

/** Quieter grounds than Mantine's own, and quiet text that keeps 4.5:1 on them. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#ffffff",
    "--mantine-color-dimmed": "#5a6069",
    "--mantine-color-default-border": "#e2e4e6",
    "--footfall-ground": "#f7f7f5",
    "--mantine-color-placeholder": "#6b717b",
    "--mantine-color-error": "#b3360b",
    "--mantine-color-anchor": "#095a9a",
    "--mantine-color-orange-light-color": "#8f3d00",
    "--mantine-color-teal-light-color": "#00684a",
    "--footfall-good": TONES.light.good,
    "--footfall-bad": TONES.light.bad,
  },
  dark: {
    "--mantine-color-body": "#1b1e22",
    "--mantine-color-dimmed": "#a2a9b3",
    "--mantine-color-default-border": "#30353b",
    "--mantine-color-default": "#22262b",
    "--mantine-color-default-hover": "#2a2f35",
    "--footfall-ground": "#131518",
    "--mantine-color-placeholder": "#959ca7",
    "--mantine-color-error": "#ff9066",
    "--footfall-good": TONES.dark.good,
    "--footfall-bad": TONES.dark.bad,
  },
});
