// The browser's dialog for where to save: large exports go straight into the chosen file.

/** Below this an export becomes a download, as a click on a link would. */
const ASKED_BYTES = 2 ** 28;
/** Not in TypeScript's types of the DOM: not every browser has it. */
type ShowSaveFilePicker = (options: { suggestedName: string }) => Promise<FileSystemFileHandle>;

/**
 * Asks where a large file goes; called while a click is being handled.
 * @returns undefined where it is to be a download, null when the person closed the dialog
 */
export async function askWhereToSave(
  suggestedName: string,
  sizeBytes: number,
): Promise<FileSystemFileHandle | undefined | null> {
  const { showSaveFilePicker } = window as { showSaveFilePicker?: ShowSaveFilePicker };
  if (sizeBytes < ASKED_BYTES || !showSaveFilePicker) return undefined;
  return showSaveFilePicker.call(window, { suggestedName }).catch((error: DOMException) => {
    if (error.name === "AbortError") return null;
    throw error;
  });
}
