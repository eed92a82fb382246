/** Whether this browser has a sheet of its own for giving links away, as phones do. */
export function hasShareSheet(): boolean {
  return "share" in navigator;
}

/** Give the link of a space away: by the phone's own sheet, or by copying. True when it was copied. */
export async function share(title: string, url: string): Promise<boolean> {
  if (!hasShareSheet()) return copy(url);
  try {
    await navigator.share({ title, url });
  } catch {
    // Closing the sheet is an answer too.
  }
  return false;
}

/** Copy a link; false where the browser does not let the page (no https, or forbidden). */
export async function copy(url: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(url);
    return true;
  } catch {
    return false;
  }
}
