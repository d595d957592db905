/* Light or dark: as the system has it, or as ?dark or ?light says; on paper light. The key T changes it. And an
   instrument is made as large as its slide has room for. */
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

  const LARGEST = 1.3, SMALLEST = 0.8, HIGH = 690;  // of the 720 units of a slide; zoom 1 is the size on a page
  function fit(slide) {
    const box = slide.querySelector(".play");
    if (!box) return;
    const scale = Reveal.isPrintView?.() ? 1 : Reveal.getScale(), top = slide.getBoundingClientRect().top;
    const bottom = () => (slide.lastElementChild.previousElementSibling.getBoundingClientRect().bottom - top) / scale;
    for (let zoom = LARGEST; zoom >= SMALLEST; zoom -= 0.05) {
      box.style.zoom = zoom;
      if (bottom() <= HIGH) return;
    }
  }
  addEventListener("load", () => {
    fit(Reveal.getCurrentSlide());
    Reveal.on("slidechanged", event => fit(event.currentSlide));
    Reveal.on("pdf-ready", () => Reveal.getSlides().forEach(fit));
  });
})();
