// What script adds: times in the browser's zone, the preview, drafts as one types, single keys. Nothing needs it.
"use strict";
(() => {
  const language = document.documentElement.lang;

  // Times: the markup holds UTC. A zone that was chosen stands; else the browser's own is shown, always named.
  if (!document.body.dataset.zone) {
    const how = {day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short"};
    const shown = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, how);
    for (const time of document.querySelectorAll("time[datetime]")) {
      const at = new Date(time.dateTime);
      if (!Number.isNaN(at.getTime()) && time.dateTime.includes("T")) {
        time.title = time.textContent;
        time.textContent = shown.format(at);
      }
    }
    const told = document.querySelector(".bottom [data-zone-told]");
    if (told) told.textContent = Intl.DateTimeFormat().resolvedOptions().timeZone;
  }

  // Drafts: kept on the server a moment after the last key, so that a killed browser loses nothing.
  for (const form of document.querySelectorAll("form[data-draft]")) {
    const state = form.querySelector("[data-draft-state]");
    let timer = 0, sent = "", onItsWay = null;
    const keep = () => {
      const data = new URLSearchParams();
      for (const [name, value] of new FormData(form)) if (typeof value === "string") data.append(name, value);
      const body = data.toString();
      if (body === sent) return;
      sent = body;
      const going = fetch(form.dataset.draft, {method: "POST", body: data, keepalive: body.length < 60000, headers: {accept: "text/plain"}})
        .then((answer) => { if (state) state.textContent = answer.ok && !answer.url.endsWith("kept=0") ? state.dataset.kept : state.dataset.lost; })
        .catch(() => { if (state) state.textContent = state.dataset.lost; })
        .finally(() => { if (onItsWay === going) onItsWay = null; });
      onItsWay = going;
    };
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(keep, 1200); });
    addEventListener("pagehide", () => { if (timer && !form.dataset.leaving) keep(); });
    // What is too large is not sent. With files the text is kept first, since a proxy may refuse them all; of a form that
    // was taken the server keeps no draft, however late it comes.
    form.addEventListener("submit", (event) => {
      clearTimeout(timer);
      timer = 0;
      const files = form.querySelector("input[type=file]");
      if (files?.dataset.wrong && event.submitter?.value !== "discard") {
        event.preventDefault();
        keep();
        files.focus();
        return;
      }
      if (files?.files.length && event.submitter?.value !== "discard") keep();
      if (onItsWay && event.submitter?.value === "discard") { // else it would arrive behind, and stand there again
        event.preventDefault();
        const discard = () => { onItsWay = null; form.requestSubmit(event.submitter); };
        Promise.race([onItsWay, new Promise((late) => setTimeout(late, 3000))]).then(discard);
        return;
      }
      form.dataset.leaving = "1";
    });
    addEventListener("pageshow", () => { delete form.dataset.leaving; });
  }

  // Files: what is too many or too large is said before it travels.
  for (const input of document.querySelectorAll("input[type=file][data-most]")) {
    input.addEventListener("change", () => {
      const told = document.getElementById(input.dataset.told);
      const large = [...input.files].filter((file) => file.size > Number(input.dataset.size)).map((file) => file.name);
      const many = input.files.length > Number(input.dataset.most);
      if (told) {
        told.hidden = !(large.length || many);
        input.dataset.wrong = large.length || many ? "1" : "";
        told.textContent = [large.length ? `${input.dataset.large} ${large.join(", ")}` : "", many ? input.dataset.many : ""].filter(Boolean).join(" ");
      }
    });
  }

  // Single keys, unless switched off: none in fields, none with Alt, Ctrl or Meta, none while an input method composes.
  if (document.body.dataset.keys !== "off") {
    addEventListener("keydown", (event) => {
      const field = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]");
      if (field || event.altKey || event.ctrlKey || event.metaKey || event.isComposing || event.repeat) return;
      const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
      if (!target) return;
      event.preventDefault();
      if (target.matches("input, textarea")) target.focus(); else target.click();
    });
  }
})();
