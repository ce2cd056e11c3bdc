// Hovering, focusing or choosing a triple outlines its words, and the other way round.
(() => {
  "use strict";
  let held = [];
  const keysOf = (target) => {
    const element = target instanceof Element ? target.closest("[data-key]") : null;
    return element ? element.dataset.key.split(" ") : [];
  };
  const show = (keys) => {
    document.querySelectorAll(".lit").forEach((element) => element.classList.remove("lit"));
    for (const key of [...held, ...keys]) {
      document.querySelectorAll(`[data-key~="${key}"]`).forEach((element) => element.classList.add("lit"));
    }
  };
  document.addEventListener("mouseover", (event) => show(keysOf(event.target)));
  document.addEventListener("focusin", (event) => show(keysOf(event.target)));
  document.addEventListener("click", (event) => {
    held = keysOf(event.target);
    show([]);
  });
})();
