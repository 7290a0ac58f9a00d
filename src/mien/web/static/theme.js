// Light or dark, before the first paint. Without a choice the page follows the system; a choice is kept in this browser.
{
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const shown = () => root.dataset.theme ?? (system.matches ? "dark" : "light");

  const apply = (theme) => {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
  };

  const stored = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // a browser that keeps nothing follows the system
    }
  };

  apply(stored());
  addEventListener("storage", (event) => event.key === "theme" && apply(event.newValue));

  addEventListener("click", (event) => {
    if (!event.target.closest?.("#theme")) return;
    const theme = shown() === "dark" ? "light" : "dark";
    const isSystem = theme === (system.matches ? "dark" : "light");
    apply(isSystem ? null : theme);
    try {
      if (isSystem) localStorage.removeItem("theme");
      else localStorage.setItem("theme", theme);
    } catch {
      // the choice holds for this page
    }
  });
}
