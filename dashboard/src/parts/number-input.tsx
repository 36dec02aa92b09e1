/** Mantine's, in a file of its own. */

export { NumberInput as default } from "@mantine/core";
