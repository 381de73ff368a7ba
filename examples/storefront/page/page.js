"use strict";

// What the page shows comes whole with every event; only what differs is touched.
const $ = (id) => document.getElementById(id);
const euros = new Intl.NumberFormat("en", { style: "currency", currency: "EUR" });
const whole = new Intl.NumberFormat("en", { style: "currency", currency: "EUR", maximumFractionDigits: 0 });
const percent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });
const price = 80;
let bus = "external";
let quietUntil = Date.now() + 1500; // nothing flashes while the page fills
let failure = "";

function make(parent, tag, name) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  parent.append(element);
  return element;
}

// set changes a text, and lets it flash.
function set(element, text) {
  if (element.textContent === text) return;
  element.textContent = text;
  flash(element);
}

function flash(element) {
  if (Date.now() < quietUntil) return;
  element.classList.remove("flash");
  void element.offsetWidth; // starts the animation again
  element.classList.add("flash");
}

// each makes as many children as there are items and shows each in its own.
function each(list, items, create, show) {
  while (list.children.length > items.length) list.lastElementChild.remove();
  items.forEach((item, i) => {
    const child = list.children[i] || create(list);
    show(child.parts, item);
  });
}

function createVisitor(list) {
  const card = make(list, "article", "visitor");
  const who = make(card, "div", "who");
  const parts = card.parts = { card, name: make(who, "b"), about: make(who, "span", "quiet"), strip: make(card, "div", "strip") };
  const goods = make(card, "div", "goods");
  make(goods, "div").textContent = "Walnut desk lamp";
  const line = make(goods, "div", "price");
  parts.price = make(line, "span");
  parts.before = make(line, "s");
  parts.off = make(line, "b");
  parts.shipping = make(goods, "div", "quiet");
  parts.buy = make(goods, "div", "buy");
  parts.why = make(card, "dl", "why");
  return card;
}

function showVisitor(parts, visitor) {
  const shop = visitor.shop;
  const accent = shop.theme && /^#[0-9a-f]{6}$/i.test(shop.theme.accent) ? shop.theme.accent : "#55606e";
  if (parts.card.style.getPropertyValue("--accent") !== accent) parts.card.style.setProperty("--accent", accent);
  parts.name.textContent = visitor.name;
  parts.about.textContent = visitor.about;
  set(parts.strip, shop.banner);
  const now = price * (1 - shop.discount);
  set(parts.price, euros.format(now));
  parts.before.textContent = shop.discount > 0 ? euros.format(price) : "";
  set(parts.off, shop.discount > 0 ? percent.format(-shop.discount) : "");
  const from = shop.freeShippingFrom;
  set(parts.shipping, from <= 0 ? "Free shipping, always" : now >= from ? "Free shipping from " + whole.format(from) : "Shipping " + euros.format(6.9) + ", free from " + whole.format(from));
  set(parts.buy, shop.newCheckout ? "Buy now, one click" : "Add to cart");
  parts.buy.classList.toggle("new", shop.newCheckout);
  const keys = Object.keys(visitor.variants);
  while (parts.why.children.length > 2 * keys.length) parts.why.lastElementChild.remove();
  keys.forEach((key, i) => {
    const term = parts.why.children[2 * i] || make(parts.why, "dt");
    const value = parts.why.children[2 * i + 1] || make(parts.why, "dd");
    term.textContent = key;
    const [variant, reason] = visitor.variants[key].split(" ");
    set(value, (variant || "code default") + (reason === "TARGETING_MATCH" ? " · rule" : ""));
    value.title = reason;
  });
}

function createFlag(list) {
  const row = make(list, "li");
  const key = make(row, "div");
  const parts = row.parts = { row, key: make(key, "span", "key"), rule: make(key, "span", "rule"), select: make(row, "select"), toggle: make(row, "button", "switch") };
  parts.rule.textContent = "rule";
  parts.toggle.type = "button";
  parts.toggle.setAttribute("role", "switch");
  make(parts.toggle, "i").setAttribute("aria-hidden", "true");
  parts.state = make(parts.toggle, "span");
  parts.select.addEventListener("change", () => change({ key: parts.flag.key, variant: parts.select.value }));
  parts.toggle.addEventListener("click", () => change({ key: parts.flag.key, enabled: !parts.flag.enabled }));
  return row;
}

