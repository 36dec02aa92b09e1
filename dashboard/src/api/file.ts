/** Saves what the server made to a file of the browser's. */

import { notify } from "./notices";

export async function saveFile(made: Promise<Blob> | Blob, name: string): Promise<void> {
  try {
    const address = URL.createObjectURL(await made);
    const link = document.createElement("a");
    link.href = address;
    link.download = name;
    link.click();
    // Chromium reads it after the click.
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  } catch (error) {
    void notify({
      color: "orange",
      title: "The file was not made",
      message: error instanceof Error ? error.message : "",
    });
  }
}
