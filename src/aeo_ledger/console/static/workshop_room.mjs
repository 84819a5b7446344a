// What each screen of a workshop shows of the room: it waits for a change, and shows it.
import { el, find, show, table } from "./dom.mjs";
import { ask } from "./gateway.mjs";
import { moment } from "./times.mjs";
import { language, say } from "./words.mjs";

export const room = JSON.parse(find("room").textContent);

const seen = new Set();

// Shows the newest happenings; those that are new arrive.
export function tellHappenings(place, happenings) {
  const isFirst = seen.size === 0;
  show(place, happenings.slice(0, 40).map((one) => el("li", { class: !isFirst && !seen.has(one.number) ? "arrives" : null },
    el("span", { class: "when" }, moment(one.at)), " ", one.says)));
  happenings.forEach((one) => seen.add(one.number));
}

// Shows who sits at each table, and how far each is; `more` adds a cell to a table's row.
export function tellPeople(place, tables, more) {
  const rows = tables.map(({ party, people }) => [party, people.length === 0 ? "–" : el("ul", { class: "plain" }, people.map((one) => el("li", {}, one.name, " ",
    el("span", { class: "hint" }, say("exercise {stage}, step {step} of {steps}", { stage: room.exercises[one.exercise].stage.split(".")[0], step: Math.min(one.step + 1, room.exercises[one.exercise].steps.length), steps: room.exercises[one.exercise].steps.length }))))), ...(more ? [more(party, people)] : [])]);
  show(place, table(say("Tables"), [say("Table"), say("People"), ...(more ? [say("Table’s seats")] : [])], rows));
}

// Follows the room for ever: `hear` gets each state. A seat that is gone ends it with its error; a server that is away is asked again, and
// the page says meanwhile that what it shows may be old.
export async function follow(hear) {
  const away = el("p", { class: "problem", role: "alert" }, say("The gateway does not answer."), " ", say("What this page shows may be old."));
  for (let version = -1; ;) {
    try {
      const state = await ask("/workshop/room", { query: { since: String(version), language } });
      if (state.version !== version) await hear(state);
      version = state.version;
      away.remove();
    } catch (error) {
      if (error.status === 401) { away.remove(); throw error; }
      if (error.family === "unavailable" && !away.isConnected) document.querySelector("h1").before(away);
      await new Promise((resolve) => { setTimeout(resolve, 1000); });
    }
  }
}
