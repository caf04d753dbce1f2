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

// Reports: a number in the text and its row in the list light up together and lead to each other; the legend hides at once.
(() => {
  const report = document.querySelector("[data-report]");
  if (!report) return;
  report.classList.add("has-script");
  const quiet = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const same = (name) => [...report.querySelectorAll("[data-n]")].filter((node) => node.dataset.n === name);

  let lit = [];
  const light = (node) => {
    lit.forEach((each) => each.classList.remove("is-lit"));
    lit = node ? same(node.dataset.n) : [];
    lit.forEach((each) => each.classList.add("is-lit"));
  };
  const numbered = (node) => (node instanceof Element ? node.closest("[data-n]") : null);
  report.addEventListener("mouseover", (event) => light(numbered(event.target)));
  report.addEventListener("mouseleave", () => light(null));
  report.addEventListener("focusin", (event) => light(numbered(event.target)));

  const aim = (place) => {
    report.querySelectorAll(".is-target").forEach((each) => each.classList.remove("is-target"));
    place.classList.add("is-target");
  };
  const targeted = () => {
    const place = document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
    if (place && report.contains(place) && numbered(place) === place) aim(place);
  };
  targeted();
  window.addEventListener("hashchange", targeted);

  report.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a.report-n[href^='#']") : null;
    const place = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!place || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    aim(place);
    place.focus({ preventScroll: true });
    place.scrollIntoView({ block: "center", behavior: quiet ? "auto" : "smooth" });
    window.history.replaceState(null, "", link.hash);
  });

  const legend = report.querySelector("[data-report-legend]");
  if (!legend) return;
  legend.addEventListener("change", (event) => {
    const box = event.target;
    if (box.checked && !("rendered" in box.dataset)) {
      legend.requestSubmit();
      return;
    }
    report.querySelectorAll(`.report-text .s-${CSS.escape(box.value)}`).forEach((each) => each.classList.toggle("is-off", !box.checked));
    report.querySelectorAll("tr[data-standing]").forEach((row) => {
      if (row.dataset.standing === box.value) row.hidden = !box.checked;
    });
    const asked = new URLSearchParams(new FormData(legend));
    window.history.replaceState(null, "", `?${asked}${window.location.hash}`);
  });
})();
