// A script of its own, since the policy of the page allows none inside it.
(() => {
  let chosen = "auto";
  try {
    chosen = localStorage.getItem("footfall-scheme") || "auto";
  } catch {
    // Storage is off: the system decides.
  }
  // Behind a link that was shared, the address may say so.
  const said = location.pathname.startsWith("/shared/") && new URLSearchParams(location.search).get("theme");
  if (said === "dark" || said === "light") chosen = said;
  const dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
