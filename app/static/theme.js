// Chosen theme and language, before the first paint. An external script, because the page allows no inline one.
try {
  const theme = localStorage.getItem('theme');
  if (theme) document.documentElement.dataset.theme = theme;
  if (localStorage.getItem('language') === 'en') {
    document.documentElement.lang = 'en';
    addEventListener('DOMContentLoaded', () => {
      for (const element of document.querySelectorAll('[data-en]')) element.textContent = element.dataset.en;
    });
  }
} catch {
  // Storage is switched off: the system's theme and Vietnamese stay.
}
