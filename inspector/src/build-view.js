/** The view that builds a token, with the library's sealer and signer. */
import { Context, CretulaError, Keyring, MasterKey, Sealer, Signer } from '../../interop/javascript/src/index.js';
import { utf8Length } from '../../interop/javascript/src/bytes.js';
import { $, integers, NO_INTEGER, say } from './dom.js';
import { count } from './words.js';

/** `inspect` shows what was built, with the values it was built with. */
export function setUpBuild(inspect) {
  let made;
  const forget = () => {
    made = undefined;
    $('built-part').hidden = true;
    say($('build-verdict'), '', '');
  };
  $('build-form').addEventListener('input', forget);
  $('generate').addEventListener('click', async () => {
    $('build-keys').value = await MasterKey.generate().exportText();
    forget();
    say($('build-verdict'), '', "A new key, from this browser's secure random generator.");
  });
  $('build-form').addEventListener('submit', async (event) => {
    event.preventDefault();
    forget();
    made = await build();
    if (made === undefined) return;
    $('built').value = made.text;
    $('built-part').hidden = false;
  });
  $('inspect-built').addEventListener('click', () => inspect(made));
}

async function build() {
  const numbers = integers(['build-now', 'build-ttl']);
  if (numbers === undefined) {
    say($('build-verdict'), 'failed', NO_INTEGER);
    return undefined;
  }
  const [now, ttl] = numbers;
  const [keys, audience, purpose, payload] = ['build-keys', 'build-audience', 'build-purpose', 'payload'].map(
    (id) => $(id).value,
  );
  try {
    const set = { ring: await Keyring.fromText(keys), context: new Context(audience, purpose) };
    const text =
      $('build-kind').value === 'sealed'
        ? await new Sealer(set).seal(payload, { ttl, now })
        : await new Signer(set).sign(payload, { ttl, now });
    const bytes = Math.floor((text.length * 3) / 4);
    const length = count(utf8Length(payload), 'byte');
    say(
      $('build-verdict'),
      'passed',
      `Built: ${count(text.length, 'octet')} of text, ${count(bytes, 'byte')}, payload of ${length}.`,
    );
    return { text, keys, audience, purpose, now: $('build-now').value };
  } catch (error) {
    if (!(error instanceof CretulaError) && !(error instanceof TypeError)) throw error;
    say($('build-verdict'), 'failed', `Refused: ${error.message}.`);
    return undefined;
  }
}
