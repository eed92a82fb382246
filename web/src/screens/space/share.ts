/** Give the link of a space away: by the phone's own sheet, or by copying. True when it was copied. */
export async function share(title: string, url: string): Promise<boolean> {
  try {
    if (navigator.share) {
      await navigator.share({ title, url });
      return false;
    }
    await navigator.clipboard.writeText(url);
    return true;
  } catch {
    // Closing the sheet, or forbidding the clipboard, is an answer too: the address bar holds the link.
    return false;
  }
}
