// What the pages do beyond links and forms: a tip for every mark that has a label, by mouse and by keyboard.
// Every page works without this file.
"use strict";

(() => {
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true"); // what it says is the label of the mark, which is read anyway
  document.body.append(tip);

  const labelled = (node) => (node instanceof Element ? node.closest("[data-tip], svg [aria-label]") : null);

  const show = (mark) => {
    if (!mark || mark.getAttribute("aria-roledescription") === "axis") return;
    tip.textContent = mark.getAttribute("data-tip") || mark.getAttribute("aria-label");
    tip.hidden = false;
    const box = mark.getBoundingClientRect();
    const left = Math.min(box.left + window.scrollX, window.scrollX + document.documentElement.clientWidth - tip.offsetWidth - 8);
    tip.style.left = `${Math.max(left, 4)}px`;
    tip.style.top = `${box.bottom + window.scrollY + 6}px`;
  };
  const hide = () => { tip.hidden = true; };

  document.addEventListener("mouseover", (event) => { const mark = labelled(event.target); mark ? show(mark) : hide(); });
  document.addEventListener("focusin", (event) => { const mark = labelled(event.target); mark ? show(mark) : hide(); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
})();
