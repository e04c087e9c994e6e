// Starts the app: the service worker first asked for, the program loaded, and an honest word if either fails.
// An external file, because the content security policy allows no inline script.
import init from '{{js}}';

const SENTENCES = {
  load: {
    vi: 'Chưa mở được ứng dụng. Kiểm tra mạng rồi mở lại. Dữ liệu đã lưu vẫn còn trên máy.',
    en: 'The app could not be opened. Check the connection and open it again. What was saved is still on this phone.',
  },
  panic: {
    vi: 'Ứng dụng gặp trục trặc. Những gì đã lưu vẫn còn trên máy. Mở lại để làm tiếp.',
    en: 'The app has run into a problem. What was saved is still on this phone. Open it again to go on.',
  },
};
const AGAIN = { vi: 'Mở lại', en: 'Open again' };

function language() {
  return document.documentElement.lang === 'en' ? 'en' : 'vi';
}

/** Shows a sentence that stays, and the one thing that can be done. */
function tell(what) {
  if (document.getElementById('trouble')) return;
  const box = document.createElement('div');
  box.id = 'trouble';
  box.className = 'trouble';
  box.setAttribute('role', 'alert');
  const sentence = document.createElement('p');
  sentence.textContent = SENTENCES[what][language()];
  const again = document.createElement('button');
  again.type = 'button';
  again.textContent = AGAIN[language()];
  again.addEventListener('click', () => location.reload());
  box.append(sentence, again);
  document.body.prepend(box);
}

addEventListener('donghanh:panic', () => tell('panic'));

let asked = false;

/** A newer worker waits: the person decides when it takes over. */
function offer(registration) {
  document.documentElement.dataset.update = 'ready';
  dispatchEvent(new Event('donghanh:update'));
  const take = () => {
    asked = true;
    registration.waiting?.postMessage('skip-waiting');
  };
  addEventListener('donghanh:take-update', take, { once: true });
}

async function register() {
  if (!('serviceWorker' in navigator)) return;
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    // Only where a person asked for it: the first worker takes over in silence, and another tab may hold a form.
    if (asked) location.reload();
  });
  const registration = await navigator.serviceWorker.register('/sw.js', { updateViaCache: 'none' });
  if (registration.waiting && navigator.serviceWorker.controller) offer(registration);
  registration.addEventListener('updatefound', () => {
    const worker = registration.installing;
    worker?.addEventListener('statechange', () => {
      if (worker.state === 'installed' && navigator.serviceWorker.controller) offer(registration);
    });
  });
}

// The worker's downloads would compete with the program's on a slow line, so it comes after.
init({ module_or_path: '{{wasm}}' })
  .catch((error) => {
    console.error(error);
    tell('load');
  })
  .finally(() => register().catch((error) => console.warn('no service worker:', error)));
