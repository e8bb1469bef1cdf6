// Keys stand for the page's own buttons, so that whatever a key does, the mouse and the finger can do as well.
"use strict";
const form = document.querySelector("form.keys");
const help = document.querySelector("dialog");
const note = form.querySelector("textarea");
const reasoning = document.getElementById("reasoning");
let sent = false;

// The next reply is read from its beginning.
history.scrollRestoration = "manual";

const toggleHelp = () => (help.open ? help.close() : help.showModal());
form.querySelector('[data-key="?"]').addEventListener("click", toggleHelp);

reasoning?.addEventListener("toggle", () => {
  if (reasoning.open) form.elements.opened.value = "1";
});

// Sent without leaving the page, so that a label that could not be saved leaves the reply and the note where they are.
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (sent) return;
  sent = true;
  const body = new URLSearchParams(new FormData(form, event.submitter));
  const trouble = form.querySelector(".trouble");
  try {
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body, redirect: "manual" });
    if (answer.type === "opaqueredirect") return location.reload();
    trouble.textContent = await answer.text();
  } catch {
    // The text of the page stays: the program does not answer.
  }
  trouble.hidden = false;
  sent = false;
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
  if (event.target === note) {
    if (event.key === "Escape") note.blur();
    return;
  }
  if (event.key === "?") return toggleHelp();
  if (help.open) return;
  if (event.key === "n" && note) {
    event.preventDefault();
    note.focus();
  } else if (event.key === "r" && reasoning) {
    reasoning.open = !reasoning.open;
  } else {
    const button = form.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (button) form.requestSubmit(button);
  }
});
