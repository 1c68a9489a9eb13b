// The playground's script. Everything goes through the real API under /v1; the server draws (there is one set of
// templates), and this file sends, swaps, and marks what changed. One action at a time, in the order of the clicks.
const NOTICE_SEEN_AT = '2025-10-08T09:00:00Z';
const ROWS = 12;
const SEED = '7';
const PLACE = 'rapport-playground';
const CHOICES = ['choice-ads', 'choice-feed'];

const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
const controls = $('#conditions').elements;
const run = document.body.dataset.run;

/** What only the page knows. `said` holds the words, because the server keeps none. */
let state = { said: [], wishes: {}, spoken: 0, told: 0, erased: false, twins: [] };
let facts = null; // the person of the sample world that the controls change
const policies = new Map();

/* ---------- the API ---------- */

class Refused extends Error {
  constructor(problem, status) {
    super(problem.detail || problem.title || `the server answered ${status}`);
    this.status = status;
  }
}

async function call(method, path, body, now = clock()) {
  const headers = { 'Rapport-Now': now, 'Rapport-Seed': SEED, 'Rapport-Policy': controls.policy.value };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Refused({ detail: 'the server is out of reach; is `rapport demo` still running?' }, 0);
  }
  const text = await answer.text();
  let json = {};
  try { json = text ? JSON.parse(text) : {}; } catch { json = { detail: text.slice(0, 200) }; }
  if (!answer.ok) throw new Refused(json, answer.status);
  return json;
}

// A script may not set Sec-GPC, so the demo sets it on the way.
const v1 = (method, path, body, now) =>
  call(method, `${controls.gpc.checked ? '/playground/gpc' : ''}/v1${path}`, body, now);

async function timed(work) {
  const start = performance.now();
  const answer = await work;
  return { answer, ms: performance.now() - start };
}

/** Ten in the morning of the chosen day, and a second later for each thing said. */
function clock() {
  const start = Date.parse(`${controls.date.value || '2025-12-20'}T10:00:00Z`);
  return new Date(start + state.spoken * 1000).toISOString().replace('.000Z', 'Z');
}

const person = () => controls.person.value;
const twin = () => `${person()}-twin`;
const everyone = () => (controls.twin.checked ? [person(), twin()] : [person()]);
const path = (id) => `/people/${encodeURIComponent(id)}`;

/* ---------- the person behind the controls ---------- */

function factsNow(country = controls.country.value) {
  const linked = $$('input[name=linked]:checked').map((box) => box.value);
  const accounts = $$('input[name=linked]').map((box) => ({ product: box.value, linked: linked.includes(box.value) }));
  return { ...facts, country, accounts };
}

const putFacts = async (country) => state.erased || eachOf(everyone(), (id) => v1('PUT', path(id), factsNow(country)));

async function putChoices() {
  if (state.erased) return {};
  // Choices are merged into those of before; null takes one back.
  const said = { '': null, no: false, yes: true };
  const purposes = { ads: said[controls['choice-ads'].value], feed: said[controls['choice-feed'].value] };
  const answers = await eachOf(everyone(), (id) => v1('PUT', `${path(id)}/choices`, { purposes, topics: state.wishes }));
  return answers[0];
}

async function seeNotice() {
  if (!controls.notice.checked) return;
  const policy = await policyNow();
  const body = { channel: 'in_app' };
  await eachOf(everyone(), (id) => v1('POST', `${path(id)}/notices/${policy.notice.id}/seen`, body, NOTICE_SEEN_AT));
}

async function eachOf(list, work) {
  const answers = [];
  for (const entry of list) answers.push(await work(entry));
  return answers;
}

async function policyNow() {
  const name = controls.policy.value;
  if (!policies.has(name)) policies.set(name, await v1('GET', '/policy'));
  return policies.get(name);
}

const worldOf = (id, alias, mark) =>
  call('GET', `/playground/world/${id}?alias=${encodeURIComponent(alias)}&run=${mark}`);

