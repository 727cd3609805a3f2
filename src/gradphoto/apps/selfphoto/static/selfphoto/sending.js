// An original goes to the server in parts and goes on where it stopped (docs/self-photo.md: begin, parts, finish). Each step
// may be repeated: what was lost on the way is asked for again.

const WAITS_MS = [1000, 2000, 4000, 8000, 15000];
const PART_WAIT_MS = 60000;
const VERDICT_WAIT_MS = 120000;

/** The server said no in words: { code, message, remedy }. Trying again would not help. */
export class Refused extends Error {
  constructor(status, error) {
    super(error.message);
    Object.assign(this, { status, code: error.code, remedy: error.remedy || "" });
  }
}

class Again extends Error {
  constructor(seconds = 0) {
    super("again");
    this.seconds = seconds;
  }
}

const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export class Sending {
  /**
   * begin: the address of new uploads; token: CSRF; told({ sent, size }) and waits(seconds) are called on the way.
   */
  constructor({ begin, token, told = () => {}, waits = () => {} }) {
    Object.assign(this, { begin, token, told, waits });
    this.stop = new AbortController();
    this.failures = 0;
  }

  cancel() {
    this.stop.abort();
  }

  /** Send the original and return the verdict. Raises Refused, or AbortError when it was cancelled. */
  async send({ blob, how, source, name }) {
    const bytes = await blob.arrayBuffer();
    const sha256 = hex(await crypto.subtle.digest("SHA-256", bytes));
    const asked = { size: bytes.byteLength, sha256, source, name, type: blob.type };
    let upload = null;
    for (;;) {
      try {
        upload = upload || await this.ask(this.begin, { json: asked });
        while (upload.offset < bytes.byteLength) {
          this.told({ sent: upload.offset, size: bytes.byteLength });
          const part = bytes.slice(upload.offset, upload.offset + upload.chunk_bytes);
          upload = { ...upload, ...await this.ask(upload.url, { part, offset: upload.offset }) };
          this.failures = 0;
        }
        this.told({ sent: bytes.byteLength, size: bytes.byteLength });
        const verdict = await this.ask(`${upload.url}finish/`, { json: { how }, wait: VERDICT_WAIT_MS });
        if (verdict.try) return verdict;
        upload = { ...upload, ...verdict }; // bytes are missing: go on where the server says
      } catch (error) {
        if (!(error instanceof Again)) throw error;
        upload = await this.afresh(error, upload);
      }
    }
  }

  /** Wait, longer each time, but no longer than until the network is back; then ask how far the server got. */
  async afresh(error, upload) {
    const wait = Math.max(error.seconds * 1000, WAITS_MS[Math.min(this.failures, WAITS_MS.length - 1)]);
    this.failures += 1;
    this.waits(wait / 1000);
    await this.pause(wait);
    if (!upload) return null;
    try {
      return await this.ask(upload.url, {});
    } catch (fault) {
      // The server does not know it any more (24 hours): begin anew, from what is kept here.
      if (fault instanceof Refused && fault.status === 404) return null;
      if (fault instanceof Again) return upload;
      throw fault;
    }
  }

  pause(milliseconds) {
    return new Promise((done, refuse) => {
      const timer = setTimeout(go, milliseconds);
      const { signal } = this.stop;
      function go() {
        clearTimeout(timer);
        window.removeEventListener("online", go);
        if (signal.aborted) refuse(signal.reason); else done();
      }
      window.addEventListener("online", go);
      signal.addEventListener("abort", go, { once: true });
    });
  }

  async ask(address, { json, part, offset, wait = PART_WAIT_MS }) {
    this.stop.signal.throwIfAborted();
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), wait);
    const give = () => late.abort();
    this.stop.signal.addEventListener("abort", give);
    try {
      return await this.answer(await fetch(address, {
        method: json || part ? "POST" : "GET", credentials: "same-origin", signal: late.signal,
        body: part || (json && JSON.stringify(json)),
        headers: {
          Accept: "application/json", "X-CSRFToken": this.token,
          ...(part ? { "Content-Type": "application/octet-stream", "Upload-Offset": String(offset) } : {}),
          ...(json ? { "Content-Type": "application/json" } : {}),
        },
      }));
    } catch (error) {
      if (this.stop.signal.aborted) throw this.stop.signal.reason;
      if (error instanceof Refused || error instanceof Again) throw error;
      throw new Again(); // no answer: the network, or it took too long
    } finally {
      clearTimeout(timer);
      this.stop.signal.removeEventListener("abort", give);
    }
  }

  async answer(response) {
    const said = await response.json().catch(() => null);
    if (response.ok && said) {
      this.renewed = false;
      return said;
    }
    // A sign-in in another window made the page's token stale: the answer brings the right one, and nothing is lost.
    const token = response.status === 403 && response.headers.get("X-CSRFToken");
    if (token && !this.renewed) {
      Object.assign(this, { token, renewed: true });
      throw new Again();
    }
    // The server holds more or less than was thought: it says how much, and that is where to go on.
    if (response.status === 409 && said && typeof said.offset === "number") {
      this.failures += 1;
      if (this.failures > WAITS_MS.length) throw new Again();
      return { offset: said.offset };
    }
    if (response.status === 429 || response.status >= 500) throw new Again(Number(response.headers.get("Retry-After")) || 0);
    throw new Refused(response.status, (said && said.error) || { code: `http.${response.status}`, message: "" });
  }
}
