// What IndexedDB needs from JavaScript itself: events as promises. Imported by `idb.rs`, by nothing else.

/** The result of a request. An error also aborts its transaction, which is what we want. */
export function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** `null` when the transaction is complete (durable, if it was strict), else the name of the error. Never rejects. */
export function finished(transaction) {
  return new Promise((resolve) => {
    transaction.oncomplete = () => resolve(null);
    transaction.onabort = () => resolve(transaction.error ? transaction.error.name : 'AbortError');
  });
}

/** Nothing more comes: an older browser finds that out by itself. */
export function closed(transaction) {
  transaction.commit?.();
}

/** A transaction whose completion means that the bytes are on the disk. */
export function strict(database, stores) {
  return database.transaction(stores, 'readwrite', { durability: 'strict' });
}

/**
 * Opens a database; `upgrade(database, from)` runs inside the version change. Another tab that wants a newer version
 * gets it: this one closes.
 */
export function opened(name, version, upgrade) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, version);
    request.onupgradeneeded = (event) => upgrade(request.result, event.oldVersion);
    request.onblocked = () => reject(new DOMException('another tab holds an older version', 'BlockedError'));
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const database = request.result;
      database.onversionchange = () => database.close();
      resolve(database);
    };
  });
}

/** Removes a database. */
export function removed(name) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = () => resolve(null);
    request.onerror = () => reject(request.error);
    // The other tabs close at `versionchange`; the deletion follows by itself.
    request.onblocked = () => {};
  });
}
