// The page of sending counts along with the worker. Without scripts a reload does the same.
import { say } from "./app.js";

const box = document.getElementById("sending");
const bar = document.getElementById("bar");
const write = new Intl.NumberFormat(document.documentElement.lang);
let failures = 0;

async function look() {
  let now;
  try {
    const answer = await fetch(box.dataset.live, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    now = await answer.json();
    failures = 0;
  } catch {
    failures += 1;
    setTimeout(look, Math.min(30000, 2000 * 2 ** failures));
    return;
  }
  for (const place of box.querySelectorAll("[data-count]")) place.textContent = write.format(now[place.dataset.count]);
  bar.max = now.sites || 1;
  bar.value = now.sites - now.waiting;
  if ((now.done || now.failed > Number(box.dataset.failed)) && !document.querySelector("td :checked")) {
    // the list of what failed is the server's to write; what is ticked there is not lost
    if (now.done) say(box.dataset.finished);
    setTimeout(() => location.reload(), 800);
    return;
  }
  setTimeout(look, 2000);
}

if (box && box.dataset.done === "no") setTimeout(look, 1500);
