// The site's page works without this. It adds: the "seen" note, −/+ on the head-count, the count on the button, a draft of
// the line test, and a queue that keeps what was pressed while the telephone has no connection and sends it once.

const keep = (key, value) => {
  try {
    value === null ? localStorage.removeItem(key) : localStorage.setItem(key, JSON.stringify(value));
  } catch { /* private mode: nothing can be kept */ }
};
const kept = (key) => {
  try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
};
const uuid = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
};
const wall = (at) => new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Ho_Chi_Minh" })
  .format(at).split(":");

// --- seen: after a hand moved over the page; a mail scanner opens it and presses its buttons ---
const seen = document.querySelector("[data-seen]");
if (seen) {
  const tell = () => {
    signs.forEach((sign) => removeEventListener(sign, tell));
    fetch(seen.dataset.seen, { method: "POST", body: new URLSearchParams({ csrf_token: seen.dataset.token }), keepalive: true })
      .catch(() => {});
  };
  const signs = ["wheel", "touchmove", "keydown", "change"];
  signs.forEach((sign) => addEventListener(sign, tell, { passive: true }));
}

// --- the hour on the check-in page ---
const hour = document.querySelector("[data-hour]");
if (hour) setInterval(() => {
  const [hours, minutes] = wall(new Date());
  hour.textContent = hour.dataset.hour.replace("{h}", hours).replace("{m}", minutes);
}, 5000);

// --- the head-count ---
for (const stepper of document.querySelectorAll("[data-stepper]")) {
  const field = stepper.querySelector("input");
  for (const button of stepper.querySelectorAll("[data-step]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const next = (parseInt(field.value, 10) || 0) + Number(button.dataset.step);
      field.value = Math.min(Math.max(next, Number(field.min)), Number(field.max));
    });
  }
}

// --- how many items are marked; the draft of what is not sent yet ---
for (const form of document.querySelectorAll("form[data-draft]")) {
  const name = `draft ${location.pathname}`;
  const button = form.querySelector("[data-count]");
  const count = () => {
    if (button) button.textContent = button.dataset.count.replace("{n}", form.querySelectorAll("input[type=radio]:checked").length);
  };
  const draft = kept(name);
  if (draft && Date.now() - draft.at < 864e5) {
    for (const [field, value] of draft.fields) {
      const control = form.elements[field];
      if (control && field !== "csrf_token" && field !== "once") control.value = value;
    }
  }
  count();
  form.addEventListener("input", () => {
    count();
    keep(name, { at: Date.now(), fields: [...new FormData(form)].filter(([, value]) => typeof value === "string") });
  });
}

// --- the queue: one list for each link ---
const place = `queue ${location.pathname.split("/").slice(0, 3).join("/")}`;
const note = document.querySelector("[data-queue-note]");
const opened = Date.now();
let sending = false;

const tell = (words, at) => {
  if (!note) return;
  note.hidden = !words;
  if (words) note.lastElementChild.textContent = words.replace("{time}", wall(at).join(":"));
};

async function send() {
  if (sending) return;
  sending = true;
  let landed = null;
  for (let list = kept(place) || []; list.length; list = kept(place) || []) {
    const [first] = list;
    const seconds = Math.max(0, Math.round((Date.now() - first.at) / 1000));
    const body = new URLSearchParams([...first.fields, ["age", String(seconds)]]);
    let answer;
    try {
      answer = await fetch(first.url, { method: "POST", body, signal: AbortSignal.timeout?.(15000) });
    } catch {
      break; // no connection: it stays in the list
    }
    if (answer.status >= 500 || answer.status === 429) break;
    const rest = (kept(place) || []).slice(1);
    keep(place, rest.length ? rest : null);
    keep(`draft ${new URL(first.url).pathname}`, null);
    landed = answer.ok ? answer.url : null;
    if (!answer.ok) {
      sending = false;
      // pressed on this very page: send it the plain way, so that the server shows what is wrong at its field
      const form = first.at > opened && [...document.forms].find((one) => one.action === first.url && one.dataset.queue);
      form ? form.submit() : tell(note?.dataset.refused, first.at);
      return;
    }
  }
  sending = false;
  const [left] = kept(place) || [];
  if (left) tell(note?.dataset.kept, left.at);
  else if (landed) location.replace(landed);
}

for (const form of document.querySelectorAll("form[data-queue]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const fields = [...new FormData(form)].filter(([field]) => field !== "once" && field !== "age");
    const list = (kept(place) || []).filter((one) => form.dataset.queue !== "last" || one.url !== form.action);
    keep(place, [...list, { url: form.action, at: Date.now(), fields: [...fields, ["once", uuid()]] }]);
    if (!(kept(place) || []).length) form.submit(); // nothing can be kept here: send it the plain way
    else send();
  });
}
if ((kept(place) || []).length) send();
addEventListener("online", send);
document.addEventListener("visibilitychange", () => document.hidden || send());
setInterval(() => (kept(place) || []).length && send(), 10000);
