// For the rulebook's pages: proposals while one types, how far a job is, only *.yaml of a folder. Nothing needs it.
"use strict";
(() => {
  // How far it is; the page is loaded anew when it is over, so that its outcome stands there.
  for (const box of document.querySelectorAll("[data-job]")) {
    const bar = box.querySelector("progress"), told = box.querySelector("[data-told]");
    const look = () => {
      if (document.hidden) return;
      fetch(box.dataset.job, {headers: {accept: "application/json"}})
        .then((answer) => (answer.ok ? answer.json() : null))
        .then((job) => {
          if (!job) return;
          if (job.state !== "running") { location.reload(); return; }
          told.textContent = job.total ? `${job.done} of ${job.total}` : `${job.done}`;
          if (job.total) { bar.max = job.total; bar.value = Math.min(job.done, job.total); }
        })
        .catch(() => {});
    };
    setInterval(look, 3000);
  }

  // A folder brings what lies beside, too: only the rulebook's files travel.
  for (const input of document.querySelectorAll("input[data-yaml]")) {
    input.addEventListener("change", () => {
      const wanted = [...input.files].filter((file) => file.name.endsWith(".yaml") && !file.webkitRelativePath.includes("/."));
      if (wanted.length === input.files.length) return;
      const kept = new DataTransfer();
      for (const file of wanted) kept.items.add(file);
      input.files = kept.files;
    });
  }

  // Proposals: words of the schema and of the rulebook's own names that begin as what is being typed.
  const area = document.querySelector("textarea[data-completion]"), list = document.getElementById("proposals");
  if (!area || !list) return;
  let names = null, shown = [], at = -1;
  const load = () => names ? Promise.resolve(names) : fetch(area.dataset.completion).then((answer) => answer.json()).then((told) => (names = told));
  const before = () => area.value.slice(0, area.selectionStart);
  const close = () => { list.hidden = true; shown = []; area.removeAttribute("aria-activedescendant"); };
  const kinds = (line) => {
    if (/\{[^{}\s:]*$/.test(line) && /["']/.test(line)) return ["words"];
    if (/list:\s*[\w-]*$/.test(line)) return ["lists"];
    if (/condition:\s*[\w-]*$/.test(line)) return ["conditions"];
    return ["facts", "keys"];
  };
  const show = () => {
    [...list.children].forEach((one, n) => one.setAttribute("aria-selected", String(n === at)));
    if (at >= 0) area.setAttribute("aria-activedescendant", `proposal-${at}`);
    list.children[at]?.scrollIntoView({block: "nearest"});
  };
  const take = (word) => {
    const begun = before().match(/[\w.-]*$/)[0];
    area.setRangeText(word, area.selectionStart - begun.length, area.selectionStart, "end");
    close();
    area.focus();
    area.dispatchEvent(new Event("input", {bubbles: true}));
  };
  const propose = (asked) => load().then((told) => {
    const line = before().split("\n").pop(), begun = line.match(/[\w.-]*$/)[0];
    if (!asked && begun.length < 2) { close(); return; }
    shown = kinds(line).flatMap((kind) => told[kind]).filter((word) => word.startsWith(begun) && word !== begun).slice(0, 30);
    at = asked ? 0 : -1;
    list.replaceChildren(...shown.map((word, n) => {
      const one = document.createElement("div");
      one.id = `proposal-${n}`;
      one.setAttribute("role", "option");
      one.textContent = word;
      one.addEventListener("mousedown", (event) => { event.preventDefault(); take(word); });
      return one;
    }));
    list.hidden = !shown.length;
    if (shown.length) show(); else close();
  }).catch(close);
  area.addEventListener("input", (event) => { if (event.isTrusted) propose(false); });
  area.addEventListener("blur", close);
  area.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.ctrlKey && event.code === "Space") { event.preventDefault(); propose(true); return; }
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { at = event.key === "ArrowDown" ? (at + 1) % shown.length : (Math.max(at, 0) + shown.length - 1) % shown.length; show(); event.preventDefault(); }
    else if (at >= 0 && (event.key === "Enter" || event.key === "Tab")) { event.preventDefault(); take(shown[at]); }
    else if (event.key === "Escape") { close(); event.preventDefault(); }
  });

  // A fault's line is where the cursor stands.
  const wanted = Number(new URLSearchParams(location.search).get("line"));
  if (wanted > 0) {
    const start = area.value.split("\n").slice(0, wanted - 1).join("\n").length + (wanted > 1 ? 1 : 0);
    area.focus();
    area.setSelectionRange(start, start);
    area.scrollTop = Math.max(0, (wanted - 5) * parseFloat(getComputedStyle(area).lineHeight));
  }
})();
