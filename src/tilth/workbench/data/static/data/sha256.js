// SHA-256 (FIPS 180-4), because browsers offer theirs only over HTTPS and many installations are reached by plain HTTP inside an office.
(() => {
  const primes = (count) => { const found = []; for (let n = 2; found.length < count; n++) if (found.every((p) => n % p)) found.push(n); return found; };
  const bits = (root) => ((root - Math.floor(root)) * 2 ** 32) | 0;  // the first 32 bits of the fraction
  const K = primes(64).map((p) => bits(Math.cbrt(p))), START = primes(8).map((p) => bits(Math.sqrt(p)));

  const block = (H, W, view, at) => {
    for (let t = 0; t < 16; t++) W[t] = view.getInt32(at + 4 * t);
    for (let t = 16; t < 64; t++) {
      const x = W[t - 15], y = W[t - 2];
      const s0 = (x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ (x >>> 3), s1 = (y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ (y >>> 10);
      W[t] = W[t - 16] + s0 + W[t - 7] + s1 | 0;
    }
    let [a, b, c, d, e, f, g, h] = H;
    for (let t = 0; t < 64; t++) {
      const S1 = (e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7), S0 = (a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10);
      const T1 = h + S1 + (e & f ^ ~e & g) + K[t] + W[t] | 0, T2 = S0 + (a & b ^ a & c ^ b & c) | 0;
      h = g; g = f; f = e; e = d + T1 | 0; d = c; c = b; b = a; a = T1 + T2 | 0;
    }
    H[0] += a; H[1] += b; H[2] += c; H[3] += d; H[4] += e; H[5] += f; H[6] += g; H[7] += h;
  };

  globalThis.sha256 = (buffer) => {
    const length = buffer.byteLength, whole = length - length % 64, H = Int32Array.from(START), W = new Int32Array(64), view = new DataView(buffer);
    for (let at = 0; at < whole; at += 64) block(H, W, view, at);
    const rest = new Uint8Array(length - whole < 56 ? 64 : 128), end = new DataView(rest.buffer);
    rest.set(new Uint8Array(buffer, whole));
    rest[length - whole] = 0x80;
    end.setUint32(rest.length - 8, Math.floor(length / 2 ** 29));
    end.setUint32(rest.length - 4, length * 8 % 2 ** 32);
    for (let at = 0; at < rest.length; at += 64) block(H, W, end, at);
    return [...H].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  };
})();
