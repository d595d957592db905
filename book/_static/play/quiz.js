/* The questions on a chapter, as book/_ext/quiz.py writes them: press "check", and the sentence that meets your answer
   appears in place of the fold with all answers. Choosing alone tells nothing, as the arrow keys choose while they walk.

   <fieldset> radios or a field for a number, then <details> <p data-for="a">...</p> <p data-for="b" class="right"> ...
   data-for is a letter, a number (data-off: how far off still counts as that), or "other". Nothing is kept. */
"use strict";

(() => {
  /* The place of the sentence that meets a number, among [{for, off}]; -1 where there is none. */
  function meets(said, sentences) {
    const near = sentences.findIndex(each => Math.abs(said - Number(each.for)) <= Number(each.off || 0) + 1e-9);
    return near >= 0 ? near : sentences.findIndex(each => each.for === "other");
  }

  Object.assign(play, { meets });
  if (typeof document === "undefined") return;

  function found(box, sentences) {
    const field = box.querySelector("input[type=text]"), chosen = box.querySelector("input:checked");
    if (!field) return chosen && sentences.find(each => each.dataset.for === chosen.value);
    const value = play.number(field.value);  // of predict.js
    return Number.isNaN(value) ? null : sentences[meets(value, sentences.map(each => each.dataset))];
  }

  function ask(box, tell) {
    const answers = box.querySelector("details"), sentences = [...answers.querySelectorAll("p")];
    const said = play.tag("p", { class: "quiz-said", role: "status" });
    let first = true;
    const check = () => {
      const sentence = found(box, sentences), right = Boolean(sentence) && sentence.classList.contains("right");
      said.classList.toggle("right", right);
      if (!sentence) { said.textContent = "Choose an answer, or write one number such as 3 or 0.5."; return; }
      said.replaceChildren(...sentence.cloneNode(true).childNodes);
      if (first) tell(right);
      first = false;
    };
    answers.hidden = true;
    box.append(play.button("check", check), said);
    box.querySelectorAll("input").forEach(input => input.addEventListener("keydown", event => event.key === "Enter" && check()));
  }

  document.querySelectorAll(".quiz").forEach(quiz => {
    const tally = play.tag("p", { role: "status" }), counts = { right: 0, all: 0 };
    quiz.querySelectorAll("fieldset").forEach(box => ask(box, right => {
      counts.right += right;
      counts.all += 1;
      tally.textContent = `Right at the first try: ${counts.right} of ${counts.all}.`;
    }));
    quiz.append(tally);
  });
})();
