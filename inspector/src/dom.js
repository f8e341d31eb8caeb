/** Small helpers over the document. Text is always a text node: nothing here parses markup. */

export const $ = (id) => document.getElementById(id);

/** An element with attributes and children, which are nodes or text; what is null is left out. */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(
    ...children
      .flat()
      .filter((child) => child !== null && child !== undefined)
      .map(asChild),
  );
  return element;
}

function asChild(child) {
  return child instanceof Node ? child : String(child);
}

/** `[WIRE-01] [OPEN-03]`, or a section; undefined gives nothing. */
export function rules(list) {
  const names = [list ?? []].flat().map((rule) => (rule.startsWith('§') ? rule : `[${rule}]`));
  return names.length === 0
    ? null
    : h(
        'span',
        { class: 'rules' },
        names.flatMap((name) => [h('span', {}, name), ' ']),
      );
}

/** Names and values; the values are isolated, so that no direction of theirs reaches the names. */
export function pairs(list) {
  return h(
    'dl',
    { class: 'pairs' },
    list.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
  );
}

/** Puts a sentence into a status line, with the state as a class. */
export function say(line, state, words) {
  line.className = `verdict ${state}`;
  line.textContent = words;
}

/** Reads fields of whole numbers; what is none is marked, gets the focus, and ends the reading with undefined. */
export function integers(names) {
  let fault;
  const found = names.map((name) => {
    const field = $(name);
    const text = field.value.trim();
    const isEmptyClock = text === '' && field.placeholder !== '';
    const isGood = isEmptyClock || /^-?[0-9]{1,20}$/.test(text);
    field.removeAttribute('aria-invalid');
    if (!isGood) {
      field.setAttribute('aria-invalid', 'true');
      fault ??= field;
    }
    return isEmptyClock ? Math.floor(Date.now() / 1000) : Number(text);
  });
  fault?.focus();
  return fault === undefined ? found : undefined;
}

/** What is said of such a field. */
export const NO_INTEGER = 'A field that is marked holds no whole number.';
