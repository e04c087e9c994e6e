// The worker that turns what a person typed into a key: one question, one answer, then it is closed by the page.
import init, { derive } from '{{kdf_js}}';

addEventListener('message', async ({ data }) => {
  try {
    await init({ module_or_path: '{{kdf_wasm}}' });
    postMessage(derive(data.typed, data.salt, data.secret, data.memory, data.passes) ?? null);
  } catch (error) {
    console.warn('kdf:', error);
    postMessage(null);
  }
});