/** Makes somebody anew from the sample world: erased first, so nothing of before is left. */
async function makeAnew(id, alias) {
  const mark = `${Date.now().toString(36)}${(state.told += 1)}`;
  const records = await worldOf(id, alias, mark);
  if (alias === id ? !state.erased : state.twins.includes(alias)) await v1('DELETE', path(alias));
  await v1('PUT', path(alias), factsNow());
  if (alias !== id) state.twins = [...new Set([...state.twins, alias])];
  for (const item of records.items) {
    const { id: name, ...body } = item;
    await v1('PUT', `/items/${encodeURIComponent(name)}`, body);
  }
  if (records.events.length) await v1('POST', '/events', records.events, later(records.events));
}

// The sample world's events are from December 2025; a clock that is set before them would refuse them as future.
function later(events) {
  return [clock(), ...events.map((event) => event.at)].sort().at(-1);
}

/** The person anew; what was said is said again, each in the country and at the time it was said in first. */
async function retell() {
  await eachOf(everyone(), (alias) => makeAnew(person(), alias));
  state.erased = false;
  await seeNotice();
  await putChoices();
  for (const message of state.said.filter((one) => !one.undone)) {
    await v1('PUT', path(person()), factsNow(message.country));
    message.event = freshEventId();
    await v1('POST', '/events', prompt(message), message.at);
  }
  await putFacts();
}

async function dropTwin() {
  for (const id of state.twins) await v1('DELETE', path(id));
  state.twins = [];
}

/** From the beginning: the person of the controls, as the sample world has them. */
async function startOver() {
  if (!controls.twin.checked) await dropTwin();
  state = { ...state, said: [], wishes: {}, spoken: 0 };
  controls.gpc.checked = false;
  CHOICES.forEach((key) => { controls[key].value = ''; });
  controls.notice.checked = true;
  $$('#log > :not(:first-child)').forEach((message) => message.remove());
  await loadFacts();
  await retell();
  await refresh('Started over.');
}

async function loadFacts() {
  facts = (await worldOf(person(), person(), 'facts')).person;
  delete facts.id;
  const accounts = new Map(facts.accounts.map((account) => [account.product, account.linked]));
  $$('input[name=linked]').forEach((box) => { box.checked = accounts.get(box.value) === true; });
  chooseCountry(facts.country);
  controls.talking.value = accounts.get('messenger') ? 'messenger' : 'main';
  controls.looking.value = 'main';
}

function chooseCountry(code) {
  const known = [...controls.country.options].some((option) => option.value === code);
  if (!known) controls.country.add(new Option(code, code));
  controls.country.value = code;
}

/* ---------- talking ---------- */

const freshEventId = () => `said-${Date.now().toString(36)}-${(state.told += 1)}`;

const prompt = (message) => ({
  id: message.event, type: 'assistant.prompt', person: person(), product: message.product, at: message.at,
  modality: 'text', text: message.text, conversation: `talk-${run}`,
});

async function say(text) {
  state.spoken += 1;
  const message = {
    event: freshEventId(), text, at: clock(), product: controls.talking.value, country: controls.country.value,
  };
  const bubble = showMine(message);
  let stored;
  try {
    stored = await timed(v1('POST', '/events', prompt(message)));
  } catch (problem) {
    return notStored(bubble, problem.message);
  }
  const rejected = stored.answer.rejected?.[0];
  if (rejected) return notStored(bubble, errorOf(rejected));
  state.said.push(message);
  const answered = call('POST', '/playground/assistant', { text }).catch((problem) => ({ problem }));
  await refresh(null, stored.ms);
  const reply = await answered;
  if (reply.problem) showTheirs(paragraph(`I can’t answer: ${reply.problem.message}`));
  else showTheirs(reply.html);
}

const errorOf = (rejected) => rejected.error?.detail || rejected.error || 'the server gave no reason';

function notStored(bubble, why) {
  $('.heard', bubble).innerHTML = `<p class="use no"><span>not stored: ${escaped(why)}</span></p>`;
  $('.undo', bubble).hidden = true;
}

function showMine(message) {
  const bubble = document.createElement('div');
  bubble.className = 'message mine';
  bubble.innerHTML = '<p class="words"></p><div class="heard"></div><button type="button" class="undo">Undo</button>';
  $('.words', bubble).textContent = message.text;
  $('.undo', bubble).setAttribute('aria-label', `Undo: ${message.text}`);
  $('.undo', bubble).addEventListener('click', () => act(() => undo(message.event)));
  bubble.message = message;
  return append(bubble);
}

