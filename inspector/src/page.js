/** Puts the page together. */
import { setUpBuild } from './build-view.js';
import { checkLines, setUpCookie } from './cookie-view.js';
import { $ } from './dom.js';
import { inspectWith, setUpInspect, show } from './inspect-view.js';

const TABS = ['inspect', 'build', 'cookie'];

function select(name) {
  for (const one of TABS) {
    const tab = $(`tab-${one}`);
    tab.setAttribute('aria-selected', String(one === name));
    tab.tabIndex = one === name ? 0 : -1;
    $(one).hidden = one !== name;
  }
}

/** The keys of the ARIA pattern for tabs: arrows, Home and End select and focus. */
function onKey(event) {
  const at = TABS.findIndex((one) => event.target.id === `tab-${one}`);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
  if (to === undefined) return;
  const name = TABS.at(to % TABS.length);
  select(name);
  $(`tab-${name}`).focus();
  event.preventDefault();
}

function toInspect() {
  select('inspect');
  $('token').focus();
}

for (const name of TABS) {
  $(`tab-${name}`).addEventListener('click', () => select(name));
  $(`tab-${name}`).addEventListener('keydown', onKey);
}
$('insecure').hidden = globalThis.isSecureContext;
setUpInspect((text) => {
  select('cookie');
  checkLines(text);
});
setUpBuild((made) => {
  toInspect();
  inspectWith(made);
});
setUpCookie((text) => {
  toInspect();
  show(text);
});
