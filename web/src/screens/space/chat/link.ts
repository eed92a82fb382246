/** What somebody typed as an address, as the server takes it; null for what leads nowhere open. */
export function asLink(typed: string): string | null {
  const text = typed.trim();
  if (!text) return null;
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `https://${text}`);
  const isOpen =
    url && (url.protocol === "https:" || url.protocol === "http:") && !url.username && !url.password;
  return isOpen && url.hostname.includes(".") ? url.href : null;
}
