// Times with their zone. The ledger's seconds are UTC, and what is shown says so.
import { el } from "./dom.mjs";
import { language } from "./words.mjs";

const locale = language === "en" ? "en-GB" : language;
const moments = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" });

const mark = (seconds, text) => el("time", { datetime: new Date(seconds * 1000).toISOString() }, text);

export const moment = (seconds) => mark(seconds, `${moments.format(seconds * 1000)} UTC`);

// The zone in which a party's days begin, by its code.
const zones = JSON.parse(document.querySelector("[data-zones]").dataset.zones);
export const zoneOf = (code) => zones[code] ?? "UTC";

// A day of a party's calendar.
export const dayOf = (seconds, code) =>
  mark(seconds, `${new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: zoneOf(code) }).format(seconds * 1000)} (${zoneOf(code)})`);

export const inZone = (seconds, zone) =>
  mark(seconds, `${new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short", timeZone: zone }).format(seconds * 1000)} ${zone}`);

// The second at which a day, as YYYY-MM-DD, begins in a zone: by the offset that the zone has there.
export function beginOf(dayText, zone) {
  const wanted = Date.parse(`${dayText}T00:00:00Z`);
  const offsetAt = (time) => {
    const parts = Object.fromEntries(new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" })
      .formatToParts(time).map(({ type, value }) => [type, Number(value)]));
    return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second) - time;
  };
  const guess = wanted - offsetAt(wanted);
  return (wanted - offsetAt(guess)) / 1000;
}
