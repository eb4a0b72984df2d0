// The console's additions: "3 new" without moving anything, who else is here, lines by keys. Nothing needs it.
"use strict";
(() => {
  // What is new is said, in the title too for an S1; the list stays as it is until one asks for it.
  const news = document.getElementById("news");
  if (news) {
    const link = news.querySelector("a"), title = document.title;
    let heard = 0;
    // Two short tones, made here: once for each new S1. A browser that has not been touched yet stays silent.
    const ring = () => {
      const sound = new AudioContext();
      for (const [at, pitch] of [[0, 660], [0.25, 880]]) {
        const tone = sound.createOscillator(), loud = sound.createGain();
        tone.frequency.value = pitch;
        loud.gain.value = 0.15;
        tone.connect(loud).connect(sound.destination);
        tone.start(sound.currentTime + at);
        tone.stop(sound.currentTime + at + 0.2);
      }
      setTimeout(() => sound.close(), 2000);
    };
    const ask = () => {
      if (document.hidden) return;
      fetch(news.dataset.news, {headers: {accept: "application/json"}})
        .then((answer) => (answer.ok ? answer.json() : null))
        .then((told) => {
          if (!told || !told.new) return;
          link.textContent = `${told.new >= 50 ? "50 or more" : told.new} new or changed: show them`;
          news.hidden = false;
          if (told.s1 > heard && "sound" in news.dataset) ring();
          heard = told.s1;
          document.title = told.s1 ? `(${told.s1} S1) ${title}` : title;
        })
        .catch(() => {});
    };
    setInterval(ask, 60000);
    addEventListener("desk:news", ask);
  }

  // Who else is at this ticket: told while the tab is seen, with the age of the hint.
  const others = document.getElementById("others");
  if (others) {
    const writes = () => [...document.querySelectorAll("form[data-draft] textarea")].some((one) => one.value !== one.defaultValue);
    const tell = () => {
      if (document.hidden) return;
      const body = new URLSearchParams({csrf: others.dataset.csrf, writes: writes() ? "1" : ""});
      fetch(others.dataset.here, {method: "POST", body})
        .then((answer) => (answer.ok ? answer.text() : ""))
        .then((text) => { others.textContent = text; others.hidden = !text; })
        .catch(() => {});
    };
    setInterval(tell, 30000);
    addEventListener("desk:here", tell);
  }

  // A mail from a file is shown before it travels.
  const file = document.getElementById("mail-file");
  if (file) {
    file.hidden = false;
    document.querySelector("label[for=mail-file]").hidden = false;
    file.addEventListener("change", () => file.files[0]?.slice(0, 120000).text().then((text) => { document.getElementById("mail").value = text; }));
  }

  // Words of the conversation that were marked go into the form that splits them off.
  const marked = document.querySelector("[data-mark]"), take = document.querySelector("[data-mark-button]");
  if (marked && take) {
    let words = "";
    document.addEventListener("selectionchange", () => {
      const chosen = getSelection(), node = chosen.anchorNode;
      const within = node && (node.nodeType === 1 ? node : node.parentElement)?.closest(".said");
      if (within && !chosen.isCollapsed) words = chosen.toString().trim();
    });
    take.hidden = false;
    take.addEventListener("click", () => {
      if (words) marked.value = marked.value.trim() ? `${marked.value.trim()}\n\n${words}` : words;
      marked.focus();
    });
  }

  // How many are chosen; the browser brings the boxes back after Back.
  const bulk = document.getElementById("bulk");
  if (bulk) {
    const count = () => {
      const number = bulk.querySelectorAll("[name=chosen]:checked").length;
      bulk.querySelector("[data-chosen]").textContent = number ? `(${number})` : "";
    };
    bulk.addEventListener("change", count);
    addEventListener("pageshow", count);
  }

  // Times that are typed go by the clock that times are shown by (pages.js), and the form says which.
  if (!document.body.dataset.zone) {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    for (const field of own ? document.querySelectorAll("[data-own-zone]") : []) field.value = own;
    for (const told of own ? document.querySelectorAll("[data-own-zone-told]") : []) told.textContent = own;
  }

  // Lines by j and k, x chooses; a closed box of forms opens when its key is pressed.
  if (document.body.dataset.keys !== "off") {
    addEventListener("keydown", (event) => {
      const field = event.target instanceof Element && event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
      if (field || event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
      const lines = [...document.querySelectorAll("table.queue tbody tr")];
      const at = lines.findIndex((line) => line.contains(document.activeElement));
      if (event.key === "j" || event.key === "k") {
        const next = lines[at < 0 ? 0 : at + (event.key === "j" ? 1 : -1)];
        if (next) { next.querySelector("a").focus(); event.preventDefault(); }
      } else if (event.key === "x" && at >= 0) {
        const box = lines[at].querySelector("[name=chosen]");
        box.checked = !box.checked;
        box.dispatchEvent(new Event("change", {bubbles: true}));
        event.preventDefault();
      }
    });
    document.addEventListener("toggle", (event) => {
      if (event.target.open && event.target.matches(".acts details")) event.target.querySelector("input:not([type=hidden]), select, textarea, button")?.focus();
    }, true);
  }
})();
