// Chosen theme and language, before the first paint. Runs as an external script because the page allows no inline one.
try {
  const theme = localStorage.getItem("theme");
  if (theme) document.documentElement.dataset.theme = theme;
  if (localStorage.getItem("language") === "en") document.documentElement.lang = "en";
} catch {
  // Storage is switched off: the system's theme and Vietnamese stay.
}
