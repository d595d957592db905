/* Light or dark: as the system has it, or as ?dark or ?light says; on paper light. The key T changes it. */
"use strict";

(() => {
  const root = document.documentElement, asked = new URLSearchParams(location.search);
  const system = !asked.has("print-pdf") && matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = asked.has("dark") || (system && !asked.has("light")) ? "dark" : "light";
  const writes = node => /^(input|textarea|select)$/i.test(node.tagName);
  addEventListener("keydown", event => {
    if (event.key === "Escape" && document.activeElement.closest(".play")) document.activeElement.blur();
    if (event.key !== "t" || event.ctrlKey || event.metaKey || event.altKey || writes(event.target)) return;
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
  });
})();
