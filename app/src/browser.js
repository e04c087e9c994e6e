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
      // Refused, as without such locks: better two tabs that sync than none.
      .catch(() => granted(null));
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

/**
 * Calls back when nobody touched the app for `idle` ms, or when it was out of sight for `away` ms. While a camera or a
 * file picker is open the person is not away, for `picking` ms at most.
 */
export function onIdle(idle, away, picking, callback) {
  let touched = Date.now();
  let hidden = 0;
  let picker = 0;
  const isPicker = (event) => event.target instanceof HTMLInputElement && event.target.type === 'file';
  const touch = () => {
    touched = Date.now();
  };
  for (const kind of ['pointerdown', 'keydown', 'input', 'scroll']) {
    addEventListener(kind, touch, { capture: true, passive: true });
  }
  addEventListener('click', (event) => isPicker(event) && (picker = Date.now()), true);
  for (const kind of ['change', 'cancel']) {
    addEventListener(
      kind,
      (event) => {
        if (!isPicker(event)) return;
        picker = 0;
        touch();
      },
      true,
    );
  }
  const look = () => {
    const now = Date.now();
    if (picker && now - picker < picking) return;
    if (now - touched < idle && !(hidden && now - hidden >= away)) return;
    touched = now;
    if (hidden) hidden = now;
    callback();
  };
  setInterval(look, 5000);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') {
      hidden = Date.now();
      return;
    }
    look();
    hidden = 0;
    touch();
  });
}

/** What stands behind `#` in the address, which it then leaves: it is a secret, and no server ever sees it. */
export function takeFragment() {
  const { hash, pathname, search } = location;
  if (hash.startsWith('#/')) history.replaceState(history.state, '', pathname + search);
  return hash.startsWith('#/') ? hash.slice(1) : undefined;
}

/** Calls back when the address gets another fragment. */
export function onFragment(callback) {
  addEventListener('hashchange', () => callback());
}

/** Saves bytes as a file of the person's own. */
export function saveFile(name, bytes) {
  const address = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** The bytes of the file chosen in an input; `null` when there is none. */
export async function chosenFile(input) {
  const [file] = input.files ?? [];
  return file ? new Uint8Array(await file.arrayBuffer()) : null;
}
