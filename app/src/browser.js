// The few browser calls that are easier said in JavaScript. Imported by `browser.rs`, by nothing else.

/** Resolves once this tab holds the lock; it keeps it until the tab is gone. Without Web Locks every tab leads. */
export function lead(name) {
  if (!navigator.locks) return Promise.resolve(null);
  return new Promise((granted) => {
    navigator.locks
      .request(name, () => {
        granted(null);
        return new Promise(() => {});
      })
      .catch(() => {});
  });
}

/** Gives the browser a turn: input and painting first. */
export function breathe() {
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      resolve(null);
    };
    channel.port2.postMessage(null);
  });
}

/** Resolves when what was changed so far is on the screen. In a tab that is not shown it does not wait for a frame. */
export function painted() {
  if (document.visibilityState === 'hidden') return breathe();
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
}

/** Resolves after so many milliseconds. */
export function later(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** `[used, quota, persisted]` in bytes, or `null` when the browser does not say. Asks it to keep the store. */
export async function storage() {
  if (!navigator.storage || !navigator.storage.estimate) return null;
  const persisted = navigator.storage.persist ? await navigator.storage.persist() : false;
  const { usage, quota } = await navigator.storage.estimate();
  return [usage || 0, quota || 0, persisted];
}

/** A point in time for the browser's own profiler and for measurements. */
export function mark(name) {
  performance.mark(name);
}

/** The time between two marks. */
export function measure(name, from, to) {
  performance.measure(name, from, to);
}

/** Keeps a word across a crash of the program: the only store that is written at once. */
export function remember(key, value) {
  try {
    if (value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Storage is off; then a crash is not remembered.
  }
}

/** What was kept by `remember`. */
export function recall(key) {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

let inHand = null;

/** Notes which document the program has in hand; `undefined` when it has put it down. */
export function hold(id) {
  inHand = id ?? null;
}

/** The program has ended: a trap of wasm, or its stack ran over. */
function isCrash(error) {
  const ranOver = error instanceof RangeError && /stack/i.test(error.message);
  // Firefox has a name of its own for a stack that ran over.
  return error instanceof WebAssembly.RuntimeError || ranOver || error?.name === 'InternalError';
}

/** From now on a crash does not go unseen: the document in hand is remembered under `key`, and the loader tells the person. */
export function watch(key) {
  const look = (error) => {
    if (!isCrash(error)) return;
    if (inHand) remember(key, `${recall(key) ?? ''} ${inHand}`.trim());
    tellLoader('panic');
  };
  addEventListener('error', (event) => look(event.error));
  addEventListener('unhandledrejection', (event) => look(event.reason));
}

/** Calls back whenever there may be a connection again or a person looks at the app. */
export function onAwake(callback) {
  addEventListener('online', () => callback());
  addEventListener('pageshow', () => callback());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') callback();
  });
}

/** Calls back when a newer version of the app is ready, also if it already is. */
export function onUpdate(callback) {
  addEventListener('donghanh:update', () => callback());
  if (document.documentElement.dataset.update === 'ready') callback();
}

/** Tells the loader. */
export function tellLoader(what) {
  dispatchEvent(new Event(`donghanh:${what}`));
}
