/** The bytes of a token: a grid coloured by field, and a list of the fields that lights up their bytes. */
import { h, pairs, rules } from './dom.js';
import { count, escaped } from './words.js';

const GROUP = 8;
/** Bytes of a field that the grid shows: its first ones. */
const SHOWN = 512;
/** Characters on either side of the one where a text fails. */
const AROUND = 12;

/** Grid and list of `fields`; `title` names them for a screen reader. */
export function bytesView(fields, title) {
  const cells = fields.map(cellsOf);
  const grid = h('div', { class: 'grid', 'aria-hidden': 'true' }, groupsOf(cells.flat()).map(groupNode));
  const items = fields.map((field, i) =>
    itemOf(
      field,
      i,
      cells[i].map(({ node }) => node),
    ),
  );
  return h('div', { class: 'bytes' }, grid, h('ul', { class: 'fields', 'aria-label': title }, items));
}

function cellsOf({ name, offset, bytes }, i) {
  const shown = Array.from(bytes.subarray(0, SHOWN), (byte, at) => {
    const kind = `byte ${styleOf(name)}${at === 0 ? ' first' : ''}`;
    const place = `${name}, byte ${offset + at}`;
    const node = h('span', { class: kind, title: place, 'data-number': at === 0 ? i + 1 : undefined }, byteText(byte));
    return { offset: offset + at, node };
  });
  if (bytes.length > SHOWN)
    shown.push({ offset: offset + SHOWN, node: h('span', { class: `byte more ${styleOf(name)}` }, '…') });
  return shown;
}

function byteText(byte) {
  return byte.toString(16).padStart(2, '0');
}

/** Eight bytes each; behind a gap a new group begins. */
function groupsOf(cells) {
  const groups = [];
  for (const cell of cells) {
    const last = groups.at(-1);
    if (last !== undefined && last.length < GROUP && last.at(-1).offset + 1 === cell.offset) last.push(cell);
    else groups.push([cell]);
  }
  return groups;
}

function groupNode(cells) {
  return h(
    'span',
    { class: 'group' },
    h('span', { class: 'offset' }, cells[0].offset),
    cells.map(({ node }) => node),
  );
}

function styleOf(name) {
  return `of-${name.replace('_', '-')}`;
}

/** A field: a button that lights its bytes while it has the focus or the pointer, and what is known of them. */
function itemOf({ name, offset, size, value, rules: ids, words }, i, nodes) {
  const light = (isOn) => () => nodes.forEach((node) => node.classList.toggle('lit', isOn));
  const button = h(
    'button',
    { type: 'button', class: `field-name ${styleOf(name)}`, title: 'lights its bytes' },
    h('span', { class: 'number' }, i + 1),
    ' ',
    name,
  );
  const item = h(
    'li',
    {},
    button,
    h(
      'span',
      { class: 'extent' },
      size === 0 ? `at ${offset}` : `${offset}..${offset + size}`,
      h('span', {}, count(size, 'byte')),
    ),
    h('div', { class: 'about' }, h('code', { class: 'value' }, value), h('p', {}, `${words} `, rules(ids))),
  );
  button.addEventListener('focus', light(true));
  button.addEventListener('blur', light(false));
  item.addEventListener('pointerenter', light(true));
  item.addEventListener('pointerleave', light(false));
  return item;
}

/** Where a text fails: the characters around, the bad one marked by more than colour. */
export function faultView(text, { at, words }) {
  const before = text.slice(Math.max(0, at - AROUND), at);
  const bad = String.fromCodePoint(text.codePointAt(at));
  const after = text.slice(at + bad.length, at + bad.length + AROUND);
  return h(
    'div',
    { class: 'fault' },
    h(
      'p',
      { class: 'around' },
      h(
        'code',
        {},
        at > AROUND ? '…' : '',
        escaped(before),
        h('mark', {}, bad === ' ' ? '␠' : escaped(bad)),
        escaped(after),
        text.length > at + bad.length + AROUND ? '…' : '',
      ),
    ),
    pairs([
      ['position', at],
      ['because', words],
    ]),
    h('p', {}, 'A token has one text; nothing is trimmed, skipped or padded. ', rules(['TEXT-02', 'OPEN-04'])),
  );
}
