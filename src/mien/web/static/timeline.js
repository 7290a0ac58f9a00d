// The timeline: rows of photos that go on in both directions, and the way to a month.

import { isElsewhere } from "./clicks.js";
import { firstInView, keepJustified } from "./justify.js";
import { joinMonths, keepLoading } from "./more.js";

const FARTHEST = 40; // pieces fetched to find the photo that somebody comes back to

const album = document.getElementById("album");
const news = document.getElementById("news");
const months = () => document.getElementById("months");

let lay = () => {};
let older = null;

function begin() {
  if (!months()) return;
  lay = keepJustified(months());
  older = keepLoading(months(), ".more", (piece) => {
    joinMonths(months(), piece);
    settle();
  });
  keepLoading(
    months(),
    ".newer",
    (piece) => {
      const seen = firstInView(months());
      const before = seen.getBoundingClientRect().top;
      joinMonths(months(), piece, true);
      settle();
      scrollBy(0, seen.getBoundingClientRect().top - before); // what one looks at stays where it is
    },
    "200px",
  );
  settle();
}

function settle() {
  lay();
  for (const month of months().querySelectorAll(".month")) inView.observe(month);
}

/** The month at the top of the window is the one that the navigator shows, and that a reload begins with. */
const inView = new IntersectionObserver(
  () => {
    const top = [...album.querySelectorAll(".month")].find((month) => month.getBoundingClientRect().bottom > 160);
    if (top) show(top.dataset.month);
  },
  { rootMargin: "-160px 0px -60% 0px" },
);

let shown = null;

function show(month) {
  if (month === shown) return;
  shown = month;
  const select = document.getElementById("month");
  if (select) select.value = month;
  for (const link of album.querySelectorAll(".rail a")) {
    const isIt = link.dataset.month === month;
    link.toggleAttribute("aria-current", isIt);
    if (isIt) {
      const year = link.closest("details");
      if (year) year.open = true;
      const rail = link.closest(".rail");
      if (rail.scrollHeight > rail.clientHeight) rail.scrollTop = link.offsetTop - rail.clientHeight / 2;
    }
  }
  const isNewest = scrollY < 400 && !album.querySelector(".newer") && month === album.querySelector(".month").dataset.month;
  history.replaceState(history.state, "", isNewest ? "/" : `/?month=${month}`);
}

function goTo(month) {
  const there = album.querySelector(`.month[data-month="${month}"]`);
  if (there) scrollTo({ top: there.getBoundingClientRect().top + scrollY - 120 });
  else location.assign(`/?month=${month}`);
}

album.addEventListener("click", (event) => {
  const link = event.target.closest(".rail a");
  if (link && !isElsewhere(event)) {
    event.preventDefault();
    goTo(link.dataset.month);
  }
});
album.addEventListener("change", (event) => {
  if (event.target.id === "month") goTo(event.target.value);
});

// Whoever comes back finds the timeline as it was.
let resting;

function remember() {
  const seen = months() && firstInView(months());
  if (seen) history.replaceState({ photo: seen.id, top: seen.getBoundingClientRect().top }, "");
}

addEventListener("click", remember, { capture: true });
addEventListener(
  "scroll",
  () => {
    clearTimeout(resting);
    resting = setTimeout(remember, 200);
  },
  { passive: true },
);

async function comeBack() {
  const { photo, top } = history.state ?? (location.hash ? { photo: location.hash.slice(1), top: 120 } : {});
  if (!photo || !months()) return;
  history.scrollRestoration = "manual";
  for (let piece = 0; piece < FARTHEST && !document.getElementById(photo); piece++) {
    if (!(await older.load())) break;
  }
  const tile = document.getElementById(photo);
  if (tile) scrollBy(0, tile.getBoundingClientRect().top - top);
}

/** Take what is new: quietly at the top of the timeline, else when asked to. */
async function refresh() {
  const answer = await fetch("/");
  if (!answer.ok) throw new Error(answer.statusText);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("album");
  album.replaceChildren(...page.childNodes);
  album.dataset.photos = page.dataset.photos;
  news.hidden = true;
  shown = null;
  begin();
}

let isRefreshing = false;
let told = null; // as the server counts, which it does not at every question

document.addEventListener("mien:status", async ({ detail: { photos } }) => {
  const difference = photos - Number(album.dataset.photos);
  if (photos === null || photos === told || isRefreshing) return;
  told = photos;
  if (difference === 0) return;
  const isUntouched = scrollY < 200 && !album.querySelector(".newer") && !album.contains(document.activeElement);
  if (isUntouched || !months()) {
    isRefreshing = true;
    await refresh().catch(() => (told = null)); // tried again at the next answer
    isRefreshing = false;
  } else if (difference > 0) {
    news.textContent = news.dataset.words.replace("{n}", difference.toLocaleString(document.documentElement.lang));
    news.hidden = false;
  }
});

news.addEventListener("click", async () => {
  scrollTo(0, 0);
  await refresh().catch(() => location.assign("/"));
});

begin();
comeBack();