function showTheirs(html) {
  const bubble = document.createElement('div');
  bubble.className = 'message theirs';
  bubble.innerHTML = html;
  append(bubble);
}

function append(bubble) {
  const log = $('#log');
  log.append(bubble);
  follow();
  return bubble;
}

/** Shows the last thing said, with what became of it, and as much of the answer as there is room for. */
function follow() {
  const log = $('#log');
  const last = $$('.mine', log).at(-1);
  log.scrollTop = last ? last.offsetTop - log.offsetTop - 8 : log.scrollHeight;
}

async function undo(event) {
  await v1('DELETE', `${path(person())}/events/${encodeURIComponent(event)}`);
  const message = state.said.find((one) => one.event === event);
  if (message) message.undone = true;
  await refresh('Undone, as if it had never happened.');
}

async function erase() {
  const name = personName();
  await dropTwin();
  const gone = state.erased ? {} : await v1('DELETE', path(person()));
  state = { ...state, said: [], wishes: {}, erased: true };
  $$('#log > :not(:first-child)').forEach((message) => message.remove());
  showTheirs(paragraph(`${name} is erased: facts, profile, events, receipts. “Start over” makes ${name} anew.`));
  await refresh(`${name} is erased. Receipt ${gone.receipt ?? 'not given'}.`);
}

/* ---------- seeing ---------- */

async function refresh(cause, storedMs) {
  const policy = await policyNow();
  const ask = (id) => ({ person: id, product: controls.looking.value });
  const feedOf = (id) => v1('POST', '/feed', { ...ask(id), limit: ROWS });
  const adsOf = (id) => v1('POST', '/ads', { ...ask(id), placement: 'feed', limit: 1 });
  const unless = (ask, nothing) => (state.erased ? Promise.resolve(nothing) : ask());
  const feed = await timed(unless(() => feedOf(person()), { items: [] }));
  const ads = await timed(unless(() => adsOf(person()), { ads: [] }));
  const profile = await unless(() => v1('GET', `${path(person())}/profile?product=${controls.looking.value}`), null);
  const beside = controls.twin.checked && !state.erased ? { feed: await feedOf(twin()), ads: await adsOf(twin()) } : null;
  const said = Object.fromEntries(state.said.filter((one) => !one.undone).map((one) => [one.event, one.text]));
  const drawing = await call('POST', '/playground/draw', {
    now: clock(), said, feed: feed.answer, ads: ads.answer, profile, policy, twin: beside,
  });
  show(drawing, { cause, stored: storedMs, feed: feed.ms, ads: ads.ms });
}

function show(drawing, times) {
  const before = $$('#items .card').map((card) => card.dataset.key);
  const ad = $('#ads .ad')?.dataset.key;
  const places = new Map($$('#items .card').map((card) => [card.dataset.key, card.getBoundingClientRect().top]));
  const focus = rememberFocus();
  swap($('#ads'), drawing.ads);
  swap($('#items'), drawing.feed);
  swap($('#topics'), drawing.known);
  focus();
  showHeard(drawing.heard);
  const changes = mark(before, ad);
  glide(places);
  tellNews(changes, times);
  $('#talk-where').textContent = `in ${controls.talking.value}`;
  $('#feed-where').textContent = `in ${controls.looking.value}`;
  remember();
}

/** Swaps a part of the page and leaves open what was open. */
function swap(place, html) {
  const keyOf = (details) => details.closest('[data-key]').dataset.key;
  const open = new Set($$('details[open]', place).map(keyOf));
  place.innerHTML = html;
  $$('details', place).forEach((details) => { details.open = open.has(keyOf(details)); });
}

/** Who held the focus gets it back in the new drawing. */
function rememberFocus() {
  const held = document.activeElement;
  const within = held?.closest('#ads, #items, #topics');
  if (!within) return () => {};
  const key = held.closest('[data-key]')?.dataset.key;
  const tag = held.tagName.toLowerCase();
  return () => {
    const again = key && $(`[data-key="${CSS.escape(key)}"] ${tag}`, within);
    (again || within.closest('section')).focus({ preventScroll: true });
  };
}

