"use strict";
// Sorting, filtering and the timeline's cursor.  The page says everything without it; nothing here makes markup of text.
(() => {
  const list = document.getElementById("list");
  if (!list) return;
  const exchanges = [...list.children];
  const heads = [...document.querySelectorAll(".heads button")];
  const toggles = [...document.querySelectorAll(".toolbar [data-label]")];
  const find = document.getElementById("find");
  const shown = document.getElementById("shown");
  document.body.classList.add("sortable");
  document.querySelector(".toolbar").hidden = false;

  // --- sort: the keys of an exchange stand in one attribute, in the order of `data-key`

  const keys = new Map(exchanges.map((each) => [each, each.dataset.keys.split("|")]));

  const compare = (a, b, key) => {
    const [x, y] = [keys.get(a)[key], keys.get(b)[key]];
    if (x === "" || y === "") return (x === "") - (y === "");  // what was not observed comes last, either way
    return (isNaN(x) || isNaN(y) ? x.localeCompare(y) : x - y) * (sorted.up ? 1 : -1);
  };

  let sorted = { head: null, up: false };
  const sort = (head) => {
    const text = head.dataset.key === "1" || head.dataset.key === "7";
    sorted = { head, up: sorted.head === head ? !sorted.up : text };
    for (const each of heads) {
      delete each.dataset.order;
      each.removeAttribute("aria-label");
    }
    head.dataset.order = sorted.up ? "up" : "down";
    head.setAttribute("aria-label", `${head.textContent}, sorted ${sorted.up ? "ascending" : "descending"}`);
    list.append(...[...exchanges].sort((a, b) => compare(a, b, head.dataset.key)));
  };
  for (const head of heads) head.addEventListener("click", () => sort(head));

  // --- filter: by verdict and by words, all of which must stand in the row

  const rows = new Map(exchanges.map((each) => [each, each.querySelector("summary").textContent.toLowerCase()]));

  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const labels = new Set(toggles.filter((each) => each.ariaPressed === "true").map((each) => "v-" + each.dataset.label));
    let n = 0;
    for (const each of exchanges) {
      const row = rows.get(each);
      each.hidden = ![...each.classList].some((name) => labels.has(name)) || !words.every((word) => row.includes(word));
      n += !each.hidden;
    }
    shown.textContent = n === exchanges.length ? "" : `${n} of ${exchanges.length} shown`;
  };
  find.addEventListener("input", filter);
  for (const toggle of toggles) {
    toggle.addEventListener("click", () => {
      toggle.ariaPressed = String(toggle.ariaPressed !== "true");
      filter();
    });
  }

  // --- links into an exchange open it

  const open = () => {
    const target = document.getElementById(location.hash.slice(1));
    const exchange = target?.closest(".exchange");
    if (!exchange) return;
    exchange.hidden = false;
    exchange.open = true;
    target.scrollIntoView();
    target.focus({ preventScroll: true });
  };
  addEventListener("hashchange", open);
  open();

  // --- the cursor over a timeline: by pointer, or by the arrow keys

  const time = (t) => (t < 1 ? `${(t * 1000).toFixed(1)} ms` : `${t.toFixed(3)} s`);
  const many = (n, noun) => `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;

  const marks = new WeakMap();  // read from its attribute when a timeline is first touched
  const marksOf = (track) => {
    if (!marks.has(track)) {
      const text = track.dataset.marks;
      marks.set(track, text ? text.split(";").map((each) => each.split(",").map(Number)) : []);
    }
    return marks.get(track);
  };

  const nearest = (found, t) => {
    let best = 0;
    for (let i = 1; i < found.length; i++) if (Math.abs(found[i][0] - t) < Math.abs(found[best][0] - t)) best = i;
    return best;
  };

  const show = (track, index) => {
    const found = marksOf(track);
    if (!found.length) return;
    index = Math.max(0, Math.min(index, found.length - 1));
    const [t, bytes, reads, events] = found[index];
    const before = index ? `, ${time(t - found[index - 1][0])} after the one before` : "";
    const cursor = track.querySelector(".cursor");
    cursor.style.left = `${(t / track.dataset.end) * 100}%`;
    cursor.style.visibility = "visible";
    track.dataset.at = index;
    track.nextElementSibling.textContent =
      `${time(t)}: ${many(bytes, "byte")} in ${many(reads, "read")}, completing ${many(events, "event")}${before}`;
  };

  const trackOf = (event) => event.target.closest?.(".track");
  list.addEventListener("pointermove", (event) => {
    const track = trackOf(event);
    if (!track) return;
    const box = track.getBoundingClientRect();
    show(track, nearest(marksOf(track), ((event.clientX - box.left) / box.width) * track.dataset.end));
  });
  list.addEventListener("keydown", (event) => {
    const track = trackOf(event);
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!track || !step) return;
    event.preventDefault();
    show(track, Number(track.dataset.at ?? (step > 0 ? -1 : 0)) + step);
  });
})();
