// Asks the worker that derives keys; the page stays free meanwhile. Imported by `kdf.rs`, by nothing else.

/**
 * How long a worker may take, in milliseconds: ten times what an old phone needs. One that was put to sleep for good, or
 * whose code never came, would otherwise keep a person out without a word.
 */
const WITHIN = 30_000;

/** A worker that waits for its question, loaded while somebody types. */
let waiting = null;

function begun() {
  return new Worker('/kdf.js', { type: 'module' });
}

/** Has a worker ready before it is needed, with so much memory in KiB. */
export function rehearse(memory) {
  if (waiting) return;
  const worker = begun();
  // One that could not be loaded answers nobody: without this its question would wait for ever.
  worker.onerror = () => {
    if (waiting === worker) dismiss();
  };
  worker.postMessage({ memory });
  waiting = worker;
}

/** Nobody will ask: the worker that waits goes. */
export function dismiss() {
  waiting?.terminate();
  waiting = null;
}

/** The derived key, or `null` when no worker can be had: one that was ready and failed is followed by a fresh one. */
export async function derived(typed, salt, secret, memory, passes) {
  // Copies: what comes are views of all that the program holds, and all of that would go to the worker with each of them.
  const question = { typed: typed.slice(), salt: salt.slice(), secret: secret.slice(), memory, passes };
  const ready = waiting;
  waiting = null;
  return (ready && (await asked(ready, question))) ?? (await asked(begun(), question));
}

/** What one worker answers, which ends with it. */
function asked(worker, question) {
  return new Promise((resolve) => {
    const end = (key) => {
      clearTimeout(late);
      worker.terminate();
      resolve(key);
    };
    const late = setTimeout(() => end(null), WITHIN);
    worker.onmessage = ({ data }) => {
      // How long the worker took is measured there: its answer waits until this page has time.
      performance.measure('key-made', { end: performance.now(), duration: data.took });
      end(data.key);
    };
    worker.onerror = () => end(null);
    worker.postMessage(question);
  });
}

/** Whether this phone's own lock (a fingerprint, its PIN) can keep a secret for us. */
export async function ownLock() {
  try {
    if (!window.PublicKeyCredential) return false;
    if (!(await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable())) return false;
    const can = await PublicKeyCredential.getClientCapabilities?.();
    return can ? can['extension:prf'] !== false : true;
  } catch {
    return false;
  }
}

/** Makes a credential: `[its name, answer or null]`; `null` when the person or the phone does not want to. */
export async function makeOwnLock(person, name, question) {
  try {
    const made = await navigator.credentials.create({
      publicKey: {
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        rp: { name: 'Đồng Hành' },
        user: { id: person, name, displayName: name },
        pubKeyCredParams: [{ type: 'public-key', alg: -7 }, { type: 'public-key', alg: -257 }],
        authenticatorSelection: { authenticatorAttachment: 'platform', userVerification: 'required', residentKey: 'preferred' },
        extensions: { prf: { eval: { first: question } } },
      },
    });
    const prf = made.getClientExtensionResults().prf;
    if (!prf || (prf.enabled === false && !prf.results)) return null;
    return [new Uint8Array(made.rawId), prf.results ? new Uint8Array(prf.results.first) : null];
  } catch (error) {
    console.warn('own lock:', error.name);
    return null;
  }
}

/** The answer of a credential to the question it was made for; `null` when it is not given. */
export async function askOwnLock(credential, question) {
  try {
    const given = await navigator.credentials.get({
      publicKey: {
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        allowCredentials: [{ type: 'public-key', id: credential }],
        userVerification: 'required',
        extensions: { prf: { eval: { first: question } } },
      },
    });
    const results = given.getClientExtensionResults().prf?.results;
    return results ? new Uint8Array(results.first) : null;
  } catch (error) {
    console.warn('own lock:', error.name);
    return null;
  }
}
