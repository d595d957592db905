/* Predict, then see: what follows a question stays folded until the reader commits, or says "show me".

   In a chapter's Markdown cell, with blank lines as here, so that GitHub, Colab and JupyterLab show question and choices:

       <div class="predict" data-answer="2">

       *Before you run on:* after one batch of 1, 2, 3, 10, what is the running mean?

       - 4
       - 0.4
       - 0

       </div>

   data-answer: the place of the right choice, from 1; data-near="1 3": places that count as near. Two to four choices.
   For a number there is no list: data-answer is the number, data-near how far off still counts as near, data-unit its unit.
   kit.play.predict writes the same from a cell, for an answer that the cell computes. What follows is folded up to the
   next heading, the next question, or <div class="predict-end"></div>. Without script all is in sight.

   The answers are kept in this browser only. <div class="predict-summary" data-pages="01_nas_block 02_supernet"></div>
   on a part's last page shows them: right, near, surprised; without data-pages, those of all pages. */
"use strict";

(() => {
  const KEPT = "nas-predictions", ORDER = ["right", "near", "surprised"];

  /* "right", "near" or "surprised". Choices: places; a number: at most `near` off. Both as the attributes have them. */
  function verdict(said, answer, near, choices) {
    if (choices) return said === Number(answer) ? "right" : near.split(" ").map(Number).includes(said) ? "near" : "surprised";
    const off = Math.abs(said - Number(answer));
    return off < 1e-9 ? "right" : off <= Number(near || 0) ? "near" : "surprised";
  }

  /* A number as a reader types it, with its unit or without, or NaN: "1,000", "50 %", "−2" and "2.5" are numbers, "about 3"
     is none. */
  function number(text, unit = "") {
    const bare = unit && text.trim().endsWith(unit) ? text.trim().slice(0, -unit.length) : text;
    const plain = bare.trim().replace("−", "-").replace(/\s*%$/, "").replace(/(\d),(?=\d{3}(\D|$))/g, "$1");
    return /^[-+]?(\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : NaN;
  }

  /* {right, near, surprised}: how many of these answers were. */
  const count = answers => Object.fromEntries(ORDER.map(kind => [kind, answers.filter(answer => answer.verdict === kind).length]));

  /* {question: answer} of those that are answers: another program of the same site may have written here. */
  function kept() {
    try {
      const all = Object.entries(JSON.parse(localStorage.getItem(KEPT)) || {});
      return Object.fromEntries(all.filter(([, answer]) => ORDER.includes(answer?.verdict)));
    } catch {
      return {};  // no storage here, or no JSON
    }
  }

  function keep(answers) {
    try {
      localStorage.setItem(KEPT, JSON.stringify(answers));
    } catch { /* the answer holds until the page is left */ }
  }

  /* A page as readers know it: "Chapter 6b", "How we measure". */
  function titled(page) {
    const [, chapter] = /^0*(\d+[a-z]?)_/.exec(page) || [];
    return chapter ? `Chapter ${chapter}` : page.replaceAll("_", " ").replace(/^./, letter => letter.toUpperCase());
  }

  /* The words of nodes, without the line breaks of their source. */
  const words = nodes => nodes.map(node => node.textContent).join(" ").replace(/\s+/g, " ").trim();

  const PAGE = typeof document === "undefined" ? "" : location.pathname.split("/").pop().replace(/\.html$/, "") || "index";

  let told = false;  // once a page: that something follows

  /* What follows a question, taken into a box that can be folded; null where nothing follows. */
  function fold(question) {
    let node = question;
    while (node.parentElement && !node.parentElement.matches("section, article, main, body")) node = node.parentElement;
    const rest = [], ends = "section, h1, h2, h3, h4, h5, h6, .predict-end, .predict";
    for (let next = node.nextElementSibling; next && !next.matches(ends) && !next.querySelector(".predict, .predict-end"); next = next.nextElementSibling) {
      rest.push(next);
    }
    if (!rest.length) return null;
    const box = play.tag("div", { class: "predict-rest" });
    node.after(box);
    box.append(...rest);
    return box;
  }

  /* A link to what is folded, as #bench:step=600 to an instrument, unfolds it. */
  function linked(rest, open) {
    const look = () => {
      const name = location.hash.slice(1).split(":")[0], meant = name && rest.querySelector(`[id="${CSS.escape(name)}"]`);
      if (meant) { open(); meant.scrollIntoView(); }
    };
    look();
    window.addEventListener("hashchange", look);
  }

  function ask(box) {
    const { tag, button } = play, { answer, near = "", unit = "" } = box.dataset, rest = fold(box);
    const list = box.querySelector("ul, ol"), choices = list && [...list.children].map(item => item.textContent.trim());
    const key = `${PAGE}#${words([box]).slice(0, 60)}`, question = words([...box.children].filter(node => node !== list));
    const result = tag("p", { class: "predict-result", role: "status" }), controls = tag("div", { class: "predict-controls" });
    const units = said => (said === 1 && !unit.startsWith("of ") ? unit.replace(/s$/, "") : unit);
    const named = said => (choices ? `“${choices[said - 1]}”` : `${said} ${units(said)}`.trim());

    /* Beside a choice: whose it is, in words. */
    const mark = (place, text, kind) => {
      const item = list?.children[place - 1];
      item?.classList.add(kind);
      (item?.querySelector("button") || item)?.append(tag("span", { class: "predict-mark" }, text));
    };

    /* Unfold what follows, and tell what the reader said (null: nothing). */
    function open(said) {
      if (rest) { rest.hidden = false; rest.removeAttribute("hidden"); }
      controls.remove();
      box.querySelector(".predict-folds")?.remove();
      box.classList.add("answered");
      const right = Number(answer), buttons = list ? list.querySelectorAll("button") : [];
      buttons.forEach((button, i) => { button.disabled = true; button.setAttribute("aria-pressed", String(i + 1 === said)); });
      mark(right, " ✓\u00a0right", "is-right");
      if (said == null) { result.textContent = `Shown without an answer of yours: it is ${named(right)}.`; return; }
      if (said !== right) mark(said, " – your answer", "is-yours");
      const kind = verdict(said, answer, near, choices);
      box.classList.add(kind);
      const told = { right: `Right: it is ${named(right)}, as you said.`, near: `Near: you said ${named(said)}; it is ${named(right)}.`,
        surprised: `Surprised? You said ${named(said)}; it is ${named(right)}.` };
      const found = count(Object.values(kept()));
      result.replaceChildren(tag("strong", {}, told[kind]), tag("span", { class: "predict-tally" },
        ` In this browser so far: ${ORDER.map(each => `${found[each]} ${each}`).join(", ")}.`));
    }

    /* After a press, whose button is gone: the answer has the focus, and is read out by that. */
    function answered(said) {
      open(said);
      result.removeAttribute("role");
      result.tabIndex = -1;
      result.focus({ preventScroll: true });
    }

    function commit(said) {
      keep({ ...kept(), [key]: { page: PAGE, question, said: named(said), is: named(Number(answer)),
        verdict: verdict(said, answer, near, choices) } });
      answered(said);
    }

    const before = Object.hasOwn(kept(), key) ? kept()[key] : null;
    box.classList.add("predict-live");
    box.append(controls, result);
    if (before) {
      const said = choices ? choices.findIndex((_, i) => named(i + 1) === before.said) + 1 : Number.parseFloat(before.said);
      if (choices ? said > 0 : !Number.isNaN(said)) { open(said); return; }
    }
    if (rest) {
      rest.setAttribute("hidden", "until-found");  // a search in the page still finds what is folded, and unfolds it
      rest.addEventListener("beforematch", () => open(null));
      linked(rest, () => open(null));
      if (!told) box.append(tag("p", { class: "predict-folds" }, "The result opens when you answer, or press ", tag("em", {}, "show me"), "."));
      told = true;
    }
    const shown = button("show me", () => answered(null), { class: "predict-plain" });
    if (choices) {
      list.classList.add("predict-list");
      [...list.children].forEach((item, i) => {
        const press = tag("button", { type: "button", onclick: () => commit(i + 1) });
        press.append(...item.childNodes);
        item.replaceChildren(press);
      });
      controls.append(shown);
      return;
    }
    const input = tag("input", { type: "text", inputmode: "decimal", size: 8, autocomplete: "off", "aria-label": `your number${unit && `, in ${unit}`}` });
    const send = () => {
      const said = number(input.value, unit);
      if (Number.isNaN(said)) { result.textContent = "Write one number, such as 3 or 0.5."; input.focus(); } else commit(said);
    };
    input.addEventListener("keydown", event => event.key === "Enter" && send());
    controls.append(input, tag("span", {}, unit), button("I say so", send), shown);
  }

  /* A button that forgets answers at its second press; until then, and when left, nothing is lost. */
  function forgetting(mine, after) {
    const first = "forget my answers", sure = `really forget ${mine.length} answer${mine.length > 1 ? "s" : ""}?`;
    const node = play.button(first, () => {
      if (node.textContent === first) { node.textContent = sure; return; }
      keep(Object.fromEntries(Object.entries(kept()).filter(([key]) => !mine.includes(key))));
      after();
    });
    node.addEventListener("blur", () => { node.textContent = first; });
    return node;
  }

  function summary(box) {
    const { tag } = play, pages = (box.dataset.pages || "").split(" ").filter(Boolean);
    const mine = Object.keys(kept()).filter(key => !pages.length || pages.includes(kept()[key].page));
    const answers = mine.map(key => kept()[key]);
    const found = count(answers), wrong = answers.filter(answer => answer.verdict === "surprised");
    const bars = ORDER.map(kind => {
      const bar = play.bar(kind);
      bar.set(answers.length ? found[kind] / answers.length : 0, String(found[kind]), { right: "a", near: "c", surprised: "b" }[kind]);
      return bar.node;
    });
    const lists = pages.map(page => [page, wrong.filter(answer => answer.page === page)]).filter(([, list]) => list.length);
    lists.sort((one, other) => other[1].length - one[1].length);
    box.classList.add("play");
    const hint = tag("p", { class: "play-hint", tabindex: -1 }, answers.length ? `${answers.length} so far, kept in this browser only.` : "None yet: they appear here as you answer, and stay in this browser.");
    box.replaceChildren(tag("div", { class: "play-title" }, "Your predictions"), hint, ...(answers.length ? bars : []),
      ...(lists.length ? [tag("p", {}, "Where intuition failed most:"), tag("ul", {}, lists.flatMap(([page, list]) => list.map(answer =>
        tag("li", {}, tag("a", { href: `${page}.html` }, titled(page)),
          `: ${answer.question.replace(/^Before you run on: */, "").replace(/^./, letter => letter.toUpperCase())} You said ${answer.said}; it is ${answer.is}.`))))] : []),
      ...(answers.length ? [forgetting(mine, () => { summary(box); box.querySelector(".play-hint").focus(); })] : []));
  }

  Object.assign(play, { verdict, number, count, titled });
  if (typeof document === "undefined") return;
  document.querySelectorAll(".predict").forEach(ask);
  document.querySelectorAll(".predict-summary").forEach(summary);
})();