function showHeard(heard) {
  for (const bubble of $$('#log .mine')) {
    const { event, undone } = bubble.message;
    const place = $('.heard', bubble);
    const html = undone ? '<p>Undone.</p>' : heard[event];
    // Only what differs is touched, or a screen reader would read the whole conversation again.
    if (html !== undefined && bubble.shown !== html) place.innerHTML = bubble.shown = html;
    bubble.classList.toggle('undone', undone === true);
    $('.undo', bubble).hidden = undone === true || (heard[event] === undefined);
  }
  follow();
}

function mark(before, adBefore) {
  const cards = $$('#items .card');
  const changes = { fresh: 0, moved: 0, gone: 0, ad: false };
  cards.forEach((card, place) => {
    const was = before.indexOf(card.dataset.key);
    if (was === -1) { changes.fresh += 1; badge(card, 'new here'); card.classList.add('is-new'); }
    else if (was > place) { changes.moved += 1; badge(card, `up ${was - place}`); }
    else if (was < place) changes.moved += 1;
  });
  const now = new Set(cards.map((card) => card.dataset.key));
  changes.gone = before.filter((key) => !now.has(key)).length;
  const ad = $('#ads .ad');
  changes.ad = ad?.dataset.key !== adBefore;
  if (ad && changes.ad) { badge(ad, 'new here'); ad.classList.add('is-new'); }
  return changes;
}

function badge(card, text) {
  const word = document.createElement('span');
  word.className = 'badge';
  word.textContent = text;
  $('.badges', card).append(word);
}

/** Cards that stay glide to their new places. */
function glide(places) {
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  for (const card of $$('#items .card')) {
    const way = (places.get(card.dataset.key) ?? NaN) - card.getBoundingClientRect().top;
    if (Math.abs(way) > 1) {
      card.animate([{ transform: `translateY(${way}px)` }, { transform: 'none' }], { duration: 380, easing: 'cubic-bezier(.2,.7,.2,1)' });
    }
  }
}

function tellNews(changes, times) {
  const ms = (value) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
  const parts = [];
  if (state.erased) { $('#news').textContent = times.cause; return; }
  if (changes.fresh) parts.push(`${changes.fresh} new`);
  if (changes.gone) parts.push(`${changes.gone} gone`);
  if (changes.moved) parts.push(`${changes.moved} moved`);
  if (changes.ad) parts.push('another ad');
  const words = parts.join(', ') || 'nothing changed';
  const what = times.cause ? words : words[0].toUpperCase() + words.slice(1);
  const took = [
    times.stored === undefined ? null : `understood and stored in ${ms(times.stored)}`,
    `feed in ${ms(times.feed)}`, `ad in ${ms(times.ads)}`,
  ].filter(Boolean).join(', ');
  $('#news').className = 'news';
  $('#news').innerHTML = `<span>${times.cause ? `${escaped(times.cause)} ` : ''}<b>${what}</b> · ${took}</span>`;
}

function trouble(problem) {
  $('#news').className = 'news trouble';
  $('#news').textContent = `That did not work: ${problem.message}`;
}

const paragraph = (text) => `<p>${escaped(text)}</p>`;
const escaped = (text) => String(text).replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

/* ---------- one action at a time ---------- */

let last = Promise.resolve();
let waiting = 0;

function act(work) {
  waiting += 1;
  document.body.dataset.busy = 'true';
  $('main').setAttribute('aria-busy', 'true');
  last = last.then(work).catch(trouble).finally(() => {
    waiting -= 1;
    if (waiting) return;
    document.body.dataset.busy = 'false';
    $('main').removeAttribute('aria-busy');
  });
  return last;
}

$('#say').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = $('#words').value.trim();
  if (!text) return;
  $('#words').value = '';
  act(() => say(text));
});

$$('.suggestion').forEach((button) => button.addEventListener('click', () => {
  act(() => say(button.title));
}));

