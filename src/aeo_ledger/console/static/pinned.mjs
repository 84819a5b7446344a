// The trust bundle pinned in this browser: all that a verdict rests on. It is never taken from the gateway in one step with an answer.
import { fingerprint, parseTrust } from "./verifier/trust.mjs";

const PLACE = "aeo-ledger.trust";

// Reads a bundle from text. Throws `Refused` if it is none.
export function readBundle(text) {
  const trust = parseTrust(text);
  return { text, trust, fingerprint: fingerprint(trust) };
}

// The pinned bundle, or null. One that cannot be read any more counts as none.
export function pinned() {
  const text = localStorage.getItem(PLACE);
  if (text === null) return null;
  try { return readBundle(text); } catch { return null; }
}

export const pin = (bundle) => localStorage.setItem(PLACE, bundle.text);

export const unpin = () => localStorage.removeItem(PLACE);

// Only the digits of a fingerprint count: people write it in groups, with or without 0x.
export const digitsOf = (text) => text.trim().toLowerCase().replace(/^0x/, "").replace(/[^0-9a-z]/g, "");

export const grouped = (digits) => digits.replace(/^0x/, "").match(/.{1,4}/g).join(" ");
