// What stands for the database that all five servers share: a folder. `users/<name>` holds a session generation,
// `denied/<sid>` the end of a session that was ended.

import { randomInt, randomUUID } from 'node:crypto';
import { access, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

export const isName = (name) => /^[a-z]{1,20}$/.test(name ?? '');

export class Database {
  constructor(folder) {
    this.folder = folder;
  }

  async isDenied(sid) {
    return this.#exists(this.#denied(sid));
  }

  async deny({ sid, end }) {
    await this.#write(this.#denied(sid), end);
  }

  /** Throws where there is no number: no answer. */
  async generation(name) {
    const text = (await readFile(this.#user(name), 'utf8')).trim();
    if (!/^\d{1,15}$/.test(text)) throw new Error('no number');
    return Number(text);
  }

  /** A new user's number is random below 2^48. */
  async generationOrNew(name) {
    if (!await this.#exists(this.#user(name))) await this.#write(this.#user(name), randomInt(2 ** 48 - 1));
    return this.generation(name);
  }

  async countUp(name) {
    await this.#write(this.#user(name), await this.generation(name) + 1);
  }

  #user(name) {
    if (!isName(name)) throw new Error('no name');
    return path.join(this.folder, 'users', name);
  }

  /** A sid has 22 base64url characters: fit for a file name. */
  #denied(sid) {
    return path.join(this.folder, 'denied', sid);
  }

  async #exists(file) {
    return access(file).then(() => true, (error) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    });
  }

  async #write(file, number) {
    const draft = path.join(this.folder, `draft-${randomUUID()}`);
    await writeFile(draft, String(number));
    await rename(draft, file);
  }
}
