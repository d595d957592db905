/* Light or dark: as the system has it, or as ?dark or ?light says; on paper light. The key T changes it. And
   instruments, code and tables are made as large as their slide has room for. */
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

  // 1: an instrument's size on a page. HIGH: of the 720 units of a slide.
  const LARGEST = 1.5, SMALLEST = 0.8, HIGH = 690, EVIDENCE = ".play, pre, table.dataframe";
  function fit(slide) {
    if (!slide.querySelector(EVIDENCE)) return;
    const scale = Reveal.isPrintView?.() ? 1 : Reveal.getScale(), top = slide.getBoundingClientRect().top;
    const low = () => (slide.lastElementChild.previousElementSibling.getBoundingClientRect().bottom - top) / scale > HIGH;
    const right = node => node.getBoundingClientRect().right;
    const wide = node => node.scrollWidth > node.clientWidth || right(node) > right(slide);
    for (let twentieths = 20 * LARGEST; twentieths >= 20 * SMALLEST; twentieths--) {  // whole numbers reach the smallest
      slide.style.setProperty("--zoom", twentieths / 20);
      if (!low() && ![...slide.querySelectorAll("pre, table.dataframe")].some(wide)) return;
    }
  }
  addEventListener("load", () => {
    fit(Reveal.getCurrentSlide());
    Reveal.on("slidechanged", event => fit(event.currentSlide));
    Reveal.on("pdf-ready", () => Reveal.getSlides().forEach(fit));
  });
})();
