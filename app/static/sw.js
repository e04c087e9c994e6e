// Keeps the app on the phone: every file of this version is stored at once, pages come from there, the server's
// `/api` is never touched. A newer version waits until the page says so; it never changes files under an open form.
const VERSION = '{{version}}';
const PRECACHE = {{precache}};
const CACHE = `donghanh-${VERSION}`;

/** Names with a hash in them may come from the browser's own cache; the others must be today's. */
function request(address) {
  return new Request(address, { cache: address.startsWith('/assets/') ? 'default' : 'reload' });
}

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(PRECACHE.map(request))));
});

self.addEventListener('activate', (event) => {
  const old = (name) => name.startsWith('donghanh-') && name !== CACHE;
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener('message', (event) => {
  if (event.data === 'skip-waiting') self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  const ours = url.origin === location.origin && event.request.method === 'GET';
  if (!ours || url.pathname.startsWith('/api/') || url.pathname === '/healthz') return;
  const key = event.request.mode === 'navigate' ? '/' : event.request;
  event.respondWith(
    caches.open(CACHE).then(async (cache) => (await cache.match(key, { ignoreVary: true })) ?? fetch(event.request)),
  );
});
