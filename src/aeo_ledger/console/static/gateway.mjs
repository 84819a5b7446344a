// The gateway's own routes, as any program asks them. What they answer is believed nowhere: it is shown as the gateway's word, or verified.

const TOKEN = "aeo-ledger.token";

// A refusal, or no answer. `family` says what to do; an answer that is none is `unavailable`.
export class GatewayError extends Error {
  constructor({ title, detail, family, status, needsToken = false }) {
    super(detail ?? title);
    Object.assign(this, { title, family, status, needsToken });
  }
}

const unavailable = (detail) => new GatewayError({ title: "Unavailable", family: "unavailable", detail });

export const token = () => sessionStorage.getItem(TOKEN);

export const keepToken = (text) => text ? sessionStorage.setItem(TOKEN, text) : sessionStorage.removeItem(TOKEN);

// A seat in a workshop, for this tab: who shows it acts at its table.
const SEAT = "aeo-ledger.seat";

export const seat = () => sessionStorage.getItem(SEAT);

export const keepSeat = (text) => text ? sessionStorage.setItem(SEAT, text) : sessionStorage.removeItem(SEAT);

// `body` is an object, or JSON as a file has it: then both sides read the same text, and a key that it has twice is refused.
async function send(path, { query, body, accept = "application/json", signal } = {}) {
  const asked = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== "");
  const address = asked.length ? `${path}?${new URLSearchParams(asked)}` : path;
  const headers = { accept, ...(token() && { authorization: `Bearer ${token()}` }), ...(seat() && path.startsWith("/workshop/") && { "workshop-seat": seat() }), ...(body && { "content-type": "application/json" }) };
  const how = { method: body ? "POST" : "GET", headers, body: typeof body === "string" ? body : body && JSON.stringify(body), cache: "no-store", credentials: "omit", redirect: "error", signal };
  const answer = await fetch(address, how).catch((error) => { throw error.name === "AbortError" ? error : unavailable("the gateway does not answer"); });
  if (answer.ok) return answer;
  const told = Object(await answer.json().catch(() => ({})));
  const needsToken = [401, 403].includes(answer.status) && !path.startsWith("/workshop/"); // a workshop asks for a seat
  throw new GatewayError({ title: String(told.title ?? answer.status), detail: String(told.detail ?? answer.status), family: String(told.family ?? "unavailable"), status: answer.status, needsToken });
}

export async function ask(path, options) {
  const answer = await send(path, options);
  return answer.json().catch(() => { throw unavailable("the gateway's answer is not JSON"); });
}

export const askBytes = async (path, options) => new Uint8Array(await (await send(path, { ...options, accept: "application/cbor" })).arrayBuffer());

// Server-sent events, read by `fetch`, since a browser's own reader sends no token. It ends when the gateway closes, or `signal` aborts.
export async function listen(path, { query, signal }, hear) {
  const answer = await send(path, { query, signal, accept: "text/event-stream" });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; ;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).replaceAll("\r\n", "\n").split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const event = { event: "message", id: "", data: "" };
      for (const line of block.split("\n")) {
        const [, field, content] = /^(\w+): ?(.*)$/.exec(line) ?? [];
        if (field in event) event[field] = content;
      }
      if (event.data) hear(event);
    }
  }
}
