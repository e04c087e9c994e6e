// The worker that turns what a person typed into a key: perhaps a rehearsal, one question, one answer, then it is closed
// by the page.
import init, { derive } from '{{kdf_js}}';

const loaded = init({ module_or_path: '{{kdf_wasm}}' });

/** The same work with nothing in it: memory is there afterwards, and the browser makes good code of what it saw run. */
function rehearse(memory) {
  const nothing = new Uint8Array(16);
  derive(nothing, nothing, nothing, memory, 1);
}

addEventListener('message', async ({ data }) => {
  try {
    await loaded;
    if (!data.typed) return rehearse(data.memory);
    const start = performance.now();
    const key = derive(data.typed, data.salt, data.secret, data.memory, data.passes) ?? null;
    postMessage({ key, took: performance.now() - start });
  } catch (error) {
    console.warn('kdf:', error);
    postMessage({ key: null, took: 0 });
  }
});
