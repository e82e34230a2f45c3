// Sends a file in pieces: each at its offset with its SHA-256, again after a lost connection, and from where it stopped when the same file is chosen again.
(() => {
  const form = document.querySelector("[data-upload]");
  if (!form) return;
  const say = form.dataset, chunk = Number(say.chunk), token = form.elements.csrfmiddlewaretoken.value;
  const part = (name) => form.querySelector(`[data-${name}]`);
  const bar = form.querySelector("progress"), input = form.elements.file;
  let stopped = null;

  const ask = async (method, url, body, headers = {}) => {
    const answer = await fetch(url, { method, body, headers: { "X-CSRFToken": token, ...headers }, signal: stopped.signal, redirect: "manual" });
    if (answer.type === "opaqueredirect" || answer.status === 403) throw new Error(say.failed);
    if (answer.status >= 500) throw new TypeError("server");
    return { status: answer.status, ...(await answer.json()) };
  };
  const patiently = async (act) => {  // a lost connection, or a server that restarts: wait and try again, ever more slowly
    for (let pause = 1000; ; pause = Math.min(pause * 2, 15000)) {
      try { return await act(); } catch (fault) {
        if (!(fault instanceof TypeError)) throw fault;
        part("told").textContent = say.waiting;
        await new Promise((done) => { setTimeout(done, pause); addEventListener("online", done, { once: true }); });
        if (stopped.signal.aborted) throw new DOMException("", "AbortError");
      }
    }
  };
  const slice = (file, from, length) => file.slice(from, from + length).arrayBuffer();
  const same = async (file, pieces) => {  // whether what was sent before is the beginning of this file
    let at = 0;
    for (const [length, digest] of pieces) {
      tell(say.resuming, at, file.size);
      if (sha256(await slice(file, at, length)) !== digest) return false;
      at += length;
    }
    return true;
  };
  const tell = (word, done, total, extra = "") => {
    bar.max = total; bar.value = done;
    part("told").textContent = `${word} ${Math.floor(100 * done / total)}%${extra}`;
  };

  const send = async (file) => {
    const begin = (anew) => patiently(() => ask("POST", say.begin, JSON.stringify({ name: file.name, size: file.size, anew }), { "Content-Type": "application/json" }));
    let there = await begin(false);
    if (there.problem) throw new Error(there.problem);
    if (there.pieces.length && !(await same(file, there.pieces))) there = await begin(true);
    const started = performance.now(), before = there.received;
    for (let at = there.received; at < file.size;) {
      const piece = await slice(file, at, chunk);
      const answer = await patiently(() => ask("PUT", there.url, piece, { "Upload-Offset": at, "Piece-Digest": sha256(piece) }));
      if (answer.status === 422) throw new Error(answer.problem);
      at = answer.received;
      const left = (file.size - at) * (performance.now() - started) / Math.max(at - before, 1) / 1000;
      tell(say.sending, at, file.size, left > 5 ? ` · ${Math.floor(left / 60)}:${String(Math.round(left % 60)).padStart(2, "0")} ${say.left}` : "");
    }
    tell(say.checking, file.size, file.size);
    const end = await patiently(() => ask("POST", there.finish));
    if (!end.next) throw new Error(end.problem);
    location.assign(end.next);
  };

  const take = async (file) => {
    if (!file || stopped) return;
    stopped = new AbortController();
    part("problem").hidden = true; part("rest").hidden = true; part("busy").hidden = false;
    part("name").textContent = file.name;
    try { await send(file); } catch (fault) {
      part("rest").hidden = false; part("busy").hidden = true;
      if (fault.name !== "AbortError") { part("problem").textContent = fault.message; part("problem").hidden = false; }
      stopped = null; input.value = "";
    }
  };
  input.addEventListener("change", () => take(input.files[0]));
  part("stop").addEventListener("click", () => stopped?.abort());
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const kind of ["dragover", "dragleave", "drop"]) form.addEventListener(kind, (event) => {
    event.preventDefault();
    form.classList.toggle("data-drop--over", kind === "dragover");
    if (kind === "drop") take(event.dataTransfer.files[0]);
  });
})();