const onChange = {
  person: () => startOver(),
  country: async () => { await putFacts(); await refresh(`${personName()} is in ${countryName()} now.`); },
  date: () => refresh(`It is ${controls.date.value} now.`),
  policy: async () => { await putChoices(); await refresh(`The policy is “${controls.policy.value}” now.`); },
  notice: async () => {
    await retell();
    await refresh(controls.notice.checked ? 'The notice was seen before all this.' : 'The notice was never seen.');
  },
  talking: () => refresh(`You talk in ${controls.talking.value} now.`),
  looking: () => refresh(`You look at ${controls.looking.value} now.`),
  linked: async () => { await putFacts(); await refresh('The linked accounts changed.'); },
  'choice-ads': () => choose('ads', 'Personal ads'),
  'choice-feed': () => choose('feed', 'A personal feed'),
  gpc: () => refresh(controls.gpc.checked ? 'The browser sends GPC now.' : 'The browser sends no GPC now.'),
  twin: async () => {
    if (controls.twin.checked && !state.erased) {
      await makeAnew(person(), twin());
      await seeNotice();
      await putChoices();
    } else {
      await dropTwin();
    }
    await refresh();
  },
};

const personName = () => controls.person.selectedOptions[0].text;
const countryName = () => controls.country.selectedOptions[0].text;

/** An objection that the policy does not honour is stored all the same; the page says so. */
async function choose(purpose, subject) {
  const answer = await putChoices();
  const stored = answer?.purposes?.[purpose];
  const unheard = stored?.honoured === false && stored.rule;
  const chosen = controls[`choice-${purpose}`].value;
  const words = { '': `${subject}: no choice.`, no: `${subject}: objected.`, yes: `${subject}: agreed.` }[chosen];
  await refresh(unheard ? `${words} The policy does not honour it: ${unheard}.` : words);
}

$('#conditions').addEventListener('change', (event) => {
  const work = onChange[event.target.name];
  if (work && (event.target.name !== 'date' || event.target.value)) act(work);
});
$('#conditions').addEventListener('submit', (event) => event.preventDefault());
$('#start-over').addEventListener('click', () => act(startOver));

document.addEventListener('click', (event) => {
  const id = event.target.dataset?.undo;
  if (id) act(() => undo(id));
});
document.addEventListener('change', (event) => {
  const topic = event.target.dataset?.wish;
  if (!topic) return;
  state.wishes[topic] = event.target.value || null;
  act(async () => { await putChoices(); await refresh('The choice is stored.'); });
});

// Erasing takes two clicks, the second within five seconds.
$('#erase').addEventListener('click', ({ target }) => {
  if (target.dataset.sure) { target.blur(); calm(target); act(erase); return; }
  target.dataset.sure = 'yes';
  target.textContent = 'Really erase everything?';
  setTimeout(() => calm(target), 5000);
});

function calm(button) {
  delete button.dataset.sure;
  button.textContent = 'Erase everything';
}

/* ---------- coming and going ---------- */

const NAMES = ['person', 'country', 'date', 'policy', 'talking', 'looking', ...CHOICES];
const BOXES = ['notice', 'gpc', 'twin'];

function remember() {
  const values = Object.fromEntries(NAMES.map((key) => [key, controls[key].value]));
  const boxes = Object.fromEntries(BOXES.map((key) => [key, controls[key].checked]));
  const linked = $$('input[name=linked]:checked').map((box) => box.value);
  sessionStorage.setItem(PLACE, JSON.stringify({ run, state, values, boxes, linked }));
}

/** What this tab did with this start of the server, or null. */
function remembered() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(PLACE));
    return kept?.run === run ? kept : null;
  } catch {
    return null;
  }
}

async function begin() {
  const kept = remembered();
  await loadFacts();
  if (!kept) {
    // Somebody else's tab may have talked to this server before: then the person is made anew.
    if ($('#topics [data-undo^="said-"]')) return startOver();
    await putFacts();
    await putChoices();
    return seeNotice();
  }
  NAMES.forEach((key) => { controls[key].value = kept.values[key]; });
  chooseCountry(kept.values.country);
  BOXES.forEach((key) => { controls[key].checked = kept.boxes[key]; });
  $$('input[name=linked]').forEach((box) => { box.checked = kept.linked.includes(box.value); });
  facts = (await worldOf(person(), person(), 'facts')).person;
  delete facts.id;
  state = kept.state;
  state.said.forEach(showMine);
  return refresh('Where you left off.');
}

act(begin);
