/**
 * The worker beside the page. It shows what one is told while one is not looking, and leads there when it is
 * pressed; and it gives a page of its own while the server is out of reach.
 *
 * It is registered with the build of the page in its address: another build is another worker. It keeps that one
 * page, which is the same for everybody, with the scripts and styles it needs. Nothing of anybody is kept.
 */
const API = "/api/v1/me/push";
const OFFLINE = "/offline";
const KEPT = `convivium${self.location.search}`;

self.addEventListener("install", (event) => event.waitUntil(keep().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (origin !== self.location.origin || event.request.method !== "GET") return;
  if (pathname.startsWith("/assets/")) event.respondWith(fileAt(event.request));
  else if (event.request.mode !== "navigate") return;
  else if (pathname.startsWith("/api/")) event.respondWith(asked(event));
  else event.respondWith(page(event));
});
self.addEventListener("push", (event) => event.waitUntil(show(event.data)));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(lead(event.notification.data));
});
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));

/** Keep the page for being offline, and what it names; all of it, or nothing. */
async function keep() {
  const answer = await fetch(OFFLINE);
  if (!answer.ok) throw new Error("There is no page to keep.");
  const named = (await answer.clone().text()).match(/\/assets\/[\w.-]+\.(?:js|css)/g) ?? [];
  const kept = await caches.open(KEPT);
  await Promise.all([kept.put(OFFLINE, answer), kept.addAll([...new Set(named)])]);
}

/** What other builds kept goes. */
async function takeOver() {
  const old = (await caches.keys()).filter((name) => name !== KEPT);
  await Promise.all(old.map((name) => caches.delete(name)));
  // The server is asked while this worker wakes up.
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
}

/** The page itself from the server, whatever it says; the one that was kept only if nothing comes. */
async function page(event) {
  try {
    return await asked(event);
  } catch (error) {
    const kept = await caches.match(OFFLINE, { cacheName: KEPT });
    if (kept) return kept;
    throw error;
  }
}

/** What the server was asked for already while this worker woke up: it is asked once. */
async function asked(event) {
  return (await event.preloadResponse) ?? fetch(event.request);
}

async function fileAt(request) {
  return (await caches.match(request, { cacheName: KEPT })) ?? fetch(request);
}

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
