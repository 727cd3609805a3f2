// The original stays in the browser's own database until the server has acknowledged it, so that a reload, a closed page or
// a lost network costs nothing. One at a time; whoever else uses the phone does not get to see it.

const NAME = "gradphoto-self-photograph";
const STORE = "originals";
const ONLY = "only";
const HOURS = 24; // the server forgets half an upload then, too

function open() {
  return new Promise((done, refuse) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => refuse(asked.error);
  });
}

async function within(mode, ask) {
  const database = await open();
  try {
    return await new Promise((done, refuse) => {
      const transaction = database.transaction(STORE, mode);
      const asked = ask(transaction.objectStore(STORE));
      transaction.oncomplete = () => done(asked.result);
      transaction.onerror = () => refuse(transaction.error);
      transaction.onabort = () => refuse(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** Keep the bytes. A browser that keeps nothing (private windows) is no reason not to send. */
export async function keep(owner, { blob, how, source, name }) {
  const bytes = await blob.arrayBuffer(); // Safari keeps no blobs in private windows, but bytes
  try {
    await within("readwrite", (store) => store.put({ owner, bytes, type: blob.type, how, source, name, at: Date.now() }, ONLY));
    return true;
  } catch {
    return false;
  }
}

/** What is kept of this owner, or null; another's or an old one is thrown away. */
export async function kept(owner) {
  try {
    const found = await within("readonly", (store) => store.get(ONLY));
    if (!found) return null;
    if (found.owner !== owner || Date.now() - found.at > HOURS * 3600 * 1000) {
      await forget();
      return null;
    }
    return { ...found, blob: new Blob([found.bytes], { type: found.type }) };
  } catch {
    return null;
  }
}

export async function forget() {
  try {
    await within("readwrite", (store) => store.delete(ONLY));
  } catch {
    // Nothing is kept where nothing can be kept.
  }
}
