/**
 * Shows what one is told while one is not looking, and leads there when it is pressed.
 * It is registered by whoever switches push on, and keeps nothing of the app.
 */
const API = "/api/v1/me/push";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("push", (event) => event.waitUntil(show(event.data)));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(lead(event.notification.data));
});
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));

/** Every message is shown: browsers take the right away from whoever keeps one to themselves. */
async function show(data) {
  const { title, body, navigate, tag, app_badge: unread } = data.json().notification;
  if (self.navigator.setAppBadge) self.navigator.setAppBadge(Number(unread)).catch(() => undefined);
  await self.registration.showNotification(title, {
    body,
    tag,
    icon: "/favicon.svg",
    data: pathOf(navigate),
  });
}

/** A path of this server, wherever the address leads. */
function pathOf(address) {
  const { pathname, search } = new URL(address, self.location.origin);
  return pathname + search;
}

/** Go there in a page that is open, without loading it anew: a call may be going on in it. */
async function lead(path) {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const page = pages.find(({ focused }) => focused) ?? pages[0];
  if (!page) return self.clients.openWindow(path);
  page.postMessage({ go: path });
  return page.focus();
}

/** The browser has another address for messages: tell the server, as the one who is signed in. */
async function renew(event) {
  const options = event.oldSubscription?.options;
  if (!options) return;
  const subscription = event.newSubscription ?? (await self.registration.pushManager.subscribe(options));
  const headers = { "content-type": "application/json" };
  await fetch(API, { method: "POST", headers, body: JSON.stringify(subscription) });
}
