"use strict";
// The search page without a server: the months of the site, the newest first, until enough is found.

// --- words, as aggregator/stems.py compares them ---

const INVISIBLE = /[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f\u00ad\u200b-\u200d\ufeff]+/gu;
const MOST_LETTERS = 200;
const MOST_WORDS = 12;
const ENDINGS = {
  it: [[/^(.{3,}?)(?:i|h(?=[ei]))?[aeio]$/u, "$1"]],
  en: [
    [/^(.{2,})ies$/u, "$1y"],
    [/^(.{2,}(?:ss|sh|ch|x|z))es$/u, "$1"],
    [/^(.{2,}[^isu])s$/u, "$1"],
  ],
};

function words(text) {
  const plain = text.replaceAll("\u02bc", "'").replaceAll("\u00b4", "'").normalize("NFKD").replace(INVISIBLE, "");
  const small = plain.toLowerCase().replaceAll("ß", "ss").replaceAll("ς", "σ");
  return small.match(/[\p{L}\p{N}]+/gu) || [];
}

function stem(word, language) {
  const found = ENDINGS[language].find(([ending]) => ending.test(word));
  return found ? word.replace(...found) : word;
}

function stems(text, language) {
  return words(text).map((word) => stem(word, language));
}

// A function that says whether a text has all the words asked for, but for the small ones where there are others; the
// last one may still be being typed. Null where nothing is asked for.
function matcher(asked, language, small) {
  const typed = words([...asked].slice(0, MOST_LETTERS).join("")).slice(0, MOST_WORDS);
  const telling = typed.filter((word) => !small.includes(word));
  const wanted = telling.length ? telling : typed;
  const last = wanted.pop();
  if (last === undefined) return null;
  const all = wanted.map((word) => stem(word, language));
  const ending = stem(last, language);
  return (text) => {
    const found = stems(text, language);
    return all.every((one) => found.includes(one)) && found.some((one) => one === ending || one.startsWith(last));
  };
}

// --- the page ---

const ENOUGH = 20; // results, until somebody asks for older ones

function start() {
  const page = document.getElementById("search");
  const part = (name) => page.querySelector(`[data-part="${name}"]`);
  const [form, list, status, older, texts] = ["form", "list", "status", "older", "texts"].map(part);
  const language = document.documentElement.lang;
  const months = page.dataset.months.split(" ").filter(Boolean);
  const loaded = new Map();
  let turn = 0; // whoever searches anew stops the search before
  let search = null;

  const inWords = (day, options) => new Intl.DateTimeFormat(language, { ...options, timeZone: "UTC" }).format(new Date(day));
  const say = (sentence, values = {}) => {
    status.textContent = page.dataset[sentence].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  };

  async function load(month) {
    if (!loaded.has(month)) {
      const answer = await fetch(`${month}.json`);
      if (!answer.ok && answer.status !== 404) throw new Error(answer.statusText); // 404: gone since this page was made
      loaded.set(month, answer.ok ? (await answer.json()).stories : []);
    }
    return loaded.get(month);
  }

  async function go() {
    const mine = ++turn;
    const enough = search.count + ENOUGH;
    say("busy");
    try {
      while (search.next < months.length && search.count < enough) {
        const stories = await load(months[search.next]);
        if (mine !== turn) return;
        const found = stories.filter((one) => search.has([one.title, one.text, one.source, ...one.tags].join(" ")));
        list.append(...found.map(item));
        search.count += found.length;
        search.next += 1;
      }
    } catch {
      if (mine !== turn) return;
      older.hidden = false;
      return say("failed");
    }
    older.hidden = search.next === months.length;
    const since = inWords(`${months[search.next - 1] ?? "1970-01"}-01`, { month: "long", year: "numeric" });
    say(search.count ? "found" : "nothing", { count: search.count, since });
  }

  function begin(asked) {
    list.replaceChildren();
    older.hidden = true;
    status.textContent = "";
    search = { has: matcher(asked, language, page.dataset.small.split(" ")), next: 0, count: 0 };
    if (texts) { // there is a web side, which the form leads to where no script runs
      texts.hidden = !search.has;
      texts.firstElementChild.href = `${form.action}?q=${encodeURIComponent(asked)}`;
    }
    if (search.has) go();
    else turn += 1;
  }

  function item(story) {
    const time = element("time", { dateTime: story.day }, inWords(story.day, { day: "numeric", month: "long", year: "numeric" }));
    const source = element("span", { className: "source" }, element("bdi", {}, story.source));
    const link = element("a", { href: `../${story.path}` }, element("bdi", {}, story.title));
    const section = story.section ? [element("span", {}, story.section)] : [];
    const parts = [element("p", { className: "when" }, time, source, ...section), element("h2", { lang: story.language ?? "" }, link)];
    if (story.text) parts.push(element("p", { className: "excerpt", dir: "auto", lang: story.language ?? "" }, story.text));
    return element("li", { className: "story" }, ...parts);
  }

  function element(name, properties, ...content) {
    const made = Object.assign(document.createElement(name), properties);
    if (!made.lang) made.removeAttribute("lang");
    made.append(...content);
    return made;
  }

  function fromAddress() {
    form.elements.q.value = new URLSearchParams(location.search).get("q") ?? "";
    begin(form.elements.q.value);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    history.pushState(null, "", `?q=${encodeURIComponent(form.elements.q.value)}`);
    begin(form.elements.q.value);
  });
  older.addEventListener("click", async () => {
    const known = list.children.length;
    await go();
    list.children[known]?.querySelector("a").focus(); // reading goes on there, and the button may be gone
  });
  addEventListener("popstate", fromAddress);
  form.hidden = false;
  part("without").hidden = true;
  fromAddress();
}

if (typeof document !== "undefined") start(); // a test asks for the words alone