function showFlag(parts, flag) {
  const before = JSON.stringify(parts.flag);
  parts.flag = flag;
  if (before === JSON.stringify(flag)) return;
  if (before) flash(parts.row);
  parts.row.dataset.key = flag.key;
  parts.key.textContent = flag.key;
  parts.rule.hidden = !flag.rule;
  parts.toggle.setAttribute("aria-checked", flag.enabled);
  parts.toggle.setAttribute("aria-label", flag.key);
  parts.state.textContent = flag.enabled ? "on" : "off";
  parts.select.setAttribute("aria-label", "Default variant of " + flag.key);
  const none = flag.default ? [] : [new Option("none")]; // the flag names no default
  parts.select.replaceChildren(...none, ...flag.variants.map((name) => new Option(name, name, false, name === flag.default)));
}

// showHistory puts new revisions before those that are there, which stay.
function showHistory(list, revisions) {
  revisions.forEach((revision, i) => {
    const id = revision.revision + " " + revision.time;
    if (list.children[i] && list.children[i].dataset.id === id) return;
    const row = createRevision(list, revision);
    row.dataset.id = id;
    list.insertBefore(row, list.children[i]);
    flash(row);
  });
  while (list.children.length > revisions.length) list.lastElementChild.remove();
}

function createRevision(list, revision) {
  const row = make(list, "li");
  make(row, "span", "number").textContent = "#" + revision.revision;
  const what = make(row, "span", "what");
  make(what, "b").textContent = revision.actor || "somebody";
  what.append(" · " + (revision.retired ? "retired the set" : (revision.changed || []).join(", ") || "no flag") + (revision.reason ? " · " + revision.reason : ""));
  const time = make(row, "time");
  time.dateTime = revision.time;
  time.textContent = new Date(revision.time).toLocaleTimeString();
  return row;
}

function show(state) {
  badge(state.state);
  const keep = state.revision.revision ? "Visitors keep revision " + state.revision.revision : "Visitors get the defaults in the code";
  trouble(state.error ? keep + ": " + state.error + "." : "");
  bus = state.bus;
  $("bus").hidden = bus === "external";
  $("bus").textContent = bus === "running" ? "Stop the bus" : "Start the bus";
  each($("visitors"), state.visitors || [], createVisitor, showVisitor);
  each($("flags"), state.flags || [], createFlag, showFlag);
  showHistory($("history"), state.history || []);
  set($("arrival"), state.latencyMs ? "The last change arrived after " + state.latencyMs.toFixed(1) + " ms" : "No change yet");
  const served = state.revision;
  set($("revision"), served.revision ? "Visitors get revision " + served.revision + ", by " + (served.actor || "somebody") + " at " + new Date(served.time).toLocaleTimeString() + (served.reason ? ": " + served.reason : "") : "Visitors get the defaults in the code");
}

function badge(state) {
  if ($("state").textContent === state) return;
  $("state").textContent = state;
  $("state").className = "badge " + state;
}

let reason = "";
function trouble(text) {
  reason = text;
  showTrouble();
}
function showTrouble() {
  const text = failure || reason;
  $("trouble").hidden = !text;
  if ($("trouble").textContent !== text) $("trouble").textContent = text;
}

let forget;
async function post(path, body) {
  failure = "";
  try {
    const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    if (!answer.ok) failure = "Not changed: " + (await answer.text()).trim() + ".";
  } catch {
    failure = "Not changed: the shop does not answer.";
  }
  showTrouble();
  clearTimeout(forget);
  forget = setTimeout(() => { failure = ""; showTrouble(); }, 8000);
  return !failure;
}

async function change(what) {
  if (await post("api/flag", what)) return;
  for (const row of $("flags").children) { // show again what holds
    row.parts.select.value = row.parts.flag.default;
  }
}

$("bus").addEventListener("click", async () => {
  $("bus").disabled = true;
  await post("api/bus", { running: bus !== "running" });
  $("bus").disabled = false;
});

const events = new EventSource("events");
events.onmessage = (event) => show(JSON.parse(event.data));
events.onerror = () => {
  badge("OFFLINE");
  trouble("The shop has ended, or cannot be reached. This page comes back by itself when it does.");
};
